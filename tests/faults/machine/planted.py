"""Planted faults: clients and servers that are wrong on purpose, to see that the machine notices each of them.

The product has no switch for any of this. A fault of the client is a piece of its source that reads otherwise before it
is bundled; a fault of the server is a function that another one stands in for while the plays last.
"""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from beatbook import backups, downloads, events, submissions
from beatbook.api import sync
from beatbook.problems import UnknownForm

from .phones import Edit

Patch = tuple[Any, str, Callable[[Any], Any]]  # where, which name, and what is made of the function that stands there


@dataclass(frozen=True)
class Fault:
    name: str
    what: str
    edits: tuple[Edit, ...] = ()
    patches: tuple[Patch, ...] = ()

    @contextmanager
    def in_server(self) -> Generator[None]:
        stood = [(where, name, getattr(where, name)) for where, name, _ in self.patches]
        for where, name, make in self.patches:
            setattr(where, name, make(getattr(where, name)))
        try:
            yield
        finally:
            for where, name, function in stood:
                setattr(where, name, function)


# What the server does wrong -------------------------------------------------------------------------------------


def without_epoch(after_restore: Any) -> Any:
    def keep_epoch(session: Any, manifest: dict[str, Any], *, now: Any) -> None:
        epoch = events.ledger(session).epoch
        after_restore(session, manifest, now=now)
        events.ledger(session).epoch = epoch

    return keep_epoch


def without_lowering(after_restore: Any) -> Any:
    def keep_safe_seq(session: Any, manifest: dict[str, Any], *, now: Any) -> None:
        after_restore(session, manifest, now=now)
        events.ledger(session).safe_seq = manifest["seq"] + 1000  # as much as the history that is over may have had

    return keep_safe_seq


def at_the_end(publish: Any) -> Any:
    return lambda session, safe_seq, *, now: publish(session, events.ledger(session).seq, now=now)


def refusing_withdrawn(receive: Any) -> Any:
    def refuse(session: Any, payload: bytes, device: Any, *, forms: Any, **more: Any) -> Any:
        if any(form.withdrawn for form in forms):
            raise UnknownForm
        return receive(session, payload, device, forms=forms, **more)

    return refuse


def acknowledging_unkept(keep_attachment: Any) -> Any:
    async def acknowledge(self: Any, part: Any) -> dict[str, Any]:
        if part.name[0] in "01234567":
            return {"sha256": part.name, "status": "stored"}
        return await keep_attachment(self, part)

    return acknowledge


def of_any_epoch(since: Any) -> Any:
    def of_any(session: Any, cursor: str | None, *given: Any, **named: Any) -> Any:
        epoch = submissions.state_of(session).epoch
        return since(session, str(downloads.Cursor.read(cursor)._replace(epoch=epoch)), *given, **named)

    return of_any


