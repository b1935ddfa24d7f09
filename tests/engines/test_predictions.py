"""Windows as predictions, against loops over windows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.engines.predictions import by_distinct_word, joined, predictions_of
from w2v_cli.text.windows import Windows

V = np.random.default_rng(0).standard_normal((9, 4))


@st.composite
def windows(draw):
    sizes = draw(st.lists(st.integers(0, 4), min_size=1, max_size=8))
    word = st.integers(0, 8)
    centers = draw(st.lists(word, min_size=len(sizes), max_size=len(sizes)))
    outsides = draw(st.lists(word, min_size=sum(sizes), max_size=sum(sizes)))
    which = np.repeat(np.arange(len(sizes)), sizes)
    return Windows(np.array(centers), which, np.array(outsides, np.int64))


def predicted(predictions):
    """Each input with the word that it predicts."""
    inputs = predictions.inputs(V)
    return [
        (inputs[row], target)
        for row, target in zip(predictions.which, predictions.targets, strict=True)
    ]


def assert_predicts(predictions, expected):
    found = predicted(predictions)
    assert [target for _, target in found] == [target for _, target in expected]
    for (row, _), (wanted, _) in zip(found, expected, strict=True):
        np.testing.assert_allclose(row, wanted)


def skip_gram_of(windows):
    return [
        (V[windows.centers[w]], o) for w, o in zip(windows.which, windows.outsides, strict=True)
    ]


def cbow_of(windows):
    around = [windows.outsides[windows.which == w] for w in range(len(windows.centers))]
    return [
        (V[words].mean(axis=0), c)
        for words, c in zip(around, windows.centers, strict=True)
        if len(words)
    ]


@given(windows())
def test_skip_gram_predicts_each_word_around(windows):
    predictions = predictions_of(windows, predicts_center=False)
    assert_predicts(predictions, skip_gram_of(windows))
    assert_predicts(by_distinct_word(predictions), skip_gram_of(windows))
    assert len(by_distinct_word(predictions)) == len(set(windows.centers.tolist()))


@given(windows())
def test_cbow_predicts_each_centre_from_the_mean_around_it(windows):
    predictions = predictions_of(windows, predicts_center=True)
    assert_predicts(predictions, cbow_of(windows))


@given(windows(), st.integers(1, 9), st.booleans())
def test_batches_are_all_rows_in_order(windows, size, is_cbow):
    whole = predictions_of(windows, is_cbow)
    parts = [whole.batch(first, size) for first in range(0, len(whole), size)]
    assert all(len(part) <= size for part in parts)
    assert_predicts(joined(parts), predicted(whole))


@given(windows())
def test_each_word_of_a_mean_gets_its_share_of_the_gradient(windows):
    predictions = predictions_of(windows, predicts_center=True)
    grad_inputs = np.random.default_rng(1).standard_normal((len(predictions), 4))
    found = np.zeros_like(V)
    np.add.at(found, predictions.words, predictions.by_word(grad_inputs))
    for word, direction in np.ndindex(V.shape):
        step = np.zeros_like(V)
        step[word, direction] = 1.0
        slope = (predictions.inputs(step) * grad_inputs).sum()  # inputs are linear in V
        np.testing.assert_allclose(found[word, direction], slope, atol=1e-12)


def test_nothing_is_joined_to_nothing():
    assert len(joined([])) == 0
