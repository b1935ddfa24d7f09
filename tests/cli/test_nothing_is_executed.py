"""Whatever file of a run somebody has replaced: nothing in it is executed when it is read."""

import pickle
import shutil

import pytest

FILES = [
    "config.toml", "vocab.tsv", "vectors.safetensors", "metrics.jsonl", "checkpoints/newest",
    "cache/corpus/corpus.ids", "cache/corpus/corpus.ends", "cache/corpus/corpus.json",
    "cache/corpus/vocab.tsv", "cache/cooccurrence/cooccurrence.json",
    "cache/cooccurrence/row_start.i64",
]  # fmt: skip
CALLS = [["train", "--resume", "--out", "run"], ["info", "run"], ["neighbors", "run", "w1"]]


class Canary:
    """Unpickling it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.fixture(scope="module")
def a_run(tmp_path_factory):
    """A finished run with a cache of pairs, and its text."""
    import numpy as np

    from w2v_cli import train

    folder = tmp_path_factory.mktemp("run")
    ids = np.random.default_rng(5).integers(0, 20, size=(60, 8))
    text = folder / "text.txt"
    text.write_text("".join(" ".join(f"w{i}" for i in line) + "\n" for line in ids))
    settings = {"loss": "naive-softmax", "engine": "exact", "n_threads": 1, "min_count": 1}
    train(paths=text, out=folder / "run", dim=4, epochs=1, **settings)
    return folder


def test_the_canary_sings_when_it_is_unpickled(tmp_path):
    pickle.loads(pickle.dumps(Canary(tmp_path / "sang"))).close()
    assert (tmp_path / "sang").exists()


@pytest.mark.parametrize("name", FILES)
def test_no_file_of_a_run_is_executed(w2v, a_run, tmp_path, monkeypatch, name):
    shutil.copytree(a_run / "run", tmp_path / "run")
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "run" / name
    if name == "checkpoints/newest":
        target = max((tmp_path / "run" / "checkpoints").iterdir())
    assert target.exists()
    target.write_bytes(pickle.dumps(Canary(tmp_path / "sang")))
    for call in CALLS:
        assert w2v(*call).code in (0, 1, 2)
        assert not (tmp_path / "sang").exists()
