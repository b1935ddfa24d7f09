"""`w2v cache`: the encoded corpora and pair counts that are kept for further runs."""

import json
import time
from typing import TYPE_CHECKING

import click

from w2v_cli.commands.options import FriendlyCommand
from w2v_cli.errors import one_line

if TYPE_CHECKING:
    from w2v_cli.text.shared_cache import Entry

_KINDS = {"corpus": "corpus", "pairs": "pair counts"}


@click.command(cls=FriendlyCommand, short_help="List or clear the corpora kept for further runs.")
@click.argument("action", type=click.Choice(["list", "clear"]), default="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def cache(action: str, as_json: bool) -> None:
    """List or clear the encoded corpora and pair counts that w2v keeps for further runs.

    A training that finds its corpus there does not read the text again. Clearing the cache harms no
    run: each run has its own links to the files that it uses. W2V_CACHE_DIR names another folder;
    set to nothing, it turns the cache off.
    """
    from w2v_cli.commands.terminal import size_text
    from w2v_cli.errors import UsageError
    from w2v_cli.text.shared_cache import user_cache

    shared = user_cache()
    if shared is None:
        raise UsageError("the cache is turned off: W2V_CACHE_DIR is empty; unset it to use one")
    entries = shared.clear() if action == "clear" else shared.entries()
    total = sum(entry.n_bytes for entry in entries)
    if as_json:
        content = {
            "folder": str(shared.root),
            "bytes": total,
            "entries": list(map(_object, entries)),
        }
        click.echo(json.dumps(content, ensure_ascii=False))
    elif action == "clear":
        click.echo(f"removed {_count(entries)}, {size_text(total)}, from {shared.root}")
    elif not entries:
        click.echo(f"nothing is kept in {shared.root}")
    else:
        click.echo("\n".join(map(_lines, entries)))
        click.echo(f"{_count(entries)}, {size_text(total)}, in {shared.root}")


def _object(entry: "Entry") -> dict[str, object]:
    return {
        "kind": entry.about.kind,
        "source": entry.about.source,
        "size": entry.about.size,
        "bytes": entry.n_bytes,
        "used": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(entry.used)),
    }


def _lines(entry: "Entry") -> str:
    from w2v_cli.commands.terminal import size_text

    used = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.used))
    kind = _KINDS.get(entry.about.kind, entry.about.kind)
    return (
        f"{kind} of {one_line(entry.about.source)}\n"
        f"    {entry.about.size}; {size_text(entry.n_bytes)}; used {used}"
    )


def _count(entries: list["Entry"]) -> str:
    return f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}"
