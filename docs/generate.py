"""Write what the code knows into the documents: the README's settings and `docs/commands.md`.

python docs/generate.py           writes
python docs/generate.py --check   exit 1 where a document differs
"""

import sys
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from w2v_cli.cli import COMMANDS, cli  # noqa: E402
from w2v_cli.engines.catalog import ENGINES  # noqa: E402
from w2v_cli.settings.run_settings import (  # noqa: E402
    choices_of,
    default_text,
    help_of,
    tables,
)
from w2v_cli.training.trainer import describe_fields  # noqa: E402


def settings_table() -> str:
    """Return all settings, their tables in TOML, defaults and help, as a Markdown table."""
    rows = ["| TOML | setting | default | what |", "| --- | --- | --- | --- |"]
    for table, settings in tables().items():
        for name, setting in settings.items():
            choices = " \\| ".join(f"`{choice}`" for choice in choices_of(setting))
            text = help_of(setting) + (f" {choices}" if choices else "")
            rows.append(f"| `[{table}]` | `{name}` | {default_text(name, table)} | {text} |")
    return "\n".join(rows) + "\n"


def metrics_table() -> str:
    """Return the keys of `metrics.jsonl` as a Markdown table."""
    rows = ["| key | what |", "| --- | --- |"]
    rows += [f"| `{name}` | {text} |" for name, text in describe_fields()]
    return "\n".join(rows) + "\n"


def engines_table() -> str:
    """Return what each engine offers as a Markdown table."""
    rows = [
        "| engine | what | models | losses | optimizers | best vectors |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for offer in ENGINES.values():
        lists = (", ".join(names) for names in (offer.models, offer.losses, offer.optimizers))
        cells = (f"`{offer.name}`", offer.summary, *lists, offer.vectors)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


TABLES = {"settings": settings_table, "metrics": metrics_table, "engines": engines_table}


def readme() -> str:
    """Return the README with its tables put in, each between its two comments."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, make in TABLES.items():
        start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        text = f"{before}{start}{make()}{end}{after}"
    return text


def command_help() -> str:
    """Return `--help` of every command as a Markdown page."""
    settings: dict[str, Any] = {**cli.context_settings, "terminal_width": 100}
    context = click.Context(cli, info_name="w2v", **settings)
    parts = ["# Commands\n\nMade by `docs/generate.py` from the code.\n"]
    parts.append(f"## w2v\n\n```\n{cli.get_help(context)}\n```\n")
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context, **settings)
        parts.append(f"## w2v {name}\n\n```\n{command.get_help(inner)}\n```\n")
    return "\n".join(parts)


def main() -> int:
    """Write the documents, or check them."""
    wanted = {ROOT / "README.md": readme(), ROOT / "docs" / "commands.md": command_help()}
    differing = [
        path
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        for path in differing:
            print(f"{path.relative_to(ROOT)} is not up to date: run python docs/generate.py")
        return 1 if differing else 0
    for path in differing:
        path.write_text(wanted[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
