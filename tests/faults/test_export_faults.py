"""A fault at every file operation of an export: the old file, the new one, or a clear absence."""

import shutil

import numpy as np
import pytest
from faults.faulty_disk import FAULTS, Fault, FaultyDisk, Killed
from faults.storm import attempt

from w2v_cli.engines.centers import centers_of
from w2v_cli.engines.settings import ModelSettings
from w2v_cli.vectors.formats.catalog import FORMATS
from w2v_cli.vectors.formats.vector_files import write_table
from w2v_cli.vectors.table import VectorTable

WORDS = [f"w{i}" for i in range(30)]
MATRIX = np.arange(90, dtype=np.float32).reshape(30, 3)
NEW = VectorTable(WORDS, MATRIX)


def with_ngrams():
    centers = centers_of(ModelSettings(subwords="2-3", ngrams="hashed", buckets=50), WORDS)
    made = centers.embeddings(centers.start_vectors(3, 1)["center"], MATRIX)
    counts = np.arange(30, 0, -1)
    return VectorTable(WORDS, made.center, counts, parts=made.subwords, outside=made.outside)


NEW_WITH_NGRAMS = with_ngrams()


def content(path):
    if path.is_dir():
        return {file.name: file.read_bytes() for file in path.iterdir()}
    return path.read_bytes() if path.exists() else None


def write(path, form):
    if form.name == "parquet":
        pytest.importorskip("pyarrow")
    write_table(
        NEW_WITH_NGRAMS if form.name == "fasttext-bin" else NEW, path, form, "float32", "card"
    )


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_is_the_old_one_or_the_new_one(tmp_path, monkeypatch, name):
    form = FORMATS[name]
    target = tmp_path / "out" / "vectors"
    target.parent.mkdir()
    with monkeypatch.context() as patch:
        disk = FaultyDisk().install(patch)
        write(target, form)
    new, tries = content(target), 0
    for fault in FAULTS.values():
        for at in range(1, disk.n + 1):
            shutil.rmtree(target.parent)
            target.parent.mkdir()
            if not form.is_folder:
                target.write_bytes(b"old")
            old = content(target)
            with monkeypatch.context() as patch:
                FaultyDisk(Fault(at, **fault)).install(patch)
                ended = attempt(lambda: write(target, form), Killed)
            assert content(target) in ((new,) if ended else (old, new))
            if not form.is_folder or content(target) is None:
                write(target, form)
            assert content(target) == new
            tries += 1
    print(f"\nexport as {name}: {tries} fault points, {tries} survived")
