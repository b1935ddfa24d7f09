"""Pair counts against a naive count over every outcome of subsampling and of the windows."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2v_cli.pairs.cooccurrence import TAIL, count_pairs, fraction_bits, open_or_count
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.vocabulary import Vocabulary


def corpus_of(documents, n_words):
    tokens = np.array([t for d in documents for t in d], np.uint32)
    ends = np.cumsum([len(d) for d in documents]).astype(np.int64)
    counts = np.maximum(1, np.bincount(tokens, minlength=n_words)).astype(np.int64)
    vocabulary = Vocabulary(tuple(f"w{i}" for i in range(n_words)), counts)
    return EncodedCorpus(tokens, ends, len(tokens), vocabulary, "f")


def naive_pairs(documents, n_words, keep, radii):
    """Sum over every subset of kept tokens and every radius of every window."""
    pairs = np.zeros((n_words, n_words))
    for document in documents:
        for kept in itertools.product([False, True], repeat=len(document)):
            chances = [keep[w] if k else 1 - keep[w] for w, k in zip(document, kept, strict=True)]
            left = [w for w, k in zip(document, kept, strict=True) if k]
            for i, j in itertools.permutations(range(len(left)), 2):
                reached = np.mean([abs(i - j) <= radius for radius in radii])
                pairs[left[i], left[j]] += np.prod(chances) * reached
    return pairs


def dense(pairs):
    n = len(pairs.row_start) - 1
    full = np.zeros((n, n))
    rows = np.repeat(np.arange(n), np.diff(pairs.row_start))
    full[rows, pairs.columns] = pairs.weights
    assert len(set(zip(rows.tolist(), pairs.columns.tolist(), strict=True))) == len(rows)
    assert np.all(np.diff(pairs.columns.astype(int))[np.diff(rows) == 0] > 0)
    return full


def random_corpus(rng, n_words=30, n_documents=40):
    return [rng.integers(0, n_words, rng.integers(1, 60)) for _ in range(n_documents)]


@settings(max_examples=60, deadline=None)
@given(
    documents=st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=7), min_size=1, max_size=3),
    keep=st.lists(st.floats(0.05, 1.0), min_size=4, max_size=4),
    window=st.integers(1, 4),
    shrink=st.booleans(),
)
def test_equals_the_expectation_over_all_outcomes(
    documents, keep, window, shrink, tmp_path_factory
):
    corpus, keep = corpus_of(documents, 4), np.array(keep)
    folder = tmp_path_factory.mktemp("pairs")
    found = dense(count_pairs(corpus, keep, window, shrink=shrink, folder=folder))
    radii = range(1 if shrink else window, window + 1)
    expected = naive_pairs(documents, 4, keep, radii)
    tail = TAIL * (1 if shrink else window)
    np.testing.assert_allclose(found, expected, atol=tail * max(1.0, expected.sum()))
    exact = dense(count_pairs(corpus, keep, window, shrink=shrink, folder=folder, tail=0.0))
    np.testing.assert_allclose(exact, expected, rtol=1e-12, atol=1e-14)


def test_without_subsampling_the_weight_falls_linearly_with_distance(tmp_path):
    documents = [[0, 1, 2, 3, 4, 5]]
    found = dense(count_pairs(corpus_of(documents, 6), np.ones(6), 3, folder=tmp_path))
    assert found[0].tolist() == pytest.approx([0, 1, 2 / 3, 1 / 3, 0, 0])
    np.testing.assert_array_equal(found, found.T)


def test_pairs_do_not_cross_documents(tmp_path):
    found = dense(count_pairs(corpus_of([[0, 1], [2, 3]], 4), np.ones(4), 5, folder=tmp_path))
    assert found.sum() == 4
    assert found[1, 2] == 0


def test_memory_and_threads_do_not_change_the_counts(tmp_path):
    rng = np.random.default_rng(5)
    corpus = corpus_of(random_corpus(rng), 30)
    keep = rng.uniform(0.1, 1.0, 30)
    whole = count_pairs(corpus, keep, 5, folder=tmp_path)
    a_little = 300 * 12 / 2**30  # 300 pairs at work: many blocks, many ranges of rows
    (tmp_path / "small").mkdir()
    for n_threads in (1, 3):
        small = count_pairs(
            corpus, keep, 5, folder=tmp_path / "small", memory=a_little, n_threads=n_threads
        )
        np.testing.assert_array_equal(small.row_start, whole.row_start)
        np.testing.assert_array_equal(small.columns, whole.columns)
        np.testing.assert_allclose(small.weights, whole.weights, rtol=1e-13)
    assert [p.name for p in (tmp_path / "small").iterdir() if p.is_dir()] == []  # runs are gone


def test_even_one_pair_at_a_time_works(tmp_path):
    corpus = corpus_of([[0, 1, 0], [1]], 2)
    found = count_pairs(corpus, np.ones(2), 2, folder=tmp_path, memory=0.0)
    assert dense(found).tolist() == [[1.0, 2.0], [2.0, 0.0]]


def test_a_corpus_without_pairs(tmp_path):
    found = count_pairs(corpus_of([[0], [1]], 2), np.ones(2), 2, folder=tmp_path)
    assert len(found.columns) == 0
    assert found.row_sums().tolist() == [0.0, 0.0]


def test_row_sums(tmp_path):
    rng = np.random.default_rng(6)
    found = count_pairs(corpus_of(random_corpus(rng), 30), np.ones(30), 2, folder=tmp_path)
    factor = rng.random(30)
    np.testing.assert_allclose(found.row_sums(), dense(found).sum(axis=1))
    np.testing.assert_allclose(found.row_sums(factor), dense(found) @ factor)


@pytest.fixture
def counted(monkeypatch):
    """How often pairs were counted anew."""
    from w2v_cli.pairs import cooccurrence

    calls = []
    real = cooccurrence.count_pairs
    monkeypatch.setattr(
        cooccurrence, "count_pairs", lambda *a, **k: (calls.append(1), real(*a, **k))[1]
    )
    return calls


def test_counts_are_kept_and_counted_again_when_anything_changed(tmp_path, counted):
    corpus = corpus_of([[0, 1, 2, 1]], 3)
    keep = np.ones(3)
    first = dense(open_or_count(corpus, keep, 2, cache=tmp_path))
    np.testing.assert_array_equal(dense(open_or_count(corpus, keep, 2, cache=tmp_path)), first)
    assert len(counted) == 1
    open_or_count(corpus, keep, 3, cache=tmp_path)
    open_or_count(corpus, keep * 0.5, 3, cache=tmp_path)
    other = corpus_of([[0, 1, 2, 2]], 3)
    open_or_count(replace(other, fingerprint="g"), keep, 3, cache=tmp_path)
    assert len(counted) == 4


@pytest.mark.parametrize("name", ["weights.f64", "columns.u32", "row_start.i64"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
def test_damaged_counts_are_counted_again(tmp_path, counted, name, damage):
    corpus = corpus_of([[0, 1, 2, 1]], 3)
    first = dense(open_or_count(corpus, np.ones(3), 2, cache=tmp_path))
    path = tmp_path / "cooccurrence" / name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.unlink()
    if damage != "remove":
        path.write_bytes(content if damage == "flip" else content[:-4])
    np.testing.assert_array_equal(
        dense(open_or_count(corpus, np.ones(3), 2, cache=tmp_path)), first
    )
    assert len(counted) == 2


@settings(max_examples=40, deadline=None)
@given(
    documents=st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=30), min_size=1),
    keep=st.lists(st.floats(0.01, 1.0), min_size=10, max_size=10),
    window=st.integers(1, 6),
    pairs=st.integers(0, 200),
    n_threads=st.integers(1, 4),
    chunk=st.integers(1, 50),
)
def test_memory_threads_and_cuts_do_not_change_a_bit(
    tmp_path_factory, documents, keep, window, pairs, n_threads, chunk
):
    from w2v_cli.pairs import cooccurrence

    corpus, keep = corpus_of(documents, 10), np.array(keep)
    folder = tmp_path_factory.mktemp("pairs")
    whole = count_pairs(corpus, keep, window, folder=folder)
    other = tmp_path_factory.mktemp("pairs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cooccurrence, "CHUNK_TOKENS", chunk)
        memory = pairs * 28 / 2**30
        count_pairs(corpus, keep, window, folder=other, memory=memory, n_threads=n_threads)
    for name in ("columns.u32", "weights.f64", "row_start.i64"):
        assert (other / name).read_bytes() == (folder / name).read_bytes()
    full = dense(whole)
    np.testing.assert_array_equal(full, full.T)


def test_no_sum_overflows_and_small_weights_keep_their_bits():
    # 10^13 words, one in twenty of them `the`, which subsampling keeps every 6th time; window 5.
    assert fraction_bits(np.array([5 * 10**11]), np.array([0.16]), 5) == 23
    assert fraction_bits(np.array([10**7]), np.array([1.0]), 5) == 36
    assert fraction_bits(np.array([1]), np.array([1.0]), 1) == 52
    for counts, keep, window in [(10**13, 1.0, 100), (7, 0.3, 1), (10**9, 1.0, 10)]:
        bits = fraction_bits(np.array([counts]), np.array([keep]), window)
        assert counts * keep * (window + 1) * 2.0**bits <= 2.0**62


def test_no_row_has_more_than_the_window_and_one_for_each_kept_word(tmp_path):
    corpus = corpus_of([[0] * 50], 1)
    for keep in (1.0, 0.3):
        found = count_pairs(corpus, np.array([keep]), 5, folder=tmp_path)
        assert 0.5 < found.row_sums()[0] / (50 * keep * 6) <= 1


def test_progress_covers_counting_and_merging(tmp_path, monkeypatch):
    from w2v_cli.pairs import cooccurrence

    monkeypatch.setattr(cooccurrence, "CHUNK_TOKENS", 50)
    corpus = corpus_of(random_corpus(np.random.default_rng(3)), 30)
    seen = []
    count_pairs(
        corpus, np.ones(30), 5, folder=tmp_path, progress=lambda *report: seen.append(report)
    )
    assert list(dict.fromkeys(phase for phase, _, _ in seen)) == ["counting pairs", "merging pairs"]
    n = len(corpus.tokens)
    counting = [report for report in seen if report[0] == "counting pairs"]
    assert [done for _, done, _ in counting] == [*range(50, n, 50), n]
    assert seen[-1] == ("merging pairs", 30, 30)


def test_what_a_killed_process_left_behind_is_removed(tmp_path):
    left = tmp_path / "cooccurrence" / ".0123456789ab.tmp"
    left.mkdir(parents=True)
    (left / "columns.u32").write_bytes(b"1234")
    open_or_count(corpus_of([[0, 1, 2, 1]], 3), np.ones(3), 2, cache=tmp_path)
    assert not left.exists()
