// The dots, drawn by the graphics processor. Same interface as `dots_canvas.js`.

const VERTEX = `#version 300 es
layout(location = 0) in vec2 point;
layout(location = 1) in float radius;
layout(location = 2) in vec4 color;
uniform vec4 place;  // scale and offset, to clip space
uniform vec2 grow;   // factor and limit of the radius, device pixels
out vec4 fill;
out float size;
void main() {
  gl_Position = vec4(point * place.xy + place.zw, 0.0, 1.0);
  size = min(radius * grow.x, grow.y) + 1.0;
  gl_PointSize = 2.0 * size;
  fill = color;
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 fill;
in float size;
uniform vec3 paper;
out vec4 result;
void main() {
  float edge = size - length(gl_PointCoord - 0.5) * 2.0 * size;  // device pixels inside the rim
  float alpha = clamp(edge, 0.0, 1.0) * fill.a;
  if (alpha <= 0.0) discard;
  float rim = size > 3.5 ? clamp(edge - 0.6, 0.0, 1.0) : 1.0;
  result = vec4(mix(paper, fill.rgb, rim) * alpha, alpha);
}`;

/** Tell whether WebGL runs on a graphics processor: imitated by the CPU it is the slower way. */
function hasFastWebgl() {
  const options = { failIfMajorPerformanceCaveat: true };
  const gl = document.createElement("canvas").getContext("webgl2", options);
  if (!gl) return false;
  const details = gl.getExtension("WEBGL_debug_renderer_info");
  const renderer = gl.getParameter(details ? details.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(String(renderer));
}

/** Return dots on the canvas, or null where WebGL is missing, or slow and not asked for. */
function webglDots(canvas, evenSlow) {
  if (!evenSlow && !hasFastWebgl()) return null;
  const gl = canvas.getContext("webgl2", { antialias: false });
  if (!gl) return null;
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    throw new Error(gl.getProgramInfoLog(program));
  }
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const buffers = [[2, gl.FLOAT, false], [1, gl.FLOAT, false], [4, gl.UNSIGNED_BYTE, true]].map(
    ([size, type, scaled], place) => {
      const buffer = gl.createBuffer();
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, size, type, scaled, 0, 0);
      return buffer;
    },
  );
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
  const uniform = (name) => gl.getUniformLocation(program, name);
  const [place, grow, paper] = ["place", "grow", "paper"].map(uniform);
  const fill = (buffer, values) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
  };
  fill(buffers[1], radii);
  let count = 0;
  return {
    name: "webgl",
    place: () => fill(buffers[0], at),
    paint: (colors) => fill(buffers[2], colors),
    show(words) {
      count = words.length;
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, words, gl.STATIC_DRAW);
    },
    draw(f) {
      const { width, height, ratio } = view;
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform4f(place, (2 * f.scale) / width, (2 * f.scale) / height,
        (2 * f.left) / width - 1, 1 - (2 * f.top) / height);
      gl.uniform2f(grow, growth() * ratio, 16 * ratio);
      gl.uniform3fv(paper, rgb(theme.paper).map((part) => part / 255));
      gl.drawElements(gl.POINTS, count, gl.UNSIGNED_INT, 0);
    },
  };
}
