// The search: suggestions while one types, frequent words first.

const MOST_SUGGESTIONS = 8;
const plain = (text) => text.normalize("NFKC").toLowerCase();
let suggested = [], active = -1;
let plainWords = null;

/** Words that begin with the text, then words that hold it. */
function matches(text) {
  plainWords ??= page.words.map(plain);
  const wanted = plain(text.trim()), exact = [], start = [], inside = [];
  if (!wanted) return [];
  for (const i of page.byFrequency) {
    const place = plainWords[i].indexOf(wanted);
    if (place < 0) continue;
    if (plainWords[i] === wanted) exact.push(i);
    else (place ? inside : start).push(i);
    if (exact.length + start.length >= 4 * MOST_SUGGESTIONS) break;
  }
  return [...exact, ...start, ...inside].slice(0, MOST_SUGGESTIONS);
}

function suggest() {
  const text = $("search").value;
  suggested = matches(text);
  active = suggested.length ? 0 : -1;
  const list = $("suggestions");
  list.replaceChildren(...suggested.map((i, place) => {
    const item = element("li", "", { role: "option", id: `suggestion-${place}` });
    item.append(element("bdi", page.words[i]), element("span", countText(i)));
    item.addEventListener("pointerdown", (event) => event.preventDefault());
    item.addEventListener("click", () => take(i));
    return item;
  }));
  if (text.trim() && !suggested.length) list.append(element("li", "No such word on this page"));
  open(Boolean(text.trim()));
}

function open(isOpen) {
  $("suggestions").hidden = !isOpen;
  $("search").setAttribute("aria-expanded", String(isOpen && suggested.length > 0));
  [...$("suggestions").children].forEach((item, place) => {
    if (item.role === "option" || item.id) item.setAttribute("aria-selected", String(place === active));
  });
  if (isOpen && active >= 0) $("search").setAttribute("aria-activedescendant", `suggestion-${active}`);
  else $("search").removeAttribute("aria-activedescendant");
}

function take(i) {
  open(false);
  $("search").value = page.words[i];
  $("search").blur();
  $("panel").classList.remove("open");
  goTo(i);
}

function searchKey(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && suggested.length) {
    active = (active + step + suggested.length) % suggested.length;
    open(true);
  } else if (event.key === "Enter" && active >= 0 && !$("suggestions").hidden) {
    take(suggested[active]);
    $("marks").focus({ preventScroll: true });
  } else if (event.key === "Escape") {
    if ($("search").value) { $("search").value = ""; suggest(); } else $("marks").focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function startSearch() {
  $("search").addEventListener("input", suggest);
  $("search").addEventListener("focus", () => { $("search").select(); });
  $("search").addEventListener("blur", () => open(false));
  $("search").addEventListener("keydown", searchKey);
}
