"""Replacements for what a course's own files provide, so that a copied assignment file loads.

They come into play only where the import finds nothing: a module of that name beside the user's
file, or an installed one, wins.
"""

import importlib.util
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .dataset import Dataset
from .names import plain_name

Array = NDArray[np.float64]


def sigmoid(x: ArrayLike) -> Array:
    """Return `1/(1 + e⁻ˣ)` without overflow."""
    x = np.asarray(x, dtype=np.float64)
    e = np.exp(-np.abs(x))
    return np.asarray(np.where(x >= 0, 1.0, e) / (1.0 + e))[()]


def softmax(x: ArrayLike) -> Array:
    """Return the softmax over the last axis, without overflow."""
    x = np.asarray(x, dtype=np.float64)
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def negative_samples(target: int, dataset: Dataset, K: int) -> list[int]:
    """Draw K words that are not the target, as the starter file does."""
    found: list[int] = []
    while len(found) < K:
        drawn = dataset._sample()
        found += [drawn] if drawn != target else []
    return found


def _normalize_rows(x: ArrayLike) -> Array:
    x = np.asarray(x, dtype=np.float64)
    return np.asarray(x / np.sqrt((x**2).sum(axis=1, keepdims=True)))


def _sigmoid_grad(s: ArrayLike) -> Array:
    s = np.asarray(s, dtype=np.float64)
    return np.asarray(s * (1 - s))[()]


def _log_sum_exp(x: ArrayLike, axis: int | None = None) -> Array:
    x = np.asarray(x, dtype=np.float64)
    top = x.max(axis=axis, keepdims=True)
    return np.asarray(np.log(np.exp(x - top).sum(axis=axis)) + np.squeeze(top, axis))


def _nothing(*arguments: object, **options: object) -> None:
    """Stand in for a checker or a trainer of the course: the grader checks instead."""


RIGHT_HELPERS: dict[str, Callable[..., object]] = {
    "sigmoid": sigmoid,
    "softmax": softmax,
    "getnegativesamples": negative_samples,
}
"""Right versions of functions that a user's losses call, by plain name."""

_HELPERS: dict[str, Callable[..., object] | type] = {
    "softmax": softmax,
    "sigmoid": sigmoid,
    "expit": sigmoid,
    "logsumexp": _log_sum_exp,
    "sigmoid_grad": _sigmoid_grad,
    "normalizeRows": _normalize_rows,
    "normalize_rows": _normalize_rows,
    "getNegativeSamples": negative_samples,
    "get_negative_samples": negative_samples,
    "StanfordSentiment": Dataset,
    **dict.fromkeys(
        "gradcheck_naive eval_numerical_gradient grad_tests_softmax grad_tests_negsamp sgd"
        " load_saved_params save_params test_word2vec glove test_naivesoftmax test_skipgram"
        " forward_backward_prop test_softmax_basic test_sigmoid_basic".split(),
        _nothing,
    ),
}
_TOPS = (
    r"utils?|helpers?|data_?utils|model_?utils|gradcheck|grad_check|sgd|treebank|glove"
    r"|cs224[dn]\w*|q\d\w?_(softmax|sigmoid|gradcheck|sgd|neural|word2vec)|starter_?code"
)
_KNOWN = re.compile(rf"({_TOPS})(\.({_TOPS}|\w*util\w*))*", re.IGNORECASE)


class StandIns(MetaPathFinder, Loader):
    """An import finder of last resort; `used` says what was asked for.

    Known are modules of the courses, and any missing module of which a file imports nothing
    but names that are known.
    """

    def __init__(self, imports: Mapping[str, set[str]] | None = None) -> None:
        self.used: list[str] = []
        self._imports = dict(imports or {})

    def install(self) -> None:
        """Take the last place among the finders."""
        import sys

        sys.meta_path.append(self)

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        """Answer for the modules that we know."""
        if not self._knows(fullname):
            return None
        return ModuleSpec(fullname, self, is_package=True)

    def _knows(self, fullname: str) -> bool:
        wanted = self._imports.get(fullname, set())
        if _KNOWN.fullmatch(fullname):
            return all(_helper(name) is not None for name in wanted - {"*"})
        if wanted:
            return "*" not in wanted and all(_helper(name) is not None for name in wanted)
        inside = [name for name in self._imports if name.startswith(f"{fullname}.")]
        return bool(inside) and all(self._knows(name) for name in inside)

    def exec_module(self, module: ModuleType) -> None:
        """Fill in the replacement."""
        self.used.append(module.__name__)
        for name in self._imports.get(module.__name__, set()) - {"*"}:
            setattr(module, name, _helper(name))
        vars(module).update(_HELPERS, np=np)


def _helper(name: str) -> Callable[..., object] | type | ModuleType | None:
    """Find a helper in any spelling; a submodule (`from utils import gradcheck`) is a module."""
    if name == "np":
        return np
    plain = plain_name(name)
    for known, helper in _HELPERS.items():
        if plain_name(known) == plain:
            return helper
    if plain.startswith(("test", "gradtests", "gradcheck")) and not _KNOWN.fullmatch(name):
        return _nothing
    if _KNOWN.fullmatch(name):
        spec = ModuleSpec(name, None)
        module = importlib.util.module_from_spec(spec)
        vars(module).update(_HELPERS, np=np)
        return module
    return None


class NoAnswers(MetaPathFinder):
    """Keeps w2v's own code out of a graded process; `asked` says whether a file tried."""

    def __init__(self, packages: Sequence[str] = ("w2v_cli",)) -> None:
        self.asked = False
        self._packages = packages

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Refuse our packages, and know nothing of others."""
        if fullname.split(".", maxsplit=1)[0] in self._packages:
            self.asked = True
            raise ImportError(f"graded code must not import {fullname}")
