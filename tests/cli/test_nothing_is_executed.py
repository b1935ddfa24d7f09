"""Whatever file of a run somebody has replaced: nothing in it is executed when it is read."""

import gzip
import io
import pickle
import shutil
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from fuzz.targets import TARGETS

from w2v_cli.errors import W2VError

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


def canaries(path):
    """Bytes that would make a file if a reader unpickled, evaluated or imported them."""
    pickled = pickle.dumps(Canary(path))
    text = f"open({str(path)!r}, 'w')"
    objects = np.array([Canary(path)], object)
    archive, npy = io.BytesIO(), io.BytesIO()
    np.save(npy, objects, allow_pickle=True)
    np.savez(archive, words=objects, vectors=objects, counts=objects, scales=objects)
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as file:
        for name in ("words.npy", "vectors.npy", "data.pkl", "archive/data.pkl", "__main__.py"):
            file.writestr(name, npy.getvalue() if name.endswith("npy") else pickled)
    yield from (pickled, npy.getvalue(), archive.getvalue(), packed.getvalue())
    yield from (gzip.compress(pickled), gzip.compress(archive.getvalue()))
    for line in (
        f"__import__('builtins').{text}",
        f"!!python/object/apply:builtins.open [{str(path)!r}, 'w']",
        f'{{"__reduce__": "{text}", "text": "{{0.__class__}} ${{{text}}} `touch {path}`"}}',
        f"[model]\ntokenizer = \"os:system('touch {path}')\"\ndim = {{{{ {text} }}}}\n",
        f"; touch {path} # $(touch {path}) `touch {path}`\n2 2\na 1 2\nb 1 2\n",
    ):
        yield line.encode()


@pytest.mark.parametrize("name", TARGETS)
def test_no_reader_of_any_format_executes_what_it_reads(tmp_path, name):
    """Each canary alone, before, behind and in the middle of a good file of that format."""
    target, path = TARGETS[name], tmp_path / "sang"
    (tmp_path / "seeds").mkdir()
    (tmp_path / "read").mkdir()
    seed = target.seeds(tmp_path / "seeds")[0]
    middle = len(seed) // 2
    for canary in canaries(path):
        for data in (canary, canary + seed, seed + canary, seed[:middle] + canary + seed[middle:]):
            with suppress(W2VError):
                target.read(tmp_path / "read", data)
            assert not path.exists()


def test_words_are_not_executed_by_what_is_written(w2v, tmp_path):
    """A word that is code, in every format: read back, it is a word."""
    from w2v_cli.vectors.formats.catalog import FORMATS
    from w2v_cli.vectors.formats.vector_files import read_table, write_table
    from w2v_cli.vectors.table import VectorTable

    words = [f"__import__('os').system('touch${{IFS}}{tmp_path / 'sang'}')", "=cmd|'/c'!A0"]
    table = VectorTable(words, np.eye(2, dtype=np.float32))
    for name, form in FORMATS.items():
        if form.whole:  # only for vectors with subwords
            continue
        if name == "parquet":
            pytest.importorskip("pyarrow")
        write_table(table, tmp_path / name, form)
        assert read_table(tmp_path / name).words == words
    assert not (tmp_path / "sang").exists()