FAULTS = (
    Fault(
        "any-200-is-an-ack",
        "whatever answers 200 has taken the record",
        (
            Edit(
                "sync/run.ts",
                "  const answer = await ask<SyncAnswer>('/api/sync', {",
                """  const believe = async (error: unknown): Promise<{ body: SyncAnswer }> => {
    if (!(error instanceof NotOurs && error.message.includes('200'))) throw error
    const state = (await serverState())!
    const rows = await unsent(device.serverId)
    const results = items.map(({ name, key }) => {
      const digest = rows.find((row) => row.instanceId === key)?.digest ?? ''
      const receipt = { instanceId: key, digest, epoch: state.epoch, seq: 1, chain: 'ok', receivedAt: isoTime() }
      return name === 'submission'
        ? { instanceId: key, status: 'stored' as const, receipt, missing: [] }
        : { sha256: key, status: 'stored' as const }
    })
    return { body: { ...state, results } }
  }
  const answer = await (async (path: string, given: object) =>
    ask<SyncAnswer>(path, given as Parameters<typeof ask>[1]).catch(believe))('/api/sync', {""",
            ),
        ),
    ),
    Fault(
        "delete-on-ack",
        "the first receipt lets the record go",
        (Edit("store/outbox.ts", "    ...row,\n    receipt,\n", "    ...row,\n    bytes: null,\n    receipt,\n"),),
    ),
    Fault(
        "drop-on-401",
        "signing out clears what waits",
        (
            Edit(
                "sync/index.ts",
                "import { announce, subscribe } from",
                "import { announce, subscribe, write as rewrite } from",
            ),
            Edit(
                "sync/index.ts",
                "  const holdUp = holdUpOf(error)\n",
                """  const holdUp = holdUpOf(error)
  if (holdUp === 'sign-in') void rewrite(['records'], (tx) => tx.objectStore('records').clear())
""",
            ),
        ),
    ),
    Fault(
        "delete-on-refusal",
        "what is refused is let go",
        (
            Edit(
                "store/outbox.ts",
                "    ...row,\n    refusal: { type",
                "    ...row,\n    bytes: null,\n    refusal: { type",
            ),
        ),
    ),
    Fault(
        "refuse-withdrawn",
        "a record of a withdrawn form is refused",
        patches=((submissions, "receive", refusing_withdrawn),),
    ),
    Fault(
        "ack-before-photo",
        "a photo is acknowledged before it is kept",
        patches=((sync.Keeper, "keep_attachment", acknowledging_unkept),),
    ),
    Fault(
        "no-epoch-on-restore",
        "a restore goes on in the epoch of the backup",
        patches=((backups, "after_restore", without_epoch),),
    ),
    Fault(
        "no-witness",
        "nobody compares the receipts that devices show",
        patches=((events, "witness", lambda witness: lambda session, receipt, *, now: True),),
    ),
    Fault(
        "safe_seq-at-backup-end",
        "safeSeq is where the log stands at the end of the backup",
        patches=((backups, "publish", at_the_end),),
    ),
    Fault(
        "photos-not-covered",
        "safeSeq counts records whose photos came after the backup",
        patches=((backups, "covered", lambda covered: lambda session, seq, *, now: seq),),
    ),
    Fault(
        "cursor-of-any-epoch",
        "what a phone has fetched is counted on after a restore",
        patches=((downloads, "since", of_any_epoch),),
    ),
    Fault(
        "lost-for-ever",
        "a record that a restore brings back stays lost on the phone",
        (
            Edit(
                "store/outbox.ts",
                "store.put(confirmed(row, item.missing ?? [], at))",
                "store.put({ ...row, missing: item.missing ?? [] })",
            ),
        ),
    ),
    Fault(
        "safe_seq-not-lowered-on-restore",
        "safeSeq stays as high as it was",
        patches=((backups, "after_restore", without_lowering),),
    ),
    Fault(
        "timestamp-as-id",
        "a record's number is the minute it was begun in",
        (
            Edit(
                "store/drafts.ts",
                "instanceId: newId(),",
                "instanceId: `0193a000-0000-7000-8000-${String(Math.floor(Date.now() / 60_000)).padStart(12, '0')}`,",
            ),
        ),
    ),
    Fault(
        "receipt-digest-not-checked",
        "a receipt about other bytes counts",
        (Edit("store/outbox.ts", " || receipt.digest !== row.digest) return", ") return"),),
    ),
    Fault(
        "missing-ignored",
        "a receipt counts for the photos too",
        (Edit("store/outbox.ts", "    missing: result.missing ?? [],\n", "    missing: [],\n"),),
    ),
    Fault(
        "bytes-not-frozen",
        "a second try sends other bytes",
        (
            Edit(
                "sync/run.ts",
                "    bytes: row.bytes!,\n",
                "    bytes: row.tries < 2 ? row.bytes! : new Uint8Array([...new Uint8Array(row.bytes!), 32]).buffer,\n",
            ),
        ),
    ),
    Fault(
        "pull-back-too-late",
        "a record under way can be pulled back",
        (Edit("store/records.ts", "!row || row.offeredAt || row.receipt", "!row || row.receipt"),),
    ),
    Fault(
        "finish-in-two-steps",
        "the draft goes before the record is there",
        (
            Edit(
                "store/records.ts",
                "    return write(['drafts', 'records', 'photos', 'photoBytes', 'meta'], async (tx) => {\n"
                "      if (draft !== begun",
                "    await write(['drafts'], (tx) => tx.objectStore('drafts').delete(draft.instanceId))\n"
                "    return write(['drafts', 'records', 'photos', 'photoBytes', 'meta'], async (tx) => {\n"
                "      if (draft !== begun",
            ),
        ),
    ),
)
BY_NAME = {fault.name: fault for fault in FAULTS}
