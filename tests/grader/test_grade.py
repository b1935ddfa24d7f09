"""Right solutions pass, starters are recognised, and broken files do no harm."""

import time

import numpy as np
import pytest
from student_files import planted, student  # noqa: F401

import w2v_cli
from w2v_cli.errors import UsageError
from w2v_cli.grader.grade import grade_file
from w2v_cli.grader.process import Limits
from w2v_cli.grader.worker.calls import Dataset

SIGMOID = "import numpy as np\n\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"


def limit_for(text):
    """A short limit where an endless loop has to run into it."""
    return Limits(seconds=2 if "while True" in text else 30)


def verdicts(grade):
    return {g.function: g.verdict for g in grade.grades}


@pytest.mark.parametrize(
    ("module", "layout", "n_functions"),
    [
        ("cs224n_right", "rows", 4),
        ("q3_word2vec_right", "rows", 3),
        ("no_dataset_right", "rows", 5),
        ("columns_right", "columns", 4),
    ],
)
def test_a_right_solution_in_every_supported_signature_passes(planted, module, layout, n_functions):
    grade = grade_file(planted(module))
    assert grade.right, grade
    assert len(grade.grades) == n_functions
    layouts = {g.layout for g in grade.grades if g.kind not in ("sigmoid", "softmax")}
    assert layouts == {layout}


def test_stand_ins_are_named_and_only_used_where_nothing_is_found(planted, tmp_path):
    path = planted("cs224n_right")
    assert grade_file(path).stand_ins == ("utils.gradcheck", "utils.utils")
    (tmp_path / "utils").mkdir()
    (tmp_path / "utils" / "__init__.py").write_text("")
    (tmp_path / "utils" / "utils.py").write_text(
        "import numpy as np\n\n"
        "def softmax(x):\n    e = np.exp(x - np.max(x))\n    return e / e.sum()\n\n"
        "def normalizeRows(x):\n    return x\n"
    )
    grade = grade_file(path)
    assert grade.stand_ins == ("utils.gradcheck",)
    assert grade.right


def test_a_starter_file_is_not_implemented_yet(planted):
    grade = grade_file(planted("starter"))
    assert set(verdicts(grade).values()) == {"not implemented yet"}
    assert len(grade.grades) == 4
    assert not grade.right


@pytest.mark.parametrize(
    "body",
    [
        "pass",
        "...",
        "raise NotImplementedError",
        "raise NotImplementedError('later')",
        "return None",
        "return s",
        "s = None\n    return s",
        "s = 0\n    return s",
        "s = np.zeros(x.shape)\n    return s",
        "assert x is not None\n    raise NotImplementedError",
        "return np.zeros_like(x) * 2",
    ],
)
def test_all_sorts_of_empty_bodies(student, body):
    grade = grade_file(student(f"import numpy as np\n\ndef sigmoid(x):\n    '''σ'''\n    {body}\n"))
    assert verdicts(grade) == {"sigmoid": "not implemented yet"}


def test_nones_and_a_missing_return_are_told_apart(student):
    text = "def naiveSoftmaxLossAndGradient(v, o, U, dataset):\n    loss = float(v.sum())\n    {}\n"
    (grade,) = grade_file(student(text.format("return None, None, None"))).grades
    assert grade.verdict == "not implemented yet"
    (grade,) = grade_file(student(text.format("gradient = v * loss"))).grades
    assert grade.verdict == "wrong"
    assert "is the return statement missing?" in grade.message
    (grade,) = grade_file(student(text.format("return loss, None, U * 0"))).grades
    assert grade.verdict == "wrong"
    assert grade.outputs[1].problem == "is of type NoneType, not a number or an array"


GOOD_AND_BAD = SIGMOID + "\n\ndef softmax(x):\n    {body}\n"


