"""The catalogue of mistakes seen in hand-ins, each defined once.

Tests plant each slip and require that a claim fails. `w2v gradcheck --mistakes` prints them. The
grader names a slip when a student's numbers equal the slip's numbers.
"""

from w2v_cli.checks.block_slips import BLOCK_SLIPS
from w2v_cli.checks.cbow_slips import BATCH_SLIPS, CBOW_SLIPS
from w2v_cli.checks.functions import Slip
from w2v_cli.checks.sampling_slips import SAMPLING_SLIPS
from w2v_cli.checks.softmax_slips import SOFTMAX_SLIPS, WRITTEN_SLIPS
from w2v_cli.checks.window_slips import SUBWORD_SLIPS, WINDOW_SLIPS

CATALOGUE: tuple[Slip, ...] = (
    *BLOCK_SLIPS,
    *SOFTMAX_SLIPS,
    *WRITTEN_SLIPS,
    *SAMPLING_SLIPS,
    *WINDOW_SLIPS,
    *CBOW_SLIPS,
    *BATCH_SLIPS,
    *SUBWORD_SLIPS,
)


def slips_of(function: str) -> list[Slip]:
    """Return the slips in one field of `Functions`, the likeliest first."""
    return [slip for slip in CATALOGUE if slip.function == function]
