"""The words on pupils' screens in the classroom: short sentences that an eight-year-old reads (MT19)."""

import re
from pathlib import Path

import pytest

import bootstrap

PWA = bootstrap.ROOT / "pwa" / "src"
FILES = [PWA / "studio" / "words.ts", PWA / "wow" / "words.ts"]
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
