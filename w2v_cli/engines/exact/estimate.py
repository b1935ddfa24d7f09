"""How long training the exact softmax will take, told before it starts."""

import math
import time
from collections.abc import Callable

import numpy as np
from threadpoolctl import ThreadpoolController

from w2v_cli.engines.exact.offer import ExactSettings
from w2v_cli.engines.settings import EngineSettings

#: Time of a step over the time of its matrix products.
_STEP_OVER_PRODUCTS = 1.4
_LONG_HOURS = 1.0


def note_long_training(
    settings: EngineSettings, n_words: int, notice: Callable[[str], None], rate: float | None = None
) -> None:
    """Say how long training will take when that is more than an hour.

    rate: float operations a second of a matrix product on one thread; None: measured when needed.
    """
    epochs, dim = settings.training.epochs, settings.model.dim
    operations = 6.0 * n_words**2 * dim
    if epochs * operations < 1e13:  # a minute at most on any machine
        return
    rate = rate or _product_rate(dim, settings.own_as(ExactSettings).precision)
    hours = _STEP_OVER_PRODUCTS * operations / (rate * settings.training.n_threads) / 3600
    if epochs * hours > _LONG_HOURS:
        fewer = int(n_words * math.sqrt(_LONG_HOURS / (epochs * hours)))
        notice(
            f"an epoch over {n_words:,} words will take about {_duration(hours)}, all"
            f" {epochs} epochs {_duration(epochs * hours)}; the time grows with the"
            f" square of the words: --max-vocab {fewer // 1000 * 1000 or fewer}, or a higher"
            f" --min-count, makes it {_LONG_HOURS:.0f} hour"
        )


def _duration(hours: float) -> str:
    if hours >= 48:
        return f"{hours / 24:.0f} days"
    return f"{hours:.1f} hours" if hours >= 1 else f"{60 * hours:.0f} minutes"


def _product_rate(dim: int, precision: str) -> float:
    """Measure a product of the shape of a tile, on one thread: float operations a second."""
    a = np.ones((256, dim), precision)
    b = np.ones((1024, dim), precision)
    seconds = []
    with ThreadpoolController().limit(limits=1, user_api="blas"):
        for _ in range(5):
            start = time.perf_counter()
            np.matmul(a, b.T)
            seconds.append(time.perf_counter() - start)
    return 2.0 * a.size * len(b) / min(seconds)
