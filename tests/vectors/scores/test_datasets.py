from pathlib import Path

import pytest

from w2v_cli.errors import DataError
from w2v_cli.vectors.scores.datasets import AnalogyData, SimilarityData, read_dataset

SHARED = Path(__file__).parents[3] / "../shared/eval"

LAYOUTS = {
    "tabs, no header (RG-65)": "gem\tjewel\t3.94\nnoon\tstring\t0.04\n",
    "spaces (MEN)": "gem jewel 3.94\nnoon string 0.04\n",
    "commas (MTurk)": "gem,jewel,3.94\r\nnoon,string,0.04\r\n",
    "semicolons": "gem;jewel;3.94\nnoon;string;0.04",
    "WordSim header": "Word 1,Word 2,Human (mean)\ngem,jewel,3.94\nnoon,string,0.04\n",
    "WordSim raters": "Word 1\tWord 2\tHuman (mean)\t1\t2\ngem\tjewel\t3.94\t3\t4\n"
    "noon\tstring\t0.04\t0\t1\n",
    "SimLex": "word1\tword2\tPOS\tSimLex999\tconc(w1)\ngem\tjewel\tN\t3.94\t4.72\n"
    "noon\tstring\tN\t0.04\t2.1\n",
    "comments and blank lines": "# rated by hand\n\ngem jewel 3.94\n\n# end\nnoon string 0.04\n",
    "byte order mark": "\ufeffgem jewel 3.94\nnoon string 0.04\n",
    "quotes": '"gem","jewel","3.94"\n"noon","string","0.04"\n',
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_gives_the_same_pairs(tmp_path, layout):
    (tmp_path / "set.txt").write_bytes(LAYOUTS[layout].encode())
    data = read_dataset(tmp_path / "set.txt")
    assert data == SimilarityData("set", [("gem", "jewel", 3.94), ("noon", "string", 0.04)])


def test_analogies_with_and_without_headings(tmp_path):
    file = tmp_path / "questions.txt"
    file.write_text(": family\nman king woman queen\n\n: gram1\nbig bigger old older\n")
    assert read_dataset(file) == AnalogyData(
        "questions",
        {
            "family": [("man", "king", "woman", "queen")],
            "gram1": [("big", "bigger", "old", "older")],
        },
    )
    file.write_text("man king woman queen\n")
    assert read_dataset(file) == AnalogyData(
        "questions", {"all": [("man", "king", "woman", "queen")]}
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no pairs"),
        (b"# only a comment\n", "no pairs"),
        (b"a b 1\nc d\n", "line 2"),
        (b"a b 1\nc d nan\n", "line 2"),
        (b"w1,w2,score\n", "no pairs"),
        (b"a b 1\n\xff\xfe 2\n", "byte 6 is not UTF-8"),
        (b": family\nman king woman\n", "line 2: expected 4 words, got 3"),
        (b": family\n", "no questions"),
        (b"just a sentence of words\n", "no pairs"),
    ],
)
def test_bad_files_name_the_line(tmp_path, content, message):
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_dataset(tmp_path / "bad")


def test_a_missing_file_and_a_folder_are_clear(tmp_path):
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(DataError):
            read_dataset(path)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the public sets are not beside the checkout")
def test_the_public_sets_are_read_whole():
    sizes = {"EN-WS-353-ALL": 353, "EN-MTurk-771": 771, "EN-RG-65": 65}
    for name, size in sizes.items():
        data = read_dataset(SHARED / f"{name}.txt")
        assert isinstance(data, SimilarityData)
        assert len(data.pairs) == size
    questions = read_dataset(SHARED / "questions-words.txt")
    assert isinstance(questions, AnalogyData)
    assert len(questions.sections) == 14
    assert sum(map(len, questions.sections.values())) == 19544
