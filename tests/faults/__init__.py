"""Faults: harnesses that try to make the product lose something, and planted faults that show they would notice."""

from types import ModuleType

from . import kills

HARNESSES: dict[str, ModuleType] = {
    "kills": kills,
}
