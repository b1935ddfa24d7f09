// The loss so far: each step as a dot, and the mean of a pass over the pairs as a line.

const CURVE = { width: 240, height: 90, points: 400 };

/** Losses of the steps with the loss at hand, and their running mean over one pass. */
function lossSeries() {
  const losses = model.done.filter(({ isStep, kind }) => isStep && kind === choice.loss).map(({ loss }) => loss);
  const span = Math.max(1, Math.min(model.pairs.length, Math.ceil(losses.length / 4)));
  let sum = 0;
  const means = losses.map((loss, i) => {
    sum += loss - (i >= span ? losses[i - span] : 0);
    return sum / Math.min(i + 1, span);
  });
  return { losses, means };
}

function drawCurve() {
  const { losses, means } = lossSeries(), { width, height, points } = CURVE, n = losses.length;
  const every = Math.max(1, Math.ceil(n / points));
  const seen = losses.map((_, i) => i).filter((i) => i % every === 0 || i === n - 1);
  const top = Math.max(...seen.map((i) => losses[i]), 1e-9);
  const x = (i) => 2 + (i / Math.max(1, n - 1)) * (width - 4), y = (value) => height - 3 - (value / top) * (height - 8);
  const image = $("curve").firstElementChild
    ?? $("curve").appendChild(svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" }));
  const dots = seen.map((i) => `M${x(i).toFixed(1)} ${y(losses[i]).toFixed(1)}h.01`).join("");
  const line = seen.map((i, j) => `${j ? "L" : "M"}${x(i).toFixed(1)} ${y(means[i]).toFixed(1)}`).join("");
  image.replaceChildren(svg("path", { class: "axis", d: `M0 ${height - 3}H${width}` }),
    svg("path", { class: "losses", d: dots }), svg("path", { class: "means", d: line }));
  const text = n ? `${number(n)} steps: mean loss ${digits(means[n - 1])} lately, ${digits(losses[0])} in the first.`
    : "No step taken yet.";
  image.setAttribute("aria-label", `Loss curve. ${text}`);
  setText($("curve-note"), text);
}
