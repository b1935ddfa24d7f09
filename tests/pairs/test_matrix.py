"""Adding up matrices of counts against the same sums written plainly."""

import numpy as np
import pytest
from scipy import sparse

from w2v_cli.pairs.matrix import PairCounts, Runs, merge, with_transpose

V = 37


def by_rows(dense):
    rows, columns = np.nonzero(dense)
    starts = np.searchsorted(rows, np.arange(V + 1)).astype(np.int64)
    return PairCounts(starts, columns.astype(np.uint32), dense[rows, columns])


def dense_of(rows):
    dense = np.zeros((V, V), np.int64)
    for r in range(V):
        entries = slice(rows.row_start[r], rows.row_start[r + 1])
        assert (np.diff(rows.columns[entries].astype(int)) > 0).all()
        dense[r, rows.columns[entries]] = rows.weights[entries]
    return dense


def some(rng, share):
    return rng.integers(1, 2**40, (V, V)) * (rng.random((V, V)) < share)


@pytest.mark.parametrize("n_bytes", [1, 3000, 10**6])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.6])
def test_sums_do_not_depend_on_memory(tmp_path, n_bytes, share):
    rng = np.random.default_rng(5)
    matrices = [some(rng, share) for _ in range(4)]
    merged = merge([by_rows(m) for m in matrices], tmp_path, n_bytes)
    np.testing.assert_array_equal(dense_of(merged), sum(matrices))


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("n_bytes", [0, 5000, 10**6])
def test_runs_in_memory_and_in_files_are_merged_and_scaled(tmp_path, n_bytes, n_threads):
    rng = np.random.default_rng(7)
    matrices = [some(rng, share) for share in (0.1, 0.0, 0.5)]
    runs = Runs(tmp_path, V, n_bytes)
    for matrix in map(by_rows, matrices):
        runs.write(*matrix[:3])
    runs.close()
    merged = merge(runs.matrices(), tmp_path, 3000, unit=0.5, n_threads=n_threads)
    assert merged.weights.dtype == np.float64
    np.testing.assert_array_equal(
        dense_of(merged._replace(weights=merged.weights * 2)), sum(matrices)
    )


@pytest.mark.parametrize("n_bytes", [1, 3000, 10**6])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.6])
def test_a_half_and_its_transpose_are_the_whole(tmp_path, n_bytes, share):
    half = np.tril(some(np.random.default_rng(6), share))
    whole = with_transpose(by_rows(half), tmp_path, n_bytes)
    np.testing.assert_array_equal(dense_of(whole), half + half.T)


@pytest.mark.parametrize("n_threads", [1, 2])
def test_wide_rows_whose_columns_have_any_order(tmp_path, n_threads):
    rng = np.random.default_rng(8)
    n_words, n = 9001, 4000  # more columns than 64 · 64, and some that follow no other for long
    runs, expected = (
        Runs(tmp_path, n_words, 10**7),
        sparse.csr_array((n_words, n_words), dtype=np.int64),
    )
    for words in (n_words, 70, n_words):
        rows = np.sort(rng.integers(0, 40, n) ** 2)
        columns = rng.integers(0, words, n).astype(np.uint32)
        weights = rng.integers(1, 2**40, n)
        runs.write(np.searchsorted(rows, np.arange(n_words + 1)), columns, weights)
        expected += sparse.coo_array((weights, (rows, columns)), (n_words, n_words)).tocsr()
    expected.sort_indices()
    merged = merge(runs.matrices(), tmp_path, 10**7, n_threads=n_threads)
    np.testing.assert_array_equal(merged.row_start, expected.indptr)
    np.testing.assert_array_equal(merged.columns, expected.indices)
    np.testing.assert_array_equal(merged.weights, expected.data)
