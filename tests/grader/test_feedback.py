"""What reports tell: everything, hints without answers, or verdicts; and a call that fails."""

import json

import pytest
from click.testing import CliRunner
from hand_ins import NAIVE, SAMPLING, SIGMOID, SKIPGRAM, SOFTMAX
from student_files import student  # noqa: F401

from w2v_cli.commands.gradcheck import gradcheck
from w2v_cli.grader.grade import grade_file

WRONG = (
    f"import numpy as np\nimport random\n{SIGMOID['plain']}{SOFTMAX['2019 utils']}"
    + NAIVE["2019"]
    + SAMPLING["2019"]
    + SKIPGRAM["2019"]
).replace("loss += ", "loss = ")
SIGN = "import numpy as np\ndef sigmoid(x):\n    return 1 / (1 + np.exp(x))\n"


def graded(path, *options):
    return CliRunner().invoke(gradcheck, ["--file", str(path), *options]).output


def test_hints_have_no_right_formula_and_no_expected_number(student, tmp_path):
    path = student(SIGN, "mine.py")
    full, hint = graded(path), graded(path, "--feedback", "hint")
    for words in ("should be", "1/(1 + e⁻ˣ)", "It looks like"):
        assert words in full
        assert words not in hint
    assert "σ must rise from 0 to 1" in hint
    assert "found" in hint
    none = graded(path, "--feedback", "none")
    assert "WRONG" in none
    assert "found" not in none
    data = json.loads(graded(path, "--feedback", "hint", "--json"))
    assert all(c["expected"] is None for c in data["functions"][0]["outputs"][0]["worst"])


def test_gradescope_gets_hints_unless_more_is_asked_for(student, tmp_path):
    path, results = student(SIGN, "mine.py"), tmp_path / "results.json"
    graded(path, "--gradescope", str(results))
    assert "should be" not in results.read_text()
    graded(path, "--gradescope", str(results), "--feedback", "full")
    assert "should be" in results.read_text()


@pytest.mark.parametrize(
    ("old", "new", "function"),
    [
        ("np.exp(-x)", "np.exp(x)", "sigmoid"),
        ("np.outer(", "2 * np.outer(", "naiveSoftmaxLossAndGradient"),
        ("loss += ", "loss = ", "skipgram"),
    ],
)
def test_the_failing_call_runs_and_gives_the_wrong_numbers(student, capsys, old, new, function):
    text = (
        f"import numpy as np\nimport random\n{SIGMOID['plain']}{SOFTMAX['2019 utils']}"
        + NAIVE["2019"]
        + SAMPLING["2019"]
        + SKIPGRAM["2019"]
    )
    text = text.replace("from utils.utils import softmax", "")
    grades = {g.function: g for g in grade_file(student(text.replace(old, new))).grades}
    code = grades[function].code
    assert 3 <= len(code) <= 8
    printed = []
    for source in (text, text.replace(old, new)):
        exec(source + "\n" + "\n".join(code), {"__name__": "mine"})
        printed.append(capsys.readouterr().out)
    assert printed[0] != printed[1]


def test_a_window_report_says_that_the_pair_loss_is_made_up_and_names_the_derivation(student):
    shown = graded(student(WRONG.replace("from utils.utils import softmax", "")))
    assert "The pair loss is made up here" in shown
    assert "w2v gradcheck --show skip-gram" in shown
