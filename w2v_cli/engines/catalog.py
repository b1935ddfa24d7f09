"""The list of engines. The default for a loss is the first engine that trains it.

Help, the README's table, `settings.resolve` and `w2v gradcheck` go through this list. A new engine
is a folder with an `OFFER`, and that offer here. This module imports no NumPy and no numba.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from w2v_cli.engines import exact, reference, sampled, spectral
from w2v_cli.engines.settings import EngineOffer

if TYPE_CHECKING:
    from w2v_cli.engines.base import Engine, Notice, Resources
    from w2v_cli.engines.settings import EngineSettings
    from w2v_cli.text.encoded import EncodedCorpus

ENGINES: dict[str, EngineOffer] = {
    offer.name: offer for offer in (sampled.OFFER, exact.OFFER, spectral.OFFER, reference.OFFER)
}


def check_ready(settings: "EngineSettings") -> None:
    """Let the engine refuse settings that it cannot train with, before any text is read.

    Raises UsageError or RunError, with what to do instead.
    """
    offer = ENGINES[settings.training.engine]
    if offer.ready is not None:
        offer.ready(settings)


def create_engine(
    settings: "EngineSettings",
    corpus: "EncodedCorpus",
    cache: Path,
    notice: "Notice",
    resources: "Resources | None" = None,
) -> "Engine":
    """Build the engine that the settings name, with fresh parameters.

    Args:
        settings: the model, the loss, the training, and the engine's own settings.
        corpus: the text to train on.
        cache: folder for files that the engine may keep for a resume.
        notice: called with one sentence when the user should know something.
        resources: what the engine may use while it is built.

    Raises:
        RunError: the engine cannot be used on this machine; the message says how to repair it.
    """
    offer = ENGINES[settings.training.engine]
    from w2v_cli.engines.base import Resources

    try:
        create = offer.load()
    except Exception as error:  # a broken numba fails in many ways
        raise _unusable(offer, error) from error
    engine: Engine = create(settings, corpus, cache, notice, resources or Resources())
    return engine


def _unusable(offer: EngineOffer, error: Exception) -> Exception:
    from w2v_cli.errors import RunError, shown_error

    others = [
        other.name
        for other in ENGINES.values()
        if other.name != offer.name and set(other.losses) & set(offer.losses)
    ]
    return RunError(
        f"engine {offer.name} cannot be used here ({shown_error(error)});"
        " repair its compiler with: pip install --force-reinstall numba"
        + (f"; or choose --engine {' or --engine '.join(others)}" if others else "")
    )
