"""Import a file, or the definitions of a notebook, and list its callables."""

import __future__

import ast
import contextlib
import importlib.machinery
import importlib.util
import inspect
import itertools
import json
import linecache
import re
import sys
import textwrap
import tokenize
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .binding import BindingError, plain_name
from .calls import Answer, Array, Dataset, describe
from .wire import WireValue

# Replacements for the modules of a course, so that a copied assignment file loads.
#
# They are used only if the import finds nothing else: a module next to the user's file, or an
# installed one, comes first.


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
    """Do nothing, in place of the course's own checks and training."""


RIGHT_HELPERS: dict[str, Callable[..., object]] = {
    "sigmoid": sigmoid,
    "softmax": softmax,
    "getnegativesamples": negative_samples,
}
"""Correct versions of functions that a user's losses call, by plain name."""

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
        " forward_backward_prop test_softmax_basic test_sigmoid_basic get_batches compute_pca"
        " get_dict".split(),
        _nothing,
    ),
}
_TOPS = (
    r"utils?2?|w4_unittest|helpers?|data_?utils|model_?utils|gradcheck|grad_check|sgd|treebank|glove"
    r"|cs224[dn]\w*|q\d\w?_(softmax|sigmoid|gradcheck|sgd|neural|word2vec)|starter_?code"
)
_KNOWN = re.compile(rf"({_TOPS})(\.({_TOPS}|\w*util\w*))*", re.IGNORECASE)


class StandIns(MetaPathFinder, Loader):
    """An import finder of last resort; `used` lists the modules that it replaced.

    It knows the modules of the courses. It also replaces any other missing module if the file
    imports only known names from it.
    """

    def __init__(self, imports: Mapping[str, set[str]] | None = None) -> None:
        self.used: list[str] = []
        self._imports = dict(imports or {})

    def install(self) -> None:
        """Append this finder to the import system's list."""
        sys.meta_path.append(self)

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> ModuleSpec | None:
        """Find the modules that can be replaced."""
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
    """Find a helper in any spelling, or a submodule, as in `from utils import gradcheck`."""
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
    """Keeps w2v's own code out of a graded process. asked: whether a file tried to import it."""

    def __init__(self) -> None:
        self.asked = False

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        """Refuse `w2v_cli` and ignore other packages."""
        if fullname.split(".", maxsplit=1)[0] == "w2v_cli":
            self.asked = True
            raise ImportError(f"graded code must not import {fullname}")


# The source: a Python file, or a notebook. Only the definitions of a notebook are run.


_EXPORTED = re.compile(r"^# In ?\[[ \d]*\]:|get_ipython\(\)|Automatically generated by Colab", re.M)
"""A notebook that was turned into a Python file."""
_MAGIC = re.compile(r"^(\s*)(?:[%!?]|[\w.]+\?{1,2}\s*$|\w+\s*=\s*[%!]).*$", re.M)
_KEPT_MAGICS = ("%%time", "%%capture", "%%prun", "%%timeit")
"""Cell magics whose cell is still Python that belongs to the notebook."""
_MAKERS = {"partial", "jit", "njit", "vectorize", "namedtuple", "default_rng", "RandomState"}
_VALUES = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.keyword),
    *(ast.UnaryOp, ast.BinOp, ast.operator, ast.unaryop, ast.expr_context, ast.Subscript),
)


@dataclass(frozen=True)
class Piece:
    """A cell of a notebook, or a whole file. name: the file name in tracebacks."""

    name: str
    text: str

    def tree(self) -> ast.Module:
        """Parse the text without lines meant for IPython. Raises SyntaxError."""
        try:
            return ast.parse(self.text, self.name)
        except SyntaxError:
            without = _MAGIC.sub(r"\1pass", self.text)
            if without == self.text:
                raise
            return ast.parse(without, self.name)


def pieces_of(file: Path) -> tuple[list[Piece], bool]:
    """Return the pieces of a file, and whether it is a notebook.

    Raises OSError or ValueError if the file cannot be read.
    """
    if file.suffix == ".ipynb":
        return list(_cells(file)), True
    with tokenize.open(file) as opened:
        text = opened.read()
    return [Piece(str(file), text)], bool(_EXPORTED.search(text))


def _cells(file: Path) -> Iterator[Piece]:
    notebook = json.loads(file.read_text(encoding="utf-8"))
    cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    for number, cell in enumerate(code, start=1):
        text = "".join(cell.get("source", cell.get("input", "")))
        if text.lstrip().startswith("%%"):
            first, _, rest = text.lstrip().partition("\n")
            text = f"\n{rest}" if first.startswith(_KEPT_MAGICS) else ""
        yield Piece(f"{file}, code cell {number}", text)


