"""Photos: what a file is, told by its first bytes, and the pictures of it that are shown.

`header` reads those bytes without decoding, `previews` has pictures made by `preview_child`, a process with limits.
"""

from .header import JPEG, PNG, WEBP, Inspected, inspect, tells_more

__all__ = [
    "JPEG",
    "PNG",
    "WEBP",
    "Inspected",
    "inspect",
    "tells_more",
]
