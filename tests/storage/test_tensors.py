"""Arrays in a file: what is odd, and what is not of this file at all."""

import json

import numpy as np
import pytest

from w2v_cli.errors import DataError
from w2v_cli.storage import tensors
from w2v_cli.storage.tensors import identity, read_metadata, read_tensors, write_tensors


def header_of(path):
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def with_header(path, header, rest):
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + rest)


@pytest.mark.parametrize("shape", [(), (0,), (0, 3), (3, 0), (1,), (2, 3)])
@pytest.mark.parametrize("dtype", ["?", "i1", "u2", "f2", "i8", ">f4", "f8"])
def test_any_shape_and_type_comes_back(tmp_path, shape, dtype):
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)
    write_tensors(tmp_path / "a.safetensors", {"a": array}, {"note": "x"})
    found, metadata = read_tensors(tmp_path / "a.safetensors")
    assert found["a"].shape == shape
    np.testing.assert_array_equal(found["a"], array)
    assert metadata == {"note": "x"}
    assert read_metadata(tmp_path / "a.safetensors")["note"] == "x"


def test_a_type_that_numpy_does_not_have_is_named(tmp_path):
    path = tmp_path / "a.safetensors"
    write_tensors(path, {"a": np.ones(2, np.int16)})
    header, rest = header_of(path)
    header["a"]["dtype"] = "BF16"
    with_header(path, header, rest)
    with pytest.raises(DataError, match="tensor 'a' has type BF16, unknown here"):
        read_tensors(path)


@pytest.mark.parametrize("read", [read_tensors, read_metadata, identity])
def test_what_is_no_file_is_said(tmp_path, read):
    with pytest.raises(DataError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(DataError, match="no such file"):
        read(tmp_path / "nowhere")


def test_checksums_of_other_tensors_are_noticed(tmp_path):
    path = tmp_path / "a.safetensors"
    write_tensors(path, {"a": np.ones(2)})
    header, rest = header_of(path)
    header["b"] = header.pop("a")
    with_header(path, header, rest)
    with pytest.raises(DataError, match="not those of their checksums"):
        read_tensors(path)


def test_a_file_that_is_replaced_while_it_is_checked_is_opened_again(tmp_path, monkeypatch):
    path = tmp_path / "a.safetensors"
    write_tensors(path, {"a": np.ones(2)})
    check, n_checks = tensors._check, 0

    def slow_check(checked):
        nonlocal n_checks
        n_checks += 1
        check(checked)
        if n_checks == 1:
            write_tensors(path, {"a": np.zeros(3)})

    monkeypatch.setattr(tensors, "_check", slow_check)
    assert read_tensors(path)[0]["a"].tolist() == [0, 0, 0]
    assert n_checks == 2


def test_the_identity_follows_the_content(tmp_path):
    seen = set()
    for value in (1.0, 2.0, 1.0):
        write_tensors(tmp_path / "a.safetensors", {"a": np.full(2, value)})
        seen.add(identity(tmp_path / "a.safetensors"))
    assert len(seen) == 2
