"""What a test does with a page: open, point, press, read. All of it through real events."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pages import N, page_data, vectors

from w2v_cli.pictures.page.page_file import write_page


class Browser:
    """A page in Chromium. Words are addressed by themselves."""

    def __init__(self, driver) -> None:
        self.driver = driver
        self.phone(False)
        self.theme("light")

    def phone(self, on: bool) -> None:
        """Take the size, the scale and the fingers of a phone, or those of a desk."""
        size = (390, 844, 2) if on else (1280, 800, 1)
        metrics = dict(zip(("width", "height", "deviceScaleFactor"), size, strict=True))
        self._cdp("Emulation.setDeviceMetricsOverride", mobile=on, **metrics)
        self._cdp("Emulation.setTouchEmulationEnabled", enabled=on, maxTouchPoints=5 if on else 1)

    def theme(self, name: str, motion: str = "reduce") -> None:
        """Let the system ask for a light or a dark page, and as a rule for no motion."""
        features = [("prefers-color-scheme", name), ("prefers-reduced-motion", motion)]
        self._cdp(
            "Emulation.setEmulatedMedia", features=[{"name": n, "value": v} for n, v in features]
        )

    def open(self, path: Path, part: str = "") -> None:
        """Load a file; the logs then hold what happened since."""
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(path.as_uri() + part)
        self.wait()

    def run(self, script: str, *arguments: object) -> Any:
        """Return what `return …` in the script gives."""
        return self.driver.execute_script(script, *arguments)

    def wait(self) -> None:
        """Wait until the next two frames are drawn."""
        self.driver.execute_async_script(
            "const done = arguments[0];"
            "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 30)))"
        )

    def sleep(self, milliseconds: int) -> None:
        """Let the page run."""
        self.driver.execute_async_script("setTimeout(arguments[1], arguments[0])", milliseconds)

    def errors(self) -> list[str]:
        """Return the warnings and errors of the console."""
        entries = self.driver.get_log("browser")
        return [e["message"] for e in entries if e["level"] in ("SEVERE", "WARNING")]

    def requests(self) -> dict[str, bool]:
        """Return the addresses that the page asked for, and whether its policy blocked them."""
        messages = [json.loads(e["message"])["message"] for e in self.driver.get_log("performance")]
        asked, blocked = {}, set()
        for message in messages:
            if message["method"] == "Network.requestWillBeSent":
                asked[message["params"]["requestId"]] = message["params"]["request"]["url"]
            elif message["params"].get("blockedReason") == "csp":
                blocked.add(message["params"]["requestId"])
        return {url: key in blocked for key, url in asked.items()}

    def at(self, word: str) -> tuple[float, float]:
        """Return where the dot of a word lies on the screen."""
        x, y = self.run("return window.w2v.screenOf(arguments[0])", word)
        return x, y

    def mouse(self, kind: str, x: float, y: float, **more: object) -> None:
        """Move, press or release the mouse."""
        self._cdp("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def hover(self, word: str) -> None:
        """Move the mouse to a word."""
        self.mouse("mouseMoved", *self.at(word))
        self.wait()

    def click(self, x: float, y: float) -> None:
        """Click at a place."""
        self.mouse("mouseMoved", x, y)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(kind, x, y, button="left", clickCount=1)
        self.wait()

    def drag(self, path: list[tuple[float, float]]) -> None:
        """Press at the first place, move along, release at the last."""
        self.mouse("mouseMoved", *path[0])
        self.mouse("mousePressed", *path[0], button="left", clickCount=1)
        for x, y in path[1:]:
            self.mouse("mouseMoved", x, y, button="left", buttons=1)
        self.mouse("mouseReleased", *path[-1], button="left", clickCount=1)
        self.wait()

    def touch(self, kind: str, *places: tuple[float, float]) -> None:
        """Put fingers down, move them or lift them."""
        points = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(places)]
        self._cdp("Input.dispatchTouchEvent", type=kind, touchPoints=points)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, on whatever has the focus."""
        from selenium.webdriver import ActionChains

        ActionChains(self.driver).send_keys(*keys).perform()
        self.wait()

    def text(self, selector: str) -> str:
        """Return the text of the first element."""
        return self.run("return document.querySelector(arguments[0]).textContent", selector)

    def texts(self, selector: str) -> list[str]:
        """Return the texts of all elements."""
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)",
            selector,
        )

    def is_visible(self, selector: str) -> bool:
        """Tell whether the element takes room on the screen."""
        return self.run(
            "return document.querySelector(arguments[0]).getClientRects().length > 0", selector
        )

    def _cdp(self, command: str, **parameters: object) -> None:
        self.driver.execute_cdp_cmd(command, parameters)


def start_chromium(folder: Path):
    """Start a headless Chromium with a profile of its own, or skip the test without one."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    chromium = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    chromedriver = shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("Chromium or chromedriver is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "headless=new",
        "disable-gpu",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "window-size=1280,800",
        f"user-data-dir={folder}",
        *(["no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ):
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(chromedriver))


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """One browser for all tests of a file."""
    driver = start_chromium(tmp_path_factory.mktemp("chromium"))
    yield driver
    driver.quit()


@pytest.fixture
def browser(chromium) -> Browser:
    """A browser as a test wants it: light, on a desk, its logs empty."""
    return Browser(chromium)


@pytest.fixture(scope="module")
def known():
    """The vectors of the page."""
    return vectors()


@pytest.fixture(scope="module")
def path(known, tmp_path_factory) -> Path:
    """The file of a page of its first 40 words."""
    path = tmp_path_factory.mktemp("page") / "plot.html"
    write_page(path, page_data(known, N))
    return path


@pytest.fixture
def page(browser, path):
    """That page, open; at the end the console must be empty and the title what it was."""
    browser.open(path)
    yield browser
    assert browser.errors() == []
    assert browser.run("return document.title") == "Tea & <i>coffee</i>"


def card(page):
    rows = page.run(
        "return [...document.querySelectorAll('#card-nearest li > *')]"
        ".map((row) => ['b', 'small'].map((part) => row.querySelector(part).textContent))"
    )
    return [(word, float(score)) for word, score in rows]


def assert_nearest(page, known, word):
    assert page.text("#card-word") == word
    expected = known.neighbors(word, 10)
    assert [w for w, _ in card(page)] == [near.word for near in expected]
    np.testing.assert_allclose(
        [score for _, score in card(page)], [near.score for near in expected], atol=0.0051
    )


def labels(browser):
    pairs = browser.run("return window.w2v.labels().map(({ i, box }) => [page.words[i], box])")
    return dict(pairs)
