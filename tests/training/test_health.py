"""What is noticed about the loss of a run."""

import math

import pytest

from w2v_cli.errors import RunError
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve
from w2v_cli.training.hooks import Health
from w2v_cli.training.trainer import Report

START = 6 * math.log(2)  # five negatives, all scores zero


def health():
    return Health(resolve(Config(paths="text", lr=0.1)), 1000)


def report(loss, epoch=2, progress=0.2):
    return Report(
        event="epoch",
        epoch=epoch,
        progress=progress,
        n_tokens=1,
        elapsed_seconds=1.0,
        words_per_second=1.0,
        loss=loss,
        lr=0.05,
    )


def test_a_loss_ten_times_that_of_nothing_is_a_divergence():
    health().check(report(9.9 * START))
    with pytest.raises(RunError, match=r"diverged: .* a lower --lr \(it was 0\.1\)"):
        health().check(report(10.1 * START))
    with pytest.raises(RunError, match="diverged"):
        health().check(report(math.nan))


def test_an_epoch_above_the_loss_of_nothing_is_told_once_with_the_next_step():
    watched = health()
    assert watched.note(report(START)) == ""
    assert watched.note(report(None)) == ""
    note = watched.note(report(1.5 * START))
    assert note.startswith("epoch 2: the loss, 6.2383 per pair, is above the 4.1589")
    assert note.endswith("a lower --lr (it was 0.1)")
    assert watched.note(report(2 * START, epoch=3)) == ""


def test_the_last_epoch_is_told_at_the_end_only():
    assert health().note(report(2 * START, progress=1.0)) == ""
