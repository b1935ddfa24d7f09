"""Settings: what is given is checked, what is open is filled in, what does not apply is refused."""

import numpy as np
import pytest
from chosen import settings_of
from hypothesis import given
from hypothesis import strategies as st

from w2v_cli.engines.catalog import ENGINES
from w2v_cli.engines.settings import BLEND_WEIGHT, MIN_LR_SHARE, CorpusFigures
from w2v_cli.errors import UsageError
from w2v_cli.settings import foreign
from w2v_cli.settings.config import Config, read_config_file, settings_to_toml
from w2v_cli.settings.resolve import resolve
from w2v_cli.settings.run_settings import choices_of, settings_named


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dim": 0}, "dim is 0; it must be at least 1"),
        ({"dim": "x"}, "dim must be a whole number, not 'x'"),
        ({"dim": True}, "dim must be a whole number"),
        ({"dim": 2.5}, "dim must be a whole number"),
        ({"lr": 0.0}, "lr is 0; it must be at least 1e-30"),
        ({"epochs": "many"}, "epochs must be a whole number or auto, not 'many'"),
        ({"epochs": 0}, "epochs is 0; it must be at least 1"),
        ({"dim": "auto"}, "dim must be a whole number, not 'auto'"),
        ({"minutes": 0}, "minutes is 0; it must be above 0"),
        ({"lr": float("nan")}, "finite"),
        ({"noise_power": float("inf")}, "finite"),
        ({"holdout": 2}, "at least 0 and at most 0.9"),
        ({"loss": "hs"}, "choose from: negative-sampling, naive-softmax"),
        ({"max_vocab": 1}, "at least 2"),
        ({"seed": 2**63}, "at most"),
        ({"lowercase": 1}, "true or false"),
        ({"vectorsize": 3}, "unknown setting vectorsize"),
        ({"dimm": 3}, "did you mean dim"),
        ({"paths": 3}, "a list of texts"),
        ({"paths": ""}, "empty name"),
        ({"eval_files": ["a", ""]}, "empty name"),
    ],
)
def test_a_wrong_value_is_named(settings, message):
    with pytest.raises(UsageError, match=message):
        Config(**settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"engine": "sampled", "loss": "naive-softmax"}, "does not train naive-softmax; choose"),
        (
            {"engine": "exact", "model": "cbow"},
            "engine exact does not train --model cbow; choose --engine sampled or --engine ref",
        ),
        (
            {"model": "cbow", "loss": "naive-softmax", "engine": "exact"},
            "choose --engine reference",
        ),
        ({"model": "bow"}, "model is 'bow'; choose from: skip-gram, cbow"),
        ({"engine": "sampled", "optimizer": "adam"}, "no optimizer adam, only sgd"),
        ({"steps": 5, "engine": "sampled"}, "does not take --steps"),
        ({"steps": 5, "epochs": 1}, "--steps and --epochs exclude each other"),
        ({"minutes": 5, "epochs": 1}, "--epochs and --minutes exclude each other"),
        ({"minutes": 5, "steps": 1}, "--steps and --minutes exclude each other"),
        ({"lr_schedule": "halving"}, "give --steps"),
        ({"min_lr": 1.0}, "above --lr"),
        ({"min_lr": 0.01, "lr_schedule": "constant"}, "--min-lr needs --lr-schedule linear"),
        ({"halve_every": 7}, "--halve-every needs --lr-schedule halving"),
        ({"batch_size": 5}, "--batch-size is a setting of engine exact and reference, not of"),
        ({"batch_mean": True}, "--batch-mean is a setting of engine"),
        ({"precision": "float64"}, "--precision is a setting of engine exact"),
        ({"loss": "naive-softmax", "n_negatives": 3}, "--n-negatives is a setting of loss"),
        ({"loss": "naive-softmax", "noise_power": 0.5}, "--noise-power is a setting of loss"),
        ({"loss": "naive-softmax", "deterministic": True}, "--deterministic is a setting of"),
        ({"patience": 3}, "give --holdout"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, message):
    with pytest.raises(UsageError, match=message):
        settings_of(**settings)


def test_an_error_names_only_what_was_given():
    with pytest.raises(UsageError) as caught:
        settings_of(precision="float64")
    assert "prior" not in str(caught.value)


def test_numbers_of_numpy_are_numbers():
    assert settings_of(dim=np.int64(7), lr=np.float32(0.5)).model.dim == 7
    assert Config(dim=np.array(7), min_count=np.uint8(3)) == Config(dim=7, min_count=3)
    for value in (np.float64(3), np.bool_(True), np.array([3]), np.array([3, 4])):
        with pytest.raises(UsageError, match="whole number"):
            Config(dim=value)


