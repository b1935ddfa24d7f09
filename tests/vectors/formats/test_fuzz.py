"""Whatever happened to a file, reading it ends in vectors or in one clear error."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.engines.base import Embeddings
from w2v_cli.errors import DataError, MissingExtraError
from w2v_cli.vectors.formats.vector_files import read_table, write_table
from w2v_cli.vectors.run_vectors import write_run_vectors
from w2v_cli.vectors.table import VectorTable

MATRIX = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
TABLE = VectorTable(["the", "naïve", "雨", "king"], MATRIX, np.arange(4))
NAMES = ["v.txt", "v.bin", "v.glove.txt", "v.npz", "v.safetensors", "v.txt.gz", "v.bin.gz"]


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    folder = tmp_path_factory.mktemp("originals")
    for name in NAMES:
        write_table(TABLE, folder / name)
    write_run_vectors(folder / "run", TABLE.words, TABLE.counts, Embeddings(MATRIX, MATRIX))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@st.composite
def damages(draw):
    """What happens to bytes: cut, overwritten, inserted, doubled."""
    kind = draw(st.sampled_from(["cut", "overwrite", "insert", "delete", "double"]))
    return kind, draw(st.floats(0, 1)), draw(st.binary(min_size=1, max_size=9))


def damage(data, kind, share, piece):
    place = int(share * len(data))
    return {
        "cut": data[:place],
        "overwrite": data[:place] + piece + data[place + len(piece) :],
        "insert": data[:place] + piece + data[place:],
        "delete": data[:place] + data[place + len(piece) :],
        "double": data + data[place:],
    }[kind]


def assert_vectors_or_error(path):
    try:
        found = read_table(path)
    except MissingExtraError:
        return
    except DataError as error:
        message = str(error)
    else:
        message = path.name
        assert np.isfinite(found.matrix).all()
        assert len(set(found.words)) == len(found.words) == len(found.matrix)
    assert path.name in message


@pytest.mark.parametrize("name", [*NAMES, "run"])
@given(changes=st.lists(damages(), min_size=1, max_size=3), inside=st.booleans())
def test_damaged_files_end_in_vectors_or_a_clear_error(
    tmp_path_factory, originals, name, changes, inside
):
    data = originals[name]
    packed = name.endswith(".gz") and inside  # damage what is inside the gzip
    if packed:
        data = gzip.decompress(data)
    for change in changes:
        data = damage(data, *change)
    path = tmp_path_factory.mktemp("damaged") / name
    path.write_bytes(gzip.compress(data, 1) if packed else data)
    assert_vectors_or_error(path)


@given(content=st.binary(max_size=200))
def test_any_bytes(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "v"
    path.write_bytes(content)
    assert_vectors_or_error(path)
