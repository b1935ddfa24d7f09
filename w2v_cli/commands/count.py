"""`w2v count` and `w2v merge-counts`: pair counts without the encoded text."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from w2v_cli.commands.options import CorpusCommand, FilePath, FloatRange, IntRange, setting_option

if TYPE_CHECKING:
    from w2v_cli.pairs.counts_folder import Manifest

_min_pairs = click.option(
    "--min-pairs",
    type=FloatRange(min=0),
    default=0.0,
    help="Drop pairs that are expected to occur less often; the loss is reported.",
)
_out = click.option("--out", type=FilePath(), required=True, help="Folder for the counts.")


@click.command(cls=CorpusCommand, short_help="Count a corpus, to train without the text.")
@click.argument("corpus", nargs=-1, required=True, metavar="CORPUS...")
@_out
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
@_min_pairs
def count(
    corpus: tuple[str, ...],
    out: Path,
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
    """
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


@click.command("merge-counts", short_help="Add up counts that were made with one vocabulary.")
@click.argument("counts", nargs=-1, required=True, type=FilePath(), metavar="COUNTS...")
@_out
@_min_pairs
@click.option(
    "--max-vocab", type=IntRange(min=2), help="Keep only the first words of the vocabulary."
)
@setting_option("memory")
def merge_counts(
    counts: tuple[Path, ...],
    out: Path,
    min_pairs: float,
    max_vocab: int | None,
    memory: float | None,
) -> None:
    """Add up COUNTS: folders that `w2v count --vocab` made with the same vocabulary and settings.

    The result is byte for byte what counting all texts at once with that vocabulary gives. With
    one folder, prune it.
    """
    from w2v_cli.pairs.stages import merge_counts as merge
    from w2v_cli.text.settings import DEFAULT_MEMORY

    memory = memory or DEFAULT_MEMORY
    _tell(merge(counts, out, memory=memory, min_pairs=min_pairs, max_vocab=max_vocab))
    click.echo(str(out))
