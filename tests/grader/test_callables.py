"""Whatever can be called is graded: methods, partials, what a course hands out, notebooks."""

# ruff: noqa: E501

import json

import pytest
from hand_ins import NAIVE, SAMPLING, SIGMOID, SKIPGRAM, SOFTMAX
from student_files import student  # noqa: F401

from w2v_cli.errors import UsageError
from w2v_cli.grader.grade import grade_file
from w2v_cli.grader.points import Points, score_file

BODY = """    z = U @ v
    p = np.exp(z - z.max())
    p /= p.sum()
    loss = -np.log(p[o])
    p[o] -= 1
    return loss, U.T @ p, np.outer(p, v)
"""
COURSE = f"{NAIVE['2019']}{SAMPLING['2019']}{SKIPGRAM['2019']}"
HELPERS = f"import numpy as np\n{SIGMOID['plain']}{SOFTMAX['2019 utils']}"
CALLABLES = {
    "partial": f"def f(flag, v, o, U, dataset):\n{BODY}\nnaive_softmax = functools.partial(f, True)\n",
    "object": "class F:\n    def __call__(self, v, o, U, dataset):\n"
    + "".join(f"    {line}\n" for line in BODY.splitlines())
    + "naive_softmax = F()\n",
    "bound method": "class F:\n    def loss(self, v, o, U, dataset):\n"
    + "".join(f"    {line}\n" for line in BODY.splitlines())
    + "naive_softmax = F().loss\n",
    "method": "class F:\n    def naive_softmax(self, v, o, U, dataset):\n"
    + "".join(f"    {line}\n" for line in BODY.splitlines()),
    "cache": f"@functools.lru_cache\ndef helper():\n    return 1\n\ndef naive_softmax(v, o, U, dataset):\n{BODY}",
    "no wraps": "def plain(f):\n    return type('W', (), {'__call__': lambda self, v, o, U, d: f(v, o, U)})()\n"
    f"@plain\ndef naive_softmax(v, o, U):\n{BODY}",
}  # fmt: skip


def verdicts(grade):
    return {g.function: g.verdict for g in grade.grades}


@pytest.mark.parametrize("name", CALLABLES)
def test_callables_of_every_sort_are_graded(student, name):
    text = f"import functools\nimport numpy as np\n{CALLABLES[name]}"
    (grade,) = grade_file(student(text, "mine.py")).grades
    assert grade.right


def test_a_method_can_be_mapped_and_a_class_that_needs_arguments_says_so(student):
    text = "import numpy as np\nclass F:\n    def __init__(self, n):\n        pass\n    def loss(self, v, o, U):\n"
    text += "".join(f"    {line}\n" for line in BODY.splitlines())
    (grade,) = grade_file(student(text, "mine.py"), {"naive": "F.loss"}).grades
    assert (grade.verdict, "F() fails" in grade.message) == ("error", True)
    text = text.replace("self, n", "self")
    assert grade_file(student(text, "mine.py"), {"naive": "F.loss"}).right


def test_helpers_of_a_course_are_graded_through_it_or_left_out_of_the_count(student, tmp_path):
    text = f"import numpy as np\nfrom helpers.utils import sigmoid, softmax\n{COURSE}"
    text = text.replace("from utils.utils import softmax", "")
    grade = grade_file(student(text, "word2vec.py"), require=("assignment",))
    assert grade.right, grade
    assert verdicts(grade)["sigmoid"] == "handed out"
    assert sum(s.most for s in score_file(grade)) == 3
    assert sum(s.most for s in score_file(grade, Points({"sigmoid": 2, "skipgram": 3}))) == 3
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "utils.py").write_text(HELPERS)
    grade = grade_file(student(text, "word2vec.py"), require=("assignment",))
    assert grade.right, grade
    assert {g.function: g.source for g in grade.grades}["sigmoid"] == "helpers.utils"
    (tmp_path / "helpers" / "utils.py").write_text(HELPERS.replace("np.exp(-x)", "np.exp(x)"))
    assert (
        verdicts(grade_file(student(text, "word2vec.py"), require=("sigmoid",)))["sigmoid"]
        == "wrong"
    )


