"""What safety costs: locks, checksums, checks, checkpoints and syncs in a training.

    python tests/bench/safety_cost.py TEXT --epochs 25

Every function that is there for safety is wrapped by two clocks: CPU seconds of its own thread, and
seconds by the clock (which also has the waiting for the disk). They are compared with the CPU
seconds of the whole training, so that the figure holds on a busy machine, too; on an idle one
compare the seconds by the clock. Everything that writes is counted, also what a tool without
promises would write.
"""

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

from w2v_cli.settings.config import Config
from w2v_cli.storage import files, lock, tensors
from w2v_cli.training import hooks, run, saved_state
from w2v_cli.training.assembly import start

CPU, CLOCK, CALLS = Counter(), Counter(), Counter()


def timed(place, name, label):
    """Put a function that is timed in the place of one."""
    real = getattr(place, name)
    inside = []  # a function that calls another one that is timed is counted once

    def function(*arguments, **options):
        cpu, clock = time.thread_time(), time.perf_counter()
        inside.append(1)
        try:
            return real(*arguments, **options)
        finally:
            inside.pop()
            if not inside:
                CPU[label] += time.thread_time() - cpu
                CLOCK[label] += time.perf_counter() - clock
                CALLS[label] += 1

    setattr(place, name, function)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("text", type=Path)
    parser.add_argument("--epochs", type=int, default=25)
    options = parser.parse_args()
    timed(saved_state.SavedState, "save", "checkpoints and vectors, with all that follows")
    timed(tensors, "_crc32", "  of it checksums")
    timed(files, "sync", "  of it syncs of files (metrics, too)")
    timed(files, "sync_folder", "  of it syncs of folders")
    timed(hooks.Health, "check", "checks of the loss")
    timed(run, "check_pairs", "checks of the pairs")
    timed(lock.FolderLock, "__init__", "lock")
    timed(lock.FolderLock, "release", "lock")
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        training = start(Config(paths=str(options.text), epochs=options.epochs), Path(folder) / "r")
        read = time.perf_counter() - began
        cpu, clock = time.process_time(), time.perf_counter()
        for _ in training.train():
            pass
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
        n_tokens = training.position.n_tokens
    print(f"read in {read:.0f} s; trained {n_tokens:,} words", end=": ")
    print(f"{cpu:.1f} s CPU, {clock:.1f} s by the clock")
    for label in CPU:
        print(
            f"{label:50} {CALLS[label]:6} calls {CPU[label]:8.3f} s CPU {CLOCK[label]:8.3f} s clock"
        )
    whole = [label for label in CPU if not label.startswith(" ")]
    spent = sum(CPU[label] for label in whole)
    waited = sum(CLOCK[label] for label in whole)
    print(f"in all {spent / cpu:.2%} of the CPU time, {waited / clock:.2%} by the clock")


if __name__ == "__main__":
    main()
