"""``w2v gradcheck``: prove the calculus."""

import json
import os
import sys
from pathlib import Path

import click


def _paint(text: str, role: str) -> str:
    if os.environ.get("NO_COLOR"):
        return text
    styles: dict[str, dict[str, object]] = {
        "good": {"fg": "green"},
        "bad": {"fg": "red", "bold": True},
        "heading": {"bold": True},
        "dim": {"dim": True},
    }
    return click.style(text, **styles[role])  # type: ignore[arg-type]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("run", required=False, type=click.Path(path_type=Path))
@click.option(
    "--seed",
    "seeds",
    type=click.IntRange(min=0, max=2**63 - 1),
    metavar="N",
    multiple=True,
    default=(0, 1, 2),
    show_default="0, 1, 2",
    help="Seed of the random points; give it several times for more points.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def gradcheck(run: Path | None, seeds: tuple[int, ...], as_json: bool) -> None:
    """Prove the losses and gradients that training rests on.

    Every claim is checked at random points: each coordinate and random directions against
    differences of the loss. Then every engine trains a small random corpus and is compared with
    the equations. With RUN, a run folder or its vectors.safetensors, both are done at the
    parameters of that run as well.

    NaN and infinity never pass. Exit status: 0 if every claim holds, 1 if one fails.
    """
    from w2v_cli.gradcheck.proof import prove
    from w2v_cli.gradcheck.report import as_data, render

    results = prove(run, seeds)
    if as_json:
        click.echo(json.dumps(as_data(results, seeds), ensure_ascii=False, indent=2))
    else:
        click.echo(render(results, seeds, _paint))
    if not all(r.passed for r in results):
        sys.exit(1)
