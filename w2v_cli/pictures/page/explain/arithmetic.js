// The mathematics of one pair, without any drawing: a twin of `w2v_cli/equations`, number by number.

const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const plus = (a, b, factor = 1) => a.map((value, i) => value + factor * b[i]);
const zeros = (n) => new Array(n).fill(0);

/** σ(x) = 1 / (1 + e⁻ˣ), by exponentials of negative numbers only. */
function sigmoid(x) {
  const e = Math.exp(-Math.abs(x));
  return (x >= 0 ? 1 : e) / (1 + e);
}

const logSigmoid = (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));

/** softmax(x), and log Σ exp(x): the largest exponential is e⁰, so that nothing overflows. */
function softmax(x) {
  const top = Math.max(...x);
  const exponentials = x.map((score) => Math.exp(score - top));
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  return { probabilities: exponentials.map((e) => e / total), logTotal: top + Math.log(total) };
}

/** J = −log ŷ_o with ŷ = softmax(U v_c): each word of the vocabulary is an answer. */
function naiveSoftmax(v, o, U) {
  const rows = U.map((_, w) => w);
  const scores = U.map((u) => dot(u, v));
  const { probabilities, logTotal } = softmax(scores);
  const truth = rows.map((w) => (w === o ? 1 : 0));
  return { loss: logTotal - scores[o], ...slopes(v, U, rows, scores, probabilities, truth) };
}

/** J = −log σ(u_o·v_c) − Σ_k log σ(−u_k·v_c): the outside word and K draws, repetitions kept. */
function negativeSampling(v, o, negatives, U) {
  const rows = [o, ...negatives];
  const scores = rows.map((w) => dot(U[w], v));
  const truth = rows.map((_, s) => (s === 0 ? 1 : 0));
  const loss = -scores.reduce((sum, x, s) => sum + logSigmoid(truth[s] ? x : -x), 0);
  return { loss, ...slopes(v, U, rows, scores, scores.map(sigmoid), truth) };
}

/**
 * The gradients of either loss: products with the error δ = prediction − truth.
 * ∂J/∂v_c = Σ_s δ_s u_s, and each row of ∂J/∂U is the sum of its δ_s v_c: repeated rows add up.
 * `pull` is the step of descent that the true word makes v_c take, `push` that of the others.
 */
function slopes(v, U, rows, scores, predicted, truth) {
  const error = predicted.map((p, s) => p - truth[s]);
  const gradOutside = new Map();
  let pull = zeros(v.length), push = zeros(v.length);
  rows.forEach((w, s) => {
    gradOutside.set(w, plus(gradOutside.get(w) ?? zeros(v.length), v, error[s]));
    if (truth[s]) pull = plus(pull, U[w], -error[s]);
    else push = plus(push, U[w], -error[s]);
  });
  const gradCenter = plus(pull, push).map((value) => -value);
  return { rows, scores, predicted, truth, error, gradCenter, gradOutside, pull, push };
}

function lossOf(kind, v, o, negatives, U) {
  return kind === "softmax" ? naiveSoftmax(v, o, U) : negativeSampling(v, o, negatives, U);
}

/** The slope of the loss along one number, by moving it both ways: no formula of a gradient. */
function measuredSlope(kind, v, o, negatives, U, row, i, h = 1e-5) {
  const lossAt = (shift) => {
    const moved = (vector) => vector.map((value, j) => (j === i ? value + shift : value));
    if (row === "center") return lossOf(kind, moved(v), o, negatives, U).loss;
    return lossOf(kind, v, o, negatives, U.map((u, w) => (w === row ? moved(u) : u))).loss;
  };
  const above = lossAt(h), below = lossAt(-h);
  return { above, below, slope: (above - below) / (2 * h) };
}

// Randomness: Philox 4×32-10 (Salmon et al. 2011). A draw depends on its place only, not on what
// was drawn before: steps can be taken back and again.

/** The high and the low half of the product of two whole numbers below 2³². */
function wideProduct(a, b) {
  const low = a & 0xffff, high = a >>> 16, lowB = b & 0xffff, highB = b >>> 16;
  const middle = low * highB + ((low * lowB) >>> 16);
  const carried = high * lowB + (middle % 65536);
  const top = high * highB + Math.floor(middle / 65536) + Math.floor(carried / 65536);
  return [top >>> 0, Math.imul(a, b) >>> 0];
}

function philox(counter, key) {
  let [a, b, c, d] = counter, [k, l] = key;
  for (let round = 0; round < 10; round++) {
    const [highA, lowA] = wideProduct(0xd2511f53, a), [highC, lowC] = wideProduct(0xcd9e8d57, c);
    [a, b, c, d] = [(highC ^ b ^ k) >>> 0, lowC, (highA ^ d ^ l) >>> 0, lowA];
    [k, l] = [(k + 0x9e3779b9) >>> 0, (l + 0xbb67ae85) >>> 0];
  }
  return [a, b, c, d];
}

const PURPOSES = { center: 0, outside: 1, negative: 2 };

/** A number from 0 to 1, 1 excluded, with 53 bits. */
function uniform(seed, purpose, place, more = 0) {
  const [a, b] = philox([place, more, PURPOSES[purpose], 0], [seed, 0]);
  return ((a >>> 5) * 67108864 + (b >>> 6)) / 9007199254740992;
}

/** Draw K words in proportion to `weights`; the outside word itself is never drawn. */
function drawNegatives(seed, step, o, K, weights) {
  const total = weights.reduce((sum, weight, w) => sum + (w === o ? 0 : weight), 0);
  return Array.from({ length: total > 0 ? K : 0 }, (_, k) => {
    let rest = uniform(seed, "negative", step, k) * total;
    const found = weights.findIndex((weight, w) => w !== o && (rest -= weight) < 0);
    return found >= 0 ? found : weights.findLastIndex((_, w) => w !== o);
  });
}
