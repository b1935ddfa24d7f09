"""Where compiled code is kept, and what happens when it cannot be."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from w2v_cli import compiled

PACKAGE = ROOT / "w2v_cli"
WITHOUT_JIT = "NUMBA_DISABLE_JIT" in os.environ

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the user's cache is elsewhere")

SUM = """
from w2v_cli.compiled import cache_note, compiled

@compiled(nogil=True)
def total(n):
    s = 0
    for i in range(n):
        s += i
    return s

print(total(5), sum(total.stats.cache_hits.values()), cache_note())
"""


def run(*command, cache, cwd=ROOT, path=ROOT, **environment):
    """Run Python with a user's cache folder of its own."""
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")
    } | {"PYTHONPATH": str(path), "XDG_CACHE_HOME": str(cache), **environment}
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def sum_in(tmp_path, cache, **environment):
    """Compile and call a small function; return its result, cache hits and note."""
    script = tmp_path / "total.py"
    script.write_text(SUM)
    result, hits, note = run(script, cache=cache, **environment).stdout.split(" ", 2)
    return result, int(hits), note.strip()


def cache_files(folder):
    return sorted(path for path in Path(folder).rglob("*") if path.suffix in (".nbi", ".nbc"))


@pytest.fixture
def copy(tmp_path):
    """A copy of the package."""
    folder = tmp_path / "site-packages" / "w2v_cli"
    shutil.copytree(PACKAGE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_a_training_leaves_no_compiled_code_in_the_package(copy, tmp_path, text):
    """A user's own compiled functions keep the place that numba gives them."""
    cache, user = tmp_path / "cache", tmp_path / "user"
    user.mkdir()
    (user / "mine.py").write_text(
        "from numba import njit\n\n@njit(cache=True)\ndef f(x):\n    return x + 1\n\n"
    )
    (user / "job.py").write_text(
        "import w2v_cli, mine\n"
        f"w2v_cli.train(paths=({str(text)!r},), out='run', dim=8, epochs=1, n_threads=1)\n"
        "assert mine.f(1) == 2\n"
    )
    run(user / "job.py", cache=cache, cwd=user, path=copy.parent)
    assert cache_files(copy) == []
    names = {path.name.split("-")[0] for path in cache_files(cache)}
    assert any(name.endswith(".train_block.nbi") for name in names)
    assert not any("mine" in name for name in names)
    assert len(cache_files(user / "__pycache__")) == 2
    assert "mine.f" in cache_files(user / "__pycache__")[0].name


def test_a_second_program_finds_the_code_of_the_first(tmp_path):
    assert sum_in(tmp_path, tmp_path / "cache") == ("10", 0, "None")
    assert sum_in(tmp_path, tmp_path / "cache") == ("10", 1, "None")
    for folder in (tmp_path / "cache" / "w2v").rglob("*/"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_damaged_cache_is_compiled_again(tmp_path):
    cache = tmp_path / "cache"
    sum_in(tmp_path, cache)
    for suffix in (".nbi", ".nbc"):
        for path in cache_files(cache):
            if path.suffix == suffix:
                path.write_bytes(path.read_bytes()[:40])
        assert sum_in(tmp_path, cache) == ("10", 0, "None")
        assert sum_in(tmp_path, cache) == ("10", 1, "None")


def shared_with_others(cache):
    (cache / "w2v").mkdir(parents=True)
    (cache / "w2v").chmod(0o777)


def link_to_another_folder(cache):
    (cache / "elsewhere").mkdir(parents=True)
    (cache / "w2v").symlink_to(cache / "elsewhere")


def file_in_its_place(cache):
    cache.write_text("not a folder")


@pytest.mark.parametrize(
    "spoil",
    [shared_with_others, link_to_another_folder, file_in_its_place],
    ids=lambda f: f.__name__,
)
def test_an_unusable_folder_means_a_temporary_one_and_a_note(tmp_path, spoil):
    cache, temporary = tmp_path / "cache", tmp_path / "temporary"
    temporary.mkdir()
    spoil(cache)
    result, hits, note = sum_in(tmp_path, cache, TMPDIR=str(temporary))
    assert (result, hits) == ("10", 0)
    assert note.startswith("compiled code is not kept")
    assert "XDG_CACHE_HOME" in note
    assert cache_files(tmp_path) == []
    assert list(temporary.iterdir()) == [], "the temporary folder is removed at the end"


@pytest.mark.skipif(WITHOUT_JIT, reason="nothing is compiled without the JIT")
@pytest.mark.parametrize("loss", ["negative-sampling", "naive-softmax"])
def test_training_prints_the_note(w2v, monkeypatch, text, tmp_path, loss):
    monkeypatch.setattr(compiled, "_notes", ["compiled code is not kept: why"])
    options = ("--loss", loss, "--dim", 4, "--epochs", 1, "--n-threads", 1)
    done = w2v("train", text, "--out", tmp_path / "run", *options)
    assert done.err.count("note: compiled code is not kept: why") == 1
    assert compiled.cache_note() is None


def test_without_jit_a_compiled_function_is_the_function_itself(tmp_path):
    code = (
        "from w2v_cli.compiled import compiled; f = lambda: 1; assert compiled(nogil=True)(f) is f"
    )
    run("-c", code, cache=tmp_path / "cache", NUMBA_DISABLE_JIT="1")


@pytest.mark.parametrize(
    ("kernels", "file", "changes"),
    [
        ("engines/sampled/block.py", "engines/sampled/draws.py", True),
        ("engines/sampled/block.py", "engines/sampled/lanes.py", True),
        ("engines/sampled/block.py", "engines/sampled/buffers.py", True),
        ("engines/sampled/block.py", "compiled.py", True),
        ("engines/sampled/block.py", "arrays.py", True),
        ("engines/sampled/block.py", "engines/sampled/settings.py", False),
        ("engines/sampled/block.py", "engines/exact/exact_kernels.py", False),
        ("engines/sampled/block.py", "pairs/pair_kernels.py", False),
        ("engines/exact/exact_kernels.py", "engines/exact/exact_kernels.py", True),
        ("engines/exact/exact_kernels.py", "engines/exact/engine.py", False),
        ("text/scan_kernels.py", "text/table_kernels.py", True),
        ("text/scan_kernels.py", "text/sources.py", False),
        ("pairs/pair_kernels.py", "pairs/pair_kernels.py", True),
    ],
)
def test_an_edit_of_what_is_compiled_changes_the_key(copy, kernels, file, changes):
    before = compiled.cache_key(copy / kernels, copy)
    with (copy / file).open("a") as target:
        target.write("# one more line\n")
    assert (compiled.cache_key(copy / kernels, copy) != before) == changes


def files_with_kernels():
    marked = re.compile(r"^@(compiled\(|inlined|njit)", re.MULTILINE)
    return [path for path in PACKAGE.rglob("*.py") if marked.search(path.read_text())]


def test_compiled_code_takes_nothing_from_files_outside_the_key():
    """Constants and named tuples of other files are frozen in machine code too."""
    assert len(files_with_kernels()) > 8
    for path in files_with_kernels():
        sources = set(compiled.compiled_sources(path))
        for module in re.findall(r"^from (w2v_cli[\w.]*) import", path.read_text(), re.MULTILINE):
            target = ROOT / f"{module.replace('.', '/')}.py"
            assert target in sources, f"{path.name} takes something from {module}"


def test_folders_unused_for_long_are_deleted(tmp_path):
    root = tmp_path / "cache" / "w2v" / "compiled"
    old, recent = root / "0.0.1-old", root / "0.0.1-recent"
    for folder in (old, recent):
        folder.mkdir(parents=True)
        (folder / "f.nbi").touch()
    os.utime(old, (0, 0))
    for folder in (root, root.parent):
        folder.chmod(0o700)
    sum_in(tmp_path, tmp_path / "cache")
    assert not old.exists()
    assert recent.exists()
