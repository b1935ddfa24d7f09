"""The lines of `metrics.jsonl`: one record type, of which the README's table is made."""

from pathlib import Path
from typing import Annotated, Literal, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from w2v_cli.errors import RunError
from w2v_cli.json_types import Json


class Report(Struct, frozen=True, kw_only=True):
    """Figures since the last report, or of a whole epoch. Unset: not measured in this run."""

    event: Annotated[
        Literal["report", "epoch"],
        Meta(description="`report`: since the last report; `epoch`: of the whole epoch"),
    ]
    epoch: Annotated[int, Meta(description="number of the epoch, from 1")]
    progress: Annotated[float, Meta(description="share of the training that is done, 0 to 1")]
    n_tokens: Annotated[
        int, Meta(description="running words passed so far, dropped words included")
    ]
    elapsed_seconds: Annotated[
        float, Meta(description="training time so far, over all sessions of the run")
    ]
    words_per_second: Annotated[
        float | None, Meta(description="running words per second; null: too short to measure")
    ]
    loss: Annotated[
        float | None,
        Meta(description="exact mean loss per pair, accumulated in float64; null: no pairs"),
    ]
    lr: Annotated[float, Meta(description="learning rate")]
    perplexity: Annotated[float | UnsetType, Meta(description="exp(loss); with naive softmax")] = (
        UNSET
    )
    held_out_loss: Annotated[
        float | UnsetType,
        Meta(description="loss per pair on held-out documents; with `--holdout`, each epoch"),
    ] = UNSET
    held_out_perplexity: Annotated[
        float | UnsetType, Meta(description="exp(held_out_loss); with naive softmax")
    ] = UNSET
    start_cosine: Annotated[
        float | UnsetType,
        Meta(
            description="mean cosine of known words' vectors with those they started from;"
            " with `--from`, each epoch"
        ),
    ] = UNSET
    eval: Annotated[
        dict[str, float | None] | UnsetType,
        Meta(description="score by set; with `--eval`, each epoch"),
    ] = UNSET

    @property
    def is_epoch(self) -> bool:
        """Whether this sums up a whole epoch."""
        return self.event == "epoch"

    def as_dict(self) -> Json:
        """Return the figures by name, without those that are unset."""
        content: Json = msgspec.to_builtins(self)
        return content


def describe_fields() -> list[tuple[str, str]]:
    """Return (key, what it is) for every field, for the documentation."""
    hints = get_type_hints(Report, include_extras=True)
    return [(name, hint.__metadata__[0].description) for name, hint in hints.items()]


def encode(report: Report) -> bytes:
    """Return one line of `metrics.jsonl`."""
    return msgspec.json.encode(report) + b"\n"


def read_metrics(path: Path) -> list[Report]:
    """Read `metrics.jsonl`; a last line that a power cut left unfinished is dropped.

    Raises RunError for another line that is not a report.
    """
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")
    reports = []
    for number, line in enumerate(lines, 1):
        try:
            if line:
                reports.append(msgspec.json.decode(line, type=Report))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            if number < len(lines):
                text = line[:60].decode("utf-8", "replace")
                raise RunError(f"{path}: line {number} is not a report: {text!r}") from None
    return reports
