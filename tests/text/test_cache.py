"""What runs share: whole entries only, found by all that they depend on, and never in the way."""

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress

import numpy as np
import pytest
from chosen import settings_of
from faults.faulty_disk import FAULTS, Fault, FaultyDisk, Killed

from w2v_cli.errors import RunError
from w2v_cli.pairs.cooccurrence import open_or_count
from w2v_cli.storage import files
from w2v_cli.storage.lock import FolderLock
from w2v_cli.text import prepare as prepare_module
from w2v_cli.text import shared_cache
from w2v_cli.text.encoded import FILES, fingerprint_of
from w2v_cli.text.prepare import open_corpus, prepare_corpus
from w2v_cli.text.shared_cache import About, SharedCache, user_cache

ABOUT = About("corpus", "text", "2 words")


@pytest.fixture(autouse=True)
def _files_are_old(monkeypatch):
    """Count every file as old: what makes one seem so sets only one of its two times of change."""
    monkeypatch.setattr(shared_cache, "_SETTLED_SECONDS", -1.0)


@pytest.fixture
def old_text(text):
    """A text that was written an hour ago."""
    return aged(text)


def aged(path, seconds=3600.0):
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


def prepare(tmp_path, name, **settings):
    """Prepare a corpus with the user's cache; return its folder and what was told."""
    folder = tmp_path / name
    folder.mkdir()
    told = []
    chosen = settings_of(**{"min_count": 1, **settings}).corpus
    prepare_corpus(chosen, folder, shared=user_cache(told.append))
    return folder, told


def inodes(folder):
    return {name: (folder / name).stat().st_ino for name in FILES}


def test_a_second_run_gets_links_to_the_same_corpus(tmp_path, old_text, corpus_cache):
    first, told = prepare(tmp_path, "first", paths=old_text)
    assert told == []
    second, told = prepare(tmp_path, "second", paths=old_text, memory=0.5)
    assert told == ["the encoded corpus comes from the cache (w2v cache)"]
    assert inodes(second) == inodes(first)
    (entry,) = user_cache().entries()
    assert entry.about == About("corpus", str(old_text), "4,000 words, vocabulary 60")


@pytest.mark.parametrize(
    "change",
    [
        {"lowercase": False},
        {"tokenizer": "whitespace"},
        {"min_count": 2},
        {"max_vocab": 9},
        {"limit_tokens": 99},
        {"encoding_errors": "strict"},
    ],
    ids=str,
)
def test_another_setting_reads_the_text_again(tmp_path, old_text, corpus_cache, change):
    prepare(tmp_path, "first", paths=old_text)
    _, told = prepare(tmp_path, "second", **{"paths": old_text, **change})
    assert told == []


def test_text_that_changed_is_read_again(tmp_path, old_text, corpus_cache):
    prepare(tmp_path, "first", paths=old_text)
    old_text.write_text(old_text.read_text().replace("w1 ", "x1 "))
    aged(old_text, 1800)
    second, told = prepare(tmp_path, "second", paths=old_text)
    assert told == []
    assert "x1" in open_corpus(second).vocabulary.words


def test_another_version_of_unicode_or_of_the_reader_reads_again(
    tmp_path, old_text, corpus_cache, monkeypatch
):
    prepare(tmp_path, "first", paths=old_text)
    with monkeypatch.context() as patched:
        patched.setattr("unicodedata.unidata_version", "1.0")
        assert prepare(tmp_path, "second", paths=old_text)[1] == []
    with monkeypatch.context() as patched:
        patched.setattr(shared_cache, "_code", lambda: "other")
        assert prepare(tmp_path, "third", paths=old_text)[1] == []
    assert prepare(tmp_path, "fourth", paths=old_text)[1] != []


@pytest.mark.parametrize("modified", [None, (0, 0)], ids=["just now", "seemingly long ago"])
def test_text_written_just_now_is_not_kept(tmp_path, text, corpus_cache, monkeypatch, modified):
    monkeypatch.setattr(shared_cache, "_SETTLED_SECONDS", 60.0)
    os.utime(text, modified)
    prepare(tmp_path, "first", paths=text)
    assert user_cache().entries() == []


