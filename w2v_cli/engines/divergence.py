"""What is raised when a training diverges: by numbers that are not finite, or a loss too large."""

from w2v_cli.errors import RunError


def diverged(lr: float, other_remedy: str = "") -> RunError:
    """Return the error for a training whose loss or vectors are NaN or infinite.

    other_remedy: an option that helps too, such as "--batch-mean".
    """
    remedy = f" or with {other_remedy}" if other_remedy else ""
    return RunError(
        "training diverged: the loss or a vector is not a finite number;"
        f" start a new run with a lower --lr (it was {lr:g}){remedy}"
    )


#: So many times the loss of vectors that know nothing is far above it.
FAR_ABOVE = 10.0


def check_size(loss: float, start: float, lr: float) -> None:
    """Raise RunError for a loss per pair far above `start`, that of vectors that know nothing."""
    if not loss <= FAR_ABOVE * start:
        raise RunError(
            f"training diverged: the loss is {loss:.4g} per pair, and vectors that know nothing"
            f" have {start:.4g}; start a new run with a lower --lr (it was {lr:g})"
        )
