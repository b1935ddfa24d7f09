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

const rgb = (color) => [1, 3, 5].map((start) => parseInt(color.slice(start, start + 2), 16));

function followSystem(changed) {
  const query = window.matchMedia("(prefers-color-scheme: dark)");
  setTheme(query.matches);
  query.addEventListener("change", () => { setTheme(query.matches); changed(); });
}
