from conftest import ROOT

from w2v_cli.engines.base import diverged


def test_the_message_names_the_learning_rate_and_what_helps():
    assert str(diverged(0.5)).endswith("start a new run with a lower --lr (it was 0.5)")
    assert str(diverged(0.5, "--batch-mean")).endswith("(it was 0.5) or with --batch-mean")


def test_only_one_file_words_it():
    files = [
        path for path in (ROOT / "w2v_cli").rglob("*.py") if "training diverged" in path.read_text()
    ]
    assert [path.name for path in files] == ["base.py"]
