// The card of a word: how often it occurs, and its nearest words by the full vectors.

function showCard() {
  const i = state.hover >= 0 ? state.hover : state.pin;
  $("card").hidden = i < 0;
  sheets();
  if (i < 0) return;
  const group = page.groupOf(i);
  const about = [
    page.counts && `${number(page.counts[i])} ${page.counts[i] === 1 ? "time" : "times"}`,
    page.counts && `no. ${number(page.rank[i] + 1)}`,
    group >= 0 && page.groups.names[group],
  ];
  $("card-word").textContent = page.words[i];
  $("card-about").textContent = about.filter(Boolean).join(" · ");
  $("card-nearest").replaceChildren(...page.nearest(i).map(nearRow));
  $("unpin").hidden = state.pin !== i;
  $("card-hint").textContent = state.pin === i ? "" : "Click to pin";
  $("card-hint").hidden = state.pin === i;
}

function nearRow({ id, word, cosine }) {
  const onPage = id >= 0;
  const row = onPage ? element("button", "", { type: "button" })
    : element("span", "", { class: "off", title: "Not among the words of this page" });
  const bar = element("i", "", { "aria-hidden": "true" });
  bar.style.setProperty("--share", `${Math.max(0, cosine) * 100}%`);
  bar.style.setProperty("--color", onPage ? colorOf(id) : theme.soft);
  row.append(element("b", word, { dir: "auto" }), bar, element("small", cosine.toFixed(2)));
  if (onPage) {
    row.dataset.word = id;
    row.addEventListener("click", () => goTo(id));
  }
  const item = element("li");
  item.append(row);
  return item;
}

/** On a small screen the tools make room for a sheet at the bottom. */
function sheets() {
  document.body.classList.toggle("sheeted", !$("card").hidden || !$("chosen").hidden);
}

function startCard() {
  $("unpin").addEventListener("click", () => { setPin(-1); $("marks").focus(); });
}
