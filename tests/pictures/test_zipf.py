import numpy as np
import pytest

from w2v_cli.pictures.zipf import draw_zipf


def counts_of(n):
    return np.maximum(1, 10_000 // np.arange(1, n + 1)).astype(np.int64)


def test_it_shows_every_rank_the_law_and_what_a_min_count_covers():
    counts = counts_of(500)
    left, right = draw_zipf(counts, int(counts.sum()), title="a $text_").axes
    words, law = left.get_lines()
    assert words.get_xdata()[[0, -1]].tolist() == [1, 500]
    assert words.get_ydata()[[0, -1]].tolist() == [10_000, 20]
    assert "R²" in law.get_label()
    covered = right.get_lines()[0].get_ydata()
    assert covered[-1] == pytest.approx(100)
    assert np.all(np.diff(covered) > 0)
    assert [line.get_label()[:13] for line in right.get_lines()[1:]] == [
        "min_count 20:",
        "min_count 100",
    ]


@pytest.mark.parametrize("name", ["png", "svg", "pdf"])
def test_it_is_saved_in_every_format_with_two_words_too(tmp_path, name):
    draw_zipf(np.array([3, 2]), 9).save(tmp_path / f"z.{name}")
    assert (tmp_path / f"z.{name}").stat().st_size > 1000
