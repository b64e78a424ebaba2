"""The judge of all harnesses, tried with histories in which something is wrong."""

import pytest

from faults.history import History, Kind, Seen, judge


@pytest.fixture
def history() -> History:
    return History()


def deliver(history: History, one: str, digest: str = "d", whole: bool = True) -> None:
    history.add(Kind.INVOKE, "phone", one, digest=digest)
    history.add(Kind.OK, "phone", one, whole=whole, digest=digest)


def seen(count: int = 1, digest: str = "d", whole: bool = True) -> Seen:
    return Seen(count, digest, whole)


def test_what_was_acknowledged_and_is_there_is_stable(history):
    deliver(history, "a")
    history.read("audit", {"a": seen()})
    verdict = judge(history.lines)
    assert (verdict.stable, verdict.wrong, verdict.acknowledgements) == (["a"], 0, 1)


def test_what_was_acknowledged_and_is_not_there_is_lost(history):
    deliver(history, "a")
    history.read("audit", {})
    assert judge(history.lines).lost == ["a"]


def test_what_nobody_read_at_all_is_lost_too(history):
    deliver(history, "a")
    assert judge(history.lines).lost == ["a"]


def test_what_was_read_once_must_stay_though_nobody_was_told(history):
    history.add(Kind.INVOKE, "phone", "a", digest="d")
    history.add(Kind.INFO, "phone", "a")
    history.read("audit", {"a": seen()})
    history.read("audit", {})
    assert judge(history.lines).lost == ["a"]


def test_what_nobody_was_told_may_be_there_or_not(history):
    for one in "ab":
        history.add(Kind.INVOKE, "phone", one, digest="d")
        history.add(Kind.INFO, "phone", one)
    history.read("audit", {"a": seen()})
    verdict = judge(history.lines)
    assert (verdict.unacknowledged, verdict.never_read, verdict.wrong) == (["a"], ["b"], 0)


def test_what_was_away_and_came_back_flickered(history):
    deliver(history, "a")
    history.read("audit", {})
    history.read("audit", {"a": seen()})
    verdict = judge(history.lines)
    assert (verdict.flickered, verdict.stable, verdict.lost) == (["a"], ["a"], [])


def test_twice_is_duplicated(history):
    deliver(history, "a")
    history.read("audit", {"a": seen(count=2)})
    assert judge(history.lines).duplicated == ["a"]


def test_other_bytes_are_torn(history):
    deliver(history, "a")
    history.read("audit", {"a": seen(digest="e")})
    assert judge(history.lines).torn == ["a"]


def test_a_second_delivery_must_not_replace_the_first(history):
    deliver(history, "a", digest="d")
    history.add(Kind.INVOKE, "other", "a", digest="e")
    history.add(Kind.FAIL, "other", "a")
    history.read("audit", {"a": seen(digest="e")})
    assert judge(history.lines).torn == ["a"]


def test_a_photo_that_is_not_there_makes_it_incomplete_if_it_was_called_whole(history):
    deliver(history, "a")
    deliver(history, "b", whole=False)
    history.read("audit", {"a": seen(whole=False), "b": seen(whole=False)})
    assert judge(history.lines).incomplete == ["a"]
