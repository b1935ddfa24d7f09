"""Clusters of the full vectors, not of projected ones: their number, words and names."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from w2v_cli.pictures.projection import unit_length

MOST = 8  # as many as there are colours that everyone can tell apart
_CLEAR = 0.1  # mean silhouette; below it no number of clusters stands out (common words: 0.02)
_LONGEST_NAME = 30  # letters
_FEW = 40  # so many words of a cluster may always name it
_SAMPLE = 2000  # this many words are clustered by distance; the others join the nearest cluster


def cluster(vectors: NDArray[np.float64], n_clusters: int | None = None) -> NDArray[np.int64]:
    """Put each row (n, D) into a cluster; clusters are numbered from 0, the largest first.

    Ward's tree over the rows at length one, cut into each number of clusters, each cut improved
    by k-means; the one with the highest mean silhouette wins. Nothing is random, so the same
    vectors give the same clusters. With 500 words the tree alone reached two thirds of the
    silhouette; with 25 words k-means from random starts was worse.

    n_clusters: None: 2 to 8, by silhouette, and 8 where no number stands out; one for fewer than
    4 rows or equal rows.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist, squareform

    rows = unit_length(np.asarray(vectors, dtype=np.float64))
    sample = rows[:: max(1, -(-len(rows) // _SAMPLE))]
    if n_clusters == 1 or len(sample) < 4 or np.allclose(sample, sample[0]):
        return np.zeros(len(rows), dtype=np.int64)
    distances = pdist(sample)
    tree = linkage(distances, method="ward")
    square = squareform(distances)
    wanted = [n_clusters] if n_clusters else range(2, min(MOST, len(sample) // 2) + 1)
    cuts = [_centers(sample, fcluster(tree, n, criterion="maxclust") - 1) for n in wanted]
    scores = [silhouette(square, _nearest(sample, centers)) for centers in cuts]
    best = cuts[int(np.argmax(scores))] if max(scores) >= _CLEAR else cuts[-1]
    return _largest_first(_nearest(rows, best))


def _centers(rows: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Middles of the clusters, improved by k-means."""
    from scipy.cluster.vq import kmeans2

    start = np.stack([rows[labels == k].mean(axis=0) for k in range(labels.max() + 1)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a cluster that becomes empty keeps its middle
        centers, _ = kmeans2(rows, start, minit="matrix")
    return np.asarray(centers, dtype=np.float64)


def _nearest(rows: NDArray[np.float64], centers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number of the nearest middle for each row; numbers without gaps."""
    from scipy.cluster.vq import vq

    return np.unique(vq(rows, centers)[0], return_inverse=True)[1].astype(np.int64)


def _largest_first(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    _, first, counts = np.unique(labels, return_index=True, return_counts=True)
    by_size = np.lexsort((first, -counts))
    numbered: NDArray[np.int64] = np.argsort(by_size)[labels].astype(np.int64)
    return numbered


def silhouette(distances: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Mean silhouette of clusters: -1 (all words misplaced) to 1 (far apart and tight).

    For each word, (b - a) / max(a, b), with a the mean distance to its own cluster's other words
    and b to those of the nearest other cluster; 0 for a word alone.

    Args:
        distances: shape (n, n).
        labels: shape (n,), from 0 without gaps.
    """
    n_clusters = int(labels.max()) + 1
    if n_clusters < 2:
        return 0.0
    members = np.eye(n_clusters)[labels]
    sizes = members.sum(axis=0)
    sums = distances @ members
    place = np.arange(len(labels))
    own_size = sizes[labels]
    a = sums[place, labels] / np.maximum(own_size - 1, 1)
    means = sums / sizes
    means[place, labels] = np.inf
    b = means.min(axis=1)
    larger = np.maximum(a, b)
    scores = np.divide(b - a, larger, out=np.zeros_like(a), where=(larger > 0) & (own_size > 1))
    return float(scores.mean())


def central_words(
    words: Sequence[str],
    vectors: NDArray[np.float64],
    labels: NDArray[np.int64],
    counts: NDArray[np.int64] | None = None,
    n: int = 3,
) -> list[str]:
    """Name each cluster by its n most central words, such as "rain · snow · hail".

    counts: how often each word occurs, shape (len(words),): only the most frequent third of a
    large cluster may name it, because the most central words are often rare.
    """
    rows = unit_length(np.asarray(vectors, dtype=np.float64))
    names = []
    for k in range(int(labels.max()) + 1):
        members = np.flatnonzero(labels == k)
        middle = rows[members].mean(axis=0)
        if counts is not None:
            n_known = max(_FEW, len(members) // 3)
            members = members[np.argsort(-counts[members], kind="stable")[:n_known]]
        order = np.argsort(-(rows[members] @ middle), kind="stable")
        best = [words[members[i]] for i in order[:n]]
        while len(best) > 1 and len(" · ".join(best)) > _LONGEST_NAME:
            best.pop()
        names.append(" · ".join(best))
    return names
