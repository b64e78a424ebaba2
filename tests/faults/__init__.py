"""Faults: harnesses that try to make the product lose something, and planted faults that show they would notice."""
