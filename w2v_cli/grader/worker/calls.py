"""Call a user's function once, and describe the result.

This module also has what courses pass to a function: the pair loss of a window, and a data set.
"""

import contextlib
import itertools
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .binding import ROLES, Binding, match_names, plain_name
from .wire import WireValue, as_array, returned_parts, unpack

# The pair loss that a user's `skipgram` (or `cbow`) is called with.
#
# No course asks for this loss, so no correct result of an assignment reaches the process
# that runs a user's code. A window only sums what it is given, so any function of the two
# vectors and the word will do.


Array = NDArray[np.float64]


class PairResult(NamedTuple):
    """A number and two arrays, with the shapes of a loss and its gradients."""

    loss: float
    grad_center: Array
    grad_outside: Array


def made_up_loss(v_c: Array, o: int, U: Array) -> PairResult:
    """Return numbers that depend smoothly on every argument and differ for every word.

    Args:
        v_c: centre vector, `(dim,)`.
        o: id of the outside word.
        U: outside vectors by rows, `(n_words, dim)`.

    Returns:
        a number, an array `(dim,)`, an array `(n_words, dim)`.
    """
    scores = U @ v_c
    words = np.arange(len(U))
    weights = np.cos(scores + 0.7 * (words - o)) + (words == o)
    loss = float(np.sin(scores).sum() + 2.0 + 0.3 * o + scores[o])
    return PairResult(loss, U.T @ weights + 0.1 * v_c, weights[:, None] * (v_c + 0.2)[None, :])


# What courses call `dataset`. It draws words, here from a list made in advance.


MOST_DRAWS = 2000
"""No correct function needs nearly as many."""


class TooManyDraws(BaseException):
    """Stops a function that keeps drawing; `except Exception` does not catch it."""


class Dataset:
    """Draws words from a list and then all words in turn, up to `MOST_DRAWS` in total.

    Its methods can be spelled in any way: `sampleTokenIdx`, `sample_token_idx` and so on.
    """

    def __init__(
        self, n_words: int, draws: Sequence[int] = (), tokens: Mapping[str, int] | None = None
    ) -> None:
        self.drawn: list[int] = []
        self._n_words = n_words
        self._ids = dict(tokens or {f"w{i}": i for i in range(n_words)})
        self._draws: Iterator[int] = itertools.chain(draws, itertools.cycle(range(n_words)))

    def __getattr__(self, name: str) -> Callable[..., object]:
        """Find a method in any spelling."""
        method = _METHODS.get(plain_name(name))
        if method is None:
            raise AttributeError(f"the grader's dataset has no {name}")
        return method.__get__(self)  # type: ignore[no-any-return]

    def _sample(self, *ignored: object, **options: object) -> int:
        if len(self.drawn) >= MOST_DRAWS:
            raise TooManyDraws(f"drew {MOST_DRAWS:,} words in one call")
        self.drawn.append(next(self._draws))
        return self.drawn[-1]

    def _context(self, C: int = 5, *ignored: object) -> tuple[str, list[str]]:
        """Return a centre word and 2C words around it."""
        words = itertools.cycle(self._ids)
        return next(words), [next(words) for _ in range(2 * C)]

    def _tokens(self) -> dict[str, int]:
        return dict(self._ids)

    def _sentences(self) -> list[list[str]]:
        return [list(self._ids)]

    def _size(self) -> int:
        return self._n_words

    def __len__(self) -> int:
        return self._n_words


_METHODS = {
    "sampletokenidx": Dataset._sample,
    "sampletokenindex": Dataset._sample,
    "sampletoken": Dataset._sample,
    "sampleidx": Dataset._sample,
    "sample": Dataset._sample,
    "getrandomcontext": Dataset._context,
    "randomcontext": Dataset._context,
    "tokens": Dataset._tokens,
    "word2ind": Dataset._tokens,
    "sentences": Dataset._sentences,
    "allsentences": Dataset._sentences,
    "numsentences": lambda self: 1,
    "numtokens": Dataset._size,
    "vocabsize": Dataset._size,
}


# The call.


Answer = dict[str, WireValue]


@dataclass
class Variant:
    """How the arguments are laid out.

    layout: words by `rows` or `columns`. center: shape of a centre vector, `flat` (dim,),
    `row` (1, dim) or `column` (dim, 1). argument: of a derivative, `x` itself, or its `sigmoid`
    or `softmax`, computed already.
    """

    layout: str = "rows"
    center: str = "flat"
    argument: str = "x"

    @property
    def center_shape(self) -> tuple[int, ...]:
        """The shape that centre vectors get."""
        return {"flat": (-1,), "row": (1, -1), "column": (-1, 1)}[self.center]


