"""Every small change of a right function that changes its numbers is found, and no other is.

Each operator, sign, number, transpose and call of a right hand-in is changed, one at a time.
Whether a mutant is still right is decided by the equations at random points of these tests.
"""

import ast

import numpy as np
import pytest
from hand_ins import NAIVE, SAMPLING, SIGMOID, SKIPGRAM, SOFTMAX

from w2v_cli import equations as eq
from w2v_cli.grader.cases import pair_loss
from w2v_cli.grader.grade import grade_function
from w2v_cli.grader.kinds import kind_named
from w2v_cli.grader.worker.calls import Dataset, TooManyDraws

BASE = f"import numpy as np\n{SIGMOID['stable']}{SOFTMAX['2019 utils']}"
ORIGINALS = {
    "naive-softmax": [NAIVE["2019"], NAIVE["loops"], NAIVE["log-sum-exp"]],
    "negative-sampling": [SAMPLING["2019"], SAMPLING["2017, labels"]],
    "skipgram": [
        SKIPGRAM["2019"].replace("=naiveSoftmaxLossAndGradient", "=None"),
        SKIPGRAM["2017"],
    ],
}
OTHER = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add}


class Change(ast.NodeTransformer):
    """Make the change with a given number; `done` says what it was, None if there is none."""

    def __init__(self, number):
        self.number, self.count, self.done = number, 0, None

    def visit(self, node):
        node = self.generic_visit(node)
        changed = self._changed(node)
        if changed is None:
            return node
        self.count += 1
        if self.count - 1 != self.number:
            return node
        self.done = f"{ast.unparse(node)} → {ast.unparse(changed)}"
        return changed

    def _changed(self, node):
        match node:
            case ast.BinOp(left=a, op=op, right=b) if type(op) in OTHER:
                return ast.BinOp(a, OTHER[type(op)](), b)
            case ast.UnaryOp(op=ast.USub(), operand=a):
                return a
            case ast.AugAssign(target=a, value=b):
                return ast.Assign([a], b, lineno=1)
            case ast.Attribute(value=a, attr="T"):
                return a
            case ast.Constant(value=int(n)) if not isinstance(n, bool):
                return ast.Constant(n + 1)
        return None


def mutants(source):
    for number in range(1000):
        change = Change(number)
        tree = ast.fix_missing_locations(change.visit(ast.parse(source)))
        if change.done is None:
            return
        yield change.done, ast.unparse(tree)


def is_right(function, kind):
    """Whether a function equals the equations at random points, called as the course does."""
    rng = np.random.default_rng(42)
    for _ in range(10):
        n_words, dim, K = (int(rng.integers(3, high)) for high in (30, 9, 8))
        V, U, o = rng.normal(size=(n_words, dim)), rng.normal(size=(n_words, dim)), 1
        draws = [int(k) for k in rng.integers(0, n_words, 60)]
        dataset = Dataset(n_words, draws)
        if kind == "skipgram":
            words = {f"w{i}": int(k) for i, k in enumerate(rng.permutation(n_words))}
            arguments = ("w0", 2, ["w1", "w2", "w1"], words, V, U, dataset, window_loss(dataset))
            ids = [words[w] for w in ("w1", "w2", "w0", "w1")]
            truth = eq.skip_gram(ids, 2, 2, V, U, pair_loss)
        elif kind == "negative-sampling":
            arguments = (V[0], o, U, dataset, K)
            truth = eq.negative_sampling(V[0], o, [k for k in draws if k != o][:K], U)
        else:
            arguments = (V[0], o, U, dataset)
            truth = eq.naive_softmax(V[0], o, U)
        try:
            found = function(*arguments)
            if not all(
                np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-5, atol=1e-6)
                for a, b in zip(found, truth, strict=True)
            ):
                return False
        except (Exception, TooManyDraws):
            return False
    return True


def window_loss(dataset):
    def loss(v_c, o, U, given):
        assert given is dataset
        return pair_loss(v_c, o, U)

    return loss


@pytest.mark.parametrize("kind", list(ORIGINALS))
def test_the_grader_and_the_equations_agree_on_every_mutant(kind):
    n_wrong = 0
    for change, source in [mutant for piece in ORIGINALS[kind] for mutant in mutants(piece)]:
        namespace = {"__name__": "mutant"}
        exec(BASE + source, namespace)
        functions = [f for name, f in namespace.items() if kind_named(name) == kind_named(kind)]
        right = is_right(functions[-1], kind)
        grade = grade_function(functions[-1], kind_named(kind))
        assert grade.right == right, (change, grade)
        n_wrong += not right
    assert n_wrong > 5
