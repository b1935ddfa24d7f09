"""The page in Chromium, on a phone."""

import numpy as np
import pytest
from browser import assert_nearest, browser, chromium, known, path  # noqa: F401

pytestmark = pytest.mark.timeout(120)


def test_a_phone_shows_all_of_it_to_fingers(browser, path, known):
    browser.phone(True)
    browser.open(path)
    assert browser.run("return document.documentElement.scrollWidth") == 390
    assert not browser.is_visible("#options")
    x, y = browser.at("word25")
    browser.touch("touchStart", (x, y))
    browser.touch("touchEnd")
    browser.wait()
    assert_nearest(browser, known, "word25")
    sheet = browser.run(
        "const r = document.getElementById('card').getBoundingClientRect();"
        "return [r.left, r.right, r.top, r.bottom]"
    )
    assert sheet[0] >= 0
    assert sheet[1] <= 390
    assert sheet[2] > 420
    assert sheet[3] <= 844
    small = browser.run("""return [...document.querySelectorAll("button")]
      .filter((b) => b.getClientRects().length && b.getBoundingClientRect().height < 32)
      .map((b) => b.id)""")
    assert small == []


def test_a_finger_draws_the_lasso(browser, path, known):
    browser.phone(True)
    browser.open(path)
    browser.run("document.getElementById('lasso').click()")
    x, y = browser.at("word20")
    corners = [(x - 20, y - 20), (x + 20, y - 20), (x + 20, y + 20), (x - 20, y + 20)]
    browser.touch("touchStart", corners[0])
    for corner in (*corners[1:], corners[0]):
        browser.touch("touchMove", corner)
    browser.touch("touchEnd")
    browser.wait()
    assert browser.run("return document.getElementById('chosen-words').value") == "word20"
    assert browser.text("#chosen-count") == "1 word in the lasso"
    np.testing.assert_allclose(browser.at("word20"), [x, y])
    browser.run("document.getElementById('copy').click()")
    browser.sleep(300)
    assert browser.text("#copy") == "Copied"


def test_two_fingers_zoom_and_one_moves(browser, path):
    browser.phone(True)
    browser.open(path)
    x, y = browser.at("word20")
    browser.touch("touchStart", (195, 300))
    browser.touch("touchMove", (215, 330))
    browser.touch("touchMove", (225, 340))
    browser.touch("touchEnd")
    browser.wait()
    np.testing.assert_allclose(browser.at("word20"), [x + 30, y + 40], atol=1)
    browser.touch("touchStart", (150, 400), (240, 400))
    browser.touch("touchMove", (120, 400), (270, 400))
    browser.touch("touchMove", (105, 400), (285, 400))
    browser.touch("touchEnd")
    browser.wait()
    assert browser.run("return window.w2v.view.k") == pytest.approx(2, abs=0.05)
    assert browser.errors() == []
