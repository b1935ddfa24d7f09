"""The page in Chromium: it loads, asks for nothing, and runs nothing but itself."""

import pytest
from browser import browser, chromium, known, page, path  # noqa: F401
from pages import HOSTILE

from w2v_cli.pictures.draw import explore

pytestmark = pytest.mark.timeout(120)


@pytest.mark.parametrize("part", ["", "#renderer=webgl", "#renderer=canvas"])
def test_it_loads_without_an_error_and_asks_for_nothing_but_itself(browser, path, part):
    browser.open(path, part)
    assert [url for url in browser.requests() if not url.startswith("data:")] == [path.as_uri()]
    own = [e for e in browser.errors() if "GPU stall" not in e and "software WebGL" not in e]
    assert own == []
    assert browser.run("return window.w2v.frames()") > 0


@pytest.mark.parametrize(
    ("smuggled", "complaint"),
    [
        ("<img src='https://example.invalid/x.png' alt=''>", "img-src"),
        ("<script>document.title = 'broken'</script>", "script-src"),
        ("<p style='color: red'>x</p>", "style-src"),
        ("<link rel='stylesheet' href='https://example.invalid/x.css'>", "style-src"),
        ("<iframe src='https://example.invalid/'></iframe>", "default-src"),
    ],
)
def test_what_is_smuggled_into_the_file_is_blocked_and_noticed(
    browser, path, tmp_path, smuggled, complaint
):
    (tmp_path / "bad.html").write_text(
        path.read_text().replace("<noscript>", smuggled + "<noscript>")
    )
    browser.open(tmp_path / "bad.html")
    assert all(blocked for url, blocked in browser.requests().items() if url.startswith("http"))
    assert complaint in " ".join(browser.errors())
    assert browser.run("return document.title") == "Tea & <i>coffee</i>"


def test_a_request_by_script_is_blocked_and_noticed(browser, path):
    browser.open(path)
    outcome = browser.driver.execute_async_script(
        "const done = arguments[0];"
        "fetch('https://example.invalid/').then(() => done('sent'), () => done('blocked'))"
    )
    assert outcome == "blocked"
    assert "connect-src" in " ".join(browser.errors())
    assert all(blocked for url, blocked in browser.requests().items() if url.startswith("http"))


def test_hostile_words_are_text_wherever_they_appear(page):
    for word in HOSTILE:
        page.run("goTo(page.words.indexOf(arguments[0]))", word)
        page.wait()
        assert page.text("#card-word") == word
        page.press("\ue00c", "/", *word[:6])
        assert word in page.texts("#suggestions li > :first-child")
        page.press("\ue00c", "\ue00c")
    assert page.run("return document.querySelectorAll('script').length") == 3
    assert page.run("return document.querySelectorAll('img').length") == 0


def test_in_a_notebook_s_frame_the_page_works_and_asks_for_nothing(browser, known, tmp_path):
    inline = explore(known, known.words[:20], groups=2)._repr_html_()
    (tmp_path / "notebook.html").write_text(f"<!doctype html><meta charset=utf-8>{inline}")
    browser.open(tmp_path / "notebook.html")
    browser.sleep(300)
    assert not any(url.startswith("http") for url in browser.requests())
    assert browser.errors() == []
    browser.driver.switch_to.frame(0)
    assert browser.run("return [window.w2v.frames() > 0, page.n, innerHeight]") == [True, 20, 600]
