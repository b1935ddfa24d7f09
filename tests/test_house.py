"""The house: few files, one name each, no circles, and docstrings that list what is there."""

import ast
import re
import statistics
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest
from conftest import ROOT

PACKAGE = ROOT / "w2v_cli"
FILES = sorted(PACKAGE.rglob("*.py"))
ROOMS = sorted({path.parent for path in FILES} - {PACKAGE})
#: Names of parts that several rooms have.
ROLES = {"__init__", "offer", "engine", "checked", "catalog", "settings"}
#: Where a module may be found by its name: the commands, what the package offers, and a user's
#: own tokenizer.
FINDERS = {"cli.py", "__init__.py", "text/own_tokenizer.py"}


def trees():
    """Yield each file's path inside the package and its syntax tree."""
    for path in FILES:
        yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def test_files_are_few_and_of_bearable_length():
    # 215, and what came later: the spectral engine (4 files and a list of them), its equations and
    # claims, and blends of vectors (3); the page of a class; samples of a text (left the Unicode
    # tables); the page that explains, and its command; change of meaning: its command, its
    # equations, its room (8) and its picture; slips in functions of numbers, and
    # the calls of such functions.
    assert len(FILES) <= 242
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert not {str(path): n for path, n in lengths.items() if n > 600}


def test_a_name_of_a_file_occurs_once():
    names = Counter(path.stem for path in FILES)
    assert not {name for name, n in names.items() if n > 1} - ROLES


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.relative_to(PACKAGE).as_posix())
def test_a_room_lists_its_files(room):
    docstring = ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8"))) or ""
    assert "Files, in reading order:\n" in docstring
    listed = re.findall(r"^\* `([\w/.]+)`: \S", docstring, re.MULTILINE)
    there = {path.name for path in room.glob("*.py")} - {"__init__.py"}
    there |= {f"{inner.name}/" for inner in ROOMS if inner.parent == room}
    assert sorted(listed) == sorted(there)


def test_long_functions_are_rare():
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    lengths = [
        node.end_lineno - node.lineno + 1
        for _, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]
    assert statistics.quantiles(lengths, n=20)[-1] <= 35


def test_no_module_is_found_by_a_name_that_is_computed():
    """An editor can follow each call: no "module:function" in a string."""
    found = [
        f"{name}:{node.lineno}"
        for name, tree in trees()
        for node in ast.walk(tree)
        if name not in FINDERS and (_names_function(node) or _imports_by_name(node))
    ]
    assert not found


def _names_function(node):
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_text and re.fullmatch(r"w2v_cli(\.\w+)+:\w+", node.value)


def _imports_by_name(node):
    if not isinstance(node, ast.Call) or "import_module" not in ast.unparse(node.func):
        return False
    return not isinstance(node.args[0], ast.Constant)


def test_modules_import_each_other_in_no_circle():
    """Neither at the top, nor inside functions, nor for types only."""
    graph = {_module(path): set() for path in FILES}
    for path in FILES:
        graph[_module(path)] = set(_imported(path, graph)) - {_module(path)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(path, modules):
    """Yield the modules of the package that a file names in its imports."""
    # The package itself offers what is far above, for its users and not for its own modules.
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if path == PACKAGE / "__init__.py":
            return
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        if isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            inner = [name if name in modules else node.module for name in inner]
            yield from (name for name in inner if name in modules)


def test_the_architecture_page_names_files_that_exist():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = {name for name in re.findall(r"`([a-z_/]+\.py)`", page) if "/" in name}
    assert not {
        name for name in named if not (PACKAGE / name).exists() and not (ROOT / name).exists()
    }


def test_the_newcomers_hour_is_an_hour():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    hour = page.partition("## The newcomer's hour")[2].partition("\n## ")[0]
    files = re.findall(r"^\| `([a-z_/]+\.py)`", hour, re.MULTILINE)
    lines = sum(len((PACKAGE / name).read_text(encoding="utf-8").splitlines()) for name in files)
    assert len(files) == 7
    assert lines <= 1400


def test_the_way_of_a_line_is_as_long_as_the_architecture_page_says():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    way = page.partition("## From a line of text")[2]
    steps = re.findall(r"^\d\..*?(?=^\d\.|\Z)", way, re.MULTILINE | re.DOTALL)
    found = 0
    for step in steps:
        room = re.search(r"in `([a-z_/]+/)`", step)[1]
        for name in re.findall(r"`([a-z_/]+\.py)`", step):
            found += 1
            assert (PACKAGE / name).exists() or (PACKAGE / room / name).exists(), name
    assert found == int(re.search(r"these (\d+) files", way)[1]) <= 32
