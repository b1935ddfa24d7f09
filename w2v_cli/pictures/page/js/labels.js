// Which words get a label, and where: frequent words first, and no two overlap.

const LONGEST = 26; // characters of a word that its label shows
const FEW = 100; // on a page of so few words a label may cover a dot
const TILE = 64; // pixels; a label is compared only with those of the same tiles
const MARGIN = 120; // labels are placed this far beyond the window, so that panning is calm

const labelText = (text, longest = LONGEST) => {
  const letters = Array.from(text);
  return letters.length > longest ? `${letters.slice(0, longest - 1).join("")}…` : text;
};
const fontSize = (i) => Math.round((page.n <= 60 ? 14 : 12) + 3 * share[i]);
const fontOf = (size, weight = 450) => `${weight} ${size}px ${FONTS}`;
const FONTS = getComputedStyle(document.documentElement).fontFamily;
const widths = new Float32Array(page.n);

function widthOf(context, i) {
  if (!widths[i]) {
    context.font = fontOf(fontSize(i));
    widths[i] = context.measureText(labelText(page.words[i])).width;
  }
  return widths[i];
}

/** Boxes [left, top, right, bottom] that can say whether a further one is free. */
function boxes() {
  const tiles = new Map();
  const keys = function* (box) {
    for (let x = Math.floor(box[0] / TILE); x <= box[2] / TILE; x++) {
      for (let y = Math.floor(box[1] / TILE); y <= box[3] / TILE; y++) yield x * 65536 + y;
    }
  };
  return {
    add(box) {
      for (const key of keys(box)) {
        const tile = tiles.get(key);
        if (tile) tile.push(box); else tiles.set(key, [box]);
      }
    },
    isFree(box) {
      for (const key of keys(box)) {
        for (const other of tiles.get(key) ?? []) {
          if (box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]) {
            return false;
          }
        }
      }
      return true;
    },
  };
}

/** Where the label of a dot may stand: right, left, above, below, then the corners. */
function sides(x, y, r, width, height) {
  const gap = r + 3, half = height / 2, corner = r * 0.7 + 1;
  const options = [
    [x + gap, y - half], [x - gap - width, y - half],
    [x - width / 2, y - gap - height + 2], [x - width / 2, y + gap - 2],
    [x + corner, y - corner - height + 3], [x - corner - width, y - corner - height + 3],
    [x + corner, y + corner - 3], [x - corner - width, y + corner - 3],
  ].map(([left, top]) => [left, top, left + width, top + height]);
  const inside = (box) => box[0] > 2 && box[2] < view.width - 2;
  return x > 0 && x < view.width ? options.filter(inside) : options;
}

/** Word numbers to try, in order: `first`, those in the lasso, then the others by frequency. */
function* candidates(first) {
  const done = new Set(first);
  yield* first;
  for (const i of state.chosen ?? []) if (!done.has(i)) { done.add(i); yield i; }
  for (const i of page.byFrequency) if (state.isShown[i] && !done.has(i)) yield i;
}

/**
 * Place labels: [{i, box}]. Labels of `first` come first; those of `must` are never left out.
 * A label keeps clear of labels and labelled dots, and where few words are in sight of all dots.
 */
function placeLabels(context, f, first, must, taken) {
  const labels = boxes(), dots = boxes(), placed = [];
  taken.forEach((box) => labels.add(box));
  const inSight = (x, y) => x > -MARGIN && y > -MARGIN / 2
    && x < view.width + MARGIN && y < view.height + MARGIN / 2;
  const visible = [];
  let tried = 0;
  for (const i of candidates(first)) {
    const [x, y] = screenOf(i, f);
    if (inSight(x, y)) visible.push([i, x, y, radiusOf(i)]);
    if (visible.length >= 5000) break;
  }
  const few = visible.length <= 1200;
  const each = few ? 4000 : taken.length ? 20000 : 7500; // pixels² per label
  const most = Math.max(first.length, (view.width * view.height) / each);
  if (few) for (const [, x, y, r] of visible) dots.add([x - r, y - r, x + r, y + r]);
  for (const [i, x, y, r] of visible) {
    if (placed.length >= most || tried > 3000) break;
    tried++;
    const options = sides(x, y, r, widthOf(context, i), fontSize(i) + 3);
    const free = options.filter((box) => labels.isFree(box));
    const lenient = !few || page.n <= FEW || tried <= first.length;
    const box = free.find((option) => !few || dots.isFree(option))
      ?? (lenient ? free[0] : null) ?? (must.includes(i) ? options[0] : null);
    if (!box) continue;
    labels.add(box);
    labels.add([x - r, y - r, x + r, y + r]);
    placed.push({ i, box });
  }
  return placed;
}
