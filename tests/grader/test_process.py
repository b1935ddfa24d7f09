"""Careless code does no harm to the grading, and learns no answers from it."""

# ruff: noqa: E501

import os
import time

import pytest
from hand_ins import NAIVE, SAMPLING, SIGMOID, SKIPGRAM, SOFTMAX
from student_files import student  # noqa: F401

from w2v_cli.grader import process
from w2v_cli.grader.grade import grade_file
from w2v_cli.grader.process import Limits

POSIX = pytest.mark.skipif(os.name != "posix", reason="limits need a POSIX system")
WHOLE = (
    f"import numpy as np\nimport random\n{SIGMOID['plain']}{SOFTMAX['2019 utils']}"
    + NAIVE["2019"]
    + SAMPLING["2019"]
    + SKIPGRAM["2019"]
)
CARELESS = {
    "sigmoid": "def sigmoid(x):\n    return np.zeros(10**12)\n",
    "softmax": "def softmax(x):\n    with open('big', 'wb') as f:\n        f.write(b'0' * 2**21)\n    return x\n",
    "naiveSoftmaxLossAndGradient": "def naiveSoftmaxLossAndGradient(v, o, U, ds):\n    while True:\n        print('spam' * 10000)\n",
    "negSamplingLossAndGradient": "def negSamplingLossAndGradient(v, o, U, ds, K=10):\n    import time\n    time.sleep(100)\n",
    "skipgram": "def skipgram(a, m, b, t, V, U, ds, loss):\n    for _ in range(3):\n        if os.fork() == 0:\n            time.sleep(60)\n            os._exit(0)\n    return 0, V, U\n",
}


def verdicts(grade):
    return {g.function: g.verdict for g in grade.grades}


