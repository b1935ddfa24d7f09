"""Queries speak the run's language, and say what they cannot know."""

import json
import warnings

import numpy as np
import pytest

import w2v_cli
from reported.inputs import SETTINGS, start
from w2v_cli import W2VError

LINES = "The King of 1984 drinks café\nThe Queen of 2024 drinks café\n" * 20

#: Settings of a run, a query as people write it, and the word that the run has for it.
FOLDED = {
    "case": ({}, "King", "king"),
    "digits": ({"fold_digits": True}, "1999", "0000"),
    "normal form": ({"normalize": "nfc"}, "cafe\u0301", "café"),
    "all": ({"fold_digits": True, "normalize": "nfkc"}, "ＫＩＮＧ", "king"),
    "case kept": ({"lowercase": False}, "King", "King"),
}
#: Where a word is a query; QUERY stands for it.
DOORS = [
    "neighbors RUN QUERY", "similarity RUN QUERY queen", "analogy RUN QUERY queen the",
    "odd-one-out RUN QUERY queen the", "vector RUN QUERY", "compare RUN RUN --words QUERY",
    "plot RUN --neighbors-of QUERY --out p.svg", "neighbors RUN --file q.txt",
    "export RUN o.txt --words q.txt",
]  # fmt: skip


@pytest.fixture
def folded(make_run):
    def make(kind):
        settings, query, word = FOLDED[kind]
        lines = LINES if "lowercase" not in settings else LINES + "queen queen the\n" * 5
        return make_run(lines, **settings), query, word

    return make


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", FOLDED)
def test_query_words_are_folded_as_the_run_folds(w2v, folded, tmp_path, monkeypatch, kind, door):
    """Right: the query finds the word that the text's words became."""
    run, query, word = folded(kind)
    assert word in run.vectors.words
    monkeypatch.chdir(tmp_path)
    (tmp_path / "q.txt").write_text(query + "\n")
    arguments = [{"RUN": run.path, "QUERY": query}.get(part, part) for part in door.split()]
    result = w2v(*arguments)
    assert result.code == 0, result.err


@pytest.mark.parametrize("kind", FOLDED)
def test_python_folds_query_words(folded, kind):
    """Right: the vector, the neighbours and membership are those of the run's word."""
    run, query, word = folded(kind)
    vectors = run.vectors
    np.testing.assert_array_equal(vectors[query], vectors[word])
    assert vectors.neighbors(query) == vectors.neighbors(word)
    assert vectors.similarity(query, word) == pytest.approx(1, abs=1e-5)
    assert query in vectors
    again = w2v_cli.load(run.path)
    np.testing.assert_array_equal(again[query], again[word])


def test_a_query_is_not_folded_where_the_run_did_not(w2v, make_run):
    """Right: `king` is no word of a run that kept upper case, and stays unknown."""
    run = make_run("The King drinks TEA\n" * 20, lowercase=False)
    assert w2v("neighbors", run.path, "tea").code == 1


# Texts become words as in the training.

TOKENIZERS = {
    "whitespace": ("New_York U.S. Tea rain\nTea U.S. New_York rain\n", ["New_York U.S.", "Tea"]),
    "characters": ("雨水茶\n茶水雨\n", ["雨水", "茶"]),
    "uax29": ("can't stop 3.5 Tea\nTea 3.5 can't go\n", ["can't 3.5", "tea"]),
    "words": ("The King, TEA!\nTea the king\n", ["KING!", "tea, the"]),
}


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_python_embeds_as_the_command_line_does(w2v, make_run, tmp_path, tokenizer):
    """Right: the rows of `w2v embed RUN`, none of them zeros, also after `load`."""
    text, queries = TOKENIZERS[tokenizer]
    run = make_run(text * 20, tokenizer=tokenizer)
    (tmp_path / "q.txt").write_text("\n".join(queries) + "\n")
    result = w2v("embed", run.path, tmp_path / "q.txt")
    assert result.code == 0, result.err
    rows = np.array([line.split("\t") for line in result.out.splitlines()], float)
    for vectors in (run.vectors, w2v_cli.load(run.path)):
        mine = vectors.embed(queries)
        assert np.abs(mine).sum(1).all()
        np.testing.assert_allclose(mine, rows, atol=1e-5)


@pytest.mark.parametrize("tokenizer", TOKENIZERS)
def test_saving_for_model2vec_passes_the_tokenizer_on(w2v, make_run, tmp_path, tokenizer):
    """Right: `save` writes the tokenizer that `w2v export` writes."""
    run = make_run(TOKENIZERS[tokenizer][0] * 20, tokenizer=tokenizer)
    codes = [min(1, w2v("export", run.path, tmp_path / "a", "--format", "model2vec").code)]
    try:
        run.vectors.save(tmp_path / "b", format="model2vec")
    except W2VError:
        codes.append(1)
    else:
        codes.append(0)
    assert codes in ([0, 0], [1, 1])
    if codes == [0, 0]:
        written = [(tmp_path / name / "tokenizer.json").read_bytes() for name in "ab"]
        assert written[0] == written[1]


