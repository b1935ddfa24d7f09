// What lies over the dots: lines to neighbours, rings, labels, group names, the lasso.

let placedLabels = [];

function drawMarks(context, f) {
  context.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
  context.clearRect(0, 0, view.width, view.height);
  context.lineJoin = "round";
  const focus = state.hover >= 0 ? state.hover : state.pin;
  if (state.pin >= 0) drawLines(context, f, state.pin);
  const first = focusWords();
  for (const i of first) drawRing(context, f, i, i === focus || i === state.pin);
  if (state.path) drawPath(context);
  if (state.flying) return;
  const names = groupNames(context, f);
  placedLabels = placeLabels(context, f, first, [focus, state.pin], names.map((name) => name.box));
  drawLabels(context, new Set(first), focus);
  names.forEach((name) => drawName(context, name));
}

/** The word under the pointer, the pinned word and their neighbours on the page. */
function focusWords() {
  const words = new Set();
  for (const i of [state.hover, state.pin]) {
    if (i < 0) continue;
    words.add(i);
    for (const { id } of page.nearest(i)) if (id >= 0) words.add(id);
  }
  return [...words];
}

function drawLines(context, f, i) {
  const [x, y] = screenOf(i, f);
  context.strokeStyle = colorOf(i);
  for (const { id, cosine } of page.nearest(i)) {
    if (id < 0) continue;
    const [toX, toY] = screenOf(id, f);
    context.globalAlpha = 0.35 + 0.5 * Math.max(0, cosine);
    context.lineWidth = 0.8 + 1.2 * Math.max(0, cosine);
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(toX, toY);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** A full dot with a ring: also for words that the filters hide. */
function drawRing(context, f, i, strong) {
  const [x, y] = screenOf(i, f);
  const r = Math.max(3, radiusOf(i));
  context.beginPath();
  context.arc(x, y, r, 0, 2 * Math.PI);
  context.fillStyle = colorOf(i);
  context.fill();
  context.lineWidth = 1.5;
  context.strokeStyle = theme.paper;
  context.stroke();
  if (!strong) return;
  context.beginPath();
  context.arc(x, y, r + 3, 0, 2 * Math.PI);
  context.lineWidth = 2;
  context.strokeStyle = theme.ink;
  context.stroke();
}

function drawLabels(context, first, focus) {
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.strokeStyle = theme.paper;
  context.lineWidth = 3.5;
  const quiet = state.pin >= 0 || state.chosen;
  for (let j = placedLabels.length - 1; j >= 0; j--) {
    const { i, box } = placedLabels[j];
    const strong = first.has(i) || state.chosen?.has(i);
    context.globalAlpha = quiet && !strong ? 0.3 : 1;
    context.font = fontOf(fontSize(i), i === focus || i === state.pin ? 700 : 450);
    const text = labelText(page.words[i]);
    const y = (box[1] + box[3]) / 2;
    context.strokeText(text, box[0], y);
    context.fillStyle = theme.ink;
    context.fillText(text, box[0], y);
  }
  context.globalAlpha = 1;
}

/** Names of groups in the middle of their words, while the whole map is in sight. */
function groupNames(context, f) {
  if (!page.groups || page.n < 1000 || view.k > 1.8 || state.pin >= 0 || state.chosen) return [];
  context.font = fontOf(17, 700);
  const placed = boxes();
  return state.middles.flatMap(({ group, x, y }) => {
    const text = labelText(page.groups.names[group], 36);
    const half = context.measureText(text).width / 2 + 4;
    const sx = x * f.scale + f.left, sy = f.top - y * f.scale;
    const box = [sx - half, sy - 13, sx + half, sy + 13];
    if (!placed.isFree(box)) return [];
    placed.add(box);
    return [{ text, group, box }];
  });
}

function drawName(context, { text, group, box }) {
  context.font = fontOf(17, 700);
  context.globalAlpha = Math.min(1, Math.max(0, (1.8 - view.k) * 4));
  context.textAlign = "center";
  context.lineWidth = 6;
  context.strokeStyle = theme.paper;
  context.strokeText(text, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
  context.fillStyle = nameColor(group);
  context.fillText(text, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
  context.globalAlpha = 1;
}

function drawPath(context) {
  context.beginPath();
  state.path.forEach(([x, y]) => context.lineTo(x, y));
  context.closePath();
  context.globalAlpha = 0.1;
  context.fillStyle = theme.accent;
  context.fill();
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.strokeStyle = theme.accent;
  context.stroke();
}
