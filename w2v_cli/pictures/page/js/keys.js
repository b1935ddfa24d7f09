// The keyboard: everything that a pointer can do.

const STEP = 80; // pixels that an arrow key moves the map

function escape() {
  if (state.path || lassoOn) { state.path = null; setLasso(false); }
  else if (state.hover >= 0 && state.pin < 0) setHover(-1);
  else if (state.pin >= 0) setPin(-1);
  else if (state.chosen) setChosen(null);
  else $("panel").classList.remove("open");
  redraw();
}

function pinMiddle() {
  const { x, y } = freeArea();
  const i = pick(x, y, Infinity);
  if (i >= 0) setPin(i);
}

const KEYS = {
  "/": () => $("search").focus(),
  "+": () => zoomBy(1.6), "=": () => zoomBy(1.6), "-": () => zoomBy(1 / 1.6),
  "_": () => zoomBy(1 / 1.6), "0": () => showAll(),
  l: () => setLasso(!lassoOn), t: () => switchTheme(), "?": () => $("help-box").showModal(),
  p: () => choosePlane((state.plane + 1) % page.planes.length),
  Escape: escape,
};
const MAP_KEYS = {
  ArrowLeft: () => panBy(STEP, 0), ArrowRight: () => panBy(-STEP, 0),
  ArrowUp: () => panBy(0, STEP), ArrowDown: () => panBy(0, -STEP),
  Enter: pinMiddle, " ": pinMiddle,
};

function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("help-box").open) return;
    const onMap = event.target === $("marks") || event.target === document.body;
    const typing = event.target.matches("input[type=text], textarea");
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = (onMap && MAP_KEYS[key]) || ((!typing || key === "Escape") && KEYS[key]);
    if (!act) return;
    event.preventDefault();
    act();
  });
}
