// The panel: projections, groups, frequency.

function groupColor(group) {
  if (group < 0) return page.groups ? theme.soft : theme.dot;
  const colors = page.groups.colors ?? page.palette[theme.dark ? "dark" : "light"];
  return colors[group % colors.length];
}

/** The colour of a group's name: nearer to the ink, so that letters can be read. */
function nameColor(group) {
  const [color, ink] = [groupColor(group), theme.ink].map(rgb);
  return `rgb(${color.map((part, j) => Math.round(0.65 * part + 0.35 * ink[j])).join(" ")})`;
}

const colorOf = (i) => groupColor(page.groupOf(i));
const countText = (i) => (page.counts ? number(page.counts[i]) : "");

function startPlanes() {
  $("planes").hidden = page.planes.length < 2;
  $("planes").querySelector(".segments").replaceChildren(...page.planes.map((plane, index) => {
    const label = element("label");
    const input = element("input", "", { type: "radio", name: "plane" });
    input.checked = index === 0;
    input.addEventListener("change", () => setPlane(index));
    label.append(input, element("span", plane.name));
    return label;
  }));
}

function choosePlane(index) {
  const inputs = [...document.querySelectorAll("#planes input")];
  inputs[index].checked = true;
  setPlane(index);
}

function legendButton(text, size, group) {
  const button = element("button", "", { type: "button", "aria-pressed": "true", title: text });
  button.append(element("i"), element("b", text, { dir: "auto" }), element("small", number(size)));
  button.dataset.group = group;
  const light = (lit) => { state.lit = lit; repaint(); };
  button.addEventListener("pointerenter", (event) => {
    if (event.pointerType === "mouse") light(state.groupOn[group] ? group : null);
  });
  button.addEventListener("pointerleave", () => light(null));
  button.addEventListener("click", () => {
    if (group < 0) state.restOn = !state.restOn;
    else state.groupOn[group] = !state.groupOn[group];
    light(null);
    showLegend();
    refilter();
  });
  return button;
}

function startGroups() {
  if (!page.groups) return;
  $("groups").hidden = false;
  const sizes = page.groups.names.map(() => 0);
  let rest = 0;
  for (const group of page.groups.of) { if (group < 0) rest++; else sizes[group]++; }
  const buttons = page.groups.names.map((name, group) => legendButton(name, sizes[group], group));
  if (rest) buttons.push(legendButton("no group", rest, -1));
  const all = element("button", "", { type: "button", class: "all" });
  all.addEventListener("click", () => {
    const on = !allOn();
    state.groupOn.fill(on);
    state.restOn = on;
    showLegend();
    refilter();
  });
  $("groups").querySelector(".legend").replaceChildren(...buttons, all);
  showLegend();
}

const allOn = () => state.restOn && state.groupOn.every(Boolean);

function showLegend() {
  for (const button of document.querySelectorAll("#groups button")) {
    if (button.classList.contains("all")) {
      button.textContent = allOn() ? "Hide all" : "Show all";
      continue;
    }
    const group = Number(button.dataset.group);
    button.setAttribute("aria-pressed", String(group < 0 ? state.restOn : state.groupOn[group]));
    const dot = button.querySelector("i").style;
    dot.backgroundColor = dot.borderColor = groupColor(group);
  }
}

/** The slider is logarithmic: its middle shows the square root of n words. */
function startFrequency() {
  if (page.n < 3) return;
  $("frequency").hidden = false;
  const slide = () => {
    state.limit = Math.max(1, Math.round(page.n ** ($("limit").value / 1000)));
    const least = page.counts && page.counts[page.byFrequency[state.limit - 1]];
    const text = state.limit === page.n ? "all words"
      : `the ${number(state.limit)} most frequent${least ? `, ≥ ${number(least)}×` : ""}`;
    $("limit-text").textContent = text;
    $("limit").setAttribute("aria-valuetext", text);
  };
  slide();
  $("limit").addEventListener("input", () => { slide(); refilter(); });
}
