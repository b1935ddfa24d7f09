// The dots without a graphics processor: as `dots_webgl.js`, on a plain canvas.

const MANY = 3000; // so many dots are drawn in haste while the map moves
const PATH = 400; // circles filled at once: a longer path takes more than its share of time

function canvasDots(canvas) {
  const context = canvas.getContext("2d");
  let colors = null, words = new Uint32Array(0), layers = [], seen = 0, image = null;

  /** Words of one colour are drawn together: changing the colour takes time. */
  const sortIntoLayers = () => {
    const packed = new Uint32Array(colors.buffer), byColor = new Map();
    for (const i of words) {
      if (!byColor.has(packed[i])) byColor.set(packed[i], []);
      byColor.get(packed[i]).push(i);
    }
    layers = [...byColor.values()].sort((a, b) => colors[4 * a[0] + 3] - colors[4 * b[0] + 3]);
  };

  /** Circles with smooth rims. */
  const drawWithCare = (layer, f) => {
    const grow = growth(), rim = grow * radii[layer[0]] > 3, c = 4 * layer[0];
    const fill = () => {
      context.fill();
      if (rim) context.stroke();
      context.beginPath();
    };
    context.fillStyle =
      `rgba(${colors[c]}, ${colors[c + 1]}, ${colors[c + 2]}, ${colors[c + 3] / 255})`;
    context.beginPath();
    let drawn = 0;
    for (const i of layer) {
      const x = at[2 * i] * f.scale + f.left, y = f.top - at[2 * i + 1] * f.scale;
      const r = Math.min(16, radii[i] * grow);
      if (x < -r || y < -r || x > view.width + r || y > view.height + r) continue;
      context.moveTo(x + r, y);
      context.arc(x, y, r, 0, 2 * Math.PI);
      if (++drawn % PATH === 0) fill();
    }
    fill();
    return drawn;
  };

  /** Circles pixel by pixel, a fifth of the time: for a map that moves. */
  const drawInHaste = (f) => {
    const { width, height } = canvas, { ratio } = view, grow = growth() * ratio;
    if (image?.width !== width || image.height !== height) {
      image = context.createImageData(width, height);
    }
    const pixels = new Uint32Array(image.data.buffer), packed = new Uint32Array(colors.buffer);
    pixels.fill(0);
    let drawn = 0;
    for (const i of words) {
      const x = (at[2 * i] * f.scale + f.left) * ratio, y = (f.top - at[2 * i + 1] * f.scale) * ratio;
      const whole = Math.min(16 * ratio, radii[i] * grow);
      const r = whole > 3 * ratio ? whole - 0.5 * ratio : whole; // the others have a rim of paper
      if (x < -r || y < -r || x > width + r || y > height + r) continue;
      drawn++;
      const last = Math.min(height - 1, Math.floor(y + r));
      for (let row = Math.max(0, Math.ceil(y - r)); row <= last; row++) {
        const half = Math.sqrt(r * r - (row - y) * (row - y));
        const end = row * width + Math.min(width - 1, Math.floor(x + half));
        for (let p = row * width + Math.max(0, Math.ceil(x - half)); p <= end; p++) {
          pixels[p] = packed[i];
        }
      }
    }
    context.putImageData(image, 0, 0);
    return drawn;
  };

  return {
    name: "canvas",
    place() {},
    paint(newColors) { colors = newColors; layers = []; },
    show(newWords) { words = newWords; layers = []; seen = words.length; },
    draw(f) {
      if (view.moving && seen > MANY) {
        seen = drawInHaste(f);
        return;
      }
      if (!layers.length) sortIntoLayers();
      context.setTransform(view.ratio, 0, 0, view.ratio, 0, 0);
      context.clearRect(0, 0, view.width, view.height);
      context.strokeStyle = theme.paper;
      seen = layers.reduce((sum, layer) => sum + drawWithCare(layer, f), 0);
    },
  };
}
