from dataclasses import fields, replace

import pytest

from w2v_cli.errors import UsageError
from w2v_cli.settings.config import ENGINE_DEFAULTS, Config
from w2v_cli.settings.toml import config_to_toml, read_config_file


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dim": 0}, "dim is 0; it must be at least 1"),
        ({"dim": "x"}, "dim must be of type int"),
        ({"dim": True}, "dim must be of type int"),
        ({"lr": 0.0}, "lr is 0.0; it must be above 0"),
        ({"lr": float("nan")}, "finite"),
        ({"noise_power": float("inf")}, "finite"),
        ({"loss": "hs"}, "choose from: negative-sampling, naive-softmax"),
        ({"max_vocab": 1}, "at least 2"),
    ],
)
def test_a_wrong_value_is_named(settings, message):
    with pytest.raises(UsageError, match=message):
        Config(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"engine": "numba", "loss": "naive-softmax"}, "negative sampling only"),
        ({"engine": "softmax"}, "naive softmax only"),
        ({"engine": "numba", "optimizer": "adam"}, "no optimizer adam"),
        ({"steps": 5, "engine": "numba"}, "--steps goes with --engine numpy"),
        ({"steps": 5, "epochs": 1}, "--steps goes with"),
        ({"lr_schedule": "halving"}, "give --steps"),
        ({"min_lr": 1.0}, "above --lr"),
        ({"batch_size": 5}, "no --batch-size"),
        ({"batch_mean": True}, "no --batch-mean"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, message):
    with pytest.raises(UsageError, match=message):
        Config(**settings).resolved()


@pytest.mark.parametrize("loss", ["negative-sampling", "naive-softmax"])
def test_resolved_leaves_nothing_open_that_training_needs(loss):
    config = Config(loss=loss).resolved(default_threads=3)
    open_settings = {s.name for s in fields(config) if getattr(config, s.name) is None}
    assert open_settings - ({"batch_size"} if config.engine == "numba" else set()) <= {
        "max_vocab",
        "limit_tokens",
        "steps",
        "patience",
    }
    assert config.lr == ENGINE_DEFAULTS[config.engine]["lr"]
    assert config.min_lr == pytest.approx(config.lr * 1e-4)
    assert config.resolved(default_threads=9) == config


def test_the_fingerprint_ignores_what_a_resume_may_change():
    config = Config(engine="numpy").resolved()
    assert replace(config, n_threads=7, checkpoint_every=1.0).fingerprint() == config.fingerprint()
    assert replace(config, seed=2).fingerprint() != config.fingerprint()
    assert replace(config, seed=2).differences(config) == ["seed: 2 here, 1 there"]


def test_toml_reads_back_as_written(tmp_path):
    config = Config(paths=(str(tmp_path / "a b.txt"), "-"), max_vocab=9, lr=1e-5).resolved()
    (tmp_path / "config.toml").write_text(config_to_toml(config))
    assert Config(**read_config_file(tmp_path / "config.toml")) == config


def test_paths_of_a_file_are_taken_from_its_folder(tmp_path):
    (tmp_path / "c.toml").write_text('[corpus]\npaths = ["text.txt", "/abs.txt", "-"]\n')
    paths = read_config_file(tmp_path / "c.toml")["paths"]
    assert paths == (str(tmp_path / "text.txt"), "/abs.txt", "-")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[model]\ndimm = 3\n", "unknown key 'dimm' in .model.; did you mean 'dim'"),
        ("[corpus]\ndim = 3\n", "did you mean 'dim' in .model."),
        ("[modell]\n", "unknown table .modell.; did you mean 'model'"),
        ("dim = 3\n", "outside a table"),
        ("[model\n", "not valid TOML"),
        ('[corpus]\npaths = "a"\n', "list of strings"),
    ],
)
def test_a_wrong_file_says_where_and_what(tmp_path, text, message):
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(UsageError, match=message):
        read_config_file(tmp_path / "c.toml")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.toml"):
        read_config_file(tmp_path / "none.toml")
