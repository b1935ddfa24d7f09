// The tables: the centre vector before and after, and a row of U for each answer of the pair.

/** `word`: the row that formulas follow, the outside word unless the reader pinned one. */
const shown = { word: -1, isPinned: false, phase: "before" };

/** The rows of the table: [word, place among the answers of the pair, or -1 for a word untouched]. */
function tableRows(now) {
  const answers = now.rows.map((w, s) => [w, s]);
  const others = model.words.map((_, w) => w).filter((w) => !now.gradOutside.has(w));
  return [...answers, ...others.map((w) => [w, -1])];
}

/** How many of the draws are the word w. */
const timesDrawn = (now, w) => now.negatives.filter((k) => k === w).length;

const rowKeys = (now, w, s) => [
  w === now.o ? "uo" : s > 0 && now.kind === "negatives" ? "uk" : "", w === shown.word ? "uw" : "", "U",
].filter(Boolean).join(" ");

/** As many children as there are things to show; those that exist are used again. */
function resize(parent, n, make) {
  while (parent.childElementCount > n) parent.lastElementChild.remove();
  while (parent.childElementCount < n) parent.append(make(parent.childElementCount));
}

/** A number with its colour: blue below zero, orange above, paper at zero. */
function colorCell(cell, value, scale) {
  setText(cell, digits(value));
  const share = Math.min(1, Math.abs(value) / scale);
  cell.className = `cell ${value < 0 ? "below" : "above"}`;
  cell.style.setProperty("--share", `${Math.round(share * 72)}%`);
}

function drawCenter(now) {
  const body = $("center").tBodies[0], word = model.words[now.c], D = choice.dim;
  const change = now.gradCenter.map((value) => -choice.lr * value);
  const lines = [
    [`v of “${word}”`, now.v, "v"], ["gradient ∂J/∂v", now.gradCenter, "gv"], ["change −η ∂J/∂v", change, "dv"],
    ["after the step", plus(now.v, change), "after"],
  ];
  resize(body, lines.length, () => { const tr = element("tr"); tr.append(element("th", "", { scope: "row" })); return tr; });
  lines.forEach(([name, vector, key], line) => {
    const tr = body.rows[line];
    setText(tr.cells[0], name);
    setKeys(tr, key);
    resize(tr, D + 1, () => element("td"));
    vector.forEach((value, i) => {
      const cell = tr.cells[i + 1];
      colorCell(cell, value, 2);
      if (line) return;
      cell.tabIndex = 0;
      cell.dataset.edit = `V ${now.c} ${i}`;
      cell.setAttribute("aria-label", `v of ${word}, number ${i + 1}: ${digits(value)}. Enter changes it`);
    });
  });
}

const HEADS = {
  softmax: [["x", "x"], ["ŷ", "p"], ["y", "y"], ["ŷ − y", "e"]],
  negatives: [["x", "x"], ["σ(x)", "p"], ["y", "y"], ["σ − y", "e"]],
};

function makeRow() {
  const tr = element("tr"), head = element("th", "", { scope: "row" });
  const button = element("button", "", { type: "button" });
  button.append(element("bdi"), element("small"));
  head.append(button);
  tr.append(head);
  return tr;
}

function drawOutside(now) {
  const table = $("outside"), D = choice.dim, rows = tableRows(now);
  table.className = D > 3 ? "many" : "";
  const heads = [["word", ""], ...zeros(D).map((_, i) => [`u${i + 1}`, "U"]), ...HEADS[now.kind]];
  resize(table.tHead.rows[0], heads.length, () => element("th", "", { scope: "col" }));
  heads.forEach(([text, key], i) => {
    setText(table.tHead.rows[0].cells[i], text);
    setKeys(table.tHead.rows[0].cells[i], key);
  });
  resize(table.tBodies[0], rows.length, makeRow);
  rows.forEach(([w, s], place) => drawRow(table.tBodies[0].rows[place], now, w, s, D));
  setText($("chosen-word"), `u of “${model.words[shown.word]}”`);
  const touched = now.gradOutside.size, n = model.words.length;
  setText($("touched"), `This step changes ${number(touched)} of ${number(n)} rows of U`
    + `${now.kind === "softmax" ? ": every word is an answer" : ": the outside word and the draws"}`
    + `, and one row of V.${repeatNote(now)} Press a word to follow it; press a number to change it.`);
  const stamp = `${now.o} ${now.kind} ${rows.length}`;
  if (table.stamp !== stamp) { // another outside word: bring it into sight
    table.stamp = stamp;
    keepInSight($("outside-box"), table.tBodies[0].querySelector(".true"), 30);
  }
}

function repeatNote(now) {
  const twice = now.kind === "negatives" && now.negatives.find((k) => timesDrawn(now, k) > 1);
  return twice === false || twice === undefined ? ""
    : ` “${model.words[twice]}” was drawn ${timesDrawn(now, twice)} times: its equal terms add up`
    + " (in NumPy with np.add.at; grad[rows] += … would keep only one of them).";
}

