"""`w2v count`: pair counts without the encoded text, and sums of such counts."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from w2v_cli.commands.options import CorpusCommand, FilePath, FloatRange, setting_option

if TYPE_CHECKING:
    from w2v_cli.pairs.counts_folder import Manifest


@click.command(cls=CorpusCommand, short_help="Count a corpus, to train without the text.")
@click.argument("corpus", nargs=-1, required=True, metavar="CORPUS...")
@click.option("--out", type=FilePath(), required=True, help="Folder for the counts.")
@click.option(
    "--merge",
    is_flag=True,
    help="Add up counts instead: each CORPUS is a folder of counts made with the same --vocab and"
    " settings. Give one folder to prune it.",
)
@click.option(
    "--min-pairs",
    type=FloatRange(min=0),
    default=0.0,
    help="Drop pairs that are expected to occur less often; the loss is reported.",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Count in N processes of this machine (local:N), or on the workers of a Dask scheduler"
    " that you trust: its address, or a scheduler file.",
)
@setting_option("window")
@setting_option("shrink_windows")
@setting_option("subsample_threshold")
@setting_option("n_threads", default="one per core")
def count(
    corpus: tuple[str, ...],
    out: Path,
    merge: bool,
    cluster: str | None,
    n_threads: int | None,
    min_pairs: float,
    **settings: Any,
) -> None:
    """Count the words and pairs of CORPUS, without storing the encoded text.

    `w2v train OUT` trains on the counts alone, with the same result as training on the text with
    the same engine. The text is read twice, or once if --vocab gives the vocabulary. To continue a
    stopped count, repeat the command. The counts have the same bytes for any number of threads,
    workers and machines. With --cluster, all machines must see CORPUS and OUT under the same names.

    With --merge, the result is byte for byte what counting all texts at once with that vocabulary
    gives.
    """
    if merge:
        others = {"cluster": cluster, "n_threads": n_threads, **settings}
        _merge(corpus, out, min_pairs, **others)
        return
    from w2v_cli.commands.progress import ProgressDisplay, StopSignals, tell
    from w2v_cli.engines.catalog import ENGINES
    from w2v_cli.pairs.stages import CountPlan, count_into
    from w2v_cli.pairs.workers import Threads, Workers, workers_at
    from w2v_cli.settings.config import Config
    from w2v_cli.settings.resolve import n_cores, resolve
    from w2v_cli.text.places import absolute_path

    paths = tuple(map(absolute_path, corpus))
    # Resolved for an engine that trains on counts: other engines have other defaults.
    engine = next(offer.name for offer in ENGINES.values() if offer.takes_counts)
    chosen = resolve(Config(engine=engine, paths=paths, **settings))

    def workers(folder: Path) -> Workers:
        if cluster is None:
            return Threads(n_threads or n_cores())
        return workers_at(cluster, folder)

    model = chosen.model
    plan = CountPlan(
        chosen.corpus, model.window, model.subsample_threshold, model.shrink_windows, min_pairs
    )
    with StopSignals() as signals, ProgressDisplay() as display:
        try:
            manifest = count_into(out, plan, workers, display.reading, notice=display.notice)
        except SystemExit:
            # Threads may be in the middle of a shard; each file appears whole or not at all.
            display.hide()
            tell("stopped; repeat the command to continue")
            os._exit(128 + (signals.received or 0))
    _tell(manifest)
    click.echo(str(out))


def _tell(manifest: "Manifest") -> None:
    from w2v_cli.commands.progress import tell

    tell(
        f"{manifest.n_tokens:,} words, {manifest.n_documents:,} documents; {manifest.n_entries:,}"
        f" different pairs, expected to occur {manifest.n_pairs:,.0f} times in all"
    )
    if manifest.lost_pairs:
        share = manifest.lost_pairs / (manifest.n_pairs + manifest.lost_pairs)
        tell(f"{manifest.lost_pairs:,.0f} pairs ({share:.2%}) were dropped")


def _merge(
    corpus: tuple[str, ...],
    out: Path,
    min_pairs: float,
    memory: float | None,
    max_vocab: int | None,
    **others: Any,
) -> None:
    from w2v_cli.pairs.stages import merge_counts
    from w2v_cli.text.settings import DEFAULT_MEMORY

    for name, value in others.items():
        if value is not None:
            option = "--" + name.replace("_", "-")
            raise click.UsageError(f"--merge uses the settings of the counts; omit {option}")
    folders = [Path(folder).expanduser() for folder in corpus]
    memory = memory or DEFAULT_MEMORY
    _tell(merge_counts(folders, out, memory=memory, min_pairs=min_pairs, max_vocab=max_vocab))
    click.echo(str(out))
