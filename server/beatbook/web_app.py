"""Where the built app for phones lies, and why it is missing if it is.

An installed package carries it inside; a checkout has it in pwa/dist, built by `python3 server`.
"""

from pathlib import Path

INSIDE = Path(__file__).parent / "_pwa"
IN_CHECKOUT = Path(__file__).parent.parent.parent / "pwa" / "dist"


def folder() -> Path | None:
    """The folder with the app's index.html, or nothing where there is none."""
    return next((place for place in (INSIDE, IN_CHECKOUT) if (place / "index.html").is_file()), None)


def why_missing() -> str:
    """One sentence for people, as the last attempt to build it left it; empty when the app is there."""
    if folder():
        return ""
    words = (place / ".not-built" for place in (INSIDE, IN_CHECKOUT))
    left = next((word.read_text(encoding="utf-8").strip() for word in words if word.is_file()), "")
    return left or "It has not been built yet: start Beatbook once with “python3 server”, which builds it."
