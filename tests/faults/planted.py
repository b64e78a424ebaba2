"""Planted faults: servers that are wrong on purpose, to see that each harness notices.

The product carries no switch for any of this: a fault is patched into a server process of the tests' own before it
starts. `python -m faults.planted nursery` reads one order a line, forks a server for it and says its process id.
"""

import ctypes
import hashlib
import importlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Fault:
    name: str
    what: str
    plant: Callable[[], None]


FAULTS: dict[str, Fault] = {}


def fault(what: str) -> Callable[[FunctionType], FunctionType]:
    def register(plant: FunctionType) -> FunctionType:
        name = plant.__name__.replace("_", "-")
        FAULTS[name] = Fault(name, what, plant)
        return plant

    return register


def ours(*names: str) -> list[Any]:
    """Modules of the product, to be tampered with."""
    return [importlib.import_module(f"beatbook.{name}") for name in names]


# On the way to the disk -----------------------------------------------------------------------------------------


@fault("SQLite with synchronous=NORMAL, as most guides recommend")
def synchronous_normal() -> None:
    (database,) = ours("database")

    prepare = database.prepare_sqlite

    def prepare_badly(connection: Any, *, writes: bool) -> None:
        prepare(connection, writes=writes)
        connection.execute("PRAGMA synchronous = NORMAL")

    database.prepare_sqlite = prepare_badly


@fault("a photo's bytes are not fsynced")
def no_file_fsync() -> None:
    (blobs,) = ours("blobs")

    put_many = blobs.FileBlobs.put_many

    def put_many_badly(self: Any, incoming: Any) -> None:
        for blob in incoming:
            blob.close()  # what is closed is not fsynced
        put_many(self, incoming)

    blobs.FileBlobs.put_many = put_many_badly


@fault("the folder of a photo is not fsynced, so its name may vanish")
def no_folder_fsync() -> None:
    (blobs,) = ours("blobs")

    blobs.sync_folder = lambda folder: None


@fault("a new folder's own name is not fsynced")
def no_parent_fsync() -> None:
    (blobs,) = ours("blobs")

    sync_folder = blobs.sync_folder
    blobs.sync_folder = lambda folder: None if folder.name == "blobs" else sync_folder(folder)


@fault("a photo is written straight to its final name, and a name that is there is believed")
def straight_to_final_name() -> None:
    (blobs,) = ours("blobs")

    def put_many(self: Any, incoming: Any) -> None:
        for blob in incoming:
            blob.close()
            target = self.path(blob.sha256)
            target.parent.mkdir(exist_ok=True)
            if blob.path.exists() and not target.exists():
                content = blob.path.read_bytes()
                with target.open("wb", buffering=0) as file:
                    for start in range(0, len(content), 2048):
                        file.write(content[start : start + 2048])
                    os.fsync(file.fileno())
                blobs.sync_folder(target.parent)
                blobs.sync_folder(self.folder)
            blob.path.unlink(missing_ok=True)

    blobs.FileBlobs.put_many = put_many


@fault("a photo counts as held before its bytes are durable")
def photo_counted_first() -> None:
    blobs, database = ours("blobs", "database")

    put_many, do = blobs.FileBlobs.put_many, database.Writer.do
    waiting: list[Any] = []

    def do_badly(self: Any, jobs: Any) -> None:
        do(self, jobs)
        for files in waiting:
            put_many(self.blobs, files)
        waiting.clear()

    blobs.FileBlobs.put_many = lambda self, incoming: waiting.append(list(incoming))
    database.Writer.do = do_badly
    drop = blobs.Incoming.drop
    blobs.Incoming.drop = lambda self: None if any(self in files for files in waiting) else drop(self)


@fault("the answer leaves before the commit")
def answer_before_commit() -> None:
    (database,) = ours("database")

    attempt = database.Writer.attempt

    def attempt_and_tell(self: Any, session: Any, job: Any) -> Any:
        result, error = attempt(self, session, job)
        if error is None and not job.done.done():
            job.done.set_result(result)
            time.sleep(0.005)  # a disk takes at least so long
        return result, error

    ignore_second_answer(database)
    database.Writer.attempt = attempt_and_tell


@fault("an error of the disk is answered as if all were well")
def ack_on_error() -> None:
    (database,) = ours("database")

    attempt = database.Writer.attempt
    results: dict[int, Any] = {}

    def attempt_and_remember(self: Any, session: Any, job: Any) -> Any:
        result, error = attempt(self, session, job)
        results[id(job.done)] = result
        return result, error

    ignore_second_answer(database, results)
    database.Writer.attempt = attempt_and_remember
    database.Writer.faulty = property(lambda self: False, lambda self, value: None)


