import io
import time

import numpy as np
import pytest

from w2v_cli.pictures.canvas import measure
from w2v_cli.pictures.projection import Projection, project
from w2v_cli.pictures.scatter import draw_words
from w2v_cli.pictures.style import FORMATS, STYLES
from w2v_cli.pictures.words import CS224N_WORDS, Grouping, default_groups

MAGIC = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


def vectors(n, seed=1, dim=6):
    return np.random.default_rng(seed).normal(size=(n, dim))


def picture(words, rows=None, grouping=None, **options):
    rows = vectors(len(words)) if rows is None else rows
    return draw_words(words, project(rows), grouping, title="title", **options)


def saved(drawn, file_format):
    file = io.BytesIO()
    drawn.save(file, file_format)
    return file.getvalue()


def texts(drawn):
    return {text.get_text(): text for text in drawn.axes[0].texts}


def boxes(drawn, labels):
    renderer = measure(drawn)
    found = texts(drawn)
    return [found[label].get_window_extent(renderer) for label in labels]


def n_overlaps(extents):
    return sum(
        a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1
        for i, a in enumerate(extents)
        for b in extents[:i]
    )


@pytest.mark.parametrize("file_format", FORMATS)
def test_each_format_is_written_and_repeatable(file_format):
    words = ["king", "queen", "a$b_c", "東京"]
    first = saved(picture(words), file_format)
    assert first.startswith(MAGIC[file_format])
    assert first == saved(picture(words), file_format)


@pytest.mark.parametrize(("n", "style"), [(150, "light"), *((25, style) for style in STYLES)])
def test_every_word_and_group_is_written_and_none_covers_another(n, style):
    words = [f"word{i}" for i in range(n)]
    rows = np.repeat(vectors(5), n // 5, axis=0) + 0.6 * vectors(n)
    grouping = default_groups(words, rows)
    drawn = picture(words, rows, grouping, style=style)
    names = [name for name in grouping.names if name in texts(drawn)]
    shown = [word for word in words if word in texts(drawn)]
    assert len(shown) == n if n == 25 else len(shown) > 0.9 * n
    assert n_overlaps(boxes(drawn, shown + names)) == 0
    legend = drawn.axes[0].get_legend()
    in_legend = [text.get_text() for text in legend.get_texts()] if legend else []
    assert sorted(names + in_legend) == sorted(grouping.names)


def test_all_words_of_the_course_are_labelled_inside_the_frame():
    drawn = picture(CS224N_WORDS, grouping=default_groups(CS224N_WORDS, vectors(24)))
    frame = drawn.axes[0].get_window_extent()
    for box in boxes(drawn, CS224N_WORDS):
        assert frame.x0 <= box.x0 < box.x1 <= frame.x1
        assert frame.y0 <= box.y0 < box.y1 <= frame.y1
    assert drawn.notes == []


def test_two_thousand_words_are_drawn_in_seconds_without_a_black_blob():
    words = [f"word{i}" for i in range(2000)]
    start = time.perf_counter()
    drawn = picture(words)
    assert time.perf_counter() - start < 60  # about 4 s on an idle machine
    shown = [word for word in words if word in texts(drawn)]
    assert n_overlaps(boxes(drawn, shown)) == 0
    assert drawn.notes == [f"{2000 - len(shown):,} of 2,000 words have no room for a label"]
    assert 200 < len(shown) < 2000


def test_the_svg_holds_words_groups_and_what_distances_mean_as_text():
    words = [f"word{i}" for i in range(30)]
    grouping = Grouping(("first", "second"), np.repeat([0, 1], 15))
    svg = saved(picture(words, grouping=grouping), "svg").decode()
    assert all(f">{word}<" in svg for word in [*words, "first", "second", "title"])
    assert "of the variance" in svg
    assert "PCA: a linear view" in svg


def test_words_are_text_in_a_pdf_too():
    assert b"/Subtype /Type0" in saved(picture(["a", "b"]), "pdf") or b"/FontDescriptor" in saved(
        picture(["a", "b"]), "pdf"
    )


def test_dots_are_where_the_words_are_and_both_axes_have_one_scale():
    words = [f"word{i}" for i in range(20)]
    projection = project(vectors(20) * [5, 1, 1, 1, 1, 1])
    drawn = draw_words(words, projection)
    axes = drawn.axes[0]
    dots = np.vstack([dots.get_offsets() for dots in axes.collections])
    np.testing.assert_allclose(np.sort(dots, axis=0), np.sort(projection.points, axis=0))
    box = axes.get_window_extent()
    width, height = np.ptp(axes.get_xlim()), np.ptp(axes.get_ylim())
    assert box.width / width == pytest.approx(box.height / height, rel=1e-6)


def test_groups_have_colours_and_frequent_words_have_larger_dots():
    counts = np.array([1, 10, 100, 1000])
    grouping = Grouping(("a", "b"), np.array([0, 0, 1, -1]))
    drawn = picture(list("wxyz"), grouping=grouping, counts=counts)
    none, first, second = drawn.axes[0].collections
    assert len({tuple(dots.get_facecolor()[0]) for dots in (none, first, second)}) == 3
    areas = [*first.get_sizes(), *second.get_sizes(), *none.get_sizes()]
    assert areas == sorted(areas)
    assert len(set(areas)) == 4


def test_a_far_word_is_marked_at_the_edge_and_named():
    points = np.vstack([vectors(30, dim=2), [[500.0, 0.0]]])
    drawn = draw_words([f"w{i}" for i in range(31)], Projection(points, np.zeros(2)))
    assert "beyond the frame, at its edge: w30" in drawn.notes
    assert drawn.axes[0].get_xlim()[1] < 20
    assert "w30" in texts(drawn)


@pytest.mark.parametrize("n", [1, 2, 3, 25])
@pytest.mark.parametrize("kind", ["random", "identical", "zero"])
def test_few_equal_and_zero_vectors_can_be_drawn(n, kind):
    rows = {"random": vectors(n), "identical": np.ones((n, 6)), "zero": np.zeros((n, 6))}[kind]
    words = [f"word{i}" for i in range(n)]
    drawn = picture(words, rows, default_groups(words, rows))
    assert saved(drawn, "png").startswith(MAGIC["png"])
    assert set(words) <= texts(drawn).keys()
    assert n_overlaps(boxes(drawn, words)) == 0


def test_long_words_are_cut_and_stay_on_one_line():
    words = ["w" * 200, "two\nlines", "tab\there", "\u202eturned"]
    shown = texts(picture(words))
    assert {"w" * 31 + "…", "two·lines", "tab·here", "·turned"} <= shown.keys()


def test_any_script_is_drawn_as_it_stands():
    words = ["東京", "مرحبا", "שלום", "नमस्ते", "😀", "$x^2$", "re\u0301sume\u0301", "<b>"]
    drawn = picture(words)
    assert set(words) <= texts(drawn).keys()
    svg = saved(drawn, "svg").decode()
    assert ">東京<" in svg
    assert "<b>" not in svg


def test_size_and_dpi_are_obeyed():
    drawn = picture(["a", "b"], size=(5, 4), dpi=80)
    assert saved(drawn, "png")[16:24] == (400).to_bytes(4, "big") + (320).to_bytes(4, "big")


def test_a_notebook_shows_the_picture():
    assert picture(["a", "b"])._repr_png_().startswith(MAGIC["png"])
