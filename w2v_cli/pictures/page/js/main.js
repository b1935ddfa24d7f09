// Puts the parts together: zoom, pointer, start.

const map = d3.select($("marks"));
const zoom = d3.zoom().scaleExtent([0.4, 400])
  .filter((event) => !event.button && !lassoOn && !event.shiftKey
    && (!event.ctrlKey || event.type === "wheel"))
  .on("zoom", ({ transform: { k, x, y } }) => { Object.assign(view, { k, x, y }); redrawMoving(); });

const glide = (milliseconds) => (calm.matches ? map : map.transition().duration(milliseconds));
const middle = () => { const { x, y } = freeArea(); return [x, y]; };
const zoomBy = (factor) => glide(200).call(zoom.scaleBy, factor, middle());
const panBy = (dx, dy) => map.call(zoom.translateBy, dx / view.k, dy / view.k);
const showAll = () => glide(500).call(zoom.transform, d3.zoomIdentity);

/** Pin a word and bring it into sight, with most of its neighbours on the page. */
function goTo(i) {
  setPin(i);
  const free = freeArea(), wide = !narrow.matches, unit = frame().scale / view.k;
  const toX = wide ? free.x - 120 : free.x, toY = wide ? free.y : free.y - free.height * 0.22;
  const far = page.nearest(i).filter(({ id }) => id >= 0).map(({ id }) => Math.hypot(
    at[2 * id] - at[2 * i], at[2 * id + 1] - at[2 * i + 1])).sort((a, b) => a - b);
  const most = far[Math.floor(0.7 * (far.length - 1))];
  const reach = 0.4 * Math.min(free.width - (wide ? 240 : 0), wide ? free.height : free.height / 2);
  const near = Math.max(1, Math.sqrt(page.n) / 7); // so near that some other words stay in sight
  const fits = far.length ? reach / (unit * Math.max(most, 1e-6)) : near;
  const k = Math.min(near, Math.max(1, fits));
  const x = at[2 * i] * unit + free.x, y = free.y - at[2 * i + 1] * unit;
  glide(700).call(zoom.transform, d3.zoomIdentity.translate(toX - k * x, toY - k * y).scale(k));
}

function switchTheme() {
  setTheme(!theme.dark);
  afterTheme();
}

function afterTheme() {
  showLegend();
  showCard();
  repaint();
}

function startPointer() {
  const canvas = $("marks");
  let waiting = null;
  const look = () => {
    if (!waiting) return;
    const { x, y } = waiting;
    waiting = null;
    const i = pick(x, y, 5);
    $("side").classList.toggle("low", x > view.width - 330 && y < view.height * 0.55);
    setHover(i >= 0 ? i : labelAt(x, y));
  };
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || event.buttons || state.path) return;
    if (!waiting) requestAnimationFrame(look);
    waiting = { x: event.clientX, y: event.clientY };
  });
  canvas.addEventListener("pointerleave", () => { waiting = null; setHover(-1); });
  canvas.addEventListener("click", (event) => {
    if (justDrawn) { justDrawn = false; return; }
    if (lassoOn || event.shiftKey) return;
    const finger = event.pointerType === "touch";
    const i = pick(event.clientX, event.clientY, finger ? 18 : 5);
    const target = i >= 0 ? i : labelAt(event.clientX, event.clientY);
    if (target !== state.pin) setPin(target);
    $("panel").classList.remove("open");
    $("more").setAttribute("aria-expanded", "false");
  });
}

function startTools() {
  $("zoom-in").addEventListener("click", () => zoomBy(1.6));
  $("zoom-out").addEventListener("click", () => zoomBy(1 / 1.6));
  $("fit").addEventListener("click", showAll);
  $("theme").addEventListener("click", switchTheme);
  $("help").addEventListener("click", () => $("help-box").showModal());
  $("more").addEventListener("click", () => {
    const isOpen = $("panel").classList.toggle("open");
    $("more").setAttribute("aria-expanded", String(isOpen));
  });
}

/** `#renderer=webgl` or `#renderer=canvas` after the address overrides the choice. */
function startDots() {
  const wish = /renderer=(\w+)/.exec(location.hash)?.[1];
  try {
    dots = wish !== "canvas" && webglDots($("dots"), wish === "webgl");
  } catch (error) {
    console.warn("WebGL does not work here; drawing without it.", error);
  }
  if (!dots) dots = canvasDots(freshCanvas());
  $("dots").addEventListener("webglcontextlost", () => {
    dots = canvasDots(freshCanvas());
    dots.show(state.shown);
    repaint();
  });
}

/** A canvas that was asked for WebGL cannot be drawn on otherwise: put a new one in its place. */
function freshCanvas() {
  const fresh = $("dots").cloneNode();
  $("dots").replaceWith(fresh);
  return fresh;
}

function start() {
  const fit = () => { resize([$("dots"), $("marks")]); redraw(); };
  startDots();
  followSystem(afterTheme);
  const first = page.planes[0];
  at.set(first.at);
  Object.assign(view, { spanX: first.spanX, spanY: first.spanY });
  $("note").textContent = first.note;
  dots.place();
  [startPlanes, startGroups, startFrequency, startSearch, startCard, startLasso, startPointer,
    startTools, startKeys].forEach((begin) => begin());
  fit();
  refilter();
  repaint();
  map.call(zoom);
  window.addEventListener("resize", fit);
}

start();
/** A handle for tests and for the console. */
window.w2v = {
  page, view, state, zoom, map, screenOf: (word) => screenOf(page.words.indexOf(word)),
  labels: () => placedLabels, frames: () => framesDrawn, renderer: () => dots.name,
};
