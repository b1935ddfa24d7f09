"""Counting in tasks: the same bytes for any cut, order and workers, and as counting in one go."""

import gzip
import json
import os
import shutil

import msgspec
import numpy as np
import pytest
from faults.faulty_disk import FAULTS, Fault, FaultyDisk, Killed

from w2v_cli.errors import DataError, RunError
from w2v_cli.pairs import stages, tasks
from w2v_cli.pairs.cooccurrence import count_pairs
from w2v_cli.pairs.counts_folder import checksums, read_counts, read_manifest, total_of
from w2v_cli.pairs.shards import cut, open_shard
from w2v_cli.pairs.stages import CountPlan, count_into
from w2v_cli.pairs.tasks import PARTS
from w2v_cli.pairs.workers import Threads
from w2v_cli.storage.tensors import read_tensors, write_tensors
from w2v_cli.text.places import SCHEMES
from w2v_cli.text.prepare import open_corpus, prepare_corpus
from w2v_cli.text.settings import CorpusSettings
from w2v_cli.text.windows import keep_prob

WINDOW, THRESHOLD = 3, 1e-2


def settings_of(path, **given):
    return CorpusSettings(paths=(str(path),), lowercase=True, min_count=2, **given)


def count(path, out, shard_bytes=1 << 20, workers=None, **plan):
    settings = settings_of(path)
    counted = CountPlan(settings, WINDOW, THRESHOLD, **plan)
    workers = workers or (lambda folder: Threads(1))
    return count_into(out, counted, workers, shard_bytes=shard_bytes)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def lines(tmp_path):
    """A text with lines of all lengths, empty ones and one longer than a shard."""
    rng = np.random.default_rng(3)
    words = [f"w{i}" for i in rng.zipf(1.3, 6000) % 90]
    sizes = rng.integers(0, 20, 300)
    texts = [" ".join(rng.choice(words, n)) for n in sizes] + [" ".join(words[:2000])]
    path = tmp_path / "lines.txt"
    path.write_text("\n".join(texts))
    return path


class TestShards:
    @pytest.mark.parametrize("shard_bytes", [1, 7, 100, 1000, 10**6])
    def test_every_line_is_in_one_shard_and_in_order(self, lines, shard_bytes):
        if shard_bytes == 1:
            lines.write_text("ab\n\nc\nd e\n\n")
        shards = cut(settings_of(lines), shard_bytes)
        assert len(shards) >= lines.stat().st_size // max(shard_bytes, 2)
        found = [
            piece.text
            for shard in shards
            for piece in open_shard(shard, settings_of(lines)).pieces()
        ]
        assert found == lines.read_text().removesuffix("\n").split("\n")

    def test_a_file_that_changed_since_it_was_cut_is_refused(self, lines):
        (shard,) = cut(settings_of(lines))
        with lines.open("a") as file:
            file.write("more\n")
        with pytest.raises(DataError, match="was changed while it was counted"):
            open_shard(shard, settings_of(lines))

    def test_a_file_that_vanished_is_named(self, lines):
        (shard,) = cut(settings_of(lines))
        lines.unlink()
        with pytest.raises(DataError, match=r"cannot read .*lines\.txt"):
            open_shard(shard, settings_of(lines))


class TestForms:
    @pytest.fixture
    def records(self, lines):
        path = lines.with_name("records.jsonl")
        texts = lines.read_text().split("\n")
        path.write_text(
            "".join(json.dumps({"n": i, "text": t}) + "\n" for i, t in enumerate(texts))
        )
        return path

    def test_records_are_cut_between_lines(self, lines, records, tmp_path):
        count(lines, tmp_path / "lines")
        assert len(cut(settings_of(records), 2000)) > 5
        count(records, tmp_path / "records", 2000)
        assert content(tmp_path / "records") == content(tmp_path / "lines")

    def test_an_address_is_cut_as_a_file_is(self, lines, tmp_path, monkeypatch):
        pytest.importorskip("fsspec")
        monkeypatch.setitem(SCHEMES, "file", "remote")
        count(lines, tmp_path / "lines")
        address = f"file://{lines}"
        settings = CorpusSettings(paths=(address,), lowercase=True, min_count=2)
        assert len(cut(settings, 2000)) > 5
        plan = CountPlan(settings, WINDOW, THRESHOLD)
        count_into(tmp_path / "address", plan, lambda folder: Threads(2), shard_bytes=2000)
        assert content(tmp_path / "address") == content(tmp_path / "lines")

    def test_compressed_files_are_counted_whole(self, lines, tmp_path):
        count(lines, tmp_path / "lines")
        packed = lines.with_name("lines.txt.gz")
        packed.write_bytes(gzip.compress(lines.read_bytes()))
        assert len(cut(settings_of(packed), 100)) == 1
        count(packed, tmp_path / "packed", 100)
        assert content(tmp_path / "packed") == content(tmp_path / "lines")


