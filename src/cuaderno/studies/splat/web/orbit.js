/** Where the reader stands: turning round a point, coming nearer, and stepping into the cameras that took the pictures. */

import { eyeOf } from "./paint.js";

const NEAREST_POLE = 0.05; // radians that remain to straight above and below
const CLOSEST = 0.15, FARTHEST = 4; // of the distance at the start

export class Orbit {
  /** @param {{cameras: object[], target: number[], up: number[]}} about of model.json @param {number} first the camera to begin in */
  constructor(about, first = 0) {
    this.about = about;
    this.up = unit(about.up);
    this.east = unit(cross(this.up, Math.abs(this.up[0]) < 0.9 ? [1, 0, 0] : [0, 1, 0]));
    this.north = cross(this.up, this.east);
    this.enter(first);
    this.far = this.distance;
  }

  /** See exactly what a camera saw, until the next move. */
  enter(index) {
    const camera = this.about.cameras[index], eye = eyeOf(camera.matrix), [, , forward] = camera.matrix;
    const ahead = dot(minus(this.about.target, eye), forward), distance = Math.max(ahead, 0.3 * length(minus(this.about.target, eye)), 1e-3);
    this.index = index;
    this.pinned = camera;
    this.lens = camera;
    this.distance = distance;
    this.middle = [0, 1, 2].map((k) => eye[k] + distance * forward[k]);
    const back = forward.slice(0, 3).map((value) => -value), along = dot(back, this.up);
    this.pitch = Math.asin(Math.max(-1, Math.min(1, along)));
    this.yaw = Math.atan2(dot(back, this.north), dot(back, this.east));
  }

  /** Radians to the right and upwards, round the point in the middle. */
  turn(right, upwards) {
    this.pinned = null;
    this.yaw += right;
    const most = Math.PI / 2 - NEAREST_POLE;
    this.pitch = Math.max(-most, Math.min(most, this.pitch + upwards));
  }

  /** Times nearer. */
  zoom(times) {
    this.pinned = null;
    this.distance = Math.max(CLOSEST * this.far, Math.min(FARTHEST * this.far, this.distance / times));
  }

  /** Farther away, to see the cameras, until `stepForth`. */
  stepBack(times) {
    const { pinned, distance } = this;
    this.zoom(1 / times);
    this.left = { pinned, distance, stepped: this.distance, here: this.#here() };
  }

  /** Back to where `stepBack` began: as near as then, unless that was changed since, and into the same camera, unless one moved. */
  stepForth() {
    const { left } = this;
    if (left?.here === this.#here()) this.pinned = left.pinned;
    if (left?.stepped === this.distance) this.distance = left.distance;
    this.left = null;
  }

  #here() {
    return [this.yaw, this.pitch, this.distance, ...this.middle].join();
  }

  /** Move the middle, in shares of the picture's height. */
  shift(right, down) {
    this.pinned = null;
    const [x, y] = this.#matrix(), reach = (this.distance * this.lens.height) / this.lens.fy;
    this.middle = this.middle.map((value, k) => value - reach * (right * x[k] + down * y[k]));
  }

  /** The camera for a picture of that size. */
  camera(width, height) {
    const { lens } = this, scale = Math.min(width / lens.width, height / lens.height);
    const cx = width / 2 + scale * (lens.cx - lens.width / 2), cy = height / 2 + scale * (lens.cy - lens.height / 2);
    return { matrix: this.pinned?.matrix ?? this.#matrix(), fx: lens.fx * scale, fy: lens.fy * scale, cx, cy, width, height };
  }

  #matrix() {
    const { yaw, pitch, distance, middle, east, north, up } = this, flat = Math.cos(pitch);
    const back = [0, 1, 2].map((k) => flat * (Math.cos(yaw) * east[k] + Math.sin(yaw) * north[k]) + Math.sin(pitch) * up[k]);
    const eye = middle.map((value, k) => value + distance * back[k]), forward = back.map((value) => -value);
    const right = unit(cross(forward, up)), down = cross(forward, right);
    return [right, down, forward].map((row) => [...row, -dot(row, eye)]);
  }
}

/** The lines of a small pyramid for each camera, as far as they lie before the one who looks: [[x, y], [x, y]] in pixels. */
export function pyramid(camera, size, seenBy) {
  const { matrix: [r, s, t], fx, fy, cx, cy, width, height } = camera, eye = eyeOf(camera.matrix);
  const corner = (x, y) => {
    const [a, b] = [((x - cx) / fx) * size, ((y - cy) / fy) * size];
    return [0, 1, 2].map((k) => eye[k] + a * r[k] + b * s[k] + size * t[k]);
  };
  const corners = [corner(0, 0), corner(width, 0), corner(width, height), corner(0, height)];
  const lines = corners.flatMap((place, k) => [[eye, place], [place, corners[(k + 1) % 4]]]);
  return lines.map(([from, to]) => [onto(from, seenBy), onto(to, seenBy)]).filter(([from, to]) => from && to);
}

function onto(place, { matrix: [r, s, t], fx, fy, cx, cy }) {
  const [x, y, z] = [r, s, t].map((row) => dot(row, place) + row[3]);
  return z < 0.05 ? null : [(fx * x) / z + cx, (fy * y) / z + cy];
}

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const length = (a) => Math.hypot(a[0], a[1], a[2]);
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];

function unit(a) {
  const far = length(a) || 1;
  return [a[0] / far, a[1] / far, a[2] / far];
}
