// What is shown and what stands out. Every change goes through here and ends in a redraw.

const state = {
  plane: 0, limit: page.n, groupOn: (page.groups?.names ?? []).map(() => true), restOn: true,
  isShown: new Uint8Array(page.n), shown: new Uint32Array(0), middles: [],
  hover: -1, pin: -1, chosen: null, path: null, flying: false, lit: null,
};
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
const colors = new Uint8Array(4 * page.n);
let dots = null, redrawing = false, dotsStale = true, framesDrawn = 0, resting = 0;

/** Draw everything in the next frame. */
function redraw() {
  dotsStale = true;
  redrawMarks();
}

/** Draw in the next frame what lies over the dots. */
function redrawMarks() {
  if (redrawing) return;
  redrawing = true;
  requestAnimationFrame(() => {
    redrawing = false;
    framesDrawn++;
    const f = frame();
    if (dotsStale) dots.draw(f);
    dotsStale = false;
    drawMarks($("marks").getContext("2d"), f);
  });
}

/** The map moves: draw it in haste now, and with care as soon as it rests. */
function redrawMoving() {
  view.moving = true;
  clearTimeout(resting);
  resting = setTimeout(() => { view.moving = false; redraw(); }, 160);
  redraw();
}

/** The words that stand out, as something with `has`; null where none does. */
function strongWords() {
  if (state.pin >= 0) return new Set(focusWords());
  if (state.chosen || state.lit === null) return state.chosen;
  return { has: (i) => page.groupOf(i) === state.lit };
}

/** Give the dots their colours; beside words that stand out the others stand back. */
function repaint() {
  const strong = strongWords();
  const usual = 230, back = page.n > 5000 ? 26 : 50;
  const parts = new Map();
  for (let i = 0; i < page.n; i++) {
    const group = page.groupOf(i);
    if (!parts.has(group)) parts.set(group, rgb(groupColor(group)));
    colors.set(parts.get(group), 4 * i);
    colors[4 * i + 3] = !strong ? usual : strong.has(i) ? 255 : back;
  }
  dots.paint(colors);
  redraw();
}

/** Show the words that the filters let through; frequent words are drawn last, on top. */
function refilter() {
  const shown = [];
  for (let place = page.n - 1; place >= 0; place--) {
    const i = page.byFrequency[place], group = page.groupOf(i);
    const on = place < state.limit && (group < 0 ? state.restOn : state.groupOn[group]);
    state.isShown[i] = on ? 1 : 0;
    if (on) shown.push(i);
  }
  state.shown = Uint32Array.from(shown);
  if (state.hover >= 0 && !state.isShown[state.hover]) state.hover = -1;
  if (state.chosen) setChosen([...state.chosen].filter((i) => state.isShown[i]));
  findMiddles();
  dots.show(state.shown);
  $("subtitle").textContent = state.shown.length === page.n ? `${number(page.n)} words`
    : `${number(state.shown.length)} of ${number(page.n)} words`;
  redraw();
}

/** The median of each group's shown words: where its name stands. */
function findMiddles() {
  const members = new Map();
  for (const i of state.shown) {
    const group = page.groupOf(i);
    if (group < 0) continue;
    if (!members.has(group)) members.set(group, []);
    members.get(group).push(i);
  }
  const median = (list, axis) =>
    Float32Array.from(list, (i) => at[2 * i + axis]).sort()[list.length >> 1];
  state.middles = [...members].sort((a, b) => b[1].length - a[1].length)
    .map(([group, list]) => ({ group, x: median(list, 0), y: median(list, 1) }));
}

function setHover(i) {
  if (i === state.hover) return;
  state.hover = i;
  $("marks").classList.toggle("over", i >= 0);
  showCard();
  redrawMarks();
}

function setPin(i) {
  state.hover = -1;
  state.pin = i;
  if (i >= 0) {
    const near = page.nearest(i).map(({ word }) => word).join(", ");
    say(`${page.words[i]} pinned. Nearest: ${near || "none"}`);
  }
  showCard();
  repaint();
}

function setChosen(words) {
  state.chosen = words && words.length ? new Set(words) : null;
  showChosen();
  repaint();
}

/** The shown word nearest to a place on the screen, at most `reach` pixels from its rim; or -1. */
function pick(x, y, reach) {
  const f = frame();
  let best = -1, least = Infinity;
  for (const i of state.shown) {
    const dx = at[2 * i] * f.scale + f.left - x, dy = f.top - at[2 * i + 1] * f.scale - y;
    const far = dx * dx + dy * dy;
    if (far <= least) { least = far; best = i; }
  }
  return best >= 0 && Math.sqrt(least) <= radiusOf(best) + reach ? best : -1;
}

/** The word whose label is at this place on the screen, or -1. */
function labelAt(x, y) {
  const hit = placedLabels.find(({ box }) => x > box[0] && x < box[2] && y > box[1] && y < box[3]);
  return hit ? hit.i : -1;
}

/** Move the words to another projection, each on a straight line. */
function setPlane(index) {
  state.plane = index;
  const to = page.planes[index], from = Float32Array.from(at);
  const { spanX, spanY } = view;
  $("note").textContent = to.note;
  const step = (t) => {
    for (let j = 0; j < at.length; j++) at[j] = from[j] + (to.at[j] - from[j]) * t;
    view.spanX = spanX + (to.spanX - spanX) * t;
    view.spanY = spanY + (to.spanY - spanY) * t;
    dots.place();
    redrawMoving();
  };
  state.timer?.stop();
  const finish = () => { state.flying = false; step(1); findMiddles(); };
  if (calm.matches) return finish();
  state.flying = true;
  state.timer = d3.timer((elapsed) => {
    if (elapsed < 800) return step(d3.easeCubicInOut(elapsed / 800));
    state.timer.stop();
    return finish();
  });
  return undefined;
}