class TestSameBytes:
    def test_for_any_cut_and_any_number_of_threads(self, lines, tmp_path):
        whole = count(lines, tmp_path / "whole")
        assert sorted(content(tmp_path / "whole")) == [
            "counts.json",
            "counts.safetensors",
            "vocab.tsv",
        ]
        for n, (size, threads) in enumerate([(500, 1), (3000, 2), (90, 3)]):
            out = tmp_path / f"cut{n}"
            assert count(lines, out, size, lambda folder, t=threads: Threads(t)) == whole
            assert content(out) == content(tmp_path / "whole")

    def test_as_counting_the_encoded_text(self, lines, tmp_path):
        count(lines, tmp_path / "counts", 700)
        manifest, vocabulary, counts = read_counts(tmp_path / "counts")
        (tmp_path / "corpus").mkdir()
        prepare_corpus(settings_of(lines), tmp_path / "corpus")
        corpus = open_corpus(tmp_path / "corpus")
        keep = keep_prob(corpus.vocabulary.counts, THRESHOLD)
        (tmp_path / "pairs").mkdir()
        pairs = count_pairs(corpus, keep, WINDOW, folder=tmp_path / "pairs")
        assert vocabulary.words == corpus.vocabulary.words
        np.testing.assert_array_equal(counts.pairs.row_start, pairs.row_start)
        np.testing.assert_array_equal(counts.pairs.columns, pairs.columns)
        np.testing.assert_array_equal(
            counts.pairs.weights * 2.0**-manifest.fraction_bits, pairs.weights
        )
        np.testing.assert_array_equal(counts.occurrences, vocabulary.counts)
        assert manifest.n_tokens == corpus.n_tokens
        assert manifest.n_documents == len(corpus.document_ends)


class DiesError(Exception):
    pass


class MortalThreads(Threads):
    """Stops after some jobs, as a client that is killed."""

    def __init__(self, lives):
        super().__init__(1)
        self.lives = lives

    def run(self, jobs):
        for place, job in enumerate(jobs):
            if self.lives == 0:
                raise DiesError
            self.lives -= 1
            yield place, job.run()


def test_after_a_stop_at_any_task_the_same_command_goes_on_from_the_files(
    lines, tmp_path, monkeypatch
):
    count(lines, tmp_path / "whole")
    lives = 0
    while True:
        out = tmp_path / f"stopped{lives}"
        try:
            count(lines, out, 2000, lambda folder, n=lives: MortalThreads(n))
            break
        except DiesError:
            pass
        called = []
        for name in ("count_words", "count_pairs", "merge_words", "merge_pairs"):
            task = getattr(tasks, name)

            def counted(*args, task=task, called=called):
                called.append(task.__name__)
                return task(*args)

            counted.__name__ = name
            monkeypatch.setattr(stages, name, counted)
        count(lines, out, 2000)
        monkeypatch.undo()
        assert content(out) == content(tmp_path / "whole")
        lives += 1
    assert lives > 10
    assert len(called) < lives  # the last continuation had little left to do


@pytest.mark.parametrize("change", ["vanishes", "grows", "shrinks"])
@pytest.mark.parametrize("at", ["counting words", "counting pairs"])
def test_a_text_that_changes_under_the_count_is_named(lines, tmp_path, change, at):
    text = lines.read_text()

    def progress(phase, done, total):
        if phase == at and done == 0:
            new = {"vanishes": None, "grows": text + " w1", "shrinks": text[:-9]}[change]
            lines.unlink() if new is None else lines.write_text(new)

    plan = CountPlan(settings_of(lines), WINDOW, THRESHOLD)
    message = "cannot read" if change == "vanishes" else "was changed while it was counted"
    with pytest.raises(DataError, match=message):
        count_into(tmp_path / "out", plan, lambda folder: Threads(1), progress, 2000)
    assert not (tmp_path / "out" / "counts.json").exists()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_disk_at_any_operation_loses_nothing(lines, tmp_path, monkeypatch, fault):
    with monkeypatch.context() as patch:
        disk = FaultyDisk().install(patch)
        count(lines, tmp_path / "calm", 4000)
    first = 1 + [*FAULTS].index(fault)
    for at in range(first, disk.n + 1, 29):
        out = tmp_path / f"out{at}"
        with monkeypatch.context() as patch:
            FaultyDisk(Fault(at, **FAULTS[fault])).install(patch)
            try:
                count(lines, out, 4000)
            except RunError as error:
                assert "run the same command again" in str(error)  # noqa: PT017
            except (Killed, OSError):  # OSError: before the folder was there
                pass
        if not (out / "counts.json").exists():
            count(lines, out, 4000)
        shutil.rmtree(out / PARTS, ignore_errors=True)  # of a fault after the last step
        (out / ".lock").unlink(missing_ok=True)  # of a process that was killed
        assert content(out) == content(tmp_path / "calm"), at


