"""evaluate, export, convert, info: on a small trained run and on files."""

import json
import struct

import numpy as np
import pytest

from w2v_cli.vectors.formats.catalog import FORMATS
from w2v_cli.vectors.run_vectors import read_run_vectors
from w2v_cli.vectors.word_vectors import WordVectors, load

WORDS = ["king", "queen", "man", "woman", "tea", "rome"]
MATRIX = np.array(
    [[1, 1, 0, 1], [1, 0, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, -1], [0, 0, 0, 1]],
    np.float32,
)
PAIRS = "word1\tword2\tscore\nking\tqueen\t8\nking\ttea\t1\nman\twoman\t7\nking\tunknown\t5\n"
QUESTIONS = ": family\nman king woman queen\nman king woman tea\n: gram1\nMan king x y\n"


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.txt"
    WordVectors(WORDS, MATRIX).save(path)
    return path


@pytest.fixture
def sets(tmp_path):
    (tmp_path / "pairs.tsv").write_text(PAIRS)
    (tmp_path / "questions.txt").write_text(QUESTIONS)
    return tmp_path / "pairs.tsv", tmp_path / "questions.txt"


@pytest.fixture
def run(w2v, text, tmp_path):
    folder = tmp_path / "run"
    result = w2v("train", text, "--out", folder, "--dim", 6, "--engine", "reference", "--epochs", 2)
    assert result.code == 0
    return folder


def test_evaluate_prints_a_table_of_runs_side_by_side(w2v, model, run, sets):
    result = w2v("evaluate", model, *sets, "--compare", run)
    assert result.code == 0
    lines = result.out.splitlines()
    assert str(model) in lines[0]
    assert str(run) in lines[0]
    assert "3/0 of 4" in next(line for line in lines if line.startswith("pairs"))
    family = next(line for line in lines if line.startswith("  family"))
    assert family.split() == [
        *("family", "2/0", "of", "2"),
        *("50.0%", "[9.5%,", "90.5%]", "-"),
    ]
    assert next(line for line in lines if line.startswith("  total"))


def test_evaluate_as_json_and_with_options(w2v, model, sets):
    for extra, known in (((), 2), (("--restrict-vocab", 4), 1), (("--method", "mul"), 2)):
        content = json.loads(w2v("evaluate", model, *sets, "--json", *extra).out)
        pairs, questions = content["scores"]
        assert pairs["n_known"] == 3
        assert pairs["low"] <= pairs["spearman"] <= pairs["high"]
        assert questions["sections"][0]["n_known"] == known
        assert questions["sections"][0]["n_correct"] == 1
        assert questions["sections"][1]["accuracy"] is None


def test_evaluate_is_repeatable(w2v, model, sets):
    assert w2v("evaluate", model, *sets).out == w2v("evaluate", model, *sets).out


@pytest.mark.parametrize(
    ("pick", "code", "message"),
    [
        (lambda model, pairs: [model], 2, "give a FILE to score on"),
        (lambda model, pairs: [pairs, pairs], 2, "does not hold vectors; the order is: w2v eval"),
        (lambda model, pairs: [pairs, model], 2, "does not hold vectors; the order is: w2v eval"),
        (
            lambda model, pairs: [model, pairs, model],
            2,
            "is a file of vectors, not a file of pairs",
        ),
        (lambda model, pairs: [model, pairs.parent, pairs], 2, "is a folder, not a file of pairs"),
        (lambda model, pairs: [model, pairs, "--compare", pairs], 2, "does not hold vectors"),
        (lambda model, pairs: [model, pairs.with_name("nothing")], 1, "no such file"),
        (lambda model, pairs: [], 2, "Missing argument"),
    ],
)
def test_evaluate_called_wrongly(w2v, model, sets, pick, code, message):
    result = w2v("evaluate", *pick(model, sets[0]))
    assert result.code == code
    assert message in result.err


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "parquet"])
def test_export_of_a_run_reads_back_in_every_format(w2v, run, tmp_path, name):
    suffixes = FORMATS[name].suffixes or ("",)
    out = tmp_path / f"out{'.glove.txt' if name == 'glove' else suffixes[0]}"
    given = ["--format", name] if name == "model2vec" else []
    result = w2v("export", run, out, *given)
    assert result.code == 0
    assert result.out == ""
    expected = read_run_vectors(run)
    found = load(out)
    assert found.words == expected.words
    np.testing.assert_array_equal(found.matrix, expected.matrix())


def test_export_options(w2v, run, tmp_path):
    stored = read_run_vectors(run)
    center, outside = stored.embeddings.center, stored.embeddings.outside
    out = tmp_path / "out.npz"
    for option, expected in (
        (("--vectors", "outside"), outside),
        (("--vectors", "sum"), center + outside),
        (("--vectors", "concat"), np.concatenate([center, outside], axis=1)),
        (("--top", 7), center[:7]),
    ):
        assert w2v("export", run, out, *option, "--force").code == 0
        np.testing.assert_array_equal(load(out).matrix, expected)
    w2v("export", run, out, "--normalize", "--force")
    np.testing.assert_allclose(np.linalg.norm(load(out).matrix, axis=1), 1, rtol=1e-6)
    sizes = []
    for option in ((), ("--float16",), ("--quantize", "int8")):
        assert w2v("export", run, out, *option, "--force").code == 0
        sizes.append(out.stat().st_size)
    assert max(sizes[1:]) < sizes[0]


