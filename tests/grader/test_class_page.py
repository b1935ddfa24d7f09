"""The page of a class: what it tells, and that no text of a submission becomes HTML."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

from w2v_cli.grader.class_page import class_page
from w2v_cli.grader.submissions import FunctionResult, Result, Submission

HOSTILE = "</pre><script>alert(1)</script><img src=x onerror='alert(2)'>\"&amp;\x1b[31m\u202e"
SIGN = "the sign is wrong"


class Elements(HTMLParser):
    """Counts elements, collects attributes and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def _result(name: str, verdict: str = "right", *diagnoses: str, **more) -> Result:
    function = FunctionResult(
        "sigmoid", "sigmoid", verdict, float(verdict == "right"), 1, diagnoses
    )
    return Result(Submission(name, None), verdict == "right", functions=(function,), **more)


def test_it_counts_and_names_who_made_which_mistake():
    class_ = [_result("al", report="all of it"), _result("bo", "wrong", SIGN, "sum")]
    class_.append(_result("cy", "wrong", SIGN))
    text = Elements(class_page(Path("autumn"), class_)).text
    assert "Grades: autumn" in text
    assert "1 of 3 submissions pass." in text
    assert "sigmoid: 1 of 3 right, 2 wrong" in text
    assert f"{SIGN} (2: bo, cy)" in text
    assert text.index(SIGN) < text.index("sum (1: bo)")
    assert "all of it" in text
    assert "Look-alikes" not in text


def test_colours_follow_the_verdicts():
    for verdict, role in (
        ("right, unstable", "good"),
        ("right, by the course's key", "good"),
        ("another function", "soft"),
        ("not implemented yet", "soft"),
        ("time limit", "bad"),
    ):
        assert f'<td class="{role}">' in class_page(Path("autumn"), [_result("al", verdict)])


def test_look_alikes_are_a_hint(tmp_path):
    files = [tmp_path / "al.py", tmp_path / "bo.py"]
    files[0].write_text("def sigmoid(x):\n    return 1 / (1 + x)\n")
    files[1].write_text("def sigmoid(values):  # mine\n    return 1/(1+values)\n")
    right = _result("al").functions
    class_ = [Result(Submission(f.stem, f), True, functions=right) for f in files]
    text = Elements(class_page(tmp_path, class_)).text
    assert "proves nothing" in text
    assert "al, bo" in text


def test_hostile_texts_stay_texts():
    made = _result(HOSTILE, "wrong", HOSTILE, problem=HOSTILE)
    told = _result("al", HOSTILE, report=HOSTILE)
    page = class_page(Path(HOSTILE.replace("/", "")), [made, told])
    clean, found = Elements(class_page(Path("a"), [_result("a", "wrong", "b")])), Elements(page)
    assert not {"script", "img", "iframe", "base", "form"} & set(found.tags)
    assert set(found.tags) == set(clean.tags)
    assert {name for name, _ in found.attributes} == {name for name, _ in clean.attributes}
    assert HOSTILE.replace("\x1b", "\\x1b").replace("\u202e", "\\u202e") in found.text
    assert not set("\x1b\u202e") & set(page)


def test_the_policy_allows_only_the_pages_own_style():
    page = class_page(Path("a"), [_result("al")])
    style = re.search("<style>(.*)</style>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = re.search('Policy" content="([^"]*)"', page)[1]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:;")
    assert "script-src" not in policy
    assert not re.search(r"https?://| style=|url\(", page)
