"""What a slip is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from w2v_cli.equations import LossAndGradients
from w2v_cli.mistakes.functions import Functions


@dataclass(frozen=True)
class Slip:
    """A known mistake, as a function that makes it.

    key: short name. function: the field of ``Functions`` it is made in. title: the diagnosis
    in a few words. wrong, right: the two formulas. why: what to think of. mutated: a function
    with the reference's signature that makes the mistake. claims: keys of claims that refute
    it (others may fail too).
    """

    key: str
    function: str
    title: str
    wrong: str
    right: str
    why: str
    mutated: Callable[..., Any]
    claims: tuple[str, ...]

    def plant(self, functions: Functions) -> Functions:
        """Return the functions with this mistake in them."""
        return replace(functions, **{self.function: self.mutated})


def combined(a: float, x: LossAndGradients, b: float, y: LossAndGradients) -> LossAndGradients:
    """``a·x + b·y`` of loss and gradients alike."""
    return LossAndGradients(
        a * x.loss + b * y.loss,
        a * x.grad_center + b * y.grad_center,
        a * x.grad_outside + b * y.grad_outside,
    )