@pytest.mark.parametrize(
    ("body", "verdict", "words"),
    [
        ("while True: pass", "time limit", "did not finish within 2 s"),
        ("import os; os.abort()", "crashed", "SIGABRT"),
        ("import os; os._exit(0)", "crashed", "ended the process"),
        ("import os; os._exit(3)", "crashed", "exit code 3"),
        ("import ctypes; ctypes.string_at(0)", "crashed", "SIGSEGV"),
        ("import sys; sys.exit('bye')", "error", "SystemExit in line 8"),
        ("raise KeyboardInterrupt", "error", "KeyboardInterrupt"),
        ("return 1 / 0", "error", "ZeroDivisionError in line 8: return 1 / 0\ndivision by zero"),
        ("return undefined_thing + x", "error", "NameError"),
        ("return softmax(x)", "error", "RecursionError"),
        ("return input('? ')", "error", "EOFError"),
        ("return str(x)", "wrong", ""),
        ("return {1: 2}", "wrong", ""),
        ("return x * 1, x", "wrong", ""),
        ("return [x * 1j]", "wrong", ""),
        ("return np.zeros(10**6) + 1", "wrong", ""),
        ("return [[float(x[0])], [1.0, 2.0]]", "wrong", ""),
        ("return np.ma.masked_array(x, x > 0)", "wrong", ""),
        ("return (v for v in x)", "wrong", ""),
    ],
)
def test_what_one_function_does_wrong_does_not_end_the_grading(student, body, verdict, words):
    grade = grade_file(student(GOOD_AND_BAD.format(body=body)), limits=limit_for(body))
    assert verdicts(grade) == {"sigmoid": "right", "softmax": verdict}
    assert words in grade.grades[1].message


def test_children_of_an_endless_function_are_ended_too(student, tmp_path):
    body = (
        "import subprocess, sys\n    subprocess.Popen([sys.executable, '-c', "
        '\'import time; time.sleep(4); open("alive", "w")\'])\n    while True: pass'
    )
    grade_file(student(GOOD_AND_BAD.format(body=body)), limits=Limits(seconds=2))
    time.sleep(3)
    assert not (tmp_path / "alive").exists()


def test_a_flood_of_output_is_cut_and_does_not_block(student):
    body = "print('spam' * 1_000_000, flush=True)\n    return x * 0 + 7"
    grade = grade_file(student(GOOD_AND_BAD.format(body=body)), limits=Limits(seconds=20))
    assert verdicts(grade)["softmax"] == "wrong"
    assert grade.grades[1].printed.startswith("spam")
    assert len(grade.grades[1].printed) < 10_000


def test_an_import_that_fails_is_reported_and_what_came_before_is_graded(student):
    grade = grade_file(student(SIGMOID + "\nassert sigmoid(0) == 1, 'my test'\n"))
    assert "AssertionError: my test (line 6" in grade.problem
    assert verdicts(grade) == {"sigmoid": "right"}
    assert not grade.right
    assert "__main__" in grade.hints[0]


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("def sigmoid(x)\n    return x\n", "SyntaxError: expected ':' (line 1", ""),
        ("import numpyy\n", "ModuleNotFoundError: No module named 'numpyy'", "missing module"),
        ("while True: pass\n", "did not finish loading within 2 s", "__main__"),
        ("import os; os.abort()\n", "crashed (SIGABRT)", "__main__"),
        ("import sys; sys.exit(0)\n", "SystemExit", "__main__"),
        ("def sigmoid(x):\n    print 'x'\n", "SyntaxError", "Python 2"),
        ("\x00\x01", "", ""),
        ("input('name? ')\n", "EOFError", "__main__"),
    ],
)
def test_a_file_that_does_not_load(student, text, words, hint):
    grade = grade_file(student(text), limits=limit_for(text))
    assert words in grade.problem
    assert grade.problem
    assert not grade.right
    assert hint in " ".join(grade.hints)


