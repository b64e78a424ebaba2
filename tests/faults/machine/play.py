"""Play: one search, from a seed, over so many plays of fifty steps."""

import asyncio
import time
from collections import Counter
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.stateful import run_state_machine_as_test

from .phones import Phones
from .planted import Fault
from .rules import Machine, World

STEPS = 50  # of one play


@dataclass
class Played:
    counts: Counter[str]
    seconds: float
    violation: str | None

    def __str__(self) -> str:
        found = self.violation or "no violation"
        return f"{self.counts['steps']:,} steps in {self.seconds:.0f} s, {self.counts['requests']:,} requests: {found}"


def play(
    node: Path, folder: Path, *, seed: int, plays: int, fault: Fault | None = None, shrink: bool = False
) -> Played:
    """Stops at the first violation. To `shrink` it takes minutes and leaves the few steps that matter."""
    began = time.monotonic()
    phases = [Phase.generate, *([Phase.shrink] if shrink else [])]
    bounds = settings(
        max_examples=plays,
        stateful_step_count=STEPS,
        phases=phases,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    with closing(Phones(node, fault.edits if fault else ())) as phones, closing(asyncio.new_event_loop()) as loop:
        world = World(phones, folder / "template", folder / "play", loop)
        machine = sown(world, seed)
        with fault.in_server() if fault else nullcontext():
            violation = None
            try:
                run_state_machine_as_test(machine, settings=bounds)
            except AssertionError as error:
                if fault is None:
                    raise
                violation = str(error).splitlines()[0]
            except FlakyStrategyDefinition:  # the same choices led elsewhere: this search can only end
                if world.broken:
                    raise
                world.counts["searches ended early"] += 1
    return Played(world.counts, time.monotonic() - began, violation)


def sown(world: World, number: int) -> type[Machine]:
    class Sown(Machine):
        pass

    Sown.world = world
    return seed(number)(Sown)
