import numpy as np
import pytest

from w2v_cli.pictures.heatmap import draw_heatmap, order_by_closeness
from w2v_cli.pictures.projection import unit_length


def test_words_that_belong_together_stand_side_by_side():
    rows = np.array([[1.0, 0, 0], [0, 1, 0], [0.9, 0.1, 0], [0.1, 1, 0], [0, 0, 1]])
    order = order_by_closeness(unit_length(rows))[0].tolist()
    assert abs(order.index(0) - order.index(2)) == 1
    assert abs(order.index(1) - order.index(3)) == 1


def test_the_table_holds_the_cosines_in_the_order_of_its_labels():
    rows = np.random.default_rng(1).normal(size=(6, 4))
    words = [f"w{i}" for i in range(6)]
    drawn = draw_heatmap(words, rows, title="t")
    table = drawn.axes[1]
    shown = [label.get_text() for label in table.get_yticklabels()]
    assert sorted(shown) == words
    assert shown == [label.get_text() for label in table.get_xticklabels()]
    unit = unit_length(rows)
    order = [words.index(word) for word in shown]
    np.testing.assert_allclose(table.images[0].get_array(), (unit @ unit.T)[np.ix_(order, order)])
    assert len(table.texts) == 30


def test_many_words_have_colours_without_numbers():
    rows = np.random.default_rng(1).normal(size=(40, 4))
    assert not draw_heatmap([f"w{i}" for i in range(40)], rows).axes[1].texts


@pytest.mark.parametrize("rows", [np.ones((3, 2)), np.zeros((2, 2)), np.eye(2)])
def test_equal_and_zero_vectors_are_drawn(rows):
    assert draw_heatmap(list("abc")[: len(rows)], rows).axes
