/**
 * A scene's bytes -> splats, as ../compact.py packs them.
 *
 * @typedef {object} Scene
 * @property {number} count
 * @property {Float32Array} means (count, 3)
 * @property {Float32Array} shapes (count, 6): the covariance in space, xx xy xz yy yz zz
 * @property {Float32Array} opacities (count), 0 to 1
 * @property {Float32Array} colours (count, 3): the part of the colour that is alike from everywhere, RGB
 * @property {number} directions how many further coefficients a channel has: 0, 3, 8 or 15
 * @property {Float32Array} rest (count, directions, RGB): those coefficients
 */

const CHUNK = 256; // splats that share a box
const ALIKE = 0.28209479177387814; // the first spherical harmonic

/** @param {ArrayBuffer} file @param {object} about of model.json @param {number} [at] where the scene begins @returns {Scene} */
export function unpack(file, about, at = 0) {
  const view = new DataView(file), { splats: count, coefficients, scales: [low, high], colours: [dark, light] } = about;
  const chunks = Math.ceil(count / CHUNK), directions = coefficients - 1;
  const part = (bytes) => (at += bytes) - bytes;
  const boxes = part(24 * chunks), places = part(4 * count), turns = part(4 * count);
  const sizes = part(3 * count), veils = part(count), paints = part(3 * count);
  const scene = {
    count, directions, means: new Float32Array(3 * count), shapes: new Float32Array(6 * count),
    opacities: new Float32Array(count), colours: new Float32Array(3 * count),
    rest: directions ? further(view, about, at, directions) : new Float32Array(0),
  };
  const widths = Array.from({ length: 256 }, (_, byte) => Math.exp(low + (high - low) * (byte / 255)));
  for (let i = 0; i < count; i++) {
    const box = boxes + 24 * Math.floor(i / CHUNK), place = view.getUint32(places + 4 * i, true);
    const shares = [(place & 2047) / 2047, ((place >>> 11) & 2047) / 2047, (place >>> 22) / 1023];
    for (let axis = 0; axis < 3; axis++) {
      scene.means[3 * i + axis] = view.getFloat32(box + 4 * axis, true) + view.getFloat32(box + 12 + 4 * axis, true) * shares[axis];
      scene.colours[3 * i + axis] = 0.5 + ALIKE * (dark + (light - dark) * (view.getUint8(paints + 3 * i + axis) / 255));
    }
    scene.opacities[i] = view.getUint8(veils + i) / 255;
    const [sx, sy, sz] = [0, 1, 2].map((axis) => widths[view.getUint8(sizes + 3 * i + axis)]);
    scene.shapes.set(covariance(quaternion(view.getUint32(turns + 4 * i, true)), sx, sy, sz), 6 * i);
  }
  return scene;
}

/** How colours change with the direction: of each splat some bits for each axis say how far it goes along it. */
function further(view, { splats: count, bits, step }, at, directions) {
  const width = 3 * directions, rest = new Float32Array(count * width);
  const axes = Float64Array.from({ length: bits.length * width }, () => view.getInt8(at++) / 127);
  const levels = bits.map((number) => Float64Array.from({ length: 2 ** number }, () => view.getInt16((at += 2) - 2, true) * step));
  const sum = new Float64Array(width);
  for (let i = 0, bit = 0; i < count; i++) {
    sum.fill(0);
    for (let k = 0; k < bits.length; k++) {
      let code = 0;
      for (let b = 0; b < bits[k]; b++, bit++) code |= ((view.getUint8(at + (bit >> 3)) >> (bit & 7)) & 1) << b;
      const level = levels[k][code];
      for (let d = 0; d < width; d++) sum[d] += level * axes[k * width + d];
    }
    rest.set(sum, i * width);
  }
  return rest;
}

/** Four bytes -> w x y z: the largest of the four is left out. */
function quaternion(packed) {
  const turn = [0, 0, 0, 0], leftOut = packed >>> 30;
  let sum = 0;
  for (let number = 1; number < 4; number++) {
    const value = (((packed >>> (10 * (3 - number))) & 1023) / 1023 * 2 - 1) * Math.SQRT1_2;
    turn[(leftOut + number) % 4] = value;
    sum += value * value;
  }
  turn[leftOut] = Math.sqrt(Math.max(0, 1 - sum));
  return turn;
}

/** What a ball becomes that is stretched along three axes and turned. */
function covariance([w, x, y, z], sx, sy, sz) {
  const a = (1 - 2 * (y * y + z * z)) * sx, b = 2 * (x * y - w * z) * sy, c = 2 * (x * z + w * y) * sz;
  const d = 2 * (x * y + w * z) * sx, e = (1 - 2 * (x * x + z * z)) * sy, f = 2 * (y * z - w * x) * sz;
  const g = 2 * (x * z - w * y) * sx, h = 2 * (y * z + w * x) * sy, i = (1 - 2 * (x * x + y * y)) * sz;
  return [a * a + b * b + c * c, a * d + b * e + c * f, a * g + b * h + c * i, d * d + e * e + f * f, d * g + e * h + f * i, g * g + h * h + i * i];
}

/** How a colour's further coefficients count in a direction: spherical harmonics of degree 1 to 3. @returns {number[]} */
export function harmonics(x, y, z, directions) {
  const found = [-0.4886025119029199 * y, 0.4886025119029199 * z, -0.4886025119029199 * x];
  if (directions <= 3) return found.slice(0, directions);
  const xx = x * x, yy = y * y, zz = z * z;
  found.push(
    1.0925484305920792 * x * y, -1.0925484305920792 * y * z, 0.31539156525252005 * (2 * zz - xx - yy),
    -1.0925484305920792 * x * z, 0.5462742152960396 * (xx - yy),
  );
  if (directions <= 8) return found;
  found.push(
    -0.5900435899266435 * y * (3 * xx - yy), 2.890611442640554 * x * y * z, -0.4570457994644658 * y * (4 * zz - xx - yy),
    0.3731763325901154 * z * (2 * zz - 3 * xx - 3 * yy), -0.4570457994644658 * x * (4 * zz - xx - yy),
    1.445305721320277 * z * (xx - yy), -0.5900435899266435 * x * (xx - 3 * yy),
  );
  return found;
}
