"""Name the slip: compare wrong outputs with what each known slip would have returned.

A diagnosis is given only if planting the slip reproduces the user's numbers, or if the mistake
was observed directly (a changed argument, a second call that differs, no draws).
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from w2v_cli.checks.functions import EQUATIONS, Slip
from w2v_cli.checks.measure import relative_error
from w2v_cli.checks.slips import slips_of
from w2v_cli.equations import Array
from w2v_cli.grader.case import BIG, BIG_SCORES, Case
from w2v_cli.grader.cases import outputs_of
from w2v_cli.grader.kinds import WINDOWS
from w2v_cli.grader.observation import TOLERANCE, Judgement, Observation

# Diagnoses, and those that are not in the catalogue of slips.


@dataclass(frozen=True)
class Diagnosis:
    """A named mistake. wrong, right: formulas or sentences; may be empty."""

    key: str
    title: str
    wrong: str = ""
    right: str = ""
    why: str = ""


def of_slip(slip: Slip) -> Diagnosis:
    """Return the catalogue's words for a slip."""
    return Diagnosis(slip.key, slip.title, slip.wrong, slip.right, slip.why)


MUTATED = Diagnosis(
    "mutated",
    "input mutated in place",
    "x -= …, x *= …, x[i] = … on an argument",
    "x = x - …, or work on x.copy()",
    "This changes the caller's arrays, and so the parameters during training.",
)
STATE = Diagnosis(
    "state",
    "something is kept from one call to the next",
    "a global array, a default argument such as grad=[], or a counter that each call changes",
    "arrays made inside the function, with np.zeros in every call",
    "The first call is right; repeating it gives other numbers.",
)
REMEMBERED = Diagnosis(
    "remembered",
    "the numbers of an earlier call are returned",
    "a result stored under the word, or under the shapes of the arguments",
    "results computed from the arguments of this call",
    "The vectors change with every step of training, so earlier results no longer hold.",
)
SIZE = Diagnosis(
    "size",
    "right in small calls, wrong in a large one",
    why="Is a length, a chunk or a number of words fixed somewhere?",
)
OVERWRITTEN = Diagnosis(
    "overwritten",
    "the next call overwrites the arrays that this one returned",
    "one array, made outside the function, filled and returned by every call",
    "arrays made inside the function, with np.zeros in every call",
    "A caller that keeps a gradient finds it changed after the next call.",
)
NO_DRAWS = Diagnosis(
    "no-draws",
    "dataset.sampleTokenIdx() is never called",
    right="dataset.sampleTokenIdx() for each negative, repeated while it is the outside word",
    why="Negatives come from the data set's noise distribution, and the grader must know them.",
)
OWN_DRAWS = Diagnosis(
    "own-draws",
    "the negatives are not drawn from dataset.sampleTokenIdx(): each call gives other numbers",
    "random.randint(…), np.random.…",
    "dataset.sampleTokenIdx(), repeated while it is the outside word",
    "Negatives come from the data set's noise distribution, and the grader must know them.",
)
NO_LOSS_CALLS = Diagnosis(
    "no-loss-calls",
    "word2vecLossAndGradient, the argument, is never called",
    "a loss function of the file, called by its own name",
    "word2vecLossAndGradient(…), whatever loss that is",
    "The caller chooses the loss.",
)
SWAPPED = Diagnosis(
    "swapped",
    "gradients returned in the wrong order",
    "return loss, gradOutsideVecs, gradCenterVec",
    "return loss, gradCenterVec, gradOutsideVecs",
)
PYTHON_2 = Diagnosis(
    "python-2", "this is Python 2", "xrange, print …, N/2", "range, print(…), N//2"
)

