"""Fuzz the readers with atheris, which follows what a change of the bytes does in the code.

    nice -n 19 python tests/fuzz/run.py --seconds 60            # every target for a minute
    nice -n 19 python tests/fuzz/run.py parquet npz --seconds 600

A finding does not end the run: its bytes are kept in `--keep` (one file per place in the code that
raised), and the run goes on. Executions and findings are printed at the end. Copy a finding to
`tests/fuzz/findings/TARGET/`, where the normal suite reads it, and mend it.
"""

import argparse
import gzip
import hashlib
import json
import random
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


def main():
    from fuzz.targets import TARGETS

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "w2v-fuzz")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.keep.mkdir(parents=True, exist_ok=True)
    if options.one:
        fuzz(options.targets[0], options.seconds, options.keep)
        return
    began = time.monotonic()
    for name in options.targets or TARGETS:
        command = [sys.executable, __file__, name, "--one", "--seconds", str(options.seconds)]
        subprocess.run([*command, "--keep", str(options.keep)], check=False)
    states = {path.stem: json.loads(path.read_text()) for path in options.keep.glob("*.json")}
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
