"""What can be graded, and the names it goes by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from w2v_cli.errors import UsageError
from w2v_cli.grader.worker.names import plain_name


@dataclass(frozen=True)
class Kind:
    """A function that can be graded.

    key: our name for it, as `--map` takes it. names: what courses call it; case and
    underscores do not matter. outputs: what it returns. field: its twin in `Functions`.
    optional: starter files have it, no assignment asks for it.
    """

    key: str
    names: tuple[str, ...]
    outputs: tuple[str, ...]
    field: str
    optional: bool = False


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
    Kind("cbow", ("cbow",), _LOSS, "cbow", optional=True),
)
WINDOWS = ("skipgram", "cbow")
"""Kinds of functions that are given the loss of one pair."""


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
