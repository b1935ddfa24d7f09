"""The catalogue of mistakes seen in hand-ins: one definition of each.

The same slips are planted in tests of the claims, printed by `w2v gradcheck --mistakes`, and
named by the grader where a user's numbers are a slip's numbers.
"""

from w2v_cli.checks.cbow_slips import CBOW_SLIPS
from w2v_cli.checks.functions import Slip
from w2v_cli.checks.sampling_slips import SAMPLING_SLIPS
from w2v_cli.checks.softmax_slips import BLOCK_SLIPS, SOFTMAX_SLIPS
from w2v_cli.checks.window_slips import SUBWORD_SLIPS, WINDOW_SLIPS

CATALOGUE: tuple[Slip, ...] = (
    *BLOCK_SLIPS,
    *SOFTMAX_SLIPS,
    *SAMPLING_SLIPS,
    *WINDOW_SLIPS,
    *CBOW_SLIPS,
    *SUBWORD_SLIPS,
)


def slips_of(function: str) -> list[Slip]:
    """Return the slips in one field of `Functions`, likelier ones first."""
    return [slip for slip in CATALOGUE if slip.function == function]
