"""Cards: reads a folder of advice, refuses what is wrong, and says a card as it counts on a day and at a school."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

AUDIENCES = {
    "drivers": "Drivers",
    "families": "Families",
    "young": "Young drivers",
    "residents": "Residents",
    "hut_owners": "Beach hut owners",
    "students": "Students",
    "pupils": "Pupils",
    "all": "Everybody",
}
CONDITIONS = ("usual", "mandatory", "enforceable")
MOST_WORDS, LONGEST_TITLE = 120, 60
SCHOOLS = "schools"  # the list whose rows say what a card may say at a school
EMERGENCY = ("999", "101", "112")  # numbers that are no figures: they do not go out of date


class CardError(ValueError):
    """`P-1.toml: body: 30 is a figure. Write {figure: …} around its sentence.`"""

    def __init__(self, file: str, column: str, message: str, hint: str = "") -> None:
        self.file, self.column, self.message, self.hint = file, column, message, hint
        super().__init__(f"{file}: {column + ': ' if column else ''}{message}.{' ' + hint if hint else ''}")


@dataclass(frozen=True)
class Part:
    """A piece of a sentence: plain words, a figure that may go out of date, or the name of a slot."""

    kind: str  # words, figure or slot
    text: str


@dataclass(frozen=True)
class Block:
    """A paragraph, or one line of a list."""

    kind: str  # text or item
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Said:
    """A card as it may be shown now."""

    blocks: tuple[tuple[str, str], ...]  # kind and words
    left_out: date | None  # since when its figures are out of date, when any were left out


@dataclass(frozen=True)
class Card:
    code: str
    version: int
    title: str
    audience: tuple[str, ...]
    language: str
    source_note: str
    review_due: date
    blocks: tuple[Block, ...]
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fact_valid_until: date | None = None
    withdrawn: bool = False

    def said(self, on: date, school: Mapping[str, str] | None = None) -> Said:
        """HU6, PK3 and PK4; the phone says the same (pwa/src/advice.ts), held together by tests/cases/advice.json."""
        stale = self.fact_valid_until is not None and on > self.fact_valid_until
        blocks = [(block.kind, self.block_words(block, stale, school or {})) for block in self.blocks]
        has_figures = any(part.kind == "figure" for block in self.blocks for part in block.parts)
        return Said(
            tuple((kind, words) for kind, words in blocks if words),
            self.fact_valid_until if stale and has_figures else None,
        )

    def block_words(self, block: Block, stale: bool, school: Mapping[str, str]) -> str:
        pieces = [
            slot_words(self.words[part.text], school) if part.kind == "slot" else part.text
            for part in block.parts
            if not (part.kind == "figure" and stale)
        ]
        return " ".join("".join(pieces).split())

    def is_past_review(self, on: date) -> bool:
        return on > self.review_due

    @property
    def depends_on_school(self) -> bool:
        return bool(self.words)

    def to_wire(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "version": self.version,
            "title": self.title,
            "audience": list(self.audience),
            "language": self.language,
            "sourceNote": self.source_note,
            "reviewDue": str(self.review_due),
            "factValidUntil": str(self.fact_valid_until) if self.fact_valid_until else None,
            "blocks": [
                {"kind": block.kind, "parts": [{"kind": part.kind, "text": part.text} for part in block.parts]}
                for block in self.blocks
            ],
            "words": {slot: dict(words) for slot, words in self.words.items()},
        }


class Cards:
    """The whole pack, by code; what is withdrawn is not in it."""

    def __init__(self, cards: Sequence[Card] = ()) -> None:
        self._cards = {card.code: card for card in cards if not card.withdrawn}

    def __iter__(self) -> Iterator[Card]:
        return iter(self._cards.values())

    def find(self, code: str) -> Card | None:
        return self._cards.get(code)

    @property
    def depend_on_school(self) -> bool:
        return any(card.depends_on_school for card in self)

    def to_wire(self) -> list[dict[str, Any]]:
        return [card.to_wire() for card in self]


def load(folder: Path) -> Cards:
    """Read every card of a folder. Errors: CardError, OSError."""
    return Cards([Reading(path.name).card(read(path)) for path in sorted(folder.glob("*.toml"))])


def slot_words(words: Mapping[str, str], school: Mapping[str, str]) -> str:
    """A strong word only where the school's row backs it."""
    times = school.get("skc_times", "")
    if "mandatory" in words and school.get("skc_kind") == "mandatory" and times:
        return words["mandatory"].replace("{times}", times)
    if "enforceable" in words and school.get("pavement_enforceable") == "yes":
        return words["enforceable"]
    return words["usual"]


