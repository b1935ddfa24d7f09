"""A counting from its start to the finished folder, and its continuation after a stop."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from w2v_cli.corpus.counts.count import CountPlan, Stages
from w2v_cli.corpus.counts.manifest import COUNTS, VOCABULARY, Manifest, is_counts
from w2v_cli.corpus.counts.parts import PARTS, cannot_write
from w2v_cli.corpus.counts.shards import cut
from w2v_cli.corpus.counts.workers import Workers
from w2v_cli.corpus.reading import Progress, no_progress
from w2v_cli.errors import RunError
from w2v_cli.storage import files, lock
from w2v_cli.storage.folders import is_leftover, make_folders, remove_leftovers, remove_tree

_OWN = {PARTS, VOCABULARY, COUNTS, lock.NAME}


def count_into(
    out: Path,
    plan: CountPlan,
    workers: Callable[[Path], Workers],
    progress: Progress = no_progress,
    shard_bytes: int | None = None,
) -> Manifest:
    """Count a corpus into the folder `out`, or go on with a counting that was stopped there.

    workers: is called with the folder that they have to share.

    Raises:
        UsageError: settings that need the text in one piece.
        DataError: a corpus that cannot be read, or was changed.
        RunError: the folder is in use, holds something else or cannot be written to, or the workers
            cannot be used.
    """
    shards = cut(plan.corpus, shard_bytes)
    existed = out.exists()
    make_folders(out)
    held = lock.FolderLock(out)
    try:
        _check(out)
        remove_leftovers(out)
        make_folders(out / PARTS)
        remove_leftovers(out / PARTS)
        team = workers(out / PARTS)
        try:
            manifest = Stages(plan, out, team, progress).count(shards)
        finally:
            team.close()
        remove_tree(out / PARTS)
        return manifest
    except BaseException as error:
        with suppress(OSError):
            _clear_if_nothing_was_counted(out)
        if isinstance(error, OSError):
            raise cannot_write(out, error) from error
        raise
    finally:
        held.release()
        if not existed:
            with suppress(OSError):  # not empty: there is something to go on from
                files.remove_folder(out)


def _clear_if_nothing_was_counted(out: Path) -> None:
    if (out / PARTS).is_dir() and not any((out / PARTS).iterdir()):
        files.remove_folder(out / PARTS)


def _check(out: Path) -> None:
    if is_counts(out):
        remove_tree(out / PARTS)  # of a counting that was killed after its last step
        raise RunError(f"{out} already contains counts; choose another --out")
    foreign = {e.name for e in out.iterdir() if not is_leftover(e.name)} - _OWN
    if foreign:
        raise RunError(f"{out} is not an empty folder; choose another --out")
