"""Sync: deliver what a device made, ask what the server holds, fetch what changed, say where the server stands."""

import asyncio
import hashlib
import json
from typing import Any

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse

from .. import (
    attachments,
    authorisations,
    downloads,
    events,
    gone,
    numbers,
    patrols,
    people,
    photos,
    redactions,
    submissions,
)
from ..blobs import Incoming
from ..database import disk_problem
from ..envelope import SHA256, guess_id, read
from ..models import Device, Ledger, Role
from ..office import Office
from ..people import May, may, standing
from ..problems import (
    BadRequest,
    DeviceQuota,
    DeviceRevoked,
    DigestMismatch,
    HandedOver,
    Kept,
    NotAllowed,
    NothingOrdered,
    ParcelDamaged,
    ParcelUnopened,
    PhotoNotAgreed,
    PhotoTooLarge,
    Problem,
    Redacted,
    ServerFull,
    SubmissionTooLarge,
    TooMany,
    UploadShape,
)
from ..submissions import Comparison, Status
from . import basemap, device_required, json_of, office_of
from .delivery import AttachmentPart, Part, SubmissionPart, parts_of

MOST_TO_CHECK = 500  # of submissions and of attachments each
AT_ONCE = 16  # parts that may wait for the disk before more is read: bounds memory to 16 submissions
OPENED_AT_ONCE = 2  # sealed parts: such a photo lies in memory twice, sealed and open
MAX_REPORT = 2000  # characters of the header in which a device speaks of itself


async def deliver(request: Request) -> JSONResponse:
    """POST /api/sync. Every complete part is made durable by itself, then all are answered together."""
    office, device = office_of(request), await device_required(request)
    refuse_forbidden(device)
    office.refuse_full()
    note_contact(request, office, device)
    return await take(request, Keeper(office, device))


async def hand_over(request: Request) -> JSONResponse:
    """POST /api/sync/hand-over: a device that is to clear itself brings what is not finished or was not accepted.

    Nothing of it is read: it is kept aside as it is, until somebody has looked. Photos are held as in any delivery.
    """
    office, device = office_of(request), await device_required(request)
    if not standing.hands_over(device):
        raise NothingOrdered
    office.refuse_full()
    return await take(request, Keeper(office, device, aside=HandedOver()))


async def take(request: Request, keeper: "Keeper") -> JSONResponse:
    office, device = keeper.office, keeper.device
    problem: Problem | None = None
    try:
        async for part in parts_of(request, office.blobs, office.settings):
            await keeper.take(part)
    except Problem as found:
        problem = found
    results = await keeper.results()
    problem = keeper.full or problem
    if isinstance(keeper.aside, DeviceRevoked) and problem is None:
        kept = Kept.QUARANTINE if keeper.kept_aside else Kept.NOTHING
        raise DeviceRevoked(kept=kept, results=results, **await order_for(office, device))
    if problem is not None:
        raise type(problem)(kept=kept_of(results), results=results)
    return JSONResponse({**await where_we_stand(office), "results": results, **await order_for(office, device)})


async def check(request: Request) -> JSONResponse:
    """POST /api/sync/check: what of this does the server hold?"""
    office, device = office_of(request), await device_required(request)
    order = await refuse_cut_off(office, device)
    asked = await json_of(request)
    pairs, sha256s = pairs_of(asked.get("submissions")), sha256s_of(asked.get("attachments"))
    receipt = asked.get("lastReceipt")
    claims = gone.claims_of(list_of(asked.get("submissions")), receipt)
    note_contact(request, office, device, account=numbers.tidy_account(asked.get("numbers")))

    def look() -> tuple[dict[str, Any], list[gone.Claim]]:
        with office.database.reading() as session:
            held = attachments.held(session, sha256s)
            compared = [comparison(session, instance_id, digest) for instance_id, digest in pairs]
            same = [one["instanceId"] for one in compared if one["status"] is Comparison.SAME]
            answer = {
                "submissions": compared,
                # Of our present history, perhaps not those that the device got: see the phone's `lastReceipt`.
                "receipts": [submissions.receipt_of(submissions.get(session, instance_id)) for instance_id in same],
                "attachments": [{"sha256": sha256, "held": sha256 in held} for sha256 in sha256s],
                "numbers": numbers.of(session, device.id).to_wire(),
            }
            return answer, gone.unknown(session, claims)

    if isinstance(receipt, dict) and not await run_in_threadpool(fits, office, receipt):
        await office.database.write_soon(lambda session: events.witness(session, receipt, now=office.clock()))
    answer, lost = await run_in_threadpool(look)
    if lost:
        await office.database.write_soon(lambda session: gone.note(session, lost, device, now=office.clock()))
    return JSONResponse({**await where_we_stand(office), **answer, **order})


