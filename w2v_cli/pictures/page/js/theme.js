// Light or dark: as the system has it, until the switch says otherwise.

const theme = { dark: false, paper: "", ink: "", soft: "", dot: "", accent: "" };

function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  $("theme").setAttribute("aria-pressed", String(dark));
  const style = getComputedStyle(document.documentElement);
  for (const name of ["paper", "ink", "soft", "dot", "accent"]) {
    theme[name] = style.getPropertyValue(`--${name}`).trim();
  }
  theme.dark = dark;
}

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

const rgb = (color) => [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));
const colorOf = (i) => groupColor(page.groupOf(i));

function followSystem(changed) {
  const query = window.matchMedia("(prefers-color-scheme: dark)");
  setTheme(query.matches);
  query.addEventListener("change", () => { setTheme(query.matches); changed(); });
}
