"""Faults at the level of the system, over train, count, export and resume.

    python tests/faults/system_faults.py                  # 500 faults
    python tests/faults/system_faults.py --faults 40 --job train --seed 3

`system_faults.c` is built with gcc and loaded into a command; it makes the N-th call of open,
write, fsync, rename, link, ftruncate, mmap or mkdir below a folder fail. Afterwards the same
command is done again without a fault (a run is resumed where there is one). Right is: the bits of
an undisturbed run, or a clear error and nothing in their place; and no traceback.
"""

import argparse
import ctypes
import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".c")
ROOT = Path(__file__).resolve().parents[2]
#: What fails with what; the last: and everything after it, as on a disk that stays full.
KINDS = {
    "ENOSPC": (errno.ENOSPC, 0), "EIO": (errno.EIO, 0), "EMFILE": (errno.EMFILE, 0),
    "EDQUOT": (errno.EDQUOT, 1), "full": (errno.ENOSPC, 1), "broken": (errno.EIO, 1),
}  # fmt: skip
TRAIN = (
    "train text.txt --dim 4 --epochs 2 --min-count 1 --window 2 --n-threads 1 --lr 0.01"
    " --subsample-threshold 0 --checkpoint-every 0 --snapshots 2 --out work/run"
).split()


@dataclass(frozen=True)
class Job:
    """A command, what stands before it, and the files whose bits count."""

    command: list[str]
    before: list[list[str]]
    results: tuple[str, ...]
    again: tuple[str, ...] = ()


RUN_FILES = ("run/vectors.safetensors", "run/vocab.tsv", "run/config.toml")
JOBS = {
    "train": Job([*TRAIN, "--engine", "reference"], [], RUN_FILES),
    "exact": Job([*TRAIN, "--engine", "exact"], [], RUN_FILES),
    "count": Job(
        "count text.txt --min-count 1 --n-threads 1 --out work/counts".split(), [],
        ("counts/counts.json", "counts/vocab.tsv", "counts/counts.safetensors"),
    ),
    "export": Job(
        "export work/run work/out.npz".split(), [[*TRAIN, "--engine", "reference"]], ("out.npz",)
    ),
    "export-text": Job(
        "export work/run work/out.txt".split(), [[*TRAIN, "--engine", "reference"]], ("out.txt",)
    ),
    "resume": Job(
        "train --resume --epochs 4 --out work/run".split(), [[*TRAIN, "--engine", "reference"]],
        RUN_FILES,
    ),
}  # fmt: skip


