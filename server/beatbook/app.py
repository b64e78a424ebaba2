"""The app: every route on one page, and what every request passes through."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from . import gates, phone
from .api import basemap, clearing, described, enrolment, readings, sync
from .api import patrols as patrols_api
from .desk import (
    account,
    advice,
    audit,
    authority,
    background,
    briefing,
    bring_in,
    bundle,
    card,
    correct,
    council,
    dashboard,
    dated,
    device,
    devices,
    emergency,
    files,
    gone,
    home,
    hotspots,
    join,
    keeping,
    kept_aside,
    lists,
    map,
    notice,
    patrol,
    patrol_photos,
    patrols,
    photos,
    queue,
    record,
    records,
    retention,
    saved,
    school,
    sign_in,
    staff,
    stream,
    subject,
    subjects,
    take_out,
    task,
    tasking,
    tasks,
)
from .gates import Deadlines, Guard, Headers
from .office import Office
from .problems import Problem

# fmt: off
API = [
    Route("/enrol",                        enrolment.enrol,   methods=["POST"]),
    Route("/enrol/look",                   enrolment.look,    methods=["POST"]),
    Route("/clearing",                     clearing.may_clear, methods=["POST"]),
    Route("/clearing/done",                clearing.cleared,  methods=["POST"]),
    Route("/patrols/join",                 patrols_api.join,  methods=["POST"]),
    Route("/patrols/key",                  patrols_api.key,   methods=["POST"]),
    Route("/patrols/{patrol_id}",          patrols_api.show,  methods=["GET"]),
    Route("/sync",                         sync.deliver,      methods=["POST"]),
    Route("/sync/hand-over",               sync.hand_over,    methods=["POST"]),
    Route("/sync/check",                   sync.check,        methods=["POST"]),
    Route("/sync/down",                    sync.down,         methods=["GET"]),
    Route("/sync/state",                   sync.state,        methods=["GET"]),
    Route("/map",                          basemap.serve,     methods=["GET"]),
    Route("/records/{instance_id}/readings", readings.show,   methods=["GET"]),
]
DESK = [
    Route("/",                             home.show,         methods=["GET"]),
    Route("/sign-in",                      sign_in.show,      methods=["GET"]),
    Route("/sign-in",                      sign_in.submit,    methods=["POST"]),
    Route("/sign-in/code",                 sign_in.code,      methods=["POST"]),
    Route("/sign-in/passkey",              sign_in.passkey,   methods=["POST"]),
    Route("/sign-in/passkey/options",      sign_in.passkey_options, methods=["POST"]),
    Route("/sign-in/council",              council.begin,     methods=["GET"]),
    Route("/sign-in/council/answer",       council.answer,    methods=["GET"]),
    Route("/sign-in/council/finish",       council.finish,    methods=["GET"]),
    Route("/sign-out",                     sign_in.leave,     methods=["POST"]),
    Route("/account",                      account.show,      methods=["GET"]),
    Route("/account",                      account.change,    methods=["POST"]),
    Route("/account/passkey",              account.add_passkey, methods=["POST"]),
    Route("/account/passkey/options",      account.passkey_options, methods=["POST"]),
    Route("/account/readings",             audit.own,         methods=["GET"]),
    Route("/audit",                        audit.show,        methods=["GET"]),
    Route("/emergencies/{seq:int}",        emergency.review,  methods=["POST"]),
    Route("/emergency/{instance_id}",      emergency.show,    methods=["GET"]),
    Route("/emergency/{instance_id}",      emergency.submit,  methods=["POST"]),
    Route("/staff",                        staff.show,        methods=["GET"]),
    Route("/staff/{person_id}",            staff.change,      methods=["POST"]),
    Route("/join/{code}",                  join.show,         methods=["GET"]),
    Route("/join/{code}",                  join.submit,       methods=["POST"]),
    Route("/records",                      records.show,      methods=["GET"]),
    Route("/records.csv",                  take_out.download, methods=["GET"]),
    Route("/take-out",                     take_out.show,     methods=["GET"]),
    Route("/take-out",                     take_out.take,     methods=["POST"]),
    Route("/records/newer",                records.newer,     methods=["GET"]),
    Route("/records/bulk",                 records.bulk,      methods=["POST"]),
    Route("/map",                          map.show,          methods=["GET"]),
    Route("/map/{version}/{zoom}/{x}/{y}", background.show, methods=["GET"]),
    Route("/dashboard",                    dashboard.show,    methods=["GET"]),
    Route("/bulk/{bulk_id}/undo",          records.undo_bulk, methods=["POST"]),
    Route("/saved",                        saved.save,        methods=["POST"]),
    Route("/saved/{saved_id}/end",         saved.end,         methods=["POST"]),
    Route("/records/{instance_id}",        record.show,       methods=["GET"]),
    Route("/records/{instance_id}/review", record.review,     methods=["POST"]),
    Route("/records/{instance_id}/remarks", record.remark,    methods=["POST"]),
    Route("/records/{instance_id}/keeping", retention.decide, methods=["POST"]),
    Route("/records/{instance_id}/correct", correct.show,     methods=["GET"]),
    Route("/records/{instance_id}/correct", correct.submit,   methods=["POST"]),
    Route("/records/{instance_id}/case",   bundle.show,       methods=["GET"]),
    Route("/records/{instance_id}/case",   bundle.take,       methods=["POST"]),
    Route("/records/{instance_id}/notice", notice.show,       methods=["GET"]),
    Route("/records/{instance_id}/notice", notice.step,       methods=["POST"]),
    Route("/records/{instance_id}/statement", notice.statement, methods=["GET"]),
    Route("/notices",                      notice.all_of_them, methods=["GET"]),
    Route("/review",                       queue.start,       methods=["GET"]),
    Route("/review/list",                  queue.listed,      methods=["GET"]),
    Route("/review/{instance_id}",         queue.show,        methods=["GET"]),
    Route("/review/{instance_id}",         queue.act,         methods=["POST"]),
    Route("/review/{instance_id}/look",    queue.look,        methods=["POST"]),
    Route("/review/{instance_id}/still",   queue.still,       methods=["POST"]),
    Route("/live",                         stream.show,       methods=["GET"]),
    Route("/photos/{sha256}/{size}",       photos.show,       methods=["GET"]),
    Route("/patrols",                      patrols.show,      methods=["GET"]),
    Route("/patrols/open",                 patrols.ask,       methods=["GET"]),
    Route("/patrols/open",                 patrols.submit,    methods=["POST"]),
    Route("/patrols/photos/{sha256}",      patrol_photos.show, methods=["GET"]),
    Route("/patrols/photos/{sha256}",      patrol_photos.decide, methods=["POST"]),
    Route("/patrols/photos/{sha256}/cover", patrol_photos.cover, methods=["GET"]),
    Route("/patrols/photos/{sha256}/cover", patrol_photos.replace, methods=["POST"]),
    Route("/patrols/{patrol_id}",          patrol.show,       methods=["GET"]),
    Route("/patrols/{patrol_id}",          patrol.act,        methods=["POST"]),
    Route("/briefing",                     briefing.show,     methods=["GET"]),
    Route("/hotspots",                     hotspots.raise_item, methods=["POST"]),
    Route("/tasks",                        tasks.show,        methods=["GET"]),
    Route("/tasks",                        tasks.make,        methods=["POST"]),
    Route("/tasks/{task_id}",              task.show,         methods=["GET"]),
    Route("/tasks/{task_id}",              task.change,       methods=["POST"]),
    Route("/tasks/{task_id}/state",        task.decide,       methods=["POST"]),
    Route("/tasking",                      tasking.show,      methods=["GET"]),
    Route("/tasking",                      tasking.raise_item, methods=["POST"]),
    Route("/tasking/{item_id}",            tasking.open_item, methods=["GET"]),
    Route("/tasking/{item_id}/state",      tasking.decide,    methods=["POST"]),
    Route("/tasking/{item_id}/actions",    tasking.order,     methods=["POST"]),
    Route("/actions/{reference}",          tasking.progress,  methods=["POST"]),
    Route("/advice",                       advice.show,       methods=["GET"]),
    Route("/devices",                      devices.show,      methods=["GET"]),
    Route("/devices/{device_id}",          device.show,       methods=["GET"]),
    Route("/devices/{device_id}/standing", device.stand,      methods=["POST"]),
    Route("/devices/{device_id}/wipe",     device.acknowledge, methods=["POST"]),
    Route("/devices/{device_id}/holder",   authority.hand,    methods=["POST"]),
    Route("/devices/{device_id}/authorisations", authority.authorise, methods=["POST"]),
    Route("/bring-in",                     bring_in.show,     methods=["GET"]),
    Route("/bring-in",                     bring_in.submit,   methods=["POST"]),
    Route("/kept-aside",                   kept_aside.show,   methods=["GET"]),
    Route("/kept-aside/{kept_id}",         kept_aside.resolve, methods=["POST"]),
    Route("/kept-aside/{kept_id}/bytes",   kept_aside.save,   methods=["GET"]),
    Route("/gone",                         gone.show,         methods=["GET"]),
    Route("/lists",                        lists.show,        methods=["GET"]),
    Route("/lists/{name}",                 lists.show_one,    methods=["GET"]),
    Route("/lists/{name}",                 lists.save,        methods=["POST"]),
    Route("/lists/{name}/withdraw",        lists.withdraw,    methods=["POST"]),
    Route("/lists/{name}/undo",            lists.undo,        methods=["POST"]),
    Route("/lists/{name}/bring-in",        lists.bring_in,    methods=["POST"]),
    Route("/lists/{name}/csv",             lists.download,    methods=["GET"]),
    Route("/settings",                     dated.show,        methods=["GET"]),
    Route("/settings",                     dated.save,        methods=["POST"]),
    Route("/settings/undo",                dated.undo,        methods=["POST"]),
    Route("/settings/csv",                 dated.download,    methods=["GET"]),
    Route("/keeping/{kind}/{key}",         keeping.show,      methods=["GET"]),
    Route("/keeping/{kind}/{key}",         keeping.decide,    methods=["POST"]),
    Route("/retention",                    retention.show,    methods=["GET"]),
    Route("/retention",                    retention.run,     methods=["POST"]),
    Route("/subjects",                     subjects.show,     methods=["GET"]),
    Route("/subjects",                     subjects.begin,    methods=["POST"]),
    Route("/subjects/{request_id}",        subject.show,      methods=["GET"]),
    Route("/subjects/{request_id}",        subject.act,       methods=["POST"]),
    Route("/subjects/{request_id}/place",  subject.look,      methods=["GET"]),
    Route("/subjects/{request_id}/place",  subject.decide,    methods=["POST"]),
    Route("/subjects/{request_id}/package", subject.release,  methods=["POST"]),
    Route("/invitations",                  devices.invite,    methods=["POST"]),
    Route("/schools",                      school.index,      methods=["GET"]),
    Route("/schools/{school}",             school.show,       methods=["GET"]),
    Route("/schools/{school}/choices",     school.choose,     methods=["POST"]),
    Route("/schools/{school}/pictures",    school.pictures,   methods=["GET"]),
    Route("/schools/{school}/pictures/{instance_id}", school.decide, methods=["POST"]),
    Route("/schools/{school}/paper",       school.paper,      methods=["GET"]),
    Route("/schools/{school}/poster",      school.poster,     methods=["GET"]),
    Route("/schools/{school}/assembly",    school.assembly,   methods=["GET"]),
    Route("/schools/{school}/announce",    school.announce,   methods=["POST"]),
    Route("/static/{name}",                files.show,        methods=["GET"]),
]
ROUTES = [
    Mount("/api",                          routes=API),   # for devices
    Route("/desk",                         home.show,         methods=["GET"]),
    Mount("/desk",                         routes=DESK),  # for supervisors
    Route("/advice/{code}",                card.show,         methods=["GET"]),   # for anybody
    Route("/openapi.json",                 described.show,    methods=["GET"]),   # the contract, for other clients
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
