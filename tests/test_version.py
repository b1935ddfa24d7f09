import tomllib
from importlib import metadata

import pytest
from conftest import ROOT

import w2v_cli
from w2v_cli import version


def test_only_pyproject_states_the_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["name"] == version.DISTRIBUTION
    for path in (ROOT / "w2v_cli").rglob("*.py"):
        assert f'"{project["version"]}"' not in path.read_text(), path


def test_the_version_is_that_of_the_installed_package(monkeypatch, w2v):
    monkeypatch.setattr(version, "version", lambda name: "1.2.3")
    assert w2v_cli.__version__ == "1.2.3"
    assert w2v("--version").out == "w2v, version 1.2.3\n"


def test_a_checkout_that_is_not_installed_has_a_stand_in(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(version, "version", missing)
    assert version.package_version() == "0+unknown"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = w2v_cli.nothing