def test_one_text_is_one_row(vec):
    """Right: a string is one text, not its letters: one row, or a UsageError."""
    vectors = w2v_cli.load(vec)
    try:
        rows = np.atleast_2d(vectors.embed("king queen"))
    except W2VError:
        return
    np.testing.assert_allclose(rows, vectors.embed(["king queen"]))


def test_tokens_are_embedded_as_they_are_trained(vec):
    """Right: a list of words is a text whose words are known."""
    vectors = w2v_cli.load(vec)
    both = vectors.embed([["king", "queen"], ("man",)])
    np.testing.assert_allclose(both, vectors.embed(["king queen", "man"]))


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan, np.float32("nan")])
def test_missing_texts_are_rows_of_zeros(vec, missing):
    """Right: row i is text i; a missing value has no words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = w2v_cli.load(vec).embed(["king", missing, "man"])
    np.testing.assert_array_equal(rows[1], 0)
    assert rows.shape == (3, 2)


@pytest.mark.parametrize("missing", [None, float("nan"), np.nan])
@pytest.mark.parametrize("place", [0, 1, 50])
def test_missing_values_pass_in_training(tmp_path, missing, place):
    """Right: they are passed over, as an empty cell of a CSV file is."""
    lines = ["tea milk cup water", "rain snow wind sun"] * 50
    lines.insert(place, missing)
    run = w2v_cli.train(lines, out=tmp_path / "r", **SETTINGS)
    assert len(run.vectors) == 8
    tokens = [line if line is missing else line.split() for line in lines]
    assert len(w2v_cli.train(tokens, out=tmp_path / "t", **SETTINGS).vectors) == 8


def test_missing_values_of_pandas_pass(tmp_path):
    """Right: NaN and NA in a Series, a string column and a frame are passed over."""
    pandas = pytest.importorskip("pandas")
    lines = ["tea milk cup water", None, "rain snow wind sun"] * 30
    kinds = [
        (pandas.Series(lines), {}),
        (pandas.Series(lines, dtype="string"), {}),
        (pandas.DataFrame({"text": lines}), {"text_field": "text"}),
    ]
    for i, (data, more) in enumerate(kinds):
        run = w2v_cli.train(data, out=tmp_path / str(i), **SETTINGS, **more)
        assert len(run.vectors) == 8


def test_rows_of_zeros_are_told_in_python_too(vec):
    """Right: one warning that counts the texts without a known word."""
    with pytest.warns(UserWarning, match="2"):
        w2v_cli.load(vec).embed(["king", "unheard", "never"])


def test_sif_of_a_single_line_says_that_it_is_of_no_use(w2v, make_run, tmp_path):
    """Right: what all lines have in common is all there is; a note or an error says so."""
    run = make_run("king queen man woman\n" * 20).path
    (tmp_path / "one.txt").write_text("king queen\n")
    result = w2v("embed", run, tmp_path / "one.txt", "--weights", "sif")
    assert "one" in result.err.lower() or "single" in result.err.lower()
    assert "sif" in result.err.lower()


@pytest.fixture
def unfinished(make_run, tmp_path):
    """A run of ten epochs that was stopped after three."""
    seen = []

    def stop(report):
        seen.append(report)
        if len(seen) == 3:
            raise KeyboardInterrupt

    path = tmp_path / "text.txt"
    path.write_text("king queen man woman\n" * 50)
    settings = SETTINGS | {"epochs": 10}
    try:
        w2v_cli.train(paths=path, out=tmp_path / "stopped", on_report=stop, **settings)
    except BaseException as error:
        assert isinstance(error, (KeyboardInterrupt, W2VError))  # noqa: PT017
    assert seen
    return tmp_path / "stopped"


@pytest.mark.parametrize(
    "command", ["neighbors R king", "similarity R king queen", "evaluate R P", "export R o.txt"]
)
def test_an_unfinished_run_says_so(w2v, unfinished, pairs, tmp_path, monkeypatch, command):
    """Right: the answer comes, with a note that the training is not at its end."""
    monkeypatch.chdir(tmp_path)
    places = {"R": unfinished, "P": pairs}
    result = w2v(*[places.get(part, part) for part in command.split()])
    text = result.err.lower()
    assert "unfinished" in text or "not finished" in text or "--resume" in text


def test_queries_by_standard_input_are_folded(make_run):
    """Right: what is typed at the prompt is folded like an argument."""
    run = make_run(LINES).path
    result = start("neighbors", run, "--json", input="King\nTHE\n")
    assert result.returncode == 0, result.stderr
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [bool(row["neighbors"]) for row in found] == [True, True]
