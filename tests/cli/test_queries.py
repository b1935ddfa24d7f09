"""neighbors, analogy, similarity, odd-one-out: arguments, files, pipes, a prompt, mistakes."""

import io
import json
from typing import get_args

import numpy as np
import pytest

from w2v_cli.engines.base import Embeddings
from w2v_cli.engines.settings import Which
from w2v_cli.vectors.answers import Method
from w2v_cli.vectors.run_vectors import write_run_vectors
from w2v_cli.vectors.word_vectors import WordVectors

WORDS = ["king", "queen", "man", "woman", "tea", "雨"]
MATRIX = np.array(
    [[1, 1, 0, 1], [1, 0, 1, 1], [1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, -1], [0, 0, 0, -2]],
    np.float32,
)


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.bin"
    WordVectors(WORDS, MATRIX).save(path)
    return path


@pytest.fixture
def stdin(monkeypatch):
    def give(content, terminal=False):
        stream = io.TextIOWrapper(io.BytesIO(content.encode()), encoding="utf-8")
        stream.isatty = lambda: terminal
        monkeypatch.setattr("sys.stdin", stream)

    give("")
    return give


def test_neighbors_are_aligned_under_their_word(w2v, model):
    result = w2v("neighbors", model, "king", "雨", "-n", 2)
    assert result.code == 0
    assert result.out == (
        "king\n  man    0.8165\n  queen  0.6667\n雨\n  tea  0.7071\n  man  0.0000\n"
    )


def test_a_run_folder_and_the_choice_of_vectors(w2v, tmp_path):
    embeddings = Embeddings(MATRIX, MATRIX[::-1].copy())
    write_run_vectors(tmp_path / "vectors.safetensors", WORDS, np.ones(6), embeddings)
    center = json.loads(w2v("similarity", tmp_path, "king", "queen", "--json").out)
    outside = json.loads(
        w2v("similarity", tmp_path, "king", "queen", "--json", "--vectors", "outside").out
    )
    assert center == {"query": ["king", "queen"], "similarity": pytest.approx(2 / 3)}
    assert outside["similarity"] == pytest.approx(2**-0.5)


def test_vectors_of_a_plain_file_cannot_be_chosen(w2v, model):
    result = w2v("neighbors", model, "king", "--vectors", "sum")
    assert result.code == 2
    assert "one kind of vectors" in result.err


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogy(w2v, model, method):
    result = w2v("analogy", model, "king", "man", "woman", "--method", method, "-n", 1)
    assert result.out.startswith("king − man + woman\n  queen  ")
    content = json.loads(w2v("analogy", model, "king", "man", "woman", "--json").out)
    assert content["query"] == ["king", "man", "woman"]
    assert content["answers"][0]["word"] == "queen"


def test_similarity_and_odd_one_out(w2v, model):
    result = w2v("similarity", model, "king", "queen", "tea", "雨")
    assert result.out == "king  queen  0.6667\ntea   雨     0.7071\n"
    result = w2v("odd-one-out", model, "king", "queen", "雨", "man")
    assert result.out.splitlines()[0] == "雨"
    assert json.loads(w2v("odd-one-out", model, "man", "tea", "king", "--json").out)["odd"] == "tea"


def test_raw_compares_by_dot_product(w2v, model):
    content = json.loads(w2v("neighbors", model, "tea", "--raw", "--json", "-n", 1).out)
    assert content == {"query": "tea", "neighbors": [{"word": "雨", "score": 2.0}]}


def test_queries_from_a_file_and_from_a_pipe(w2v, model, tmp_path, stdin):
    (tmp_path / "q.txt").write_text("\ufeffking man woman\n\nqueen woman man\r\n")
    lines = w2v("analogy", model, "--file", tmp_path / "q.txt", "--json").out.splitlines()
    assert [json.loads(line)["answers"][0]["word"] for line in lines] == ["queen", "king"]
    for extra in ((), ("--file", "-")):
        stdin("king\nqueen tea\n")
        result = w2v("neighbors", model, "--json", *extra)
        assert [json.loads(line)["query"] for line in result.out.splitlines()] == [
            "king",
            "queen",
            "tea",
        ]


def test_a_terminal_gets_a_prompt_that_survives_mistakes(w2v, model, stdin, capsys):
    stdin("king queen\nkigng queen\nking\n\ntea 雨\n", terminal=True)
    result = w2v("similarity", model)
    assert result.code == 0
    assert result.out.count("a b> ") == 6
    assert "0.6667" in result.out
    assert "0.7071" in result.out
    assert "unknown word 'kigng'; did you mean king?" in result.err
    assert "expected 2 words per query, got 1" in result.err


