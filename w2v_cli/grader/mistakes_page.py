"""`w2v gradcheck --mistakes`: each slip next to the correct formula, with numbers."""

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np

from w2v_cli.checks.check_report import Paint, plain
from w2v_cli.checks.functions import EQUATIONS, Slip
from w2v_cli.checks.measure import relative_error
from w2v_cli.checks.slips import slips_of
from w2v_cli.equations import Array
from w2v_cli.grader.cases import cases_for, outputs_of
from w2v_cli.grader.kinds import KINDS, Kind
from w2v_cli.grader.observation import TOLERANCE

_TITLES = {
    "sigmoid": "Sigmoid",
    "sigmoid-derivative": "Derivative of sigmoid",
    "softmax": "Softmax",
    "softmax-jacobian": "Jacobian of softmax",
    "leaky-relu": "Leaky ReLU",
    "leaky-relu-derivative": "Derivative of leaky ReLU",
    "naive-softmax": "Naive softmax",
    "negative-sampling": "Negative sampling",
    "skipgram": "Skip-gram window",
    "cbow": "CBOW window",
    "dj-dvc": "Naive softmax: ∂J/∂v_c alone",
    "dj-duo": "Naive softmax: ∂J/∂u_o alone",
    "dj-duw": "Naive softmax: ∂J/∂u_w alone",
    "dj-du": "Naive softmax: ∂J/∂U alone",
    "forward-prop": "CBOW in batches: forward pass",
    "compute-cost": "CBOW in batches: cost",
    "back-prop": "CBOW in batches: backward pass",
}
_OUTPUTS = {
    "sigmoid": ("σ(x)",),
    "sigmoid-derivative": ("σ′(x)",),
    "softmax": ("ŷ",),
    "softmax-jacobian": ("∂ŷ/∂x",),
    "leaky-relu": ("f(x)",),
    "leaky-relu-derivative": ("f′(x)",),
    "naive-softmax": ("J", "∂J/∂v_c", "∂J/∂U"),
    "negative-sampling": ("J", "∂J/∂v_c", "∂J/∂U"),
    "skipgram": ("J", "∂J/∂V", "∂J/∂U"),
    "cbow": ("J", "∂J/∂V", "∂J/∂U"),
    "dj-dvc": ("∂J/∂v_c",),
    "dj-duo": ("∂J/∂u_o",),
    "dj-duw": ("∂J/∂u_w",),
    "dj-du": ("∂J/∂U",),
    "forward-prop": ("z", "h"),
    "compute-cost": ("J",),
    "back-prop": ("∂J/∂W1", "∂J/∂W2", "∂J/∂b1", "∂J/∂b2"),
}
_WIDTH = 80


def render_mistakes(paint: Paint = plain) -> str:
    """List all slips of the catalogue: wrong and right formula, the reason, and an example."""
    lines: list[str] = []
    for title, kind in _sections():
        lines += [paint(title, "heading"), ""]
        for _, slips in groupby(slips_of(kind.field), key=lambda slip: slip.title):
            lines += [*_slips(list(slips), kind, paint), ""]
    lines += [paint("Subwords", "heading"), ""]
    for slip in (*slips_of("subwords"), *slips_of("mean_matrix")):
        lines += [*_slips([slip], None, paint), ""]
    lines.append(
        "`w2v gradcheck --file YOURS.py` looks for all of these, except those about subwords."
    )
    return "\n".join(lines)


def _sections() -> Iterator[tuple[str, Kind]]:
    """What can be graded, and CBOW with the mean of word2vec, which no course asks for."""
    for kind in KINDS:
        yield _TITLES[kind.key], kind
    cbow = next(kind for kind in KINDS if kind.key == "cbow")
    yield "CBOW window with the mean", replace(cbow, field="cbow_mean")
    softmax = next(kind for kind in KINDS if kind.key == "softmax")
    yield "CBOW in batches: softmax of columns", replace(softmax, field="softmax_columns")


def _slips(slips: list[Slip], kind: Kind | None, paint: Paint) -> Iterator[str]:
    """Render the slips of one title, which are the same mistake written in several ways.

    kind: where to take an example from; None: no call of the grader shows it.
    """
    first = slips[0]
    yield "  " + paint(first.title, "heading")
    for slip in slips:
        yield from _wrap(slip.wrong, paint("wrong", "bad"))
    yield from _wrap(first.right, paint("right", "good"))
    yield from textwrap.wrap(first.why, _WIDTH, initial_indent="    ", subsequent_indent="    ")
    if kind is None:
        return
    example = textwrap.wrap(
        f"Example: {_example_of(first, kind)}",
        _WIDTH,
        initial_indent="    ",
        subsequent_indent="      ",
    )
    yield from (paint(line, "dim") for line in example)


def _wrap(text: str, label: str) -> Iterator[str]:
    for i, line in enumerate(textwrap.wrap(text, _WIDTH - 11)):
        yield f"    {label if i == 0 else '     '}  {line}"


def _example_of(slip: Slip, kind: Kind) -> str:
    """Describe one coordinate in which the slip shows.

    It is the one that deviates most, in the first of the grader's calls that shows the slip.
    """
    planted = slip.plant(EQUATIONS)
    for case in cases_for(kind):
        try:
            got = outputs_of(kind, case, planted)
        except (ValueError, IndexError):  # the formula does not fit this shape
            continue
        expected = outputs_of(kind, case)
        found = [
            _largest(name, a, b)
            for name, a, b in zip(_OUTPUTS[kind.key], got, expected, strict=True)
        ]
        error, shown = max(found, key=lambda pair: pair[0])
        if error > TOLERANCE:
            return f"{shown} ({case.label})"
    return "none of the grader's calls shows it"


def _largest(name: str, got: Array, expected: Array) -> tuple[float, str]:
    if got.shape != expected.shape:
        return np.inf, f"{name} has shape {got.shape}, not {expected.shape}"
    errors = np.atleast_1d(relative_error(got, expected))
    place = tuple(int(i) for i in np.unravel_index(int(np.argmax(errors)), errors.shape))
    index = f"[{', '.join(map(str, place))}]" if got.ndim else ""
    a, b = np.atleast_1d(got)[place] + 0.0, np.atleast_1d(expected)[place] + 0.0
    return float(errors[place]), f"{name}{index} = {a:.6g} instead of {b:.6g}"
