"""The click group. A command's module is imported only when the command is called."""

import codecs
import importlib
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from w2v_cli.errors import LONGEST_LINE, NO_ROOM, W2VError, W2VWarning, one_line, reason_of

#: Group of the help text → command → where it is defined, in the order of the help text.
GROUPS = {
    "Train": {
        "train": "w2v_cli.commands.train:train",
        "blend": "w2v_cli.commands.blend:blend",
        "info": "w2v_cli.commands.info:info",
    },
    "Ask": {
        "neighbors": "w2v_cli.commands.ask:neighbors",
        "analogy": "w2v_cli.commands.ask:analogy",
        "similarity": "w2v_cli.commands.ask:similarity",
        "odd-one-out": "w2v_cli.commands.ask:odd_one_out",
        "vector": "w2v_cli.commands.ask:vector",
        "embed": "w2v_cli.commands.embed:embed",
    },
    "Judge": {
        "evaluate": "w2v_cli.commands.evaluate:evaluate",
        "compare": "w2v_cli.commands.compare:compare",
        "change": "w2v_cli.commands.change:change",
    },
    "Draw": {"plot": "w2v_cli.commands.plot:plot"},
    "Move": {"export": "w2v_cli.commands.export:export"},
    "Learn": {
        "explain": "w2v_cli.commands.explain:explain",
        "gradcheck": "w2v_cli.commands.gradcheck:gradcheck",
    },
    "Prepare corpora": {
        "vocab": "w2v_cli.commands.vocab:vocab",
        "phrases": "w2v_cli.commands.vocab:phrases",
        "count": "w2v_cli.commands.count:count",
        "cache": "w2v_cli.commands.cache:cache",
    },
}
COMMANDS = {name: place for group in GROUPS.values() for name, place in group.items()}

EXIT_INTERRUPTED = 130
#: How Python says that a limit of processes or of memory is reached.
_NO_THREAD = "can't start new thread"


class LazyGroup(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help text."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by task."""
        width = max(map(len, COMMANDS))
        for title, names in GROUPS.items():
            rows = []
            for name in names:
                command = self.get_command(ctx, name)
                if command is not None:
                    limit = formatter.width - 6 - width
                    rows.append((name.ljust(width), command.get_short_help_str(limit)))
            with formatter.section(title):
                formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; for an unknown one, name the closest."""
        import difflib

        from w2v_cli.settings import foreign

        if args and args[0] not in COMMANDS:
            name = foreign.plain(args[0])
            close = [foreign.COMMANDS[name]] if name in foreign.COMMANDS else []
            close = close or difflib.get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            known = ", ".join(COMMANDS)
            ctx.fail(f"No such command {args[0]!r}.{hint} Commands: {known}.")
        return super().resolve_command(ctx, args)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=lambda context, option, asked: _print_version(context) if asked else None,
    help="Show the version and exit.",
)
def cli() -> None:
    """Train word vectors, check their mathematics, draw and use them."""


def _print_version(context: click.Context) -> None:
    from w2v_cli.version import package_version

    click.echo(f"w2v, version {package_version()}")
    context.exit()


def main() -> None:
    """Run the command line; every error a user can cause ends in one line on stderr."""
    _open_missing_streams()
    _write_any_character()
    os.environ["MPLBACKEND"] = "agg"  # pictures need no window; an unknown backend would be fatal
    try:
        with _warnings_as_notes():
            code = cli.main(prog_name="w2v", standalone_mode=False)
    except W2VError as error:
        _tell(f"Error: {error}")
        code = error.exit_code
    except click.exceptions.Abort:
        code = EXIT_INTERRUPTED
    except click.ClickException as error:
        if len(error.message) > LONGEST_LINE:
            _tell(f"Error: {error.format_message()}")  # it names the option
        else:
            with suppress(OSError):
                error.show()
        code = error.exit_code
    except KeyboardInterrupt:
        _tell("Interrupted.")
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except (OSError, MemoryError) as error:
        _tell(f"Error: {_reason(error)}")
        code = 1
    except RuntimeError as error:
        if str(error) != _NO_THREAD:
            raise
        _tell("Error: the system starts no further thread; raise the limits of `ulimit -u` and -v")
        code = 1
    sys.exit(code if isinstance(code, int) else 0)


@contextmanager
def _warnings_as_notes() -> Iterator[None]:
    """Print the warnings of w2v as notes, one line each; leave those of others alone."""
    usual = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *more: Any, **others: Any) -> None:
        if issubclass(category, W2VWarning):
            _tell(f"note: {message}")
        else:
            usual(message, category, *more, **others)

    with warnings.catch_warnings():
        warnings.simplefilter("always", W2VWarning)
        warnings.showwarning = show
        yield


def _reason(error: OSError | MemoryError) -> str:
    if not isinstance(error, OSError) or not error.strerror:
        return str(error) or "out of memory"
    if error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {reason_of(error)}"
    # Errors of files name them; what is left is the output, or has no file.
    return f"{'standard output: ' if error.errno in NO_ROOM else ''}{reason_of(error)}"


def _open_missing_streams() -> None:
    """Open empty streams in a process that was started with closed ones.

    Otherwise the next file that it opens would become its standard error and receive its messages.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: SIM115


#: What our tables and charts draw → ASCII that looks alike; from `▁` to `█`, eight heights.
_LOOKS_LIKE = dict(zip("─━┤−→▁▂▃▄▅▆▇█", "-=|->__..::##", strict=True))


def _write_any_character() -> None:
    """Let output of any encoding take any text, such as cp1252 in a pipe on Windows."""
    codecs.register_error("w2v", _substitute)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="w2v")


def _substitute(error: UnicodeError) -> tuple[str, int]:
    r"""Replace characters that an encoding lacks; by `\uXXXX`, which in JSON is right, too."""
    assert isinstance(error, UnicodeEncodeError)
    lacking = error.object[error.start : error.end]
    escapes = (_LOOKS_LIKE.get(one) or _json_escape(one) for one in lacking)
    return "".join(escapes), error.end


def _json_escape(character: str) -> str:
    r"""Return `\uXXXX`, or two of them for a character beyond the first 65,536."""
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def _tell(message: str) -> None:
    with suppress(OSError):  # nobody reads it; the exit code still tells
        click.echo(one_line(message), err=True)
