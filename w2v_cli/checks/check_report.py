"""The results of the checks: a table for people, data for programs, JUnit XML for CI servers.

The grader formats its numbers and its XML with the same functions.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree as ET

from w2v_cli.checks.measure import Result
from w2v_cli.json_types import Json
from w2v_cli.storage.atomic import atomic_write

# Numbers, and coloured text.


Paint = Callable[[str, str], str]
"""`(text, role)` to text, with or without colour. Roles: good, bad, heading, dim."""


def plain(text: str, role: str) -> str:
    """Return the text without colour."""
    return text


def format_error(error: float) -> str:
    """Write an error with two digits: `2.2e-16`, `0` or `inf`."""
    return "0" if error == 0 else f"{error:.1e}" if math.isfinite(error) else "inf"


def format_number(number: float) -> str:
    """Write a number with ten digits, so that small differences show."""
    return f"{number + 0.0:.10g}"  # + 0.0 takes the sign from −0


def json_number(number: float) -> float | str:
    """Return the number if it is finite, else its name: JSON has no NaN."""
    return float(number) if math.isfinite(number) else str(float(number))


# The table and the data.


def table_lines(results: Iterable[Result], width: int, paint: Paint = plain) -> Iterator[str]:
    """Yield one line per claim, as the results come: verdict, statement, largest error, where.

    Failed claims show both numbers on further lines. width: of the longest statement.
    """
    yield paint(f"       {'claim':<{width}}  {'max error':>9}  where", "dim")
    for group, members in groupby(results, key=lambda r: r.group):
        yield ""
        yield paint(group, "heading")
        for r in members:
            yield from _rows(r, width, paint)


def summary(results: Sequence[Result], seeds: Sequence[int], paint: Paint = plain) -> str:
    """Return the lines below the table: what was compared, and how many claims hold."""
    failed = sum(not r.passed for r in results)
    compared = sum(r.n_compared for r in results)
    numbers = ", ".join(str(seed) for seed in seeds)
    seeds_shown = f"seed {numbers}" if len(seeds) == 1 else f"the seeds {numbers}"
    lines = [
        "",
        paint(f"{compared:,} comparisons at random points of {seeds_shown};", "dim"),
        paint(
            "error = |found − right| / max(1, |found|, |right|); d is a random direction.", "dim"
        ),
        "",
    ]
    if failed:
        lines.append(paint(f"{failed} of {len(results)} claims FAIL.", "bad"))
    else:
        lines.append(paint(f"All {len(results)} claims hold.", "good"))
    return "\n".join(lines)


def _rows(r: Result, width: int, paint: Paint) -> list[str]:
    verdict = paint("ok  ", "good") if r.passed else paint("FAIL", "bad")
    where = r.worst.where if r.worst.error else "equal everywhere"
    rows = [f"  {verdict} {r.statement:<{width}}  {format_error(r.worst.error):>9}  {where}"]
    if not r.passed:
        indent = " " * 9
        if not (math.isnan(r.worst.got) and math.isnan(r.worst.expected)):
            found, right = format_number(r.worst.got), format_number(r.worst.expected)
            rows.append(f"{indent}found {found}, should be {right} (tolerance {r.tolerance:g})")
        rows.append(f"{indent}at {r.worst.place}")
    return rows


def as_data(results: Sequence[Result], seeds: Sequence[int]) -> Json:
    """Return the same as JSON data; numbers that are not finite become strings."""
    return {
        "passed": all(r.passed for r in results),
        "seeds": list(seeds),
        "claims": [
            {
                "key": r.key,
                "group": r.group,
                "claim": r.statement,
                "verdict": "ok" if r.passed else "fail",
                "error": json_number(r.worst.error),
                "tolerance": r.tolerance,
                "where": r.worst.where,
                "place": r.worst.place,
                "found": json_number(r.worst.got),
                "expected": json_number(r.worst.expected),
                "comparisons": r.n_compared,
            }
            for r in results
        ],
    }


# JUnit XML, for autograders and CI servers.


_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow."""


@dataclass(frozen=True)
class TestCase:
    """One test case. outcome: passed, failure or error."""

    __test__ = False  # its name would make pytest collect it

    name: str
    group: str
    outcome: str = "passed"
    message: str = ""
    details: str = ""


def write_junit(path: Path, suite: str, cases: Sequence[TestCase]) -> None:
    """Write one test suite to a file, completely or not at all.

    Raises OSError when the file cannot be written.
    """
    count = {outcome: sum(c.outcome == outcome for c in cases) for outcome in ("failure", "error")}
    attributes = {
        "name": _clean(suite),
        "tests": str(len(cases)),
        "failures": str(count["failure"]),
        "errors": str(count["error"]),
        "skipped": "0",
    }
    root = ET.Element("testsuites")
    element = ET.SubElement(root, "testsuite", attributes)
    for case in cases:
        names = {"name": _clean(case.name), "classname": _clean(case.group), "time": "0"}
        row = ET.SubElement(element, "testcase", names)
        if case.outcome != "passed":
            ET.SubElement(row, case.outcome, {"message": _clean(case.message)}).text = _clean(
                case.details
            )
    ET.indent(root)
    with atomic_write(path) as file:
        file.write(ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("?", text)


def cases_of_claims(results: Iterable[Result]) -> list[TestCase]:
    """Return one test case per claim."""
    return [
        TestCase(r.statement, r.group)
        if r.passed
        else TestCase(r.statement, r.group, "failure", *_failure(r))
        for r in results
    ]


def _failure(r: Result) -> tuple[str, str]:
    found, right = format_number(r.worst.got), format_number(r.worst.expected)
    message = f"error {format_error(r.worst.error)} at {r.worst.where}"
    return message, f"found {found}, should be {right} (tolerance {r.tolerance:g}); {r.worst.place}"
