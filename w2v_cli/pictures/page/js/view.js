// Where a point of the projection lies on the screen.

const view = { width: 1, height: 1, ratio: 1, k: 1, x: 0, y: 0, spanX: 1, spanY: 1, moving: false };
/** Positions of the words now: those of a projection, or on the way from one to another. */
const at = new Float32Array(2 * page.n);

/** Small screens, where panels lie above and below the map; `page.css` says the same. */
const narrow = window.matchMedia("(max-width: 860px) and (min-height: 500px)");

/** The part of the window that no panel covers. */
function freeArea() {
  const wide = !narrow.matches;
  const left = wide ? 280 : 12, top = wide ? 16 : 112;
  const right = view.width - (wide ? 92 : 12), bottom = view.height - 16;
  return { x: (left + right) / 2, y: (top + bottom) / 2, width: right - left, height: bottom - top };
}

/** Screen = (x · scale + left, top − y · scale), in CSS pixels. */
function frame() {
  const free = freeArea();
  const unit = 0.45 * Math.min(free.width / view.spanX, free.height / view.spanY);
  return { scale: view.k * unit, left: view.x + view.k * free.x, top: view.y + view.k * free.y };
}

function screenOf(i, f = frame()) {
  return [at[2 * i] * f.scale + f.left, f.top - at[2 * i + 1] * f.scale];
}

/** Radius of each dot at zoom 1: more for frequent words, less where there are many. */
const share = new Float32Array(page.n);
const radii = (() => {
  const base = Math.min(7, Math.max(1.6, 22 / page.n ** 0.25));
  if (!page.counts) return new Float32Array(page.n).fill(base);
  const log = Float32Array.from(page.counts, (count) => Math.log(Math.max(count, 1)));
  const low = log[page.byFrequency[page.n - 1]], high = log[page.byFrequency[0]];
  return log.map((value, i) => {
    share[i] = high > low ? (value - low) / (high - low) : 0.5;
    return base * (0.75 + 0.9 * share[i]);
  });
})();
const growth = () => Math.min(4, Math.max(1, view.k) ** 0.3)
  * Math.min(1, Math.max(0.6, Math.min(view.width, view.height) / 700));
const radiusOf = (i) => Math.min(16, radii[i] * growth());

function resize(canvases) {
  view.width = window.innerWidth;
  view.height = window.innerHeight;
  view.ratio = Math.min(2, window.devicePixelRatio || 1);
  for (const canvas of canvases) {
    canvas.width = Math.round(view.width * view.ratio);
    canvas.height = Math.round(view.height * view.ratio);
  }
}
