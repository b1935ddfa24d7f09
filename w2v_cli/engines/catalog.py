"""The engines. For a loss the first one that trains it is the default.

Help, the README's table, `settings.resolve` and `w2v gradcheck` go through this list. A new engine
is a folder with an `OFFER`, and its name here. Light: no NumPy, no numba.
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
    """Ask the engine whether it can train as it is told, before any text is read.

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
        settings: what the engine obeys.
        corpus: what it trains on.
        cache: folder for files an engine may keep between a run and its resumption.
        notice: is called with one sentence when the user should know something.
        resources: what the engine may use while it is built.

    Raises:
        RunError: the engine cannot be used on this machine; the message says how to mend it.
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
        " mend its compiler with: pip install --force-reinstall numba"
        + (f"; or choose --engine {' or --engine '.join(others)}" if others else "")
    )
