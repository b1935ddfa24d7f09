import json
import keyword
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from click.testing import CliRunner

from w2v_cli.checks import claims
from w2v_cli.checks.engine_checks import engine_claims
from w2v_cli.checks.slips import CATALOGUE, slips_of
from w2v_cli.commands.gradcheck import gradcheck


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


def test_only_some_claims_and_their_names():
    names = run("--list").output
    assert all(claim.key in names for claim in claims.CLAIMS)
    result = run("--only", "softmax-loss, CBOW window", "--seed", "0")
    assert result.exit_code == 0
    assert "Naive softmax" in result.output
    assert "Engines" not in result.output
    assert "All 8 claims hold." in result.output
    assert "no claim and no group" in str(run("--only", "nothing").exception)
    assert run("--only", "softmax", "--mistakes").exit_code == 2


def test_json_is_strict_and_complete():
    data = json.loads(run("--json", "--seed", "7").stdout, parse_constant=pytest.fail)
    assert data["passed"] is True
    assert data["seeds"] == [7]
    keys = [row["key"] for row in data["claims"]]
    both = (*claims.CLAIMS, *(each.check for each in engine_claims()))
    assert sorted(keys) == sorted(claim.key for claim in both)
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
    data = json.loads(result.stdout, parse_constant=pytest.fail)
    row = next(row for row in data["claims"] if row["key"] == "sigmoid")
    assert (row["verdict"], row["error"], row["found"]) == ("fail", "inf", "nan")


def test_output_is_plain_off_a_terminal():
    assert "\x1b" not in run("--seed", "0").output


def test_a_wrong_seed_is_a_usage_error():
    assert run("--seed", "-1").exit_code == 2


def test_a_right_file_exits_with_0(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("import numpy as np\n\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n")
    result = run("--file", str(file))
    assert result.exit_code == 0
    assert "right      sigmoid" in result.output
    assert "It is right." in result.output


WRONG = """import numpy as np

def sigmoid(x):
    print("hello from the file")
    return 1 / (1 + np.exp(x))

def softmax(x):
    return None

def skipgram(*arguments):
    raise ValueError("<&> \\x07")
"""


@pytest.fixture
def wrong_file(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(WRONG)
    return file


def test_a_wrong_file_exits_with_1_and_names_the_slip(wrong_file):
    result = run("--file", str(wrong_file))
    assert result.exit_code == 1
    assert "It looks like: wrong sign" in result.output
    assert "should be" in result.output
    assert "hello from the file" in result.output
    assert "to do      softmax: not implemented yet" in result.output
    assert "0 of 3 functions right." in result.output
    assert "\x1b" not in result.output


def test_a_file_that_stops_while_loading(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(
        "import numpy as np\nfrom q1_softmax import softmax\n\n"
        "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n\n"
        "print('so far so good')\nassert sigmoid(0) == 1\n"
    )
    junit = tmp_path / "grade.xml"
    result = run("--file", str(file), "--junit", str(junit))
    assert result.exit_code == 1
    text = " ".join(result.output.split())
    assert "it could not be loaded: AssertionError (line 8: assert sigmoid(0) == 1)" in text
    assert "so far so good" in result.output
    assert "is still graded" in text
    assert "right      sigmoid" in result.output
    assert "q1_softmax" in result.output
    assert "1 of 1 functions right." in result.output
    cases = {case.get("name"): case for case in ElementTree.parse(junit).getroot().iter("testcase")}
    assert cases["import"].find("error") is not None
    assert len(cases["sigmoid"]) == 0


def test_a_file_that_does_not_load_at_all(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("def sigmoid(x:\n    return x\n")
    result = run("--file", str(file))
    assert result.exit_code == 1
    assert "SyntaxError" in result.output
    assert "Nothing could be graded." in result.output


def test_a_failed_claim_in_junit_xml(plant, tmp_path):
    plant(slips_of("sigmoid")[0].plant(claims.EQUATIONS))
    junit = tmp_path / "claims.xml"
    assert run("--junit", str(junit), "--seed", "1").exit_code == 1
    failures = list(ElementTree.parse(junit).getroot().iter("failure"))
    assert any("σ(x)" in failure.get("message") for failure in failures)


def test_the_grade_as_json(wrong_file):
    result = run("--file", str(wrong_file), "--json")
    assert result.exit_code == 1
    data = json.loads(result.stdout, parse_constant=pytest.fail)
    sigmoid, softmax, skipgram = data["functions"]
    assert data["passed"] is False
    assert sigmoid["verdict"] == "wrong"
    assert sigmoid["diagnoses"][0]["key"] == "sigmoid-turned"
    assert sigmoid["outputs"][0]["worst"][0]["got"] != sigmoid["outputs"][0]["worst"][0]["expected"]
    assert softmax["verdict"] == "not implemented yet"
    assert skipgram["verdict"] == "error"


def test_the_grade_as_junit_xml(wrong_file, tmp_path):
    junit = tmp_path / "out" / "grade.xml"
    assert run("--file", str(wrong_file), "--junit", str(junit)).exit_code == 1
    suite = ElementTree.parse(junit).getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "2", "1")
    cases = {case.get("name"): case for case in suite}
    assert "wrong sign" in cases["sigmoid"].find("failure").get("message")
    assert "not implemented yet" in cases["softmax"].find("failure").get("message")
    assert "<&>" in cases["skipgram"].find("error").text


def test_the_claims_as_junit_xml(tmp_path):
    junit = tmp_path / "claims.xml"
    assert run("--junit", str(junit), "--seed", "1").exit_code == 0
    suite = ElementTree.parse(junit).getroot().find("testsuite")
    assert int(suite.get("tests")) >= 30
    assert suite.get("failures") == "0"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--file", "nowhere.py"],
        ["--map", "sigmoid=s"],
        ["--file", __file__, "--map", "sigmoid"],
        ["--file", __file__, "--show", "sigmoid"],
        ["--mistakes", "--json"],
        ["--show", "calculus"],
        ["runs/x", "--mistakes"],
        ["my_word2vec.py"],
        ["--file", __file__, "--time-limit", "0"],
        ["--file", keyword.__file__],
    ],
)
def test_wrong_usage_exits_with_2(w2v, arguments):
    result = w2v("gradcheck", *arguments)
    assert result.code == 2
    assert "rror" in result.err
    assert result.out == ""


def test_a_python_file_in_place_of_a_run_is_pointed_to_the_grader(w2v):
    assert "--file my_word2vec.py" in w2v("gradcheck", "my_word2vec.py").err


@pytest.mark.parametrize(
    "topic",
    ["sigmoid", "softmax", "naive-softmax", "negative-sampling", "skip-gram", "cbow", "subwords"],
)
def test_derivations_show_numbers_that_agree(topic):
    result = run("--show", topic)
    assert result.exit_code == 0
    proof = [
        line for line in result.output.splitlines() if "difference" in line and "formula" in line
    ]
    assert proof
    for line in proof:
        words = line.split()
        formula, difference = words[words.index("formula") + 1], words[-1]
        assert float(formula) == pytest.approx(float(difference), abs=1e-9)
    assert max(map(len, result.output.splitlines())) <= 100


def test_every_mistake_stands_next_to_the_truth():
    result = run("--mistakes")
    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= 100
    text = " ".join(result.output.split())
    for slip in CATALOGUE:
        for part in (slip.title, slip.wrong, slip.right, slip.why):
            assert " ".join(part.split()) in text
    assert "none of the grader's calls" not in text


def test_colour_only_where_it_is_wanted(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[" in CliRunner().invoke(gradcheck, ["--mistakes"], color=True).output
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in CliRunner().invoke(gradcheck, ["--mistakes"], color=True).output


def test_the_topics_of_the_option_are_those_that_exist():
    from w2v_cli.checks import derivations
    from w2v_cli.commands import gradcheck as command

    assert set(command.TOPICS) == set(derivations.TOPICS)


def test_derivations_fit_a_terminal():
    from w2v_cli.checks import derivations

    for topic in derivations.TOPICS:
        assert max(map(len, derivations.render_derivation(topic).split("\n"))) <= 80, topic


RIGHT_FILE = "import numpy as np\n\n\ndef softmax(x):\n    e = np.exp(x)\n    return e / e.sum()\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--file", keyword.__file__, "--mistakes"], "--file and --mistakes exclude each other"),
        (["runs/x", "--show", "softmax"], "RUN and --show exclude each other"),
        (["--mistakes", "--json"], "--json cannot be used with --mistakes"),
        (["--show", "softmax", "--seed", "1"], "--seed cannot be used with --show"),
        (["--map", "sigmoid=s"], "--map requires --file"),
        (["--strict"], "--strict requires --file"),
        (["--memory-limit", "1000", "runs/x"], "--memory-limit cannot be used with RUN"),
        (
            ["--file", keyword.__file__, "--seed", "1", "--seed", "2"],
            "--file takes only one --seed",
        ),
    ],
)
def test_options_of_another_mode_are_refused_by_name(w2v, arguments, words):
    result = w2v("gradcheck", *arguments)
    assert result.code == 2
    assert words in result.err


