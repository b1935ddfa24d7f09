"""The file: complete, closed to the network, and the data in it whole."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import HOSTILE, embedded, page_data, vectors

from w2v_cli.pictures.page.page_data import Nearest, PageData, PageGroups, Plane, nearest_words
from w2v_cli.pictures.page.page_file import page_html, safe_json, write_page


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text of each script and style."""

    def __init__(self) -> None:
        super().__init__()
        self.tags, self.texts, self.inside = [], [], False

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.inside = tag in ("script", "style")
        if self.inside:
            self.texts.append((tag, dict(attrs), ""))

    def handle_endtag(self, tag):
        self.inside = False

    def handle_data(self, data):
        if self.inside:
            tag, attributes, text = self.texts[-1]
            self.texts[-1] = (tag, attributes, text + data)


def parsed(page: str) -> Elements:
    elements = Elements()
    elements.feed(page)
    return elements


@pytest.fixture(scope="module")
def data() -> PageData:
    return page_data(vectors(), 40)


@pytest.fixture(scope="module")
def page(data) -> str:
    return page_html(data)


def test_what_is_embedded_decodes_to_what_was_given(data, page):
    held = embedded(page)
    assert held["words"] == list(data.words)
    assert held["others"] == list(data.nearest.others)
    assert held["title"] == data.title
    np.testing.assert_array_equal(held["counts"], data.counts)
    for plane, given_plane in zip(held["planes"], data.planes, strict=True):
        assert (plane["name"], plane["note"]) == (given_plane.name, given_plane.note)
        np.testing.assert_array_equal(plane["points"].reshape(-1, 2), given_plane.points)
    k = held["nearest"]["k"]
    np.testing.assert_array_equal(held["nearest"]["ids"].reshape(-1, k), data.nearest.ids)
    cosines = held["nearest"]["cosines"].reshape(-1, k) / held["nearest"]["scale"]
    np.testing.assert_allclose(cosines, data.nearest.cosines, atol=1 / 32767)
    assert held["groups"]["names"] == list(data.groups.names)
    np.testing.assert_array_equal(held["groups"]["of"], data.groups.of)


def test_no_element_of_the_page_points_outside_it(page):
    for tag, attributes in parsed(page).tags:
        assert "src" not in attributes, tag
        assert attributes.get("href", "data:,") == "data:,", tag
    assert "http-equiv" in page
    assert "url(" not in files("w2v_cli.pictures.page").joinpath("page.css").read_text()


