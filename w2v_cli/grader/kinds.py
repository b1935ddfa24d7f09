"""The functions that can be graded, their names, and what known assignments ask for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from w2v_cli.errors import UsageError
from w2v_cli.grader.worker.binding import plain_name


@dataclass(frozen=True)
class Kind:
    """A function that can be graded.

    key: our name for it, which `--map` accepts. names: what courses call it; case and
    underscores do not matter. outputs: what it returns. field: its twin in `Functions`.
    topic: the derivation that helps with it. group: `block` (of a number or of scores), `pair`,
    `window`, `written` (a single gradient), or `batch` (only in files of its course). optional:
    starter files have it, no assignment asks for it. helper: a file may have a function of this
    name that is something else.
    """

    key: str
    names: tuple[str, ...]
    outputs: tuple[str, ...]
    field: str
    topic: str
    group: str
    optional: bool = False
    helper: bool = False


_LOSS = ("loss", "centre gradient", "outside gradients")


def _derivatives(name: str) -> tuple[str, ...]:
    """Return the usual names for the derivative of a function."""
    endings = ("derivative", "grad", "gradient", "prime", "deriv", "der", "backward")
    return (*(f"{name}_{ending}" for ending in endings), f"d_{name}", f"grad_{name}")


KINDS = (
    Kind("sigmoid", ("sigmoid",), ("value",), "sigmoid", "sigmoid", "block"),
    Kind(
        "sigmoid-derivative",
        _derivatives("sigmoid"),
        ("value",),
        "sigmoid_derivative",
        "sigmoid",
        "block",
        helper=True,
    ),
    Kind("softmax", ("softmax",), ("value",), "softmax", "softmax", "block"),
    Kind(
        "softmax-jacobian",
        ("softmax_jacobian", "jacobian_softmax", *_derivatives("softmax")),
        ("value",),
        "softmax_jacobian",
        "softmax",
        "block",
        helper=True,
    ),
    Kind(
        "leaky-relu",
        ("leaky_relu", "lrelu"),
        ("value",),
        "leaky_relu",
        "leaky-relu",
        "block",
        helper=True,
    ),
    Kind(
        "leaky-relu-derivative",
        (*_derivatives("leaky_relu"), *_derivatives("lrelu")),
        ("value",),
        "leaky_relu_derivative",
        "leaky-relu",
        "block",
        helper=True,
    ),
    Kind(
        "naive-softmax",
        ("naiveSoftmaxLossAndGradient", "softmaxCostAndGradient", "naive_softmax"),
        _LOSS,
        "naive_softmax",
        "naive-softmax",
        "pair",
    ),
    Kind(
        "negative-sampling",
        ("negSamplingLossAndGradient", "negSamplingCostAndGradient", "negative_sampling"),
        _LOSS,
        "negative_sampling",
        "negative-sampling",
        "pair",
    ),
    Kind("skipgram", ("skipgram",), _LOSS, "skip_gram", "skip-gram", "window"),
    Kind("cbow", ("cbow",), _LOSS, "cbow", "cbow", "window", optional=True),
    *(
        Kind(key, names, (output,), field, "naive-softmax", "written", helper=True)
        for key, names, output, field in (
            ("dj-dvc", ("dJ_dvc", "dJ_dv"), "centre gradient", "center_gradient"),
            ("dj-duo", ("dJ_du_o",), "gradient of u_o", "target_gradient"),
            ("dj-duw", ("dJ_du_w",), "gradient of u_w", "other_gradient"),
            ("dj-du", ("dJ_dU",), "outside gradients", "outside_gradients"),
        )
    ),
    Kind(
        "forward-prop",
        ("forward_prop",),
        ("scores z", "hidden values h"),
        "batch_scores",
        "cbow-batches",
        "batch",
    ),
    Kind("compute-cost", ("compute_cost",), ("cost",), "batch_loss", "cbow-batches", "batch"),
    Kind(
        "back-prop",
        ("back_prop",),
        tuple(f"gradient of {name}" for name in ("W1", "W2", "b1", "b2")),
        "batch_gradients",
        "cbow-batches",
        "batch",
    ),
)
WINDOWS = tuple(kind.key for kind in KINDS if kind.group == "window")
"""Kinds of functions that get a pair loss as an argument."""


_SHORT = {"naive": "naive-softmax", "neg": "negative-sampling", "window": "skipgram"}
"""More names for --map. In a file, a function with such a name may be anything."""
_BY_NAME = {plain_name(name): kind for kind in KINDS for name in (kind.key, *kind.names)}


def kind_named(name: str) -> Kind | None:
    """Return the kind with this name, in any spelling."""
    return _BY_NAME.get(plain_name(name))


def assign_kinds(
    functions: Mapping[str, Sequence[str]], mapping: Mapping[str, str]
) -> list[tuple[str, Kind]]:
    """Decide which functions of a file to grade, and as which kind, in the order of `KINDS`.

    functions: names that the file defines, with those of their parameters; methods, such as
    `Model.loss`, count where it has nothing else. mapping: known name to function name, which
    replaces what would be found by name for that kind.

    Raises UsageError for an unknown name.
    """
    mapped: dict[str, tuple[str, Kind]] = {}
    for name, function in mapping.items():
        kind = kind_named(_SHORT.get(name, name))
        if kind is None:
            known = ", ".join(n for k in KINDS for n in k.names)
            raise UsageError(f"--map {name}={function}: {name} is none of: {known}")
        mapped[function] = (kind.key, kind)
    taken = {key for key, _ in mapped.values()}
    found = [(function, kind) for function, (_, kind) in mapped.items()]
    own = [f for f in functions if "." not in f]
    batches = has_batches(functions) or any(kind.group == "batch" for _, kind in found)
    for function in own or functions:
        kind = kind_named(function.rpartition(".")[2])
        if kind is None or kind.key in taken or function in mapped:
            continue
        if batches or kind.group != "batch":
            found.append((function, kind))
    found.sort(key=lambda pair: KINDS.index(pair[1]))
    return [(f, _of_columns(kind) if batches else kind) for f, kind in found]


def has_batches(functions: Mapping[str, Sequence[str]]) -> bool:
    """Whether a file has the forward or the backward pass of CBOW in batches.

    Other courses use their names too; their parameters tell.
    """
    given = {
        plain_name(f.rpartition(".")[2]): set(map(plain_name, p)) for f, p in functions.items()
    }
    return {"w1", "w2", "b1", "b2"} <= given.get("forwardprop", set()) or {
        "w2",
        "yhat",
        "h",
    } <= given.get("backprop", set())


def _of_columns(kind: Kind) -> Kind:
    """The softmax of a file in which examples are columns; any other kind as it is."""
    return replace(kind, field="softmax_columns") if kind.key == "softmax" else kind


# Known assignment files, and which functions a submission must define.
#
# All functions of a known assignment are required, so that deleting a hard one does not help.
# An unfinished hand-in therefore fails without `--require none`; the report says so.


OF_ASSIGNMENT, ALL = "assignment", "all"
"""In place of names: the functions of the recognised assignment, if any; and the same, or else
those of CS224n's assignment 2."""


