"""Stream: the bell of live.py as server-sent events. A browser that gets none shows what it showed before."""

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ..people import May
from .session import office_of, person_required


@person_required(May.READ_RECORDS, May.AUDIT, by_itself=True)
async def show(request: Request) -> Response:
    live = office_of(request).live
    if live.is_full:
        return Response(status_code=204)  # tells a browser not to try again
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nginx would otherwise collect it
    return StreamingResponse(live.stream(), media_type="text/event-stream", headers=headers)
