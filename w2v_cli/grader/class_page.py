"""The grades of a class as one HTML page: `--html` of `w2v gradcheck --folder`.

The page is for teachers: it holds the full reports, right formulas included. It has no script and
needs no network. Its content security policy allows nothing but its own style, and every text
from a submission is escaped.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path

from w2v_cli.errors import visible
from w2v_cli.grader.observation import EMPTY, LEFT_OUT, PUBLISHED, RIGHT, UNSTABLE
from w2v_cli.grader.submissions import Result, cell, functions_of, kinds_of, look_alikes, points
from w2v_cli.storage.atomic import atomic_write

_STYLE = """
:root { color-scheme: light dark; --paper: #fdfdfb; --ink: #1c2024; --soft: #5b636c;
  --line: #dcdfe3; --good: #1a6e37; --bad: #a8281c; --fill: #f3f4f5;
  font: 15px/1.5 "Inter", system-ui, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #101317; --ink: #edf0f3; --soft: #a2abb5; --line: #2f363e; --good: #74d092;
    --bad: #ff9384; --fill: #191e23; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 24px 64px; max-width: 1120px; background: var(--paper);
  color: var(--ink); }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 36px 0 8px; }
p, li { max-width: 75ch; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.good { color: var(--good); }
.bad { color: var(--bad); font-weight: 600; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 5px 18px 5px 0; border-bottom: 1px solid var(--line);
  white-space: nowrap; }
thead th { color: var(--soft); font-weight: 500; font-size: 13px; }
tbody th { font-weight: 500; max-width: 28ch; overflow: hidden; text-overflow: ellipsis; }
tbody th a { color: inherit; }
.number { text-align: right; }
ul { padding-left: 20px; }
details { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: 8px 0; overflow-wrap: anywhere; }
pre { margin: 0 0 16px; padding: 14px 16px; border-radius: 8px; background: var(--fill);
  overflow-x: auto; font: 12.5px/1.5 ui-monospace, Menlo, Consolas, "Liberation Mono", monospace; }
@media (max-width: 560px) {
  body { padding: 20px 16px 48px; }
  tbody th { position: sticky; left: 0; background: var(--paper); max-width: 14ch; }
}
"""


def write_class_page(path: Path, folder: Path, results: Sequence[Result]) -> None:
    """Write the page, whole or not at all. folder: the submissions' folder, for the title.

    Raises:
        OSError: the file cannot be written.
    """
    with atomic_write(path) as file:
        file.write(class_page(folder, results).encode("utf-8", "replace"))


def class_page(folder: Path, results: Sequence[Result]) -> str:
    """Return the page."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode("ascii")
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none';"
        " form-action 'none'"
    )
    title = f"Grades: {folder.resolve().name or folder}"
    passed = sum(result.passed for result in results)
    sections = [
        f"<h1>{_text(title)}</h1>",
        f'<p class="soft">{passed} of {len(results)} submissions pass.</p>',
        *_table(results),
        *_functions(results),
        *_mistakes(results),
        *_look_alikes(results),
        *_reports(results),
        '<p class="soft">Made with <code>w2v gradcheck --folder</code>. For teachers: the reports'
        " contain right formulas.</p>",
    ]
    return "\n".join(
        (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f'<title>{_text(title)}</title>\n<link rel="icon" href="data:,">',
            f"<style>{_STYLE}</style>\n</head>\n<body>",
            *sections,
            "</body>\n</html>\n",
        )
    )


def _text(text: str) -> str:
    """Return a text of a submission as HTML, its control characters made visible."""
    return escape(visible(text, "\n"))


# The sections.


_GOOD = {RIGHT, UNSTABLE, PUBLISHED}
_NEUTRAL = {EMPTY, *LEFT_OUT}


def _table(results: Sequence[Result]) -> Iterator[str]:
    """One row for each submission, one column for each kind of function."""
    kinds = kinds_of(results)
    heads = "".join(f'<th scope="col">{_text(kind)}</th>' for kind in kinds)
    yield '<div class="wide"><table>\n<thead><tr><th scope="col">submission</th>'
    yield f'{heads}<th scope="col" class="number">points</th></tr></thead>\n<tbody>'
    for number, r in enumerate(results):
        cells = "".join(f"<td{_role(r, kind)}>{_text(cell(r, kind))}</td>" for kind in kinds)
        name = _text(r.submission.name)
        yield (
            f'<tr><th scope="row" title="{name}"><a href="#s{number}">{name}</a></th>{cells}'
            f'<td class="number">{points(r)}</td></tr>'
        )
    yield "</tbody></table></div>"


def _role(result: Result, kind: str) -> str:
    verdicts = {function.verdict for function in functions_of(result, kind)}
    if verdicts <= _NEUTRAL:
        return ' class="soft"'
    return ' class="good"' if verdicts <= _GOOD | _NEUTRAL else ' class="bad"'


def _functions(results: Sequence[Result]) -> Iterator[str]:
    """How many submissions have each kind of function right."""
    yield "<h2>Functions</h2>\n<ul>"
    for kind in kinds_of(results):
        verdicts = [f.verdict for r in results for f in functions_of(r, kind)]
        graded = [verdict for verdict in verdicts if verdict not in LEFT_OUT]
        right = sum(verdict in _GOOD for verdict in graded)
        others = Counter(verdict for verdict in graded if verdict not in _GOOD)
        more = "".join(f", {n} {_text(verdict)}" for verdict, n in others.most_common())
        yield f"<li>{_text(kind)}: {right} of {len(graded)} right{more}</li>"
    yield "</ul>"


def _mistakes(results: Sequence[Result]) -> Iterator[str]:
    """Named mistakes, the most frequent first, with those who made them."""
    made: dict[str, list[str]] = {}
    for r in results:
        for title in dict.fromkeys(title for f in r.functions for title in f.diagnoses if title):
            made.setdefault(title, []).append(r.submission.name)
    if not made:
        return
    yield "<h2>Mistakes</h2>\n<ul>"
    for title, names in sorted(made.items(), key=lambda item: -len(item[1])):
        yield f'<li>{_text(title)} <span class="soft">({len(names)}: {_names(names)})</span></li>'
    yield "</ul>"


def _look_alikes(results: Sequence[Result]) -> Iterator[str]:
    groups = look_alikes(results)
    if not groups:
        return
    yield "<h2>Look-alikes</h2>"
    yield (
        "<p>The submissions on each line are equal apart from names, comments and layout. This"
        " is a hint to read them, and proves nothing: short functions often come out alike.</p>"
    )
    yield f"<ul>{''.join(f'<li>{_names(names)}</li>' for names in groups)}</ul>"


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(_text, names))


def _reports(results: Sequence[Result]) -> Iterator[str]:
    yield "<h2>Reports</h2>"
    for number, r in enumerate(results):
        role, verdict = ("good", "passes") if r.passed else ("bad", "does not pass")
        head = f'{_text(r.submission.name)} <span class="{role}">{verdict}</span>'
        report = _text(r.report or r.problem)
        yield f'<details id="s{number}"><summary>{head}</summary>\n<pre>{report}</pre></details>'
