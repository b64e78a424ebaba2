"""The words on pupils' screens in the classroom: short sentences that an eight-year-old reads (MT19)."""

import re
from pathlib import Path

import pytest

import bootstrap

PWA = bootstrap.ROOT / "pwa" / "src"
FILES = [PWA / "studio" / "words.ts", PWA / "wow" / "words.ts"]
SHEETS = (PWA / "paper" / "sheets.tsx").read_text(encoding="utf-8")
LONGEST = 11  # words in a sentence
GRADE = 3.0  # Flesch and Kincaid's, five less than the age


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_mt19_no_sentence_is_longer_than_eleven_words(path: Path):
    assert [one for one in sentences(path) if len(words_in(one)) > LONGEST] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_mt19_an_eight_year_old_reads_them(path: Path):
    said = [words_in(one) for one in sentences(path)]
    count = sum(map(len, said))
    syllables = sum(syllables_in(word) for words in said for word in words)
    grade = 0.39 * count / len(said) + 11.8 * syllables / count - 15.59
    assert grade <= GRADE, f"{path.parent.name}: reading age {grade + 5:.1f}"


def test_mt7_every_printed_ticket_says_that_it_is_no_fine():
    ticket = between(SHEETS, "function Ticket(", "\n}\n")
    assert "A note from the children of" in ticket
    assert "This is not a fine." in ticket and "There is nothing to pay." in ticket


def test_mt8_nothing_printed_looks_like_a_real_penalty():
    printed = "\n".join(path.read_text(encoding="utf-8") for path in sorted((PWA / "paper").glob("*.tsx")))
    words = re.sub(r"/\*.*?\*/|//[^\n]*", "", printed, flags=re.S).lower()
    assert not re.findall(r"£|penalt|\bcharge|\bnotice\b|\bpcn\b|crest|barcode|\bcourt|deadline|illegal", words)
    assert not re.findall(r"(?<!not a )\bfine\b", words.replace("black and white is fine", ""))


def test_mt21_well_parked_stands_first_on_paper_and_as_large_as_the_others():
    faces = re.findall(r"code: '(green|amber|red)'", (PWA / "paper" / "reasons.tsx").read_text(encoding="utf-8"))
    assert faces == ["green", "amber", "red"]
    style = (PWA / "paper" / "paper.css").read_text(encoding="utf-8")
    assert "grid-template-columns: repeat(3, 1fr)" in between(style, ".paper-faces {", "}")


def between(text: str, start: str, end: str) -> str:
    _, found, rest = text.partition(start)
    assert found
    return rest.partition(end)[0]


def test_the_measure_knows_a_hard_sentence():
    assert [syllables_in(word) for word in ("made", "picture", "notification", "walked")] == [1, 2, 5, 1]


def sentences(path: Path) -> list[str]:
    texts = re.findall(r"'([^'\n]+)'|`([^`\n]+)`", path.read_text(encoding="utf-8"))
    plain = [re.sub(r"\$\{[^}]*\}", "3", one or other) for one, other in texts]
    found = [sentence.strip() for text in plain for sentence in re.split(r"(?<=[.!?])\s+", text)]
    assert len(found) > 15
    return [sentence for sentence in found if words_in(sentence)]


def words_in(sentence: str) -> list[str]:
    return re.findall(r"[a-z0-9]+(?:'[a-z]+)?", sentence.lower())


def syllables_in(word: str) -> int:
    """Groups of vowels, without a silent e at the end."""
    quiet = re.sub(r"(?<=[^aeiouyl])e$|(?<=[^aeiouytd])ed$", "", word)
    return max(1, len(re.findall(r"[aeiouy]+", quiet)))
