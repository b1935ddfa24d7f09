"""Phrases: the compiled passes, their twin, and gensim join the same pairs."""

import itertools

import numpy as np
import pytest
import reference_reader
from chosen import plan_of, source_of
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference_phrases import join_in_passes

from w2v_cli.errors import DataError
from w2v_cli.text import phrases, sources
from w2v_cli.text.phrases import PhraseJoiner
from w2v_cli.text.plan import no_progress
from w2v_cli.text.reader import read_corpus
from w2v_cli.text.word_table import table_of

#: Words that meet when they are joined: a_b + c is a + b_c is the word a_b_c.
WORDS = ["a", "b", "c", "d", "a_b", "b_c", "a_b_c", "_", "__", "a_", "_b", "é", "wordword_", "x"]
DOCUMENTS = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=12), min_size=1, max_size=6
)


def texts_of(read):
    """The documents of a stream of parts."""
    documents, waiting = [], []
    for tokens, ends in read:
        waiting += tokens
        if ends:
            documents.append(waiting)
            waiting = []
    return documents


def with_gensim(documents, n_passes):
    """The documents after each pass of gensim, and what each found."""
    models = pytest.importorskip("gensim.models.phrases")
    found = []
    for _ in range(n_passes):
        model = models.Phrases(documents)
        found.append(model.find_phrases(documents))
        documents = [list(model[document]) for document in documents]
    return documents, found


def with_twin(documents, n_passes):
    read, passes = join_in_passes(lambda: ((d, True) for d in documents), n_passes)
    return texts_of(read()), [one.phrases() for one in passes]


def numbered(documents):
    """A table of words and a function that reads the documents, cut into blocks anywhere."""
    words = list(dict.fromkeys(itertools.chain.from_iterable(documents)))
    table = table_of(words)
    ids = np.array([words.index(w) for d in documents for w in d], np.uint32)
    ends = np.cumsum([len(d) for d in documents])
    table.arena[table.records() + 1] = np.bincount(ids, minlength=len(words)).astype(np.uint64)

    def read(size=7):
        for start in range(0, len(ids), size):
            stop = min(start + size, len(ids))
            own = ends[(ends > start) & (ends <= stop)] - start
            yield ids[start:stop].copy(), own.astype(np.int64)

    return table, read


def with_kernels(documents, n_passes, folder):
    table, read = numbered(documents)
    joiner = PhraseJoiner(table, read, folder, 1.0, no_progress)
    found = [joiner.join(number) for number in range(1, n_passes + 1)]
    words = table.words(np.arange(table.n_words))
    ids, ends = (np.concatenate(part) for part in zip(*_placed(joiner.blocks()), strict=True))
    assert np.bincount(ids, minlength=table.n_words).tolist() == joiner.counts.tolist()
    joiner.close()
    starts = np.concatenate([[0], ends[:-1]])
    return [[words[i] for i in ids[a:b]] for a, b in zip(starts, ends, strict=True)], found


def _placed(blocks):
    before = 0
    for ids, ends in blocks:
        yield ids, ends + before
        before += len(ids)


def scores_of(found):
    return [{phrase.words: phrase.score for phrase in one} for one in found]


@settings(max_examples=150, deadline=None)
@given(documents=DOCUMENTS, copies=st.integers(1, 40), n_passes=st.integers(1, 3))
@example(documents=[["a", "b", "c"], ["a_b", "c"], ["a", "b_c"], ["d"]], copies=9, n_passes=2)
@example(documents=[["a", "b"], ["a_b"], ["c"], ["d"], ["x"]], copies=7, n_passes=1)
def test_any_text_is_joined_as_gensim_joins_it(tmp_path_factory, documents, copies, n_passes):
    documents = documents * copies + [[f"w{i}", f"w{i + 1}"] for i in range(300)]
    expected, by_pass = with_gensim(documents, n_passes)
    twin, found = with_twin(documents, n_passes)
    assert twin == expected
    assert [set(one) for one in scores_of(found)] == [set(one) for one in by_pass]
    compiled, same = with_kernels(documents, n_passes, tmp_path_factory.mktemp("p"))
    assert compiled == expected
    figures = [[(p.words, p.count, p.n_joined) for p in one] for one in found]
    assert [[(p.words, p.count, p.n_joined) for p in one] for one in same] == figures


