"""Counts whose workers, client or scheduler are killed: the bytes must be those of a calm count.

    python tests/bench/counting_kills.py TEXT [--rounds 50] [--whom worker] [--log FILE]

TEXT: plain or .gz, one document a line; 10 MB make 20 tasks a stage. One line is
printed a round. `--log FILE` keeps the lines, and the rounds in it are not done again. The moment
of a kill is drawn: a stage (words, merging words, pairs, merging pairs), a share of it that is
done, and a delay of up to an eighth of what the stage took in the calm count. `--whom`:

    worker      SIGKILL to one of two workers; the count goes on
    client      SIGKILL to the process that counts, its scheduler with it; then the same count again
    scheduler   SIGKILL to a scheduler of its own; then a new one, and the same count again
"""

import argparse
import functools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from counting import content, count, written_out

from w2v_cli.errors import RunError
from w2v_cli.pairs.workers import Cluster, Processes, Threads

SHARD_BYTES = 1 << 19
STAGES = ("counting words", "merging words", "counting pairs", "merging pairs")


class Moment:
    """Calls `act` once, at a time that is drawn within a stage; `hit` says when it was."""

    def __init__(self, rng: random.Random, lengths: dict[str, float], act) -> None:
        self.stage, self.share = rng.choice(STAGES), rng.choice([0, 0.25, 0.5, 0.75])
        self.delay = rng.uniform(0, lengths[self.stage] / 8)
        self.hit = ""
        self._act, self._over, self._now = act, threading.Event(), ""
        self._begun = False

    def progress(self, phase: str, done: int, total: int) -> None:
        """Follow the stages of a count."""
        if phase == self.stage and done >= self.share * total and not self._begun:
            self._begun = True
            threading.Thread(target=self._wait, daemon=True).start()
        self._now = phase

    def _wait(self) -> None:
        if not self._over.wait(self.delay):
            self.hit = self._now
            self._act()

    def end(self) -> str:
        """Kill nothing from now on; return the stage in which something was killed."""
        self._over.set()
        return self.hit


def calm(text: Path, out: Path) -> dict[str, float]:
    """Count on two local workers, and return how long each stage took."""
    began: dict[str, float] = {}

    def progress(phase: str, done: int, total: int) -> None:
        began.setdefault(phase, time.perf_counter())

    count(text, out, lambda parts: Processes(2), SHARD_BYTES, progress)
    times = [*began.values(), time.perf_counter()]
    return dict(zip(began, [b - a for a, b in pairwise(times)], strict=True))


def kill_worker(text: Path, out: Path, rng: random.Random, lengths: dict[str, float]) -> str:
    """Count, and lose a worker; the cluster itself lasts from round to round."""
    team = lasting_team()

    def kill() -> None:
        os.kill(rng.choice(list(team._pool._processes)), signal.SIGKILL)

    moment = Moment(rng, lengths, kill)
    count(text, out, lambda parts: team, SHARD_BYTES, moment.progress)
    return moment.end()


@functools.cache
def lasting_team() -> Processes:
    """Start two processes that counts do not close."""

    class Lasting(Processes):
        def close(self) -> None:
            pass

    return Lasting(2)


