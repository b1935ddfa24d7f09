"""What an engine raises when its numbers are no longer finite."""

from w2v_cli.errors import RunError


def diverged(lr: float, other_remedy: str = "") -> RunError:
    """Return the error for a training whose loss or vectors are NaN or infinite.

    other_remedy: an option that helps too, such as "--batch-mean".
    """
    remedy = f" or with {other_remedy}" if other_remedy else ""
    return RunError(
        "training diverged: the loss or a vector is not a finite number;"
        f" start again with a lower --lr (it was {lr:g}){remedy}"
    )
