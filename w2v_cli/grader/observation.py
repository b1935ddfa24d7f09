"""What the calls of a user's function showed, and the verdicts that can follow."""

from dataclasses import dataclass, field

import numpy as np

from w2v_cli.equations import Array
from w2v_cli.grader.case import Case
from w2v_cli.grader.kinds import Kind
from w2v_cli.grader.worker.calls import Variant
from w2v_cli.json_types import Json

TOLERANCE = 1e-6
"""Ten times stricter than the course's checker; wide enough for float32 and for log(p + 1e-8)."""


RIGHT, UNSTABLE, WRONG, EMPTY = "right", "right, unstable", "wrong", "not implemented yet"
ERROR, CRASHED, TIMED_OUT, MISSING = "error", "crashed", "time limit", "missing"
PUBLISHED = "right, by the course's key"
SKIPPED, GIVEN, OTHER = "optional, not implemented", "handed out", "another function"
LEFT_OUT = (SKIPPED, GIVEN, OTHER)
"""Verdicts that do not count: nobody requires the function, the course provides it, or only its
name is that of a function that is graded."""


LARGE_PURPOSES = ("large", "matrix-large")
"""Calls with scores beyond 700, whose exponentials do not fit in float64."""


@dataclass(frozen=True)
class Coordinate:
    """One wrong number.

    index: empty for a single number. expected: None if it must not be revealed.
    """

    index: str
    got: float
    expected: float | None
    case: str


@dataclass(frozen=True)
class OutputGrade:
    """The grade of one of the returned values. problem: what is wrong besides the numbers."""

    name: str
    right: bool
    problem: str = ""
    worst: tuple[Coordinate, ...] = ()


@dataclass(frozen=True, eq=False)
class Observation:
    """One case and what the function returned: arrays for numbers, None for anything else.

    index: position of the case among all. passed: what a window function passed as dataset.
    """

    case: Case
    outputs: list[Array | None]
    expected: list[Array]
    dtypes: list[str]
    drawn: list[int]
    index: int = 0
    passed: tuple[str, ...] = ()


@dataclass
class Judgement:
    """What the answers to the cases show, in one variant of the arguments.

    roles: what the function was given. deviations: for each output, the observations in
    which it deviates. errors: calls that raised. unstable: what is not finite, and where, with
    scores beyond 700. vectors_only: a softmax that takes no matrix. unusable: why what was
    returned cannot be compared. overwritten: an array that was returned was changed by the
    next call. call: the arguments by role, as they stand in a call.
    """

    kind: Kind
    variant: Variant
    outputs: list[OutputGrade] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    errors: list[tuple[Case, Json]] = field(default_factory=list)
    mutated: list[str] = field(default_factory=list)
    deviations: list[list[Observation]] = field(default_factory=list)
    roles: frozenset[str] = frozenset()
    unstable: str = ""
    vectors_only: bool = False
    empty: bool = False
    overwritten: bool = False
    forbidden: bool = False
    notes: list[str] = field(default_factory=list)
    unusable: str = ""
    call: str = ""

    @property
    def score(self) -> tuple[int, int, bool, int, int]:
        """What is right, to rank variants: calls (if most are), outputs, shapes, returned calls."""
        shaped = sum(
            output is not None and output.shape == expected.shape
            for o in self.observations
            for output, expected in zip(o.outputs, o.expected, strict=False)
        )
        n_values = (len(self.observations) + len(self.errors)) * len(self.kind.outputs)
        n_right = len(self.observations) * len(self.kind.outputs) - sum(map(len, self.deviations))
        return (
            n_right if 2 * n_right > n_values else 0,
            sum(o.right for o in self.outputs),
            self.variant.center == "flat",
            len(self.observations),
            shaped,
        )

    def of(self, *purposes: str) -> list[Observation]:
        """Observations of calls made for certain purposes."""
        return [o for o in self.observations if o.case.purpose in purposes]


def fit(got: Array, expected: Array) -> Array | None:
    """Return the numbers in the expected shape if the shapes differ only in axes of length 1."""
    if got.shape == expected.shape:
        return got
    if got.size == expected.size and np.squeeze(got).shape == np.squeeze(expected).shape:
        return got.reshape(expected.shape)
    return None
