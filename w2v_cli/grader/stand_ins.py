"""Stand-ins for what a course's own files provide, so that a copied assignment file loads.

They come into play only where the import finds nothing: a module of that name beside the user's
file, or an installed one, wins.
"""

import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import numpy as np

from w2v_cli import equations as eq


class Dataset:
    """What the course calls ``dataset``: it draws words, from a list made beforehand."""

    def __init__(self, n_words: int, draws: Sequence[int], words: Sequence[str] = "abcde") -> None:
        self.drawn: list[int] = []
        self._words = list(words)
        self._draws: Iterator[int] = itertools.chain(draws, itertools.cycle(range(n_words)))

    def sampleTokenIdx(self) -> int:  # noqa: N802 - the course's name
        """Return the next draw."""
        self.drawn.append(next(self._draws))
        return self.drawn[-1]

    def getRandomContext(self, C: int = 5) -> tuple[str, list[str]]:  # noqa: N802
        """Return a centre word and 2C words around it."""
        words = itertools.cycle(self._words)
        return next(words), [next(words) for _ in range(2 * C)]


def _nothing(*arguments: object, **options: object) -> None:
    """Stand in for a checker of the course: the grader checks instead."""


def _sigmoid_grad(s: Any) -> Any:
    return s * (1 - s)


def _modules() -> dict[str, dict[str, Callable[..., Any] | type]]:
    checks = {"gradcheck_naive": _nothing, "eval_numerical_gradient": _nothing}
    course = {"normalizeRows": eq.l2_normalize, "softmax": eq.softmax, "sigmoid": eq.sigmoid}
    return {
        "utils": {},
        "utils.utils": course,
        "utils.gradcheck": {
            **checks,
            "grad_tests_softmax": _nothing,
            "grad_tests_negsamp": _nothing,
        },
        "utils.treebank": {"StanfordSentiment": Dataset},
        "utils.glove": {},
        "gradcheck": checks,
        "q1_softmax": {"softmax": eq.softmax},
        "q2_sigmoid": {"sigmoid": eq.sigmoid, "sigmoid_grad": _sigmoid_grad},
        "q2_gradcheck": checks,
    }


class StandIns(MetaPathFinder, Loader):
    """An import finder of last resort; ``used`` says what was asked for."""

    def __init__(self) -> None:
        self._modules = _modules()
        self.used: list[str] = []

    def install(self) -> None:
        """Take the last place among the finders."""
        sys.meta_path.append(self)

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        """Answer for the names that we know."""
        if fullname not in self._modules:
            return None
        return ModuleSpec(fullname, self, is_package=fullname == "utils")

    def exec_module(self, module: ModuleType) -> None:
        """Fill in the stand-in."""
        self.used.append(module.__name__)
        vars(module).update(self._modules[module.__name__], np=np)