def test_a_file_with_nothing_to_grade_is_a_usage_error(student):
    with pytest.raises(UsageError, match=r"nothing to grade in it.*defines helper"):
        grade_file(student("def helper(): pass\n"))


def test_a_missing_file_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        grade_file(tmp_path / "nowhere.py")


def test_the_name_of_the_file_does_not_matter(student):
    assert grade_file(student(SIGMOID, "my solution.txt")).right


def test_what_is_imported_is_not_graded(student):
    student("def softmax(x): return 'wrong'\n", "other.py")
    assert set(verdicts(grade_file(student(SIGMOID + "from other import softmax\n")))) == {
        "sigmoid"
    }


def test_mapped_names_are_graded(student):
    text = SIGMOID.replace("sigmoid", "my_s") + "\n\nclass Model:\n    sig = staticmethod(my_s)\n"
    assert verdicts(grade_file(student(text), {"sigmoid": "my_s"})) == {"my_s": "right"}
    assert verdicts(grade_file(student(text), {"sigmoid": "Model.sig"})) == {"Model.sig": "right"}


@pytest.mark.parametrize("mapping", [{"sigmoid": "nope"}, {"sigmund": "my_s"}])
def test_a_mapping_that_names_nothing_is_a_usage_error(student, mapping):
    with pytest.raises(UsageError):
        grade_file(student(SIGMOID), mapping)


def test_a_mapped_method_that_is_not_there_is_no_crash(student):
    grade = grade_file(student(SIGMOID), {"sigmoid": "Model.nope"})
    assert verdicts(grade) == {"Model.nope": "error"}
    assert "no function Model.nope" in grade.grades[0].message


def test_a_name_of_the_standard_library_does_not_collide(student):
    assert grade_file(student(SIGMOID, "json.py")).right
    assert grade_file(student(SIGMOID, "random.py")).right


def test_softmax_that_works_in_place_is_right_with_a_note(student):
    text = (
        "import numpy as np\n\ndef softmax(x):\n"
        "    e = np.exp(x - np.max(x))\n    return e / e.sum()\n"
    )
    (grade,) = grade_file(student(text)).grades
    assert grade.verdict == "right"
    assert "matrix" in grade.notes[0]
    in_place = text.replace("    e = np", "    x -= np.max(x)\n    e = np")
    (grade,) = grade_file(student(in_place)).grades
    assert grade.verdict == "right"
    assert any("in place" in note for note in grade.notes)


def test_the_stand_in_dataset_serves_what_the_starter_needs():
    dataset = Dataset(4, [3, 3, 1])
    assert [dataset.sampleTokenIdx() for _ in range(8)] == [3, 3, 1, 0, 1, 2, 3, 0]
    center, context = dataset.getRandomContext(2)
    assert isinstance(center, str)
    assert len(context) == 4


def test_assert_gradients_takes_files_modules_and_functions(planted, student):
    w2v_cli.assert_gradients(planted("cs224n_right"))
    w2v_cli.assert_gradients(str(planted("cs224n_right")))

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    w2v_cli.assert_gradients(sigmoid)
    w2v_cli.assert_gradients(lambda x: 1 / (1 + np.exp(-x)), "sigmoid")
    with pytest.raises(AssertionError, match="wrong sign"):
        w2v_cli.assert_gradients(lambda x: 1 / (1 + np.exp(x)), kind="sigmoid")
    with pytest.raises(AssertionError, match="not implemented yet"):
        w2v_cli.assert_gradients(planted("starter"))
    with pytest.raises(UsageError):
        w2v_cli.assert_gradients(lambda x: x)


def test_assert_gradients_takes_a_module(student, monkeypatch):
    path = student(SIGMOID, "a_module_to_grade.py")
    monkeypatch.syspath_prepend(path.parent)
    import a_module_to_grade

    w2v_cli.assert_gradients(a_module_to_grade)
    w2v_cli.assert_gradients(a_module_to_grade, mapping={"sigmoid": "sigmoid"})
