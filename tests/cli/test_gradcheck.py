import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from w2v_cli.commands.gradcheck import gradcheck
from w2v_cli.gradcheck import claims
from w2v_cli.gradcheck.engine_checks import ENGINE_CLAIMS
from w2v_cli.gradcheck.slips import slips_of


def run(*arguments):
    return CliRunner().invoke(gradcheck, arguments)


@pytest.fixture
def plant(monkeypatch):
    """Put wrong functions where the command looks for the equations."""

    def put(functions):
        monkeypatch.setattr(
            claims.check_claims, "__defaults__", (functions, *claims.check_claims.__defaults__[1:])
        )

    return put


def test_all_claims_hold():
    result = run()
    assert result.exit_code == 0
    assert "claims hold." in result.output
    assert "Engines" in result.output
    assert "FAIL" not in result.output


def test_one_row_a_claim():
    result = run("--seed", "5")
    for claim in claims.CLAIMS:
        assert sum(claim.statement in line for line in result.output.splitlines()) >= 1


def test_json_is_strict_and_complete():
    data = json.loads(run("--json", "--seed", "7").output, parse_constant=pytest.fail)
    assert data["passed"] is True
    assert data["seeds"] == [7]
    keys = [row["key"] for row in data["claims"]]
    expected = [claim.key for claim in (*claims.CLAIMS, *ENGINE_CLAIMS)]
    assert keys == expected
    assert all(row["error"] <= row["tolerance"] for row in data["claims"])


def test_a_failing_claim_shows_both_numbers_and_exits_with_1(plant):
    plant(slips_of("naive_softmax")[0].plant(claims.EQUATIONS))
    result = run("--seed", "0")
    assert result.exit_code == 1
    assert "claims FAIL." in result.output
    row, numbers, place = next(
        lines
        for lines in zip(*(result.output.splitlines()[i:] for i in range(3)), strict=False)
        if "FAIL ∂J/∂v_c = Uᵀ(ŷ − y)" in lines[0]
    )
    assert "∂J/∂v_c[" in row or "u_o[" in row
    assert "found" in numbers
    assert "should be" in numbers
    assert place.strip().startswith("at seed 0")


def test_nan_fails_in_json_too(plant):
    plant(replace(claims.EQUATIONS, sigmoid=lambda x: np.full_like(x, np.nan)))
    result = run("--json")
    assert result.exit_code == 1
    data = json.loads(result.output, parse_constant=pytest.fail)
    row = next(row for row in data["claims"] if row["key"] == "sigmoid")
    assert (row["verdict"], row["error"], row["found"]) == ("fail", "inf", "nan")


def test_output_is_plain_off_a_terminal():
    assert "\x1b" not in run().output


def test_a_wrong_seed_is_a_usage_error():
    assert run("--seed", "-1").exit_code == 2
