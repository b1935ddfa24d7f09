"""Tokenizers, word lists and what is done to the text, from the command line."""

import shutil

import pytest

QUICK = ["--dim", "4", "--epochs", "1", "--min-count", "1", "--subsample-threshold", "0"]


def words_of(run):
    return [line.split("\t")[0] for line in (run / "vocab.tsv").read_text().splitlines()]


@pytest.fixture
def japanese(tmp_path):
    path = tmp_path / "japanese.txt"
    path.write_text("猫が好き。\n猫はカタカナ2024\n" * 20)
    return path


@pytest.fixture
def cutter(tmp_path, monkeypatch):
    """A module of the user's in the current folder; it leaves a mark when it is imported."""
    (tmp_path / "cutter_of_tests.py").write_text(
        "open('imported', 'w').close()\ndef cut(line): return list(line.strip('。'))\n"
    )
    monkeypatch.chdir(tmp_path)
    yield "cutter_of_tests:cut"
    import sys

    sys.modules.pop("cutter_of_tests", None)


def test_each_tokenizer_cuts_in_its_own_way(w2v, japanese, tmp_path):
    for name, expected in [
        ("characters", {"猫", "が", "カ", "2"}),
        ("uax29", {"猫", "が", "カタカナ", "2024"}),
        ("words", {"猫が好き", "猫はカタカナ2024"}),
    ]:
        result = w2v("train", japanese, "--tokenizer", name, *QUICK, "--out", tmp_path / name)
        if name == "words":
            assert result.code in (0, 1)
        else:
            assert result.code == 0, result.err
            assert expected <= set(words_of(tmp_path / name))


def test_options_change_the_text_and_the_vocabulary(w2v, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("The Cafe\u0301 of 1984 and of 2024\nthe café and rare\n" * 3 + "once only\n")
    (tmp_path / "stop.txt").write_text("THE\nof\n")
    (tmp_path / "keep.txt").write_text("Once\n")
    options = ["--normalize", "nfc", "--fold-digits", "--stop-words", tmp_path / "stop.txt"]
    options += ["--keep-words", tmp_path / "keep.txt", *QUICK, "--min-count", "3"]
    result = w2v("train", text, *options, "--out", tmp_path / "run")
    assert result.code == 0, result.err
    assert words_of(tmp_path / "run") == ["0000", "and", "café", "rare", "once"]
    assert f'stop_words = "{tmp_path}/stop.txt"' in (tmp_path / "run" / "config.toml").read_text()


def test_a_configuration_imports_no_function_unless_it_is_named(w2v, japanese, cutter, tmp_path):
    run = tmp_path / "run"
    assert w2v("train", japanese, "--tokenizer", cutter, *QUICK, "--out", run).code == 0
    assert {"猫", "が"} <= set(words_of(run))
    (tmp_path / "imported").unlink()
    import sys

    del sys.modules["cutter_of_tests"]
    again = ["train", "--config", run / "config.toml", "--out", tmp_path / "again"]
    result = w2v(*again)
    assert result.code == 2
    assert f"add --tokenizer {cutter}" in result.err
    assert not (tmp_path / "again").exists()
    assert w2v("train", "--resume", "--out", run).code == 0  # the encoded corpus is there
    shutil.rmtree(run / "cache")
    assert w2v("train", "--resume", "--out", run).code == 2
    assert not (tmp_path / "imported").exists()
    assert w2v("train", "--resume", "--out", run, "--tokenizer", cutter).code == 0
    assert w2v(*again, "--tokenizer", cutter).code == 0
    assert (tmp_path / "imported").exists()


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        ("bpe", 2, "'uax29', 'MODULE:FUNCTION'."),
        ("a:b:c", 2, "tokenizer is 'a:b:c'; choose from: words, whitespace, characters, uax29, or"),
        ("no_such_module:f", 2, "cannot import no_such_module"),
        ("builtins:str.nothing", 2, "builtins has no str.nothing"),
        ("builtins:len", 1, "line 1: tokenizer builtins:len raised TypeError"),
        ("builtins:str.upper", 1, "line 1: tokenizer builtins:str.upper returned a str"),
    ],
)
def test_a_wrong_tokenizer_is_explained(w2v, japanese, tmp_path, value, code, message):
    result = w2v("train", japanese, "--tokenizer", value, *QUICK, "--out", tmp_path / "run")
    assert (result.code, "Traceback" in result.err) == (code, False)
    assert message in result.err
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("option", ["--stop-words", "--keep-words"])
def test_a_missing_list_is_named(w2v, japanese, tmp_path, option):
    result = w2v("train", japanese, option, tmp_path / "none.txt", "--out", tmp_path / "run")
    assert result.code == 1
    assert f"{option} {tmp_path}/none.txt: no such file" in result.err