function drawRow(tr, now, w, s, D) {
  const word = model.words[w], gradient = now.gradOutside.get(w);
  const slope = gradient ?? zeros(D), change = slope.map((value) => -choice.lr * value);
  const values = { before: model.U[w], gradient: slope, change, after: plus(model.U[w], change) }[shown.phase];
  const chosen = w === shown.word, times = s > 0 && now.kind === "negatives" ? timesDrawn(now, w) : 0;
  const className = [gradient ? "" : "untouched", w === now.o ? "true" : "", chosen ? "chosen" : ""].join(" ");
  if (tr.className !== className) tr.className = className;
  const button = tr.cells[0].firstChild;
  setText(button.firstChild, word);
  setText(button.lastChild, w === now.o ? " outside" : times > 1 ? ` drawn ${times}×` : times ? " drawn" : "");
  button.dataset.word = w;
  button.tabIndex = chosen ? 0 : -1;
  button.setAttribute("aria-pressed", String(chosen));
  resize(tr, D + 5, () => element("td"));
  const keys = rowKeys(now, w, s);
  setKeys(tr.cells[0], keys);
  const moves = shown.phase === "gradient" || shown.phase === "change";
  values.forEach((value, i) => {
    const cell = tr.cells[i + 1];
    colorCell(cell, value, moves ? 0.5 : 2);
    setKeys(cell, moves ? (w === now.o ? "guo gu" : "gu") : keys);
    const editable = shown.phase === "before";
    cell.dataset.edit = editable ? `U ${w} ${i}` : "";
    cell.tabIndex = chosen && editable ? 0 : -1;
    cell.setAttribute("aria-label", `u of ${word}, number ${i + 1}: ${digits(value)}`);
  });
  drawAnswer([...tr.cells].slice(D + 1), now, w, s);
}

/** Score, prediction, truth and error of one answer; empty for a word that this pair leaves alone. */
function drawAnswer([score, predicted, truth, error], now, w, s) {
  const values = s < 0 ? [] : [now.scores[s], now.predicted[s], now.truth[s], now.error[s]];
  const kind = s < 0 ? "" : w === now.o ? "o" : now.kind === "negatives" ? "k" : "";
  if (s >= 0) colorCell(score, values[0], 4);
  else { score.className = ""; setText(score, ""); }
  setText(truth, s < 0 ? "" : String(values[2]));
  setKeys(score, `${kind ? `x${kind} ` : ""}x`);
  setKeys(truth, "y");
  truth.className = values[2] ? "truth one" : "truth";
  drawBar(predicted, values[1], `${kind === "o" ? "po " : ""}p`, 0);
  drawBar(error, values[3], `${kind === "o" ? "eo " : ""}e`, 1);
}

/** A bar from 0 to 1, or with `signed` from −1 to 1, and the number beside it. */
function drawBar(cell, value, keys, signed) {
  setKeys(cell, keys);
  if (!cell.firstElementChild) cell.append(element("i", "", { "aria-hidden": "true" }), element("span"));
  const className = value === undefined ? "bar none" : `bar ${signed ? "signed" : "plain"} ${value < 0 ? "below" : "above"}`;
  if (cell.className !== className) cell.className = className;
  cell.style.setProperty("--share", `${Math.abs(value ?? 0) * 100}%`);
  setText(cell.lastElementChild, value === undefined ? "" : digits(value));
}

/** A number becomes a field; Enter or leaving it takes the new value, Escape does not. */
function editCell(cell) {
  if (!cell?.dataset.edit || cell.firstElementChild) return;
  const [name, w, i] = cell.dataset.edit.split(" ");
  const field = element("input", "", { type: "text", inputmode: "decimal", "aria-label": cell.getAttribute("aria-label") });
  field.value = String(model[name][w][i]);
  let over = false;
  const finish = (take) => {
    if (over) return;
    over = true;
    const value = parseNumber(field.value), vector = [...model[name][w]];
    cell.replaceChildren();
    if (take && Number.isFinite(value) && Math.abs(value) <= 100 && value !== vector[i]) {
      vector[i] = value;
      setVector(name, Number(w), vector);
    }
    draw();
  };
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter" || event.key === "Escape") { finish(event.key === "Enter"); cell.focus(); }
  });
  field.addEventListener("blur", () => finish(true));
  pause();
  cell.replaceChildren(field);
  field.select();
}

function chooseWord(w) {
  shown.isPinned = w !== shown.word || !shown.isPinned;
  shown.word = w;
  draw();
  $("outside").querySelector('button[tabindex="0"]')?.focus();
}

function scaleChosen(factor) {
  setVector("U", shown.word, model.U[shown.word].map((value) => value * factor));
  say(`u of ${model.words[shown.word]} is now ${vectorText(model.U[shown.word])}`);
  draw();
}

function startNumbers() {
  for (const table of [$("center"), $("outside")]) {
    table.addEventListener("click", ({ target }) => {
      const button = target.closest("[data-word]");
      if (button) chooseWord(Number(button.dataset.word));
      else editCell(target.closest("td[data-edit]"));
    });
  }
  document.addEventListener("keydown", (event) => {
    const cell = event.target.closest?.("td[data-edit]");
    if (cell && event.key === "Enter") { event.preventDefault(); editCell(cell); }
  });
  $("outside").addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const rows = [...$("outside").tBodies[0].rows];
    const next = by && rows[rows.indexOf(event.target.closest("tr")) + by];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    chooseWord(Number(next.cells[0].firstChild.dataset.word));
  });
  $("longer").addEventListener("click", () => scaleChosen(1.5));
  $("shorter").addEventListener("click", () => scaleChosen(1 / 1.5));
}
