"""Offered: which text each version of a form had, so that one changed without a new version does not go unnoticed.

A record that waits on a phone is read by the version it names. If the file behind that version has changed meanwhile,
what was complete when it was made may look odd here; the note beside the database tells.
"""

import json
from pathlib import Path

import structlog

from . import events
from .blobs import write_whole
from .forms import Form, Forms

log = structlog.get_logger()
NOTE = "forms.json"


def compare(data: Path, forms: Forms) -> list[str]:
    """The forms whose text is no longer the one that was offered under the same version; the new text is noted."""
    note = data / NOTE
    known = read(note)
    every = [form for form_id in forms.ids() for form in forms.versions(form_id).values()]
    now = {f"{form.form_id} {form.version}": events.digest_of(text_of(form))[:16] for form in every}
    changed = sorted(name for name, digest in now.items() if known.get(name, digest) != digest)
    for name in changed:
        log.warning("a form was changed without a new version; raise it and keep the old file in old/", form=name)
    if known != known | now:
        keep(note, known | now)
    return changed


def keep(note: Path, known: dict[str, str]) -> None:
    """A note that cannot be written is no reason not to start."""
    try:
        write_whole(note, json.dumps(known, indent=1, sort_keys=True))
    except OSError as error:
        log.warning("what forms are offered could not be noted", error=str(error))


def text_of(form: Form) -> dict[str, object]:
    """All of it but where its picture stands on the home screen, by which no record is read."""
    return {key: value for key, value in form.to_wire().items() if key != "home"}


def read(note: Path) -> dict[str, str]:
    """Nothing where there is no note, or one that cannot be read: then there is nothing to compare with."""
    try:
        known = json.loads(note.read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(digest) for name, digest in known.items()} if isinstance(known, dict) else {}
