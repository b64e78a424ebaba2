"""Every word that a pupil reads: short, plain, kind, and nothing that looks like a real ticket."""

import json
import re
from collections.abc import Iterator

from beatbook.forms import load
from beatbook.settings import Settings
from bootstrap import ROOT

FORMS = load(Settings().forms)
FORM = FORMS.newest("mock_ticket")
PWA = ROOT / "pwa" / "src"
CATALOGUE = PWA / "pupil" / "words.json"
SCREENS = ("pupil", "studio", "wow")
ADULTS = {f"pupil/{name}.tsx" for name in ("grown-ups", "hand-in", "join", "look")}  # whose own words they read
LONGEST = 11  # words in a sentence
OLDEST = 8.0  # years, by Flesch and Kincaid's grade and five
HARDEST = 9.0  # of one text by itself; the thanks on every ticket are the domain's own words (C2)
ENOUGH = 5  # words of a text that can be measured by itself

NEVER = ("penalty", "charge", "notice", "£", "pcn", "illegal", "caught", "fail", "court", "pay up", "warning", "police")


def catalogue() -> dict[str, str]:
    return json.loads(CATALOGUE.read_text(encoding="utf-8"))


def everything_said() -> list[str]:
    """The words of the patrol's screens, of its form, of the drawing tray, and of the lists that pupils choose from."""
    assert FORM is not None
    asked = [field for field in FORM.fields_flat() if field.type != "calculate"]
    tray = json.loads((Settings().forms / "sketch.json").read_text(encoding="utf-8"))
    return [
        *catalogue().values(),
        *(field.label for field in asked),
        *(c.label for field in asked for c in field.choices),
        *labels_in(tray),
        *(row["label"] for name in ("school_places", "designs") for row in FORMS.lists[name]),
        *said_in_code(adults=False),
    ]


def labels_in(told: object) -> Iterator[str]:
    if isinstance(told, dict):
        yield from (value for key, value in told.items() if key == "label" and isinstance(value, str))
    for inner in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from labels_in(inner)


def said_in_code(*, adults: bool) -> list[str]:
    """What stands in the screens' own code: between tags, or as a text that begins like a sentence."""
    found = []
    for path in (path for folder in SCREENS for path in sorted((PWA / folder).rglob("*.ts*"))):
        if (path.relative_to(PWA).as_posix() in ADULTS) is adults:
            code = re.sub(
                r"/\*.*?\*/|(?<![:'\"])//[^\n]*|^import [^\n]*$", "", path.read_text("utf-8"), flags=re.S | re.M
            )
            found += [" ".join(said.split()) for said in re.findall(r">([^<>{}()=;|&\[\]]+)<", code)]
            texts = re.findall(r"'([^'\n]*)'|\"([^\"\n]*)\"|`([^`\n]*)`", code)
            found += [re.sub(r"\$\{[^}]*\}", "3", "".join(one)) for one in texts]
    return [said for said in found if re.match(r"[A-Z3][a-z’']*([ .,!?:]|$)", said) and re.search(r"[a-z]{2}", said)]


def sentences(text: str) -> list[list[str]]:
    found = [re.findall(r"[A-Za-z’']+", part) for part in re.split(r"[.!?:]", text.replace("{school}", "Elm School"))]
    return [words for words in found if words]


def syllables(word: str) -> int:
    word = word.lower().replace("’", "").replace("'", "")
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith("le") and groups > 1
    return max(1, groups - silent - (word.endswith("ed") and not word.endswith(("ted", "ded")) and groups > 1))


def reading_age(texts: list[str]) -> float:
    said = [words for text in texts for words in sentences(text)]
    words = [word for sentence in said for word in sentence]
    grade = 0.39 * len(words) / len(said) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    return grade + 5


def test_mt19_every_sentence_is_short():
    assert not [text for text in everything_said() for words in sentences(text) if len(words) > LONGEST]


def test_mt19_the_words_are_those_of_an_eight_year_old():
    age = reading_age(everything_said())
    print(f"reading age {age:.1f}")
    assert age <= OLDEST
    assert reading_age(["The authority may additionally consider representations concerning the contravention."]) > 12


def test_mt19_no_text_by_itself_is_for_older_children():
    """Two words are too few to measure, and every child knows what a Wednesday is."""
    long = [text for text in everything_said() if sum(map(len, sentences(text))) >= ENOUGH]
    hard = {text: reading_age([text.replace("Wednesday", "Monday")]) for text in long}
    assert not {text: age for text, age in hard.items() if age > HARDEST}


def test_mt19_the_words_in_the_code_of_the_screens_are_found_too():
    said = everything_said()
    assert {"That is not the PIN.", "Wait 3.", "Always here", "3 too many", "Lollipop sign", "Main gate"} <= set(said)
    assert "Back to the pupils" not in said
    for_adults = said_in_code(adults=True)
    assert "Back to the pupils" in for_adults
    assert reading_age(for_adults) <= OLDEST + 2


def test_mt19_no_word_is_long():
    long = {word for text in everything_said() for words in sentences(text) for word in words if syllables(word) > 3}
    assert not long


def test_mt8_nothing_sounds_like_a_real_ticket():
    said = " | ".join(everything_said()).lower().replace("this is not a fine", "")
    assert not [word for word in (*NEVER, "fine") if re.search(rf"(?<![a-z]){re.escape(word)}", said)]


def test_mt7_the_ticket_says_what_it_must():
    said = catalogue()
    assert said["noteFrom"] == "A note from the children of {school}."
    assert (said["notAFine"], said["nothingToPay"]) == ("This is not a fine.", "There is nothing to pay.")


def test_mt21_praise_is_offered_first():
    assert FORM is not None
    result = FORM.field("result")
    assert result is not None
    assert [choice.name for choice in result.choices] == ["green", "amber", "red"]


def test_every_reason_and_every_team_has_a_picture_of_its_own():
    assert FORM is not None
    drawn = "".join(path.read_text(encoding="utf-8") for path in (CATALOGUE.parent / "pictures").glob("*.tsx"))
    for name in ("team", "result", "reasons", "given_how", "next", "vehicle_kind", "driver_there"):
        field = FORM.field(name)
        assert field is not None
        for choice in field.choices:
            assert re.search(rf"^  {choice.name}: \(\) =>", drawn, re.MULTILINE), choice.name