def test_the_policy_allows_exactly_the_scripts_and_the_style_of_the_page(page):
    elements = parsed(page)
    policy = next(a["content"] for t, a in elements.tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    hashes = {"script": set(), "style": set()}
    for tag, attributes, text in elements.texts:
        if attributes.get("type") != "application/json":
            digest = hashlib.sha256(text.encode()).digest()
            hashes[tag].add(f"'sha256-{base64.b64encode(digest).decode()}'")
    for tag, expected in hashes.items():
        allowed = re.search(rf"{tag}-src ([^;]*)", policy)
        assert set(allowed[1].split()) == expected
    assert not any("style" in a or any(k.startswith("on") for k in a) for _, a in elements.tags)


def test_a_word_adds_no_element_to_the_page(page):
    known = vectors()
    tame = [word if word not in HOSTILE else f"tame{i}" for i, word in enumerate(known.words)]
    known.words = tame
    other = page_html(page_data(type(known)(tame, known.matrix, known.counts), 40))
    assert [tag for tag, _ in parsed(page).tags] == [tag for tag, _ in parsed(other).tags]


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_embedded_text_holds_nothing_that_html_reads_and_decodes_to_itself(words):
    text = safe_json(words)
    assert not set("<>&\u2028\u2029") & set(text)
    assert text.isascii()
    assert json.loads(text) == words


def test_the_title_is_escaped(page):
    assert "<title>Tea &amp; &lt;i&gt;coffee&lt;/i&gt;</title>" in page


def test_the_page_carries_the_licences_of_the_library(page):
    folder = files("w2v_cli.pictures.page").joinpath("vendor")
    for name in ("LICENSE.d3", "LICENSE.d3-ease"):
        first = folder.joinpath(name).read_text().splitlines()[0]
        assert first in page


def test_each_vendored_file_is_the_one_that_its_readme_names():
    folder = files("w2v_cli.pictures.page").joinpath("vendor")
    named = dict(
        re.findall(
            r"\| `(\S+\.js)` \|.*?`([0-9a-f]{64})` \|", folder.joinpath("README.md").read_text()
        )
    )
    scripts = {f.name for f in folder.iterdir() if f.name.endswith(".js")}
    assert set(named) == scripts
    for name, digest in named.items():
        assert hashlib.sha256(folder.joinpath(name).read_bytes()).hexdigest() == digest


def test_the_same_data_give_the_same_file(data, tmp_path):
    for name in ("a.html", "b.html"):
        write_page(tmp_path / name, data)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


@pytest.mark.parametrize("n", [1, 2])
def test_a_page_of_one_or_two_words_has_the_neighbours_there_are(n):
    known = vectors(20)
    known = type(known)(known.words[:n], known.matrix[:n], known.counts[:n])
    held = embedded(page_html(page_data(known)))
    assert held["nearest"]["k"] == n - 1


def test_more_than_65536_words_take_wider_numbers():
    n = 70_000
    points = np.zeros((n, 2), dtype=np.float32)
    ids = np.full((n, 1), n - 1)
    data = PageData(
        [f"w{i}" for i in range(n)], [Plane("PCA", points)], Nearest(ids, np.ones((n, 1)))
    )
    assert (embedded(page_html(data))["nearest"]["ids"] == n - 1).all()


def test_neighbours_are_those_of_the_whole_vocabulary():
    known = vectors()
    words = known.words[5:20]
    near = nearest_words(known, words, 10)
    names = [*words, *near.others]
    assert not set(words) & set(near.others)
    for word, ids, cosines in zip(words, near.ids, near.cosines, strict=True):
        expected = known.neighbors(word, 10)
        assert [names[i] for i in ids] == [e.word for e in expected]
        np.testing.assert_allclose(cosines, [e.score for e in expected], atol=1e-6)


def test_neighbours_in_several_blocks_are_those_in_one(monkeypatch):
    known = vectors()
    whole = nearest_words(known, known.words)
    monkeypatch.setattr("w2v_cli.pictures.page.page_data._BLOCK", 7)
    parts = nearest_words(known, known.words)
    np.testing.assert_array_equal(whole.ids, parts.ids)
    np.testing.assert_allclose(whole.cosines, parts.cosines, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"words": []}, "a page needs a word"),
        ({"planes": []}, "a page needs a projection"),
        ({"planes": [Plane("x", np.zeros((3, 2)))]}, "points of x: shape"),
        ({"planes": [Plane("x", np.full((2, 2), np.nan))]}, "points of x: finite"),
        ({"nearest": Nearest(np.full((2, 1), 2), np.ones((2, 1)))}, "known words"),
        ({"nearest": Nearest(np.zeros((2, 1)), np.ones((2, 2)))}, "a cosine for each"),
        ({"counts": np.ones(3)}, "counts"),
        ({"groups": PageGroups(["a"], np.array([0, 1]))}, "places in the names"),
        ({"groups": PageGroups(["a"], np.array([0, 0]), ["red"])}, "colours as #rrggbb"),
    ],
)
def test_data_that_do_not_fit_are_refused(change, message):
    parts = {
        "words": ["a", "b"],
        "planes": [Plane("PCA", np.zeros((2, 2)))],
        "nearest": Nearest(np.array([[1], [0]]), np.ones((2, 1))),
    }
    PageData(**parts)
    with pytest.raises(ValueError, match=message):
        PageData(**(parts | change))


def test_w2v_plot_writes_a_page_when_the_name_ends_in_html(w2v, tmp_path):
    lines = [f"w{i} {i % 7} {i % 5} {i}" for i in range(30)]
    (tmp_path / "vectors.txt").write_text("30 3\n" + "\n".join(lines) + "\n")
    out = tmp_path / "plot.html"
    result = w2v("plot", tmp_path / "vectors.txt", "--top", 12, "--out", out)
    assert (result.code, result.out) == (0, f"{out}\n")
    assert embedded(out.read_text())["words"] == [f"w{i}" for i in range(12)]