def build(folder: Path) -> Path:
    """Compile the shim. Raises CalledProcessError, or FileNotFoundError without gcc."""
    library = folder / "faults.so"
    command = ["gcc", "-O1", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl", "-lpthread"]
    subprocess.run(command, check=True, capture_output=True)
    return library


def write_text(path: Path) -> None:
    """60 documents, 480 tokens of 20 words; old enough for a cache."""
    rng = random.Random(5)
    lines = (" ".join(f"w{rng.randrange(20)}" for _ in range(8)) for _ in range(60))
    path.write_text("\n".join(lines) + "\n")
    os.utime(path, (1e9, 1e9))


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it wrote."""

    returncode: int
    stderr: str


class Commands:
    """Runs commands in processes forked from one that has the shim and has imported w2v."""

    def __init__(self, library: Path) -> None:
        env = os.environ | {"W2V_CACHE_DIR": "", "PYTHONPATH": str(ROOT)}
        self._server = subprocess.Popen(
            [sys.executable, __file__, "--serve"], env=env | {"LD_PRELOAD": str(library)},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, folder: Path, command: list[str], **names: str) -> Done:
        """Run a command in a folder; names: of the environment, for the shim."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps([str(folder), command, names]) + "\n")
        self._server.stdin.flush()
        code = int(self._server.stdout.readline())
        return Done(code, (folder / "stderr").read_text(errors="replace"))

    def close(self) -> None:
        """End the process."""
        self._server.communicate()


def serve() -> None:
    """Fork a process for each line of standard input; answer with its exit code."""
    from w2v_cli.commands import count, export, train  # noqa: F401 - imported once for all
    from w2v_cli.pairs import stages  # noqa: F401
    from w2v_cli.training import assembly  # noqa: F401

    for line in sys.stdin:
        folder, command, names = json.loads(line)
        child = os.fork()
        if not child:
            _be_a_command(Path(folder), command, names)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _be_a_command(folder: Path, command: list[str], names: dict[str, str]) -> None:
    """Do what `python -m w2v_cli COMMAND` does, and end the process."""
    from w2v_cli.cli import main

    os.chdir(folder)
    for number, name, flags in ((0, os.devnull, os.O_RDONLY), (1, os.devnull, os.O_WRONLY)):
        os.dup2(os.open(name, flags), number)
    os.dup2(os.open("stderr", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
    os.environ.update({"FAULT_AT": "0", "FAULT_FOLDER": "", "FAULT_COUNT": ""} | names)
    shim = ctypes.CDLL(None)
    shim.fault_again()
    signal.alarm(300)
    sys.argv = ["w2v", *command]
    code = 1
    try:
        main()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
    sys.stderr.flush()
    shim.fault_end()
    os._exit(code)


def results_of(folder: Path, job: Job) -> dict[str, bytes]:
    """Return the files whose bits count, as far as they are there."""
    paths = {name: folder / "work" / name for name in job.results}
    return {name: path.read_bytes() for name, path in paths.items() if path.exists()}


class Storm:
    """A job, what comes of it undisturbed, and the faults to plant in it."""

    def __init__(self, name: str, folder: Path, commands: Commands) -> None:
        self.job, self.run = JOBS[name], commands.run
        self.folder, self.good = folder, folder / "good"
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / "text.txt")
        (folder / "work").mkdir()
        for command in self.job.before:
            self.calm(command)
        shutil.copytree(folder / "work", self.good)
        self.n = self._count()
        self.right = results_of(folder, self.job)
        assert len(self.right) == len(self.job.results), "the undisturbed run left too little"

    def calm(self, command: list[str]) -> None:
        """Run a command without faults; it has to succeed."""
        done = self.run(self.folder, command)
        assert done.returncode == 0, done.stderr

    def _under(self, at: int, number: int = errno.EIO, lasting: int = 0):
        counted = self.folder / "counted"
        counted.unlink(missing_ok=True)
        done = self.run(
            self.folder, self.job.command, FAULT_AT=str(at), FAULT_ERRNO=str(number),
            FAULT_FOLDER=str(self.folder / "work"), FAULT_LASTING=str(lasting),
            FAULT_COUNT=str(counted),
        )  # fmt: skip
        calls, failed = counted.read_text().split() if counted.exists() else ("0", "unknown")
        return done, int(calls), failed

    def _count(self) -> int:
        done, calls, _ = self._under(0)
        assert done.returncode == 0, done.stderr
        return calls

    def plant(self, at: int, kind: str) -> str:
        """Plant one fault; return what was wrong, or an empty text."""
        shutil.rmtree(self.folder / "work")
        shutil.copytree(self.good, self.folder / "work")
        done, _, failed = self._under(at, *KINDS[kind])
        where = f"call {at} of {self.n} ({failed}), {kind}"
        if "Traceback" in done.stderr:
            return f"{where}: a traceback: {done.stderr[-300:]}"
        if done.returncode and "Error" not in done.stderr:
            return f"{where}: exit {done.returncode} without a message: {done.stderr[-200:]}"
        if done.returncode == 0 and results_of(self.folder, self.job) != self.right:
            return f"{where}: it says success, and the bits are others"
        return self._again(where)

    def _again(self, where: str) -> str:
        """Do it again without a fault; the bits have to be right, or an error clear."""
        done = self.run(self.folder, self._rest())
        if "Traceback" in done.stderr:
            return f"{where}: a traceback at the second try: {done.stderr[-300:]}"
        found = results_of(self.folder, self.job)
        if done.returncode == 0 and found == self.right:
            return ""
        already = done.returncode and found == self.right
        if already and "Error" in done.stderr:
            return ""  # the first try had come to its end, and the second says so
        return f"{where}: exit {done.returncode} at the second try: {done.stderr[-300:]}"

    def _rest(self) -> list[str]:
        """Return the command of the second try: a run that exists is resumed."""
        command = self.job.command
        if command[0] == "train" and (self.folder / "work" / "run" / "config.toml").exists():
            epochs = command[command.index("--epochs") + 1]
            return ["train", "--resume", "--epochs", epochs, "--out", "work/run"]
        return [*command, "--force"] if command[0] == "export" else command


def storm(names: list[str], n_faults: int, seed: int, folder: Path, tell=print) -> list[str]:
    """Plant so many faults over the jobs; return what was wrong."""
    commands = Commands(build(folder))
    rng, wrong, done = random.Random(seed), [], 0
    for i, name in enumerate(names):
        one = Storm(name, folder / name, commands)
        share = (n_faults - done) // (len(names) - i)
        places = [(at, kind) for at in range(1, one.n + 1) for kind in KINDS]
        chosen = rng.sample(places, min(share, len(places)))
        bad = [found for at, kind in chosen if (found := one.plant(at, kind))]
        done += len(chosen)
        wrong += [f"{name}: {found}" for found in bad]
        tell(f"{name}: {one.n} calls, {len(chosen)} faults, {len(bad)} wrong")
    commands.close()
    tell(f"{done} faults in all, {len(wrong)} wrong")
    return wrong


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--faults", type=int, default=500, help="in all")
    parser.add_argument("--job", action="append", choices=JOBS, help="only this one")
    parser.add_argument("--seed", type=int, default=1, help="which faults are chosen")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    with tempfile.TemporaryDirectory() as folder:
        wrong = storm(options.job or list(JOBS), options.faults, options.seed, Path(folder))
    print("\n".join(wrong))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
