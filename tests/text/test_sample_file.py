"""The sample corpus is found in a checkout and in an installed package."""

from importlib import metadata

import pytest
from conftest import ROOT

from w2v_cli.errors import UsageError
from w2v_cli.text import places

NAMES = ["sample.txt", "similarity.tsv", "analogies.txt"]


@pytest.mark.parametrize("name", NAMES)
def test_a_checkout_has_the_sample_in_its_data_folder(name):
    assert places.sample_file(name) == ROOT / "data" / name


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A package that was installed from a wheel, as its metadata describes it."""
    site = tmp_path / "lib" / "site-packages"
    folder = site / "w2v_cli-0.1.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: w2v-cli\nVersion: 0.1.0\n")
    rows = [f"../../share/w2v-cli/{name},," for name in NAMES]
    (folder / "RECORD").write_text("\n".join(rows) + "\n")
    share = tmp_path / "share" / "w2v-cli"
    share.mkdir(parents=True)
    for name in NAMES:
        (share / name).write_text(name)
    monkeypatch.setattr(places, "__file__", str(site / "w2v_cli" / "text" / "places.py"))
    distribution = metadata.PathDistribution(folder)
    monkeypatch.setattr(metadata, "distribution", lambda name: distribution)
    return site


@pytest.mark.parametrize("name", NAMES)
def test_an_installed_package_has_the_sample_in_share(installed, name):
    assert places.sample_file(name).read_text() == name


def test_a_data_folder_of_another_package_is_not_the_sample(installed):
    (installed / "data").mkdir()
    (installed / "data" / "sample.txt").write_text("another package's")
    assert places.sample_file("sample.txt").read_text() == "sample.txt"


def test_a_missing_sample_is_a_usage_error(installed, monkeypatch):
    monkeypatch.setattr(metadata, "files", lambda name: None)
    with pytest.raises(UsageError, match="name a CORPUS"):
        places.sample_file("sample.txt")
