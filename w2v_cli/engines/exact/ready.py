"""Whether the exact engine can train as it was told, asked before any text is read."""

from w2v_cli.engines.exact.offer import ExactSettings
from w2v_cli.engines.settings import EngineSettings
from w2v_cli.errors import UsageError


def check(settings: EngineSettings) -> None:
    """See `EngineOffer.ready`.

    Raises:
        UsageError: settings of a GPU without one, or what it does not train.
        RunError: there is no PyTorch, or no card.
    """
    own = settings.own_as(ExactSettings)
    if own.device == "cpu":
        if own.precision in ("tf32", "bf16"):
            raise UsageError(f"--precision {own.precision} needs --device cuda; omit one of them")
        return
    if settings.model.subwords is not None:
        raise UsageError(
            f"--subwords are not trained with --device {own.device}; omit one of the two"
        )
    from w2v_cli.engines.exact.device.torch_device import find_device

    find_device(own.device)