@pytest.mark.parametrize("word", ["exit", "quit"])
def test_exit_leaves_the_prompt_unless_it_is_a_word(w2v, model, stdin, tmp_path, word):
    stdin(f"king\n{word}\nqueen\n", terminal=True)
    result = w2v("neighbors", model)
    assert (result.code, result.err) == (0, "")
    assert result.out.count("word> ") == 2
    WordVectors([*WORDS, word], np.vstack([MATRIX, MATRIX[:1]])).save(tmp_path / "more.bin")
    stdin(f"{word}\nqueen\n", terminal=True)
    assert w2v("neighbors", tmp_path / "more.bin").out.count("word> ") == 3


def test_errors_of_usage_show_the_usage(w2v, model):
    result = w2v("analogy", model, "king", "man")
    assert result.err.startswith("Usage: w2v analogy [OPTIONS] RUN [A B C]...")


@pytest.mark.parametrize(
    ("command", "option", "ours"),
    [
        ("neighbors", "--topn", "-n"),
        ("neighbors", "--topn=3", "-n"),
        ("analogy", "-k", "-n"),
        ("export", "--binary", "--format word2vec-binary"),
        ("similarity", "--file", None),
    ],
)
def test_option_names_of_other_tools_are_answered(w2v, model, command, option, ours):
    result = w2v(command, model, "king", "queen", option, "3")
    if ours is None:
        assert "No such option" not in result.err
    else:
        assert result.code == 2
        assert f"No such option: {option.partition('=')[0]}. Did you mean {ours}?" in result.err


def test_choices_come_from_one_definition(w2v):
    for command in ("neighbors", "export", "evaluate"):
        assert f"--vectors [{'|'.join(get_args(Which))}]" in w2v(command, "--help").out
    for command in ("analogy", "evaluate"):
        assert f"--method [{'|'.join(get_args(Method))}]" in w2v(command, "--help").out


def test_unknown_words_do_not_hide_the_answers_of_the_others(w2v, model):
    result = w2v("neighbors", model, "qeen", "king", "King", "-n", 1)
    assert result.code == 1
    assert result.out == "king\n  man  0.8165\n"
    assert "unknown word 'qeen'; did you mean queen?" in result.err
    assert "unknown word 'King'; did you mean king?" in result.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("analogy", "king", "man"), 2, "expected 3 words per query, got 2"),
        (("similarity", "king"), 2, "expected 2 words per query, got 1"),
        (("odd-one-out", "king", "tea"), 2, "expected three words or more, got 2"),
        (("neighbors", "king", "-n", "0"), 2, "-n"),
        (("neighbors", "king", "--file", "x"), 2, "not both"),
        (("neighbors", "--file", "nothing.txt"), 1, "nothing.txt"),
        (("analogy", "king", "man", "tea", "--raw", "--method", "mul"), 2, "mul"),
    ],
)
def test_wrong_calls(w2v, model, arguments, code, message):
    command, *rest = arguments
    result = w2v(command, model, *rest)
    assert result.code == code
    assert message in result.err
    assert result.out == ""


def test_a_bad_line_of_a_file_is_named(w2v, model, tmp_path):
    (tmp_path / "q.txt").write_bytes(b"king man woman\nking man\n")
    result = w2v("analogy", model, "--file", tmp_path / "q.txt")
    assert (result.code, result.out) == (1, "")
    assert "line 2" in result.err
    (tmp_path / "q.txt").write_bytes(b"king\n\xff\n")
    assert "byte 5 is not UTF-8" in w2v("neighbors", model, "--file", tmp_path / "q.txt").err


def test_missing_and_unfit_models(w2v, tmp_path):
    for path in (tmp_path / "nothing", tmp_path):
        result = w2v("neighbors", path, "king")
        assert result.code == 1
        assert "Error: " in result.err


def test_names_of_other_tools_are_answered(w2v):
    assert "Did you mean 'neighbors'?" in w2v("nn", "x").err
    assert "Did you mean 'odd-one-out'?" in w2v("doesnt_match", "x").err
    assert "Did you mean 'vector'?" in w2v("print-word-vectors", "x").err
    assert "Did you mean 'export'?" in w2v("quantize", "x").err
