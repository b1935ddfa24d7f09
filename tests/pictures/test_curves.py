import json

import pytest

from w2v_cli.errors import DataError
from w2v_cli.pictures.curves import draw_curves, read_curves


def run(folder, n_epochs=3, scores=True, held_out=True):
    folder.mkdir()
    lines = []
    for epoch in range(1, n_epochs + 1):
        common = {"epoch": epoch, "lr": 0.1 / epoch, "n_tokens": 9, "elapsed_seconds": 1.0}
        common["words_per_second"] = None
        middle = (epoch - 0.5) / n_epochs
        lines.append({**common, "event": "report", "progress": middle, "loss": 3.0 / epoch})
        lines.append({**common, "event": "epoch", "progress": epoch / n_epochs, "loss": 2 / epoch})
        if held_out:
            lines[-1]["held_out_loss"] = 2.5 / epoch
        if scores:
            lines[-1]["eval"] = {"pairs": 0.1 * epoch, "broken": None}
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_the_curves_of_a_run_are_read_by_panel(tmp_path):
    curves = read_curves(run(tmp_path / "run"))
    assert curves.run == "run"
    assert list(curves.panels) == ["loss", "learning rate", "score"]
    training, held_out = curves.panels["loss"]
    assert training.x == [0.5, 1.5, 2.5]
    assert training.y == [3.0, 1.5, 1.0]
    assert (held_out.name, held_out.x) == ("held-out", [1.0, 2.0, 3.0])
    assert [line.name for line in curves.panels["score"]] == ["pairs"]


def test_panels_without_figures_are_omitted(tmp_path):
    curves = read_curves(run(tmp_path / "run", scores=False, held_out=False))
    assert list(curves.panels) == ["loss", "learning rate"]
    assert len(curves.panels["loss"]) == 1


def test_a_folder_without_metrics_is_refused(tmp_path):
    with pytest.raises(DataError, match="needs a run folder"):
        read_curves(tmp_path)


def test_one_run_has_a_panel_each_and_a_legend_of_lines(tmp_path):
    drawn = draw_curves([read_curves(run(tmp_path / "run"))], title="t")
    assert [axes.get_ylabel() for axes in drawn.axes] == ["loss", "learning rate", "score"]
    legend = drawn.axes[0].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["training", "held-out"]
    assert drawn.axes[1].get_legend() is None


def test_several_runs_are_told_apart_by_colour_and_name(tmp_path):
    runs = [read_curves(run(tmp_path / name, scores=name == "b")) for name in ("a", "b")]
    drawn = draw_curves(runs)
    lines = drawn.axes[0].get_lines()
    assert [line.get_label() for line in lines] == [
        "a training",
        "a held-out",
        "b training",
        "b held-out",
    ]
    assert lines[0].get_color() == lines[1].get_color() != lines[2].get_color()
    assert lines[0].get_linestyle() != lines[1].get_linestyle()
    assert [line.get_label() for line in drawn.axes[2].get_lines()] == ["b pairs"]
