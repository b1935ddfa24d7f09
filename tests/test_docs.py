import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from w2v_cli.settings.config import read_config_file
from w2v_cli.settings.resolve import resolve

CONFIGS = sorted((ROOT / "configs").glob("*.toml"))


def test_the_documents_show_what_the_code_says():
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_configuration_is_valid(path):
    resolve(read_config_file(path))


def test_links_between_documents_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "data").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / Path(target)).exists(), f"{page.name}: {target}"


def test_the_course_configuration_has_the_settings_of_the_course():
    settings = resolve(read_config_file(ROOT / "configs" / "cs224n.toml"))
    model, training, own = settings.model, settings.training, settings.own
    assert (model.dim, model.window, settings.objective.n_negatives) == (10, 5, 10)
    assert (own.batch_size, training.steps, own.batch_mean) == (50, 40_000, True)
    assert (training.lr, training.lr_schedule, training.halve_every) == (0.3, "halving", 20_000)
    assert training.engine == "reference"