TARGET_KEPT = Diagnosis(
    "target-kept",
    "target among the negatives",
    "the outside word drawn as noise is kept",
    "draw again until it is another word",
    "The pair's own outside word is not noise; the starter's getNegativeSamples redraws it.",
)
TARGET_DROPPED = Diagnosis(
    "target-dropped",
    "fewer than K negatives: the target is dropped, not drawn again",
    "a negative that is the outside word is left out",
    "draw again until there are K other words",
    "The loss has K terms for the negatives.",
)
DRAWN_ONCE_MORE = Diagnosis(
    "target-once",
    "the target is drawn again once only: if instead of while",
    "if newidx == outsideWordIdx: newidx = dataset.sampleTokenIdx()",
    "while newidx == outsideWordIdx: newidx = dataset.sampleTokenIdx()",
    "The second draw may be the outside word too.",
)
NO_REPEATS = Diagnosis(
    "no-repeats",
    "repeated negatives are rejected",
    "draw again while the word was drawn before",
    "draw again only while it is the outside word",
    "Draws are independent: a word may come up twice, and K may exceed the vocabulary.",
)
K_FIXED = Diagnosis(
    "k-fixed",
    "K is fixed to 10",
    "10 negatives whatever K is",
    "K negatives",
    "K is an argument of the function; 10 is only its default.",
)


ONE_MORE = Diagnosis(
    "k-plus-one",
    "one negative too many: K + 1",
    "range(K + 1)",
    "range(K)",
    "The loss has K terms for the negatives, besides the outside word's.",
)
ONE_LESS = Diagnosis(
    "k-minus-one",
    "one negative too few: K − 1",
    "range(1, K) or range(K - 1)",
    "range(K)",
    "The loss has K terms for the negatives, besides the outside word's.",
)


def helper_at_fault(names: str) -> Diagnosis:
    """Say that a function is right once its helper is right."""
    return Diagnosis(
        "helper",
        f"the mistake is in {names}, which it calls",
        right=f"this function is right with a correct {names}",
    )


_NUMPY_2 = {
    "float": "float",
    "int": "int",
    "bool": "bool",
    "object": "object",
    "float_": "np.float64",
    "mat": "np.asmatrix",
    "Inf": "np.inf",
    "Infinity": "np.inf",
    "infty": "np.inf",
    "NaN": "np.nan",
    "NAN": "np.nan",
    "product": "np.prod",
    "cumproduct": "np.cumprod",
    "row_stack": "np.vstack",
    "alltrue": "np.all",
    "sometrue": "np.any",
    "in1d": "np.isin",
    "trapz": "np.trapezoid",
    "asscalar": "x.item()",
    "matrix": "np.asmatrix",
}


def numpy_2(error_type: str, message: str) -> Diagnosis | None:
    """Recognise an error in code that was right before NumPy 2."""
    for old, new in _NUMPY_2.items():
        if error_type == "AttributeError" and (
            f"module 'numpy' has no attribute '{old}'" in message or f"`np.{old}` was" in message
        ):
            return Diagnosis(
                "numpy-2", f"NumPy 2: np.{old} is gone", f"np.{old}", new, "It was removed."
            )
    if "0-dimensional arrays can be converted" in message or "length-1 arrays" in message:
        return Diagnosis(
            "numpy-2",
            "NumPy 2: float() no longer takes an array of one number",
            "float(x) or a[i] = x with x of shape (1,) or (1, 1)",
            "x.item(), or an index that leaves a number",
            "NumPy up to 1.24 converted such an array to a number.",
        )
    return None


# Ways in which submissions draw negatives, as functions of the draws.


@dataclass(frozen=True)
class Drawing:
    """A way of drawing. negatives: from (draws, outside word, K)."""

    diagnosis: Diagnosis | None
    negatives: Callable[[list[int], int, int], list[int]]

    def of(self, case: Case) -> list[int]:
        """Return the negatives that this way takes from a case's draws and the words after them."""
        following = list(range(len(case.arguments["U"]))) * 10
        draws = [*case.draws, *following]
        return self.negatives(draws, case.arguments["o"], case.arguments["K"])


def _kept(draws: list[int], o: int, K: int) -> list[int]:
    return draws[:K]


def _dropped(draws: list[int], o: int, K: int) -> list[int]:
    return [k for k in draws[:K] if k != o]


def _others(draws: Iterable[int], o: int, K: int) -> list[int]:
    return [k for k in draws if k != o][:K]


def _once_more(draws: list[int], o: int, K: int) -> list[int]:
    left, found = iter(draws), []
    for _ in range(K):
        k = next(left, o)
        found.append(next(left, o) if k == o else k)
    return found


def _distinct(draws: list[int], o: int, K: int) -> list[int]:
    return _others(dict.fromkeys(draws), o, K)


def _one_more(draws: list[int], o: int, K: int) -> list[int]:
    return _others(draws, o, K + 1)


