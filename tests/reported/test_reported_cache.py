"""A cache that cannot be stale or forged: a changed entry or a changed input is read again."""

import json
import os
import re
import time

import pytest

from reported.inputs import TEXT

#: The epochs follow from the counts in the cache, so that these show in the result.
SMALL = "--dim 2 --min-count 1 --engine reference --subsample-threshold 0".split()


def entry_of(cache):
    return next(iter(cache.glob("*/corpus.json")), None)


@pytest.fixture
def cached(w2v, lines, corpus_cache, tmp_path):
    """Train with the cache on until an entry is there; return the entry and the run."""
    for attempt in range(5):
        assert w2v("train", lines, *SMALL, "--out", tmp_path / f"a{attempt}").code == 0
        if entry_of(corpus_cache):
            return entry_of(corpus_cache).parent, tmp_path / f"a{attempt}"
        time.sleep(1)
    raise AssertionError("no entry in the cache of corpora")


def same_training(one, other):
    """Whether two runs have the same bits, and did as many epochs."""
    epochs = [re.search(r"^epochs = .*$", (run / "config.toml").read_text(), re.M)[0]
              for run in (one, other)]  # fmt: skip
    bits = [(run / "vectors.safetensors").read_bytes() for run in (one, other)]
    return epochs[0] == epochs[1] and bits[0] == bits[1]


def test_no_changed_field_of_an_entry_is_believed(w2v, cached, lines, tmp_path, corpus_cache):
    """Right: whichever number of corpus.json is changed, the training is the same."""
    entry, run = cached
    good = json.loads((entry / "corpus.json").read_text())
    numbers = [name for name, value in good.items() if isinstance(value, int)]
    assert "n_tokens" in numbers
    for name in numbers:
        place = entry_of(corpus_cache).parent / "corpus.json"
        place.write_text(json.dumps(good | {name: good[name] * 3 + 1}))
        out = tmp_path / f"changed-{name}"
        result = w2v("train", lines, *SMALL, "--out", out)
        assert result.code == 0, name
        assert same_training(run, out), name


@pytest.mark.parametrize("name", ["corpus.json", "vocab.tsv", "corpus.ids", "corpus.ends"])
def test_one_flipped_bit_in_an_entry_is_noticed(w2v, cached, lines, tmp_path, name):
    """Right: the entry is made again; the training has the bits of the first."""
    entry, run = cached
    data = (entry / name).read_bytes()
    places = [place for place in range(len(data)) if name != "corpus.json"]
    places = places or [found.start() for found in re.finditer(rb"\d", data)]
    for i, place in enumerate(places[:: max(len(places) // 4, 1)][:5]):
        path = next(entry.parent.glob(f"*/{name}"))
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        assert w2v("train", lines, *SMALL, "--out", tmp_path / f"b{i}").code == 0
        assert same_training(run, tmp_path / f"b{i}"), place


@pytest.mark.parametrize("content", ['"text"', "[]", "null", "{}", "[" * 5000, ""])
def test_an_entry_that_is_no_object_is_made_again(w2v, cached, lines, tmp_path, content):
    """Right: any other JSON in its place is noticed, without a traceback."""
    entry, run = cached
    (entry / "corpus.json").write_text(content)
    assert w2v("train", lines, *SMALL, "--out", tmp_path / "b").code == 0
    assert same_training(run, tmp_path / "b")


def treebank(folder):
    """Write a treebank whose odd sentences are for training, the even ones for tests."""
    folder.mkdir()
    sentences = ["the cat sat on the mat", "a dog ran in the park"] * 30
    numbered = "".join(f"{i}\t{line}\n" for i, line in enumerate(sentences, 1))
    (folder / "datasetSentences.txt").write_text("sentence_index\tsentence\n" + numbered)
    labels = "".join(f"{i},{1 if i % 2 else 2}\n" for i in range(1, 61))
    (folder / "datasetSplit.txt").write_text("sentence_index,splitset_label\n" + labels)
    for path in folder.iterdir():
        os.utime(path, (1e9, 1e9))


def words_of(w2v, out, *arguments):
    quick = [*SMALL, "--epochs", "1"]
    result = w2v("train", *arguments, *quick, "--out", out)
    assert result.code == 0, result.err
    return {line.split("\t")[0] for line in (out / "vocab.tsv").read_text().splitlines()}


def rewrite(path, content, kind):
    """Change a file; its time of change may be put back, or another file takes its place."""
    if kind == "another file":
        other = path.with_name("other")
        other.write_text(content)
        other.replace(path)
    else:
        path.write_text(content)
    if kind != "later":
        os.utime(path, (1e9, 1e9))


KINDS = ["later", "same time", "another file"]


@pytest.mark.parametrize("kind", KINDS)
def test_another_split_of_a_treebank_is_read(w2v, corpus_cache, tmp_path, kind):
    """Right: with the labels swapped, the other half is trained on."""
    treebank(tmp_path / "sst")
    split = ["--split", "train"]
    assert "cat" in words_of(w2v, tmp_path / "a", tmp_path / "sst", *split)
    path = tmp_path / "sst" / "datasetSplit.txt"
    swapped = re.sub(r",(\d)$", lambda label: f",{3 - int(label[1])}", path.read_text(), flags=re.M)
    rewrite(path, swapped, kind)
    words = words_of(w2v, tmp_path / "b", tmp_path / "sst", *split)
    assert "dog" in words
    assert "cat" not in words


@pytest.mark.parametrize("kind", KINDS)
def test_other_content_of_the_same_size_and_time_is_read(w2v, lines, corpus_cache, tmp_path, kind):
    """Right: ctime or inode tell that the file is another one."""
    assert "milk" in words_of(w2v, tmp_path / "a", lines)
    rewrite(lines, TEXT.replace("milk", "mint"), kind)
    words = words_of(w2v, tmp_path / "b", lines)
    assert "mint" in words
    assert "milk" not in words


@pytest.mark.parametrize("option", ["--stop-words", "--vocab"])
def test_another_word_list_of_the_same_size_and_time_is_read(
    w2v, lines, corpus_cache, tmp_path, option
):
    """Right: the lists belong to the key of the cache."""
    words = tmp_path / "words"
    words.write_text("the\nking\nmilk\n")
    os.utime(words, (1e9, 1e9))
    first = words_of(w2v, tmp_path / "a", lines, option, words)
    rewrite(words, "the\nking\nwith\n", "same time")
    second = words_of(w2v, tmp_path / "b", lines, option, words)
    assert first ^ second == {"milk", "with"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_member_of_a_list_or_folder_is_read(w2v, lines, corpus_cache, tmp_path, kind):
    """Right: every file that a list or a folder names belongs to the key."""
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(TEXT)
        os.utime(folder / name, (1e9, 1e9))
    (tmp_path / "files.list").write_text("texts/a.txt\ntexts/b.txt\n")
    words_of(w2v, tmp_path / "a", folder)
    words_of(w2v, tmp_path / "c", f"@{tmp_path}/files.list")
    rewrite(folder / "b.txt", TEXT.replace("milk", "mint"), kind)
    assert "mint" in words_of(w2v, tmp_path / "b", folder)
    assert "mint" in words_of(w2v, tmp_path / "d", f"@{tmp_path}/files.list")