def kill_client(text: Path, out: Path, rng: random.Random, lengths: dict[str, float]) -> str:
    """Count in a process that is killed, then again in this one."""
    moment = Moment(rng, lengths, lambda: os.kill(process.pid, signal.SIGKILL))
    command = [sys.executable, __file__, str(text), "--count-to", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        phase, done, total = line.strip().split("\t")
        moment.progress(phase, int(done), int(total))
    killed = process.wait() == -signal.SIGKILL and moment.end()
    if killed:  # the same count goes on
        count(text, out, lambda parts: Processes(2), SHARD_BYTES, anew=False)
    return killed or ""


def kill_scheduler(text: Path, out: Path, rng: random.Random, lengths: dict[str, float]) -> str:
    """Count on a scheduler that is killed, then on another one."""
    with tempfile.TemporaryDirectory() as name:
        processes = start_scheduler(Path(name) / "one.json")
        moment = Moment(rng, lengths, processes[0].kill)
        try:
            address = str(Path(name) / "one.json")
            count(text, out, lambda p: Cluster(address, p), SHARD_BYTES, moment.progress)
        except RunError as error:
            expect(error, "run the same command again", "no Dask")
        finally:
            end(processes)
        if not moment.end():
            return ""
        processes = start_scheduler(Path(name) / "two.json")
        try:
            address = str(Path(name) / "two.json")
            count(text, out, lambda p: Cluster(address, p), SHARD_BYTES, anew=False)
        except RunError as error:  # it was killed after the last step
            expect(error, "already contains counts")
        finally:
            end(processes)
        return moment.hit


def expect(error: RunError, *messages: str) -> None:
    """Raise an error again that says none of these."""
    if not any(message in str(error) for message in messages):
        raise error


def start_scheduler(file: Path) -> list[subprocess.Popen]:
    """Start a scheduler and two workers; return their processes."""
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0"]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1"]
    quiet = {"stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    found = [subprocess.Popen([*dask, "--no-dashboard", "--scheduler-file", file], **quiet)]
    while not file.is_file():
        time.sleep(0.1)
    for _ in range(2):
        options = ["--no-dashboard", "--local-directory", file.parent, "--scheduler-file", file]
        found.append(subprocess.Popen([*worker, *options], **quiet))
    return found


def end(processes: list[subprocess.Popen]) -> None:
    """End a scheduler and its workers."""
    for process in processes:
        process.terminate()
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()


def rounds(text: Path, folder: Path, whom: str, n: int, log: Path | None, seed: int) -> None:
    """Do the rounds that are not in the log."""
    count(text, folder / "whole", lambda parts: Threads(2), SHARD_BYTES)
    expected = content(folder / "whole")
    lengths = calm(text, folder / "calm")
    assert content(folder / "calm") == expected
    print("seconds:", {name: round(value, 2) for name, value in lengths.items()}, flush=True)
    act = {"worker": kill_worker, "client": kill_client, "scheduler": kill_scheduler}[whom]
    lines = log.read_text().splitlines() if log and log.exists() else []
    for number in range(len(lines), n):
        out = folder / "counts"
        shutil.rmtree(out, ignore_errors=True)
        hit = act(text, out, random.Random(seed * 1000 + number), lengths)
        equal = content(out) == expected
        verdict = "equal bytes" if equal else "OTHER BYTES"
        lines.append(f"{number + 1:3} {whom} killed in: {hit or 'not hit'}: {verdict}")
        print(lines[-1], flush=True)
        if log:
            log.write_text("\n".join(lines) + "\n")
    found = Counter(line.split(": ")[1] for line in lines)
    n_equal = sum(line.endswith("equal bytes") for line in lines)
    print(f"{len(lines)} counts, {n_equal} with equal bytes; killed in {dict(found)}")


def count_to(text: Path, out: Path) -> None:
    """Count on two local workers and print how far it is, for `kill_client`."""

    def progress(phase: str, done: int, total: int) -> None:
        print(phase, done, total, sep="\t", flush=True)

    count(text, out, lambda parts: Processes(2), SHARD_BYTES, progress)


def main() -> None:
    """See the docstring of this file."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--whom", choices=["worker", "client", "scheduler"], default="worker")
    parser.add_argument("--log", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count-to", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.count_to:
        count_to(chosen.text, chosen.count_to)
        return
    with tempfile.TemporaryDirectory() as name:
        text = written_out(chosen.text, Path(name) / "text.txt", 1)
        rounds(text, Path(name), chosen.whom, chosen.rounds, chosen.log, chosen.seed)


if __name__ == "__main__":
    main()
