"""Exports that take a while: how far they are, cancelled, broken off, and gone after their hour."""

import errno
import shutil
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from actors import Supervisor, a_record, read

from beatbook import prepared
from beatbook.prepared import Job, Prepared, State


@pytest.fixture
def go() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def begin(office, supervisor) -> Callable[..., Job]:
    """Begin a file of three records that waits after its second for `go`, and may then break."""

    def begin(go: threading.Event, *, error: Exception | None = None, owner: str = "") -> Job:
        far = threading.Event()

        def make(job: Job) -> prepared.Chunks:
            yield "one"
            job.passed(2)
            far.set()
            while not go.wait(0.02):
                job.passed(0)
            if error:
                raise error
            yield b"two"
            job.passed(1)

        job = Job(owner or supervisor.person_id, "records.csv", "text/csv", 3, "/desk/take-out?form=litter")
        office.prepared.start(job, make)
        assert far.wait(10)
        return job

    return begin


def over(office, job: Job) -> Job:
    office.prepared.wait_for(job, 10)
    return job


def test_a_long_one_says_how_far_it_is_and_is_then_fetched(office, supervisor, begin, go):
    job = begin(go)
    page = supervisor.open(f"/desk/take-out/{job.id}")
    assert "2 of 3 records" in read(page)
    assert '<progress aria-label="How far it is" max="3" value="2">' in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text, "without a script it looks again by itself"
    assert "2 of 3 records" in read(supervisor.open(f"/desk/take-out/{job.id}/progress"))
    assert "records.csv is being made" in read(supervisor.open("/desk/take-out"))
    assert supervisor.open(f"/desk/take-out/{job.id}/file").status_code == 404, "half a list is no list"
    go.set()
    assert over(office, job).state is State.READY
    page = supervisor.open(f"/desk/take-out/{job.id}")
    assert "Your file is ready: 3 records, 1 KB" in read(page)
    assert "refresh" not in page.text
    file = supervisor.open(f"/desk/take-out/{job.id}/file")
    assert file.content == b"onetwo"
    assert file.headers["content-disposition"] == 'attachment; filename="records.csv"'
    assert (office.settings.data / "prepared" / job.id).stat().st_mode & 0o077 == 0


def test_it_is_cancelled_and_nothing_of_it_stays(office, supervisor, begin, go):
    job = begin(go)
    assert supervisor.submit(f"/desk/take-out/{job.id}").headers["location"] == f"/desk/take-out/{job.id}"
    assert over(office, job).state is State.STOPPED
    assert "Cancelled. It was stopped after 2 records" in read(supervisor.open(f"/desk/take-out/{job.id}"))
    assert list((office.settings.data / "prepared").iterdir()) == []


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ZeroDivisionError(), "The server made a mistake"),
        (FileNotFoundError(errno.ENOENT, "Gone"), "The server made a mistake"),
        (OSError(errno.ENOSPC, "No space"), "too little room"),
    ],
)
def test_when_it_breaks_off_the_page_says_where_and_why_in_plain_words(office, supervisor, begin, go, error, why):
    job = begin(go, error=error)
    go.set()
    assert over(office, job).state is State.FAILED
    said = read(supervisor.open(f"/desk/take-out/{job.id}"))
    assert "The file could not be finished. It broke off after 2 records of 3." in said
    assert why in said
    assert list((office.settings.data / "prepared").iterdir()) == []


def test_the_room_that_phones_need_is_left_to_them(office, supervisor, begin, go, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=office.settings.min_free_bytes - 1))
    job = Job(supervisor.person_id, "records.csv", "text/csv", 1, "/desk/take-out")
    office.prepared.start(job, lambda job: (one for one in ["a"]))
    assert over(office, job).why == prepared.NO_ROOM


def test_a_file_is_for_whoever_asked_and_for_an_hour(office, server, officer, supervisor, later):
    officer.send(a_record())
    address = supervisor.submit("/desk/take-out", format="csv").headers["location"]
    assert address.endswith("/file"), "what is made at once is saved at once"
    assert "graffiti" in supervisor.open(address).text.lower()
    other = Supervisor.join(office, server, "Sam T")
    for path in (address, address.removesuffix("/file")):
        assert other.open(path).status_code == 404
    later(minutes=59)
    assert supervisor.open(address).status_code in (200, 303)
    later(minutes=2)
    office.keep_house(office.clock())
    assert list((office.settings.data / "prepared").iterdir()) == []
    assert office.prepared.of(supervisor.person_id) == []


def test_what_an_earlier_run_left_is_gone_with_the_next_start(tmp_path, clock):
    (tmp_path / "prepared").mkdir()
    (tmp_path / "prepared" / "left").write_text("names")
    Prepared(tmp_path / "prepared", clock, 0).open()
    assert not (tmp_path / "prepared").exists()


def test_a_file_of_any_length_is_made_in_little_memory(office, supervisor):
    job = Job(supervisor.person_id, "photos.zip", "application/zip", None, "/desk/take-out")
    tracemalloc.start()
    office.prepared.start(job, lambda job: (bytes(64 * 1024) for _ in range(1000)))
    assert over(office, job).size == 1000 * 64 * 1024
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2_000_000
