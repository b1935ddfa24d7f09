import sys

import numpy as np
import pytest

from w2v_cli.corpus.encoded import EncodedCorpus
from w2v_cli.corpus.vocabulary import build_vocabulary
from w2v_cli.engines import create_engine
from w2v_cli.settings.config import Config


@pytest.mark.parametrize("loss", ["negative-sampling", "naive-softmax"])
def test_without_the_compiled_engine_numpy_takes_over_with_a_notice(loss, tmp_path, monkeypatch):
    config = Config(loss=loss, dim=4, min_count=1).resolved()
    monkeypatch.setitem(
        sys.modules,
        {"numba": "w2v_cli.engines.sampled.engine", "softmax": "w2v_cli.engines.exact.engine"}[
            config.engine
        ],
        None,
    )
    tokens = np.array([0, 1, 0, 1], np.uint32)
    corpus = EncodedCorpus(tokens, np.array([4]), 4, build_vocabulary({"a": 2, "b": 2}))
    notices = []
    engine = create_engine(config, corpus, tmp_path, notices.append)
    assert engine.name == "numpy"
    assert "pip install --force-reinstall numba" in notices[0]