def test_a_number_out_of_range_is_told_whole():
    """Review D16: seeds above 2⁶³ were masked; and rounded, they look like the limit."""
    with pytest.raises(UsageError, match=f"seed is {2**63}; .* at most {2**63 - 1}$"):
        Config(seed=2**63)
    with pytest.raises(UsageError, match="a number of 16610 bits"):
        Config(seed=10**5000)


def test_one_path_is_a_list_of_one_and_means_the_same_in_every_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Config(paths="abc").given["paths"] == (str(tmp_path / "abc"),)
    assert Config(paths=["-", "@abc"]).given["paths"] == ("-", f"@{tmp_path / 'abc'}")
    assert Config(paths=tmp_path).given["paths"] == (str(tmp_path),)


@pytest.mark.parametrize(
    ("engine", "loss"), [(offer.name, loss) for offer in ENGINES.values() for loss in offer.losses]
)
def test_what_is_resolved_reads_back_as_itself(tmp_path, engine, loss):
    settings = settings_of(engine=engine, loss=loss, paths=str(tmp_path / "a b.txt"))
    (tmp_path / "config.toml").write_text(settings_to_toml(settings))
    again = read_config_file(tmp_path / "config.toml")
    assert resolve(again, cores=9) == settings
    if settings.training.lr_schedule == "linear":
        assert settings.training.min_lr == pytest.approx(settings.training.lr * MIN_LR_SHARE)


@pytest.mark.parametrize(("optimizer", "most"), [("sgd", 5), ("adam", 25)])
def test_vectors_that_go_on_get_few_passes_unless_others_are_asked_for(optimizer, most):
    small = CorpusFigures(n_tokens=300_000, n_words=2_000)
    engine = "sampled" if optimizer == "sgd" else "exact"
    config = Config(paths="text", engine=engine, start_from="vectors.bin")
    assert resolve(config, small).training.epochs == most
    assert resolve(Config(epochs=40).over(config), small).training.epochs == 40
    usual = resolve(Config(paths="text", engine=engine), small).training
    frozen = resolve(Config(freeze="known").over(config), small).training
    assert usual.epochs > most
    assert (frozen.epochs, frozen.lr) == (most, usual.lr)


@pytest.mark.parametrize("lr", [0.025, 0.035, 0.07, 0.3, 0.1])
def test_the_last_learning_rate_reads_as_a_person_would_write_it(lr):
    found = settings_of(lr=lr).training.min_lr
    assert len(f"{found}") <= len("3.5e-06")
    assert found == pytest.approx(lr * MIN_LR_SHARE, rel=1e-11)
    assert settings_of(lr=lr, min_lr=7.000000000000001e-06).training.min_lr == 7.000000000000001e-06


@pytest.mark.parametrize(
    "given", [{"buckets": 9}, {"ngrams": "explicit"}, {}], ids=["buckets", "explicit", "default"]
)
def test_a_training_with_subwords_reads_back_as_itself(tmp_path, given):
    settings = settings_of(subwords="3-6", **given)
    explicit = given.get("ngrams") == "explicit"
    assert settings.model.buckets == (None if explicit else given.get("buckets", 2_000_000))
    (tmp_path / "config.toml").write_text(settings_to_toml(settings))
    assert resolve(read_config_file(tmp_path / "config.toml"), cores=9) == settings


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"subwords": "6-3"}, "write 3-6"),
        ({"buckets": 9}, "--buckets needs --subwords"),
        ({"ngrams": "hashed"}, "--ngrams needs --subwords"),
        ({"subwords": "3-6", "ngrams": "explicit", "buckets": 9}, "omit one of them"),
        ({"subwords": "3-6", "buckets": 0}, "buckets is 0; it must be at least 1"),
    ],
)
def test_contradictions_about_subwords_are_refused(given, message):
    with pytest.raises(UsageError, match=message):
        settings_of(**given)


def test_subwords_of_a_file_can_be_taken_back():
    file = Config(subwords="3-6", ngrams="explicit")
    assert resolve(Config(subwords="none").over(file)).model.subwords is None


def test_the_blend_of_a_file_can_be_taken_back():
    file = Config(blend="spectral", blend_weight=2.0)
    assert resolve(file).training.blend_weight == 2
    assert resolve(Config(blend="none").over(file)) == resolve(Config())
    assert resolve(Config(blend="spectral")).training.blend_weight == BLEND_WEIGHT


def test_a_training_of_steps_reads_back_as_itself(tmp_path):
    settings = settings_of(steps=70, lr_schedule="halving")
    assert (settings.training.epochs, settings.training.halve_every) == (1, 20_000)
    (tmp_path / "config.toml").write_text(settings_to_toml(settings))
    assert resolve(read_config_file(tmp_path / "config.toml")) == settings