def _one_less(draws: list[int], o: int, K: int) -> list[int]:
    return _others(draws, o, K - 1)


def _ten(draws: list[int], o: int, K: int) -> list[int]:
    return _others(draws, o, 10)


AS_ASKED = Drawing(None, _others)
DRAWINGS = (
    AS_ASKED,
    Drawing(TARGET_KEPT, _kept),
    Drawing(TARGET_DROPPED, _dropped),
    Drawing(DRAWN_ONCE_MORE, _once_more),
    Drawing(NO_REPEATS, _distinct),
    Drawing(K_FIXED, _ten),
    Drawing(ONE_MORE, _one_more),
    Drawing(ONE_LESS, _one_less),
)


# The slip that reproduces the user's numbers.


_INTEGER = {
    field: next(s for s in slips_of(field) if "integer" in s.key)
    for field in ("sigmoid", "softmax", "naive_softmax", "negative_sampling", "skip_gram", "cbow")
}


def diagnose(judgement: Judgement) -> list[Diagnosis]:
    """List what is wrong, starting with what explains most."""
    found: list[Diagnosis] = [*_from_errors(judgement)]
    if judgement.mutated and judgement.kind.group != "block":
        found.append(MUTATED)
    if keeps_state(judgement):
        return [*found, STATE]
    if all(map(_is_big, itertools.chain(*judgement.deviations))) and any(judgement.deviations):
        return [*found, SIZE]
    if _remembers(judgement):
        return [*found, REMEMBERED]
    if judgement.overwritten:
        found.append(OVERWRITTEN)
    wrong = [i for i, deviating in enumerate(judgement.deviations) if deviating]
    observed = _compared(judgement)
    draws = judgement.kind.key == "negative-sampling" and "negatives" not in judgement.roles
    if wrong and draws and observed and not any(o.drawn for o in observed):
        return [*found, OWN_DRAWS if _random(judgement) else NO_DRAWS]
    windows = judgement.kind.key in WINDOWS
    if wrong and windows and observed and not any(o.passed for o in observed):
        return [*found, NO_LOSS_CALLS]
    found += _integer(judgement, wrong)
    if judgement.kind.field in _INTEGER:
        wrong = [i for i in wrong if not _is_integer(i, observed)]
    found += _explain(judgement, observed, wrong)
    return _unique(found)


def keeps_state(judgement: Judgement) -> bool:
    """Whether a call gave the right numbers at first and something else when repeated."""
    for case, _ in judgement.errors:
        if case.purpose == "again" and any(
            p.case.arguments is case.arguments for p in judgement.observations
        ):
            return True
    for deviating in judgement.deviations:
        for o in deviating:
            first = [p for p in judgement.observations if p.case.arguments is o.case.arguments]
            if o.case.purpose == "again" and first[0] not in deviating:
                return True
    return False


def _is_big(o: Observation) -> bool:
    """Whether a call is larger than any that every function gets."""
    return any(np.shape(v)[:1] in ((BIG,), (BIG_SCORES,)) for v in o.case.arguments.values())


def _remembers(judgement: Judgement) -> bool:
    """Whether a call returned the numbers that were right for an earlier one."""
    observed = judgement.of("normal")
    for i, deviating in enumerate(judgement.deviations):
        for o in deviating:
            for p in observed[: observed.index(o)] if o in observed else []:
                got, old = o.outputs[i], p.outputs[i]
                if p in deviating or got is None or old is None or not got.any():
                    continue
                if got.shape == old.shape and _matches(got, old):
                    return True
    return False


def _compared(judgement: Judgement) -> list[Observation]:
    """Return the calls that a slip must explain: those with ordinary scores, not repeated.

    Matrices count only for a softmax that is right for vectors.
    """
    normal = judgement.of("normal", "target")
    if any(o in deviating for deviating in judgement.deviations for o in normal):
        return normal
    return [*normal, *judgement.of("matrix")]


def _random(judgement: Judgement) -> bool:
    """Whether repeating a call gave other numbers."""
    return any(
        not _matches(a, b)
        for o, p in zip(judgement.of("normal"), judgement.of("again"), strict=False)
        for a, b in zip(o.outputs, p.outputs, strict=True)
        if b is not None and o.case.arguments is p.case.arguments
    )