@pytest.mark.parametrize("change", ["text", "list"])
def test_what_changed_while_it_was_read_is_not_kept(
    tmp_path, old_text, corpus_cache, monkeypatch, change
):
    words = tmp_path / "words.txt"
    words.write_text("w1\n")
    changed = {"text": old_text, "list": words}[change]
    read = prepare_module.read_corpus

    def then_change(*arguments):
        result = read(*arguments)
        changed.write_bytes(changed.read_bytes().swapcase())
        return result

    monkeypatch.setattr(prepare_module, "read_corpus", then_change)
    prepare(tmp_path, "first", paths=old_text, stop_words=str(words))
    assert user_cache().entries() == []


def test_a_list_from_a_pipe_is_no_key(tmp_path, old_text):
    os.mkfifo(tmp_path / "pipe")
    chosen = settings_of(paths=old_text, stop_words=str(tmp_path / "pipe")).corpus
    assert shared_cache.states_of_lists(chosen) is None


def test_a_pipe_is_not_kept(tmp_path, old_text, corpus_cache):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(old_text.read_bytes()))
    writer.start()
    prepare(tmp_path, "first", paths=pipe)
    writer.join()
    assert user_cache().entries() == []


def test_words_of_a_users_own_function_are_not_kept(tmp_path, old_text, corpus_cache, monkeypatch):
    (tmp_path / "mine.py").write_text("def cut(line):\n    return line.split()\n")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "corpus"
    folder.mkdir()
    chosen = settings_of(paths=old_text, tokenizer="mine:cut").corpus
    prepare_corpus(chosen, folder, named="mine:cut", shared=user_cache())
    assert user_cache().entries() == []


def test_a_list_of_words_that_changed_reads_the_text_again(tmp_path, old_text, corpus_cache):
    words = tmp_path / "stop.txt"
    words.write_text("w1\n")
    given = {"paths": old_text, "stop_words": str(aged(words))}
    prepare(tmp_path, "first", **given)
    assert prepare(tmp_path, "second", **given)[1] != []
    words.write_text("w2\n")
    aged(words, 1800)
    third, told = prepare(tmp_path, "third", **given)
    assert told == []
    assert "w1" in open_corpus(third).vocabulary.words


def test_a_damaged_entry_is_removed_and_the_text_read(tmp_path, old_text, corpus_cache):
    first, _ = prepare(tmp_path, "first", paths=old_text)
    whole = fingerprint_of(first)
    (entry,) = user_cache().entries()
    ids = entry.folder / "corpus.ids"
    content = bytearray(ids.read_bytes())
    content[7] ^= 1
    ids.unlink()
    ids.write_bytes(content)
    second, told = prepare(tmp_path, "second", paths=old_text)
    assert (told, fingerprint_of(second)) == ([], whole)
    _, told = prepare(tmp_path, "third", paths=old_text)
    assert told != []


def test_clearing_harms_no_run(tmp_path, old_text, corpus_cache):
    first, _ = prepare(tmp_path, "first", paths=old_text)
    second, _ = prepare(tmp_path, "second", paths=old_text)
    (corpus_cache / ".half.0123456789ab.tmp").mkdir()
    assert len(user_cache().clear()) == 1
    assert list(corpus_cache.iterdir()) == []
    assert fingerprint_of(first) == fingerprint_of(second)
    assert user_cache().clear() == []


def test_files_are_copied_where_links_fail(tmp_path, old_text, corpus_cache, monkeypatch):
    def refuse(source, target):
        raise OSError("no links here")

    monkeypatch.setattr(files, "link", refuse)
    first, _ = prepare(tmp_path, "first", paths=old_text)
    second, told = prepare(tmp_path, "second", paths=old_text)
    assert told != []
    assert inodes(first) != inodes(second)
    assert fingerprint_of(first) == fingerprint_of(second)


def test_a_full_disk_gets_no_copies(tmp_path, old_text, corpus_cache, monkeypatch):
    def refuse(source, target):
        raise OSError("no links here")

    monkeypatch.setattr(files, "link", refuse)
    monkeypatch.setattr(shared_cache, "_FREE_BYTES", 2**62)
    prepare(tmp_path, "first", paths=old_text)
    assert user_cache().entries() == []


