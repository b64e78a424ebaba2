"""Every harness in its short form: it finds nothing wrong with the product, and each fault that was planted for it."""

import os
from types import ModuleType

import pytest

from faults.harnesses import HARNESSES
from faults.phone import Broken
from faults.planted import FAULTS
from faults.world import Unavailable

SEARCHES = [(name, fault) for name, harness in HARNESSES.items() for fault in harness.FINDS]


def available(harness: ModuleType) -> None:
    """Skip, loudly, what this machine does not allow; where CI could have installed it, fail."""
    try:
        getattr(harness, "needs", lambda: None)()
    except Unavailable as why:
        if os.environ.get("CI") == "true" and why.installable:
            pytest.fail(str(why), pytrace=False)
        pytest.skip(f"NOT TRIED: {why}")


@pytest.mark.parametrize("name", HARNESSES)
def test_nothing_is_lost_doubled_or_torn(name, template, folder):
    harness = HARNESSES[name]
    available(harness)
    outcome = harness.run(template, folder, harness.SHORT)
    print(f"{name}: {outcome}")
    assert not outcome.wrong


@pytest.mark.parametrize(("name", "fault"), SEARCHES)
def test_a_planted_fault_is_found(name, fault, template, folder, long):
    if not long:
        pytest.skip("a search by chance: python3 tests faults")
    harness = HARNESSES[name]
    available(harness)
    outcome = harness.run(template, folder, harness.PLANTED, fault)
    print(f"{name}: {fault}: {outcome}")
    assert any(harness.FINDS[fault] in wrong for wrong in outcome.wrong), (
        f"{name} did not notice {fault}: {outcome.wrong}"
    )


def test_every_planted_fault_is_looked_for():
    assert {*FAULTS, *Broken} == {fault for _, fault in SEARCHES}