def _unique(found: Iterable[Diagnosis]) -> list[Diagnosis]:
    return list({d.title: d for d in reversed(list(found))}.values())[::-1]


def _matches(got: Array | None, predicted: Array) -> bool:
    """Whether the numbers are equal; one number per word counts as a row of equal numbers."""
    if got is None:
        return False
    if got.shape != predicted.shape:
        if got.size == predicted.size and np.squeeze(got).shape == np.squeeze(predicted).shape:
            got = got.reshape(predicted.shape)
        elif predicted.ndim == 2 and got.shape in ((len(predicted),), (len(predicted), 1)):
            got = np.broadcast_to(got.reshape(-1, 1), predicted.shape)
        else:
            return False
    return bool((relative_error(got, predicted) <= TOLERANCE).all())


def _from_errors(judgement: Judgement) -> Iterator[Diagnosis]:
    for _, error in judgement.errors:
        message = error["message"]
        modern = numpy_2(error["type"], message)
        if modern:
            yield modern
        elif "Cannot cast" in message and "to dtype('int" in message:
            yield from _integer_slip(judgement)
        elif error["type"] == "NameError" and "'xrange'" in message:
            yield PYTHON_2


def _is_integer(i: int, observations: list[Observation]) -> bool:
    return any(o.dtypes[i].startswith(("int", "uint")) for o in observations)


def _integer(judgement: Judgement, wrong: list[int]) -> list[Diagnosis]:
    found = any(_is_integer(i, _compared(judgement)) for i in wrong)
    return _integer_slip(judgement) if found else []


def _integer_slip(judgement: Judgement) -> list[Diagnosis]:
    slip = _INTEGER.get(judgement.kind.field)
    return [of_slip(slip)] if slip else []


_NOISE = 1e-12
"""Gradients below this are zero except for rounding."""
Unit = tuple[int, str]
"""A part of the result to explain: the output's index, and `all`, `target` or `others` (rows)."""


def _units(judgement: Judgement, observed: list[Observation], wrong: list[int]) -> set[Unit]:
    """Divide the wrong outputs into parts that may have different slips.

    The outside gradients of a pair have two parts: the outside word's row, and all others.
    """
    units: set[Unit] = set()
    for i in wrong:
        parts = {(i, "target"), (i, "others")}
        pair = judgement.kind.key in ("naive-softmax", "negative-sampling")
        shapes = all(_same_shape(o.outputs[i], o.expected[i]) for o in observed)
        if i != 2 or not pair or not shapes:
            units.add((i, "all"))
            continue
        units |= {
            unit
            for unit in parts
            if not all(
                _matches(
                    _part(o.outputs[i], unit, o, judgement),
                    _part(o.expected[i], unit, o, judgement),
                )
                for o in observed
            )
        }
    return units


def _same_shape(a: Array | None, b: Array) -> bool:
    return a is not None and a.shape == b.shape


def _part(output: Array | None, unit: Unit, o: Observation, judgement: Judgement) -> Array:
    """Return the part of an output that belongs to a unit."""
    assert output is not None
    if unit[1] == "all":
        return output
    rows = output.T if judgement.variant.layout == "columns" else output
    target = o.case.arguments["o"]
    return rows[target] if unit[1] == "target" else np.delete(rows, target, axis=0)


Cause = tuple[Slip | None, Drawing]


def _causes(judgement: Judgement) -> list[Cause]:
    """Return all slips of the kind; for negative sampling, also combined with ways of drawing."""
    slips: list[Slip | None] = list(slips_of(judgement.kind.field))
    if judgement.kind.key != "negative-sampling":
        return [(slip, AS_ASKED) for slip in slips]
    alone: list[Cause] = [(None, drawing) for drawing in DRAWINGS[1:]]
    return [*alone, *((slip, drawing) for drawing in DRAWINGS for slip in slips)]


