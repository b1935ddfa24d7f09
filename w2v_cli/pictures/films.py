"""Frames to a file: an animated GIF, or one HTML file with a slider that needs no network."""

import base64
import html
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from w2v_cli.storage.atomic import atomic_write

_MILLISECONDS = 80
_LAST_MILLISECONDS = 2500

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ margin: 0 auto; max-width: 1100px; font: 16px sans-serif; text-align: center }}
img {{ width: 100%; height: auto }}
input {{ width: 70%; vertical-align: middle }}
</style>
<img id="frame" alt="words on their way from noise to clusters">
<p><button id="play">pause</button>
<input id="at" type="range" min="0" max="{last}" value="0" aria-label="training"></p>
<script>
const frames = [{frames}];
const frame = document.getElementById("frame"), at = document.getElementById("at");
const play = document.getElementById("play");
let wait = 0;
function show() {{ frame.src = "data:image/png;base64," + frames[at.value]; }}
function playing() {{ return play.textContent === "pause"; }}
setInterval(() => {{
  if (!playing() || wait-- > 0) return;
  if (+at.value === {last}) wait = 30;
  at.value = (+at.value + 1) % {count};
  show();
}}, {milliseconds});
at.oninput = () => {{ play.textContent = "play"; show(); }};
play.onclick = () => {{ play.textContent = playing() ? "play" : "pause"; }};
show();
</script>
</html>
"""


@dataclass(frozen=True)
class Film:
    """Frames, each uint8 (height, width, 3), and a title for the page."""

    frames: Iterable[NDArray[np.uint8]]
    title: str = ""

    def save(self, path: Path) -> None:
        """Write a .gif or an .html file, by the name's ending, whole or not at all."""
        images = [
            Image.fromarray(frame).quantize(64, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
            for frame in self.frames
        ]
        with atomic_write(path) as file:
            if path.suffix.lower() == ".html":
                file.write(_page(images, self.title).encode("utf-8"))
            else:
                _write_gif(file, images)


def _write_gif(file: BinaryIO, images: list[Image.Image]) -> None:
    durations = [_MILLISECONDS] * (len(images) - 1) + [_LAST_MILLISECONDS]
    images[0].save(
        file, format="GIF", save_all=True, append_images=images[1:], duration=durations, loop=0
    )


def _page(images: list[Image.Image], title: str) -> str:
    return _PAGE.format(
        title=html.escape(title or "word vectors"),
        frames=",".join(f'"{_png(image)}"' for image in images),
        last=len(images) - 1,
        count=len(images),
        milliseconds=_MILLISECONDS,
    )


def _png(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, format="PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode("ascii")
