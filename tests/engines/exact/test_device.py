"""The exact engine on a device: the same code on PyTorch's CPU device, against the CPU's own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from test_exact_engine import engine_on, random_parameters, symmetric

from w2v_cli.engines.base import Embeddings, Frozen, Unit
from w2v_cli.engines.exact.device import machine
from w2v_cli.engines.exact.device.device_losses import passes_on
from w2v_cli.engines.exact.device.layout import plan_layout
from w2v_cli.errors import RunError

ROOT = Path(__file__).resolve().parents[3]
LOSSES = ["naive-softmax", "negative-sampling"]
OPTIMIZERS = ["sgd", "adagrad", "adam"]


@pytest.fixture
def torch(monkeypatch):
    """PyTorch's CPU stands for the card, with as much room as a test wants."""
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(machine, "find_device", lambda name: torch.device("cpu"))
    monkeypatch.setattr(machine, "free_memory", lambda device: 1 << 30)
    return torch


def epochs(engine, n, lr=0.05, first=0):
    return [
        stats.loss
        for epoch in range(first, first + n)
        for _, stats in engine.train(Unit(epoch, i, lr) for i in range(engine.n_units))
    ]


def both(X, **settings):
    given = {"precision": "float64", "batch_size": 5, **settings}
    return engine_on(X, **given), engine_on(X, device="cuda", **given)


