"""Checked claims as JUnit test cases."""

from collections.abc import Iterable

from w2v_cli.checks.claims import Result
from w2v_cli.mistakes.figures import format_error, format_number
from w2v_cli.mistakes.junit import TestCase


def cases_of_claims(results: Iterable[Result]) -> list[TestCase]:
    """One test case a claim."""
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
