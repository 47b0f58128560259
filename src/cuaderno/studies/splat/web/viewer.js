/**
 * A scene on the graphics processor, with WebGL 2: each splat is a rectangle that just holds its ellipse, painted from the
 * farthest to the nearest. The numbers of the splats lie in textures; only their order changes with the camera. It gives the
 * picture that paint.js gives, and that Python trained with.
 */

import { BLUR, eyeOf, LEAST, MARGIN, NEAR, THICKEST } from "./paint.js";

const ROW = 1024; // texels in a row of a texture; a splat takes four

const VERTEX = `#version 300 es
precision highp float;
precision highp int;
layout(location = 0) in vec2 corner;
layout(location = 1) in uint number;
uniform highp sampler2D splats, rest;
uniform mat3 turn;
uniform vec3 move, eye;
uniform vec2 focal, centre, size;
uniform int directions;
out vec2 place;
flat out vec3 conic;
flat out vec4 paint;

vec4 part(int k) {
  int at = int(number) * 4 + k;
  return texelFetch(splats, ivec2(at % ${ROW}, at / ${ROW}), 0);
}

vec3 further(int k) {
  int at = int(number) * directions + k;
  return texelFetch(rest, ivec2(at % ${ROW}, at / ${ROW}), 0).rgb;
}

vec3 seenFrom(vec3 d) {
  float x = d.x, y = d.y, z = d.z, xx = x * x, yy = y * y, zz = z * z;
  float share[15] = float[15](
    -0.4886025119029199 * y, 0.4886025119029199 * z, -0.4886025119029199 * x,
    1.0925484305920792 * x * y, -1.0925484305920792 * y * z, 0.31539156525252005 * (2.0 * zz - xx - yy),
    -1.0925484305920792 * x * z, 0.5462742152960396 * (xx - yy),
    -0.5900435899266435 * y * (3.0 * xx - yy), 2.890611442640554 * x * y * z, -0.4570457994644658 * y * (4.0 * zz - xx - yy),
    0.3731763325901154 * z * (2.0 * zz - 3.0 * xx - 3.0 * yy), -0.4570457994644658 * x * (4.0 * zz - xx - yy),
    1.445305721320277 * z * (xx - yy), -0.5900435899266435 * x * (xx - 3.0 * yy));
  vec3 sum = vec3(0);
  for (int k = 0; k < directions; k++) sum += share[k] * further(k);
  return sum;
}

void main() {
  vec4 one = part(0), two = part(1), three = part(2), four = part(3);
  float opacity = one.w;
  vec3 at = turn * one.xyz + move;
  gl_Position = vec4(0, 0, 2, 1); // nowhere
  if (at.z < ${NEAR} || opacity < ${LEAST}) return;
  mat3 shape = mat3(two.x, two.y, two.z, two.y, two.w, three.x, two.z, three.x, three.y);
  vec2 edge = ${MARGIN} * size, slope = clamp(at.xy / at.z, (-centre - edge) / focal, (size - centre + edge) / focal);
  vec3 a = (focal.x / at.z) * (vec3(turn[0].x, turn[1].x, turn[2].x) - slope.x * vec3(turn[0].z, turn[1].z, turn[2].z));
  vec3 b = (focal.y / at.z) * (vec3(turn[0].y, turn[1].y, turn[2].y) - slope.y * vec3(turn[0].z, turn[1].z, turn[2].z));
  vec3 sa = shape * a;
  float A = dot(a, sa) + ${BLUR}, B = dot(b, sa), C = dot(b, shape * b) + ${BLUR};
  float area = A * C - B * B, room = sqrt(2.0 * log(opacity / ${LEAST}));
  float middle = 0.5 * (A + C), apart = sqrt(max(0.25 * (A - C) * (A - C) + B * B, 0.0));
  float wide = middle + apart, narrow = max(middle - apart, 0.1);
  vec2 along = abs(B) < 1e-6 * wide ? (A >= C ? vec2(1, 0) : vec2(0, 1)) : normalize(vec2(B, wide - A));
  vec2 reach = min(room * sqrt(vec2(wide, narrow)), vec2(4096));
  place = corner.x * reach.x * along + corner.y * reach.y * vec2(-along.y, along.x);
  vec2 pixel = focal * at.xy / at.z + centre + place;
  conic = vec3(C, -B, A) / area;
  vec3 colour = vec3(three.zw, four.x);
  if (directions > 0) colour += seenFrom(normalize(one.xyz - eye));
  paint = vec4(max(colour, 0.0), opacity);
  gl_Position = vec4(pixel.x / size.x * 2.0 - 1.0, 1.0 - pixel.y / size.y * 2.0, 0, 1);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
in vec2 place;
flat in vec3 conic;
flat in vec4 paint;
out vec4 colour;
void main() {
  float alpha = paint.a * exp(-0.5 * (conic.x * place.x * place.x + conic.z * place.y * place.y) - conic.y * place.x * place.y);
  if (alpha < ${LEAST}) discard;
  alpha = min(alpha, ${THICKEST});
  colour = vec4(alpha * paint.rgb, alpha);
}`;

const COPY_VERTEX = `#version 300 es
void main() { gl_Position = vec4(gl_VertexID == 1 ? 3 : -1, gl_VertexID == 2 ? 3 : -1, 0, 1); }`;
const COPY_FRAGMENT = `#version 300 es
precision highp float;
uniform sampler2D painted;
out vec4 colour;
void main() { colour = vec4(texelFetch(painted, ivec2(gl_FragCoord.xy), 0).rgb, 1); }`;