# Reading a file -------------------------------------------------------------------------------------------------

NEEDED: dict[str, type] = {
    "code": str,
    "version": int,
    "title": str,
    "audience": list,
    "language": str,
    "source_note": str,
    "review_due": date,
    "body": str,
}
KNOWN: dict[str, type] = NEEDED | {"fact_valid_until": date, "withdrawn": bool, "words": dict}
KINDS = {
    str: "text in quotes",
    int: "a whole number",
    list: "a list",
    date: "a date, without quotes",
    bool: "true or false",
}
CODE = re.compile(r"[A-Z]{1,3}-[0-9]{1,3}")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
MARK = re.compile(r"\{figure:\s*(?P<figure>[^{}]*)\}|\{(?P<slot>[a-z_]+)\}")
NUMBER = re.compile(r"\d[\d.,]*")
MUST_NOT_STOP = re.compile(r"must\s+not\s+(stop|wait|park)|not\s+allowed\s+to\s+stop", re.IGNORECASE)
PAVEMENT_OFFENCE = re.compile(r"offence|illegal|against the law|penalt|\bfine[ds]?\b", re.IGNORECASE)


def read(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CardError(path.name, "", f"this is not TOML: {error}") from error


class Reading:
    """One file being read; it knows its name, so that every refusal can say it."""

    def __init__(self, file: str) -> None:
        self.file = file

    def card(self, source: Mapping[str, Any]) -> Card:
        self.check_keys(source)
        words = self.words(source.get("words", {}))
        card = Card(
            code=source["code"],
            version=source["version"],
            title=source["title"],
            audience=tuple(source["audience"]),
            language=source["language"],
            source_note=source["source_note"],
            review_due=source["review_due"],
            blocks=tuple(blocks_of(source["body"])),
            words=words,
            fact_valid_until=source.get("fact_valid_until"),
            withdrawn=source.get("withdrawn", False),
        )
        self.check(card, source["body"])
        return card

    def words(self, source: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        for slot, words in source.items():
            if not isinstance(words, Mapping) or not all(isinstance(said, str) for said in words.values()):
                self.refuse(f"words.{slot}", 'this should hold lines such as usual = "…"')
            if "usual" not in words:
                self.refuse(f"words.{slot}", "usual is missing", "It is what is said where no school says otherwise.")
            for condition in words:
                if condition not in CONDITIONS:
                    self.refuse(f"words.{slot}", f"unknown condition {condition}", meant(condition, CONDITIONS))
        return {slot: dict(words) for slot, words in source.items()}

    def check_keys(self, source: Mapping[str, Any]) -> None:
        for key, value in source.items():
            if key not in KNOWN:
                self.refuse(key, "unknown key", meant(key, tuple(KNOWN)))
            if type(value) is not KNOWN[key]:  # a bool is an int, and a time of day is a date, to isinstance
                self.refuse(key, f"this should be {KINDS.get(KNOWN[key], 'a table')}")
        for key in NEEDED:
            if not source.get(key):
                self.refuse(key, "this is missing")

    def check(self, card: Card, body: str) -> None:
        if not CODE.fullmatch(card.code) or self.file != f"{card.code}.toml":
            self.refuse("code", f"this file should be called {card.code}.toml", "A code reads like P-1.")
        if len(card.title) > LONGEST_TITLE:
            self.refuse("title", f"it has {len(card.title)} letters; {LONGEST_TITLE} are the most")
        for name in card.audience:
            if name not in AUDIENCES:
                self.refuse("audience", f"unknown audience {name}", meant(str(name), tuple(AUDIENCES)))
        if not LANGUAGE.fullmatch(card.language):
            self.refuse("language", "use a language code such as en")
        self.check_marks(card, body)
        self.check_figures(card)
        self.check_law(card)
        count = max(len(words_of(card, condition)) for condition in CONDITIONS)
        if count > MOST_WORDS:
            self.refuse("body", f"it has {count} words; {MOST_WORDS} are the most")

    def check_marks(self, card: Card, body: str) -> None:
        if re.search(r"[{}]", MARK.sub("", body)):
            self.refuse("body", "a brace stands alone or inside another", "Write {figure: …} or {slot}.")
        used = {part.text for block in card.blocks for part in block.parts if part.kind == "slot"}
        for slot in sorted(used ^ card.words.keys()):
            if slot in used:
                self.refuse("body", f"unknown slot {{{slot}}}", f"Add a table [words.{slot}].")
            self.refuse(f"words.{slot}", f"the body does not use {{{slot}}}")

    def check_figures(self, card: Card) -> None:
        figures = [part for block in card.blocks for part in block.parts if part.kind == "figure"]
        if figures and card.fact_valid_until is None:
            self.refuse("fact_valid_until", "this is missing", "A card with figures says until when they are good.")
        plain = [part.text for block in card.blocks for part in block.parts if part.kind == "words"]
        plain += [said for words in card.words.values() for said in words.values()]
        for number in (found.group().rstrip(".,") for text in plain for found in NUMBER.finditer(text)):
            if number not in EMERGENCY:
                self.refuse("body", f"{number} is a figure", "Write {figure: …} around its sentence.")

    def check_law(self, card: Card) -> None:
        """PK3 and PK4: what only some places may say is said only under its condition."""
        for condition in ("usual", "enforceable"):
            for block in card.blocks:
                said = card.block_words(block, False, ENFORCEABLE if condition == "enforceable" else {})
                if MUST_NOT_STOP.search(said):
                    hint = "Say “please do not”, and the strong words under mandatory."
                    self.refuse("body", "not every school may say “must not stop” (PK3)", hint)
                pavement = any(
                    "pavement" in sentence and PAVEMENT_OFFENCE.search(sentence) for sentence in said.split(". ")
                )
                if condition == "usual" and pavement:
                    hint = "Say it under enforceable."
                    self.refuse("body", "parking on a pavement is not an offence everywhere (PK4)", hint)

    def refuse(self, column: str, message: str, hint: str = "") -> NoReturn:
        raise CardError(self.file, column, message, hint)


ENFORCEABLE = {"pavement_enforceable": "yes"}
MANDATORY = {"skc_kind": "mandatory", "skc_times": "in term time"}


def blocks_of(body: str) -> Iterator[Block]:
    """Paragraphs and list lines, in their order."""
    waiting: list[str] = []
    for line in [*body.strip().splitlines(), ""]:
        is_item = line.startswith("- ")
        if waiting and (is_item or not line.strip()):
            yield Block("text", tuple(parts_of(" ".join(waiting))))
            waiting = []
        if is_item:
            yield Block("item", tuple(parts_of(line[2:].strip())))
        elif line.strip():
            waiting.append(line.strip())


def parts_of(line: str) -> Iterator[Part]:
    at = 0
    for mark in MARK.finditer(line):
        if mark.start() > at:
            yield Part("words", line[at : mark.start()])
        yield Part("slot", mark["slot"]) if mark["slot"] else Part("figure", mark["figure"])
        at = mark.end()
    if at < len(line):
        yield Part("words", line[at:])


def words_of(card: Card, condition: str) -> list[str]:
    school = {"mandatory": MANDATORY, "enforceable": ENFORCEABLE}.get(condition, {})
    return " ".join(card.block_words(block, False, school) for block in card.blocks).split()


def meant(word: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(word, known, 1)
    return f"Did you mean {close[0]}?" if close else f"There are: {', '.join(known)}."
