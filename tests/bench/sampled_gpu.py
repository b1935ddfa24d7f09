"""A prototype: sampled skip-gram with negative sampling on a GPU, with PyTorch alone.

    python tests/bench/sampled_gpu.py                      # words/s and scores by tokens in flight
    python tests/bench/sampled_gpu.py --tokens 4096 16384 --epochs 5 --lr 0.025

It answers one question: how fast is it, and what is lost, when so many tokens are trained at once
that a card is busy? All tokens of a step see the parameters at its beginning, and their gradients
are added. Blocks of 64 tokens share 64 negatives. `--cap N` lets a row move as if it had at most N
gradients in a step. docs/scale.md has the figures; `w2v train` has no such engine.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path[:0] = [str(Path(__file__).resolve().parents[2]), str(Path(__file__).parent)]

import frontier  # noqa: E402

from w2v_cli.text.windows import (  # noqa: E402
    keep_prob,
    noise_distribution,
)

BLOCK, NEGATIVES, WINDOW, K = 64, 64, 5, 5


class Prototype:
    """Parameters and a corpus on the card."""

    def __init__(self, corpus: Any, device: str, dim: int = 100, seed: int = 1) -> None:
        torch.manual_seed(seed)
        counts = corpus.vocabulary.counts
        self.device, n = device, len(counts)
        self.center = (torch.rand(n, dim, device=device) - 0.5) / dim
        self.outside = torch.zeros(n, dim, device=device)
        self.ids = torch.as_tensor(np.asarray(corpus.tokens).astype(np.int64), device=device)
        lengths = np.diff(np.concatenate([[0], np.asarray(corpus.document_ends)]))
        of_documents = np.repeat(np.arange(len(lengths)), lengths)
        self.documents = torch.as_tensor(of_documents, device=device)
        self.keep = torch.as_tensor(keep_prob(counts, 1e-3), device=device).float()
        noise = torch.as_tensor(np.cumsum(noise_distribution(counts, 0.75)), device=device)
        self.noise = noise.float()
        place = torch.arange(BLOCK, device=device)[:, None] + WINDOW
        other = torch.arange(BLOCK + 2 * WINDOW, device=device)[None]
        self.distance = (other - place).abs()

    def epoch(self, n_tokens: int, lr_at: Any, cap: float) -> int:
        """Train an epoch in steps of n_tokens kept tokens; return how many were kept."""
        kept = torch.rand(len(self.ids), device=self.device) < self.keep[self.ids]
        ids, documents = self.ids[kept], self.documents[kept]
        pad = n_tokens + WINDOW
        ids = torch.nn.functional.pad(ids, (WINDOW, pad))
        documents = torch.nn.functional.pad(documents, (WINDOW, pad), value=-1)
        n = len(ids) - WINDOW - pad
        for first in range(0, n, n_tokens):
            part = slice(first, first + n_tokens + 2 * WINDOW)
            self.step(ids[part], documents[part], lr_at(first / n), cap)
        return n

    def step(self, ids: Any, documents: Any, lr: float, cap: float) -> None:
        """Move the parameters by the gradients of some tokens; WINDOW more on either side."""
        ids = ids.unfold(0, BLOCK + 2 * WINDOW, BLOCK)  # (blocks, 74)
        documents = documents.unfold(0, BLOCK + 2 * WINDOW, BLOCK)
        centers, of = ids[:, WINDOW:-WINDOW], documents[:, WINDOW:-WINDOW]
        radius = torch.randint(1, WINDOW + 1, centers.shape, device=self.device)
        pairs = (self.distance > 0) & (self.distance <= radius[:, :, None])
        pairs &= (of[:, :, None] == documents[:, None, :]) & (of[:, :, None] >= 0)
        drawn = torch.rand(len(ids), NEGATIVES, device=self.device)
        negatives = torch.searchsorted(self.noise, drawn).clamp_(max=len(self.noise) - 1)
        v, u, n = self.center[centers], self.outside[ids], self.outside[negatives]
        errors = (torch.sigmoid(v @ u.transpose(1, 2)) - 1) * pairs
        each = pairs.sum(2, keepdim=True) * (K / NEGATIVES)
        noise_errors = torch.sigmoid(v @ n.transpose(1, 2)) * each
        self._add(self.center, centers, errors @ u + noise_errors @ n, lr, cap)
        self._add(self.outside, ids, errors.transpose(1, 2) @ v, lr, cap)
        self._add(self.outside, negatives, noise_errors.transpose(1, 2) @ v, lr, cap)

    def _add(self, matrix: Any, rows: Any, gradient: Any, lr: float, cap: float) -> None:
        rows, gradient = rows.reshape(-1), gradient.reshape(len(rows.reshape(-1)), -1)
        if cap:
            ones = torch.ones(len(rows), device=self.device)
            times = torch.zeros(len(matrix), device=self.device).index_add_(0, rows, ones)
            gradient = gradient * (cap / times[rows]).clamp(max=1)[:, None]
        matrix.index_add_(0, rows, gradient, alpha=-lr)


def falling(lr: float, epoch: int, n_epochs: int) -> Any:
    """Return the learning rate by the share of an epoch that is done; it falls to zero."""
    return lambda share: lr * (1 - (epoch + share) / n_epochs)


def main() -> None:
    """See the docstring of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, nargs="+", default=[1024, 4096, 16384, 65536])
    parser.add_argument("--cap", type=float, nargs="+", default=[0.0])
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--lr", type=float, default=0.025)
    parser.add_argument("--corpus", default="reviews", choices=list(frontier.CORPORA))
    parser.add_argument("--device", default="cuda")
    chosen = parser.parse_args()
    corpus = frontier.open_or_encode(chosen.corpus)
    wait = torch.cuda.synchronize if chosen.device == "cuda" else (lambda: None)
    for n_tokens in chosen.tokens:
        for cap in chosen.cap:
            model = Prototype(corpus, chosen.device)
            model.epoch(n_tokens, lambda x: 0.0, cap)
            wait()
            start = time.perf_counter()
            for epoch in range(chosen.epochs):
                model.epoch(n_tokens, falling(chosen.lr, epoch, chosen.epochs), cap)
            wait()
            rate = chosen.epochs * corpus.n_tokens / (time.perf_counter() - start) / 1e6
            center = model.center.cpu().numpy()
            scores = frontier.scores_of(corpus.vocabulary.words, center)
            rounded = {name: round(score, 1) for name, score in scores.items()}
            print(f"{n_tokens} tokens, cap {cap}: {rate:.1f} M words/s, {rounded}", flush=True)


if __name__ == "__main__":
    main()
