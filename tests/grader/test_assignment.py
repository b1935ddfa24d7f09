"""Which assignment a file belongs to, and what it must define."""

import pytest
from student_files import planted, student  # noqa: F401

import w2v_cli
from w2v_cli.errors import UsageError
from w2v_cli.grader.grade import grade_file
from w2v_cli.grader.kinds import ALL, OF_ASSIGNMENT, Q3_WORD2VEC, WORD2VEC, assignment_of

SIGMOID = "import numpy as np\n\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"


@pytest.mark.parametrize(
    ("stem", "functions", "assignment"),
    [
        ("word2vec", [], WORD2VEC),
        ("my_word2vec", ["sigmoid"], WORD2VEC),
        ("hw2", ["skipgram", "neg_sampling_loss_and_gradient"], WORD2VEC),
        ("hw2", ["skipgram"], None),
        ("utils", ["softmax", "sigmoid"], None),
        ("q3_word2vec", [], Q3_WORD2VEC),
        ("mine", ["softmaxCostAndGradient"], Q3_WORD2VEC),
        ("anything", [], None),
    ],
)
def test_an_assignment_is_known_by_its_file_and_functions(stem, functions, assignment):
    assert assignment_of(stem, functions) == assignment


def verdicts(grade):
    return {g.function: g.verdict for g in grade.grades}


def test_functions_that_were_deleted_are_missing_and_fail(planted):
    path = planted("cs224n_right", ("def skipgram", "def skip"), ("def negSampling", "def neg"))
    grade = grade_file(path, require=(OF_ASSIGNMENT,))
    assert not grade.right
    assert verdicts(grade)["skipgram"] == "missing"
    assert verdicts(grade)["negSamplingLossAndGradient"] == "missing"
    assert verdicts(grade)["sigmoid"] == "right"


def test_assert_gradients_asks_for_all_of_a_known_assignment(student):
    path = student(SIGMOID, "word2vec.py")
    with pytest.raises(AssertionError, match="MISSING    skipgram"):
        w2v_cli.assert_gradients(path)
    w2v_cli.assert_gradients(path, require=())


def test_a_whole_solution_lacks_nothing(planted):
    assert grade_file(planted("cs224n_right"), require=(OF_ASSIGNMENT, ALL)).right


def test_names_are_required_in_any_spelling_and_once(student):
    path = student(SIGMOID, "hw.py")
    grade = grade_file(path, require=("sigmoid", "skip_gram_no", "cbow")[::2])
    assert verdicts(grade) == {"sigmoid": "right", "cbow": "missing"}
    grade = grade_file(path, require=("naive-softmax", "naiveSoftmaxLossAndGradient"))
    assert verdicts(grade) == {"sigmoid": "right", "naive-softmax": "missing"}


def test_all_of_an_unknown_file_is_what_the_course_asks_for(student):
    grade = grade_file(student(SIGMOID, "hw.py"), require=(ALL,))
    assert list(verdicts(grade)) == list(WORD2VEC.asks_for)


def test_a_file_with_nothing_in_it_lacks_everything(student):
    grade = grade_file(student("x = 1\n", "word2vec.py"), require=(OF_ASSIGNMENT,))
    assert set(verdicts(grade).values()) == {"missing"}
    with pytest.raises(UsageError, match="nothing to grade"):
        grade_file(student("x = 1\n", "word2vec.py"))


def test_an_unknown_name_is_a_usage_error(student):
    with pytest.raises(UsageError, match="--require skipgrams"):
        grade_file(student(SIGMOID), require=("skipgrams",))
