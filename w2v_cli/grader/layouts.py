"""Arguments and results in the shapes that a user's functions may have."""

import numpy as np

from w2v_cli.equations import Array
from w2v_cli.grader.cases import Case
from w2v_cli.grader.worker.calls import Variant
from w2v_cli.grader.worker.wire import Json, pack

ROWS = (Variant("rows", "flat"), Variant("rows", "row"), Variant("rows", "column"))
COLUMNS = (Variant("columns", "flat"), Variant("columns", "column"), Variant("columns", "row"))
VARIANTS = (ROWS[0], COLUMNS[0], *ROWS[1:], *COLUMNS[1:])
"""What is tried, likelier ones first."""

_CENTER = {"flat": (-1,), "row": (1, -1), "column": (-1, 1)}


def arguments_in(case: Case, variant: Variant) -> dict[str, object]:
    """Return a case's arguments by role, arrays turned and shaped as the variant has them."""
    turned: dict[str, object] = {}
    for role, value in case.arguments.items():
        shaped = value
        if isinstance(value, np.ndarray) and role in ("U", "V") and variant.layout == "columns":
            shaped = np.ascontiguousarray(value.T)
        elif isinstance(value, np.ndarray) and role == "v_c":
            shaped = value.reshape(_CENTER[variant.center])
        turned[role] = shaped
    return turned


def packed_arguments(case: Case, variant: Variant) -> dict[str, Json]:
    """Return the same as JSON."""
    packed: dict[str, Json] = {}
    for role, value in arguments_in(case, variant).items():
        packed[role] = pack(value)
    return packed


def results_in(results: list[Array], variant: Variant) -> list[Array]:
    """Turn right results, with words by rows, into the layout of a variant."""
    return [part.T for part in results] if variant.layout == "columns" else results
