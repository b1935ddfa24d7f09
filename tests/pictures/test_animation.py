import json

import numpy as np
import pytest
from PIL import Image

from w2v_cli.engines.base import Embeddings
from w2v_cli.errors import DataError
from w2v_cli.pictures.film import between, paths_on_the_map, read_snapshots
from w2v_cli.pictures.projection import project
from w2v_cli.vectors.run_vectors import write_run_vectors

WORDS = ["king", "queen", "rain", "snow", "tea"]


def matrices(seed):
    rng = np.random.default_rng(seed)
    return Embeddings(*rng.normal(size=(2, 5, 4)).astype(np.float32))


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "run" / "snapshots"
    folder.mkdir(parents=True)
    counts = np.arange(5, 0, -1)
    for i in range(3):
        path = folder / f"{i:06d}.safetensors"
        write_run_vectors(path, WORDS, counts, matrices(i), metadata={"progress": str(i / 2)})
    write_run_vectors(
        folder.parent / "vectors.safetensors",
        [*WORDS, "hail"],
        np.arange(6, 0, -1),
        Embeddings(*np.ones((2, 6, 4), dtype=np.float32)),
    )
    reports = [
        {
            "event": "epoch",
            "epoch": i,
            "progress": i / 2,
            "loss": 3 / i,
            "lr": 0.1,
            "n_tokens": 9,
            "elapsed_seconds": 1.0,
            "words_per_second": None,
        }
        for i in (1, 2)
    ]
    (folder.parent / "metrics.jsonl").write_text("".join(json.dumps(r) + "\n" for r in reports))
    return folder.parent


def test_the_states_are_read_in_the_order_of_training(run):
    snapshots = read_snapshots(run, ["snow", "hail", "king"])
    assert snapshots.words == ["snow", "king"]
    assert snapshots.progress.tolist() == [0, 0.5, 1]
    np.testing.assert_array_equal(snapshots.vectors[1, 1], matrices(1).center[0])
    outside = read_snapshots(run, ["snow", "king"], "outside")
    np.testing.assert_array_equal(outside.vectors[1, 1], matrices(1).outside[0])


def test_the_map_is_that_of_the_last_state_and_stays(run):
    snapshots = read_snapshots(run, WORDS)
    paths = paths_on_the_map(snapshots)
    last = snapshots.vectors[-1]
    np.testing.assert_allclose(paths[-1], project(last).points, atol=1e-9)
    moved = snapshots.vectors.copy()
    moved[0] = last + (last[0] - last[1])  # every word goes the same way
    step = paths_on_the_map(type(snapshots)(WORDS, snapshots.progress, moved))[0] - paths[-1]
    np.testing.assert_allclose(step, np.tile(step[0], (5, 1)), atol=1e-9)
    np.testing.assert_allclose(step[0], paths[-1][0] - paths[-1][1], atol=1e-9)


def test_points_between_two_states_lie_on_the_line_between_them():
    paths = np.arange(12.0).reshape(3, 2, 2)
    progress = np.array([0.0, 0.5, 1.0])
    filled = between(paths, progress, np.array([0.0, 0.25, 0.5, 0.75, 1.0]))
    np.testing.assert_allclose(filled[::2], paths)
    np.testing.assert_allclose(filled[1], (paths[0] + paths[1]) / 2)
    np.testing.assert_allclose(filled[3], (paths[1] + paths[2]) / 2)


@pytest.mark.parametrize("ending", ["gif", "html"])
def test_an_animation_is_written(w2v, run, tmp_path, ending):
    out = tmp_path / f"film.{ending}"
    result = w2v("plot", run, "--animate", out, "--dpi", 40, "--title", "<b>")
    assert (result.code, result.out) == (0, f"{out}\n"), result.err
    assert "not in the snapshots: hail" in result.err
    if ending == "gif":
        with Image.open(out) as film:
            assert film.n_frames == 60
            assert film.size == (384, 240)
    else:
        page = out.read_text()
        assert page.count('"iVBOR') == 60
        assert "<b>" not in page
        assert "http" not in page


def test_what_cannot_be_animated_is_refused(w2v, run, tmp_path):
    for ending in ("png", "mp4"):
        result = w2v("plot", run, "--animate", tmp_path / f"film.{ending}")
        assert (result.code, "must end in .gif or .html" in result.err) == (2, True)
    assert w2v("plot", run, "--animate", "a.gif", "--method", "umap").code == 2
    with pytest.raises(DataError, match="fewer than two of the words"):
        read_snapshots(run, ["king", "unknown"])
    for file in sorted((run / "snapshots").iterdir())[1:]:
        file.unlink()
    with pytest.raises(DataError, match="--snapshots"):
        read_snapshots(run, WORDS)


def test_a_snapshot_without_its_progress_is_refused(run):
    write_run_vectors(run / "snapshots" / "9.safetensors", WORDS, np.ones(5), matrices(1))
    with pytest.raises(DataError, match="does not state its progress"):
        read_snapshots(run, WORDS)