def keep_some(shared, folder, n, n_bytes=10):
    folder.mkdir(exist_ok=True)
    for i in range(n):
        (folder / "file").unlink(missing_ok=True)
        (folder / "file").write_bytes(bytes([i]) * n_bytes)
        shared.keep(f"key{i}", folder, ["file"], ABOUT)
        os.utime(shared.root / f"key{i}" / "entry.json", (1e9 + i, 1e9 + i))


def test_the_entries_unused_for_longest_make_room(tmp_path, monkeypatch):
    monkeypatch.setattr(shared_cache, "UNUSED_SECONDS", 1e12)
    monkeypatch.setattr(shared_cache, "MOST_BYTES", 400)
    shared = SharedCache(tmp_path / "w2v" / "corpora")
    keep_some(shared, tmp_path / "run", 9)
    assert [entry.folder.name for entry in shared.entries()][:3] == ["key8", "key7", "key6"]
    assert sum(entry.n_bytes for entry in shared.entries()) <= 400
    (tmp_path / "to").mkdir()
    assert shared.fetch("key6", tmp_path / "to")  # used now: it outlives the others
    assert shared.entries()[0].folder.name == "key6"
    (tmp_path / "run" / "large").write_bytes(bytes(500))
    shared.keep("large", tmp_path / "run", ["large"], ABOUT)  # would push all others out
    assert shared.entries()[0].folder.name == "key6"


def test_entries_unused_for_months_go(tmp_path):
    shared = SharedCache(tmp_path / "w2v" / "corpora")
    keep_some(shared, tmp_path / "run", 3)
    assert [entry.folder.name for entry in shared.entries()] == ["key2"]


def test_a_cache_that_others_may_write_is_not_used(tmp_path, old_text, corpus_cache):
    prepare(tmp_path, "first", paths=old_text)
    corpus_cache.chmod(0o777)
    assert prepare(tmp_path, "second", paths=old_text)[1] == []


