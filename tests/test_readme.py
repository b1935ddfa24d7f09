"""Every command of the README can be pasted as it stands, after its quickstart line."""

import os
import re
import shutil
import stat
import subprocess
import sys

import pytest
from conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")

FOLDERS = ("configs", "data", "docs")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def lines_that_set_up():
    """The one-line commands that make the environment: they install the package."""
    return [line for line in README.splitlines() if line.startswith("python3 -m venv .venv && ")]


@pytest.fixture
def clone(tmp_path):
    """A clone whose environment runs this checkout's code; stands for what pip would set up."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    scripts = tmp_path / ".venv" / "bin"
    scripts.mkdir(parents=True)
    (scripts / "activate").write_text(f'PATH="{scripts}:$PATH"\n')
    for name, arguments in (("w2v", "-m w2v_cli"), ("python", "")):
        script = scripts / name
        script.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return tmp_path


def run(script, folder):
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout[-1000:]}\n{done.stderr[-2000:]}"


def test_the_readme_has_the_two_lines_that_set_up():
    quickstart, tests = lines_that_set_up()
    assert "w2v train" in quickstart
    assert "w2v plot" in quickstart
    assert "-m pytest" in tests


def test_the_readme_says_how_to_activate_the_environment_before_it_calls_w2v():
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    activate = commands.index("source .venv/bin/activate")
    first = next(i for i, line in enumerate(commands) if line.startswith("w2v "))
    assert activate < first


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(sys.platform == "win32", reason="the README shows a POSIX shell")
def test_every_command_can_be_pasted_as_it_stands(clone):
    quickstart, tests = lines_that_set_up()
    for part in quickstart.split(" && "):
        if part.startswith(".venv/bin/w2v "):
            run(part, clone)
    rest = [block for block in blocks("sh") if block.strip() not in (quickstart, tests)]
    assert len(rest) > 6
    for block in rest:
        run(f"source .venv/bin/activate\n{block}", clone)
    for block in blocks("python"):
        (clone / "block.py").write_text(block)
        run(".venv/bin/python block.py", clone)
    assert (clone / "runs" / "quickstart" / "plot.png").stat().st_size > 10_000
