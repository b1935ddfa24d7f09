"""Slips seen in hand-ins: one definition of each.

The same catalogue plants mistakes in the tests of the claims, prints
``w2v gradcheck --mistakes`` and names what is wrong with a user's function.
"""

from w2v_cli.checks import block_slips as blocks
from w2v_cli.checks import cbow_slips as cbow
from w2v_cli.checks import sampling_slips as sampling
from w2v_cli.checks import softmax_slips as softmax
from w2v_cli.checks import window_slips as subwords
from w2v_cli.checks import window_slips as window
from w2v_cli.checks.functions import Slip

CATALOGUE: tuple[Slip, ...] = (
    *blocks.SLIPS,
    *softmax.SLIPS,
    *sampling.SLIPS,
    *window.SLIPS,
    *cbow.SLIPS,
    *subwords.SLIPS,
)


def slips_of(function: str) -> list[Slip]:
    """Slips of one field of ``Functions``, likelier ones first."""
    return [slip for slip in CATALOGUE if slip.function == function]


__all__ = ["CATALOGUE", "Slip", "slips_of"]