NAMES = sorted(settings_named())


@given(st.dictionaries(st.sampled_from(NAMES), st.one_of(st.integers(), st.floats(), st.text())))
def test_any_choice_is_resolved_whole_or_refused_by_name(choice):
    problem, settings = "", None
    try:
        settings = resolve(Config(**choice))
    except UsageError as error:
        problem = str(error).replace("-", "_")
    if settings is None:
        assert any(name in problem for name in choice)
        return
    optional = {"max_vocab", "limit_tokens", "steps", "min_lr", "halve_every", "patience"}
    optional |= {"subwords", "ngrams", "buckets"}
    optional |= {"start_from", "start_fingerprint", "minutes", "blend_weight"}
    optional |= {"normalize", "text_field", "stop_words", "keep_words", "vocab"}
    for setting, value in settings.values():
        assert value is not None or setting.name in optional
        if value is not None and setting.name != "paths":
            assert setting.checked(value) == value
            choices = () if setting.form else choices_of(setting)
            assert not choices or value in choices


def test_the_fingerprint_ignores_what_a_resume_may_change():
    base = settings_of(engine="reference", epochs=3)
    same = settings_of(engine="reference", epochs=9, n_threads=7, checkpoint_every=1.0)
    other = settings_of(engine="reference", epochs=3, seed=2)
    assert same.fingerprint() == base.fingerprint() != other.fingerprint()
    assert other.differences(base) == {"seed": (2, 1)}


def test_what_is_given_beats_the_base_and_frees_what_it_replaces():
    base = Config(steps=100, lr_schedule="halving", halve_every=50, **{"reference.batch_size": 3})
    over = Config(epochs=2, lr_schedule="linear", batch_size=4, engine="reference").over(base)
    settings = resolve(over)
    assert (settings.training.steps, settings.training.epochs) == (None, 2)
    assert settings.own.batch_size == 4


def test_auto_is_as_if_nothing_had_been_given():
    assert resolve(Config(epochs="auto", lr="auto")) == resolve(Config())
    assert resolve(Config(epochs="auto", steps=3)) == resolve(Config(steps=3))
    assert resolve(Config(epochs="auto").over(Config(epochs=77))) == resolve(Config())


def test_minutes_free_the_epochs_of_a_file_and_the_other_way_round():
    assert Config(minutes=2).over(Config(epochs=9)) == Config(minutes=2)
    assert Config(epochs=9).over(Config(minutes=2)) == Config(epochs=9)


def test_tables_of_other_losses_and_engines_do_not_count(tmp_path):
    (tmp_path / "c.toml").write_text(
        "[negative-sampling]\nn_negatives = 9\n[exact]\nbatch_size = 2\n"
    )
    config = read_config_file(tmp_path / "c.toml")
    assert resolve(config).objective.n_negatives == 9
    assert resolve(Config(loss="naive-softmax").over(config)).own.batch_size == 2


def test_paths_of_a_file_are_taken_from_its_folder(tmp_path):
    (tmp_path / "c.toml").write_text('[corpus]\npaths = ["text.txt", "/abs.txt", "-"]\n')
    paths = read_config_file(tmp_path / "c.toml").given["paths"]
    assert paths == (str(tmp_path / "text.txt"), "/abs.txt", "-")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[model]\ndimm = 3\n", "unknown key 'dimm' in .model.; did you mean 'dim'"),
        ("[corpus]\ndim = 3\n", "did you mean 'dim' in .model."),
        ("[model]\nn_negatives = 3\n", "did you mean 'n_negatives' in .negative-sampling."),
        ("[modell]\n", "unknown table .modell.; did you mean .model."),
        ("dim = 3\n", "outside a table; it belongs in .model."),
        ("[model\n", "not valid TOML"),
        ('[corpus]\npaths = "a"\n', "list of file names"),
        ("[model]\ndim = 0\n", "c.toml: dim is 0"),
    ],
)
def test_a_wrong_file_says_where_and_what(tmp_path, text, message):
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(UsageError, match=message):
        read_config_file(tmp_path / "c.toml")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.toml"):
        read_config_file(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("vector_size", "dim"), ("workers", "n_threads"), ("alpha", "lr"), ("minCount", "min_count")],
)
def test_names_of_other_tools_are_answered_with_ours(theirs, ours):
    with pytest.raises(UsageError, match=f"unknown setting {theirs}; here it is called {ours}"):
        Config(**{theirs: 1})


def test_what_other_tools_call_settings_are_settings():
    assert set(foreign.SETTINGS.values()) <= set(settings_named())
