"""The process that runs a user's code.

It loads the file once, then takes jobs: grade this function in this layout. Each job runs in a
fork, so that a crash, the time limit or a changed global does not affect other jobs. On systems
without fork, the grader starts this process again for each job. Arguments arrive one call at a
time, and each answer is sent before the next call arrives. The user's code cannot read standard
input, and what it prints goes to standard error.
"""

import contextlib
import json
import math
import os
import random
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import TextIO

import numpy as np

from .binding import Binding, BindingError, bind, plain_name
from .calls import Answer, Caller, Variant
from .loading import RIGHT_HELPERS, NoAnswers, find, is_starter, load
from .wire import WireValue

# Limits on what the process may use, as far as the system supports them.


MEGABYTE = 2**20
N_PROCESSES = 64
"""How many more processes and threads a user's code may start before fork fails."""


def limit_process(seconds: float, memory_mb: int, file_mb: int) -> None:
    """Limit this process and all that it starts; limits that cannot be set are skipped.

    Args:
        seconds: CPU time.
        memory_mb: address space (more than the memory in use; NumPy alone takes 200 MB).
        file_mb: size of the largest file that may be written.
    """
    try:
        import resource
    except ImportError:  # Windows: only the grader's clock limits it
        return

    def bound(name: str, value: int) -> None:
        which = getattr(resource, name, None)
        if which is None:
            return
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(which)[1]
            highest = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(which, (highest, highest))

    bound("RLIMIT_AS", memory_mb * MEGABYTE)
    bound("RLIMIT_FSIZE", file_mb * MEGABYTE)
    bound("RLIMIT_CORE", 0)
    bound("RLIMIT_CPU", math.ceil(seconds) + 2)
    n_running = _n_tasks_of_user()
    if n_running is not None:
        bound("RLIMIT_NPROC", n_running + N_PROCESSES)


def _n_tasks_of_user() -> int | None:
    """Count the processes and threads of this user, as the system does. None if unknown."""
    user, count = os.getuid(), 0
    try:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if entry.stat().st_uid == user:
                        count += len(os.listdir(entry / "task"))
    except OSError:
        return None
    return count


# Jobs from the grader.


END_MARK = "\0end of job\0"


class Line:
    """Two private pipes to the grader, with one JSON object per line."""

    def __init__(self) -> None:
        self._in: TextIO = os.fdopen(os.dup(0), encoding="utf-8")
        self._out: TextIO = os.fdopen(os.dup(1), "w", encoding="utf-8")
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="replace", closefd=False)

    def read(self) -> Answer | None:
        """Wait for the next object; return None if the grader is gone."""
        text = self._in.readline()
        return json.loads(text) if text else None

    def write(self, answer: Answer) -> None:
        """Send one object and flush it."""
        self._out.write(json.dumps(answer) + "\n")
        self._out.flush()


def main() -> None:
    """Load the file named on the command line and serve the grader's jobs."""
    settings = json.loads(sys.argv[1])
    line, forbidden = Line(), NoAnswers()
    sys.meta_path.insert(0, forbidden)
    sys.dont_write_bytecode = True
    limit_process(10 * settings["time_limit"], settings["memory_mb"], settings["file_mb"])
    timer = _end_with_the_grader(settings["time_limit"])
    module, report = load(Path(settings["file"]), forbidden)
    timer.cancel()
    sys.stdout.flush()
    os.write(2, END_MARK.encode())
    line.write(report)
    while (job := line.read()) is not None:
        if "job" not in job:
            continue  # a call that a crashed job never read
        if settings["forks"]:
            _in_a_fork(line, job, module, forbidden)
        else:
            serve(line, job, module, forbidden)


def _in_a_fork(line: Line, job: Answer, module: ModuleType, forbidden: NoAnswers) -> None:
    """Serve a job in its own process group, and report how it ended."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        _end_with_the_grader(float(str(job["seconds"])))
        code = 1
        try:
            serve(line, job, module, forbidden)
            code = 0
        finally:
            sys.stdout.flush()
            os._exit(code)
    line.write({"started": child})
    _, status = os.waitpid(child, 0)
    os.write(2, END_MARK.encode())
    line.write({"ended": os.waitstatus_to_exitcode(status)})


def _end_with_the_grader(time_limit: float) -> threading.Timer:
    """End this process some time after its limit, in case the grader itself was killed."""
    timer = threading.Timer(time_limit + 5, os._exit, [1])
    timer.daemon = True
    timer.start()
    return timer


def serve(line: Line, job: Answer, module: ModuleType, forbidden: NoAnswers) -> None:
    """Find the function, announce how it is called, and call it until the grader is done."""
    name = str(job["function"])
    for helper in _names(job.get("replace")):
        vars(module)[helper] = RIGHT_HELPERS[plain_name(helper)]
    starter = False
    try:
        function = find(module, name)
        starter = is_starter(function)
        binding = bind(function, str(job["kind"]))
    except AttributeError:
        line.write({"missing": True})
        return
    except BindingError as problem:
        line.write({"unbound": str(problem), "starter": starter})
        return
    line.write(_announce(binding, starter))
    random.seed(0)  # so that a user's own draws are the same at every grading
    np.random.seed(0)  # noqa: NPY002
    variant = Variant(str(job["layout"]), str(job["center"]))
    caller = Caller(function, binding, variant, vars(module), Path(str(module.__file__)))
    while (call := line.read()) is not None and "arguments" in call:
        answer = caller.call(_roles(call["arguments"]), _ids(call["draws"]))
        sys.stdout.flush()
        line.write({**answer, "forbidden": forbidden.asked})


def _announce(binding: Binding, starter: bool) -> Answer:
    keywords = [f"{name}={role}" for name, role in binding.keywords.items()]
    call = ", ".join([*binding.positional, *keywords])
    return {"roles": sorted(binding.roles), "starter": starter, "call": call}


def _roles(value: WireValue) -> dict[str, WireValue]:
    return dict(value) if isinstance(value, dict) else {}


def _names(value: WireValue) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else []


def _ids(value: WireValue) -> list[int]:
    return [int(k) for k in value if isinstance(k, int)] if isinstance(value, list) else []
