// Formulas in MathML, and the link between a symbol and what it is on the page.
//
// Whatever shows a quantity carries its key in `data-s` ("v", "uo", "x" …): several, the closest
// first. What is under the pointer, or has the focus, lights up all that share its first key.

const MATH = "http://www.w3.org/1998/Math/MathML";

function math(name, children, key) {
  const made = document.createElementNS(MATH, name);
  made.append(...children);
  if (key) { made.dataset.s = key; made.classList.add("symbol"); }
  return made;
}

const mi = (text) => math("mi", [text]);
const mo = (text) => math("mo", [text]);
const sub = (base, index, key) => math("msub", [mi(base), mi(index)], key);
const row = (...children) => math("mrow", children);
const frac = (above, below, key) => math("mfrac", [above, below], key);

/** The symbols by their names in a formula; `key` is what they light up. */
const SYMBOLS = {
  v: () => sub("v", "c", "v"), vT: () => math("msubsup", [mi("v"), mi("c"), mi("⊤")], "v"),
  uo: () => sub("u", "o", "uo"), uw: () => sub("u", "w", "uw"), uk: () => sub("u", "k", "uk"),
  xo: () => sub("x", "o", "xo"), xw: () => sub("x", "w", "x"), xk: () => sub("x", "k", "xk"),
  po: () => math("msub", [hat("y"), mi("o")], "po"), pw: () => math("msub", [hat("y"), mi("w")], "p"),
  yw: () => sub("y", "w", "y"), J: () => math("mi", ["J"], "J"), rate: () => math("mi", ["η"], "rate"),
  nk: () => sub("n", "k", "nk"),
  gv: () => frac(row(mo("∂"), mi("J")), row(mo("∂"), sub("v", "c")), "gv"),
  guw: () => frac(row(mo("∂"), mi("J")), row(mo("∂"), sub("u", "w")), "gu"),
  guo: () => frac(row(mo("∂"), mi("J")), row(mo("∂"), sub("u", "o")), "guo"),
  guk: () => frac(row(mo("∂"), mi("J")), row(mo("∂"), sub("u", "k")), "gu"),
  gxw: () => slope("e", "w"), gxo: () => slope("eo", "o"), gxk: () => slope("e", "k"),
  gU: () => frac(row(mo("∂"), mi("J")), row(mo("∂"), mi("U")), "gu"),
  UT: () => math("msup", [mi("U"), mi("⊤")], "U"), p: () => math("mrow", [hat("y")], "p"), yy: () => math("mi", ["y"], "y"),
  sumw: () => math("munder", [mo("∑"), mi("w")]), sumk: () => math("munder", [mo("∑"), mi("k")]),
  sumrest: () => math("munder", [mo("∑"), row(mi("w"), mo("≠"), mi("o"))]),
  ex: () => frac(math("msup", [mi("e"), sub("x", "o")], "xo"),
    row(math("munder", [mo("∑"), mi("w")]), math("msup", [mi("e"), sub("x", "w")], "x"))),
  so: () => row(math("mi", ["σ"], "po"), mo("("), sub("x", "o", "xo"), mo(")")),
  sk: () => row(math("mi", ["σ"], "p"), mo("("), sub("x", "k", "xk"), mo(")")),
  snk: () => row(math("mi", ["σ"], "p"), mo("("), mo("−"), sub("x", "k", "xk"), mo(")")),
  sig: () => frac(math("mn", ["1"]), row(math("mn", ["1"]), mo("+"),
    math("msup", [mi("e"), row(mo("−"), sub("x", "o", "xo"))]))),
  log: () => mi("log"),
};
const slope = (key, index) => frac(row(mo("∂"), mi("J")), row(mo("∂"), sub("x", index)), key);
const hat = (text) => math("mover", [mi(text), mo("^")]);

/** A formula from words: names of `SYMBOLS`, numbers, and operators as they are. */
function formula(text) {
  const parts = text.split(" ").map((word) => SYMBOLS[word]?.()
    ?? (/^\d/.test(word) ? math("mn", [word]) : mo(word)));
  const made = math("math", [row(...parts)]);
  made.setAttribute("displaystyle", "true");
  return made;
}

// Numbers as text, with the decimals that the reader chose.

const digits = (x, places = choice.digits) =>
  (Math.abs(x) < 0.5 * 10 ** -places ? 0 : x).toFixed(places).replace("-", "−");
const vectorText = (vector) => `(${vector.map((x) => digits(x)).join(", ")})`;
const parseNumber = (text) => Number(text.trim().replace("−", "-").replace(",", ".") || NaN);
const parseNumbers = (text) => (text.replaceAll("−", "-").match(/-?\d*\.?\d+/g) ?? []).map(Number);

/** A piece of a line of numbers: plain text, or [text, key] for one that lights up. */
function pieces(...parts) {
  return parts.map((part) => {
    if (typeof part === "string") return part;
    const [text, key] = part;
    return element("span", text, { "data-s": key, class: "symbol value" });
  });
}

/** Change only what differs: the page is drawn many times a second. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function setKeys(node, keys) {
  if (node.dataset.s !== keys) node.dataset.s = keys;
}

function lightUp(target) {
  const key = target?.closest?.("[data-s]")?.dataset.s.split(" ")[0];
  for (const old of document.querySelectorAll(".lit")) old.classList.remove("lit");
  if (!key) return;
  for (const same of document.querySelectorAll(`[data-s~="${key}"]`)) same.classList.add("lit");
}

function startSymbols() {
  document.addEventListener("pointerover", (event) => lightUp(event.target));
  document.addEventListener("focusin", (event) => lightUp(event.target));
}
