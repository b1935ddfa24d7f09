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
  ];
  $("card-word").textContent = page.words[i];
  $("card-about").textContent = about.filter(Boolean).join(" · ");
  $("card-about").hidden = !page.counts;
  $("card-group").hidden = group < 0;
  $("card-group").textContent = group < 0 ? "" : page.groups.names[group];
  $("card-group").style.setProperty("--color", groupColor(group));
  const nearest = page.nearest(i);
  $("card-nearest").replaceChildren(...nearest.map(nearRow));
  $("card-heading").textContent = nearest.length ? "Nearest by the full vectors" : "No other words";
  $("unpin").hidden = state.pin !== i;
  $("card").classList.toggle("passing", state.pin !== i);
  const away = nearest.some(({ id }) => id < 0);
  $("card-hint").textContent = [
    state.pin !== i && "Click to pin.", away && "Words in italics are not on this page.",
  ].filter(Boolean).join(" ");
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
    row.addEventListener("click", (event) => {
      goTo(id);
      if (!event.detail) $("card-nearest").querySelector("button")?.focus(); // by keyboard
    });
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
