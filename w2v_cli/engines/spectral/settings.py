"""The spectral engine's own settings, and its defaults. Light: no NumPy, no numba."""

from typing import Annotated

from msgspec import Meta, Struct

from w2v_cli.engines.settings import Situation

#: Nothing is multiplied by it; every training has one.
LR = 1.0
#: Passes at most; a corpus of 11.6 million words needs three.
_EPOCHS = 30


class SpectralSettings(Struct, frozen=True, kw_only=True):
    """The spectral engine's own settings."""

    power: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="Centre vectors are eigenvectors times their eigenvalues to this power;"
            " outside vectors take the rest, so that products approximate PPMI.",
        ),
    ] = 0.25
    tolerance: Annotated[
        float,
        Meta(
            ge=1e-6,
            le=1,
            description="Stop when the residual of the eigenvectors is below this share of their"
            " eigenvalues (root mean square).",
        ),
    ] = 0.02
    extra_dims: Annotated[
        int,
        Meta(
            ge=1,
            le=10_000,
            description="Dimensions to compute besides --dim; with more, fewer passes are needed.",
        ),
    ] = 60


def defaults(situation: Situation) -> dict[str, object]:
    """See `EngineOffer.defaults`."""
    return {
        "epochs": _EPOCHS,
        "lr": LR,
        "lr_schedule": "constant",
        "n_threads": situation.n_cores,
    }
