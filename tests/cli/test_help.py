import os
import subprocess
import sys

import click
import pytest
from conftest import ROOT

from w2v_cli import __version__
from w2v_cli.cli import COMMANDS, cli
from w2v_cli.settings.run_settings import default_text, help_of, settings_named


def commands():
    context = click.Context(cli)
    return {name: cli.get_command(context, name) for name in COMMANDS}


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['w2v', '--help']\n"
        "from w2v_cli.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "names = 'numpy numba tqdm safetensors scipy tabulate'.split()\n"
        "heavy = set(names) & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "train" in done.stdout


def test_neighbors_answers_without_scipy(tmp_path):
    (tmp_path / "v.txt").write_text("2 2\nking 1 2\nqueen 2 1\n")
    code = (
        f"import sys; sys.argv = ['w2v', 'neighbors', {str(tmp_path / 'v.txt')!r}, 'king']\n"
        "from w2v_cli.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'scipy', 'numba', 'matplotlib', 'tqdm'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "queen" in done.stdout


VECTOR_COMMANDS = [
    *("neighbors", "analogy", "similarity", "odd-one-out", "evaluate", "export", "info")
]


@pytest.mark.parametrize("name", VECTOR_COMMANDS)
def test_help_of_the_commands_on_vectors_fits_80_columns_and_needs_no_numpy(name):
    code = (
        f"import sys; sys.argv = ['w2v', {name!r}, '--help']\n"
        "from w2v_cli.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'tabulate'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "80"},
    )
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_command_has_help(name):
    command = commands()[name]
    assert command is not None
    assert command.help
    for parameter in command.get_params(click.Context(command, help_option_names=["-h", "--help"])):
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts}"


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_shown_for_both_flags(w2v, name):
    assert w2v(name, "-h").out == w2v(name, "--help").out
    assert w2v(name, "-h").out.startswith(f"Usage: w2v {name}")


def test_every_setting_is_an_option_that_shows_its_default():
    command = commands()["train"]
    options = {
        option.name: option
        for option in command.get_params(click.Context(command, help_option_names=["-h", "--help"]))
    }
    for name, settings in settings_named().items():
        if not settings[0].argument:
            option = options[name]
            assert settings[0].option == option.opts[0]
            assert all(help_of(setting) in option.help for setting in settings)
            assert default_text(name) in option.help


def test_version(w2v):
    assert w2v("--version").out == f"w2v, version {__version__}\n"


def test_an_unknown_command_names_the_closest(w2v):
    result = w2v("trian")
    assert result.code == 2
    assert "Did you mean 'train'?" in result.err


def test_shell_completion_is_there():
    done = subprocess.run(
        [sys.executable, "-c", "from w2v_cli.cli import main; main()"],
        cwd=ROOT,
        env={"_W2V_COMPLETE": "bash_source", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "_w2v_completion" in done.stdout


def test_the_help_of_train_begins_with_the_ten_options_used_most(w2v, monkeypatch):
    """They fit the first screen of a terminal of 80 columns and 24 lines."""
    monkeypatch.setenv("COLUMNS", "80")
    lines = w2v("train", "--help").out.splitlines()
    start = lines.index("Used most:")
    end = lines.index("", start)
    first = [line.split()[0] for line in lines[start:end] if line.startswith("  --")]
    assert len(first) == 10
    assert {"--out", "--dim", "--window", "--min-count", "--epochs"} <= set(first)
    assert end <= 24
    assert max(map(len, lines)) <= 80


def test_the_help_lists_every_command_and_option_in_one_group(w2v):
    shown = w2v("--help").out
    for name in COMMANDS:
        assert shown.count(f"\n  {name} ") == 1
    shown = w2v("train", "--help").out
    for settings in settings_named().values():
        if not settings[0].argument:
            assert shown.count(f"\n  {settings[0].option} ") == 1
    titles = [line for line in shown.splitlines() if line.endswith(":") and line[0] != " "]
    assert titles[:7] == [
        *("Used most:", "Run:", "Corpus:", "Words:", "Model:", "Training:", "Watching:")
    ]
    assert "Engine spectral:" in titles
    assert "Loss negative-sampling:" in titles


def test_limits_that_only_guard_against_overflow_are_not_shown(w2v):
    shown = " ".join(w2v("train", "--help").out.split())
    assert "[x>=0]" in shown
    assert "000000000" not in shown