def ignore_second_answer(database: Any, instead_of_errors: dict[int, Any] | None = None) -> None:
    from concurrent.futures import Future

    class Lenient(Future):
        def set_result(self, result: Any) -> None:
            if not self.done():
                super().set_result(result)

        def set_exception(self, exception: Any) -> None:
            if not self.done() and instead_of_errors is not None and instead_of_errors.get(id(self)) is not None:
                super().set_result(instead_of_errors[id(self)])
            elif not self.done():
                super().set_exception(exception)

    database.Job.__dataclass_fields__["done"].default_factory = Lenient
    make = database.Job.__init__

    def make_lenient(self: Any, *given: Any) -> None:
        make(self, *given)
        self.done = Lenient()

    database.Job.__init__ = make_lenient


@fault("after a failed fsync the server goes on as if nothing had happened")
def fault_forgotten() -> None:
    (database,) = ours("database")

    database.Writer.faulty = property(lambda self: False, lambda self, value: None)


@fault("temporary files stay")
def temp_leak() -> None:
    (blobs,) = ours("blobs")

    blobs.Incoming.drop = lambda self: self.close()


@fault("what a killed server left half received is not swept")
def no_sweep() -> None:
    (blobs,) = ours("blobs")

    blobs.FileBlobs.sweep = lambda self: 0


@fault("a full disk is a mistake of ours (500) instead of 507")
def full_is_500() -> None:
    (database,) = ours("database")

    database.is_full = database.is_storage_error = lambda error: False
    database.sqlite_code = lambda error: None  # by which a disk is called full that does not say so itself


@fault("a full disk stops the server until a restart")
def full_for_good() -> None:
    (database,) = ours("database")

    database.is_full = lambda error: False


# Once, whole, for ever ------------------------------------------------------------------------------------------


@fault("nobody looks whether a record came before")
def no_unique_check() -> None:
    import uuid

    arrival, models, submissions, sync = ours("submissions.arrival", "models", "submissions", "api.sync")

    store = arrival.store

    def store_anew(session: Any, submission: Any, *given: Any, now: Any) -> None:
        submission.instance_id = str(uuid.uuid4())
        store(session.session, submission, *given, now=now)

    class Blind:
        """A session that never finds a submission."""

        def __init__(self, session: Any) -> None:
            self.session = session

        def get(self, kind: Any, key: Any, **more: Any) -> Any:
            return None if kind is models.Submission else self.session.get(kind, key, **more)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.session, name)

    receive, stored = submissions.receive, sync.stored
    arrival.store = store_anew

    def stored_under_its_own_name(received: Any) -> Any:
        result, own = stored(received), json.loads(received.submission.payload)["instanceId"]
        return {**result, "instanceId": own, "receipt": {**result["receipt"], "instanceId": own}}

    sync.stored = stored_under_its_own_name
    submissions.receive = lambda session, *given, **more: receive(Blind(session), *given, **more)


@fault("other bytes under the same number replace the first")
def second_replaces_first() -> None:
    models, problems, submissions = ours("models", "problems", "submissions")
    receive = submissions.receive

    def receive_and_replace(session: Any, payload: bytes, device: Any, **more: Any) -> Any:
        try:
            return receive(session, payload, device, **more)
        except problems.IdReused:
            known = session.get(models.Submission, json.loads(payload)["instanceId"])
            known.payload, known.digest = payload, hashlib.sha256(payload).hexdigest()
            session.add(known)
            return submissions.Received(known, again=True, detail=None)

    submissions.receive = receive_and_replace


@fault("a second delivery gets another receipt")
def receipt_changes() -> None:
    (submissions,) = ours("submissions")

    receipt_of = submissions.receipt_of
    submissions.receipt_of = lambda submission: {**receipt_of(submission), "receivedAt": str(time.time_ns())}


@fault("nothing is ever said to be missing")
def never_missing() -> None:
    (sync,) = ours("api.sync")

    sync.Keeper.say_what_is_missing = lambda self, results: None
    sync.comparison = lambda session, one, digest: {
        "instanceId": one,
        "status": sync.submissions.compare(session, one, digest),
        "missing": [],
    }


@fault("an enrolment code works more than once")
def code_works_twice() -> None:
    models, people = ours("models", "people")

    enrol = people.enrol

    def enrol_often(session: Any, code: str, **more: Any) -> Any:
        invitation = session.get(models.Invitation, people.digest(code))
        if invitation is not None:
            invitation.used_at = None
        return enrol(session, code, **more)

    people.enrol = enrol_often


