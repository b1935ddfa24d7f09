"""w2v: train word vectors, with the mathematics checked.

import w2v_cli
run = w2v_cli.train(paths="corpus.txt", out="runs/first", dim=50)
run.vectors.neighbors("king")
w2v_cli.load("vectors.bin").analogy("king", "man", "woman")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

#: What the package offers, and where it lives; imported when first used, so that
#: `w2v --help` stays quick.
_OFFERED = {
    "Config": "w2v_cli.settings.config",
    "Run": "w2v_cli.api",
    "W2VError": "w2v_cli.errors",
    "WordVectors": "w2v_cli.pictures.drawable",
    "blend": "w2v_cli.pictures.drawable",
    "change": "w2v_cli.api",
    "assert_gradients": "w2v_cli.grader.grade_report",
    "explore": "w2v_cli.pictures.draw",
    "load": "w2v_cli.pictures.drawable",
    "plot": "w2v_cli.pictures.draw",
    "train": "w2v_cli.api",
}
#: Names of gensim and fastText, and what there is instead.
_FOREIGN = {
    **dict.fromkeys(("Word2Vec", "FastText", "Doc2Vec", "train_unsupervised"), "train"),
    "Phrases": "train(phrases=1)",
    **dict.fromkeys(("LineSentence", "PathLineSentences"), "train(paths=...)"),
    "KeyedVectors": "WordVectors",
    **dict.fromkeys(("load_word2vec_format", "load_model", "load_facebook_model"), "load"),
}

if TYPE_CHECKING:
    from w2v_cli.api import Run as Run
    from w2v_cli.api import change as change
    from w2v_cli.api import train as train
    from w2v_cli.errors import W2VError as W2VError
    from w2v_cli.grader.grade_report import assert_gradients as assert_gradients
    from w2v_cli.pictures.draw import explore as explore
    from w2v_cli.pictures.draw import plot as plot
    from w2v_cli.pictures.drawable import WordVectors as WordVectors
    from w2v_cli.pictures.drawable import blend as blend
    from w2v_cli.pictures.drawable import load as load
    from w2v_cli.settings.config import Config as Config


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from w2v_cli.version import package_version as package_version

        return package_version()
    if name in _FOREIGN:
        raise AttributeError(f"{name} is not here; instead there is w2v_cli.{_FOREIGN[name]}")
    if name not in _OFFERED:
        raise AttributeError(f"module 'w2v_cli' has no attribute {name!r}")
    return getattr(import_module(_OFFERED[name]), name)


def __dir__() -> list[str]:
    return [*_OFFERED, "__version__"]
