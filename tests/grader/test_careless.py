"""What careless code can do to the grader and to the machine, and what it cannot.

SECURITY.md says what is stopped; what is not is here, too, so that the page stays true.
"""

import os
import time

import pytest
from student_files import student  # noqa: F401

from w2v_cli.equations import primitives
from w2v_cli.grader.grade import grade_file
from w2v_cli.grader.process import Limits

pytestmark = pytest.mark.skipif(os.name != "posix", reason="limits need a POSIX system")
GOOD = "    return 1 / (1 + np.exp(-np.asarray(x)))\n"
HEAD = "import os, signal, subprocess, sys, threading, time\nimport numpy as np\n"

#: What `sigmoid` does before it answers, and the verdicts that may follow.
STOPPED = {
    "forks without end": (
        "    while True:\n        try:\n            if os.fork() == 0:\n"
        "                time.sleep(60)\n        except OSError:\n            break\n",
        {"right", "time limit"},  # the system does not count the processes of root
    ),
    "forks that fork": (
        "    for _ in range(12):\n        try:\n            os.fork()\n"
        "        except OSError:\n            pass\n    time.sleep(30)\n",
        {"time limit"},
    ),
    "threads without end": (
        "    while True:\n        threading.Thread(target=time.sleep, args=(60,), daemon=True)"
        ".start()\n",
        {"error", "time limit"},
    ),
    "memory, piece by piece": (
        "    kept = []\n    while True:\n        kept.append(np.ones(2**20))\n",
        {"error", "time limit"},
    ),
    "one large file": (
        "    with open('large', 'wb') as f:\n        f.write(bytes(2**22))\n",
        {"error"},
    ),
    "a loop without end": ("    while True:\n        pass\n", {"time limit", "crashed"}),
    "signals ignored": (
        "    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    time.sleep(60)\n",
        {"time limit"},
    ),
    "output without end": (
        "    while True:\n        os.write(1, b'x' * 65536)\n",
        {"time limit"},
    ),
    "errors without end": (
        "    while True:\n        sys.stderr.write('x' * 65536)\n",
        {"time limit"},
    ),
    "recursion without end": ("    return sigmoid(sigmoid(x))\n", {"error", "crashed"}),
    "standard streams closed": ("    os.closerange(0, 3)\n", {"right"}),
    "all streams closed": ("    os.closerange(0, 64)\n", {"crashed", "error"}),
    "its group killed": ("    os.killpg(0, signal.SIGKILL)\n", {"crashed"}),
    "its parent killed": ("    os.kill(os.getppid(), signal.SIGKILL)\n", {"crashed", "right"}),
    "waiting for input": ("    input()\n", {"error"}),
    "a shell that stays": (
        "    subprocess.Popen(['sleep', '60'])\n",
        {"right"},
    ),
    "an exit": ("    sys.exit(0)\n", {"error", "crashed"}),
    "an answer too large": ("    return np.zeros(10**7)\n", {"wrong"}),
    "an answer of itself": ("    a = []\n    a.append(a)\n    return a\n", {"wrong"}),
    "text for an answer": ("    return '\\x1b[31m\\ud800' * 9999\n", {"wrong"}),
}  # fmt: skip


def left_over(folder):
    """Processes that still work in a folder."""
    found = []
    for entry in os.scandir("/proc") if os.path.isdir("/proc") else []:
        if entry.name.isdigit():
            try:
                if os.readlink(f"/proc/{entry.name}/cwd") == str(folder):
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if expected == {"time limit"} else ())
        for name, (_, expected) in STOPPED.items()
    ],
)
def test_what_is_stopped(student, tmp_path, name):
    body, expected = STOPPED[name]
    limits = Limits(seconds=4, memory_mb=1024, file_mb=1)
    began = time.monotonic()
    grade = grade_file(student(f"{HEAD}\ndef sigmoid(x):\n{body}{GOOD}"), limits=limits)
    assert time.monotonic() - began < 60
    (one,) = grade.grades
    assert one.verdict in expected, (one.verdict, one.message)
    assert len(one.printed) <= 4000
    deadline = time.monotonic() + 10
    while left_over(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left_over(tmp_path) == []
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert size < 2**21


def test_the_same_at_import(student, tmp_path):
    """The body of the file has the limits of its functions."""
    for text, reason in (
        ("while True: pass", "4 s"),
        ("kept = [np.ones(2**20) for _ in range(10**6)]", "MemoryError|memory|4 s"),
        ("os._exit(3)", "exit code 3"),
    ):
        path = student(f"{HEAD}{text}\ndef sigmoid(x):\n{GOOD}")
        grade = grade_file(path, limits=Limits(seconds=4, memory_mb=1024))
        assert not grade.right
        assert any(part in grade.problem for part in reason.split("|")), grade.problem


def test_what_is_not_stopped(student, tmp_path):
    """Said in SECURITY.md: other files of the user, many small files, a process of its own."""
    other = tmp_path / "elsewhere"
    other.mkdir()
    text = f"""{HEAD}
def sigmoid(x):
    for i in range(20):
        with open({str(other)!r} + f'/{{i}}', 'wb') as f:
            f.write(bytes(2**16))
    if os.fork() == 0:
        os.setsid()
        time.sleep(3)
        os._exit(0)
{GOOD}"""
    assert grade_file(student(text), limits=Limits(seconds=5, file_mb=1)).right
    assert len(list(other.iterdir())) == 20


def test_the_guard_against_imports_is_no_wall(student):
    """Said in SECURITY.md: source that is read as a file is not noticed."""
    text = f"""
formulas = {{}}
with open({primitives.__file__!r}) as file:
    exec(file.read(), formulas)

def sigmoid(x):
    return formulas["sigmoid"](x)
"""
    assert grade_file(student(text)).right
