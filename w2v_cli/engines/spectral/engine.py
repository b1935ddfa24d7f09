"""Vectors from the eigenvectors of PPMI, the positive part of pointwise mutual information.

At the optimum of negative sampling with prior every product u·v is the PMI of its words, as far as
D dimensions can hold it (`equations.mutual_information`). The best factorisation of D dimensions is
known: with the largest eigenvalues λ of A = PPMI and their eigenvectors x,

    v_c = (λ^p x)_c,    u_w = (λ^(1−p) x)_w,    so that u·v = Σ λ x_w x_c ≈ A[w, c].

A unit of work is a *pass* of subspace iteration: the basis is multiplied with a polynomial of A
that favours large positive eigenvalues, made orthonormal, and turned to approximate eigenvectors.
Passes end when the residual of the eigenvectors is below the tolerance.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from threadpoolctl import ThreadpoolController

from w2v_cli.arrays import Array
from w2v_cli.compiled import cache_note
from w2v_cli.engines.base import (
    Embeddings,
    Frozen,
    Notice,
    Resources,
    Stats,
    Unit,
    initial_embeddings,
)
from w2v_cli.engines.settings import EngineSettings
from w2v_cli.engines.spectral.settings import SpectralSettings
from w2v_cli.engines.spectral.subspace import (
    Eigenpairs,
    Products,
    Room,
    Threads,
    eigenpairs,
    orthonormal,
    ppmi,
)
from w2v_cli.errors import DataError
from w2v_cli.memory import bytes_for_data
from w2v_cli.pairs.matrix import PairCounts
from w2v_cli.text.encoded import EncodedCorpus
from w2v_cli.text.windows import generator

#: Degree of a pass's polynomial. Higher ones lose small eigenvalues to the rounding of float32.
_DEGREE = 6
#: Eigenvalues below this share of the largest are never told apart: their polynomial would be
#: of numbers that float32 cannot hold side by side.
_LEAST_SHARE = 0.01
#: How far below the lowest eigenvalue that was seen others may lie.
_MARGIN = 1.02


def create(
    settings: EngineSettings,
    corpus: EncodedCorpus,
    cache: Path,
    notice: Notice,
    resources: Resources,
) -> "SpectralEngine":
    """Build the engine: count the pairs (or open them), and take their PPMI.

    Raises DataError for fewer words than dimensions, or where no pair is above chance.
    """
    if note := cache_note():
        notice(note)
    check_size(len(corpus.vocabulary), settings.model.dim)
    pairs = resources.pairs_of(corpus, settings, cache)
    place = bytes_for_data(resources.memory), cache
    return SpectralEngine(settings, pairs, corpus.n_tokens, notice, place)


def check_size(n_words: int, dim: int) -> None:
    """Raise DataError for fewer words than dimensions: the matrix has no more eigenvectors."""
    if n_words < dim:
        raise DataError(
            f"{n_words:,} words have at most {n_words:,} spectral dimensions, and --dim is"
            f" {dim:,}; lower --dim or --min-count, or give more text"
        )


class SpectralEngine:
    """Finds the eigenvectors of PPMI, a pass at a time."""

    name = "spectral"
    state_version = 1
    n_units = 1

    def __init__(
        self,
        settings: EngineSettings,
        pairs: PairCounts,
        n_tokens: int,
        notice: Notice = lambda message: None,
        place: tuple[float, Path | None] = (math.inf, None),
    ) -> None:
        """n_tokens: raw words of the corpus, for the progress figures.

        place: bytes of memory for the matrix, and a folder for a larger one.
        """
        self._own = settings.own_as(SpectralSettings)
        self._dim, self._seed = settings.model.dim, settings.training.seed
        self._passes, self._notice = settings.training.epochs, notice
        self._n_tokens = n_tokens
        width = min(self._dim + self._own.extra_dims, pairs.n_words)
        threads = Threads(settings.training.n_threads)
        self._products = Products(ppmi(pairs, Room(width, *place), threads), threads)
        if not len(self._products.matrix.values):
            raise DataError(
                "no two words stand together more often than by chance, so there is nothing to"
                " factorise; give more text, or another --window or --subsample-threshold"
            )
        self._blas = ThreadpoolController()
        # All that a pass goes on from: zeros before the first.
        self._vectors = np.zeros((pairs.n_words, width), np.float32)
        self._values = np.zeros(width)
        self._lowest = np.zeros(1)

    @property
    def squares(self) -> float:
        """The sum of the squared entries of PPMI."""
        return self._products.matrix.squares

    def train(self, units: Iterable[Unit]) -> Iterator[tuple[Unit, Stats]]:
        """See `Engine.train`."""
        for unit in units:
            # A product on several threads of the BLAS has other bits than on one.
            with self._blas.limit(limits=1, user_api="blas"):
                found = eigenpairs(self._products, self._basis())
            self._vectors, self._values = found.vectors, np.array(found.values)
            self._lowest[0] = min(self._lowest[0], found.values[-1])
            stats = self._stats(found)
            if unit.epoch + 1 == self._passes and not stats.is_enough:
                self._note_residual(stats.figures["residual"])
            yield unit, stats

    def _note_residual(self, residual: float) -> None:
        """Say that the last pass was not enough."""
        n = self._passes
        self._notice(
            f"after {n} pass{'es' if n > 1 else ''} the residual is {residual:.2g}, above the"
            f" tolerance of {self._own.tolerance:g}; go on with --resume --epochs {2 * n}, or start"
            f" a new run with more --extra-dims (now {self._own.extra_dims})"
        )

    def _basis(self) -> Array:
        """Return the orthonormal basis of a pass."""
        products, threads = self._products, self._products.threads
        if not self._values.any():
            return self._first_basis()
        top = float(self._values[0])
        high = max(float(np.abs(self._values).min()), _LEAST_SHARE * top)
        low = min(_MARGIN * float(self._lowest[0]), -high)
        return orthonormal(products.filtered(self._vectors, (low, high), top, _DEGREE), threads)

    def _first_basis(self) -> Array:
        """Return a basis drawn at random, multiplied with A some times."""
        rng = generator(self._seed, 0, 0)
        basis = rng.standard_normal(self._vectors.shape, dtype=np.float32)
        for _ in range(_DEGREE):
            basis = self._products.of(basis, (1, 0, 0), np.empty_like(basis))
            orthonormal(basis, self._products.threads)
        return basis

    def _stats(self, found: Eigenpairs) -> Stats:
        """Measure a pass: the loss is the share of the squares that is not explained."""
        values = found.values[: self._dim]
        kept = values > 0
        explained = float((values[kept] ** 2).sum())
        shares = found.residuals[: self._dim][kept] / values[kept]
        residual = float(np.sqrt(np.mean(shares**2)))
        return Stats(
            loss=self.squares - explained,
            n_pairs=self.squares,
            n_tokens=self._n_tokens,
            figures={"explained": explained / self.squares, "residual": residual},
            is_enough=residual < self._own.tolerance,
        )

    def state(self) -> dict[str, Array]:
        """See `Engine.state`."""
        return {"vectors": self._vectors, "values": self._values, "lowest": self._lowest}

    def load_state(self, arrays: Mapping[str, Array]) -> None:
        """See `Engine.load_state`."""
        for name, mine in self.state().items():
            mine[...] = arrays[name]

    def embeddings(self) -> Embeddings:
        """See `Engine.embeddings`. Eigenvalues that are not positive give zeros."""
        if not self._values.any():
            return initial_embeddings(len(self._vectors), self._dim, self._seed)
        vectors = self._vectors[:, : self._dim]
        # An eigenvector may be turned round: most of each points up, whatever the seed.
        signs = np.where(vectors.sum(axis=0, dtype=np.float64) < 0, -1.0, 1.0)
        values, power = np.maximum(self._values[: self._dim], 0), self._own.power
        kept = signs * (values > 0)
        return Embeddings(
            vectors * (kept * values**power).astype(np.float32),
            vectors * (kept * values ** (1 - power)).astype(np.float32),
        )

    def set_embeddings(self, embeddings: Embeddings) -> None:
        """Raise TypeError: the vectors follow from the counts alone (`EngineOffer.takes_start`)."""
        raise TypeError("spectral vectors cannot be set")

    def freeze(self, frozen: Frozen) -> None:
        """Raise TypeError, see `set_embeddings`."""
        raise TypeError("spectral vectors cannot be held still")

    def score_offset(self) -> None:
        """Nothing is added to the scores."""

    def close(self) -> None:
        """Nothing to release: threads end with each product."""
