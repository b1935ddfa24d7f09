// Puts the parts together: draw, steps, run, settings, keys.

let frames = 0;

function draw() {
  const now = pairNow();
  if (now && !shown.isPinned) shown.word = now.o;
  drawText();
  document.body.classList.toggle("empty", !now);
  if (now) {
    drawCenter(now);
    drawOutside(now);
    drawFormulas(now);
    drawMap(now);
    if (!running || frames % 4 === 0) drawBoth(); // the costliest part, and none that is watched in a run
  }
  drawCurve();
  drawSettings(now);
  clearCheck();
  frames++;
}

const FIELDS = { "window-size": "window", negatives: "K", rate: "lr", dim: "dim" };

function drawSettings(now) {
  const pair = now ? `${model.words[now.c]} → ${model.words[now.o]} · ` : "";
  setText($("counter"), `${pair}${number(model.step)} steps · seed ${choice.seed}`);
  $("back").disabled = !model.done.length;
  $("step").disabled = $("run").disabled = !model.pairs.length;
  $("hold").checked = choice.hold;
  for (const [id, name] of Object.entries(FIELDS)) {
    const value = choice[name];
    const slide = name === "lr" ? Math.round(value * 20) : value;
    if (Number($(id).value) !== slide) $(id).value = slide;
    setText($(`${id}-text`), name === "lr" ? value.toFixed(2) : String(value));
  }
  setKeys($("rate-text"), "rate");
  for (const [name, value] of [["loss", choice.loss], ["phase", shown.phase]]) {
    const input = document.querySelector(`input[name="${name}"][value="${value}"]`);
    if (!input.checked) input.checked = true;
  }
  for (const [id, name] of [["draws", "draws"], ["seed", "seed"], ["digits", "digits"], ["source", "text"]]) {
    const field = $(id);
    if (document.activeElement !== field && field.value !== String(choice[name])) field.value = choice[name];
  }
}

// Steps, and the run: slow at first, faster the longer it lasts.

let running = 0;

function step() {
  const before = takeStep();
  if (!before) return;
  const after = lossOf(before.kind, model.V[before.c], before.o, before.negatives, model.U).loss;
  say(`Step ${model.step}: centre ${model.words[before.c]}, outside ${model.words[before.o]}, `
    + `loss of the pair ${digits(before.loss)} before, ${digits(after)} after`);
  draw();
}

function back() {
  pause();
  if (takeBack()) say(`Back at step ${model.step}`);
  draw();
}

/** Steps a second after so many seconds of a run. */
const pace = (seconds) => Math.min(2000, 4 * 2 ** (seconds / 1.5));

function run() {
  if (running || !model.pairs.length) return;
  const begun = performance.now();
  let last = begun, due = 1;
  const frame = (time) => {
    due += Math.min(0.1, Math.max(0, time - last) / 1000) * pace((time - begun) / 1000);
    last = time;
    const steps = Math.floor(due), until = performance.now() + 12;
    for (let i = 0; i < steps && (i === 0 || performance.now() < until); i++) takeStep();
    due -= steps;
    if (steps) draw();
    running = requestAnimationFrame(frame);
  };
  running = requestAnimationFrame(frame);
  showRun();
}

function pause() {
  if (!running) return;
  cancelAnimationFrame(running);
  running = 0;
  chooseAxes();
  showRun();
  draw();
  say(`Paused at step ${model.step}`);
}

function showRun() {
  setText($("run"), running ? "Pause" : "Run");
  $("run").setAttribute("aria-pressed", String(Boolean(running)));
}

const toggleRun = () => (running ? pause() : run());

// Settings.

/** Begin again with other words or vectors; the pair, the plane and the row follow. */
function afresh() {
  pause();
  restart();
  shown.isPinned = false;
  chooseAxes();
  draw();
}

function segments(parent, name, options, chosen) {
  $(parent).querySelector(".segments").replaceChildren(...options.map(([value, text]) => {
    const label = element("label"), input = element("input", "", { type: "radio", name, value });
    input.addEventListener("change", () => { chosen(value); draw(); });
    label.append(input, element("span", text));
    return label;
  }));
}

function onSlide(id, change) {
  $(id).addEventListener("input", () => { change(Number($(id).value)); draw(); });
}

function startSettings() {
  segments("loss", "loss", [["softmax", "Softmax"], ["negatives", "Negatives"]], (value) => { choice.loss = value; });
  segments("phase", "phase", [["before", "Before"], ["gradient", "Gradient"], ["change", "Change"], ["after", "After"]],
    (value) => { shown.phase = value; });
  onSlide("window-size", (value) => { choice.window = value; listPairs(); });
  onSlide("negatives", (value) => { choice.K = value; choice.draws = ""; });
  onSlide("rate", (value) => { choice.lr = value / 20; });
  onSlide("dim", (value) => { choice.dim = value; model.start = null; afresh(); });
  $("draws").addEventListener("input", () => { choice.draws = $("draws").value; draw(); });
  $("seed").addEventListener("change", () => {
    choice.seed = Math.abs(Math.trunc(parseNumber($("seed").value))) % 2 ** 32 || 0;
    model.start = null;
    $("seed").blur();
    afresh();
  });
  $("digits").addEventListener("change", () => { choice.digits = Number($("digits").value); draw(); drawFunctions(); });
  $("use").addEventListener("click", () => {
    Object.assign(choice, { text: $("source").value, draws: "" });
    model.start = null;
    afresh();
    say(`${number(model.words.length)} words, ${number(model.pairs.length)} pairs`);
  });
  $("restart").addEventListener("click", afresh);
  $("hold").addEventListener("change", () => { choice.hold = $("hold").checked; });
  $("example").hidden = !given.example;
  $("example").addEventListener("click", () => {
    pause();
    choice.hold = true;
    takeExample(given.example);
    shown.isPinned = false;
    chooseAxes();
    draw();
  });
  $("to-settings").addEventListener("click", () => $("controls").scrollIntoView());
  for (const [id, act] of [["step", step], ["back", back], ["run", toggleRun]]) $(id).addEventListener("click", act);
}

// Keys.

function switchLoss() {
  choice.loss = choice.loss === "softmax" ? "negatives" : "softmax";
  draw();
}

const KEYS = {
  ArrowRight: () => { pause(); step(); }, ArrowLeft: back, " ": toggleRun, l: switchLoss,
  n: () => showTour(tourAt + 1), p: () => showTour(tourAt - 1),
  h: () => { choice.hold = !choice.hold; draw(); }, t: () => setTheme(!theme.dark), "?": () => $("help-box").showModal(),
};

function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("help-box").open) return;
    if (event.target.matches("input:not([type=checkbox]), textarea, select")) return;
    if (event.key === " " && event.target.matches("button, summary, input")) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = /^[1-8]$/.test(key) ? () => showTour(Number(key) - 1) : KEYS[key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function start() {
  $("theme").addEventListener("click", () => setTheme(!theme.dark));
  $("help").addEventListener("click", () => $("help-box").showModal());
  followSystem(() => {});
  restart();
  [startSymbols, startText, startNumbers, startMap, startChecks, startSettings, startKeys, startTour]
    .forEach((begin) => begin());
}

start();
/** A handle for tests and for the console. */
window.w2v = {
  choice, model, plane, shown, pairNow, takeStep, takeBack, takeExample, restart, listPairs, draw, checkGradient,
  frames: () => frames,
};
