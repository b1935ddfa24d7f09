"""The examples of docs/tokenizers, where their packages are installed."""

import importlib
import sys

import pytest
from conftest import ROOT

FOLDER = ROOT / "docs" / "tokenizers"


@pytest.fixture
def example(monkeypatch):
    """Import an example, or skip the test."""
    monkeypatch.syspath_prepend(str(FOLDER))

    def load(name, *packages):
        for package in packages:
            pytest.importorskip(package)
        monkeypatch.delitem(sys.modules, name, raising=False)
        return importlib.import_module(name)

    return load


def test_japanese(example):
    japanese = example("japanese", "fugashi", "unidic_lite")
    assert japanese.words("猫が好きだった。") == ["猫", "が", "好き", "だっ", "た"]
    assert japanese.base_forms("猫が好きだった。") == ["猫", "が", "好き", "だ", "た"]
    assert japanese.base_forms("ブログる\u3000ググった!")[-1] == "た"


def test_chinese(example):
    chinese = example("chinese", "jieba")
    assert chinese.words("我喜欢猫, 2024 年。") == ["我", "喜欢", "猫", "2024", "年"]


def test_thai(example):
    thai = example("thai", "pythainlp")
    assert thai.words("ฉันรักแมว และ สุนัข") == ["ฉัน", "รัก", "แมว", "และ", "สุนัข"]


@pytest.mark.parametrize(
    ("name", "packages", "expected"),
    [
        ("japanese", ["fugashi", "unidic_lite"], {"猫", "公園", "読む"}),
        ("chinese", ["jieba"], {"猫", "公园", "喜欢"}),
        ("thai", ["pythainlp"], {"แมว", "สุนัข", "ดื่ม"}),
    ],
)
def test_an_example_trains_on_its_text(w2v, example, tmp_path, name, packages, expected):
    example(name, *packages)
    options = ["--tokenizer", f"{name}:words", "--min-count", "1", "--dim", "4", "--epochs", "1"]
    result = w2v("train", FOLDER / f"{name}.txt", *options, "--out", tmp_path / "run")
    assert result.code == 0, result.err
    assert "cuts at spaces" not in result.err
    rows = (tmp_path / "run" / "vocab.tsv").read_text().splitlines()
    assert expected <= {row.split("\t")[0] for row in rows}


@pytest.mark.parametrize("name", ["japanese", "chinese", "thai"])
def test_text_without_spaces_gets_a_note(w2v, tmp_path, name):
    text = tmp_path / "text.txt"
    text.write_text((FOLDER / f"{name}.txt").read_text().replace("\n", "") * 3 + "\n猫 犬\n" * 2)
    options = ["--min-count", "1", "--dim", "4", "--epochs", "1", "--subsample-threshold", "0"]
    result = w2v("train", text, *options, "--out", tmp_path / "words")
    assert f"most letters are {name.title()}" in result.err
    assert "--tokenizer words cuts at spaces; use --tokenizer" in result.err
    result = w2v("train", text, *options, "--tokenizer", "characters", "--out", tmp_path / "c")
    assert result.code == 0, result.err
    assert "cuts at spaces" not in result.err
    few = w2v("train", text, *options, "--min-count", "9", "--out", tmp_path / "few")
    assert few.code == 1
    assert "Note: most letters are" in few.err
    text.write_text("猫 が 好き です\n" * 50)  # somebody has split it
    result = w2v("train", text, *options, "--out", tmp_path / "split")
    assert "cuts at spaces" not in result.err


IDS = "SKU-123/cat5 SKU-77/cat9 SKU-5/cat5"


@pytest.mark.parametrize(
    "text",
    [
        IDS,
        "Bought: SKU-1/c2, B00X9 #17 and SKU-2.",
        "u12\tB0007\t5.0",
        "rock_music:90s jazz/free blues#3",
    ],
)
def test_a_note_names_the_tokenizer_for_item_ids(w2v, tmp_path, text):
    (tmp_path / "t.txt").write_text(f"{text}\n" * 50)
    many = ["--min-count", "1"]
    read = ["vocab", tmp_path / "t.txt", *many]
    out = [*"--dim 4 --epochs 1 --engine reference --subsample-threshold 0 --out".split()]
    for command in (
        read,
        ["train", *read[1:], *out, tmp_path / "run"],
        ["count", *read[1:], "--out", tmp_path / "counts"],
    ):
        result = w2v(*command)
        assert result.code == 0, result.err
        (note,) = [line for line in result.err.splitlines() if "item ids" in line]
        assert "--tokenizer whitespace" in note
        assert "--tokenizer words makes" in note
    assert "item ids" not in w2v(*read, "--tokenizer", "whitespace").err


@pytest.mark.parametrize(
    "text",
    [
        "On 3 May 1999 we saw https://example.org/a/b and paid 3.50 for tea at no. 7/9.",
        "12 55 31 9001",  # `words` leaves them whole
        "2020-01-01 2021-12-31",
        "tea milk and/or sugar - the well-known #1 of 90s",
    ],
)
def test_no_note_on_ids_where_words_are_words(w2v, tmp_path, text):
    (tmp_path / "t.txt").write_text(f"{text}\n" * 50)
    result = w2v("vocab", tmp_path / "t.txt", "--min-count", "1")
    assert result.code == 0, result.err
    assert "item ids" not in result.err