def test_a_cache_that_cannot_be_made_is_no_error(tmp_path, old_text, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("W2V_CACHE_DIR", str(tmp_path / "file"))
    folder, told = prepare(tmp_path, "first", paths=old_text)
    assert told == []
    assert len(open_corpus(folder).tokens) == 4000


def test_while_another_process_changes_the_cache_nothing_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(shared_cache, "_LOCK_SECONDS", 0.05)
    shared = SharedCache(tmp_path / "w2v" / "corpora")
    keep_some(shared, tmp_path / "run", 1)
    lock = FolderLock(shared.root)
    (tmp_path / "run" / "other").write_bytes(b"x")
    shared.keep("key9", tmp_path / "run", ["other"], ABOUT)
    shared.discard("key0")
    with pytest.raises(RunError, match="in use by another process; try again"):
        shared.clear()
    lock.release()
    assert [entry.folder.name for entry in shared.entries()] == ["key0"]


def test_many_who_keep_fetch_and_clear_see_whole_entries_only(tmp_path):
    shared = SharedCache(tmp_path / "w2v" / "corpora")
    wrong = []

    def work(number):
        for round_ in range(12):
            own = tmp_path / f"{number}-{round_}"
            own.mkdir()
            if shared.fetch("key", own):
                found = {path.name: path.read_bytes() for path in own.iterdir()}
                if found != {"a": b"1" * 999, "b": b"2" * 999}:
                    wrong.append(found)
            else:
                (own / "a").write_bytes(b"1" * 999)
                (own / "b").write_bytes(b"2" * 999)
                shared.keep("key", own, ["a", "b"], ABOUT)
            if number == 0 and round_ % 3 == 0:
                shared.discard("key")

    threads = [threading.Thread(target=work, args=(i,)) for i in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert {path.name for path in shared.root.iterdir()} <= {"key"}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("fault", ["killed", "EIO", "ENOSPC"])
def test_a_fault_while_keeping_leaves_a_whole_entry_or_none(tmp_path, monkeypatch, fault):
    own = tmp_path / "run"
    own.mkdir()
    (own / "file").write_bytes(b"content")
    for at in range(1, 40):
        shared = SharedCache(tmp_path / f"w2v{at}" / "corpora")
        with monkeypatch.context() as patched:
            disk = FaultyDisk(Fault(at=at, **FAULTS[fault])).install(patched)
            with suppress(Killed):
                shared.keep("key", own, ["file"], ABOUT)
        assert (own / "file").read_bytes() == b"content"
        (tmp_path / f"to{at}").mkdir()
        if shared.fetch("key", tmp_path / f"to{at}"):
            assert (tmp_path / f"to{at}" / "file").read_bytes() == b"content"
        shared.keep("key", own, ["file"], ABOUT)  # the next run mends what was left
        assert {path.name for path in shared.root.iterdir()} == {"key"}
        if disk.n < at:
            return
    raise AssertionError("more operations than expected")


def test_pair_counts_are_shared_and_never_written_through(tmp_path, old_text, corpus_cache):
    folder, _ = prepare(tmp_path, "corpus", paths=old_text)
    corpus = open_corpus(folder)
    keep = np.ones(60)
    told = []
    shared = user_cache(told.append)

    def count(run, window=2):
        return open_or_count(corpus, keep, window, cache=tmp_path / run, shared=shared)

    first = count("first")
    assert told == []
    second = count("second")
    assert told == ["the pair counts come from the cache (w2v cache)"]
    np.testing.assert_array_equal(second.weights, first.weights)
    weights = first.weights.copy()
    del first, second
    count("first", window=3)  # takes the place of the links
    np.testing.assert_array_equal(count("second").weights, weights)
    assert len(told) == 1
    names = {path.name for path in (tmp_path / "second" / "cooccurrence").iterdir()}
    assert names == {"cooccurrence.json", "columns.u32", "row_start.i64", "weights.f64"}
    damaged = tmp_path / "second" / "cooccurrence" / "weights.f64"  # a link: the entry is too
    damaged.write_bytes(bytes(damaged.stat().st_size))
    np.testing.assert_array_equal(count("second").weights, weights)
    assert len(told) == 1


def test_the_command_lists_and_clears(w2v, tmp_path, old_text, corpus_cache):
    assert w2v("cache").out == f"nothing is kept in {corpus_cache}\n"
    short = ("--min-count", 1, "--epochs", 5)
    assert w2v("train", old_text, "--out", tmp_path / "run", *short).code == 0
    listed = w2v("cache", "list").out.splitlines()
    assert listed[0] == f"corpus of {old_text}"
    assert listed[1].startswith("    4,000 words, vocabulary 60; ")
    assert listed[2].startswith("1 entry, ")
    content = json.loads(w2v("cache", "list", "--json").out)
    assert [entry["source"] for entry in content["entries"]] == [str(old_text)]
    again = w2v("train", old_text, "--out", tmp_path / "again", "--min-count", 1)
    assert "note: the encoded corpus comes from the cache (w2v cache)" in again.err
    assert w2v("cache", "clear").out.startswith("removed 1 entry, ")
    assert w2v("cache", "list", "--json").code == 0
    assert w2v("train", "--resume", "--epochs", 6, "--out", tmp_path / "run").code == 0


def test_the_command_says_when_the_cache_is_off(w2v):
    result = w2v("cache", "clear")
    assert result.code == 2
    assert "W2V_CACHE_DIR is empty" in result.err
    assert w2v("cache", "burn").code == 2


def train_in_processes(text, folder, n):
    """Start trainings of one text at the same moment; return their processes."""
    options = ["--engine", "exact", "--dim", "4", "--epochs", "2", "--min-count", "1"]
    command = [sys.executable, "-m", "w2v_cli", "train", str(text), *options, "--n-threads", "1"]
    return [subprocess.Popen([*command, "--out", str(folder / f"run{i}")]) for i in range(n)]


@pytest.mark.parametrize("clears", [False, True])
def test_processes_that_train_at_once_on_one_text_share_or_read_it(
    tmp_path, old_text, corpus_cache, clears
):
    """The cache is empty when they start; in one case somebody clears it all the time."""
    time.sleep(2.2)  # the processes do not keep the corpus of a text of just now
    processes = train_in_processes(old_text, tmp_path, 2)
    while any(process.poll() is None for process in processes):
        if clears:
            user_cache().clear()
        time.sleep(0.01)
    assert [process.returncode for process in processes] == [0, 0]
    runs = [tmp_path / "run0", tmp_path / "run1"]
    first, second = ((run / "vectors.safetensors").read_bytes() for run in runs)
    assert first == second
    kinds = sorted(entry.about.kind for entry in user_cache().entries())
    assert kinds == ["corpus", "pairs"] or clears
    user_cache().clear()
    assert list(corpus_cache.iterdir()) == []
