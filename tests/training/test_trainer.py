import itertools

import pytest

from w2v_cli.engines.base import Stats
from w2v_cli.training.trainer import Paused, Position, Reported, Schedule, Ticked, Trainer


class CountingEngine:
    """Four units an epoch; the loss of a unit is its number, over two pairs."""

    name = "counting"
    n_units = 4

    def __init__(self):
        self.units = []

    def train(self, units):
        for unit in units:
            self.units.append(unit)
            yield unit, Stats(loss=float(len(self.units)), n_pairs=2, n_tokens=10)


def trainer_of(engine, epochs=2, position=None, pause=lambda done: False, tick=1.0):
    ticks = itertools.count(step=tick)
    schedule = Schedule("linear", 1.0, 0.0)
    return Trainer(
        engine,
        schedule,
        epochs,
        position or Position(),
        pause=pause,
        clock=lambda: float(next(ticks)),
    )


def test_every_unit_is_trained_once_in_order_with_falling_lr():
    engine = CountingEngine()
    events = list(trainer_of(engine).run())
    assert [(u.epoch, u.index) for u in engine.units] == [(e, i) for e in (0, 1) for i in range(4)]
    assert [u.lr for u in engine.units] == pytest.approx([1 - i / 8 for i in range(8)])
    assert sum(isinstance(e, Ticked) for e in events) == 8
    assert [e.epoch_ended for e in events if isinstance(e, Paused)] == [True, True]


def test_reports_are_means_since_the_last_and_epochs_are_means_of_the_epoch():
    events = list(trainer_of(CountingEngine()).run())
    reports = [e.report for e in events if isinstance(e, Reported)]
    assert [m.loss for m in reports if m.event == "report"] == [i / 2 for i in range(1, 9)]
    epochs = [m for m in reports if m.event == "epoch"]
    assert [m.loss for m in epochs] == [10 / 8, 26 / 8]
    assert [m.n_tokens for m in epochs] == [40, 80]
    assert epochs[-1].progress == 1


def test_a_rate_that_the_clock_cannot_measure_is_left_open():
    def rates(tick):
        events = trainer_of(CountingEngine(), tick=tick).run()
        return [e.report.words_per_second for e in events if isinstance(e, Reported)]

    assert rates(1.0) == [10.0] * 10
    assert [rate is None for rate in rates(0.004)] == ([True] * 4 + [False]) * 2  # an epoch lasts
    assert set(rates(0.0)) == {None}


def test_a_pause_comes_between_units_and_training_goes_on():
    engine = CountingEngine()
    trainer = trainer_of(engine, epochs=1, pause=lambda done: len(engine.units) == 2)
    kinds = [type(e).__name__ for e in trainer.run() if not isinstance(e, Reported)]
    assert kinds == ["Ticked", "Ticked", "Paused", "Ticked", "Ticked", "Paused"]


def test_a_stopped_run_taken_up_again_gives_the_same_reports():
    def loss_lines(events):
        return [e.report.loss for e in events if isinstance(e, Reported)]

    whole = loss_lines(trainer_of(CountingEngine()).run())
    engine = CountingEngine()
    trainer = trainer_of(engine, pause=lambda done: len(engine.units) == 6)
    first = []
    for event in trainer.run():
        first.append(event)
        if isinstance(event, Paused) and not event.epoch_ended:
            break
    position = Position.from_json(trainer.position.to_json())
    second = list(trainer_of(engine, position=position).run())
    assert loss_lines(first) + loss_lines(second) == whole
