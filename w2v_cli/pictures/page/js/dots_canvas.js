// The dots without a graphics processor: as `dots_webgl.js`, on a plain canvas.

const MANY = 3000; // from here on, squares while the map moves: far faster to draw than circles
const PATH = 400; // circles filled at once: a longer path takes more than its share of time

function canvasDots(canvas) {
  const context = canvas.getContext("2d");
  let colors = null, words = new Uint32Array(0), layers = [], seen = 0;
  /** Words of one colour are drawn together: changing the colour is what takes the time. */
  const sortIntoLayers = () => {
    const byColor = new Map();
    for (const i of words) {
      const color = (colors[4 * i] << 24) | (colors[4 * i + 1] << 16) | (colors[4 * i + 2] << 8)
        | colors[4 * i + 3];
      if (!byColor.has(color)) byColor.set(color, []);
      byColor.get(color).push(i);
    }
    layers = [...byColor.values()].sort((a, b) => colors[4 * a[0] + 3] - colors[4 * b[0] + 3]);
  };
  const drawLayer = (layer, f, asSquares) => {
    const grow = growth(), rim = grow * radii[layer[0]] > 3;
    let drawn = 0;
    const fill = () => {
      context.fill();
      if (rim) context.stroke();
      context.beginPath();
    };
    context.beginPath();
    for (const i of layer) {
      const x = at[2 * i] * f.scale + f.left, y = f.top - at[2 * i + 1] * f.scale;
      const r = Math.min(16, radii[i] * grow);
      if (x < -r || y < -r || x > view.width + r || y > view.height + r) continue;
      drawn++;
      if (asSquares) {
        context.fillRect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
      } else {
        context.moveTo(x + r, y);
        context.arc(x, y, r, 0, 2 * Math.PI);
        if (drawn % PATH === 0) fill();
      }
    }
    if (!asSquares) fill();
    return drawn;
  };
  return {
    name: "canvas",
    place() {},
    paint(newColors) { colors = newColors; layers = []; },
    show(newWords) { words = newWords; layers = []; seen = words.length; },
    draw(f) {
      if (!layers.length) sortIntoLayers();
      context.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
      context.clearRect(0, 0, view.width, view.height);
      context.strokeStyle = theme.paper;
      const asSquares = view.moving && seen > MANY;
      seen = 0;
      for (const layer of layers) {
        const i = 4 * layer[0];
        context.fillStyle = `rgba(${colors[i]}, ${colors[i + 1]}, ${colors[i + 2]}, ${colors[i + 3] / 255})`;
        seen += drawLayer(layer, f, asSquares);
      }
    },
  };
}
