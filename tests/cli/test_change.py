"""`w2v change`, as typed: texts with a planted change, columns, ranges, units, and bad input."""

import csv
import json

import numpy as np
import pytest

#: Two circles of words; `moved` stands in the first one, in the second half in the second one.
SMALL = ("--dim", "10", "--subsample-threshold", "0", "--top", "60")


def documents(n=1000, seed=0, moved=True):
    """Texts of two topics; the second half uses `moved` in the other topic."""
    rng = np.random.default_rng(seed)
    texts = []
    for d in range(n):
        words = [f"{'ab'[d % 2]}{i}" for i in rng.integers(0, 25, 12)]
        late = d >= n // 2
        if d % 2 == (late and moved) and d % 25 == 0:
            words[6] = "moved"
        if rng.random() < 0.5:
            words[3] = "stayed"
        texts.append(" ".join(words))
    return texts


@pytest.fixture
def halves(tmp_path):
    texts = documents()
    paths = [tmp_path / "early.txt", tmp_path / "late.txt"]
    for path, part in zip(paths, (texts[:500], texts[500:]), strict=True):
        path.write_text("\n".join(part) + "\n")
    return paths


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "year", "author", "day", "clique"])
        for d, text in enumerate(documents()):
            year = 1995 + d // 100
            day = f"{year}-0{1 + d % 9}-11"
            rows.writerow([text, year, f"author {d // 4}", day, d % 50])
    return path


def test_a_moved_word_comes_first_and_is_flagged(w2v, halves):
    result = w2v("change", *halves, *SMALL, "-n", 3)
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[0].startswith("2 of 52 words differ by more than chance")
    header = "word in early in late cosine by chance adjusted p"
    assert " ".join(lines[2].split()) == header
    assert lines[4].split()[:3] == ["moved", "10", "10"]
    early, late = (line.partition(": ")[2].split(", ") for line in lines[5:7])
    assert all(word.startswith("a") for word in early)
    assert all(word.startswith("b") for word in late)
    assert "Not beyond chance" in result.out
    assert "1,000 documents (early 500, late 500)" in " ".join(result.out.split())
    assert max(map(len, lines)) < 80


def test_json_has_everything_and_is_the_same_for_any_number_of_threads(w2v, halves):
    found = [w2v("change", *halves, *SMALL, "--json", "--n-threads", n).out for n in (1, 3)]
    assert found[0] == found[1]
    content = json.loads(found[0])
    first = content["words"][0]
    assert first["word"] == "moved"
    assert first["tokens"] == {"early": 10, "late": 10}
    assert first["cosine"] < first["chance_mean"] - first["chance_sd"]
    assert first["p"] <= first["adjusted_p"] <= 0.03
    adjusted = [word["adjusted_p"] for word in content["words"]]
    assert adjusted == sorted(adjusted)
    assert set(first["nearest"]) == {"early", "late"}
    assert content["n_flagged"] == sum(p <= 0.05 for p in adjusted)
    assert content["method"]["n_documents"] == [500, 500]
    assert content["methods_sentence"].count("w2v") == 1


def test_nothing_moved_is_said_plainly(w2v, tmp_path):
    texts = documents(moved=False)
    for name, part in (("a", texts[:500]), ("b", texts[500:])):
        (tmp_path / name).write_text("\n".join(part) + "\n")
    result = w2v("change", tmp_path / "a", tmp_path / "b", *SMALL)
    assert result.out.startswith("No word differs by more than chance: none of 52 at a false")


def test_words_of_ones_own_and_lines_of_context(w2v, halves):
    with halves[0].open("a") as file:
        file.write("seldom seen here\n")
    words = "Moved stayed seldom nowhere"
    result = w2v("change", *halves, *SMALL, "--words", words, "--examples", 2)
    assert result.code == 0, result.err
    assert "note: 'seldom' is too rare: 1 in early, 0 in late; --min-count asks for 5" in result.err
    assert "note: 'nowhere' is too rare: 0 in early, 0 in late" in result.err
    assert result.out.startswith("1 of 2 words differs")
    examples = result.out[result.out.index("\nmoved\n") :].splitlines()
    assert [examples[2], examples[5]] == ["  early", "  late"]
    for line, topic in ((examples[3], "a"), (examples[7], "b")):
        before, word, after = line.partition(" moved ")
        assert word
        assert before.split()[-1][0] == after.split()[0][0] == topic


def test_figures_as_a_table_of_tabs(w2v, halves, tmp_path):
    out = tmp_path / "change.tsv"
    assert w2v("change", *halves, *SMALL, "--out", out).code == 0
    rows = list(csv.DictReader(out.open(), delimiter="\t"))
    assert rows[0]["word"] == "moved"
    assert rows[0]["tokens early"] == "10"
    assert float(rows[0]["adjusted_p"]) < 0.05 < float(rows[-1]["adjusted_p"])
    assert len(rows[0]["nearest late"].split()) == 5
    assert len(rows) == 52


def test_slices_are_values_of_a_column(w2v, table):
    found = json.loads(w2v("change", table, "--by", "year", "--min-count", 2, *SMALL, "--json").out)
    assert found["slices"] == [str(year) for year in range(1995, 2005)]
    first = found["words"][0]
    assert first["word"] == "moved"
    a, b = map(int, first["differs_most"])
    assert a < 2000 <= b
    text = w2v("change", table, "--by", "year", "--min-count", 2, *SMALL).out
    assert "differs most: " in text