@dataclass
class Caller:
    """Calls one function with one argument list after another.

    namespace: globals of the user's file; a `dataset` among them is replaced. kept: what the last
    call returned, to notice if the next call overwrites it. tensors: whether the function
    turned out to expect PyTorch tensors.
    """

    function: Callable[..., object]
    binding: Binding
    variant: Variant
    namespace: dict[str, object] | None = None
    file: Path | None = None
    kept: object = None
    parts: list[dict[str, WireValue]] = field(default_factory=list)
    tensors: bool = False

    def call(self, arguments: Mapping[str, WireValue], draws: list[int]) -> Answer:
        """Call the function with fresh arguments; exceptions become part of the answer."""
        answer = self._call(arguments, draws)
        if not self.tensors and _wants_tensors(answer):
            self.tensors = True
            answer = self._call(arguments, draws)
        return answer

    def _call(self, arguments: Mapping[str, WireValue], draws: list[int]) -> Answer:
        given = {role: unpack(value) for role, value in arguments.items()}
        if self.tensors:
            given = {role: _as_tensor(value) for role, value in given.items()}
        before = {role: unpack(value) for role, value in arguments.items()}
        dataset = Dataset(_n_words(given, self.variant.layout), draws, _tokens(given))
        calls: list[WireValue] = []
        given |= {"dataset": dataset, "loss": pair_loss(self.variant, dataset, calls)}
        if hasattr(self.function, "py_func"):
            given["dataset"] = None  # compiled by numba, which takes no object of ours
        given["negatives"] = [k for k in draws if k != given.get("o")][: _count(given.get("K"))]
        answer = self._returned(given, dataset)
        changed = [role for role in before if not _same(given[role], before[role])]
        return {**answer, "mutated": changed, "drawn": dataset.drawn[:1000], "passed": calls}

    def _returned(self, given: dict[str, object], dataset: Dataset) -> Answer:
        positional = [given[role] for role in self.binding.positional]
        keywords = {name: given[role] for name, role in self.binding.keywords.items()}
        try:
            with np.errstate(all="ignore"), _dataset_as_global(self.namespace, dataset):
                returned = self.function(*positional, **keywords)
            overwritten = self.kept is not None and repr(returned_parts(self.kept)) != repr(
                self.parts
            )
            self.parts = returned_parts(returned)
            # What is read only once, such as a generator, is empty now.
            self.kept = None if isinstance(returned, Iterator) else returned
            return {"returned": self.parts, "overwritten": overwritten}
        except TooManyDraws as problem:
            return {
                "error": {
                    "type": "TooManyDraws",
                    "message": str(problem),
                    "line": None,
                    "place": "",
                }
            }
        except (
            BaseException
        ) as problem:  # SystemExit and KeyboardInterrupt come from the function, too
            return {"error": describe(problem, self.file)}


@contextlib.contextmanager
def _dataset_as_global(namespace: dict[str, object] | None, dataset: Dataset) -> Iterator[None]:
    """Replace the file's global dataset with ours; the oldest assignments use it."""
    if namespace is None:
        yield
        return
    absent = object()
    own = namespace.get("dataset", absent)
    namespace["dataset"] = dataset
    try:
        yield
    finally:
        if own is absent:
            namespace.pop("dataset", None)
        else:
            namespace["dataset"] = own


def _count(K: object) -> int:
    return K if isinstance(K, int) else 0


def _n_words(given: dict[str, object], layout: str) -> int:
    U = given.get("U")
    if not isinstance(U, np.ndarray):
        return 1
    return int(U.shape[1] if layout == "columns" else U.shape[0])


def _tokens(given: dict[str, object]) -> dict[str, int] | None:
    ids = given.get("ids")
    return dict(ids) if isinstance(ids, dict) else None


def _same(a: object, b: object) -> bool:
    """Compare byte by byte, without NumPy functions that a file could have replaced."""
    if hasattr(a, "detach"):
        a = as_array(a)
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    return bool(a == b)


def _wants_tensors(answer: Answer) -> bool:
    """Whether a call failed because PyTorch got NumPy arrays."""
    error = answer.get("error")
    if not isinstance(error, dict) or "torch" not in sys.modules:
        return False
    said = str(error["message"])
    return "Tensor" in said or "'numpy.ndarray' object has no attribute" in said


