// What the page shows, out of the JSON that `page_file.py` wrote. Words are text and stay text.

const ARRAYS = {
  float32: Float32Array, float64: Float64Array, int16: Int16Array, int32: Int32Array,
  uint16: Uint16Array, uint32: Uint32Array,
};

function unpack({ type, data }) {
  const text = atob(data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new ARRAYS[type](bytes.buffer);
}

/** Move a projection so that its middle is 0 and its longer side is 2; a far word counts little. */
function normalised({ name, note, points }) {
  const xy = unpack(points);
  const n = xy.length / 2;
  const skip = n < 200 ? 0 : Math.floor(n * 0.005);
  const [x, y] = [0, 1].map((axis) => {
    const sorted = new Float32Array(n).map((_, i) => xy[2 * i + axis]).sort();
    const low = sorted[skip], high = sorted[n - 1 - skip];
    return { middle: low / 2 + high / 2, half: high / 2 - low / 2 };
  });
  const scale = Math.max(x.half, y.half) || 1;
  const at = new Float32Array(xy.length);
  for (let i = 0; i < n; i++) {
    at[2 * i] = (xy[2 * i] - x.middle) / scale;
    at[2 * i + 1] = (xy[2 * i + 1] - y.middle) / scale;
  }
  return { name, note, at, spanX: x.half / scale || 0.3, spanY: y.half / scale || 0.3 };
}

function readPage() {
  const raw = JSON.parse(document.getElementById("page-data").textContent);
  const n = raw.words.length;
  const counts = raw.counts && unpack(raw.counts);
  const byFrequency = Uint32Array.from(raw.words, (_, i) => i);
  if (counts) byFrequency.sort((a, b) => counts[b] - counts[a] || a - b);
  const rank = new Uint32Array(n);
  byFrequency.forEach((word, place) => { rank[word] = place; });
  const { k, ids, cosines, scale } = raw.nearest;
  const near = { ids: unpack(ids), cosines: unpack(cosines) };
  return {
    n, counts, byFrequency, rank,
    title: raw.title, words: raw.words, palette: raw.palette,
    planes: raw.planes.map(normalised),
    groups: raw.groups && { ...raw.groups, of: unpack(raw.groups.of) },
    groupOf: (i) => (page.groups ? page.groups.of[i] : -1),
    /** The nearest words of word i: [{id, word, cosine}], id -1 for words not on the page. */
    nearest: (i) => Array.from({ length: k }, (_, j) => {
      const id = near.ids[i * k + j];
      return {
        id: id < n ? id : -1,
        word: id < n ? raw.words[id] : raw.others[id - n],
        cosine: near.cosines[i * k + j] / scale,
      };
    }),
  };
}

const page = readPage();
