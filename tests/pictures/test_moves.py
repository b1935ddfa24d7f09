"""The picture of words that moved, and `w2v_cli.change`."""

import json

import numpy as np
import pytest

import w2v_cli
from w2v_cli.errors import DataError, UsageError

GIVEN = {"dim": 10, "subsample_threshold": 0, "top": 60}


def texts(n=1000, slices=2):
    """Two topics; `moved` goes from the first to the second, from slice to slice."""
    rng = np.random.default_rng(0)
    found = []
    for d in range(n):
        words = [f"{'ab'[d % 2]}{i}" for i in rng.integers(0, 25, 12)]
        if d % 25 == 0 and d % 2 == (d >= n // 2):
            words[6] = "moved"
        found.append(" ".join(words))
    size = n // slices
    return {f"s{i}": found[i * size : (i + 1) * size] for i in range(slices)}


@pytest.fixture(scope="module")
def change():
    return w2v_cli.change(texts(), **GIVEN)


@pytest.fixture(scope="module")
def path():
    """Four slices: `moved` changes sides between the second and the third."""
    return w2v_cli.change(texts(slices=4), min_count=2, words=["moved", "a1"], **GIVEN)


def test_the_result_has_words_neighbours_and_a_table(change):
    assert change.flagged[0] == "moved"
    near = change.neighbors("moved", 3)
    assert [word[0] for words in near.values() for word in words] == ["a"] * 3 + ["b"] * 3
    rows = change.table
    first = rows.iloc[0].to_dict() if hasattr(rows, "iloc") else rows[0]
    assert first["adjusted_p"] < 0.05
    assert first["tokens"] == {"s0": 10, "s1": 10}
    assert "s0 500, s1 500" in change.methods_sentence
    json.dumps(change.as_object(), allow_nan=False)
    with pytest.raises(DataError, match="'move' was not tested; did you mean moved"):
        change.neighbors("move")


def test_tokens_and_files_give_the_same(change, tmp_path):
    tokens = {name: [text.split() for text in part] for name, part in texts().items()}
    assert (w2v_cli.change(tokens, **GIVEN).verdict.p == change.verdict.p).all()
    for name, part in texts().items():
        (tmp_path / name).write_text("\n".join(part) + "\n")
    files = {name: tmp_path / name for name in texts()}
    assert (w2v_cli.change(files, **GIVEN).verdict.p == change.verdict.p).all()


@pytest.mark.parametrize("kind", ["pandas", "pyarrow"])
def test_tables_have_slices_in_a_column(change, kind):
    package = pytest.importorskip(kind)
    rows = [(text, name) for name, part in texts().items() for text in part]
    rows.insert(3, (None, "s0"))
    columns = {"text": [row[0] for row in rows], "slice": [row[1] for row in rows]}
    table = package.DataFrame(columns) if kind == "pandas" else package.table(columns)
    found = w2v_cli.change(table, by="slice", **GIVEN)
    assert found.slices == change.slices
    assert (found.verdict.p == change.verdict.p).all()
    with pytest.raises(UsageError, match="no column 'year', only: text, slice"):
        w2v_cli.change(table, by="year", **GIVEN)


def test_what_is_no_slices_is_refused():
    with pytest.raises(UsageError, match="one text is one slice"):
        w2v_cli.change({"a": ["x y"]})
    with pytest.raises(UsageError, match="give one kind"):
        w2v_cli.change({"a": ["x y"], "b": [["x", "y"]]})
    with pytest.raises(UsageError, match="a mapping already has slices"):
        w2v_cli.change({"a": ["x y"], "b": ["x"]}, by="year")
    with pytest.raises(UsageError, match='a table with by="column"'):
        w2v_cli.change(["x y", "z"])


def drawn_texts(picture):
    return {text.get_text() for axes in picture.axes for text in axes.texts}


def test_an_arrow_leads_from_slice_to_slice(change, path):
    picture = change.plot(["moved"], title="Moved")
    assert [axes.get_title(loc="left") for axes in picture.axes] == ["Moved"]
    assert {"moved (s0)", "moved (s1)"} <= drawn_texts(picture)
    arrows = [text for text in picture.axes[0].texts if text.get_text() == "" and text.arrow_patch]
    assert len(arrows) == 1
    picture = path.plot(["moved", "a1"])
    arrows = [text for text in picture.axes[0].texts if text.get_text() == "" and text.arrow_patch]
    assert len(arrows) == 2 * 3


def test_many_slices_have_a_curve_with_the_band_of_chance(path):
    ways, curves = path.plot(["moved"]).axes
    [line] = curves.lines
    cosine, mean, spread = path.verdict.pairs[path.place_of("moved"), :3].T
    np.testing.assert_allclose(line.get_ydata(), cosine)
    [band] = curves.collections
    edges = band.get_paths()[0].vertices[:, 1]
    assert edges.max() == pytest.approx((mean + 2 * spread).max())
    assert edges.min() == pytest.approx((mean - 2 * spread).min())
    assert "moved (s3)" in {text.get_text() for text in ways.texts}


def test_nothing_to_draw_is_said(path):
    with pytest.raises(DataError, match="was not tested"):
        path.plot(["nowhere"])
    with pytest.raises(DataError, match="name words"):
        path.plot([])


@pytest.mark.parametrize("suffix", ["svg", "html", "png"])
def test_the_command_writes_pictures_and_pages(w2v, tmp_path, suffix):
    for name, part in texts().items():
        (tmp_path / name).write_text("\n".join(part) + "\n")
    target = tmp_path / f"moved.{suffix}"
    given = ("--dim", 10, "--subsample-threshold", 0, "--top", 60, "--plot", target)
    result = w2v("change", tmp_path / "s0", tmp_path / "s1", *given)
    assert result.code == 0, result.err
    assert f"picture in {target}" in result.err
    if suffix != "png":
        assert "moved (s1)" in target.read_text()
    if suffix == "html":
        assert "<td>moved</td><td>10</td><td>10</td>" in target.read_text()
        assert "http" not in target.read_text().replace("http://www.w3.org", "")


def test_a_picture_in_no_known_format_is_refused_before_any_work(w2v, tmp_path):
    result = w2v("change", tmp_path / "a", tmp_path / "b", "--plot", tmp_path / "x.bmp")
    assert result.code == 2
    assert "must end in .png, .svg, .pdf or .html" in result.err
