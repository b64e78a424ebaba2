"""The app: every route on one page, and what every request passes through."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from . import gates, phone
from .api import enrolment, sync
from .desk import (
    bring_in,
    correct,
    device,
    devices,
    files,
    gone,
    home,
    join,
    kept_aside,
    photos,
    queue,
    record,
    records,
    saved,
    sign_in,
    stream,
)
from .gates import Deadlines, Guard, Headers
from .office import Office
from .problems import Problem

# fmt: off
API = [
    Route("/enrol",                        enrolment.enrol,   methods=["POST"]),
    Route("/sync",                         sync.deliver,      methods=["POST"]),
    Route("/sync/check",                   sync.check,        methods=["POST"]),
    Route("/sync/down",                    sync.down,         methods=["GET"]),
    Route("/sync/state",                   sync.state,        methods=["GET"]),
]
DESK = [
    Route("/",                             home.show,         methods=["GET"]),
    Route("/sign-in",                      sign_in.show,      methods=["GET"]),
    Route("/sign-in",                      sign_in.submit,    methods=["POST"]),
    Route("/sign-out",                     sign_in.leave,     methods=["POST"]),
    Route("/join/{code}",                  join.show,         methods=["GET"]),
    Route("/join/{code}",                  join.submit,       methods=["POST"]),
    Route("/records",                      records.show,      methods=["GET"]),
    Route("/records/newer",                records.newer,     methods=["GET"]),
    Route("/records/bulk",                 records.bulk,      methods=["POST"]),
    Route("/bulk/{bulk_id}/undo",          records.undo_bulk, methods=["POST"]),
    Route("/saved",                        saved.save,        methods=["POST"]),
    Route("/saved/{saved_id}/end",         saved.end,         methods=["POST"]),
    Route("/records/{instance_id}",        record.show,       methods=["GET"]),
    Route("/records/{instance_id}/review", record.review,     methods=["POST"]),
    Route("/records/{instance_id}/remarks", record.remark,    methods=["POST"]),
    Route("/records/{instance_id}/correct", correct.show,     methods=["GET"]),
    Route("/records/{instance_id}/correct", correct.submit,   methods=["POST"]),
    Route("/review",                       queue.start,       methods=["GET"]),
    Route("/review/list",                  queue.listed,      methods=["GET"]),
    Route("/review/{instance_id}",         queue.show,        methods=["GET"]),
    Route("/review/{instance_id}",         queue.act,         methods=["POST"]),
    Route("/review/{instance_id}/look",    queue.look,        methods=["POST"]),
    Route("/review/{instance_id}/still",   queue.still,       methods=["POST"]),
    Route("/live",                         stream.show,       methods=["GET"]),
    Route("/photos/{sha256}/{size}",       photos.show,       methods=["GET"]),
    Route("/devices",                      devices.show,      methods=["GET"]),
    Route("/devices/{device_id}",          device.show,       methods=["GET"]),
    Route("/devices/{device_id}/wipe",     device.acknowledge, methods=["POST"]),
    Route("/bring-in",                     bring_in.show,     methods=["GET"]),
    Route("/bring-in",                     bring_in.submit,   methods=["POST"]),
    Route("/kept-aside",                   kept_aside.show,   methods=["GET"]),
    Route("/kept-aside/{kept_id}",         kept_aside.resolve, methods=["POST"]),
    Route("/kept-aside/{kept_id}/bytes",   kept_aside.save,   methods=["GET"]),
    Route("/gone",                         gone.show,         methods=["GET"]),
    Route("/invitations",                  devices.invite,    methods=["POST"]),
    Route("/static/{name}",                files.show,        methods=["GET"]),
]
ROUTES = [
    Mount("/api",                          routes=API),   # for devices
    Route("/desk",                         home.show,         methods=["GET"]),
    Mount("/desk",                         routes=DESK),  # for supervisors
    Route("/healthz",                      gates.health,      methods=["GET"]),
    Route("/problems/{slug}",              gates.explain,     methods=["GET"]),
    Mount("/",                             phone.files),  # the app for phones and tablets
]
# fmt: on


def create_app(office: Office) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        office.open()
        try:
            yield
        finally:
            office.close()

    app = Starlette(
        routes=ROUTES,
        middleware=[
            Middleware(Headers, office=office),
            Middleware(Guard, office=office),
            Middleware(Deadlines, settings=office.settings),
        ],
        exception_handlers={
            Problem: gates.answer_problem,
            404: gates.not_found,
            405: gates.not_allowed,
            500: gates.fault,
        },
        lifespan=lifespan,
    )
    app.state.office = office
    return app
