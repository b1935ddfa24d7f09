"""What moved between two spaces, whatever way they are turned."""

import numpy as np
import pytest

from w2v_cli.errors import DataError
from w2v_cli.vectors import alignment
from w2v_cli.vectors.alignment import find_movement
from w2v_cli.vectors.word_vectors import WordVectors

WORDS = [f"w{i}" for i in range(40)]


@pytest.fixture
def spaces():
    rng = np.random.default_rng(4)
    first = rng.normal(size=(40, 6))
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    second = 3 * first @ turn * rng.uniform(0.1, 2, size=(40, 1))  # lengths do not matter
    return first.astype(np.float32), second.astype(np.float32)


def test_a_turned_space_has_not_moved(spaces):
    found = find_movement(WordVectors(WORDS, spaces[0]), WordVectors(WORDS, spaces[1]), 40)
    np.testing.assert_allclose(found.cosines, 1, atol=1e-5)
    assert found.n_shared == len(found.words) == 40


def test_the_words_that_moved_come_first(spaces):
    first, second = spaces
    second[7], second[3] = -second[7], second[4]
    found = find_movement(WordVectors(WORDS, first), WordVectors(WORDS, second), 40)
    assert set(found.words[:2]) == {"w7", "w3"}
    assert found.cosines[0] < 0
    assert found.cosines[2] > 0.8
    assert found.mean == pytest.approx(found.cosines.mean())


def test_only_shared_words_among_the_most_frequent_are_looked_at(spaces):
    first, second = spaces
    rest = WordVectors(["x", *WORDS[5:]], second[4:])
    found = find_movement(WordVectors(WORDS, first), rest, 10)
    assert found.n_shared == 35
    assert sorted(found.words) == sorted(WORDS[5:15])


def test_a_part_of_the_words_decides_the_rotation(spaces, monkeypatch):
    monkeypatch.setattr(alignment, "MOST_ALIGNED", 30)
    first, second = spaces
    second[30:] = 0  # would spoil it
    found = find_movement(WordVectors(WORDS, first), WordVectors(WORDS, second), 30)
    np.testing.assert_allclose(found.cosines, 1, atol=1e-5)


def test_spaces_of_other_width_are_compared(spaces):
    wide = np.pad(spaces[1], ((0, 0), (0, 3)))
    found = find_movement(WordVectors(WORDS, spaces[0]), WordVectors(WORDS, wide), 40)
    np.testing.assert_allclose(found.cosines, 1, atol=1e-5)


def test_strangers_cannot_be_compared(spaces):
    other = WordVectors(["a", "w3"], spaces[0][:2])
    with pytest.raises(DataError, match="only the word 'w3' in common"):
        find_movement(WordVectors(WORDS, spaces[0]), other, 9)
