"""The pages in a browser: `python tests/bench/page_frames.py [explain]`. Needs Chromium; a minute.

Writes a page of synthetic words in clusters, opens it in a headless Chromium without a graphics
processor, moves the map for five seconds in each way to draw, and prints frames per second.
With `explain`: the page of `w2v explain` instead, its size, and steps per second, each drawn.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "pictures" / "page"))
from browser import Browser, start_chromium

from w2v_cli.pictures.page.explanation import SENTENCES, write_explanation
from w2v_cli.pictures.page.page_data import PageData, PageGroups, Plane, page_of
from w2v_cli.pictures.page.page_file import write_page
from w2v_cli.vectors.word_vectors import WordVectors

WORDS = 50_000
DIM = 100
CLUSTERS = 40
ROUNDS = 3
#: Moves the map a little in each frame; gives [frames per second, 95 % of gaps, ms].
PAN = """
const done = arguments[0], {map, zoom, frames} = window.w2v;
const start = performance.now(), drawn = frames(), gaps = [];
let last = start;
const step = () => {
  const now = performance.now();
  gaps.push(now - last);
  last = now;
  if (now - start > 5000) {
    gaps.sort((a, b) => a - b);
    return done([(frames() - drawn) / (now - start) * 1000, gaps[Math.floor(gaps.length * 0.95)]]);
  }
  map.call(zoom.translateBy, 12 * Math.sin((now - start) / 400), 9 * Math.cos((now - start) / 400));
  requestAnimationFrame(step);
};
requestAnimationFrame(step);
"""


def synthetic() -> PageData:
    """Return the page of words in clusters, in space and in the plane."""
    rng = np.random.default_rng(0)
    cluster = rng.integers(CLUSTERS, size=WORDS)
    middles = rng.standard_normal((CLUSTERS, DIM))
    matrix = middles[cluster] + rng.standard_normal((WORDS, DIM))
    angle, far = 2.4 * cluster, np.sqrt(cluster + 1)
    plane = np.stack([np.cos(angle) * far, np.sin(angle) * far], axis=1)
    plane += rng.normal(size=(WORDS, 2)) * 0.35
    words = [f"word{i}" for i in range(WORDS)]
    counts = (1e7 / np.arange(1, WORDS + 1)).astype(np.int64)
    groups = PageGroups([f"cluster {i}" for i in range(CLUSTERS)], cluster)
    started = time.perf_counter()
    known = WordVectors(words, matrix.astype(np.float32), counts)
    page = page_of(known, words, [Plane("Clusters", plane)], groups=groups)
    print(f"neighbours of {WORDS:,} words: {time.perf_counter() - started:.1f} s")
    return page


#: Draws each step of the page that explains for five seconds; gives steps per second.
STEPS = """
const done = arguments[0], start = performance.now();
let steps = 0;
const step = () => {
  const seconds = (performance.now() - start) / 1000;
  if (seconds > 5) return done(steps / seconds);
  w2v.takeStep();
  w2v.draw();
  steps++;
  requestAnimationFrame(step);
};
requestAnimationFrame(step);
"""


def explain() -> None:
    """Measure the page of `w2v explain`, with its own text and with one of 300 words."""
    rng = np.random.default_rng(0)
    words = [f"word{i}" for i in rng.zipf(1.3, 300) % 170]
    texts = {
        "own text": SENTENCES,
        "300 words": "\n".join(map(" ".join, np.array_split(words, 15))),
    }
    with tempfile.TemporaryDirectory() as folder:
        driver = start_chromium(Path(folder) / "profile")
        try:
            browser = Browser(driver)
            for name, text in texts.items():
                path = Path(folder) / "explain.html"
                write_explanation(path, text)
                browser.open(path, "#8")
                ready = browser.run(
                    "return performance.getEntriesByType('navigation')[0].loadEventEnd"
                )
                rounds = [driver.execute_async_script(STEPS) for _ in range(ROUNDS)]
                print(
                    f"{name}: {path.stat().st_size / 1000:.0f} KB, loaded in {ready:.0f} ms,"
                    f" {median(rounds):.0f} steps/s, each drawn; load {os.getloadavg()[0]:.1f}"
                )
        finally:
            driver.quit()


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        data = synthetic()
        started = time.perf_counter()
        write_page(path, data)
        seconds = time.perf_counter() - started
        print(f"file: {path.stat().st_size / 1e6:.1f} MB, written in {seconds:.2f} s")
        driver = start_chromium(Path(folder) / "profile")
        try:
            browser = Browser(driver)
            driver.set_script_timeout(60)
            print(driver.capabilities["browserVersion"], "1280 x 800, load", os.getloadavg()[0])
            for way in ("canvas", "webgl"):
                browser.open(path, f"#renderer={way}")
                ready = browser.run(
                    "return performance.getEntriesByType('navigation')[0].loadEventEnd"
                )
                rounds = [driver.execute_async_script(PAN) for _ in range(ROUNDS)]
                print(
                    f"{way}: loaded in {ready:.0f} ms,"
                    f" {median(r[0] for r in rounds):.0f} frames/s,"
                    f" 95 % of frames within {median(r[1] for r in rounds):.0f} ms,"
                    f" load {os.getloadavg()[0]:.1f}"
                )
        finally:
            driver.quit()


if __name__ == "__main__":
    explain() if sys.argv[1:] == ["explain"] else main()
