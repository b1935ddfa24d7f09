"""What comes from outside is shown, never obeyed: by a terminal, by Markdown, by XML."""

import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from w2v_cli.errors import visible
from w2v_cli.vectors.formats.vector_files import write_table
from w2v_cli.vectors.table import VectorTable

HOSTILE = [
    "\x1b[2J\x1b[31mred", "bell\x07", "back\x08\x08", "over\rwrite", "\x9b31m", "tab\there",
    "\u202eright to left", "\u2028line", "<script>alert(1)</script>", "--help", "-rf", "`rm`",
    "```", "a|b", '"', "\\", "$(ls)", "{{x}}", "می‌خواهم", "👩‍👩‍👧",
]  # fmt: skip
STEERING = set("\x1b\x07\x08\r\x9b\u202e\u2028")


@pytest.fixture
def vectors(tmp_path):
    matrix = np.random.default_rng(3).standard_normal((len(HOSTILE) + 1, 4)).astype(np.float32)
    path = tmp_path / "v.npz"
    write_table(VectorTable(["king", *HOSTILE], matrix, np.arange(len(matrix))), path)
    return path


def assert_shown(text):
    assert not STEERING & set(text), repr(text)


def test_steering_characters_are_escaped_and_joiners_stay():
    assert visible("a\x1b[31mb\nc\u202ed") == "a\\x1b[31mb\\nc\\u202ed"
    assert visible("a\n\tb", keep="\n\t") == "a\n\tb"
    assert visible("می‌خواهم 👩‍👩‍👧 é\ud800") == "می‌خواهم 👩‍👩‍👧 é\\ud800"


def test_words_are_shown_by_every_command_that_lists_them(w2v, vectors, tmp_path):
    pairs = tmp_path / "pairs.tsv"
    pairs.write_bytes(b"king\tbell\x07\t3\nking\tno\x1b[31m\t2\nking\t-rf\t1\n")
    calls = [
        ["neighbors", vectors, "king", "-n", "30"],
        ["neighbors", vectors, "--", *HOSTILE],
        ["analogy", vectors, "king", "bell\x07", "over\rwrite", "-n", "30"],
        ["similarity", vectors, "king", "\x1b[2J\x1b[31mred"],
        ["evaluate", vectors, pairs],
        ["info", vectors],
        ["neighbors", vectors, "no\x1b[31m\nsuch"],
    ]
    for call in calls:
        result = w2v(*call)
        assert_shown(result.out + result.err)
        assert result.out or result.code == 1
    assert "می‌خواهم" in w2v(*calls[0]).out


def test_json_has_the_very_words(w2v, vectors):
    found = json.loads(w2v("neighbors", vectors, "king", "-n", "30", "--json").out)
    assert {near["word"] for near in found["neighbors"]} == set(HOSTILE)


def test_a_model_card_shows_words_and_names_as_text(w2v, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for i, word in enumerate(HOSTILE):
        matrix = np.ones((2, 2), np.float32)
        write_table(VectorTable([word, "king"], matrix), tmp_path / "v.npz")
        name = f"<img src=x>_{i}`\x1b"
        result = w2v("export", "v.npz", name, "--format", "huggingface")
        if word.splitlines() != [word]:
            assert result.code == 1
            continue
        assert result.code == 0, result.err
        assert_shown(result.err)
        card = (tmp_path / name / "README.md").read_text()
        assert_shown(card)
        assert f"# &lt;img src=x&gt;\\_{i}\\`\\\\x1b" in card
        code = card.split("```python\n")[1].split("\n```")[0]
        calls = compile(code, "card", "exec")
        assert word in {const for const in calls.co_consts if isinstance(const, str)}


def test_what_a_student_prints_and_raises_is_shown_and_fits_into_xml(w2v, tmp_path):
    (tmp_path / "word2vec.py").write_text(
        "import numpy as np\n"
        "class Mine(Exception):\n"
        "    def __str__(self): raise ValueError\n"
        "def sigmoid(x):\n"
        "    print('\\x1b[2J\\x9b31m \\u202e')\n"
        "    raise ValueError('\\x1b[31m \\x00 \\ud800 <b>')\n"
        "def softmax(x):\n"
        "    raise Mine\n"
    )
    report = tmp_path / "report.xml"
    result = w2v("gradcheck", "--file", tmp_path / "word2vec.py", "--junit", report)
    assert result.code == 1
    assert_shown(result.out + result.err)
    assert "\\x1b[31m \\x00 \\ud800 <b>" in result.out
    ET.parse(report)


@pytest.mark.parametrize("name", ["-rf", "--resume", "a\nb", "\x1b[31mred", "caf\udce9", "a b;c"])
def test_files_of_any_name_are_used_and_shown(w2v, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    if "\udce9" in name:  # a byte that is not UTF-8
        (tmp_path / name).write_text("a b c d e\n" * 60)
        result = w2v("train", "--out", "run", name)
        assert (result.code, (tmp_path / "run").exists()) == (2, False)
        assert "not UTF-8" in result.err
        return
    (tmp_path / name).write_text("a b c d e\n" * 60)
    settings = ["--min-count", "1", "--engine", "reference", "--epochs", "1", "--lr", "0.001"]
    settings += ["--subsample-threshold", "0"]
    result = w2v("train", *settings, "--out", "run", "--", name)
    assert result.code == 0, result.err
    assert_shown(result.err)
    assert w2v("train", "--resume", "--out", "run").code == 0
    assert_shown(w2v("info", "run").out)
    result = w2v("export", "run", "--format", "glove", "--", f"{name}.txt")
    assert result.code == 0, result.err
    assert_shown(result.err)
    assert (tmp_path / f"{name}.txt").exists()
