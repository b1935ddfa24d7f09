"""Engines train units of work; `create_engine` picks the one that the configuration names."""

from collections.abc import Callable
from pathlib import Path

from w2v_cli.config import Config
from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.engines.base import Engine


def create_engine(
    config: Config,
    corpus: EncodedCorpus,
    cache: Path,
    notice: Callable[[str], None] = lambda message: None,
) -> Engine:
    """Build the engine of a resolved configuration with fresh parameters.

    cache: folder for files an engine may keep between a run and its resumption.
    notice: is called with one sentence when the user should know something.
    """
    if config.engine == "numba":
        from w2v_cli.engines.numba_engine import NumbaEngine

        return NumbaEngine(config, corpus, notice)
    if config.engine == "softmax":
        from w2v_cli.engines.softmax_engine import SoftmaxEngine

        return SoftmaxEngine(config, corpus, cache, notice)
    from w2v_cli.engines.numpy_engine import NumpyEngine

    return NumpyEngine(config, corpus)
