"""A notebook from a Python text: `# %%` begins a cell of code, `# %% [markdown]` one of text.

nbformat 4.5 as JSON. The cells have no results: whoever opens the notebook runs it.
"""

import json
import re

from w2v_cli.json_types import Json

_CELL = re.compile(r"^# %%(?P<markdown> \[markdown\])?\n", re.MULTILINE)


def cells(text: str) -> list[tuple[bool, str]]:
    """Cut a text into cells: whether it is Markdown, and its source."""
    marks = list(_CELL.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    found = []
    for mark, end in zip(marks, ends, strict=True):
        markdown = mark["markdown"] is not None
        source = text[mark.end() : end].strip("\n")
        found.append((markdown, re.sub(r"^# ?", "", source, flags=re.M) if markdown else source))
    return found


def as_notebook(text: str) -> str:
    """Return the notebook as the content of an .ipynb file."""
    notebook: Json = {
        "cells": [_cell(i, *cell) for i, cell in enumerate(cells(text))],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def _cell(i: int, markdown: bool, source: str) -> Json:
    cell: Json = {
        "cell_type": "markdown" if markdown else "code",
        "id": f"cell-{i}",
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }
    return cell if markdown else cell | {"execution_count": None, "outputs": []}
