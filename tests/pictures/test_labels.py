import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2v_cli.pictures.labels import overlaps, place_labels

FRAME = np.array([0.0, 0.0, 1000.0, 800.0])


def placed(n, seed=1, frame=FRAME, spread=1.0, taken=None):
    rng = np.random.default_rng(seed)
    dots = (0.5 + spread * (rng.random((n, 2)) - 0.5)) * (frame[2:] - frame[:2]) + frame[:2]
    sizes = np.stack([rng.uniform(20, 90, n), np.full(n, 14.0)], axis=1)
    placement = place_labels(dots, np.full((n, 2), 4.0), sizes, frame, taken)
    boxes = np.hstack([placement.middles - sizes / 2, placement.middles + sizes / 2])
    return dots, placement, boxes[placement.placed]


def count_overlaps_slowly(boxes, others):
    return [
        [a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for b in others] for a in boxes
    ]


@settings(max_examples=25)
@given(st.integers(0, 10**6), st.integers(1, 60), st.floats(0, 1))
def test_no_label_covers_another_or_leaves_the_frame(seed, n, spread):
    _, _, boxes = placed(n, seed, spread=spread)
    found = overlaps(boxes, boxes)
    np.fill_diagonal(found, False)
    assert not found.any()
    assert (boxes[:, :2] >= FRAME[:2]).all()
    assert (boxes[:, 2:] <= FRAME[2:]).all()


@given(st.integers(0, 10**6))
def test_overlaps_are_those_found_one_by_one(seed):
    corners = np.random.default_rng(seed).integers(0, 9, size=(12, 2, 2)).astype(float)
    boxes = np.hstack([corners.min(axis=1), corners.max(axis=1)])
    assert overlaps(boxes[:5], boxes[5:]).tolist() == count_overlaps_slowly(boxes[:5], boxes[5:])


def test_every_label_finds_a_place_where_there_is_room():
    _, placement, _ = placed(40)
    assert placement.placed.all()


def test_twenty_five_words_at_one_point_all_keep_their_labels():
    _, placement, _ = placed(25, spread=0.0)
    assert placement.placed.all()
    assert placement.leaders.sum() >= 10


def test_labels_of_lone_dots_stand_beside_them_without_lines():
    dots = np.array([[100.0, 100], [500, 400], [900, 700]])
    placement = place_labels(dots, np.full((3, 2), 4.0), np.full((3, 2), [40.0, 14]), FRAME)
    assert not placement.leaders.any()
    assert (np.linalg.norm(placement.middles - dots, axis=1) < 40).all()


def test_labels_keep_clear_of_boxes_that_are_taken():
    taken = np.array([[300.0, 200, 700, 600]])
    _, _, boxes = placed(60, taken=taken)
    assert not overlaps(boxes, taken).any()


def test_important_labels_stay_when_there_is_no_room_for_all():
    frame = np.array([0.0, 0, 200, 60])
    _, placement, _ = placed(100, frame=frame)
    kept = np.flatnonzero(placement.placed)
    assert 0 < len(kept) < 100
    assert kept.mean() < 49.5


def test_the_same_dots_give_the_same_places():
    np.testing.assert_array_equal(placed(50)[1].middles, placed(50)[1].middles)


@pytest.mark.parametrize("n", [0, 1])
def test_few_labels_are_no_special_case(n):
    assert placed(n)[1].placed.sum() == n
