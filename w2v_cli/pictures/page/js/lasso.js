// The lasso: draw round words to list them.

let lassoOn = false, justDrawn = false;

function setLasso(on) {
  lassoOn = on;
  $("lasso").setAttribute("aria-pressed", String(on));
  $("marks").classList.toggle("drawing", on);
  say(on ? "Lasso on: drag round words" : "Lasso off");
}

function chooseInside(path) {
  const f = frame();
  const inside = page.byFrequency.filter(
    (i) => state.isShown[i] && d3.polygonContains(path, screenOf(i, f)),
  );
  setPin(-1);
  setChosen([...inside]);
  say(`${number(inside.length)} words in the lasso`);
}

function showChosen() {
  const words = state.chosen ? [...state.chosen] : [];
  $("chosen").hidden = !words.length;
  $("chosen-count").textContent =
    `${number(words.length)} ${words.length === 1 ? "word" : "words"} in the lasso`;
  $("chosen-words").value = words.map((i) => page.words[i]).join("\n");
  $("copy").textContent = "Copy words";
  sheets();
}

async function copyWords() {
  let copied = true;
  try {
    await navigator.clipboard.writeText($("chosen-words").value);
  } catch { // as in a frame that may not; the words are selected then
    $("chosen-words").select();
    copied = document.execCommand("copy");
  }
  $("copy").textContent = copied ? "Copied" : "Press Ctrl+C to copy";
  say($("copy").textContent);
}

function startLasso() {
  const map = $("marks");
  map.addEventListener("pointerdown", (event) => {
    justDrawn = false;
    if (event.button || !(lassoOn || event.shiftKey) || !event.isPrimary) return;
    map.setPointerCapture(event.pointerId);
    state.path = [[event.clientX, event.clientY]];
    setHover(-1);
  });
  map.addEventListener("pointermove", (event) => {
    if (!state.path || !event.isPrimary) return;
    state.path.push([event.clientX, event.clientY]);
    redrawMarks();
  });
  const end = (event) => {
    if (!state.path || !event.isPrimary) return;
    const path = state.path;
    state.path = null;
    justDrawn = path.length > 3 && event.type === "pointerup";
    if (justDrawn) {
      setLasso(false);
      chooseInside(path);
    }
    redraw();
  };
  map.addEventListener("pointerup", end);
  map.addEventListener("pointercancel", end);
  $("lasso").addEventListener("click", () => setLasso(!lassoOn));
  $("unchoose").addEventListener("click", () => { setChosen(null); map.focus(); });
  $("copy").addEventListener("click", copyWords);
}