export class Viewer {
  /** @param {HTMLCanvasElement} canvas @throws {Error} where there is no WebGL 2 */
  constructor(canvas) {
    const gl = (this.gl = canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false, stencil: false }));
    if (!gl) throw new Error("no WebGL 2");
    this.canvas = canvas;
    this.fine = Boolean(gl.getExtension("EXT_color_buffer_float") || gl.getExtension("EXT_color_buffer_half_float"));
    this.program = build(gl, VERTEX, FRAGMENT);
    this.copy = build(gl, COPY_VERTEX, COPY_FRAGMENT);
    this.at = Object.fromEntries(["splats", "rest", "turn", "move", "eye", "focal", "centre", "size", "directions"].map((name) => [name, gl.getUniformLocation(this.program, name)]));
    this.splats = gl.createTexture();
    this.rest = gl.createTexture();
    this.painted = gl.createTexture();
    this.frame = gl.createFramebuffer();
    this.vertices = gl.createVertexArray();
    gl.bindVertexArray(this.vertices);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
    this.order = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.order);
    gl.enableVertexAttribArray(1);
    gl.vertexAttribIPointer(1, 1, gl.UNSIGNED_INT, 0, 0);
    gl.vertexAttribDivisor(1, 1);
    this.count = 0;
  }

  /** Bring a scene's numbers to the graphics processor. @param {import("./scene.js").Scene} scene */
  show(scene) {
    const { gl } = this, { count, means, shapes, opacities, colours, rest, directions } = scene;
    const numbers = new Float32Array(4 * ROW * Math.max(1, Math.ceil((4 * count) / ROW)));
    for (let i = 0, n = 0; i < count; i++, n += 16) {
      numbers.set(means.subarray(3 * i, 3 * i + 3), n);
      numbers[n + 3] = opacities[i];
      numbers.set(shapes.subarray(6 * i, 6 * i + 6), n + 4);
      numbers.set(colours.subarray(3 * i, 3 * i + 3), n + 10);
    }
    const texels = new Float32Array(4 * ROW * Math.max(1, Math.ceil((count * directions) / ROW)));
    for (let i = 0; i < count * directions; i++) texels.set(rest.subarray(3 * i, 3 * i + 3), 4 * i);
    fill(gl, this.splats, numbers);
    fill(gl, this.rest, texels);
    this.directions = directions;
    this.count = 0; // until there is an order
  }

  /** @param {Uint32Array} order numbers of the splats, the farthest first */
  arrange(order) {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.order);
    gl.bufferData(gl.ARRAY_BUFFER, order, gl.DYNAMIC_DRAW);
    this.count = order.length;
  }

  /** Paint what a camera sees; the camera's width and height are stretched to the canvas. @param {number[]} background */
  draw(camera, background) {
    const { gl, canvas, at } = this, { width, height } = canvas, [r, s, t] = camera.matrix;
    const across = width / camera.width, down = height / camera.height;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.#target(width, height));
    gl.viewport(0, 0, width, height);
    gl.clearColor(...background, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.useProgram(this.program);
    gl.bindVertexArray(this.vertices);
    [this.splats, this.rest].forEach((texture, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
    });
    gl.uniform1i(at.splats, 0);
    gl.uniform1i(at.rest, 1);
    gl.uniformMatrix3fv(at.turn, true, [...r.slice(0, 3), ...s.slice(0, 3), ...t.slice(0, 3)]);
    gl.uniform3f(at.move, r[3], s[3], t[3]);
    gl.uniform3fv(at.eye, eyeOf(camera.matrix));
    gl.uniform2f(at.focal, camera.fx * across, camera.fy * down);
    gl.uniform2f(at.centre, camera.cx * across, camera.cy * down);
    gl.uniform2f(at.size, width, height);
    gl.uniform1i(at.directions, this.directions ?? 0);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.count);
    gl.disable(gl.BLEND);
    if (this.fine) this.#show(width, height);
  }

  /** Pixels as they stand on the canvas, from the top. @returns {Uint8Array} height x width x RGBA */
  pixels() {
    const { gl, canvas: { width, height } } = this, found = new Uint8Array(4 * width * height), turned = new Uint8Array(found.length);
    gl.readPixels(0, 0, width, height, gl.RGBA, gl.UNSIGNED_BYTE, found);
    for (let y = 0; y < height; y++) turned.set(found.subarray(4 * width * y, 4 * width * (y + 1)), 4 * width * (height - 1 - y));
    return turned;
  }

  remove() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  /** Where to paint: into numbers finer than a byte, since hundreds of thin veils add up, or straight onto the canvas. */
  #target(width, height) {
    const { gl } = this;
    if (!this.fine) return null;
    if (this.width !== width || this.height !== height) {
      gl.bindTexture(gl.TEXTURE_2D, this.painted);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA16F, width, height, 0, gl.RGBA, gl.HALF_FLOAT, null);
      plain(gl);
      gl.bindFramebuffer(gl.FRAMEBUFFER, this.frame);
      gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, this.painted, 0);
      this.fine = gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE;
      Object.assign(this, { width, height });
    }
    return this.fine ? this.frame : null;
  }

  #show(width, height) {
    const { gl } = this;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, width, height);
    gl.useProgram(this.copy);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, this.painted);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }
}

function build(gl, vertex, fragment) {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
  return program;
}

function fill(gl, texture, numbers) {
  gl.bindTexture(gl.TEXTURE_2D, texture);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, ROW, numbers.length / 4 / ROW, 0, gl.RGBA, gl.FLOAT, numbers);
  plain(gl);
}

/** Texels as they are, without anything in between. */
function plain(gl) {
  for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
}
