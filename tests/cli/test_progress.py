"""Progress on a terminal: one line, never wider than it, never silent, never mixed with notes."""

import io
import os
import pty
import re
import subprocess
import sys
import time

import pytest
from conftest import ROOT

from w2v_cli.commands.progress import Phase, ProgressLine, duration, short
from w2v_cli.commands.terminal import display_width, wrapped

FULL = {"unit": "bytes", "files": (3, 12), "n_tokens": 12_345_678}


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def phase_at(done, seconds, **given):
    clock = Clock()
    phase = Phase("reading", 66_000_000, clock=clock, **given)
    clock.now = seconds
    phase.done = done
    return phase


def test_the_line_shows_share_time_left_speed_bytes_and_files():
    line = phase_at(33_000_000, 3.0, **FULL).line(120)
    assert line.startswith("reading    50% ━━━━━━━━━━━━━━──────────────")
    assert line.endswith("3 s left, 4.12 M words/s, 33.0 MB of 66.0 MB, file 3 of 12")


@pytest.mark.parametrize("columns", [10, 20, 40, 60, 80, 100, 200])
def test_the_line_is_narrower_than_the_terminal_and_its_bar_has_room(columns):
    line = phase_at(33_000_000, 3.0, **FULL).line(columns)
    assert len(line) < columns
    assert sum(c in "━─" for c in line) in (0, 12, 20, 28)
    if columns >= 60:
        assert "3 s left" in line


def test_a_rate_that_a_clock_cannot_measure_is_left_out():
    assert "words/s" not in phase_at(33_000_000, 0.1, **FULL).line(200)
    assert "left" not in phase_at(0, 10.0, **FULL).line(200)
    assert "left" not in phase_at(66_000_000, 10.0, **FULL).line(200)


def test_a_resumed_phase_counts_its_own_work_only():
    clock = Clock()
    phase = Phase("training", 100, first=50, clock=clock)
    phase.done, clock.now = 75, 10.0
    assert phase.details()[0] == "10 s left"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        *((0, "0"), (999, "999"), (1000, "1.00 k"), (12_345, "12.3 k"), (999_600, "1.00 M")),
        *((123_456_789, "123 M"), (5e9, "5.00 G"), (1e16, "10000 T")),
    ],
)
def test_numbers_are_short(number, text):
    assert short(number) == text


def test_bytes_have_their_unit():
    assert (short(5, "B"), short(65_500_000, "B")) == ("5 B", "65.5 MB")


@pytest.mark.parametrize(("seconds", "text"), [(3.4, "3 s"), (125, "2:05"), (3725, "1:02:05")])
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_long_messages_break_at_spaces_and_names_stay_whole():
    text = wrapped("vectors in /a/very/long/name/of/a/folder that holds them", 20)
    assert text == "vectors in\n  /a/very/long/name/of/a/folder\n  that holds them"
    assert wrapped("文 " * 20, 21).count("\n") > 1
    assert max(display_width(line) for line in wrapped("文 " * 20, 21).split("\n")) < 21


def test_the_line_lives_while_nothing_is_reported():
    stream = io.StringIO()
    line = ProgressLine(stream, redraw=0.01)
    line.show(Phase("compiling", 0))
    time.sleep(0.3)
    with line.above():
        stream.write("note: hello\n")
    line.close()
    drawn = stream.getvalue().split("\r")
    assert sum("compiling" in part for part in drawn) > 4
    assert "note: hello\n" in drawn
    assert drawn[-1] == ""  # the line is gone


def test_without_a_terminal_long_phases_get_a_line_now_and_then(monkeypatch, capsys):
    from w2v_cli.commands import progress

    monkeypatch.setattr(progress, "PLAIN_LINE_SECONDS", 0.0)
    with progress.ProgressDisplay() as display:
        display.reading("counting pairs", 1, 10)
        time.sleep(0.01)
        display.reading("counting pairs", 5, 10)
    err = capsys.readouterr().err
    assert err.startswith("counting pairs\ncounting pairs: 10%")
    assert "counting pairs: 50%, 0 s, 5 of 10 words\n" in err


def on_a_terminal(*arguments, columns=80, lines=24):
    """Run w2v on a pseudo terminal; return the pieces it wrote, each with its time."""
    fcntl, struct, termios = (pytest.importorskip(n) for n in ("fcntl", "struct", "termios"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "w2v_cli", *map(str, arguments)],
        cwd=ROOT,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    os.close(theirs)
    pieces = []
    while True:
        try:
            pieces.append((time.monotonic(), os.read(ours, 65536)))
        except OSError:
            break
        if not pieces[-1][1]:
            break
    process.communicate()
    os.close(ours)
    assert process.returncode == 0
    return pieces


def screen_lines(pieces):
    """What each line of the screen held at every moment, by carriage returns."""
    text = b"".join(piece for _, piece in pieces).decode().replace("\r\n", "\n")
    return [[part.rstrip() for part in line.split("\r")] for line in text.split("\n")]


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminals")
@pytest.mark.parametrize("loss", ["negative-sampling", "naive-softmax"])
def test_a_training_on_80_columns_neither_wraps_nor_mixes_notes_into_the_line(tmp_path, text, loss):
    text.write_bytes(text.read_bytes() + b"bad \xff bytes\n")  # makes a note
    words = tmp_path / "pairs.tsv"
    words.write_text("w1\tw2\t3\nw1\tw3\t2\nw2\tw3\t1\n")
    out = tmp_path / "a-run-with-a-long-name" / "in-a-folder-with-a-long-name"
    pieces = on_a_terminal(
        *("train", text, "--out", out, "--loss", loss, "--min-count", 1, "--dim", 8),
        *("--epochs", 3, "--eval", words, "--holdout", 0.1),
    )
    lines = screen_lines(pieces)
    for line in lines:
        for state in line:
            name_alone = " " not in state.strip()
            assert len(state) < 80 or name_alone, state
        shown = [state for state in line if state]
        if any(state.startswith(("note:", "epoch ", "trained ")) for state in shown):
            assert re.match(r"note:|epoch |trained ", shown[-1]), shown
    states = [state for line in lines for state in line]
    phases = {state.split("%")[0].rsplit(" ", 1)[0].strip() for state in states if "━" in state}
    assert "training" in phases
    assert lines[-1] == [""]
    assert pieces[0][1].startswith(b"\rstarting")
