// The map: vectors on a fixed plane, and the step of the pair as arrows that lead to where it goes.

const SVG = "http://www.w3.org/2000/svg";
const SIDE = 360; // of the drawing, in its own units
/** `axes`: two orthogonal unit vectors; `reach`: the largest coordinate that fits. */
const plane = { axes: [], reach: 1, share: 1 };

function svg(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

/** Choose the plane of largest variance of the centre vectors; with D = 2 it is the space itself. */
function chooseAxes() {
  const D = choice.dim, n = model.V.length;
  const unit = (i) => zeros(D).map((_, j) => (i === j ? 1 : 0));
  Object.assign(plane, { axes: [unit(0), unit(1)], share: 1, reach: 0 });
  if (D === 2 || !n) return;
  const mean = model.V.reduce((sum, v) => plus(sum, v, 1 / n), zeros(D));
  const rows = model.V.map((v) => plus(v, mean, -1));
  const spread = (axis) => rows.reduce((sum, r) => plus(sum, r, dot(r, axis)), zeros(D));
  const total = rows.reduce((sum, r) => sum + dot(r, r), 0);
  let kept = 0;
  plane.axes = [0, 1].map((which, _, all) => { // power iteration; the second axis stays off the first
    let axis = unit(which).map((x, i) => x + 0.01 * (i + 1));
    for (let round = 0; round < 200; round++) {
      let next = spread(axis);
      if (which) next = plus(next, all.first, -dot(next, all.first));
      const length = Math.sqrt(dot(next, next)) || 1;
      axis = next.map((x) => x / length);
    }
    if (!which) all.first = axis;
    kept += dot(spread(axis), axis);
    return axis;
  });
  plane.share = total ? kept / total : 1;
}

const onPlane = (vector) => plane.axes.map((axis) => dot(axis, vector));
const onScreen = ([x, y]) => [
  SIDE / 2 + (x / plane.reach) * SIDE * 0.44, SIDE / 2 - (y / plane.reach) * SIDE * 0.44];

/** The plane grows with the vectors and never shrinks, so that a step is seen as a step. */
function fitReach() {
  const far = [...model.V, ...model.U].flatMap(onPlane).map(Math.abs);
  const most = Math.max(...far, 0.3);
  if (most > plane.reach) plane.reach = most * 1.15;
}

function arrow(from, to, name) {
  const [x, y] = onScreen(from), [toX, toY] = onScreen(to);
  const length = Math.hypot(toX - x, toY - y);
  if (length < 5) return [];
  const [dx, dy] = [(toX - x) / length, (toY - y) / length], head = Math.min(7, length * 0.6);
  const at = (back, side) => `${toX - back * dx - side * dy} ${toY - back * dy + side * dx}`;
  return [svg("path", { class: `arrow ${name}`, "data-s": { step: "gv", of: "gu" }[name] ?? name,
    d: `M${x} ${y}L${toX} ${toY}M${at(head, head / 2)}L${toX} ${toY}L${at(head, -head / 2)}` })];
}

function drawMap(now) {
  fitReach();
  const lr = choice.lr, [zeroX, zeroY] = onScreen([0, 0]);
  const parts = [
    svg("path", { class: "axis", d: `M0 ${zeroY}H${SIDE}M${zeroX} 0V${SIDE}` }),
  ];
  const boxes = [];
  if ($("crosses").checked) parts.push(...outsideMarks(now, boxes));
  parts.push(...centerMarks(now, boxes));
  if ($("crosses").checked) {
    for (const [w, gradient] of now.gradOutside) {
      if (isCrowded() && w !== now.o && now.kind === "softmax") continue;
      parts.push(...arrow(onPlane(model.U[w]), onPlane(plus(model.U[w], gradient, -lr)), "of"));
    }
  }
  const from = onPlane(now.v), to = (vector) => onPlane(plus(now.v, vector, lr));
  parts.push(...arrow(from, to(now.pull), "pull"), ...arrow(from, to(now.push), "push"),
    ...arrow(from, to(plus(now.pull, now.push)), "step"));
  const image = $("map").firstElementChild ?? $("map").appendChild(
    svg("svg", { viewBox: `0 0 ${SIDE} ${SIDE}`, role: "img" }));
  image.replaceChildren(...parts);
  image.setAttribute("aria-label", `Map of ${model.words.length} words. The step moves `
    + `${model.words[now.c]} from ${vectorText(from)} to ${vectorText(to(plus(now.pull, now.push)))}.`);
  setText($("map-note"), mapNote());
}

const mapNote = () => (choice.dim === 2
  ? "Two numbers per vector: the map shows all there is. Arrows have their true length, step size included."
  : `One plane of ${choice.dim} dimensions: ${Math.round(plane.share * 100)} % of the variance of the centre `
    + "vectors when it was chosen (at the start, and whenever you pause).");

/** Words that the pair touches come first, then frequent ones; a name that would overlap is left out. */
function marks(now, boxes, rows, isFirst, make) {
  const order = model.words.map((_, w) => w).sort((a, b) => isFirst(b) - isFirst(a));
  const named = new Map();
  for (const w of order) {
    const [x, y] = onScreen(onPlane(rows[w])), width = 6.2 * [...model.words[w]].length + 4;
    const places = [[x + 6, y], [x - width - 6, y], [x - width / 2, y + 14], [x - width / 2, y - 14]];
    const boxAt = ([left, middle]) => [left, middle - 7, left + width, middle + 7];
    const isFree = (box) => box[0] > 0 && box[2] < SIDE && boxes.every(
      (b) => box[2] < b[0] || box[0] > b[2] || box[3] < b[1] || box[1] > b[3]);
    const place = places.find((at) => isFree(boxAt(at))) ?? null;
    if (place) boxes.push(boxAt(place));
    named.set(w, { x, y, place });
  }
  return order.reverse().flatMap((w) => make(w, named.get(w)));
}

const label = (w, { place }, name, keys) => (place === null ? []
  : [svg("text", { x: place[0], y: place[1] + 4, class: name, "data-s": keys }, model.words[w])]);

function centerMarks(now, boxes) {
  return marks(now, boxes, model.V, (w) => Number(w === now.c), (w, at) => {
    const name = w === now.c ? "dot center" : "dot", keys = w === now.c ? "v" : "";
    return [svg("circle", { cx: at.x, cy: at.y, r: w === now.c ? 5.5 : 4, class: name, "data-s": keys }),
      ...label(w, at, name, keys)];
  });
}

/** Among many words only the outside vectors that matter most are shown. */
const isCrowded = () => model.words.length > 60;

function outsideMarks(now, boxes) {
  const rank = (w) => 2 * Number(w === now.o) + Number(now.kind === "negatives" && now.gradOutside.has(w));
  return marks(now, boxes, model.U, rank, (w, at) => {
    if (isCrowded() && !rank(w)) return [];
    const name = `cross ${["", "drawn", "true"][Math.min(2, rank(w))]}`;
    const keys = rowKeys(now, w, now.rows.indexOf(w));
    const d = `M${at.x - 3.5} ${at.y - 3.5}l7 7m0 -7l-7 7`;
    return [svg("path", { d, class: name, "data-s": keys }), ...(rank(w) ? label(w, at, name, keys) : [])];
  });
}

function startMap() {
  const key = (name, text) => { const item = element("li", text); item.className = name; return item; };
  $("map-key").replaceChildren(
    key("dot", "● centre vectors v"), key("cross", "× outside vectors u"),
    key("pull", "→ pull: outside word"), key("push", "→ push: the others"),
    key("step", "→ both: the step of v"), key("of", "→ the steps of u"));
  $("crosses").addEventListener("change", draw);
}
