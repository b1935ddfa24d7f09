import io

import numpy as np
import pytest

from w2v_cli.pictures.plotting import FORMATS, draw_words
from w2v_cli.pictures.projection import project

MAGIC = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


def drawn(words, file_format, seed=1):
    file = io.BytesIO()
    points = project(np.random.default_rng(seed).normal(size=(len(words), 5)))
    draw_words(file, words, points, "title", file_format)
    return file.getvalue()


@pytest.mark.parametrize("file_format", FORMATS)
def test_each_format_is_written_and_repeatable(file_format):
    words = ["king", "queen", "a$b_c", "東京"]
    first = drawn(words, file_format)
    assert first.startswith(MAGIC[file_format])
    assert first == drawn(words, file_format)


def test_the_svg_holds_every_word_and_the_variance():
    words = [f"word{i}" for i in range(30)]
    svg = drawn(words, "svg").decode()
    assert all(f">{word}<" in svg for word in words)
    assert "of the variance" in svg


def test_a_single_word_can_be_drawn():
    assert drawn(["alone"], "png").startswith(MAGIC["png"])