def test_an_unstable_file_passes_unless_strict(tmp_path):
    path = tmp_path / "q1_softmax.py"
    path.write_text(RIGHT_FILE)
    result = run("--file", str(path))
    assert result.exit_code == 0
    assert "unstable   softmax" in result.output
    strict = run("--file", str(path), "--strict", "--json", "--junit", str(tmp_path / "j.xml"))
    assert strict.exit_code == 1
    assert json.loads(strict.output)["passed"] is False
    assert json.loads(strict.output)["functions"][0]["verdict"] == "right, unstable"
    assert ElementTree.parse(tmp_path / "j.xml").getroot()[0].get("failures") == "1"


def test_a_seed_gives_fresh_numbers(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(RIGHT_FILE.replace("e.sum()", "e.sum() * 2"))
    outputs = [run("--file", str(path), "--seed", seed).output for seed in ("1", "1", "2")]
    assert outputs[0] == outputs[1] != outputs[2]


def test_the_report_lists_what_the_assignment_asks_for_besides(tmp_path):
    path = tmp_path / "word2vec.py"
    path.write_text("import numpy as np\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n")
    output = " ".join(run("--file", str(path), "--require", "none").output.split())
    assert "also asks for functions that this file lacks: naiveSoftmaxLossAndGradient," in output


def test_progress_shows_on_a_terminal_only(monkeypatch, capsys):
    from w2v_cli.commands import gradcheck as command

    with command._progress() as (step, notice):
        step("Checking the claims")
        notice("a notice")
    assert capsys.readouterr().err == "a notice\n"
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with command._progress() as (step, _):
        step("Checking the claims")
    shown = capsys.readouterr().err
    assert "Checking the claims …" in shown
    assert shown.endswith("\r\x1b[K")
