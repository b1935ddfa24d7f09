"""gensim reads our files, we read gensim's, and both give the same answers."""

import numpy as np
import pytest

from w2v_cli.vectors.scores.datasets import AnalogyData, SimilarityData
from w2v_cli.vectors.scores.scoring import score_analogies, score_similarity
from w2v_cli.vectors.word_vectors import WordVectors, load

models = pytest.importorskip("gensim.models")

N = 400


@pytest.fixture(scope="module")
def vectors():
    generator = np.random.default_rng(1)
    words = ["naïve", "雨", "don't", "</s>", *(f"w{i}" for i in range(N - 4))]
    matrix = generator.standard_normal((N, 20), dtype=np.float32) * generator.random((N, 1)) * 3
    return WordVectors(words, matrix.astype(np.float32), np.arange(N)[::-1] + 1)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("v.txt", {}),
        ("v.vec", {}),
        ("v.txt.gz", {}),
        ("v.glove.txt", {"no_header": True}),
        ("v.bin", {"binary": True}),
        ("v.bin.gz", {"binary": True}),
    ],
)
def test_gensim_loads_ours_and_gives_the_same_neighbours(vectors, tmp_path, name, options):
    vectors.save(tmp_path / name)
    keyed = models.KeyedVectors.load_word2vec_format(str(tmp_path / name), **options)
    assert keyed.index_to_key == vectors.words
    np.testing.assert_array_equal(keyed.vectors, vectors.matrix)
    for word in ("naïve", "雨", "w7"):
        theirs = keyed.most_similar(word, topn=10)
        ours = vectors.neighbors(word, 10)
        assert [near.word for near in ours] == [near[0] for near in theirs]
        assert [near.score for near in ours] == pytest.approx(
            [near[1] for near in theirs], abs=1e-6
        )


@pytest.mark.parametrize("binary", [False, True])
def test_we_load_what_gensim_wrote(vectors, tmp_path, binary):
    path = tmp_path / "theirs"
    vectors.to_gensim().save_word2vec_format(str(path), binary=binary)
    found = load(path)
    assert sorted(found.words) == sorted(vectors.words)
    np.testing.assert_allclose(found[vectors.words], vectors.matrix, rtol=1e-6)


def test_to_gensim_keeps_words_vectors_and_counts(vectors):
    keyed = vectors.to_gensim()
    assert keyed.index_to_key == vectors.words
    assert keyed.get_vecattr("雨", "count") == N - 1
    assert keyed.similarity("雨", "w3") == pytest.approx(vectors.similarity("雨", "w3"), abs=1e-6)
    assert keyed.doesnt_match(["w1", "w2", "w3", "w4"]) == (
        vectors.odd_one_out(["w1", "w2", "w3", "w4"])[0].word
    )


@pytest.mark.parametrize("method", ["add", "mul"])
def test_analogies_rank_alike(vectors, method):
    keyed = vectors.to_gensim()
    ask = keyed.most_similar if method == "add" else keyed.most_similar_cosmul
    for a, b, c in (("w1", "w2", "w3"), ("雨", "w9", "naïve")):
        theirs = ask(positive=[a, c], negative=[b], topn=8)
        ours = vectors.analogy(a, b, c, 8, method=method)
        assert [near.word for near in ours] == [near[0] for near in theirs]
        # gensim's ε in 3CosMul is 1e-6, the paper's and ours 1e-3.
        tolerance = 1e-5 if method == "add" else 0.02
        expected = pytest.approx([near[1] for near in theirs], rel=tolerance)
        assert [near.score for near in ours] == expected


def test_similarity_scores_agree(vectors, tmp_path):
    generator = np.random.default_rng(2)
    pairs = [
        (f"w{a}", f"w{b}", float(r))
        for a, b, r in zip(
            *generator.integers(0, 390, (2, 60)), generator.integers(0, 9, 60), strict=True
        )
    ]
    path = tmp_path / "pairs.tsv"
    path.write_text("".join(f"{a}\t{b}\t{r}\n" for a, b, r in [*pairs, ("zzz", "w1", 3)]))
    theirs = vectors.to_gensim().evaluate_word_pairs(str(path), case_insensitive=False)[1]
    ours = score_similarity(vectors, SimilarityData("pairs", pairs), np.random.default_rng(0))
    assert ours.spearman == pytest.approx(theirs.statistic, abs=1e-6)


def test_analogy_scores_agree(tmp_path):
    generator = np.random.default_rng(3)
    base = generator.standard_normal((60, 8))
    offset = generator.standard_normal(8)
    noise = generator.standard_normal((60, 8)) * 0.35
    matrix = np.concatenate([base, base + offset + noise]).astype(np.float32)
    vectors = WordVectors([f"w{i}" for i in range(120)], matrix)
    questions = [
        tuple(f"w{i}" for i in (a, a + 60, b, b + 60))
        for a, b in generator.integers(0, 60, (200, 2))
        if a != b
    ]
    path = tmp_path / "questions.txt"
    path.write_text(": all\n" + "".join(" ".join(q) + "\n" for q in questions))
    keyed = vectors.to_gensim()
    theirs = keyed.evaluate_word_analogies(str(path), case_insensitive=False)[0]
    ours = score_analogies(vectors, AnalogyData("q", {"all": questions}))
    assert 0.1 < theirs < 0.9
    assert ours.totals[0].accuracy == pytest.approx(theirs)