def _as_tensor(value: object) -> object:
    numbers = isinstance(value, (np.ndarray, np.generic))
    return sys.modules["torch"].as_tensor(value) if numbers else value


def describe(problem: BaseException, file: Path | None) -> dict[str, WireValue]:
    """Describe an exception, and where in the user's file or notebook it was raised.

    frames: the number of the user's functions on the call stack.
    """
    line, text, cell, frames = None, "", "", 0
    if (
        isinstance(problem, SyntaxError)
        and (where := _place_in(problem.filename, file)) is not None
    ):
        line, text, cell = problem.lineno, (problem.text or "").strip(), where
    for frame in traceback.extract_tb(problem.__traceback__):
        if (where := _place_in(frame.filename, file)) is not None:
            line, text, cell, frames = frame.lineno, frame.line or "", where, frames + 1
    try:
        message = problem.msg if isinstance(problem, SyntaxError) else str(problem)
    except Exception:  # a user's own exception, whose __str__ fails
        message = ""
    if isinstance(problem, SystemExit):
        message = "" if problem.code is None else f"exit({problem.code!r})"
    place = f"{cell}line {line}" if line else ""
    kind = type(problem).__name__
    return {
        "type": kind,
        "message": message,
        "line": line,
        "text": text,
        "place": place,
        "frames": frames,
    }


def _place_in(name: str | None, file: Path | None) -> str | None:
    """Return `""` for the file itself, `"code cell 3, "` for a cell, None for other code."""
    if file is None or name is None:
        return None
    cell = name.removeprefix(f"{file}, ")
    return "" if name == str(file) else f"{cell}, " if cell != name else None


def pair_loss(
    variant: Variant, dataset: Dataset, calls: list[WireValue]
) -> Callable[..., PairResult]:
    """Return the loss to pass to a user's window function, with the course's signature.

    It takes its arguments by position or by any known name. In `calls`, it notes what it got as
    dataset: `given`, `missing`, or the type of something else; and `K` if it got a K other than
    the default.
    """
    roles = (*ROLES["naive-softmax"], "K")

    def loss(*positional: object, **keywords: object) -> PairResult:
        names = match_names(list(keywords), list(roles[len(positional) :]))
        got = dict(zip(roles, positional, strict=False))
        got |= {role: keywords[name] for name, role in names.items()}
        if not {"v_c", "o", "U"} <= set(got):
            raise TypeError(
                "word2vecLossAndGradient takes (centerWordVec, outsideWordIdx, outsideVectors,"
                " dataset)"
            )
        passed = got.get("dataset")
        if got.get("K", 10) != 10:
            calls.append("K")
        calls.append(
            "missing"
            if "dataset" not in got
            else "given"
            if passed is dataset
            else type(passed).__name__
        )
        result = _in_layout(as_array(got["v_c"]), _word_id(got["o"]), as_array(got["U"]), variant)
        tensors = hasattr(got["U"], "detach")
        return PairResult(*map(_as_tensor, result)) if tensors else result  # type: ignore[arg-type]

    return loss


def _word_id(o: object) -> int:
    """Return an index, which may be an array of one number but not a word."""
    if isinstance(o, str):
        raise TypeError(f"outsideWordIdx is the word {o!r}, not its index")
    number = np.asarray(o)
    if number.size != 1 or number.dtype.kind not in "iuf":
        raise TypeError(f"outsideWordIdx is of type {type(o).__name__}, not an index")
    return int(number.reshape(-1)[0])


def _in_layout(v: NDArray[Any], o: int, U: NDArray[Any], variant: Variant) -> PairResult:
    """Compute with words as rows, and return gradients with the shapes of the arguments."""
    v_c = np.asarray(v, dtype=np.float64)
    rows = U.T if variant.layout == "columns" else U
    flat = v_c.reshape(-1)
    if flat.shape != rows.shape[1:]:
        raise ValueError(
            f"word2vecLossAndGradient: centre vector of shape {v_c.shape} does not fit outside"
            f" vectors of shape {U.shape}"
        )
    if not 0 <= o < len(rows):
        raise IndexError(f"outsideWordIdx {o} is not one of {len(rows)} words")
    loss, grad_center, grad_outside = made_up_loss(flat, o, rows)
    turned = grad_outside.T if variant.layout == "columns" else grad_outside
    return PairResult(loss, grad_center.reshape(variant.center_shape), turned.copy())
