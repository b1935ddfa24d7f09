"""Engines agree with the equations, and engines with planted faults do not."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from w2v_cli.checks.claims import all_checks, check_all, choose
from w2v_cli.checks.engine_checks import check_engines, engine_claims, random_cases, trained_cases
from w2v_cli.checks.functions import EQUATIONS
from w2v_cli.checks.run_checks import check_run
from w2v_cli.engines.base import Embeddings
from w2v_cli.engines.catalog import create_engine
from w2v_cli.equations import LossAndGradients
from w2v_cli.errors import DataError, UsageError
from w2v_cli.vectors.run_vectors import write_run_vectors

BY_CLAIM = pytest.mark.parametrize("claim", engine_claims(), ids=lambda claim: claim.check.key)


@BY_CLAIM
def test_every_engine_agrees_with_the_equations(claim):
    (result,) = check_engines(random_cases(range(4)), claims=[claim])
    assert result.passed, result.worst
    assert result.n_compared > 400


class Faulty:
    """An engine whose step, loss or draws are spoiled after the fact."""

    def __init__(self, engine, spoil_step=lambda x: x, spoil_loss=lambda x: x):
        self._engine = engine
        self._spoil_step, self._spoil_loss = spoil_step, spoil_loss
        self._before = None

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def set_embeddings(self, embeddings):
        self._engine.set_embeddings(embeddings)
        self._before = [matrix.copy() for matrix in self._matrices()]

    def _matrices(self):
        mine = self._engine.embeddings()
        return (mine.subwords.rows if mine.subwords else mine.center), mine.outside

    def train(self, units):
        for unit, stats in self._engine.train(units):
            yield unit, replace(stats, loss=self._spoil_loss(stats.loss))

    def embeddings(self):
        center, outside = (
            before + self._spoil_step(after - before)
            for before, after in zip(self._before, self._matrices(), strict=True)
        )
        parts = self._engine.embeddings().subwords
        return Embeddings(center, outside, parts and replace(parts, rows=center))


def _one_coordinate(value):
    def spoil(step):
        step = step.copy()
        step[np.unravel_index(np.abs(step).argmax(), step.shape)] = value
        return step

    return spoil


def _one_part_in_a_thousand(step):
    step = step.copy()
    step[np.unravel_index(np.abs(step).argmax(), step.shape)] *= 1.001
    return step


FAULTS = {
    "climbs": {"spoil_step": np.negative},
    "0.1 % in one coordinate": {"spoil_step": _one_part_in_a_thousand},
    "does nothing": {"spoil_step": np.zeros_like},
    "nan": {"spoil_step": _one_coordinate(np.nan)},
    "inf": {"spoil_step": _one_coordinate(np.inf)},
    "wrong loss": {"spoil_loss": lambda loss: loss * 1.001},
    "nan loss": {"spoil_loss": lambda loss: float("nan")},
}


@BY_CLAIM
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_engine_is_caught(claim, fault):
    def make(settings, corpus, cache, notice):
        return Faulty(create_engine(settings, corpus, cache, notice), **fault)

    (result,) = check_engines(random_cases([0]), make, [claim])
    assert not result.passed
    assert result.worst.where


@BY_CLAIM
def test_an_engine_that_breaks_fails_its_claim(claim):
    def make(settings, corpus, cache, notice):
        raise RuntimeError("no such engine")

    (result,) = check_engines(random_cases([0]), make, [claim])
    assert not result.passed
    assert result.worst.where == "RuntimeError: no such engine"


def trained(n_words, dim=7, scale=1.0):
    rng = np.random.default_rng(3)
    center, outside = (
        (scale * rng.standard_normal((n_words, dim))).astype(np.float32) for _ in range(2)
    )
    words = tuple(f"word{i}" for i in range(n_words))
    counts = np.arange(n_words, 0, -1)
    return words, counts, Embeddings(center, outside)


@pytest.mark.parametrize("n_words", [2, 30, 450])
def test_engines_hold_at_the_parameters_of_a_run_of_any_size(n_words):
    cases = list(trained_cases(*trained(n_words), seeds=(0, 1)))
    assert all(len(case.corpus.vocabulary) == min(n_words, 200) for case in cases)
    for result in check_engines(cases):
        assert result.passed, result.worst


@pytest.mark.parametrize(("n_words", "scale"), [(2, 1.0), (50, 4.0), (2_300, 0.5)])
def test_the_equations_hold_at_the_parameters_of_a_run(n_words, scale):
    for result in check_run(*trained(n_words, scale=scale), seeds=(0,)):
        assert result.passed, result.worst


@pytest.mark.parametrize("name", ["naive_softmax", "negative_sampling"])
@pytest.mark.parametrize("part", ["grad_center", "grad_outside"])
def test_a_wrong_gradient_fails_at_the_parameters_of_a_run(name, part):
    def wrong(*arguments):
        right: LossAndGradients = getattr(EQUATIONS, name)(*arguments)
        return right._replace(**{part: getattr(right, part) * 1.001})

    functions = replace(EQUATIONS, **{name: wrong})
    failed = {r.key for r in check_run(*trained(20), (0,), functions) if not r.passed}
    of = {"grad_center": "∂J/∂v_c", "grad_outside": "∂J/∂U"}[part]
    assert failed == {f"run-{name.replace('_', '-')}-{of}"}


def test_a_run_is_read_and_checked(tmp_path):
    words, counts, parameters = trained(12)
    write_run_vectors(tmp_path / "vectors.safetensors", words, counts, parameters)
    results = list(check_all(all_checks(tmp_path, seeds=(0,))))
    groups = list(dict.fromkeys(r.group for r in results))
    assert groups[-2:] == ["At the parameters of the run", "Engines at the parameters of the run"]
    assert all(r.passed for r in results)
    assert len({r.key for r in results}) == len(results)


def test_a_run_that_is_none_is_an_error_of_the_user(tmp_path):
    with pytest.raises(DataError):
        all_checks(tmp_path / "nothing", seeds=(0,))


def test_checks_are_chosen_by_key_or_group():
    checks = all_checks(None, seeds=(0,))
    assert choose(checks, []) == checks
    assert [c.key for c in choose(checks, ["sampling-loss", "Softmax"])] == [
        "softmax",
        "sampling-loss",
    ]
    assert {c.group for c in choose(checks, ["skip-gram WINDOW"])} == {"Skip-gram window"}
    with pytest.raises(UsageError, match="--list"):
        choose(checks, ["softmax", "soft"])


def test_the_claims_and_the_reference_engine_come_first():
    keys = [check.key for check in all_checks(None, seeds=(0,))]
    first = next(i for i, key in enumerate(keys) if key.startswith("reference-"))
    n = sum(key.startswith("reference-") for key in keys)
    others = [key for key in keys if key.startswith(("spectral-", "sampled-", "exact-"))]
    assert keys[first + n :] == others
    assert len(keys) == first + n + len(others)


def test_results_come_one_by_one_with_a_counter():
    steps = []
    chosen = choose(all_checks(None, seeds=(0,)), ["Naive softmax"])
    assert len(chosen) > 4
    results = check_all(chosen, steps.append)
    assert next(results).key == "softmax-loss"
    assert steps == [f"Naive softmax: 1 of {len(chosen)}"]
    assert len(list(results)) == len(chosen) - 1


def test_an_engine_that_cannot_be_used_is_left_out_with_a_notice(monkeypatch):
    for name in ("sampled", "exact"):
        monkeypatch.setitem(sys.modules, f"w2v_cli.engines.{name}.checked", None)
    notices = []
    results = check_engines(random_cases([0]), notice=notices.append)
    assert {r.key for r in results} == {
        "reference-negative-sampling",
        "reference-naive-softmax",
        "reference-cbow",
        "reference-cbow-softmax",
        "reference-fixed-windows",
        "reference-subwords",
        "reference-ngrams",
        "reference-cbow-subwords",
    }
    assert any("sampled cannot be used" in text for text in notices)