@POSIX
def test_memory_files_output_sleep_and_forks_are_bounded(student, tmp_path):
    text = "import os, time\nimport numpy as np\n" + "\n".join(CARELESS.values())
    begin = time.monotonic()
    grade = grade_file(student(text), limits=Limits(seconds=3, file_mb=1))
    assert time.monotonic() - begin < 60
    assert verdicts(grade) == {
        "sigmoid": "error",
        "softmax": "error",
        "naiveSoftmaxLossAndGradient": "time limit",
        "negSamplingLossAndGradient": "time limit",
        "skipgram": "wrong",
    }
    by_name = {g.function: g for g in grade.grades}
    assert "MemoryError" in by_name["sigmoid"].message
    assert "File too large" in by_name["softmax"].message
    assert (tmp_path / "big").stat().st_size <= 2**20
    assert len(by_name["naiveSoftmaxLossAndGradient"].printed) <= 4000
    assert "did not finish within 3 s" in by_name["negSamplingLossAndGradient"].message
    deadline = time.monotonic() + 10  # a killed process takes a moment to go
    while _working_in(str(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert _working_in(str(tmp_path)) == []


def _working_in(folder):
    """Ids of processes whose working folder is the file's."""
    found = []
    for entry in os.scandir("/proc") if os.path.isdir("/proc") else []:
        if entry.name.isdigit():
            try:
                if os.readlink(f"/proc/{entry.name}/cwd") == folder:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


@POSIX
def test_a_child_that_leaves_its_group_does_not_hold_the_grader_up(student):
    text = """import os, time
import numpy as np

def sigmoid(x):
    if os.fork() == 0:
        os.setsid()
        time.sleep(4)
        os._exit(0)
    return 1 / (1 + np.exp(-np.asarray(x)))
"""
    begin = time.monotonic()
    assert grade_file(student(text)).right
    assert time.monotonic() - begin < 20


def test_a_crash_costs_one_function_only(student):
    text = WHOLE.replace(
        "    y_hat = softmax(np.dot", "    import os\n    os._exit(7)\n    y_hat = softmax(np.dot"
    )
    grade = grade_file(student(text))
    assert verdicts(grade)["naiveSoftmaxLossAndGradient"] == "crashed"
    assert sum(g.right for g in grade.grades) == 4


def test_globals_changed_by_one_function_do_not_reach_the_next(student):
    text = WHOLE.replace(
        "    y_hat = softmax(np.dot",
        "    global sigmoid\n    sigmoid = None\n    y_hat = softmax(np.dot",
    )
    assert grade_file(student(text)).right


def test_without_fork_each_function_has_a_process_of_its_own(student, monkeypatch):
    monkeypatch.setattr(process, "FORKS", False)
    text = f"import numpy as np\n{SOFTMAX['vector']}{NAIVE['2019']}"
    assert verdicts(grade_file(student(text))) == {
        "softmax": "right",
        "naiveSoftmaxLossAndGradient": "right, unstable",
    }


@pytest.mark.parametrize(
    "text",
    [
        "import w2v_cli\n" + WHOLE,
        "try:\n    from w2v_cli.equations import naive_softmax\nexcept ImportError:\n    pass\n" + WHOLE,
        "import importlib\ntry:\n    importlib.import_module('w2v_cli.equations')\nexcept Exception:\n    pass\n" + WHOLE,
    ],
    ids=["plainly", "in a try", "by its name"],
)  # fmt: skip
def test_a_file_that_imports_w2v_fails(student, text):
    grade = grade_file(student(text))
    assert not grade.right
    assert "imports w2v_cli" in grade.problem


def test_a_function_that_imports_w2v_fails(student):
    text = SIGMOID["plain"].replace(
        "    s =",
        "    try:\n        import w2v_cli\n    except ImportError:\n        pass\n    s =",
    )
    (grade,) = grade_file(student("import numpy as np\n" + text)).grades
    assert grade.verdict == "wrong"
    assert "imports w2v_cli" in grade.message


def test_nothing_of_w2v_and_no_answer_is_in_the_graded_process(student):
    text = """import gc, sys
import numpy as np

def sigmoid(x):
    names = [name for name in sys.modules if name.split('.')[0] == 'w2v_cli']
    words = ('expected', 'naive_softmax', 'cross_entropy_gradient')
    seen = [o.__name__ for o in gc.get_objects() if getattr(type(o), '__name__', '') == 'function' and o.__name__ in words]
    truth = 1 / (1 + np.exp(-np.asarray(x)))
    arrays = [o for o in gc.get_objects() if isinstance(o, np.ndarray) and o.shape == np.shape(x) and o is not truth]
    known = any(np.allclose(a, truth) for a in arrays)
    return truth + (9 if names or seen or known else 0)
"""
    (grade,) = grade_file(student(text)).grades
    assert grade.right, grade


def test_a_failure_of_a_helper_names_the_helper(student):
    text = WHOLE.replace("np.exp(-x)", "np.exp(x)")
    grades = {g.function: g for g in grade_file(student(text)).grades}
    titles = [d.title for d in grades["negSamplingLossAndGradient"].diagnoses]
    assert titles == ["the mistake is in sigmoid, which it calls"]
    text = WHOLE.replace("newidx == outsideWordIdx", "False")
    grades = {g.function: g for g in grade_file(student(text)).grades}
    titles = [d.title for d in grades["negSamplingLossAndGradient"].diagnoses]
    assert titles[0] == "target among the negatives"
    assert titles[1] == "the mistake is in getNegativeSamples, which it calls"


def test_what_an_assignment_asks_for_and_a_file_lacks_is_listed(student):
    grade = grade_file(student("import numpy as np\n" + SIGMOID["plain"]))
    assert grade.missing == (
        "naiveSoftmaxLossAndGradient",
        "negSamplingLossAndGradient",
        "skipgram",
    )
    grade = grade_file(student("import numpy as np\n" + SIGMOID["plain"], "q2_sigmoid.py"))
    assert grade.missing == ()


PIPES = {
    "flood": 'os.write(fd, b"x" * 2**20)',
    "flood without end": 'while True: os.write(fd, b"x" * 2**16)',
    "garbage": 'os.write(fd, b"null\\n[[[[\\n" + b"[" * 100000 + b"\\n\\xff\\n")',
    "forged answer": "os.write(fd, b'{\"answer\": 1}\\n')",
    "forged child": 'os.write(fd, b\'{"started": "all"}\\n\')',
    "forged numbers": """os.write(fd, b'{"returned": [{"kind": "array", "shape": [2], "numbers": ["a"]}], "mutated": [], "passed": [], "drawn": []}\\n')""",
}


@POSIX
@pytest.mark.parametrize("name", PIPES)
def test_what_is_written_to_the_private_pipe_is_no_answer(student, name):
    text = (
        "import os\nimport numpy as np\ndef softmax(x):\n    for fd in range(3, 12):\n"
        f"        try:\n            {PIPES[name]}\n        except OSError:\n            pass\n"
        "    return x\n\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"
    )
    grade = grade_file(student(text, "mine.py"))
    assert verdicts(grade) == {"sigmoid": "right", "softmax": "crashed"}
    assert "private pipe" in grade.grades[1].message
