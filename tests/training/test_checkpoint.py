import numpy as np
import pytest

from w2v_cli.errors import DataError, RunError
from w2v_cli.storage.tensors import write_tensors
from w2v_cli.training.saved_state import (
    Checkpoint,
    checkpoint_files,
    read_checkpoint,
    write_checkpoint,
)

ARRAYS = {"center": np.arange(6, dtype=np.float32).reshape(2, 3), "outside": np.ones((2, 3))}
CHECKPOINT = Checkpoint(
    ARRAYS, {"done": 7, "loss": 0.1 + 0.2}, "config", "corpus", "toy", 3, None, "words", {"seed": 1}
)


def test_a_checkpoint_reads_back_to_the_bit(tmp_path):
    path = write_checkpoint(tmp_path / "checkpoints", 7, CHECKPOINT)
    back = read_checkpoint(path)
    assert back.position == CHECKPOINT.position
    assert (back.config_fingerprint, back.corpus_fingerprint) == ("config", "corpus")
    assert (back.engine, back.state_version, back.settings) == ("toy", 3, {"seed": 1})
    assert {k: v.tobytes() for k, v in back.arrays.items()} == {
        k: v.tobytes() for k, v in ARRAYS.items()
    }


def test_the_newest_two_are_kept(tmp_path):
    for number in (1, 5, 20, 100):
        write_checkpoint(tmp_path, number, CHECKPOINT)
    assert [int(p.stem) for p in checkpoint_files(tmp_path)] == [100, 20]
    assert len(list(tmp_path.iterdir())) == 2


def test_every_flipped_byte_is_noticed(tmp_path):
    path = write_checkpoint(tmp_path, 1, CHECKPOINT)
    whole = path.read_bytes()
    header = 8 + int.from_bytes(whole[:8], "little")
    places = [*range(0, header, 3), *range(header, len(whole))]
    for place in places:
        broken = bytearray(whole)
        broken[place] ^= 0x10
        path.write_bytes(broken)
        try:
            back = read_checkpoint(path)
        except (DataError, RunError):
            continue
        # What is not noticed must not matter: white space or tensor order in the header.
        assert place < header
        assert {k: v.tobytes() for k, v in back.arrays.items()} == {
            k: v.tobytes() for k, v in ARRAYS.items()
        }
        assert back.position == CHECKPOINT.position


@pytest.mark.parametrize("keep", [0, 4, 8, 50, -1])
def test_a_cut_file_is_damaged(tmp_path, keep):
    path = write_checkpoint(tmp_path, 1, CHECKPOINT)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(DataError):
        read_checkpoint(path)


def test_another_version_is_refused(tmp_path):
    write_tensors(tmp_path / "1.safetensors", ARRAYS, {"format": "w2v-checkpoint", "version": "9"})
    with pytest.raises(RunError, match="this version"):
        read_checkpoint(tmp_path / "1.safetensors")


def test_the_safetensors_library_reads_what_is_written_and_bytes_repeat(tmp_path):
    from safetensors.numpy import load_file

    arrays = {
        "bytes": np.arange(5, dtype=np.uint8),
        "flags": np.array([True, False]),
        "half": np.ones((2, 2), np.float16),
        "big_endian": np.arange(3, dtype=">i8"),
        "strided": np.arange(12, dtype=np.float32).reshape(3, 4)[:, ::2],
        "empty": np.zeros((0, 3), np.float32),
    }
    for name in ("a", "b"):
        write_tensors(tmp_path / name, arrays, {"x": "1", "a": "2"})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    loaded = load_file(tmp_path / "a")
    assert loaded.keys() == arrays.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(loaded[name], array)


def test_a_file_that_is_replaced_while_it_is_read_is_one_of_the_two(tmp_path):
    """A question to a run that is training found a damaged file: header and data of two files."""
    import threading

    from w2v_cli.storage.tensors import read_tensors

    path, done = tmp_path / "a.safetensors", threading.Event()

    def replace():
        for i in range(300):
            write_tensors(path, {"x": np.full(50, i % 7), "y": np.full(50, i % 7)})
        done.set()

    write_tensors(path, {"x": np.zeros(50), "y": np.zeros(50)})
    writer = threading.Thread(target=replace)
    writer.start()
    while not done.is_set():
        tensors, _ = read_tensors(path)
        assert tensors["x"][0] == tensors["y"][-1]
    writer.join()
