"""Every harness by its name."""

from types import ModuleType

from . import clocks, disk, full, kills, network, order, powercut, races, restores, slow, syscalls

# In the order of docs/reliability.md.
HARNESSES: dict[str, ModuleType] = {
    "disk": disk,
    "syscalls": syscalls,
    "order": order,
    "powercut": powercut,
    "kills": kills,
    "network": network,
    "races": races,
    "full": full,
    "slow": slow,
    "clocks": clocks,
    "restores": restores,
}
