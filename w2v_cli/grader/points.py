"""Points for each function: the teacher's file, and what a submission earns."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from w2v_cli.errors import UsageError, shown
from w2v_cli.grader.grade import FileGrade
from w2v_cli.grader.kinds import KINDS, kind_named
from w2v_cli.grader.observation import GIVEN, LEFT_OUT, PUBLISHED, UNSTABLE, WRONG
from w2v_cli.grader.verdict import Grade

_MOST_POINTS = 1_000_000
_EXAMPLE = "[points]\nsigmoid = 1\nskipgram = 4"


@dataclass(frozen=True)
class Points:
    """How many points each function is worth.

    of: points by kind (its key). partial: a wrong function earns points for those of its outputs
    that are right.
    """

    of: Mapping[str, float] = field(default_factory=dict)
    partial: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        """Keys of the kinds that are worth points. A submission must define these functions."""
        return tuple(key for key, points in self.of.items() if points)


@dataclass(frozen=True)
class Score:
    """The points that one function has earned, out of `most`."""

    grade: Grade
    points: float
    most: float


def read_points(path: Path) -> Points:
    """Read points from a TOML file.

    Raises:
        UsageError: the file cannot be read, names an unknown function, or gives points that are
            not numbers from 0 to `_MOST_POINTS`.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as problem:
        raise UsageError(f"{path}: cannot read the points: {problem}") from None
    unknown = data.keys() - {"points", "partial"}
    if unknown or not isinstance(data.get("points"), dict):
        raise UsageError(
            f"{path}: expected a table [points], with partial = true before it if you like,"
            f" such as:\n{_EXAMPLE}"
        )
    if not isinstance(data.get("partial", False), bool):
        raise UsageError(f"{path}: partial must be true or false")
    return Points(
        dict(_entry(path, *entry) for entry in data["points"].items()), data.get("partial", False)
    )


def _entry(path: Path, name: str, value: object) -> tuple[str, float]:
    kind = kind_named(name)
    if kind is None:
        known = ", ".join(k.key for k in KINDS)
        raise UsageError(
            f"{path}: {name} is not a function that can be graded; choose from: {known}"
        )
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise UsageError(f"{path}: {name}: expected a number of points, got {shown(str(value))}")
    if not 0 <= value <= _MOST_POINTS:  # also refuses NaN
        raise UsageError(f"{path}: {name}: points must be between 0 and {_MOST_POINTS:,}")
    return kind.key, float(value)


def score_file(grade: FileGrade, points: Points | None = None, strict: bool = False) -> list[Score]:
    """Score every function of a graded file; without `points`, each is worth 1.

    Functions of the same kind share the points for that kind.
    """
    times = Counter(g.kind for g in grade.grades)
    scores = []
    for g in grade.grades:
        most = float(g.verdict not in LEFT_OUT)
        if points is not None and g.verdict != GIVEN:
            most = points.of.get(g.kind, 0.0) / times[g.kind]
        scores.append(
            Score(g, most * _share(g, points is not None and points.partial, strict), most)
        )
    return scores


def _share(grade: Grade, partial: bool, strict: bool) -> float:
    """Return the share of its points that a function earns, from 0 to 1."""
    if grade.right and not (strict and grade.verdict in (UNSTABLE, PUBLISHED)):
        return 1.0
    if not partial or grade.verdict != WRONG or not grade.outputs:
        return 0.0
    # A mistake outside the outputs, such as a changed argument, costs as much as one output.
    n = len(grade.outputs)
    return min(sum(output.right for output in grade.outputs), n - 1) / n
