"""What can be graded, the names it goes by, and which assignment asks for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from w2v_cli.errors import UsageError
from w2v_cli.grader.worker.names import plain_name


@dataclass(frozen=True)
class Kind:
    """A function that can be graded.

    key: our name for it, as `--map` takes it. names: what courses call it; case and
    underscores do not matter. outputs: what it returns. field: its twin in `Functions`.
    """

    key: str
    names: tuple[str, ...]
    outputs: tuple[str, ...]
    field: str


_LOSS = ("loss", "centre gradient", "outside gradients")

KINDS = (
    Kind("sigmoid", ("sigmoid",), ("value",), "sigmoid"),
    Kind("softmax", ("softmax",), ("value",), "softmax"),
    Kind(
        "naive-softmax",
        ("naiveSoftmaxLossAndGradient", "softmaxCostAndGradient", "naive_softmax"),
        _LOSS,
        "naive_softmax",
    ),
    Kind(
        "negative-sampling",
        ("negSamplingLossAndGradient", "negSamplingCostAndGradient", "negative_sampling"),
        _LOSS,
        "negative_sampling",
    ),
    Kind("skipgram", ("skipgram",), _LOSS, "skip_gram"),
)


@dataclass(frozen=True)
class Assignment:
    """A known assignment file. asks_for: names of the functions that a student writes."""

    title: str
    asks_for: tuple[str, ...]


WORD2VEC = Assignment(
    "CS224n, assignment 2 (word2vec.py)",
    ("sigmoid", "naiveSoftmaxLossAndGradient", "negSamplingLossAndGradient", "skipgram"),
)
Q3_WORD2VEC = Assignment(
    "CS224n and CS224d, assignment 1 (q3_word2vec.py)",
    ("softmaxCostAndGradient", "negSamplingCostAndGradient", "skipgram"),
)
_PARTS = ("utils", "q1softmax", "q2asoftmax", "q2sigmoid", "softmax", "sigmoid")
"""Files of which nothing but one function is asked."""


def assignment_of(file_stem: str, functions: Iterable[str]) -> Assignment | None:
    """Tell which assignment a file is a hand-in of; None for the helpers' files."""
    names = {plain_name(name) for name in functions}
    stem = plain_name(file_stem)
    if stem.startswith("q3") or {"softmaxcostandgradient", "negsamplingcostandgradient"} & names:
        return Q3_WORD2VEC
    if stem in _PARTS or not any(kind_named(name) for name in names):
        return None
    return WORD2VEC


def missing_of(assignment: Assignment | None, found: Iterable[Kind]) -> tuple[str, ...]:
    """Name what an assignment asks for and a file does not define."""
    there = {kind.key for kind in found}
    asked = assignment.asks_for if assignment else ()
    return tuple(name for name in asked if _BY_NAME[plain_name(name)].key not in there)


_BY_NAME = {plain_name(name): kind for kind in KINDS for name in (kind.key, *kind.names)}


def kind_named(name: str) -> Kind | None:
    """Return the kind that goes by a name, in any spelling."""
    return _BY_NAME.get(plain_name(name))


def assign_kinds(functions: Sequence[str], mapping: Mapping[str, str]) -> list[tuple[str, Kind]]:
    """Decide which functions of a file to grade as what, in the order of `KINDS`.

    functions: names that the file defines. mapping: known name to function name, which
    replaces what would be found by name for that kind.

    Raises UsageError for a name or a function that does not exist.
    """
    mapped: dict[str, tuple[str, Kind]] = {}
    for name, function in mapping.items():
        kind = kind_named(name)
        if kind is None:
            known = ", ".join(n for k in KINDS for n in k.names)
            raise UsageError(f"--map {name}={function}: {name} is none of: {known}")
        mapped[function] = (kind.key, kind)
    taken = {key for key, _ in mapped.values()}
    found = [(function, kind) for function, (_, kind) in mapped.items()]
    for function in functions:
        kind = kind_named(function)
        if kind is not None and kind.key not in taken and function not in mapped:
            found.append((function, kind))
    return sorted(found, key=lambda pair: KINDS.index(pair[1]))
