"""The real model2vec loads our folder, and embeds texts as `w2v embed` does."""

import json

import numpy as np
import pytest

import w2v_cli
from w2v_cli.errors import UsageError
from w2v_cli.text.tokenizers import Tokenizer
from w2v_cli.vectors.formats.catalog import FORMATS
from w2v_cli.vectors.formats.model2vec import tokenizer_for
from w2v_cli.vectors.formats.vector_files import read_table, write_table
from w2v_cli.vectors.word_vectors import WordVectors, embed

WORDS = [
    "the", "king's", "jean-luc", "tea", "नमस्ते", "résumé", "x86", "0000", "雨", "é", "[UNK]",
    "king", "don't", "می\u200cخواهم",
]  # fmt: skip
TEXTS = [
    "The King’s TEA, the tea!", "jean-luc: don’t — drink", "नमस्ते Résumé re\u0301sume\u0301 雨",
    "te\u00ada king\u00ad’s می\u200cخواهم \u200ctea\u200d", "tea\0king",
    "unknown only", "", "x86 'tea' --- tea-", "1984 the \u0662\u0660\u0662\u0664",
]  # fmt: skip
MATRIX = np.random.default_rng(2).normal(size=(len(WORDS), 5)).astype(np.float32)


def model_of(folder):
    return pytest.importorskip("model2vec").StaticModel.from_pretrained(folder)


@pytest.mark.parametrize(
    "tokenizer",
    [
        Tokenizer("words", True),
        Tokenizer("words", False),
        Tokenizer("words", True, "nfc", True),
        Tokenizer("whitespace", False),
        Tokenizer("characters", True),
    ],
    ids=str,
)
def test_model2vec_embeds_texts_as_w2v_does(tmp_path, tokenizer):
    vectors = WordVectors(WORDS, MATRIX, tokenizer=tokenizer)
    write_table(vectors, tmp_path / "m", FORMATS["model2vec"])
    theirs = model_of(tmp_path / "m").encode(TEXTS)
    np.testing.assert_allclose(theirs, embed(vectors, TEXTS, tokenizer), atol=1e-6)


def test_a_run_is_exported_with_its_tokenizer(w2v, tmp_path):
    (tmp_path / "text.txt").write_text("Tea, Coffee! Tea Coffee rain\n" * 20)
    given = {"tokenizer": "whitespace", "min_count": 1, "dim": 4, "engine": "reference"}
    run = w2v_cli.train(paths=tmp_path / "text.txt", out=tmp_path / "run", **given)
    result = w2v("export", run.path, tmp_path / "m", "--format", "model2vec", "--float16")
    assert result.code == 0, result.err
    model = model_of(tmp_path / "m")
    assert model.embedding.dtype == np.float16
    np.testing.assert_allclose(model.encode("Coffee! zzz"), run.vectors["Coffee!"], atol=1e-3)
    assert "StaticModel.from_pretrained" in (tmp_path / "m" / "README.md").read_text()


def test_what_the_library_cannot_do_is_refused(tmp_path):
    for name in ("uax29", "mine:split"):
        vectors = WordVectors(WORDS, MATRIX, tokenizer=Tokenizer(name, True))
        with pytest.raises(UsageError, match=f"no tokenizer like {name}; .*words"):
            write_table(vectors, tmp_path / "m", FORMATS["model2vec"])
    assert not (tmp_path / "m").exists()


def test_vectors_of_unknown_origin_get_a_tokenizer_that_leaves_their_words_whole():
    assert tokenizer_for(["tea", "king's"]) == Tokenizer("words", True)
    assert tokenizer_for(["Tea", "king's"]) == Tokenizer("words", False)
    assert tokenizer_for(["tea,", "c++"]) == Tokenizer("whitespace", True)


def test_the_unknown_token_never_is_a_word(tmp_path):
    write_table(WordVectors(["[UNK]", "a"], MATRIX[:2]), tmp_path / "m", FORMATS["model2vec"])
    model = json.loads((tmp_path / "m" / "tokenizer.json").read_text())["model"]
    assert model["unk_token"] == "[[UNK]]"
    assert read_table(tmp_path / "m").words == ["[UNK]", "a"]


def test_bad_folders_are_refused(tmp_path):
    write_table(WordVectors(WORDS, MATRIX), tmp_path / "m", FORMATS["model2vec"])
    path = tmp_path / "m" / "tokenizer.json"
    content = json.loads(path.read_text())
    for model, message in (
        ({"type": "WordPiece", "vocab": {"a": 0}}, "not a tokenizer of whole words"),
        ({"type": "WordLevel", "vocab": {"a": 5}}, "not a tokenizer of whole words"),
        ({"type": "WordLevel", "vocab": {"a": 0}}, "1 words, but vectors of shape"),
        ({"type": "WordLevel", "vocab": [1]}, "not a tokenizer"),
        ({"type": "WordLevel", "vocab": {"a": "x"}}, "not a tokenizer"),
        ({}, "not a tokenizer"),
    ):
        path.write_text(json.dumps({**content, "model": model}))
        with pytest.raises(w2v_cli.W2VError, match=message):
            read_table(tmp_path / "m")
    path.write_text("[")
    with pytest.raises(w2v_cli.W2VError, match="not a tokenizer"):
        read_table(tmp_path / "m")
