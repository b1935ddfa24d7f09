// The window on the text: the centre in a box, its outside words, the pair at hand.

function drawText() {
  const { tokens, lines, words, pairs } = model;
  const [t, p] = pairs[model.at] ?? [-1, -1];
  const box = $("text");
  const stamp = tokens.join(" ") + lines.join(" ");
  if (box.stamp !== stamp) { // a button for each token, made once for a text
    box.stamp = stamp;
    const columns = element("div");
    columns.append(...tokens.flatMap((w, place) => {
      const token = element("button", words[w], { type: "button", dir: "auto", "data-place": place });
      return place && lines[place] !== lines[place - 1] ? [element("br"), token] : [token];
    }));
    box.replaceChildren(columns);
  }
  const around = new Set(pairs.filter(([center]) => center === t).map(([, outside]) => outside));
  for (const token of box.querySelectorAll("button")) {
    const place = Number(token.dataset.place);
    const role = place === t ? "center" : place === p ? "outside" : around.has(place) ? "around" : "";
    token.tabIndex = place === Math.max(t, 0) ? 0 : -1;
    if (token.shownAs === role) continue;
    token.shownAs = token.className = role;
    setKeys(token, place === t ? "v" : place === p ? "uo" : "");
    const spoken = { center: ", centre", outside: ", outside word of this pair", around: ", outside word" };
    token.setAttribute("aria-label", words[tokens[place]] + (spoken[role] ?? ""));
  }
  keepInSight(box, box.querySelector(".center"));
  drawPair(t, p, around);
}

/** Scroll inside the box only, never the page. */
function keepInSight(box, token, head = 0) {
  if (!token || box.scrollHeight <= box.clientHeight) return;
  const inner = box.getBoundingClientRect(), { top, bottom } = token.getBoundingClientRect();
  if (top >= inner.top + head && bottom <= inner.bottom) return;
  box.scrollTop += top - inner.top - box.clientHeight / 2;
}

function drawPair(t, p, around) {
  const { tokens, words, pairs } = model;
  if (t < 0) {
    $("pair").replaceChildren("No pair: a line needs at least two words.");
    return;
  }
  const chips = [...around].flatMap((place) => {
    const key = place === p ? "uo" : "";
    return [" ", element("button", words[tokens[place]], {
      type: "button", "data-outside": place, "data-s": key, dir: "auto", "aria-pressed": String(place === p),
    })];
  });
  const negatives = choice.loss === "softmax" ? [] : [element("br"), "Negatives: ",
    ...pieces([negativesNow(tokens[p]).map((w) => words[w]).join(", ") || "none", "uk"]), refused(words[tokens[p]])];
  $("pair").replaceChildren(`Pair ${number(model.at + 1)} of ${number(pairs.length)}: centre `,
    ...pieces([words[tokens[t]], "v"]), " → outside", ...chips, ...negatives);
}

/** Why a word that was typed as a negative is none. */
function refused(outside) {
  const unknown = typedDraws().filter((word) => !model.words.includes(word));
  if (unknown.length) return ` (“${unknown[0]}” is not in the text)`;
  return typedDraws().includes(outside) ? ` (“${outside}” is the outside word itself)` : "";
}

/** A word of the text becomes the centre; one of the pair's line becomes the outside word. */
function startText() {
  const choose = (fits, selector) => {
    const found = model.pairs.findIndex(fits);
    if (found < 0) return;
    model.at = found;
    draw();
    document.querySelector(selector)?.focus();
  };
  $("text").addEventListener("click", ({ target }) => {
    const place = Number(target.closest("[data-place]")?.dataset.place ?? -1);
    choose(([t]) => t === place, "#text .center");
  });
  $("pair").addEventListener("click", ({ target }) => {
    const place = Number(target.dataset.outside ?? -1), center = model.pairs[model.at]?.[0];
    choose(([t, p]) => t === center && p === place, '#pair [aria-pressed="true"]');
  });
  $("text").addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const place = Number(event.target.dataset.place) + by;
    $("text").querySelector(`[data-place="${place}"]`)?.focus();
  });
}