@dataclass(frozen=True)
class Assignment:
    """A known assignment file. asks_for: names of the functions that a student writes."""

    title: str
    asks_for: tuple[str, ...]


WORD2VEC = Assignment(
    "CS224n, assignment 2 (word2vec.py)",
    ("sigmoid", "naiveSoftmaxLossAndGradient", "negSamplingLossAndGradient", "skipgram"),
)
CBOW_IN_BATCHES = Assignment(
    "Coursera, NLP with Probabilistic Models, assignment 4 (C2_W4)",
    ("softmax", "forward_prop", "back_prop"),
)
WRITTEN = Assignment("CS224n, assignment 2, the written part as functions", ())
Q3_WORD2VEC = Assignment(
    "CS224n and CS224d, assignment 1 (q3_word2vec.py)",
    ("softmaxCostAndGradient", "negSamplingCostAndGradient", "skipgram"),
)


def assignment_of(
    file_stem: str, functions: Iterable[str], kinds: Iterable[Kind] = ()
) -> Assignment | None:
    """Tell which assignment a file is a hand-in of, by its functions and then by its name.

    A file called otherwise that has one of them may be anything; with two it is a hand-in.

    kinds: what the functions were found to be.
    """
    names = {plain_name(name) for name in [*functions, *(kind.key for kind in kinds)]}
    stem = plain_name(file_stem)
    if any(kind.group == "batch" for kind in kinds):
        return CBOW_IN_BATCHES
    if stem.startswith("q3") or {"softmaxcostandgradient", "negsamplingcostandgradient"} & names:
        return Q3_WORD2VEC
    known = {k for name in names if (k := kind_named(name)) and k.group in ("pair", "window")}
    if len(known) < 2 and any(kind.group == "written" for kind in kinds):
        return WRITTEN
    if "word2vec" in stem or len(known) >= 2:
        return WORD2VEC
    return None


def check_names(require: Sequence[str]) -> None:
    """Refuse names of functions that cannot be graded. Raises UsageError."""
    for name in require:
        if name not in (OF_ASSIGNMENT, ALL) and kind_named(name) is None:
            known = ", ".join([kind.key for kind in KINDS])
            raise UsageError(f"--require {name}: expected all, none, or names of these: {known}")


def missing_of(
    require: Sequence[str], assignment: Assignment | None, found: Iterable[Kind]
) -> list[tuple[str, Kind]]:
    """List required functions that were not found, once for each kind, in the order of `KINDS`.

    require: names of functions, `OF_ASSIGNMENT`, `ALL`; those that `check_names` accepts.
    """
    there = {kind.key for kind in found}
    missing: dict[str, tuple[str, Kind]] = {}
    for name in _names(require, assignment):
        kind = kind_named(name)
        if kind is not None and kind.key not in there:
            missing.setdefault(kind.key, (name, kind))
    return sorted(missing.values(), key=lambda pair: KINDS.index(pair[1]))


def is_required(kind: Kind, require: Sequence[str], assignment: Assignment | None) -> bool:
    """Whether a function of this kind is required."""
    named = (kind_named(name) for name in _names(require, assignment))
    return any(found and found.key == kind.key for found in named)


def _names(require: Sequence[str], assignment: Assignment | None) -> Iterable[str]:
    for name in require:
        if name == ALL:
            yield from (assignment or WORD2VEC).asks_for
        elif name == OF_ASSIGNMENT:
            yield from assignment.asks_for if assignment else ()
        else:
            yield name
