"""The outcome of the checks, as a table for people and as plain data for programs."""

import math
from collections.abc import Sequence
from itertools import groupby

from w2v_cli.checks.claims import Result
from w2v_cli.json_types import Json
from w2v_cli.mistakes.figures import Paint, format_error, format_number, json_number, plain


def render(results: Sequence[Result], seeds: Sequence[int], paint: Paint = plain) -> str:
    """One row a claim: verdict, claim, largest error, where; failed rows show both numbers."""
    width = max(len(r.statement) for r in results)
    lines = [paint(f"       {'claim':<{width}}  {'max error':>9}  where", "dim")]
    for group, members in groupby(results, key=lambda r: r.group):
        lines += ["", paint(group, "heading")]
        for r in members:
            lines += _rows(r, width, paint)
    failed = sum(not r.passed for r in results)
    compared = sum(r.n_compared for r in results)
    numbers = ", ".join(str(seed) for seed in seeds)
    lines += [
        "",
        paint(f"{compared:,} comparisons at random points of the seeds {numbers};", "dim"),
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
    """Give the same as data that JSON can hold; numbers that are not finite become strings."""
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