def _explain(
    judgement: Judgement, observed: list[Observation], wrong: list[int]
) -> Iterator[Diagnosis]:
    """Name causes until every wrong part is explained, starting with what explains most."""
    if {1, 2} <= set(wrong) and _swapped(observed):
        wrong = [i for i in wrong if i not in (1, 2)]
        yield SWAPPED
    left = _units(judgement, observed, wrong)
    named = len(left) == 0
    explained = {
        cause: {unit for unit in left if _explains(cause, judgement, observed, unit)}
        for cause in (_causes(judgement) if left else [])
    }
    while left:
        cause = max(explained, key=lambda c: len(explained[c] & left))
        if not explained[cause] & left:
            break
        slip, drawing = cause
        yield from (d for d in (slip and of_slip(slip), drawing.diagnosis) if d)
        left -= explained[cause]
        named = True
    unnamed = []
    for i in sorted({i for i, _ in left}):
        found = list(_constant_factor(judgement, observed, i))
        yield from found
        unnamed += [] if found else [judgement.outputs[i].name]
        named |= bool(found)
    if unnamed and named:
        yield Diagnosis(
            "another", f"another mistake remains, which has no name here: {', '.join(unnamed)}"
        )


def published_slip(judgement: Judgement) -> Slip | None:
    """Find the mistake of a course's own key that explains all wrong numbers, if there is one."""
    wrong = [i for i, deviating in enumerate(judgement.deviations) if deviating]
    for slip in slips_of(judgement.kind.field):
        if slip.key_of and wrong and not judgement.errors:
            found = (
                _explains((slip, AS_ASKED), judgement, judgement.observations, (i, "all"))
                for i in wrong
            )
            if all(found):
                return slip
    return None


def _explains(
    cause: Cause, judgement: Judgement, observations: list[Observation], unit: Unit
) -> bool:
    """Whether the cause predicts the unit in every observation, and is harmful in one."""
    harmful = False
    slip, drawing = cause
    planted = slip.plant(EQUATIONS) if slip else EQUATIONS
    layout, i = judgement.variant.layout, unit[0]
    for o in observations:
        drawn = drawing.of(o.case) if judgement.kind.key == "negative-sampling" else None
        got, expected = o.outputs[i], o.expected[i]
        try:
            predicted = outputs_of(judgement.kind, o.case, planted, layout, drawn)[i]
        except (ValueError, IndexError):  # the slip cannot be computed in this shape
            predicted = np.empty(0)
        if predicted.shape != expected.shape and (not predicted.size or unit[1] != "all"):
            # A formula that fits only square matrices may come with a right one for other shapes.
            if not _matches(got, expected):
                return False
            continue
        if unit[1] != "all":
            got, predicted, expected = (
                _part(x, unit, o, judgement) for x in (got, predicted, expected)
            )
        if not _matches(got, predicted):
            return False
        if slip in _INTEGER.values() and got is not None and not got.any():
            return False  # nothing was written at all, a simpler explanation than lost fractions
        harmful |= not _matches(predicted, expected)
    return harmful


def _swapped(observations: list[Observation]) -> bool:
    return bool(observations) and all(
        _matches(o.outputs[1], o.expected[2]) and _matches(o.outputs[2], o.expected[1])
        for o in observations
    )


def _constant_factor(
    judgement: Judgement, observed: list[Observation], i: int
) -> Iterator[Diagnosis]:
    """Find a factor that explains all coordinates."""
    pairs = [(o.outputs[i], o.expected[i]) for o in observed]
    usable = [(a.ravel(), b.ravel()) for a, b in pairs if a is not None and a.shape == b.shape]
    if not usable or len(usable) < len(pairs):
        return
    got, expected = (np.concatenate(parts) for parts in zip(*usable, strict=True))
    if not np.isfinite(got).all() or not expected.any():
        return
    name = judgement.outputs[i].name
    if np.abs(got).max(initial=0.0) < _NOISE:
        what = "gradient" if "gradient" in name else name
        yield Diagnosis("zero", f"the {what} is zero{f': {name}' if name != what else ''}")
        return
    factor = float(got @ expected / (expected @ expected))
    if abs(factor) > TOLERANCE and _matches(got, factor * expected):
        if np.isclose(factor, -1):
            yield Diagnosis("sign", f"wrong sign: {name}")
        elif not np.isclose(factor, 1):
            yield Diagnosis(
                "factor",
                f"off by a constant factor: {name} is {factor:.6g} times what it should be",
                why="1.442695 = 1/ln 2 comes from log2, 0.4342945 from log10."
                if np.isclose(factor, (1 / np.log(2), 1 / np.log(10)), rtol=1e-5).any()
                else "",
            )