def test_the_model_card_tells_settings_and_no_paths(w2v, run, tmp_path):
    w2v("export", run, tmp_path / "card", "--normalize", "--float16", "--vectors", "sum")
    card = (tmp_path / "card" / "README.md").read_text()
    assert "dim = 6" in card
    assert "sum vectors" in card
    assert "normalized, float16" in card
    assert str(tmp_path) not in card


def test_convert_between_formats(w2v, model, tmp_path):
    chain = ["a.bin.gz", "b.vec", "c.npz", "d", "e.glove.txt", "f.tsv", "g.safetensors", "h.bin"]
    source = model
    for name in chain:
        assert w2v("export", source, tmp_path / name).code == 0
        source = tmp_path / name
    found = load(source)
    assert found.words == WORDS
    np.testing.assert_array_equal(found.matrix, MATRIX)


@pytest.mark.parametrize(
    ("out", "options", "code", "message"),
    [
        ("out.doc", (), 2, "--format"),
        ("out.bin", ("--float16",), 2, "cannot hold float16"),
        ("out.txt", ("--quantize", "int8"), 2, "cannot hold int8"),
        ("out.npz", ("--quantize", "int8", "--float16"), 2, "exclude"),
        ("out.npz.gz", (), 2, ".gz"),
        ("model.txt", (), 2, "would replace"),
        ("out.txt", ("--format", "word"), 2, "--format"),
        (".", ("--format", "huggingface"), 2, "not an empty folder"),
        ("pairs.tsv", (), 2, "not an empty folder"),
        ("pairs.tsv/out.txt", (), 1, "pairs.tsv"),
    ],
)
def test_convert_called_wrongly_writes_nothing(
    w2v, model, sets, tmp_path, out, options, code, message
):
    before = sorted(path.name for path in tmp_path.iterdir())
    result = w2v("export", model, tmp_path / out, *options)
    assert result.code == code
    assert message in result.err
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_an_existing_file_is_replaced_only_by_force(w2v, model, tmp_path):
    out = tmp_path / "out.bin"
    out.write_bytes(b"precious")
    result = w2v("export", model, out)
    assert result.code == 2
    assert "out.bin exists; choose another name, or replace it with --force" in result.err
    assert out.read_bytes() == b"precious"
    assert w2v("export", model, out, "--force").code == 0
    assert load(out).words == WORDS


def test_force_does_not_replace_a_folder_that_holds_something(w2v, model, tmp_path):
    (tmp_path / "folder").mkdir()
    assert w2v("export", model, tmp_path / "folder").code == 0  # empty: nothing is lost
    result = w2v("export", model, tmp_path / "folder", "--force")
    assert result.code == 2
    assert "not an empty folder" in result.err


def test_a_run_is_not_replaced_by_its_own_export(w2v, run):
    result = w2v("export", run, run / "vectors.safetensors")
    assert result.code == 2
    assert read_run_vectors(run)


def test_a_damaged_source_leaves_no_output(w2v, model, tmp_path):
    model.write_bytes(model.read_bytes()[:-30])
    result = w2v("export", model, tmp_path / "out.bin")
    assert result.code == 1
    assert "line" in result.err
    assert not (tmp_path / "out.bin").exists()


def test_info_of_a_run(w2v, run):
    text = w2v("info", run).out
    for part in (
        "finished",
        "dim = 6",
        "60 words",
        "┤",
        "epoch",
        "whole",
        "fingerprints",
        "default: ",
    ):
        assert part in text
    content = json.loads(w2v("info", run, "--json").out)
    assert content["n_words"] == 60
    assert content["settings"]["dim"] == 6
    assert [epoch["epoch"] for epoch in content["epochs"]] == [1, 2]
    assert set(content["fingerprints"]) == {"config", "corpus"}
    assert content["vectors"]["dim"] == 6


def test_settings_of_a_run_fit_a_terminal_and_read_well(w2v, run):
    lines = w2v("info", run).out.splitlines()
    shown = lines[lines.index("settings") + 1 : lines.index("epochs")]
    assert max(map(len, shown)) <= 80
    text = " ".join(shown)
    assert "lowercase = yes" in text
    assert "checkpoint_every = 300 " in text + " "


def test_info_of_a_damaged_run(w2v, run):
    checkpoints = sorted((run / "checkpoints").iterdir())
    checkpoints[-1].write_bytes(b"rubbish")
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"event": "rep')  # cut short by a power cut
    result = w2v("info", run)
    assert result.code == 0
    assert "damaged" in result.out
    (run / "metrics.jsonl").write_text("rubbish\n{}\n")
    result = w2v("info", run)
    assert result.code == 1
    assert "line 1 is not a report" in result.err


def test_info_of_a_run_that_has_only_begun(w2v, run):
    for path in (run / "checkpoints").iterdir():
        path.unlink()
    for name in ("metrics.jsonl", "vocab.tsv", "vectors.safetensors"):
        (run / name).unlink()
    result = w2v("info", run)
    assert result.code == 0
    assert "no checkpoint yet" in result.out


def test_info_of_files(w2v, model, tmp_path):
    content = json.loads(w2v("info", model, "--json").out)
    assert (content["format"], content["n_words"], content["dim"]) == ("text", 6, 4)
    assert "king queen" in w2v("info", model).out
    bad = tmp_path / "bad.bin"
    bad.write_bytes(b"1 1\na " + struct.pack("<f", float("nan")))
    result = w2v("info", bad)
    assert result.code == 1
    assert "has nan" in result.err
    assert w2v("info", tmp_path / "nothing").code == 1
