from __future__ import annotations

from supamanager_api.projects import refs, words
from supamanager_kube import names


def test_the_words():
    assert len(set(words.WORDS)) == len(words.WORDS) >= 800
    assert all(4 <= len(word) <= 8 and word.isascii() and word.islower() for word in words.WORDS)


def test_a_ref_is_words():
    def splits(text: str) -> bool:
        return not text or any(
            splits(text[size:]) for size in range(4, 9) if text[:size] in words.WORDS
        )

    drawn = {refs.draw() for _ in range(300)}
    assert len(drawn) == 300
    for ref in drawn:
        assert names.REF.fullmatch(ref)
        assert splits(ref)


def test_every_row_of_words_is_drawn(monkeypatch):
    """No word of 8 letters, one of them, or two, in any order."""
    monkeypatch.setattr(words, "WORDS", ("abcd", "efghijkl", "mnopqrst"))
    refs.combinations.cache_clear()
    try:
        assert refs.combinations(20) == 1 + 4 * 2 + 3 * 4
        drawn = {refs.draw() for _ in range(2000)}
        assert len(drawn) == refs.combinations(20)
    finally:
        refs.combinations.cache_clear()


def test_there_are_enough():
    assert refs.combinations(20) > 2**36