def test_scores_are_those_of_gensim_to_the_last_bit(tmp_path):
    rng = np.random.default_rng(1)
    documents = [[f"w{i}" for i in rng.zipf(1.3, 40) % 500] for _ in range(300)]
    documents += [["new", "york", "city", f"w{i % 400}"] for i in range(60)]
    expected, by_pass = with_gensim(documents, 2)
    for joined, found in (with_twin(documents, 2), with_kernels(documents, 2, tmp_path)):
        assert joined == expected
        assert scores_of(found) == by_pass
    assert "new_york" in by_pass[0]
    assert "new_york_city" in by_pass[1]


def read_both(tmp_path, text, plan):
    path = tmp_path / "a.txt"
    path.write_text(text)
    results = []
    for number, read in enumerate((reference_reader.read_corpus, read_corpus)):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        result = read(source_of(path), plan, folder, no_progress)
        names = sorted(p.name for p in folder.iterdir())
        assert names == ["corpus.ends", "corpus.ids"]
        content = [(folder / name).read_bytes() for name in names]
        figures = (result.n_tokens, result.n_kept, result.n_documents, result.n_distinct)
        counts = dict(zip(result.vocabulary.words, result.vocabulary.counts.tolist(), strict=True))
        results.append((content, figures, counts, result.phrases))
    assert results[0] == results[1]
    return results[1]


@pytest.mark.parametrize("n_threads", [1, 3])
def test_a_text_is_read_with_its_phrases_joined(tmp_path, monkeypatch, n_threads):
    monkeypatch.setattr(sources, "PIECE_BYTES", 100)  # words of a phrase in two blocks
    lines = [f"w{i} New York City" for i in range(60)] + [f"x{i} of" for i in range(1000)]
    plan = plan_of(min_count=2, n_threads=n_threads, phrases=2)
    _, figures, counts, found = read_both(tmp_path, "\n".join(lines), plan)
    assert counts == {"of": 1000, "new_york_city": 60}
    assert figures == (60 * 4 + 2000, 1060, 1060, 60 + 1 + 1000 + 1)
    assert [[phrase.words for phrase in one] for one in found] == [["new_york"], ["new_york_city"]]


def test_rare_phrases_and_words_they_leave_behind_obey_min_count(tmp_path):
    text = "los angeles a\n" * 9 + "los b\nangeles c\n" + "".join(f"x{i} y\n" for i in range(300))
    plan = plan_of(min_count=5, phrases=1)
    _, _, counts, _ = read_both(tmp_path, text, plan)
    assert counts == {"los_angeles": 9, "a": 9, "y": 300}


def test_pairs_that_do_not_fit_into_memory_are_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(phrases, "_FIRST_SLOTS", 16)
    table, read = numbered([[f"w{i}" for i in range(1000)]])
    joiner = PhraseJoiner(table, read, tmp_path, 1e-4, no_progress)
    with pytest.raises(
        DataError, match=r"pairs of words do not fit into --memory .* give --memory"
    ):
        joiner.join(1)
    assert not list(tmp_path.iterdir())


def test_words_that_do_not_fit_into_memory_are_an_error(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("the cat saw the dog\n" * 99)
    plan = plan_of(memory=0.0, phrases=1)
    with pytest.raises(DataError, match="--phrases needs all of them"):
        read_corpus(source_of(path), plan, tmp_path, no_progress)


def test_progress_tells_of_every_pass(tmp_path):
    table, read = numbered([["a", "b"]] * 50)
    seen = []
    joiner = PhraseJoiner(table, read, tmp_path, 1.0, lambda *report: seen.append(report))
    joiner.join(1)
    joiner.close()
    phases = ["counting pairs of words, pass 1", "joining pairs of words, pass 1"]
    assert list(dict.fromkeys(phase for phase, _, _ in seen)) == phases
    assert [done for _, done, _ in seen if done == 100] == [100, 100]


def test_sentences_from_python_are_joined_as_text_is(tmp_path):
    from w2v_cli.text.sentences import read_tokens

    lines = [f"w{i} new york" for i in range(60)] + [f"x{i} of" for i in range(1000)]
    plan = plan_of(min_count=5, phrases=1)
    content, _, counts, found = read_both(tmp_path, "\n".join(lines), plan)
    folder = tmp_path / "tokens"
    folder.mkdir()
    sentences = [line.split() for line in lines]
    result = read_tokens(sentences, len(lines), plan, folder, no_progress)
    assert result.vocabulary.words == tuple(counts)
    assert result.phrases == found
    assert [(folder / f"corpus.{name}").read_bytes() for name in ("ends", "ids")] == content
    assert len(list(folder.iterdir())) == 2
