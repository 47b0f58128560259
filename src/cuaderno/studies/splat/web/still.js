/** Pictures without WebGL 2: small ones, painted by the processor when something has changed. Used like a Viewer. */

import { paint } from "./paint.js";
import { putPixels } from "./parts.js";

const MOST_PIXELS = 320 * 240;

export class Still {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    if (!this.context) throw new Error("no canvas");
  }

  show(scene) {
    this.scene = scene;
  }

  arrange() {} // paint.js sorts for itself

  draw(camera, background) {
    const { canvas } = this, scale = Math.min(1, Math.sqrt(MOST_PIXELS / canvas.width / canvas.height));
    const width = Math.max(1, Math.round(canvas.width * scale)), height = Math.max(1, Math.round(canvas.height * scale));
    const [x, y] = [width / camera.width, height / camera.height];
    const small = { ...camera, fx: camera.fx * x, fy: camera.fy * y, cx: camera.cx * x, cy: camera.cy * y, width, height };
    this.sheet ??= document.createElement("canvas");
    putPixels(this.sheet, paint(this.scene, small, background), width, height);
    this.context.drawImage(this.sheet, 0, 0, canvas.width, canvas.height);
  }

  remove() {}
}
