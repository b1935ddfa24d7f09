"""What differs between runs: settings, and how the loss went."""

from collections.abc import Sequence
from pathlib import Path

from w2v_cli.json_types import Json
from w2v_cli.settings.resolve import resolve
from w2v_cli.settings.run_settings import RunSettings
from w2v_cli.training.metrics import Report, read_metrics
from w2v_cli.training.run_folder import RunFolder


def settings_of_run(path: Path) -> RunSettings | None:
    """Return what a run obeyed; None for anything that is not a run."""
    folder = RunFolder(path)
    return resolve(folder.read_config()) if folder.is_run() else None


def differing_settings(runs: Sequence[RunSettings | None]) -> dict[str, list[object]]:
    """Return the settings in which runs differ: name → one value per run.

    None: the run has no such setting, or is not a run; such runs differ in nothing.
    """
    values = [
        None if run is None else {setting.name: value for setting, value in run.values()}
        for run in runs
    ]
    known = [each for each in values if each is not None]
    names = dict.fromkeys(name for each in known for name in each)
    rows = {name: [None if each is None else each.get(name) for each in values] for name in names}
    return {
        name: row
        for name, row in rows.items()
        if any(each.get(name) != known[0].get(name) for each in known)
    }


def epochs_of_run(path: Path) -> list[Report]:
    """Return the reports that end an epoch; none for what is not a run.

    Raises RunError when the metrics are damaged.
    """
    reports: list[Report] = read_metrics(RunFolder(path).metrics) if path.is_dir() else []
    return [report for report in reports if report.is_epoch]


def as_objects(reports: Sequence[Report]) -> list[Json]:
    """Return reports for JSON."""
    return [report.as_dict() for report in reports]
