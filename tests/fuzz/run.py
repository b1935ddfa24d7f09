"""Fuzz the readers with atheris, which follows what a change of the bytes does in the code.

    nice -n 19 python tests/fuzz/run.py --seconds 60            # every target for a minute
    nice -n 19 python tests/fuzz/run.py parquet npz --seconds 600
    nice -n 19 python tests/fuzz/run.py --structured --executions 1000000

With `--structured` the files' trees, headers and tables are changed instead (`structured.py`); it
needs no atheris. An input may take 10 s of CPU time and 1 GB; more is a finding, as is a traceback.

A finding does not end the run: its bytes are kept in `--keep` (one file per place in the code that
raised), and the run goes on. Executions and findings are printed at the end. Copy a finding to
`tests/fuzz/findings/TARGET/`, where the normal suite reads it, and mend it.
"""

import argparse
import faulthandler
import functools
import gzip
import hashlib
import json
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

INSTRUMENTED = [
    "w2v_cli.vectors", "w2v_cli.storage", "w2v_cli.text.sources", "w2v_cli.text.records",
    "w2v_cli.text.unpack", "w2v_cli.text.vocabulary", "w2v_cli.text.prepare",
    "w2v_cli.settings", "w2v_cli.training.saved_state", "w2v_cli.training.report",
    "w2v_cli.grader.points", "w2v_cli.pictures.words",
]  # fmt: skip
RUNNERS = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
SAVE_EVERY = 500


def place_of(error):
    """Where in the package it was raised, for telling findings apart."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "w2v_cli" in f.filename]
    frame = frames[-1] if frames else None
    where = f"{Path(frame.filename).stem}-{frame.lineno}" if frame else "check"
    return f"{type(error).__name__}-{where}"


def mutator(name):
    """Change what is packed, or the header of a file, so that changes reach the code behind."""
    import atheris

    def mutate(data, most, seed):
        rng = random.Random(seed)
        if rng.random() < 0.5:
            return atheris.Mutate(data, most)
        if data[:2] == b"\x1f\x8b":
            with suppress(Exception):
                return gzip.compress(atheris.Mutate(gzip.decompress(data), most), 1)
        if data[8:9] == b"{":
            length = int.from_bytes(data[:8], "little")
            text = atheris.Mutate(data[8 : 8 + length], most)
            return len(text).to_bytes(8, "little") + text + data[8 + length :]
        return atheris.Mutate(data, most)

    return mutate


def fuzz(name, seconds, keep):
    """Fuzz one target in this process, which atheris ends."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED):
        from fuzz.targets import TARGETS, check

        target = TARGETS[name]
        with tempfile.TemporaryDirectory(dir=RUNNERS) as folder:
            seeds = target.seeds(Path(folder))  # imports, too
            for seed in seeds:
                with tempfile.TemporaryDirectory(dir=RUNNERS) as other, suppress(Exception):
                    check(target, Path(other), seed)
    corpus, state = keep / "corpus" / name, keep / f"{name}.json"
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (corpus / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
    found, counts = {}, {"executions": 0, "accepted": 0}
    folder = (RUNNERS or keep) / f"w2v-fuzz-{name}"  # stays: atheris ends the process
    folder.mkdir(exist_ok=True)
    before = json.loads(state.read_text()) if state.exists() else {}

    def save():
        total = {key: before.get(key, 0) + n for key, n in counts.items()}
        new = state.with_suffix(".new")
        new.write_text(json.dumps({**total, "found": before.get("found", {}) | found}))
        new.replace(state)

    def once(data):
        counts["executions"] += 1
        try:
            counts["accepted"] += check(target, folder, data)
        except Exception as error:
            place = place_of(error)
            if place not in found:
                found[place] = repr(error)[:200]
                (keep / "findings" / name).mkdir(parents=True, exist_ok=True)
                (keep / "findings" / name / place).write_bytes(data)
                save()
        if counts["executions"] % SAVE_EVERY == 0:
            save()

    limits = [f"-max_total_time={seconds}", "-max_len=8192", "-rss_limit_mb=4096", "-timeout=60"]
    quiet = ["-verbosity=0", "-print_final_stats=0", f"-artifact_prefix={keep}/crash-{name}-"]
    atheris.Setup(
        [sys.argv[0], *limits, *quiet, str(corpus)], once, custom_mutator=mutator(name),
        internal_libfuzzer=True,
    )  # fmt: skip
    atheris.Fuzz()


#: What one input may take: seconds of CPU time, and bytes above what the process has at first.
SECONDS, BYTES = 10, 1 << 30


class Slow(BaseException):
    """An input took longer than it may."""


def limit_memory():
    """Let this process take `BYTES` more than it has now, where the system can limit it."""
    import resource

    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def now_of(name, keep):
    """Where the input of this moment is kept, for the case that the process dies of it."""
    return (RUNNERS or keep) / f"w2v-fuzz-now-{name}-{hashlib.sha1(bytes(keep)).hexdigest()[:8]}"


def keep_finding(keep, name, place, data):
    """Keep the bytes of a finding, one file per place."""
    folder = keep / "findings" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / place).write_bytes(data)


def read_machine_once():
    """Let the free memory of the machine be read from the system's files once, not per input."""
    from w2v_cli import memory

    memory._of_machine = functools.cache(memory._of_machine)
    memory._of_container = functools.cache(memory._of_container)


