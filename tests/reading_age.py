"""How old a reader must be: Flesch-Kincaid's grade and five years, counted by our own few lines.

The formula is weak on short texts and knows nothing of hard words that are short, so people read the texts as well.
"""

import re

VOWELS = re.compile(r"[aeiouy]+")
SENTENCE = re.compile(r"[.!?:]+(?:\s|$)|\n")


def reading_age(text: str) -> float:
    words = re.findall(r"[A-Za-z’']+", text)
    sentences = [part for part in SENTENCE.split(text) if re.search(r"[A-Za-z]", part)]
    syllables = sum(syllables_of(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59 + 5


def syllables_of(word: str) -> int:
    """Groups of vowels, without those that are not heard at the end."""
    heard = re.sub(r"(?<![aeiouyl])e$|(?<![td])ed$|(?<![szxc])es$", "", re.sub(r"[^a-z]", "", word.lower()))
    return max(1, len(VOWELS.findall(heard)))