async def state(request: Request) -> JSONResponse:
    """GET /api/sync/state"""
    office, device = office_of(request), await device_required(request)
    order = await refuse_cut_off(office, device)
    note_contact(request, office, device)
    ledger = await run_in_threadpool(ledger_of, office)
    settings = office.settings
    return JSONResponse(
        {
            **await where_we_stand(office),
            **order,
            "seq": ledger.seq,
            "chain": ledger.chain,
            "minimumApp": settings.minimum_app,
            "limits": {
                "submission": settings.max_submission,
                "attachment": settings.max_attachment,
                "pixels": settings.max_pixels,
                "body": settings.max_body,
                "check": MOST_TO_CHECK,
            },
        }
    )


async def down(request: Request) -> JSONResponse:
    """GET /api/sync/down: forms, lists, advice, tasks and outcomes that changed for this device."""
    office, device = office_of(request), await device_required(request)
    order = await refuse_cut_off(office, device)
    people.refuse_reading(device)
    note_contact(request, office, device)
    code, cursor = await code_of(request, office, device), request.query_params.get("since")
    witness = downloads.Cursor.read(cursor).to_wire()
    if not await run_in_threadpool(fits, office, witness):
        await office.database.write_soon(lambda session: events.witness(session, witness, now=office.clock()))
    key = {"orderKey": device.token_digest} if "orderKey" in request.query_params else {}

    def gather() -> dict[str, Any]:
        with office.database.reading() as session:
            return {
                **downloads.since(
                    session,
                    cursor,
                    device,
                    office.forms,
                    office.cards,
                    council=office.settings.council,
                    code=code,
                    checked=office.huts.of(session),
                    now=office.clock(),
                ),
                **patrols.down_for(session, device, office.settings, office.forms.lists, now=office.clock()),
            }

    map_file = await run_in_threadpool(basemap.offered, office)
    offer = {"map": map_file.to_wire() if map_file else None, "seal": seal_for(office, device)}
    return JSONResponse({**await run_in_threadpool(gather), **offer, **order, **key, **await where_we_stand(office)})


def seal_for(office: Office, device: Device) -> dict[str, Any]:
    """What a phone seals finished work to, and whether it locks itself; a pupils' tablet has its own PIN."""
    locks = office.settings.app_lock and device.role != Role.PUPIL
    return {**office.parcel_keys.current().to_wire(), "appLock": locks}


async def code_of(request: Request, office: Office, device: Device) -> str | None:
    """The code in the numbers of notices, for a device that asks by saying which it has: `?pad=04`, or `?pad=`."""
    claimed = request.query_params.get("pad")
    if claimed is None or not gives_notices(device, office):
        return None

    def known() -> list[str]:
        with office.database.reading() as session:
            return authorisations.codes_of(session, device.id)

    if (await run_in_threadpool(known))[-1:] == [claimed]:
        return claimed
    return await office.database.write_soon(
        lambda session: authorisations.code_for(session, device, claimed, now=office.clock())
    )


def gives_notices(device: Device, office: Office) -> bool:
    return any(form.issue is not None for form in office.forms.for_role(device.role))


# Delivering -----------------------------------------------------------------------------------------------------


