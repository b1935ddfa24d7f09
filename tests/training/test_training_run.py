"""A run being trained."""

from w2v_cli.settings.config import Config
from w2v_cli.training.assembly import start


def test_pages_of_the_corpus_are_handed_back_while_it_is_read(text, tmp_path, monkeypatch):
    monkeypatch.setattr("w2v_cli.training.run._UNITS_IN_MEMORY", 2)
    monkeypatch.setattr("w2v_cli.engines.reference.engine.BLOCK_TOKENS", 500)
    run = start(Config(paths=text, engine="reference", min_count=1, epochs=1), tmp_path / "run")
    released = []
    monkeypatch.setattr(type(run.corpus), "release", lambda corpus: released.append(1))
    units = list(run.train())
    assert run.engine.n_units // 2 == len(released) > 1
    assert units
