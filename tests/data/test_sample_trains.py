"""What `data/README.md` says can be learned from the sample corpus is learned from it."""

from pathlib import Path

import pytest

import w2v_cli
from w2v_cli.vectors.scores.datasets import read_dataset
from w2v_cli.vectors.scores.scoring import AnalogyScore, SimilarityScore, score

DATA = Path(__file__).parents[2] / "data"
GROUPS = {
    "good": ["great", "wonderful", "brilliant", "amazing", "enjoyable", "cool", "sweet"],
    "bad": ["boring", "bad", "dumb", "annoying"],
    "weather": ["rain", "snow", "hail"],
    "drinks": ["coffee", "tea"],
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> w2v_cli.WordVectors:
    out = tmp_path_factory.mktemp("sample") / "run"
    settings = {"dim": 64, "epochs": 15, "min_count": 5, "seed": 1, "n_threads": 1}
    return w2v_cli.train(paths=DATA / "sample.txt", out=out, **settings).vectors


def test_pairs_and_capitals_are_answered(vectors: w2v_cli.WordVectors) -> None:
    result = score(vectors, read_dataset(DATA / "analogies.txt"))
    assert isinstance(result, AnalogyScore)
    accuracy = {section.name: section.accuracy for section in result.sections}
    learned = [name for name in accuracy if name.startswith(("gender", "capital"))]
    assert len(learned) == 4
    assert {name: accuracy[name] for name in learned if accuracy[name] < 0.6} == {}


def test_similarity_follows_the_judgements(vectors: w2v_cli.WordVectors) -> None:
    result = score(vectors, read_dataset(DATA / "similarity.tsv"))
    assert isinstance(result, SimilarityScore)
    assert result.spearman > 0.5


def test_the_groups_of_the_picture_hold_together(vectors: w2v_cli.WordVectors) -> None:
    for name, words in GROUPS.items():
        for word in words:
            inside = [vectors.similarity(word, mate) for mate in words if mate != word]
            outside = [
                vectors.similarity(word, stranger)
                for other, strangers in GROUPS.items()
                if other != name
                for stranger in strangers
            ]
            assert sum(inside) / len(inside) > max(outside), (name, word)
