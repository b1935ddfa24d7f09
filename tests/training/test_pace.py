"""The epochs of a new run: chosen by the corpus, or fitted into minutes."""

import pytest

from w2v_cli.engines.base import Stats
from w2v_cli.engines.settings import CorpusFigures
from w2v_cli.settings.config import Config
from w2v_cli.settings.resolve import resolve
from w2v_cli.training import pace


class SlowEngine:
    """Four units an epoch; each takes half a second of a clock that only it moves."""

    n_units = 4

    def __init__(self, clock):
        self.clock, self.trained, self.closed = clock, [], False

    def train(self, units):
        for unit in units:
            self.clock.now += 0.5
            self.trained.append(unit)
            yield unit, Stats(1.0, 1.0, 10)

    def close(self):
        self.closed = True


class Now:
    """A clock that stands still between units."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def now(monkeypatch):
    clock = Now()
    monkeypatch.setattr(pace.time, "monotonic", clock)
    monkeypatch.setattr(pace.time, "perf_counter", clock)
    return clock


def fixed(now, minutes, notes):
    """Fix the epochs of a run of so many minutes; return its settings and the engine."""
    engine = SlowEngine(now)
    clock = pace.Clock()
    settings = pace.fix_epochs(
        resolve(Config(minutes=minutes)), lambda settings: engine, clock, notes.append
    )
    return settings, engine


def test_epochs_fit_into_the_minutes_that_are_left(now):
    notes = []
    settings, engine = fixed(now, 1.0, notes)
    spent = 0.5 * len(engine.trained)
    assert settings.training.epochs == int((60 - spent) / 2)
    assert settings.training.minutes is None
    assert engine.closed
    assert notes == [f"an epoch takes about 2 s: {settings.training.epochs} fit into 1 minute"]


def test_measuring_takes_a_small_share_of_the_time(now):
    for minutes in (0.1, 1.0, 600.0):
        _, engine = fixed(now, minutes, [])
        assert 0.5 * len(engine.trained) <= min(5.0, 0.05 * 60 * minutes) + 1.0


def test_too_few_minutes_train_one_epoch_and_say_so(now):
    notes = []
    assert fixed(now, 0.02, notes)[0].training.epochs == 1
    assert "more than what is left of 0.02 minutes; training one epoch" in notes[0]


def test_a_small_corpus_gets_more_passes():
    def epochs(n_tokens):
        return resolve(Config(), CorpusFigures(n_tokens, 1000)).training.epochs

    numbers = [epochs(n) for n in (10, 300_000, 1_000_000, 10_000_000, 10**8, 10**12)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers[1:5])) == 4
    assert numbers[-1] >= 1


@pytest.mark.parametrize("given", [{}, {"epochs": "auto"}, {"epochs": "auto", "lr": "auto"}])
def test_what_was_chosen_and_why_is_one_line(given):
    config, figures = Config(**given), CorpusFigures(1_000_000, 5_000)
    settings = resolve(config, figures)
    note = pace.chosen_epochs(config.fixed().given, settings, figures)
    training = settings.training
    assert note.startswith(f"{training.epochs} epochs, learning rate {training.lr:g}: chosen for")
    assert "1,000,000 words" in note
    assert "\n" not in note


def test_a_learning_rate_that_was_given_is_not_called_chosen():
    config, figures = Config(lr=0.01), CorpusFigures(1_000_000, 5_000)
    assert "learning rate" not in pace.chosen_epochs(
        config.fixed().given, resolve(config, figures), figures
    )


@pytest.mark.parametrize("given", [{"epochs": 3}, {"steps": 3}, {"minutes": 3}])
def test_what_was_given_needs_no_reason(given):
    config, figures = Config(**given), CorpusFigures(1_000, 50)
    assert pace.chosen_epochs(config.fixed().given, resolve(config, figures), figures) == ""
