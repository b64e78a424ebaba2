"""A form of the tests' own that asks everything a form can ask about pictures, in a council's own folder of forms."""

import shutil
from pathlib import Path

from beatbook.settings import Settings

EVIDENCE = """
form_id = "evidence"
version = "1"
title = "Evidence"
audience = ["officer"]
regime = "le_part3"
retention = "enforcement"
instance_name = "concat('Evidence, ', ${place_text})"
icon = "camera"

[[field]]
name = "photos"
type = "image"
label = "Photos"
appearance = "camera caption people"
original = true
required = true
choices = [{ name = "litter_item", label = "The litter" }, { name = "place_overview", label = "The place" }]

[[field]]
name = "place_text"
type = "text"
label = "Where exactly?"
required = true

[[field]]
name = "consent"
type = "signature"
label = "Signature of the owner"
required = true
appearance = "reason"

[[field]]
name = "sketch"
type = "drawing"
label = "Sketch"
"""


def forms_with_evidence(folder: Path) -> Path:
    """The unit's forms and this one."""
    shutil.copytree(Settings().forms, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "evidence.toml").write_text(EVIDENCE, encoding="utf-8")
    return folder