class Keeper:
    """Makes the parts of one delivery durable while the next are still arriving, and remembers what became of each."""

    def __init__(self, office: Office, device: Device, *, aside: Problem | None = None) -> None:
        """`aside` says why nothing of it becomes a record."""
        self.office = office
        self.device = device
        self.aside = DeviceRevoked() if people.is_cut_off(device) and aside is None else aside
        self.tasks: list[asyncio.Task[dict[str, Any]]] = []
        self.records: list[asyncio.Task[dict[str, Any]]] = []  # of them, the submissions
        self.kept_aside = False
        self.full: ServerFull | None = None  # met by a part; the parts that found room are kept
        self.opening = asyncio.Semaphore(OPENED_AT_ONCE)

    async def take(self, part: Part) -> None:
        self.tasks.append(asyncio.create_task(self.keep(part)))
        if isinstance(part, SubmissionPart):
            self.records.append(self.tasks[-1])
        if len(self.tasks) >= AT_ONCE:
            await asyncio.wait([self.tasks[-AT_ONCE]])

    async def results(self) -> list[dict[str, Any]]:
        """One result for each part, in the order of the parts.

        Errors: StorageFault, and whatever was not foreseen: then nothing may be acknowledged.
        """
        results: list[Any] = await asyncio.gather(*self.tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result
        if any("receipt" in result for result in results):
            await run_in_threadpool(self.say_what_is_missing, results)
        return results

    def say_what_is_missing(self, results: list[dict[str, Any]]) -> None:
        """As it stands now, after the photos of the same delivery."""
        with self.office.database.reading() as session:
            for result in results:
                if "receipt" in result:
                    result["missing"] = submissions.missing(session, result["instanceId"])

    async def keep(self, part: Part) -> dict[str, Any]:
        plain = part
        try:
            if part.is_sealed and not part.too_large:
                async with self.opening:
                    plain = await run_in_threadpool(self.opened, part)
            if isinstance(plain, SubmissionPart):
                return await self.keep_submission(plain)
            return await self.keep_attachment(plain)
        except ParcelDamaged as problem:
            return refused(name_of(part), problem)
        except ParcelUnopened as problem:
            return await self.keep_unopened(part, problem)
        except ServerFull as full:
            self.full = full
            return refused(name_of(part), full)
        finally:
            for each in (part, plain):
                if isinstance(each, AttachmentPart):
                    each.photo.drop()

    def opened(self, part: Part) -> Part:
        """The part as it was before its phone sealed it.

        Errors: ParcelDamaged, ParcelUnopened; ServerFull and StorageFault when a photo cannot be written.
        """
        keys, blobs, settings = self.office.parcel_keys, self.office.blobs, self.office.settings
        if isinstance(part, SubmissionPart):
            payload = keys.open(part.payload, name="submission")
            return SubmissionPart(payload, too_large=len(payload) > settings.max_submission)
        content = keys.open(part.photo.path.read_bytes(), name="attachment")
        try:
            photo = attachments.incoming_of(blobs, content)
        except OSError as error:
            raise disk_problem(error) from error
        return AttachmentPart(part.name, photo, too_large=len(content) > settings.max_attachment)

    async def keep_unopened(self, part: Part, problem: ParcelUnopened) -> dict[str, Any]:
        """As it came, for its key may turn up. Of a child nothing is kept unread, nor a photo of a retired device."""
        office, device = self.office, self.device
        is_photo = isinstance(part, AttachmentPart)
        if device.role == Role.PUPIL or (is_photo and device.retired_at is not None):
            return refused(name_of(part), ParcelUnopened(kept=Kept.NOTHING))
        if isinstance(part, SubmissionPart):
            return {**await self.set_aside(part.payload, problem), **name_of(part)}
        office.refuse_photos_when_short()
        return {**await self.set_aside(part.photo.path.read_bytes(), problem), **name_of(part)}

    async def keep_submission(self, part: SubmissionPart) -> dict[str, Any]:
        if part.too_large:
            return refused({"instanceId": None}, SubmissionTooLarge())
        if self.aside is not None and self.device.role == Role.PUPIL:
            return refused(name_of(part), type(self.aside)(kept=Kept.NOTHING))
        if self.aside is not None:
            return await self.set_aside(part.payload, why_aside(part.payload, self.device, self.aside))
        office, device = self.office, self.device
        try:
            received = await office.database.write_soon(
                lambda session: submissions.receive(
                    session, part.payload, device, now=office.clock(), forms=office.forms, settings=office.settings
                )
            )
        except Problem as problem:
            if device.role == Role.PUPIL and problem.status < 500:  # what may not be known of a child is not kept aside
                problem.kept = Kept.NOTHING
                return refused(name_of(part), problem)
            if isinstance(problem, submissions.KEPT_ASIDE):
                return await self.set_aside(part.payload, problem)
            if problem.status >= 500:
                raise
            return refused(name_of(part), problem)
        return stored(received)

    async def set_aside(self, payload: bytes, problem: Problem) -> dict[str, Any]:
        """It counts as photos do, or a device in the wrong hands could fill the disk with what is no record."""
        office, device = self.office, self.device
        name = {"instanceId": guess_id(payload), "digest": hashlib.sha256(payload).hexdigest()}
        if not isinstance(self.aside, HandedOver):  # that is erased on the device next, so it does not wait
            try:
                office.quota.check(device.id, len(payload), office.clock())
            except DeviceQuota as quota:
                return refused(name, quota)
            office.quota.spend(device.id, len(payload), office.clock())
        await office.database.write_soon(
            lambda session: submissions.keep_aside(session, payload, device, problem, now=office.clock())
        )
        self.kept_aside = True
        return refused(name, type(problem)(kept=Kept.QUARANTINE))

    async def keep_attachment(self, part: AttachmentPart) -> dict[str, Any]:
        office, device, photo = self.office, self.device, part.photo
        name = name_of(part)
        if self.device.retired_at is not None:  # a stolen one's photos wait for what becomes of its records
            return refused(name, DeviceRevoked())
        try:
            inspected = inspect(part, office)
            if device.role == Role.PUPIL:
                await self.refuse_unexpected(photo, inspected)
            elif await run_in_threadpool(self.was_erased, photo.sha256):
                raise Redacted
            office.refuse_photos_when_short()
            office.quota.check(device.id, photo.size, office.clock())
        except Problem as problem:
            return refused(name, problem)
        except OSError as error:
            raise disk_problem(error) from error
        again = await office.database.write_soon(
            lambda session: attachments.receive(session, photo, inspected, device, now=office.clock()), files=[photo]
        )
        if not again:
            office.quota.spend(device.id, photo.size, office.clock())
        office.previews.wake()
        return {"sha256": photo.sha256, "status": Status.ALREADY if again else Status.STORED}

    def was_erased(self, sha256: str) -> bool:
        with self.office.database.reading() as session:
            return redactions.is_redacted(session, sha256)

    async def refuse_unexpected(self, photo: Incoming, inspected: photos.Inspected) -> None:
        """What a pupils' tablet may not send. The tickets that came before it in this delivery are looked at first.

        Errors: PhotoNotAgreed, for a photo that no ticket of this tablet lists, or that says where it was taken.
        """

        def is_expected() -> bool:
            with self.office.database.reading() as session:
                expected = attachments.is_expected(session, photo.sha256, self.device)
            return expected and inspected.media_type == photos.JPEG and not photos.tells_more(photo.path)

        if self.records:
            await asyncio.wait(self.records)
        if not await run_in_threadpool(is_expected):
            raise PhotoNotAgreed


def why_aside(payload: bytes, device: Device, problem: Problem) -> Problem:
    """A record that a stolen device hands over may still be taken in by a person; a draft is none."""
    if not isinstance(problem, HandedOver) or not people.is_cut_off(device):
        return problem
    try:
        read(payload)
    except Problem:
        return problem
    return DeviceRevoked()


def name_of(part: Part) -> dict[str, Any]:
    if isinstance(part, SubmissionPart):
        return {"instanceId": guess_id(part.payload)}
    return {"sha256": part.name if SHA256.fullmatch(part.name) else None}


def inspect(part: AttachmentPart, office: Office) -> photos.Inspected:
    """Errors: UploadShape, PhotoTooLarge, DigestMismatch, PhotoEmpty, NotAPhoto, TooManyPixels, NotAStill."""
    if not SHA256.fullmatch(part.name):
        raise UploadShape
    if part.too_large:
        raise PhotoTooLarge
    if part.photo.size and part.photo.sha256 != part.name:
        raise DigestMismatch
    return photos.inspect(part.photo.head, part.photo.path, max_pixels=office.settings.max_pixels)


def stored(received: submissions.Received) -> dict[str, Any]:
    submission = received.submission
    return {
        "instanceId": submission.instance_id,
        "status": received.status,
        "receipt": submissions.receipt_of(submission),
        "missing": [],
        "warnings": submission.warnings,
        **({"detail": received.detail} if received.detail else {}),
    }


def refused(name: dict[str, Any], problem: Problem) -> dict[str, Any]:
    return {**name, "status": Status.REFUSED, "problem": problem.to_wire()}


def kept_of(results: list[dict[str, Any]]) -> Kept:
    """What the server holds of a delivery that went wrong as a whole."""
    if any("receipt" in result for result in results):
        return Kept.SUBMISSION
    if any(result["status"] is not Status.REFUSED for result in results):
        return Kept.ATTACHMENT
    return Kept.QUARANTINE if any(result["problem"]["kept"] == Kept.QUARANTINE for result in results) else Kept.NOTHING


def refuse_forbidden(device: Device) -> None:
    """Errors: NotAllowed."""
    if not may(device.role, May.DELIVER):
        raise NotAllowed


# Asking ---------------------------------------------------------------------------------------------------------


def pairs_of(asked: Any) -> list[tuple[str, str]]:
    """Errors: TooMany, BadRequest."""
    rows = list_of(asked)
    pairs = [(row.get("instanceId"), row.get("digest")) if isinstance(row, dict) else (None, None) for row in rows]
    if not all(isinstance(instance_id, str) and isinstance(digest, str) for instance_id, digest in pairs):
        raise BadRequest
    return [(str(instance_id), str(digest)) for instance_id, digest in pairs]


def sha256s_of(asked: Any) -> list[str]:
    rows = list_of(asked)
    if not all(isinstance(sha256, str) for sha256 in rows):
        raise BadRequest
    return rows


def list_of(asked: Any) -> list[Any]:
    rows = [] if asked is None else asked
    if not isinstance(rows, list):
        raise BadRequest
    if len(rows) > MOST_TO_CHECK:
        raise TooMany
    return rows


def fits(office: Office, receipt: dict[str, Any]) -> bool:
    """Looked at without writing, so that asking works while nothing can be written."""
    with office.database.reading() as session:
        return events.fits(session, receipt)


def comparison(session: Session, instance_id: str, digest: str) -> dict[str, Any]:
    found = submissions.compare(session, instance_id, digest)
    missing = submissions.missing(session, instance_id) if found is Comparison.SAME else []
    return {"instanceId": instance_id, "status": found, "missing": missing}


# Saying where the server and the device stand -------------------------------------------------------------------


async def refuse_cut_off(office: Office, device: Device) -> dict[str, Any]:
    """The order for a device that may still ask, as a member of the answer. Errors: DeviceRevoked, with the order."""
    order = await order_for(office, device)
    if people.is_cut_off(device):
        raise DeviceRevoked(**order)
    return order


async def order_for(office: Office, device: Device) -> dict[str, Any]:
    """What the desk wants of a device, until it has done it; for most there is nothing, and no key."""
    if device.standing not in standing.ORDERED:
        return {}

    def look() -> dict[str, Any]:
        with office.database.reading() as session:
            order = standing.order_of(session, device, office.server_id)
            return {"order": order.to_wire()} if order else {}

    return await run_in_threadpool(look)


async def where_we_stand(office: Office) -> dict[str, Any]:
    ledger = await run_in_threadpool(ledger_of, office)
    return {
        "serverId": ledger.server_id,
        "epoch": ledger.epoch,
        "serverTime": events.instant(office.clock()),
        "safeSeq": ledger.safe_seq,
    }


def ledger_of(office: Office) -> Ledger:
    with office.database.reading() as session:
        return submissions.state_of(session)


def note_contact(request: Request, office: Office, device: Device, account: dict[str, Any] | None = None) -> None:
    """Keep what the device says of itself, without making it wait for that."""
    report = report_of(request)
    office.database.writer.take(
        lambda session: people.note_contact(session, device.id, report, now=office.clock(), account=account)
    )


def report_of(request: Request) -> dict[str, Any]:
    text = request.headers.get("beatbook-report", "")[:MAX_REPORT]
    try:
        report = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return report if isinstance(report, dict) else {}
