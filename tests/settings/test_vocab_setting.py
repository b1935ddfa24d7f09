"""`vocab`: a list of words takes the place of what chooses words."""

import pytest

from w2v_cli.errors import UsageError
from w2v_cli.settings.config import Config, read_config_file, settings_to_toml
from w2v_cli.settings.resolve import resolve, resolve_corpus


def test_min_count_does_not_apply(tmp_path):
    settings = resolve(Config(paths=str(tmp_path / "a.txt"), vocab=str(tmp_path / "words.txt")))
    assert settings.corpus.min_count == 1
    path = tmp_path / "config.toml"
    path.write_text(settings_to_toml(settings))
    assert resolve(read_config_file(path)) == settings


@pytest.mark.parametrize("name", ["min_count", "max_vocab", "stop_words", "keep_words"])
def test_what_chooses_words_is_refused_beside_it(name):
    value = 7 if name.startswith("m") else "list.txt"
    option = "--" + name.replace("_", "-")
    with pytest.raises(UsageError, match=f"already gives the words that {option} would choose"):
        resolve_corpus(Config(vocab="words.txt", **{name: value}))


def test_it_replaces_what_a_configuration_chose():
    config = Config(vocab="words.txt").over(Config(min_count=7, max_vocab=100))
    assert resolve_corpus(config).max_vocab is None