def _run_definitions(pieces: Sequence[Piece], module: ModuleType, file: Path) -> list[str]:
    """Run imports and definitions, and return what was skipped because it failed.

    Raises SyntaxError if a piece is not Python.
    """
    failed = []
    made = set(_MAKERS)
    flags = 0  # of `from __future__ import annotations`, which holds for all later cells
    for piece in pieces:
        lines = piece.text.splitlines(keepends=True)
        linecache.cache[piece.name] = (len(piece.text), None, lines, piece.name)
        tree = piece.tree()
        made |= {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        for statement in tree.body:
            if not _defines(statement, made):
                continue
            try:
                code = compile(ast.Module([statement], []), piece.name, "exec", flags)
                flags |= code.co_flags & __future__.annotations.compiler_flag
                exec(code, vars(module))
            except BaseException as problem:  # a library that is not here, a decorator of it
                found = describe(problem, file)
                failed.append(f"{found['place']}: {found['type']}: {found['message']}")
    return failed


def _defines(node: ast.stmt, made: set[str]) -> bool:
    """Whether a statement only imports, defines, or assigns a plain value."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Pass():
            return True
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return True
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return _is_plain(value, made)
        case ast.Try(body=body, handlers=handlers):
            inside = [*body, *(statement for h in handlers for statement in h.body)]
            return all(_defines(statement, made) for statement in inside)
    return False


def _is_plain(value: ast.expr, made: set[str]) -> bool:
    """Whether a value needs no computation: a constant, name, lambda, `partial(…)`, own object."""
    if isinstance(value, ast.Lambda):
        return True
    if isinstance(value, ast.Call):
        name = ast.unparse(value.func).rpartition(".")[2]
        return name in made and all(_is_plain(argument, made) for argument in value.args)
    return isinstance(value, _VALUES) and all(
        isinstance(part, _VALUES) or (isinstance(part, ast.expr) and _is_plain(part, made))
        for part in ast.iter_child_nodes(value)
    )


# The import.


def load(file: Path, forbidden: NoAnswers) -> tuple[ModuleType, Answer]:
    """Import a file; keep what it defined before an error.

    Returns:
        the module, and a report: `functions` that the file itself defines, with the names of
        their parameters, `imported` ones with their modules, `helpers` of its losses,
        `networks` (classes of PyTorch), functions that are `compiled` by numba, `stand_ins` in
        use, `skipped`, `error`, and `forbidden` (whether it tried to import w2v's own code).
    """
    error: Answer | None = None
    skipped: list[str] = []
    try:
        pieces, is_notebook = pieces_of(file)
        trees = list(_trees(pieces))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, SyntaxError) as problem:
        pieces, is_notebook, trees = [], file.suffix == ".ipynb", []
        error = describe(problem, file)
    stand_ins = StandIns(imports_of(trees))
    stand_ins.install()
    sys.path.insert(0, str(file.parent))
    sys.argv = [str(file)]
    warnings.simplefilter("ignore")
    name = file.stem if file.stem not in sys.modules else f"graded_{file.stem}"
    loader = importlib.machinery.SourceFileLoader(name, str(file))
    spec = importlib.util.spec_from_file_location(name, file, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        if is_notebook:
            skipped = _run_definitions(pieces, module, file)
        else:
            loader.exec_module(module)
    except BaseException as problem:  # SystemExit too: it is the file's doing
        error = describe(problem, file)
    return module, {
        **_callables(module, _assigned(trees)),
        "stand_ins": list(stand_ins.used),
        "skipped": list(skipped),
        "error": error,
        "forbidden": forbidden.asked,
    }


def _trees(pieces: Iterable[Piece]) -> Iterator[ast.Module]:
    for piece in pieces:
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            yield piece.tree()


def imports_of(trees: Iterable[ast.Module]) -> dict[str, set[str]]:
    """Return the names that a file imports from each module with `from … import …`."""
    found: dict[str, set[str]] = {}
    for node in itertools.chain.from_iterable(map(ast.walk, trees)):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.setdefault(node.module, set()).update(a.name for a in node.names)
    return found


def _assigned(trees: Iterable[ast.Module]) -> set[str]:
    """Return the names that a file defines or assigns itself."""
    found = set()
    for node in itertools.chain.from_iterable(map(ast.walk, trees)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def _callables(module: ModuleType, assigned: set[str]) -> Answer:
    """List the callables of a module: its own, with methods, and those it imports."""
    functions: dict[str, WireValue] = {}
    imported: dict[str, WireValue] = {}
    helpers: list[WireValue] = []
    networks: list[WireValue] = []
    for name, value in list(vars(module).items()):
        own = getattr(value, "__module__", "") == module.__name__
        if isinstance(value, type):
            if own and _is_network(value):
                networks.append(name)
            elif own:
                functions |= {f"{name}.{m}": _parameters(f) for m, f in _methods(value)}
        elif callable(value) and not name.startswith("__"):
            given = any(value is helper for helper in _HELPERS.values())
            if (own if inspect.isfunction(value) else name in assigned) or name in assigned:
                functions[name] = _parameters(value)
            else:
                imported[name] = "" if given else str(getattr(value, "__module__", ""))
            if plain_name(name) in RIGHT_HELPERS and not given:
                helpers.append(name)
    return {
        "functions": functions,
        "imported": imported,
        "helpers": helpers,
        "networks": networks,
        "compiled": [name for name in functions if hasattr(vars(module).get(name), "py_func")],
    }


def _methods(owner: type) -> Iterator[tuple[str, Callable[..., object]]]:
    for name, value in vars(owner).items():
        function = getattr(value, "__func__", value)  # static methods and class methods have this
        if inspect.isfunction(function) and not name.startswith("__"):
            yield name, function


def _is_network(owner: type) -> bool:
    """Whether a class is a `torch.nn.Module`."""
    return any(c.__name__ == "Module" and c.__module__.startswith("torch.") for c in owner.__mro__)


def _parameters(function: Callable[..., object]) -> list[WireValue]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def find(module: ModuleType, dotted: str) -> Callable[..., object]:
    """Return a function of the module, or a method of an object made from a class in it.

    Raises:
        AttributeError: there is no callable of that name.
        BindingError: it is a network, or a method whose object cannot be made.
    """
    found: object = module
    for part in dotted.split("."):
        if isinstance(found, type) and inspect.isfunction(inspect.getattr_static(found, part)):
            found = _made(found)
        found = getattr(found, part)
        if isinstance(found, type) and _is_network(found):
            raise BindingError(
                f"{found.__name__} is a torch.nn.Module, whose gradients autograd computes;"
                " the grader needs a function that returns the loss and both gradients"
            )
    if not callable(found):
        raise AttributeError(dotted)
    return found


def _made(owner: type) -> object:
    try:
        return owner()
    except Exception as problem:
        raise BindingError(
            f"{owner.__name__}() fails ({type(problem).__name__}: {problem}); to grade a"
            " method, the grader makes an object without arguments"
        ) from None


# Whether a function still looks as in the starter file.


_GIVEN = {"getnegativesamples"}
"""Calls that the starter file makes in an empty body."""
_EMPTY = {"zeros", "zeros_like", "empty", "empty_like", "array"}


def is_starter(function: Callable[..., Any]) -> bool:
    """Whether the body has nothing but what a starter file has.

    That is: a docstring, `pass`, `...`, `raise NotImplementedError`, placeholders such
    as `loss = 0.0` or `grad = np.zeros(…)`, the given call of `getNegativeSamples`, and a
    return of names or placeholders; or all that it returns is still None. False if the source
    cannot be read.
    """
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return False
    body = tree.body[0]
    if not isinstance(body, ast.FunctionDef):
        return False
    return all(_is_placeholder(statement) for statement in body.body) or _returns_none(body)


def _returns_none(body: ast.FunctionDef) -> bool:
    """Whether every returned name is only ever assigned None."""
    nodes = list(ast.walk(body))
    values = [node.value for node in nodes if isinstance(node, ast.Return) and node.value]
    names = {part.id for v in values for part in ast.walk(v) if isinstance(part, ast.Name)}
    stored = [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    nones = [
        ast.unparse(node.targets[0])
        for node in nodes
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and node.value.value is None
    ]
    return bool(names) and all(0 < nones.count(n) == stored.count(n) for n in names)


def _is_placeholder(statement: ast.stmt) -> bool:
    match statement:
        case ast.Pass() | ast.Import() | ast.ImportFrom():
            return True
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=value):
            return value is None or _is_empty(value)
        case ast.Assign(value=value) | ast.AnnAssign(value=ast.expr() as value):
            return _is_empty(value)
        case ast.Raise():
            return any(
                isinstance(node, ast.Name) and node.id == "NotImplementedError"
                for node in ast.walk(statement)
            )
    return False


def _is_empty(value: ast.expr) -> bool:
    """Whether a value is a placeholder: constants, names, zeros, or lists of these."""
    match value:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(_is_empty(part) for part in parts)
        case ast.UnaryOp(operand=operand):
            return isinstance(operand, ast.Constant)
        case ast.BinOp(op=ast.Add() | ast.Mult(), left=ast.List(), right=right):
            return _is_empty(right)
        case ast.Call():
            return _is_empty_call(value)
    return isinstance(value, (ast.Constant, ast.Name, ast.Attribute))


def _is_empty_call(call: ast.Call) -> bool:
    """Whether it is a call of `getNegativeSamples`, or of `np.zeros` and the like."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else ""
    name = function.id if isinstance(function, ast.Name) else name
    if plain_name(name) in _GIVEN:
        return True
    return name in _EMPTY and all(_is_empty(argument) for argument in call.args)
