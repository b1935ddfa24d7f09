import subprocess
import sys

import click
import pytest
from conftest import ROOT

from w2v_cli import __version__
from w2v_cli.cli import COMMANDS, cli
from w2v_cli.settings.catalog import default_text, help_of, settings_named


def commands():
    context = click.Context(cli)
    return {name: cli.get_command(context, name) for name in COMMANDS}


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['w2v', '--help']\n"
        "from w2v_cli.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'numba', 'tqdm', 'safetensors'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "train" in done.stdout


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