def test_a_damaged_part_is_named_and_not_counted(lines, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(DiesError):
        count(lines, out, 2000, lambda folder: MortalThreads(4))
    part = sorted((out / PARTS).glob("count-words-*"))[0]
    data = bytearray(part.read_bytes())
    data[-1] ^= 1
    part.write_bytes(data)
    with pytest.raises(RunError, match=r"delete it and run the same command again"):
        count(lines, out, 2000)
    part.unlink()
    count(lines, out, 2000)
    count(lines, tmp_path / "whole")
    assert content(out) == content(tmp_path / "whole")


def test_finished_counts_and_other_folders_are_not_overwritten(lines, tmp_path):
    count(lines, tmp_path / "out")
    with pytest.raises(RunError, match="already contains counts"):
        count(lines, tmp_path / "out")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("dear")
    with pytest.raises(RunError, match="not an empty folder"):
        count(lines, tmp_path / "other")
    assert os.listdir(tmp_path / "other") == ["letter.txt"]


def test_an_empty_text_leaves_nothing_behind(tmp_path):
    (tmp_path / "empty.txt").write_text("\n\n")
    with pytest.raises(DataError, match="no words"):
        count(tmp_path / "empty.txt", tmp_path / "out")


def test_rare_pairs_are_pruned_and_the_lost_mass_is_told(lines, tmp_path):
    whole = count(lines, tmp_path / "whole")
    some = count(lines, tmp_path / "some", min_pairs=1.5)
    assert some.n_entries < whole.n_entries
    assert some.n_pairs + some.lost_pairs == pytest.approx(whole.n_pairs, rel=1e-12)
    _, _, all_pairs = read_counts(tmp_path / "whole")
    expected = all_pairs.pairs.weights.astype(float).sum() * 2.0**-whole.fraction_bits
    assert whole.n_pairs == pytest.approx(expected, rel=1e-9)
    assert whole.n_pairs > 1000
    _, _, counts = read_counts(tmp_path / "some")
    assert counts.pairs.weights.min() * 2.0**-some.fraction_bits >= 1.5


@pytest.mark.parametrize("name", ["vocab.tsv", "counts.safetensors", "counts.json"])
def test_damaged_counts_are_noticed(lines, tmp_path, name):
    count(lines, tmp_path / "out")
    path = tmp_path / "out" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(RunError, match="count the text again"):
        read_counts(tmp_path / "out")


@pytest.mark.parametrize("content", ['{"x": ' + "[" * 100_000, '"text"', "[]", "", "\x00\xff"])
def test_any_other_manifest_is_one_error(lines, tmp_path, content):
    count(lines, tmp_path / "out")
    (tmp_path / "out" / "counts.json").write_text(content)
    with pytest.raises(RunError, match="is not a manifest of counts"):
        read_counts(tmp_path / "out")


def test_arrays_of_another_shape_are_one_error(lines, tmp_path):
    count(lines, tmp_path / "out")
    path = tmp_path / "out" / "counts.safetensors"
    arrays, _ = read_tensors(path)
    write_tensors(path, {name: array.reshape(1, -1) for name, array in arrays.items()})
    manifest = read_manifest(tmp_path / "out")
    forged = msgspec.structs.replace(manifest, checksums=checksums(tmp_path / "out", manifest))
    (tmp_path / "out" / "counts.json").write_bytes(msgspec.json.encode(forged))
    with pytest.raises(RunError, match="do not belong together"):
        read_counts(tmp_path / "out")


def test_counts_of_another_format_are_refused(lines, tmp_path):
    count(lines, tmp_path / "out")
    path = tmp_path / "out" / "counts.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(RunError, match="format 99"):
        read_counts(tmp_path / "out")


def test_the_sum_of_weights_may_be_larger_than_int64_holds():
    assert total_of(np.full(9, 2**62 - 1)) == 9 * (2**62 - 1)
    assert total_of(np.array([], np.int64)) == 0
