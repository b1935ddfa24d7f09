"""Files with right checksums and wrong content: compiled code must never see them.

A checksum finds accidents; whoever writes a run folder can write the checksum, too.
"""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from w2v_cli.errors import RunError
from w2v_cli.settings.config import Config
from w2v_cli.storage.tensors import read_tensors, write_tensors
from w2v_cli.text.encoded import fingerprint_of, read_summary, write_summary
from w2v_cli.training.assembly import resume, start


@pytest.fixture
def run(text, tmp_path):
    folder = tmp_path / "run"
    config = Config(paths=text, engine="reference", min_count=1, dim=4, epochs=2)
    training = start(config, folder)
    units = 0

    def soon():
        nonlocal units
        units += 1
        return units > 1

    for _ in training.train(soon):
        pass
    return folder


def change_ids(run, change):
    """Change the encoded corpus, and the fingerprints that name it."""
    folder = run / "cache" / "corpus"
    ids = np.fromfile(folder / "corpus.ids", np.uint32)
    ends = np.fromfile(folder / "corpus.ends", np.int64)
    change(ids, ends)
    ids.tofile(folder / "corpus.ids")
    ends.tofile(folder / "corpus.ends")
    write_summary(replace(read_summary(folder), fingerprint=fingerprint_of(folder)), folder)


@pytest.mark.parametrize(
    "change",
    [
        lambda ids, ends: ids.__setitem__(3, 60),
        lambda ids, ends: ids.__setitem__(3, 2**32 - 1),
        lambda ids, ends: ends.__setitem__(0, -5),
        lambda ids, ends: ends.__setitem__(0, 10**12),
        lambda ids, ends: ends.__setitem__(-1, len(ids) + 1),
        lambda ids, ends: ends.__setitem__(1, ends[0]),
    ],
)
def test_forged_ids_are_refused(run, change):
    assert resume(Config(), shutil.copytree(run, run.with_name("good"))).position.done == 2
    change_ids(run, change)
    with pytest.raises(RunError, match=r"encoded corpus .* is damaged"):
        resume(Config(), run)


@pytest.mark.parametrize(
    "forged",
    [np.ones((1, 4), np.float32), np.ones((70, 4), np.float32), np.ones((60, 4)), None],
    ids=str,
)
def test_a_checkpoint_with_arrays_of_another_shape_is_skipped(run, forged):
    for path in (run / "checkpoints").iterdir():
        arrays, metadata = read_tensors(path)
        arrays = {name: np.array(array) for name, array in arrays.items()}
        metadata = {k: v for k, v in metadata.items() if not k.startswith("crc32:")}
        arrays.pop("center")
        write_tensors(path, arrays if forged is None else {**arrays, "center": forged}, metadata)
    with pytest.raises(RunError, match=r"no checkpoint .* is whole"):
        resume(Config(), run)
