"""`w2v compare`, as typed."""

import json

import numpy as np
import pytest

import w2v_cli

GIVEN = {"engine": "reference", "min_count": 1, "subsample_threshold": 0, "dim": 5}


@pytest.fixture
def runs(text, tmp_path):
    for name, given in (("one", {"epochs": 3, "holdout": 0.1}), ("two", {"epochs": 2, "lr": 0.01})):
        w2v_cli.train(paths=text, out=tmp_path / name, **GIVEN, **given)
    return tmp_path / "one", tmp_path / "two"


@pytest.fixture
def pairs(tmp_path):
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"w{i}\tw{i + 1}\t{i % 7}\n" for i in range(20)))
    return path


def test_it_shows_what_differs(w2v, runs, pairs):
    result = w2v("compare", *runs, "--eval", pairs, "--words", "w1 w2", "--moved", 3)
    assert result.code == 0, result.err
    rows = [line.split() for line in result.out.splitlines()]
    assert ["epochs", "3", "2"] in rows
    assert ["holdout", "0.1", "0.0"] in rows
    assert not any("dim" in row for row in rows), "the same in both"
    assert any(row[:1] == ["3"] and row[-1] == "-" and "held" in row for row in rows)
    assert any(row[:1] == ["pairs"] and "[" in row[-1] + row[-2] for row in rows)
    assert "moved most from A to B (60 shared words; mean cosine of 60:" in result.out
    assert max(map(len, result.out.splitlines())) <= 80 + len(str(runs[0])) * 2


def test_losses_of_two_kinds_are_not_put_side_by_side_in_silence(w2v, runs, text, tmp_path):
    w2v_cli.train(paths=text, out=tmp_path / "soft", loss="naive-softmax", epochs=1, **GIVEN)
    note = "loss per pair (of different losses: not comparable)"
    assert note in w2v("compare", runs[0], tmp_path / "soft").out
    assert note not in w2v("compare", *runs).out


def test_scores_have_intervals_and_differences(w2v, runs, pairs, tmp_path):
    questions = tmp_path / "questions.txt"
    rows = "".join(f"w{i} w{i + 1} w{i + 2} w{i + 3}\n" for i in range(12))
    questions.write_text(f": places\n{rows}: gram1\n{rows}")
    given = ["compare", *runs, "--eval", pairs, "--eval", questions]
    lines = w2v(*given).out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("scores minus those of A"))
    assert any(line.split()[:2] == ["total", "24"] and "[" in line for line in lines[:at])
    shown = [line.split() for line in lines[at + 3 : at + 7]]
    assert [row[:2] for row in shown[:1]] == [["pairs", "20"]]
    assert [row[:3] for row in shown[1:]] == [
        ["questions", part, n]
        for part, n in (("semantic", "12"), ("syntactic", "12"), ("total", "24"))
    ]
    content = json.loads(w2v(*given, "--json").out)
    total = content["runs"][1]["scores"][1]["totals"][-1]
    assert total["low"] <= total["accuracy"] <= total["high"]
    (differences,) = content["differences"]
    assert differences["path"] == str(runs[1])
    parts = [each.get("part") for each in differences["scores"]]
    assert parts == [None, "semantic", "syntactic", "total"]
    assert all(each["low"] <= each["value"] <= each["high"] for each in differences["scores"])


def test_scores_of_many_runs_fit_the_terminal(w2v, runs, pairs):
    questions = pairs.with_name("questions.txt")
    questions.write_text("".join(f"w{i} w{i + 1} w{i + 2} w{i + 3}\n" for i in range(12)))
    given = ["compare", *runs, *runs, runs[0], "--eval", pairs, "--eval", questions]
    lines = w2v(*given).out.splitlines()
    start, end = (
        next(i for i, x in enumerate(lines) if x.startswith(y)) for y in ("scores", "moved")
    )
    assert [x.split() for x in lines[start:end] if x.split()[:1] == ["known"]] == [
        ["known", *letters] for letters in ("AB", "CD", "E", "BC", "DE")
    ]
    assert max(map(len, lines[start:end])) <= 80


def test_as_json_everything_is_there(w2v, runs, pairs):
    content = json.loads(w2v("compare", *runs, "--eval", pairs, "--moved", 4, "--json").out)
    assert [run["n_words"] for run in content["runs"]] == [60, 60]
    assert content["settings"]["epochs"] == [3, 2]
    assert len(content["runs"][0]["epochs"]) == 3
    assert content["runs"][1]["scores"][0]["kind"] == "similarity"
    (moved,) = content["moved"]
    cosines = [each["cosine"] for each in moved["words"]]
    assert cosines == sorted(cosines)
    assert len(cosines) == 4
    assert list(content["neighbors"]) != []
    assert all(len(near) == 2 for near in content["neighbors"].values())


def test_files_of_vectors_are_compared_too(w2v, runs, tmp_path):
    w2v_cli.load(runs[0]).save(tmp_path / "v.txt")
    result = w2v("compare", runs[0], tmp_path / "v.txt", runs[1], "--vectors", "center")
    assert result.code == 0, result.err
    assert "moved most from A to B (60 shared words; mean cosine of 60: 1.000)" in result.out
    assert "moved most from A to C" in result.out


def test_words_that_one_side_lacks_have_no_neighbors_there(w2v, runs, tmp_path):
    vectors = w2v_cli.load(runs[0])
    few = w2v_cli.WordVectors(vectors.words[:9], np.array(vectors.matrix[:9]))
    few.save(tmp_path / "few.npz")
    given = ["compare", runs[0], tmp_path / "few.npz", "--words", "w40 zzz", "--json"]
    result = w2v(*given)
    assert "no vectors know 'zzz'" in result.err
    near = json.loads(result.out)["neighbors"]["w40"]
    assert (len(near[0]), len(near[1])) == (5, 0)
    assert w2v(*given[:-1]).code == 0


def test_curves_are_drawn_into_a_folder_that_is_made(w2v, runs, tmp_path):
    picture = tmp_path / "new" / "curves.png"
    result = w2v("compare", *runs, "--plot", picture)
    assert f"curves in {picture}" in result.err
    assert picture.stat().st_size > 5_000


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        (["{one}"], 2, "give two or more runs or files of vectors, got 1"),
        (["{one}", "nothing"], 1, "no such file or folder"),
        (["{one}", "{two}", "--words", "zzz"], 1, "none of the words is known"),
        (["{one}", "{two}", "--eval", "nothing.tsv"], 1, "nothing.tsv"),
        (["{one}", "{two}", "--eval", "{one}"], 1, "is a folder; give a file of rated pairs"),
        (["{one}", "{other}"], 1, "the vectors have no word in common"),
        (["{file}", "{file}", "--plot", "c.png"], 2, "none of these is a run"),
        (["{one}", "{two}", "--plot", "c.doc"], 2, "c.doc"),
    ],
)
def test_called_wrongly(w2v, runs, tmp_path, given, code, message):
    w2v_cli.load(runs[0]).save(tmp_path / "v.npz")
    (tmp_path / "other.txt").write_text("2 2\nx 1 2\ny 3 4\n")
    places = {"one": runs[0], "two": runs[1]}
    places |= {"file": tmp_path / "v.npz", "other": tmp_path / "other.txt"}
    result = w2v("compare", *(each.format(**places) for each in given))
    assert result.code == code, result.err
    assert message in result.err
