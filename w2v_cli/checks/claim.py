"""What a claim is."""

from collections.abc import Callable
from dataclasses import dataclass

from w2v_cli.checks.points import Point
from w2v_cli.mistakes.functions import Functions
from w2v_cli.mistakes.measure import Tally


@dataclass(frozen=True)
class Claim:
    """A statement, and the check that compares the two sides of it at one point."""

    key: str
    group: str
    statement: str
    check: Callable[[Functions, Point, Tally], None]
    tolerance: float