def test_nothing_but_what_is_handed_out_is_no_hand_in(student):
    grade = grade_file(student("from utils import sigmoid\n", "mine.py"), require=("sigmoid",))
    assert verdicts(grade) == {"sigmoid": "handed out"}
    assert not grade.right


TORCH = """
import numpy as np

class Tensor:
    def __init__(self, array):
        self.array = np.asarray(array)
    def detach(self):
        return self.array
    def __array__(self, *arguments, **options):
        raise RuntimeError("use detach()")

def as_tensor(value):
    return Tensor(value)

def mul(a, b):
    for x in (a, b):
        if not isinstance(x, Tensor):
            raise TypeError("mul(): argument must be Tensor, not numpy.ndarray")
    return Tensor(np.multiply(a.array, b.array))
"""


def test_functions_that_expect_tensors_get_them_and_networks_are_refused(student, tmp_path):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text(TORCH)
    (tmp_path / "torch" / "nn.py").write_text("class Module:\n    pass\n")
    text = (
        "import numpy as np\nimport torch\ndef sigmoid(x):\n"
        "    x = torch.mul(x, x) and x.array\n    return torch.Tensor(1 / (1 + np.exp(-x)))\n"
    )
    assert grade_file(student(text, "mine.py")).right
    network = (
        "import torch.nn as nn\nclass SkipGram(nn.Module):\n    def skipgram(self):\n        pass\n"
    )
    with pytest.raises(UsageError, match=r"SkipGram: torch\.nn\.Module"):
        grade_file(student(network, "mine.py"))
    (grade,) = grade_file(student(network, "mine.py"), {"naive": "SkipGram.skipgram"}).grades
    assert "torch.nn.Module" in grade.message


def notebook(*cells):
    return json.dumps({
        "cells": [{"cell_type": "markdown", "source": "text"}]
        + [{"cell_type": "code", "source": c.splitlines(keepends=True), "outputs": []} for c in cells],
        "nbformat": 4, "nbformat_minor": 5, "metadata": {},
    })  # fmt: skip


CELLS = (
    "%matplotlib inline\n!pip install x\nimport numpy as np\nfrom google.colab import drive\n",
    "%%bash\nexit 1\n",
    "%%time\n" + SIGMOID["plain"] + "\nfiles = !ls\nsigmoid?\n",
    SOFTMAX["2019 utils"] + "\nraise SystemExit('nothing but definitions is run')\n",
    COURSE,
    "train(1 / 0)\nx = open('none').read()\n",
)


def test_the_definitions_of_a_notebook_are_graded(student):
    grade = grade_file(student(notebook(*CELLS), "word2vec.ipynb"))
    assert grade.right, grade
    assert len(grade.grades) == 5
    assert "code cell 1, line 4: ModuleNotFoundError" in grade.skipped[0]


def test_reports_on_a_notebook_name_the_cell(student):
    cells = ("import numpy as np\n", "\ndef sigmoid(x):\n    return 1 / y\n")
    (grade,) = grade_file(student(notebook(*cells), "mine.ipynb")).grades
    assert "in code cell 2, line 3: return 1 / y" in grade.message
    grade = grade_file(student(notebook(*cells, "def f(:\n"), "mine.ipynb"))
    assert "SyntaxError" in grade.problem
    assert "code cell 3, line 1" in grade.problem
    assert "Expecting" in grade_file(student("{", "mine.ipynb")).problem


@pytest.mark.parametrize(
    "mark", ["# In[3]:\n", "get_ipython().system('ls')\n", '"""\nAutomatically generated by Colab.\n"""\n']
)  # fmt: skip
def test_of_an_exported_notebook_only_the_definitions_are_run(student, mark):
    text = f"import numpy as np\n{mark}{SIGMOID['plain']}\n1 / 0\n"
    assert grade_file(student(text, "mine.py")).right
