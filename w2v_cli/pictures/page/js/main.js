// Puts the parts together: zoom, pointer, start.

const map = d3.select($("marks"));
const zoom = d3.zoom().scaleExtent([0.4, 400])
  .filter((event) => !event.button && !lassoOn && !event.shiftKey
    && (!event.ctrlKey || event.type === "wheel"))
  .on("zoom", ({ transform: { k, x, y } }) => { Object.assign(view, { k, x, y }); redrawMoving(); });

const glide = (milliseconds) => (calm.matches ? map : map.transition().duration(milliseconds));
const middle = () => { const { x, y } = freeArea(); return [x, y]; };
const zoomBy = (factor) => glide(200).call(zoom.scaleBy, factor, middle());
const panBy = (dx, dy) => glide(120).call(zoom.translateBy, dx / view.k, dy / view.k);
const showAll = () => glide(500).call(zoom.transform, d3.zoomIdentity);

/** Pin a word and bring it and its neighbours into sight. */
function goTo(i) {
  setPin(i);
  const free = freeArea(), f = frame(), unit = f.scale / view.k;
  const k = Math.min(60, Math.max(view.k, Math.sqrt(page.n) / 9, 1));
  const small = view.width <= 720;
  const toY = small ? free.y - free.height * 0.2 : free.y;
  const x = at[2 * i] * unit + free.x, y = free.y - at[2 * i + 1] * unit;
  glide(700).call(zoom.transform, d3.zoomIdentity.translate(free.x - k * x, toY - k * y).scale(k));
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
    const { x, y } = waiting;
    waiting = null;
    const i = pick(x, y, 5);
    setHover(i >= 0 ? i : labelAt(x, y));
  };
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerType === "touch" || event.buttons || state.path) return;
    if (!waiting) requestAnimationFrame(look);
    waiting = { x: event.clientX, y: event.clientY };
  });
  canvas.addEventListener("pointerleave", () => setHover(-1));
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
  const canvas = $("dots");
  dots = (wish !== "canvas" && webglDots(canvas, wish === "webgl")) || canvasDots(canvas);
  canvas.addEventListener("webglcontextlost", () => {
    const fresh = canvas.cloneNode();
    canvas.replaceWith(fresh);
    dots = canvasDots(fresh);
    dots.show(state.shown);
    repaint();
  }, { once: true });
}

function start() {
  const fit = () => { resize([$("dots"), $("marks")]); redraw(); };
  startDots();
  followSystem(afterTheme);
  const first = page.planes[0];
  at.set(first.at);
  Object.assign(view, { spanX: first.spanX, spanY: first.spanY });
  $("note").textContent = [first.note, page.note].filter(Boolean).join(" ");
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
