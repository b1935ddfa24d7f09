// Beside the pair: both losses compared, the gradient measured, and the functions by themselves.

const BIG = 1e6; // words of a real vocabulary

function drawBoth() {
  const n = model.words.length, D = choice.dim;
  $("both-columns").replaceChildren(...["softmax", "negatives"].map((kind) => {
    const now = pairNow(kind), column = element("div", "", { class: kind === choice.loss ? "column current" : "column" });
    const strip = element("div", "", { class: "strip", role: "img",
      "aria-label": `${now.gradOutside.size} of ${n} rows of U change` });
    strip.append(...model.words.map((word, w) => {
      const times = kind === "negatives" ? timesDrawn(now, w) : 0;
      const name = w === now.o ? "true" : now.gradOutside.has(w) ? "touched" : "";
      return element("i", times > 1 ? String(times) : "", { class: name, title: word });
    }));
    const rows = kind === "softmax" ? n : now.rows.length;
    const big = kind === "softmax" ? BIG : now.rows.length;
    column.append(element("h3", kind === "softmax" ? "Naive softmax" : "Negative sampling"), strip,
      facts([
        ["loss", digits(now.loss)],
        ["rows of U that change", `${now.gradOutside.size} of ${number(n)}`],
        ["products for the scores", `${number(rows)} × ${D} = ${number(rows * D)}`],
        [`with ${number(BIG)} words`, `${number(big)} × ${D} = ${number(big * D)}`],
        ["∂J/∂v of the centre", vectorText(now.gradCenter)],
      ]));
    return column;
  }));
}

function facts(lines) {
  const list = element("dl");
  for (const [name, value] of lines) {
    const line = element("div");
    line.append(element("dt", name), element("dd", value));
    list.append(line);
  }
  return list;
}

function fillRow(body, cells, name = "td") {
  const tr = element("tr");
  tr.append(...cells.map((text, i) => element(i ? name : "th", text, { scope: i && name === "td" ? "" : name === "th" ? "col" : "row" })));
  body.append(tr);
}

/** Compare each number of ∂J/∂v_c and of the chosen word's gradient with a measured slope. */
function checkGradient() {
  const now = pairNow(), w = shown.word, lines = [];
  const add = (name, row, formula) => formula.forEach((value, i) => {
    const measured = measuredSlope(now.kind, now.v, now.o, now.negatives, model.U, row, i);
    lines.push({ name: `${name}, number ${i + 1}`, value, ...measured });
  });
  add(`v of ${model.words[now.c]}`, "center", now.gradCenter);
  for (const row of new Set([now.o, w])) {
    add(`u of ${model.words[row]}`, row, now.gradOutside.get(row) ?? zeros(choice.dim));
  }
  const worst = Math.max(...lines.map(({ value, slope }) => Math.abs(value - slope)));
  const right = worst < 1e-6;
  return { lines, worst, right };
}

function showCheck() {
  const { lines, worst, right } = checkGradient(), table = $("check-table");
  table.hidden = false;
  table.tHead.replaceChildren();
  table.tBodies[0].replaceChildren();
  fillRow(table.tHead, ["number", "J above", "J below", "measured slope", "formula"], "th");
  for (const { name, above, below, slope, value } of lines) {
    fillRow(table.tBodies[0], [name, digits(above, 7), digits(below, 7), digits(slope, 6), digits(value, 6)]);
  }
  $("check-result").className = right ? "right" : "wrong";
  setText($("check-result"), right ? `The formula is right: the largest difference is ${worst.toExponential(0)}.`
    : `The formula and the slope differ by ${worst.toExponential(1)}.`);
}

/** The check belongs to one pair: another pair takes it away. */
function clearCheck() {
  if ($("check-table").hidden) return;
  $("check-table").hidden = true;
  setText($("check-result"), "");
}

// The functions alone.

const RULES = [
  "softmax(x)ᵢ = exp(xᵢ) / Σⱼ exp(xⱼ). A constant a added to all x cancels: exp(a) stands above and below. "
    + "Programs take a = −max x: the largest exponential is then 1, and none overflows (exp(710) would).",
  "∂ŷᵢ/∂xⱼ = ŷᵢ (δᵢⱼ − ŷⱼ), by the quotient rule; δᵢⱼ is 1 if i = j, else 0. With J = −log ŷ_o it gives ∂J/∂x = ŷ − y.",
  "σ(x) = 1 / (1 + e⁻ˣ), 1 − σ(x) = σ(−x), σ′(x) = σ(x) (1 − σ(x)). For a vector, each answer depends on its own x only: "
    + "the Jacobian is diagonal.",
  "Leaky ReLU is max(αx, x): slope 1 above 0, α below, none at 0, where the two sides differ.",
];

function drawFunctions() {
  if (!$("functions").firstElementChild.open) return;
  const list = parseNumbers($("x-input").value);
  const shift = parseNumber($("shift").value) || 0, alpha = parseNumber($("alpha").value) || 0;
  const x = (list.length ? list : [0]).map((value) => value + shift).slice(0, 12);
  const { probabilities: p } = softmax(x), table = $("function-table");
  table.tHead.replaceChildren();
  table.tBodies[0].replaceChildren();
  fillRow(table.tHead, ["x + a", "softmax", "σ", "σ′", "leaky ReLU", "its slope"], "th");
  x.forEach((value, i) => fillRow(table.tBodies[0], [digits(value), digits(p[i]), digits(sigmoid(value)),
    digits(sigmoid(value) * sigmoid(-value)), digits(Math.max(alpha * value, value)),
    value ? digits(value > 0 ? 1 : alpha) : "none"]));
  const jacobian = p.map((a, i) => p.map((b, j) => a * ((i === j ? 1 : 0) - b)));
  $("jacobian").tBodies[0].replaceChildren();
  jacobian.forEach((line, i) => fillRow($("jacobian").tBodies[0], [`ŷ${i + 1}`, ...line.map((value) => digits(value)),
    `sum ${digits(line.reduce((sum, value) => sum + value, 0))}`]));
}

function startChecks() {
  $("check").addEventListener("click", showCheck);
  $("function-rules").replaceChildren(...RULES.map((rule) => element("li", rule)));
  $("functions").firstElementChild.addEventListener("toggle", () => {
    if (!$("x-input").value) $("x-input").value = pairNow("softmax")?.scores.map((x) => digits(x, 3)).join(" ") ?? "1 2";
    drawFunctions();
  });
  for (const id of ["x-input", "shift", "alpha"]) $(id).addEventListener("input", drawFunctions);
}