def assert_same(one, other, tolerance=1e-9):
    a, b = one.state(), other.state()
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_allclose(a[name], b[name], rtol=tolerance, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("prior", ["unigram", "none"])
def test_steps_are_those_of_the_cpu(torch, loss, optimizer, prior):
    X = symmetric(np.random.default_rng(1), 17)
    X[4] = X[:, 4] = 0
    cpu, card = both(X, loss=loss, optimizer=optimizer, prior=prior)
    np.testing.assert_allclose(epochs(card, 3), epochs(cpu, 3), rtol=1e-9)
    assert_same(cpu, card)
    np.testing.assert_array_equal(cpu.score_offset(), card.score_offset())


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("room", ["much", "little", "least"])
def test_tiles_and_streams_do_not_change_the_result(torch, monkeypatch, loss, room):
    """Counts streamed, scores in many tiles, and the optimizer's sums in host memory."""
    layouts = []

    def plan(*args):
        layout = plan_layout(*args)
        if room != "much":
            layout = type(layout)((0, 6, 12, 18, 128), False, room == "least", 0.0, 0.0)
        layouts.append(layout)
        return layout

    monkeypatch.setattr(machine, "plan_layout", plan)
    X = symmetric(np.random.default_rng(2), 21)
    cpu, card = both(X, loss=loss, optimizer="adam")
    np.testing.assert_allclose(epochs(card, 3), epochs(cpu, 3), rtol=1e-9)
    assert_same(cpu, card)
    assert (len(layouts[0].edges) > 2) == (room != "much")


@pytest.mark.parametrize("loss", LOSSES)
def test_a_run_may_change_the_device_halfway(torch, loss):
    X = symmetric(np.random.default_rng(3), 19)
    cpu, card = both(X, loss=loss)
    expected = epochs(cpu, 4)
    found = epochs(card, 2)
    again, _ = both(X, loss=loss)
    again.load_state(card.state())
    found += epochs(again, 2, first=2)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    back, card = both(X, loss=loss)
    epochs(back, 2)
    card.load_state(back.state())
    np.testing.assert_allclose(epochs(card, 2, first=2), expected[len(expected) // 2 :], rtol=1e-9)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_same_bits_again(torch, loss):
    X = symmetric(np.random.default_rng(4), 30)
    first, second = (engine_on(X, device="cuda", loss=loss, batch_size=7) for _ in range(2))
    assert epochs(first, 2) == epochs(second, 2)
    for name, array in first.state().items():
        np.testing.assert_array_equal(array, second.state()[name])


def test_frozen_vectors_do_not_move(torch):
    X = symmetric(np.random.default_rng(5), 12)
    mask = np.arange(12) < 5
    cpu, card = both(X)
    for engine in (cpu, card):
        engine.freeze(Frozen(mask, mask))
    before = card.state()
    epochs(cpu, 2)
    epochs(card, 2)
    assert_same(cpu, card)
    for name in ("center", "outside"):
        np.testing.assert_array_equal(card.state()[name][mask], before[name][mask])


def test_vectors_can_be_given_and_are_given_back(torch):
    rng = np.random.default_rng(6)
    _, card = both(symmetric(rng, 10))
    given = Embeddings(**random_parameters(rng, 10, 7))
    card.set_embeddings(given)
    found = card.embeddings()
    np.testing.assert_array_equal(found.center, given.center)
    np.testing.assert_array_equal(found.outside, given.outside)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("precision", ["float32", "tf32", "bf16"])
def test_lower_precision_stays_near(torch, loss, precision):
    X = symmetric(np.random.default_rng(7), 25)
    exact, _ = both(X, loss=loss)
    card = engine_on(X, device="cuda", precision=precision, loss=loss, batch_size=5)
    tolerance = 0.02 if precision == "bf16" else 1e-4
    np.testing.assert_allclose(epochs(card, 3), epochs(exact, 3), rtol=tolerance)


def test_a_planted_mistake_is_caught(torch, monkeypatch):
    """The comparison above notices a loss without its −X."""
    monkeypatch.setattr(
        machine.SoftmaxOnDevice, "errors", lambda self, transformed, columns, entries: transformed
    )
    cpu, card = both(symmetric(np.random.default_rng(8), 9), loss="naive-softmax")
    epochs(cpu, 1)
    epochs(card, 1)
    with pytest.raises(AssertionError):
        assert_same(cpu, card)


@pytest.mark.gpu
@pytest.mark.parametrize("loss", LOSSES)
def test_a_card_agrees_with_the_cpu_and_with_itself(loss):
    """Runs where there is a card: float64 to 1e-9, float32 losses to 1e-4, the same bits again."""
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA card here")
    X = symmetric(np.random.default_rng(9), 300)
    cpu, card = both(X, loss=loss, batch_size=64)
    expected = epochs(cpu, 3)
    np.testing.assert_allclose(epochs(card, 3), expected, rtol=1e-9)
    assert_same(cpu, card)
    single = [engine_on(X, device="cuda", loss=loss, batch_size=64) for _ in range(2)]
    first = epochs(single[0], 3)
    np.testing.assert_allclose(first, expected, rtol=1e-4)
    assert epochs(single[1], 3) == first


COMPARISON = """
import torch
from w2v_cli.engines.exact.device.fused import FusedPasses
from w2v_cli.engines.exact.device.device_losses import PlainPasses

def compare(device):
    generator = torch.Generator().manual_seed(1)
    for shape in ((3, 1), (4, 4096), (5, 9001)):
        scores = 12 * torch.randn(shape, generator=generator).to(device)
        scores[0, 0] = -1e30
        noise = torch.rand(shape[1], generator=generator).to(device)
        for name, more in (("exp", ()), ("sigmoid", (noise,))):
            fused, exact = scores.clone(), scores.double()
            sums = getattr(FusedPasses(device), name)(fused, *more)
            expected = getattr(PlainPasses(), name)(exact, *(m.double() for m in more))
            torch.testing.assert_close(sums.double(), expected, rtol=1e-5, atol=1e-6)
            torch.testing.assert_close(fused.double(), exact, rtol=1e-5, atol=1e-9)
"""


def test_fused_passes_do_what_plain_ones_do():
    """Triton interprets its kernels where there is no card."""
    pytest.importorskip("torch")
    pytest.importorskip("triton")
    code = f"{COMPARISON}\ncompare(torch.device('cpu'))"
    environment = {**os.environ, "TRITON_INTERPRET": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.gpu
def test_fused_passes_run_on_a_card():
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("no CUDA card here")
    from w2v_cli.engines.exact.device.fused import FusedPasses

    assert isinstance(passes_on(torch.device("cuda"), "float32"), FusedPasses)
    found = {}
    exec(COMPARISON, found)
    found["compare"](torch.device("cuda"))


def test_the_memory_on_the_card_is_told(torch):
    _, card = both(symmetric(np.random.default_rng(10), 12))
    assert card.about_memory.startswith("the GPU uses 0.0 GiB: counts in its memory")


class TestLayout:
    def test_all_fits_on_a_large_card(self):
        layout = plan_layout(43_874, 100, 25_000_000, 685, 2, 4, 70 * 2**30)
        assert layout.edges == (0, 43_874)
        assert layout.keeps_scores
        assert not layout.center_sums_in_host
        assert layout.counts_room > 0
        assert layout.needed < 70 * 2**30

    def test_a_million_words_of_300_fit_an_h100(self):
        layout = plan_layout(1_000_000, 300, 3_000_000_000, 15_625, 2, 4, 75 * 2**30)
        assert len(layout.edges) > 2
        assert layout.edges[-1] == 1_000_000
        assert layout.needed <= 75 * 2**30

    def test_what_does_not_fit_goes_to_the_host_or_is_refused(self):
        layout = plan_layout(1_000_000, 300, 10**9, 4096, 2, 4, 5.5 * 2**30)
        assert layout.center_sums_in_host
        assert layout.counts_room == 0
        with pytest.raises(RunError, match=r"need .* GiB on the device"):
            plan_layout(10_000_000, 300, 10**9, 4096, 2, 4, 5.5 * 2**30)


def test_without_pytorch_the_message_says_how_to_install_it(w2v, text, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    done = w2v("train", text, "--engine", "exact", "--device", "cuda", "--out", tmp_path / "run")
    assert done.code == 1
    assert "in a clone of w2v, pip install '.[gpu]'" in done.err
    assert not (tmp_path / "run").exists()


def test_without_a_card_nothing_takes_its_place(w2v, text, tmp_path):
    torch = pytest.importorskip("torch")
    if torch.cuda.is_available():
        pytest.skip("there is a card")
    done = w2v("train", text, "--engine", "exact", "--device", "cuda", "--out", tmp_path / "run")
    assert done.code == 1
    assert "no CUDA card" in done.err
    assert "--device cpu" in done.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--precision", "tf32"), "needs --device cuda"),
        (("--device", "cuda", "--subwords", "3-6"), "does not work with --device cuda"),
    ],
)
def test_contradictions_are_refused(w2v, text, tmp_path, options, message):
    done = w2v("train", text, "--engine", "exact", *options, "--out", tmp_path / "run")
    assert done.code == 2
    assert message in done.err
