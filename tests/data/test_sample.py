"""The sample corpus is what its generator writes, and holds what the other tests count on."""

import importlib.util
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

DATA = Path(__file__).parents[2] / "data"
GOOD = ["great", "cool", "brilliant", "wonderful", "well", "amazing", "worth", "sweet", "enjoyable"]
BAD = ["boring", "bad", "dumb", "annoying"]
PEOPLE = ["female", "male", "queen", "king", "man", "woman"]
PICTURE = [*GOOD, *BAD, *PEOPLE, "rain", "snow", "hail", "coffee", "tea"]


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", DATA / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sample() -> str:
    return (DATA / "sample.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def counts(sample: str) -> Counter[str]:
    return Counter(re.findall(r"\w+(?:['’-]\w+)*", sample.lower()))


def test_generator_reproduces_the_file_byte_for_byte(generator: ModuleType, sample: str) -> None:
    assert generator.generate().encode() == (DATA / "sample.txt").read_bytes()
    assert generator.generate(seed=1, n_tokens=1000) != generator.generate(seed=2, n_tokens=1000)


def test_size(counts: Counter[str]) -> None:
    assert counts.total() >= 200_000
    assert len(counts) >= 2_000


@pytest.mark.parametrize("word", PICTURE)
def test_words_of_the_picture_are_frequent(counts: Counter[str], word: str) -> None:
    assert counts[word] >= 100


def test_frequencies_fall_like_zipf(counts: Counter[str]) -> None:
    frequencies = np.array(sorted(counts.values(), reverse=True)[:2000])
    slope = np.polyfit(np.log(np.arange(1, 2001)), np.log(frequencies), 1)[0]
    assert -1.3 < slope < -0.8


def test_handwritten_lines_are_all_there_once(sample: str) -> None:
    handwritten = (DATA / "handwritten.txt").read_text(encoding="utf-8").splitlines()
    lines = Counter(sample.splitlines())
    assert [line for line in handwritten if lines[line] != 1] == []


def test_no_slot_is_left_unfilled(sample: str) -> None:
    assert not re.search(r"[{}()|_]|\ba [aeio]|  ", sample)


def test_sentences_vary_in_length(generator: ModuleType, sample: str) -> None:
    sentences = re.split(r'(?<=[.!?])"? ', sample.replace("\n", " "))
    lengths = [len(generator.TOKEN.findall(sentence)) for sentence in sentences]
    low, high = np.percentile(lengths, [2, 98])
    assert low <= 5
    assert high >= 15
    assert max(lengths) <= 60


def test_analogies_are_whole_questions_over_known_words(counts: Counter[str]) -> None:
    sections: dict[str, list[list[str]]] = {}
    for line in (DATA / "analogies.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(": "):
            questions = sections.setdefault(line[2:], [])
        else:
            questions.append(line.split())
    assert len(sections) >= 5
    everything = [tuple(question) for group in sections.values() for question in group]
    assert len(everything) >= 150
    assert len(set(everything)) == len(everything)
    assert all(len(set(question)) == 4 for question in everything)
    assert {word for question in everything for word in question if counts[word] < 5} == set()


def test_similarity_pairs_are_judged_once_and_known(counts: Counter[str]) -> None:
    rows = [
        line.split("\t")
        for line in (DATA / "similarity.tsv").read_text(encoding="utf-8").splitlines()
    ]
    assert len(rows) >= 80
    assert len({frozenset(row[:2]) for row in rows}) == len(rows)
    assert all(0 <= float(score) <= 10 for _, _, score in rows)
    assert {word for row in rows for word in row[:2] if counts[word] < 5} == set()


def test_check_notices_a_changed_file(
    generator: ModuleType, sample: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generator, "HERE", tmp_path)
    monkeypatch.setattr(generator, "generate", lambda: sample)
    said: list[str] = []
    assert generator.main(["--check"], say=said.append) == 1  # no file at all
    (tmp_path / "sample.txt").write_bytes(sample.encode()[:-1])
    assert generator.main(["--check"], say=said.append) == 1
    assert generator.main([], say=said.append) == 0
    assert generator.main(["--check"], say=said.append) == 0
    assert said[-1] == "sample.txt: up to date"


@pytest.mark.parametrize("slip", ["== pair: one many\ndog dogs\ncat\n", "== pair: one\na b\n"])
def test_a_row_that_does_not_fit_its_header_is_refused(
    generator: ModuleType, tmp_path: Path, slip: str
) -> None:
    (tmp_path / "words.txt").write_text(slip)
    with pytest.raises(ValueError, match="pair"):
        generator.read_tables(tmp_path)
