// The loss so far: each step as a dot, and the mean of a pass over the pairs as a line.

const CURVE = { width: 240, height: 90, points: 400 };

/** The losses of the steps with the loss at hand, thinned, each with the mean of the pass before it. */
function lossSeries() {
  const { losses } = model, last = losses.at(-1);
  if (!last || last.kind !== choice.loss) return { n: 0, points: [] };
  const { first } = last, n = losses.length - first, every = Math.ceil(n / CURVE.points);
  const span = Math.max(1, Math.min(model.pairs.length, Math.ceil(n / 4)));
  const points = [];
  for (let i = 0; i < n; i = i === n - 1 ? n : Math.min(i + every, n - 1)) {
    const before = i >= span ? losses[first + i - span].sum : 0;
    points.push({ i, loss: losses[first + i].loss, mean: (losses[first + i].sum - before) / Math.min(i + 1, span) });
  }
  return { n, points };
}

function drawCurve() {
  const { n, points } = lossSeries(), { width, height } = CURVE;
  const top = Math.max(...points.map(({ loss }) => loss), 1e-9);
  const x = (i) => 2 + (i / Math.max(1, n - 1)) * (width - 4), y = (value) => height - 3 - (value / top) * (height - 8);
  const image = $("curve").firstElementChild
    ?? $("curve").appendChild(svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" }));
  const dots = points.map(({ i, loss }) => `M${x(i).toFixed(1)} ${y(loss).toFixed(1)}h.01`).join("");
  const line = points.map(({ i, mean }) => `${i ? "L" : "M"}${x(i).toFixed(1)} ${y(mean).toFixed(1)}`).join("");
  image.replaceChildren(svg("path", { class: "axis", d: `M0 ${height - 3}H${width}` }),
    svg("path", { class: "losses", d: dots }), svg("path", { class: "means", d: line }));
  const text = n ? `${number(n)} steps: mean loss ${digits(points.at(-1).mean)} lately, ${digits(points[0].loss)} in the first.`
    : "No step taken yet with this loss.";
  image.setAttribute("aria-label", `Loss curve. ${text}`);
  setText($("curve-note"), text);
}
