"""Points: the teacher's file, and what a submission earns."""

import math

import pytest

from w2v_cli.errors import UsageError
from w2v_cli.grader.grade import FileGrade
from w2v_cli.grader.observation import EMPTY, ERROR, RIGHT, UNSTABLE, WRONG, OutputGrade
from w2v_cli.grader.points import Points, read_points, score_file
from w2v_cli.grader.verdict import Grade


@pytest.fixture
def points_file(tmp_path):
    def write(text):
        path = tmp_path / "points.toml"
        path.write_text(text)
        return path

    return write


def outputs(*right):
    return tuple(OutputGrade(f"output {i}", is_right) for i, is_right in enumerate(right))


def earned(grades, *arguments):
    return [s.points for s in score_file(FileGrade("mine.py", tuple(grades)), *arguments)]


def test_functions_go_by_any_of_their_names(points_file):
    points = read_points(points_file("[points]\nsigmoid = 1\nneg_sampling_loss_and_gradient = 2.5"))
    assert points == Points({"sigmoid": 1.0, "negative-sampling": 2.5}, partial=False)
    assert points.required == ("sigmoid", "negative-sampling")


def test_a_function_worth_nothing_is_not_required(points_file):
    assert read_points(points_file("partial = true\n[points]\nsoftmax = 0")).required == ()


@pytest.mark.parametrize(
    "text",
    [
        "points = 3",
        "[points]\nsigmoids = 1",
        "[points]\nsigmoid = '1'",
        "[points]\nsigmoid = true",
        "[points]\nsigmoid = -1",
        "[points]\nsigmoid = inf",
        "[points]\nsigmoid = nan",
        "partial = 1\n[points]\nsigmoid = 1",
        "bonus = 1\n[points]\nsigmoid = 1",
        "[points\n",
        "",
    ],
)
def test_a_file_that_is_not_understood_is_a_usage_error_that_names_it(points_file, text):
    with pytest.raises(UsageError, match=r"points\.toml"):
        read_points(points_file(text))


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="cannot read"):
        read_points(tmp_path / "nowhere.toml")


def test_without_points_every_function_is_worth_one():
    grades = [Grade("sigmoid", "sigmoid", RIGHT), Grade("softmax", "softmax", EMPTY)]
    scores = score_file(FileGrade("mine.py", tuple(grades)))
    assert [(s.points, s.most) for s in scores] == [(1, 1), (0, 1)]


def test_partial_credit_is_the_share_of_right_outputs():
    grades = [Grade("f", "naive-softmax", WRONG, outputs=outputs(True, True, False))]
    assert earned(grades, Points({"naive-softmax": 6.0}, partial=True)) == [4.0]
    assert earned(grades, Points({"naive-softmax": 6.0})) == [0.0]


def test_a_wrong_function_never_earns_all_points():
    grades = [Grade("f", "skipgram", WRONG, outputs=outputs(True, True, True))]
    assert earned(grades, Points({"skipgram": 3.0}, partial=True)) == [2.0]
    assert earned(
        [Grade("f", "sigmoid", WRONG, outputs=outputs(True))], Points({"sigmoid": 1.0}, True)
    ) == [0.0]


@pytest.mark.parametrize("verdict", [EMPTY, ERROR])
def test_what_did_not_run_earns_nothing(verdict):
    grades = [Grade("f", "skipgram", verdict, outputs=outputs(True, True, True))]
    assert earned(grades, Points({"skipgram": 3.0}, partial=True)) == [0.0]


def test_unstable_earns_all_points_unless_strict():
    grades = [Grade("f", "sigmoid", UNSTABLE, outputs=outputs(True))]
    assert earned(grades, Points({"sigmoid": 2.0}), False) == [2.0]
    assert earned(grades, Points({"sigmoid": 2.0}, True), True) == [0.0]


def test_two_functions_of_a_kind_share_its_points():
    grades = [Grade(name, "naive-softmax", RIGHT) for name in ("naive_softmax", "softmaxCost")]
    assert math.isclose(sum(earned(grades, Points({"naive-softmax": 6.0}))), 6.0)


def test_a_function_without_points_is_worth_nothing():
    grades = [Grade("f", "sigmoid", RIGHT), Grade("g", "softmax", RIGHT)]
    assert earned(grades, Points({"sigmoid": 2.0})) == [2.0, 0.0]
