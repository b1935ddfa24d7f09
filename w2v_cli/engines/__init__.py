"""Engines train units of work; `create_engine` picks the one that the configuration names."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.engines.base import Engine
from w2v_cli.settings.config import ENGINE_DEFAULTS, Config

_MODULES = {"numba": "w2v_cli.engines.sampled.engine", "softmax": "w2v_cli.engines.exact.engine"}


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
    from w2v_cli.engines.reference.engine import NumpyEngine

    assert config.engine is not None
    if config.engine == "numpy":
        return NumpyEngine(config, corpus)
    try:
        compiled = importlib.import_module(_MODULES[config.engine])
    except Exception as error:  # a broken numba fails in many ways
        notice(
            f"engine {config.engine} cannot be used here ({error}); training goes on with the"
            " NumPy engine, which is slower; to mend it: pip install --force-reinstall numba"
        )
        return NumpyEngine(numpy_fallback(config), corpus)
    engine: Engine = compiled.create(config, corpus, cache, notice)
    return engine


def numpy_fallback(config: Config) -> Config:
    """Return the same training for the NumPy engine, with its own batch size and optimizer."""
    own = ENGINE_DEFAULTS["numpy"]
    return replace(
        config,
        engine="numpy",
        batch_size=own["batch_size"],
        optimizer=own["optimizer"],
        softmax_prior=own["softmax_prior"],
        precision="float32",
        lr=own["lr"] if config.engine == "softmax" else config.lr,
    )
