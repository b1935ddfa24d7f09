// The formulas of the pair, each with its live numbers underneath.

/** [what it says, formula, numbers of the pair] for naive softmax. */
const SOFTMAX = [
  ["The score of a word is the product of two vectors.", "xw = uw · v", (n) => [
    "x of ", [n.word(n.o), "xo"], " = ", [n.u(n.o), "uo"], " · ", [n.vector, "v"], " = ", [n.x(0), "xo"]]],
  ["Softmax makes probabilities of all scores.", "po = ex", (n) => [
    [n.p(), "po"], " = e", element("sup", n.x(0)), " / ", [n.total(), "x"]]],
  ["The loss is small if the true word was expected. All other terms have y = 0.",
    "J = − sumw yw log pw = − log po", (n) => [
    [n.loss, "J"], " = −log ", [n.p(), "po"]]],
  ["The error: the slope of J for each score. All that follows is a product with it.", "gxw = pw − yw", (n) => [
    `for ${n.word(n.w)}: `, [n.errorOf(n.w), n.w === n.o ? "eo" : "e"], " = ", [n.pOf(n.w), "p"], " − ",
    [n.w === n.o ? "1" : "0", "y"]]],
  ["The centre vector is in each score, times u: what was expected, minus what was seen.",
    "gv = sumw ( pw − yw ) uw = sumw pw uw − uo , gv = UT ( p − yy )",
    (n) => [[n.gradient, "gv"], " = ", [n.expected(), "p"], " − ", [n.u(n.o), "uo"]]],
  ["Each outside vector is in one score, times v: its error times the centre vector.",
    "guw = ( pw − yw ) v , gU = ( p − yy ) vT", (n) => [
    ["∂J/∂u ", "gu"], `of ${n.word(n.w)}: `, [n.gradientOf(n.w), "gu"], " = (", [n.pOf(n.w), "p"], " − ",
    [n.w === n.o ? "1" : "0", "y"], ") · ", [n.vector, "v"]]],
];

const NEGATIVES = [
  ["The score of an answer is the product of two vectors.", "xw = uw · v", SOFTMAX[0][2]],
  ["σ makes each score the probability of “yes, it stood there”.", "so = sig", (n) => [
    [n.p(), "po"], " = 1 / (1 + e", element("sup", digits(-n.scores[0])), ")"]],
  ["The loss: “yes” for the outside word, “no” for each draw.", "J = − log so − sumk log snk", (n) => [
    [n.loss, "J"], " = −log ", [n.p(), "po"], ...n.negatives.flatMap((_, k) => [
      " − log ", [digits(1 - n.predicted[k + 1]), "p"]])]],
  ["The error of each answer, which all gradients reuse: label y is 1 for the outside word, 0 for a draw.",
    "gxo = so − 1 , gxk = sk", (n) => [
      ...n.rows.flatMap((w, s) => [`${s ? ", " : ""}${n.word(w)} `, [digits(n.error[s]), s ? "e" : "eo"]])]],
  ["The centre vector: all answers, each times its error.", "gv = ( so − 1 ) uo + sumk sk uk", (n) => [
    [n.gradient, "gv"], " = ", [digits(n.error[0]), "eo"], " ", [n.u(n.o), "uo"],
    ...n.negatives.flatMap((k, s) => [" + ", [digits(n.error[s + 1]), "e"], " ", [n.u(k), "uk"]])]],
  ["The outside word, and each draw: a word drawn n times counts n times.",
    "guo = ( so − 1 ) v , guk = nk sk v", (n) => n.gradOutside.has(n.w) ? [
      ["∂J/∂u ", "gu"], `of ${n.word(n.w)}: `, [n.gradientOf(n.w), "gu"], " = ",
      ...(n.w === n.o ? ["(", [n.p(), "po"], " − ", ["1", "y"], ")"]
        : [[String(timesDrawn(n, n.w)), "nk"], " · ", [n.pOf(n.w), "p"]]), " · ", [n.vector, "v"]]
      : [`u of ${n.word(n.w)} is no answer of this pair: it does not change.`]],
];

const STEPS = [
  ["The step goes against the gradient.", "v ← v − rate gv", (n) => [
    [n.vector, "v"], " − ", [digits(choice.lr), "rate"], " ", [n.gradient, "gv"], " = ",
    [vectorText(plus(n.v, n.gradCenter, -choice.lr)), "after"]]],
  ["", "uw ← uw − rate guw", (n) => [
    `${n.word(n.w)}: `, [n.u(n.w), "uw"], " − ", [digits(choice.lr), "rate"], " ", [n.gradientOf(n.w), "gu"], " = ",
    vectorText(plus(model.U[n.w], n.gradOutside.get(n.w) ?? zeros(choice.dim), -choice.lr))]],
];

/** The pair with its numbers as text. */
function written(now) {
  const zero = zeros(choice.dim), place = (w) => now.rows.indexOf(w);
  return {
    ...now, w: shown.word, word: (w) => model.words[w], u: (w) => vectorText(model.U[w]),
    vector: vectorText(now.v), gradient: vectorText(now.gradCenter),
    loss: digits(now.loss), x: (s) => digits(now.scores[s]), p: () => digits(now.predicted[place(now.o)]),
    pOf: (w) => digits(now.predicted[place(w)] ?? 0),
    total: () => digits(now.scores.reduce((sum, x) => sum + Math.exp(x), 0)),
    expected: () => vectorText(now.rows.reduce((sum, w, s) => plus(sum, model.U[w], now.predicted[s]), zero)),
    errorOf: (w) => digits(now.error[place(w)] ?? 0),
    gradientOf: (w) => vectorText(now.gradOutside.get(w) ?? zero),
    ...(now.kind === "softmax" ? { x: () => digits(now.scores[now.o]) } : {}),
  };
}

let formulasOf = "";

function drawFormulas(now) {
  const lines = [...(now.kind === "softmax" ? SOFTMAX : NEGATIVES), ...STEPS];
  const list = $("formula-list");
  if (formulasOf !== now.kind) {
    formulasOf = now.kind;
    list.replaceChildren(...lines.map(([says, text]) => {
      const item = element("li"), line = element("p", "", { class: "formula" });
      line.append(...text.split(" , ").map(formula));
      item.append(element("p", says, { class: "says" }), line, element("p", "", { class: "live" }));
      return item;
    }));
  }
  const numbers = written(now);
  lines.forEach(([, , live], i) => {
    const parts = live(numbers).flatMap((part) => (part instanceof Node ? [part] : pieces(part)));
    list.children[i].lastElementChild.replaceChildren(...parts);
  });
}
