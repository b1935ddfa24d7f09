import pytest
from chosen import settings_of

from w2v_cli.training.trainer import Schedule, create_schedule


def test_linear_falls_from_lr_to_min_lr():
    schedule = Schedule("linear", lr=0.5, min_lr=0.1)
    assert [schedule.lr_at(done, 10) for done in (0, 5, 8, 9, 10)] == pytest.approx(
        [0.5, 0.25, 0.1, 0.1, 0.1]
    )


def test_halving_happens_at_its_steps():
    schedule = Schedule("halving", lr=0.3, min_lr=0, halve_every=20_000, steps=40_000)
    assert schedule.lr_at(199, 400) == 0.3
    assert schedule.lr_at(200, 400) == 0.15
    assert schedule.lr_at(399, 400) == 0.15


def test_constant_stays():
    assert Schedule("constant", lr=0.3, min_lr=0).lr_at(9, 10) == 0.3


def test_the_default_ends_at_a_ten_thousandth():
    schedule = create_schedule(settings_of(engine="reference").training)
    assert schedule.lr_at(0, 10) == 0.025
    assert schedule.lr_at(10, 10) == pytest.approx(0.025e-4)
