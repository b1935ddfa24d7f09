"""How `gradcheck` prints: colours, and JSON."""

import json
import os
from typing import Any

import click

_STYLES: dict[str, dict[str, Any]] = {
    "good": {"fg": "green"},
    "bad": {"fg": "red", "bold": True},
    "heading": {"bold": True},
    "dim": {"dim": True},
}


def echo(outcome: str | dict[str, Any]) -> None:
    """Print a text, or data as JSON, to standard output."""
    if isinstance(outcome, dict):
        outcome = json.dumps(outcome, ensure_ascii=False, indent=2, allow_nan=False)
    click.echo(outcome)


def paint(text: str, role: str) -> str:
    """Colour a text; click takes the colour out again where output is not a terminal."""
    return text if os.environ.get("NO_COLOR") else click.style(text, **_STYLES[role])