class Watchdog:
    """Ends a process that is stuck, also in C or asleep; on a busy machine it may have to wait.

    Its thread is started anew every few seconds only.
    """

    def __init__(self):
        self._armed = 0.0

    def pat(self):
        """Say that the process is alive; it has at least eleven times `SECONDS` from here."""
        if time.monotonic() - self._armed > SECONDS:
            faulthandler.dump_traceback_later(12 * SECONDS, exit=True)
            self._armed = time.monotonic()


def timed_check(check, target, folder, data):
    """Return whether a target took the bytes in time, and what was wrong, if anything."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        return check(target, folder, data), None
    except (Exception, Slow) as error:
        return False, error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def structured(name, executions, keep, first):
    """Change the structure of a target's samples, in this process; `first` is the first seed."""
    from fuzz.structured import mutated
    from fuzz.targets import TARGETS, check

    def late(*_):
        raise Slow

    signal.signal(signal.SIGPROF, late)
    read_machine_once()
    dog = Watchdog()
    target, found = TARGETS[name], {}
    now, state = now_of(name, keep), keep / f"structured-{name}.json"
    before = json.loads(state.read_text()) if state.exists() else {}
    counts = {"executions": before.get("executions", 0), "accepted": before.get("accepted", 0)}
    with tempfile.TemporaryDirectory(dir=RUNNERS) as folder:
        (Path(folder) / "seeds").mkdir()
        seeds = target.seeds(Path(folder) / "seeds")
        for number in range(first, executions):
            (Path(folder) / "read").mkdir()
            rng = random.Random(f"{name} {number}")
            data = seed = rng.choice(seeds)
            data = mutated(rng, seed) if number >= len(seeds) else seeds[number]
            now.write_bytes(data)
            if number == first + min(len(seeds), 3):
                limit_memory()  # by now everything is imported
            dog.pat()
            taken, error = timed_check(check, target, Path(folder) / "read", data)
            if isinstance(error, Slow):  # a module was imported, or the machine is busy: once more
                taken, error = timed_check(check, target, Path(folder) / "read", data)
            counts["accepted"] += taken
            if error and (place := place_of(error)) not in found:
                found[place] = repr(error)[:200]
                keep_finding(keep, name, place, data)
            shutil.rmtree(Path(folder) / "read")
            counts["executions"] += 1
            if counts["executions"] % SAVE_EVERY == 0 or number == executions - 1:
                kept = {**counts, "number": number + 1, "found": before.get("found", {}) | found}
                state.write_text(json.dumps(kept))
    now.unlink()


def run_structured(name, executions, keep):
    """Run a target in processes of its own: one that dies on an input is a finding."""
    first, state, now = 0, keep / f"structured-{name}.json", now_of(name, keep)
    state.unlink(missing_ok=True)
    while first < executions:
        command = [sys.executable, __file__, name, "--one", "--structured", "--keep", str(keep)]
        command += ["--executions", str(executions), "--first", str(first)]
        code = subprocess.run(command, check=False).returncode
        saved = json.loads(state.read_text()) if state.exists() else {}
        first = max(saved.get("number", 0), first)
        if code == 0:
            return
        data = now.read_bytes() if now.exists() else b""
        place = f"died-{code}-{hashlib.sha1(data).hexdigest()[:8]}"
        keep_finding(keep, name, place, data)
        first += SAVE_EVERY  # what was not saved is done no second time
        found = saved.get("found", {}) | {place: f"the process ended with {code}"}
        counts = {"executions": saved.get("executions", 0), "accepted": saved.get("accepted", 0)}
        state.write_text(json.dumps({**counts, "number": first, "found": found}))


def is_of(path, kind):
    """Whether a file of counts is of the structured mode (or, with False, of the other)."""
    return path.name.startswith("structured-") == kind


def main():
    from fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "w2v-fuzz")
    parser.add_argument("--structured", action="store_true", help="change trees, headers, tables")
    parser.add_argument("--executions", type=int, default=30_000, help="in all, with --structured")
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    if options.one and options.structured:
        structured(options.targets[0], options.executions, options.keep, options.first)
        return
    if options.one:
        fuzz(options.targets[0], options.seconds, options.keep)
        return
    began = time.monotonic()
    names = options.targets or list(TARGETS)
    for name in names:
        if options.structured:
            run_structured(name, -(-options.executions // len(names)), options.keep)
            continue
        command = [sys.executable, __file__, name, "--one", "--seconds", str(options.seconds)]
        subprocess.run([*command, "--keep", str(options.keep)], check=False)
    paths = [path for path in options.keep.glob("*.json") if is_of(path, options.structured)]
    states = {path.stem: json.loads(path.read_text()) for path in paths}
    for name, state in sorted(states.items()):
        print(f"{name}: {state['executions']:,} executions, {state['accepted']:,} accepted")
        for place, error in state["found"].items():
            print(f"    {place}: {error}")
    total = sum(state["executions"] for state in states.values())
    crashes = len(list(options.keep.glob("crash-*")))
    print(f"{total:,} executions in all, {crashes} crashes of the process", end=", ")
    print(f"{time.monotonic() - began:,.0f} s now; kept in {options.keep}")


if __name__ == "__main__":
    main()
