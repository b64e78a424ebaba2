"""What Beatbook is compared with: servers that do less and less of its work."""

import hashlib

from python_multipart import MultipartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send


async def drain(scope: Scope, receive: Receive, send: Send) -> None:
    """Reads the body and forgets it."""
    async for _ in Request(scope, receive).stream():
        pass
    await Response(status_code=200)(scope, receive, send)


async def digest(scope: Scope, receive: Receive, send: Send) -> None:
    """Parses the body and hashes its parts."""
    request = Request(scope, receive)
    if request.method == "POST":
        found = hashlib.sha256()
        parser = MultipartParser(
            b"beat", {"on_part_data": lambda data, start, end: found.update(memoryview(data)[start:end])}
        )
        async for chunk in request.stream():
            parser.write(chunk)
    await JSONResponse({})(scope, receive, send)
