"""The protocol machine over the real server and the real client code, and the planted faults that it must find.

python3 tests tests/faults/test_machine.py --long -s     plays until 100,000 steps are done, and prints the figures
"""

import asyncio
import logging
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog
from options import absent

import bootstrap
from beatbook.models import ReviewState
from faults.machine.phones import Phones
from faults.machine.planted import FAULTS, Fault
from faults.machine.play import Played, play, sown
from faults.machine.rules import Machine, World
from faults.machine.server import Server

SHORT_PLAYS, PLAY_STEPS = 10, 50
LONG_STEPS = 100_000
SEEDS = (1, 2, 3, 4, 5, 6)  # of the searches for planted faults
PLAYS_EACH = 40  # a fault that hides longer than six times so many plays is not found


@pytest.fixture(scope="module")
def fast_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """In memory where there is a file system for that: the disk is not in question here, and its fsync costs most."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=memory)) if os.access(memory, os.W_OK) else tmp_path_factory.mktemp("machine")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def quiet() -> Iterator[None]:
    """The phone's packages are here, and the server's log does not say a thousand times what the machine does to it."""
    if not (bootstrap.ROOT / "pwa" / "node_modules").is_dir():
        absent(f"The phone's packages were not installed here. {bootstrap.front_end().why_not_built()}")
    configuration = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**configuration)


@pytest.fixture(scope="module")
def playing(fast_folder: Path, node: Any, quiet: None, long: bool) -> Iterator[Callable[..., Played]]:
    if not long:
        pytest.skip("plays for minutes: python3 tests tests/faults/test_machine.py --long -s")
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(Server.prepare, fast_folder / "template").result()
    with ThreadPoolExecutor(1) as elsewhere:  # in this thread a browser test's event loop may still be running
        yield lambda **more: elsewhere.submit(play, node.program, fast_folder, **more).result()


def test_no_step_of_the_protocol_breaks_a_promise(playing):
    played = playing(seed=0, plays=SHORT_PLAYS)
    print(f"\n{played}")
    assert played.violation is None
    assert played.counts["rounds in which all went well"] > SHORT_PLAYS


@pytest.mark.timeout(0)  # a search goes on for minutes
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_found(fault: Fault, playing, long):
    if not long and fault.name not in EVERY_TIME:
        pytest.skip("looked for in the long form only")
    counts: Counter[str] = Counter()
    for seed in SEEDS:
        played = playing(seed=seed, plays=PLAYS_EACH, fault=fault)
        counts += played.counts
        if played.violation:
            break
    print(f"\n{fault.name}: found after {counts['steps']:,} steps, {counts['plays']} plays: {played.violation}")
    assert played.violation, f"{fault.name} ({fault.what}) was not noticed in {counts['steps']:,} steps"


@pytest.mark.timeout(0)  # it plays for the better part of an hour
def test_a_hundred_thousand_steps_break_no_promise(playing, long):
    if not long:
        pytest.skip("only with --long")
    counts: Counter[str] = Counter()
    seed = 1000
    while counts["steps"] < LONG_STEPS:
        played = playing(seed=seed, plays=100, shrink=True)
        counts += played.counts
        print(f"\nseed {seed}: {counts['steps']:,} steps, {counts['plays']:,} plays, {counts['requests']:,} requests")
        assert played.violation is None
        seed += 1
    print(f"\n0 violations of {counts['steps']:,} steps: {dict(counts)}")


def test_a_record_is_missed_again_although_the_server_had_it_meanwhile(fast_folder, node, quiet):
    """A history that comes back knows the record under another receipt than the phone's; the one after has lost it."""

    def come_and_go(play: Machine) -> None:
        play.copy_the_machine()  # 1: with the record
        for copy in (0, 1, 0):
            play.swap_the_files(pick=copy)
            play.send_over_a_good_network(phone=0)

    after_a_record(come_and_go, node.program, fast_folder)


def test_an_epoch_that_was_here_before_vouches_for_nothing(fast_folder, node, quiet):
    """The app dies right after it has heard of a new epoch; then the server goes back to the one before."""

    def come_back(play: Machine) -> None:
        play.swap_the_files(pick=0)
        play.send(phone=0, plan=[], writes=1)
        play.swap_the_files(pick=0)
        play.send_over_a_good_network(phone=0)

    after_a_record(come_back, node.program, fast_folder)


def test_a_decision_that_was_rolled_back_is_not_shown_for_ever(fast_folder, node, quiet):
    """The copy holds every record that the phone has a receipt of; only what it fetched is younger."""

    def take_back(play: Machine) -> None:
        play.review(pick=0, state=ReviewState.APPROVED)
        play.copy_the_machine()  # 1
        play.review(pick=0, state=ReviewState.HAS_ISSUES)
        play.send_over_a_good_network(phone=0)
        play.swap_the_files(pick=1)
        play.heal()

    after_a_record(take_back, node.program, fast_folder)


def after_a_record(steps: Callable[[Machine], None], program: Path, folder: Path) -> None:
    """Each step compares what the phone shows with what is there. Copy 0 of the machine lacks the record."""

    def play_them() -> None:
        Server.prepare(folder / "template-of-this")
        with closing(Phones(program, ())) as phones, closing(asyncio.new_event_loop()) as loop:
            play = sown(World(phones, folder / "template-of-this", folder / "this", loop), 1)()
            try:
                play.begin(seed=1)
                play.copy_the_machine()
                play.capture(phone=0, photos=0, again=False, plan=[])
                assert play.finished
                steps(play)
            finally:
                play.server.close()

    with ThreadPoolExecutor(1) as elsewhere:  # in this thread a browser test's event loop may still be running
        elsewhere.submit(play_them).result()


EVERY_TIME = ("any-200-is-an-ack", "delete-on-ack", "missing-ignored", "no-epoch-on-restore")
