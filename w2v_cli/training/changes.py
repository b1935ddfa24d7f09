"""What a resume may change of a run's settings."""

from pathlib import Path

from w2v_cli.errors import RunError
from w2v_cli.settings.run_settings import MAY_GROW, RunSettings


def check_changes(run_dir: Path, before: RunSettings, after: RunSettings) -> bool:
    """Refuse changes that a resume may not make; return whether more epochs were asked for.

    before, after: the settings of the run in `run_dir`, and with what the user gave.
    """
    differing = before.differences(after)
    paths = before.corpus.paths, after.corpus.paths
    if paths[0] != paths[1]:
        differing["paths"] = paths
    epochs = differing.pop("epochs", None) if differing.keys() <= MAY_GROW else None
    if differing:
        changes = "; ".join(_change(name, *values) for name, values in differing.items())
        raise RunError(
            f"{run_dir} was started with other settings: {changes};"
            " omit them to resume, or start a new run"
        )
    if epochs and epochs[1] < epochs[0]:
        raise RunError(
            f"{run_dir} is a run of {epochs[0]} epochs; --resume --epochs can only add to them"
        )
    return epochs is not None


def _change(name: str, mine: object, given: object) -> str:
    """Tell both values of a setting; None: one of the two has no such setting."""
    values = ["no such setting" if value is None else _shown(value) for value in (mine, given)]
    return f"the run has {name} {values[0]}, you gave {values[1]}"


def _shown(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
