// What is trained, on which pair, and how far: text, vectors, the pair at hand, steps and the way back.

const given = JSON.parse(document.getElementById("page-data").textContent);

/** What the reader chose. `draws`: words to take as negatives instead of drawing them. */
const choice = {
  text: given.text, loss: "softmax", window: 2, K: 3, dim: 2, lr: 0.5, seed: 1, draws: "",
  hold: false, digits: 2,
};
/** `pairs`: places [centre, outside] in `tokens`; `at`: the pair at hand; `done`: what steps changed. */
const model = {
  words: [], counts: [], weights: [], tokens: [], lines: [], pairs: [], at: 0,
  V: [], U: [], step: 0, done: [], stored: 0, losses: [], start: null,
};
const MOST_STORED = 4e6; // numbers kept for the way back: some 100 MB, 40,000 steps of the own text
const MOST_TOKENS = 600;

/** Words as w2v's tokenizer `words` finds them: letters, digits, inner apostrophes and hyphens. */
const WORD = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:['’\-][\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;

/** Read the text: each line is a document, which no window leaves. */
function readText() {
  const lines = choice.text.toLowerCase().split("\n").map((line) => line.match(WORD) ?? []);
  const counts = new Map((model.start?.words ?? []).map((word) => [word, 0]));
  const running = [];
  lines.forEach((line, l) => line.forEach((word) => {
    if (running.length === MOST_TOKENS) return;
    counts.set(word, (counts.get(word) ?? 0) + 1);
    running.push({ word, line: l });
  }));
  const words = [...counts.keys()];
  if (!model.start) words.sort((a, b) => counts.get(b) - counts.get(a)); // ties: as they come
  const id = new Map(words.map((word, w) => [word, w]));
  model.words = words;
  model.counts = words.map((word) => counts.get(word));
  model.weights = model.counts.map((count) => count ** given.noise_power);
  model.tokens = running.map(({ word }) => id.get(word));
  model.lines = running.map(({ line }) => line);
}

/** All pairs in the order of the text; keep the centre that is at hand. */
function listPairs() {
  const center = model.pairs[model.at]?.[0] ?? 0;
  const { tokens, lines } = model, m = choice.window;
  model.pairs = tokens.flatMap((_, t) => {
    const places = Array.from({ length: 2 * m + 1 }, (_, j) => t - m + j);
    return places.filter((p) => p !== t && lines[p] === lines[t]).map((p) => [t, p]);
  });
  model.at = Math.max(0, model.pairs.findIndex(([t]) => t >= center));
}

/** Begin again: the text is read, and all vectors are drawn or, for an example, given. */
function restart() {
  readText();
  const draw = (purpose) => model.words.map((_, w) => Array.from({ length: choice.dim },
    (_, i) => 2 * uniform(choice.seed, purpose, w, i) - 1));
  const { start } = model;
  const fits = start && start.words.length === model.words.length && start.V[0].length === choice.dim;
  model.V = fits ? start.V.map((row) => [...row]) : draw("center");
  model.U = fits ? start.U.map((row) => [...row]) : draw("outside");
  Object.assign(model, { step: 0, done: [], stored: 0, losses: [], pairs: [], at: 0 });
  listPairs();
  // A first pair that says something: not with the most frequent word, such as “the”.
  const telling = model.pairs.findIndex((pair) => pair.every((place) => model.tokens[place] !== 0));
  model.at = Math.max(0, telling);
}

/** Take the worksheet's example: its words, vectors, pair and draws. */
function takeExample(example) {
  model.start = example;
  Object.assign(choice, { text: example.text, dim: example.V[0].length, window: 2 });
  choice.draws = example.draws.join(" ");
  restart();
  const isPair = ([t, p]) => model.words[model.tokens[t]] === example.center
    && model.words[model.tokens[p]] === example.outside;
  model.at = Math.max(0, model.pairs.findIndex(isPair));
}

const typedDraws = () => choice.draws.toLowerCase().match(WORD) ?? [];

/** The negatives of the pair at hand: those that were typed, or drawn for this step. */
function negativesNow(o) {
  const typed = typedDraws().map((word) => model.words.indexOf(word)).filter((w) => w >= 0 && w !== o);
  if (typed.length) return typed;
  return drawNegatives(choice.seed, model.step, o, choice.K, model.weights);
}

/** The pair at hand before its step, with both losses; null if the text has no pair. */
function pairNow(kind = choice.loss) {
  const pair = model.pairs[model.at];
  if (!pair) return null;
  const [c, o] = pair.map((place) => model.tokens[place]);
  const negatives = negativesNow(o), v = model.V[c];
  return { kind, c, o, negatives, v, ...lossOf(kind, v, o, negatives, model.U) };
}

/** One step of descent on the pair at hand; all gradients are taken before any vector moves. */
function takeStep() {
  const now = pairNow();
  if (!now) return null;
  const { c, v, loss, gradCenter, gradOutside } = now;
  const outside = [...gradOutside.keys()].map((w) => [w, model.U[w]]);
  remember({ at: model.at, center: [[c, v]], outside, isStep: true });
  noteLoss(now.kind, loss);
  model.V[c] = plus(v, gradCenter, -choice.lr);
  for (const [w, gradient] of gradOutside) model.U[w] = plus(model.U[w], gradient, -choice.lr);
  model.step++;
  if (!choice.hold) model.at = (model.at + 1) % model.pairs.length;
  return now;
}

/** Change one vector by hand; `back` undoes this, too. */
function setVector(name, w, vector) {
  const rows = [[w, model[name][w]]];
  const before = name === "V" ? { center: rows, outside: [] } : { center: [], outside: rows };
  remember({ at: model.at, ...before, isStep: false });
  model[name][w] = vector;
}

/** Losses of one kind in a row, with their sum so far: the mean of any stretch is one difference. */
function noteLoss(kind, loss) {
  const last = model.losses.at(-1), goesOn = last?.kind === kind;
  model.losses.push({ kind, loss, sum: loss + (goesOn ? last.sum : 0), first: goesOn ? last.first : model.losses.length });
}

function remember(entry) {
  const size = ({ center, outside }) => 20 + (center.length + outside.length) * choice.dim;
  model.done.push(entry);
  model.stored += size(entry);
  if (model.stored < MOST_STORED) return;
  const dropped = model.done.splice(0, Math.ceil(model.done.length / 4));
  model.stored -= dropped.reduce((sum, old) => sum + size(old), 0);
}

/** Undo the last step or change: the very numbers from before are put back. */
function takeBack() {
  const last = model.done.pop();
  if (!last) return false;
  for (const [w, row] of last.center) model.V[w] = row;
  for (const [w, row] of last.outside) model.U[w] = row;
  model.at = Math.min(last.at, Math.max(0, model.pairs.length - 1));
  if (last.isStep) { model.step--; model.losses.pop(); }
  return true;
}
