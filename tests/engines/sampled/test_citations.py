"""The steps quote the equations; a quotation must stand there."""

import re

import pytest
from conftest import ROOT

PACKAGE = ROOT / "w2v_cli"


@pytest.mark.parametrize(
    ("step", "equations", "n"),
    [("step.py", "negative_sampling.py", 8), ("cbow_step.py", "cbow.py", 3)],
)
def test_what_a_step_quotes_stands_in_the_equations(step, equations, n):
    source = (PACKAGE / "engines/sampled" / step).read_text(encoding="utf-8")
    quoted = re.findall(r"# equations: (.+)", source)
    assert len(quoted) >= n
    text = (PACKAGE / "equations" / equations).read_text(encoding="utf-8")
    assert [line for line in quoted if line not in text] == []