@pytest.mark.parametrize(
    ("column", "slices"),
    [
        ("year", "1995-1999,2000-2004"),
        ("day", "1995-1999,2000-2004"),
        ("day", "1995-01..1999-12-31,2000-01-01..2004"),
    ],
)
def test_slices_are_ranges_of_numbers_or_dates(w2v, table, column, slices):
    given = ("--by", column, "--slices", slices, "--json")
    found = json.loads(w2v("change", table, *given, *SMALL).out)
    assert found["method"]["n_documents"] == [500, 500]
    assert found["words"][0]["word"] == "moved"
    assert 1 <= found["n_flagged"] <= 3


def test_documents_outside_all_slices_are_left_out_and_counted(w2v, table):
    given = ("--by", "year", "--slices", "1995-1997,2000-2004")
    result = w2v("change", table, *given, *SMALL)
    assert "note: 200 documents are in no slice and are left out" in result.err
    assert "800 documents (1995-1997 300, 2000-2004 500)" in " ".join(result.out.split())


def test_units_change_sides_as_a_whole(w2v, table):
    given = ("--by", "year", "--slices", "1995-1999,2000-2004", "--unit", "author")
    found = json.loads(w2v("change", table, *given, *SMALL, "--json").out)
    assert found["method"]["n_units"] == 250
    assert "250 units of documents" in found["methods_sentence"]
    assert found["words"][0]["word"] == "moved"
    assert 1 <= found["n_flagged"] <= 3
    # Of these units, one alone uses `moved` early, and one late: that may be a matter of theirs.
    found = json.loads(w2v("change", table, *given[:-1], "clique", *SMALL, "--json").out)
    [moved] = (word for word in found["words"] if word["word"] == "moved")
    assert moved["p"] == 1


def test_records_have_numbers_as_labels(w2v, tmp_path):
    path = tmp_path / "records.jsonl"
    rows = [{"text": text, "year": 1990 + d // 500} for d, text in enumerate(documents())]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    found = json.loads(w2v("change", path, "--by", "year", *SMALL, "--json").out)
    assert found["slices"] == ["1990", "1991"]
    assert found["words"][0]["word"] == "moved"


def test_vectors_of_ones_own_are_the_basis(w2v, halves, tmp_path):
    run = tmp_path / "run"
    given = ("--engine", "spectral", "--dim", 10, "--subsample-threshold", 0)
    assert w2v("train", *halves, "--out", run, *given).code == 0
    found = json.loads(w2v("change", *halves, *SMALL, "--basis", run, "--json").out)
    assert found["method"]["basis"] == str(run)
    assert found["words"][0]["word"] == "moved"
    (tmp_path / "few.txt").write_text("a1 1 0\nb1 0 1\nb2 0.1 1\n")
    result = w2v("change", *halves, *SMALL, "--basis", tmp_path / "few.txt")
    assert "note: 49 of 52 words have no vector in" in result.err
    (tmp_path / "none.txt").write_text("x 1 0\ny 0 1\n")
    result = w2v("change", *halves, *SMALL, "--basis", tmp_path / "none.txt")
    assert result.code == 1
    assert "none.txt knows none of the 52 words" in result.err


@pytest.mark.parametrize(
    ("given", "code", "message"),
    [
        (["T"], 2, "one text is one slice; give two texts or more, or name the column"),
        (
            ["T", "--by", "year", "--slices", "1990-1994,1995-1999"],
            1,
            "no document is in the slice",
        ),
        (["T", "--by", "decade"], 1, "has no column 'decade'; name one with --by (columns: text, "),
        (
            ["T", "--by", "text"],
            1,
            "values are too many slices (at most 20); group them with --slices",
        ),
        (["T", "--by", "year", "--unit", "film"], 1, "no column 'film'; name one with --unit"),
        (["T", "--slices", "1990-1999"], 2, "add --by COLUMN"),
        (["T", "--by", "year", "--slices", "1995-,2000"], 1, "no document is in the slice 1995-"),
        (["T", "--by", "year", "--slices", "1999-1995,2000-2004"], 2, "range 1999-1995 is empty"),
        (["T", "--by", "year", "--slices", "1995-1999"], 1, "one slice"),
        (["T", "--by", "author", "--slices", "1-2,3-4"], 1, "'author 0' is neither a number nor a"),
        (["A", "B", "--by", "year"], 1, "early.txt has no column 'year'; --by needs tables"),
        (["A", "B", "--unit", "author"], 1, "has no column 'author'; --unit needs tables"),
        (["A", "B", "--min-count", "900"], 1, "no word occurs 900 times or more"),
        (["A", "few.txt"], 1, "no two words occur 5 times in every slice (words read: early "),
        (["A", "B", "--words", "nowhere"], 1, "none of the words can be tested"),
        (["A", "B", "--words", " "], 2, "--words names no words"),
        (["A", "-"], 2, "save standard input to a file first"),
        (["A", "missing.txt"], 1, "no such file or folder"),
    ],
)
def test_bad_input_is_named(w2v, halves, table, given, code, message):
    few = halves[0].with_name("few.txt")
    few.write_text("seldom\n")
    names = {"A": halves[0], "B": halves[1], "T": table, "few.txt": few}
    result = w2v("change", *(names.get(each, each) for each in given), *SMALL)
    assert (result.code, result.out) == (code, "")
    assert message in result.err


def test_too_few_documents_for_the_correction(w2v, tmp_path):
    texts = documents(16)
    for name, part in (("a", texts[:8]), ("b", texts[8:])):
        (tmp_path / name).write_text("\n".join(part) + "\n")
    given = ("--dim", 2, "--min-count", 1, "--subsample-threshold", 0)
    result = w2v("change", tmp_path / "a", tmp_path / "b", *given)
    assert result.code == 1
    assert "nothing could be flagged: the documents that use a word can be dealt" in result.err
    assert "it takes words that " in result.err