@fault("a part that was cut is taken as it is")
def cut_part_taken() -> None:
    (delivery,) = ours("api.delivery")

    read = delivery.Reader.read

    def read_eagerly(self: Any, chunk: bytes) -> Any:
        complete = read(self, chunk)
        if self.photo is None and self.buffer and not self.ended:
            complete.append(delivery.SubmissionPart(bytes(self.buffer)))
        return complete

    delivery.Reader.read = read_eagerly


# Restores and clocks --------------------------------------------------------------------------------------------


@fault("a restore does not begin a new epoch")
def restore_keeps_epoch() -> None:
    events, log = ours("events", "events.log")

    def keep_epoch(session: Any, why: str, *, now: Any) -> None:
        events.append(session, "epoch.kept", "server", actor="server", now=now)

    events.begin_epoch = log.begin_epoch = keep_epoch


@fault("safeSeq is where the log stands at the end of the backup")
def safe_seq_at_end() -> None:
    backups, submissions = ours("backups", "submissions")

    publish, put_in_place = backups.publish, backups.put_in_place

    def publish_the_end(session: Any, safe_seq: int, *, now: Any) -> None:
        publish(session, submissions.state_of(session).seq, now=now)

    def put_slowly(*given: Any) -> None:
        time.sleep(0.7)  # records arrive meanwhile
        put_in_place(*given)

    backups.publish, backups.put_in_place = publish_the_end, put_slowly


@fault("the backup counts before it is on the disk")
def backup_not_synced() -> None:
    (backups,) = ours("backups")

    backups.sync_file = lambda path: None
    backups.sync_folder = lambda folder: None


@fault("nobody compares the database with the note beside it")
def no_side_note() -> None:
    (office,) = ours("office")

    office.Head.is_ahead_of = lambda self, session: False


@fault("receipts that devices show are not compared with the log")
def no_witness() -> None:
    (log,) = ours("events.log")

    log.fits = lambda session, receipt: True


@fault("a record from a wrong clock is refused")
def wrong_clock_refused() -> None:
    arrival, problems = ours("submissions.arrival", "problems")

    clock_warnings = arrival.clock_warnings

    def refuse(*given: Any) -> Any:
        if clock_warnings(*given):
            raise problems.BadRequest
        return []

    arrival.clock_warnings = refuse


# Attackers ------------------------------------------------------------------------------------------------------


@fault("headers may take for ever")
def no_header_deadline() -> None:
    (serving,) = ours("serving")

    serving.Protocol.await_headers = lambda self: None


@fault("a body may take for ever")
def no_body_deadline() -> None:
    (gates,) = ours("gates")

    gates.Deadlines.allowed = lambda self, size: 1e6


@fault("one address may hold every connection")
def no_address_cap() -> None:
    (serving,) = ours("serving")

    class Forgetful(dict):
        def __missing__(self, address: str) -> int:
            return 0

        def __setitem__(self, address: str, count: int) -> None: ...

        def __delitem__(self, address: str) -> None: ...

    serving.Protocol.addresses = Forgetful()


# The process ----------------------------------------------------------------------------------------------------


def nursery() -> None:
    """Fork a server for each order until nobody orders any more."""
    import beatbook.app
    import beatbook.backups
    import beatbook.cli
    import beatbook.office
    import beatbook.serving
    import beatbook.verification  # noqa: F401  imported here, so that no server has to

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries them; who waits asks whether they live
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            live(json.loads(line))
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()


def live(order: dict[str, Any]) -> None:
    """Be a server, or another command. Never returns."""
    die_with_parent()
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.update(order["environment"])
    os.environ.setdefault("BEATBOOK_LOG_LEVEL", "ERROR")
    (cli,) = ours("cli")

    if not order["previews"]:
        leave_out_previews()
    note_writer(Path(order["note"]))
    if order["fault"]:
        FAULTS[order["fault"]].plant()
    code = 1
    with suppress(SystemExit):
        code = cli.main(order["arguments"])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def leave_out_previews() -> None:
    (previews,) = ours("photos.previews")
    previews.Previewer.start = lambda self: None
    previews.Previewer.wake = lambda self: None


def note_writer(file: Path) -> None:
    """Leave the number of the thread that writes, for strace."""
    (database,) = ours("database")
    run = database.Writer.run

    def run_noted(self: Any) -> None:
        file.write_text(str(threading.get_native_id()))
        run(self)

    database.Writer.run = run_noted


if __name__ == "__main__":
    if sys.argv[1] == "nursery":
        nursery()
    else:
        live(json.loads(sys.argv[2]))
