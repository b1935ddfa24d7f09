"""Import a user's file, whatever it does."""

import ast
import importlib.machinery
import importlib.util
import inspect
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from .calls import Answer, describe
from .names import plain_name
from .stand_ins import RIGHT_HELPERS, NoAnswers, StandIns
from .wire import Json


def load(file: Path, forbidden: NoAnswers) -> tuple[ModuleType, Answer]:
    """Import a file; what it defined before an error is kept.

    Returns:
        the module, and a report: `functions` that the file itself defines, with the names of
        their parameters, `helpers` of its losses, `stand_ins` in use, `error`, and `forbidden`
        (whether it asked for w2v's own code).
    """
    stand_ins = StandIns(imports_of(file))
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
    error: Json = None
    try:
        loader.exec_module(module)
    except BaseException as problem:  # SystemExit too: it is the file's doing
        error = describe(problem, file)
    functions: dict[str, Json] = {
        name: _parameters(value)
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    }
    helpers: list[Json] = [
        name
        for name, value in vars(module).items()
        if plain_name(name) in RIGHT_HELPERS and value not in RIGHT_HELPERS.values()
    ]
    return module, {
        "functions": functions,
        "helpers": helpers,
        "stand_ins": list(stand_ins.used),
        "error": error,
        "forbidden": forbidden.asked,
    }


def _parameters(function: Callable[..., object]) -> list[Json]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


def imports_of(file: Path) -> dict[str, set[str]]:
    """Names that a file takes from each module by `from … import …`; empty if unreadable."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.setdefault(node.module, set()).update(a.name for a in node.names)
    return found


def find(module: ModuleType, dotted: str) -> Callable[..., object]:
    """Return a function of the module, or of a class in it.

    Raises:
        AttributeError: there is none of that name.
    """
    found: object = module
    for part in dotted.split("."):
        found = getattr(found, part)
    if not callable(found):
        raise AttributeError(dotted)
    return found
