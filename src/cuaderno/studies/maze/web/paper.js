/** Ink on squared paper: draws a maze, what the network thinks of it, and the ways through it, on a canvas. */

/** @typedef {import("./model.js").Maze} Maze */

const INKS = ["paper", "ink", "grid", "blue", "red"]; // --mz-paper and so on, set in look.js
const MARGIN = 1; // squares around the maze, for its border
const WALL_ON_NIGHT = 0.38; // ink in the walls of a dark page: all of it would glare
const FINEST_PAPER = 11; // CSS pixels: below it the paper has every second line only

export class Paper {
  /** @param {HTMLCanvasElement} canvas @param {HTMLElement} sheet  the squared paper around it */
  constructor(canvas, sheet) {
    this.canvas = canvas;
    this.sheet = sheet;
    this.pen = canvas.getContext("2d");
    this.wash = document.createElement("canvas"); // one pixel per square, drawn enlarged
    this.probe = sheet.appendChild(document.createElement("i"));
    this.probe.hidden = true;
    this.readInks();
  }

  /** The colours of the page as it is now, in numbers. */
  readInks() {
    const dot = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
    this.rgb = {};
    for (const ink of INKS) {
      this.probe.style.color = `var(--mz-${ink})`;
      dot.fillStyle = getComputedStyle(this.probe).color;
      dot.fillRect(0, 0, 1, 1);
      this.rgb[ink] = [...dot.getImageData(0, 0, 1, 1).data.slice(0, 3)];
    }
    const { paper, ink } = this.rgb;
    this.night = luminance(paper) < luminance(ink);
    this.sheet.closest(".maze-widget").style.colorScheme = this.night ? "dark" : "light"; // for the browser's own boxes and sliders
    this.rgb.wall = this.night ? paper.map((p, i) => Math.round(p + WALL_ON_NIGHT * (ink[i] - p))) : ink;
  }

  /** Make the squares as large as whole device pixels allow. @param {Maze} maze @param {number} room  CSS pixels */
  fit(maze, room) {
    const ratio = globalThis.devicePixelRatio || 1;
    const across = Math.max(maze.width, maze.height) + 2 * MARGIN;
    this.cell = Math.max(2, Math.floor((room * ratio) / across));
    const [width, height] = [maze.width, maze.height].map((side) => (side + 2 * MARGIN) * this.cell);
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    Object.assign(this.canvas.style, { width: `${width / ratio}px`, height: `${height / ratio}px` });
    this.ratio = ratio;
    this.#rulePaper();
  }

  /** Shift and scale the sheet's squares so that the maze lies exactly on its lines. */
  #rulePaper() {
    const square = this.cell / this.ratio;
    const ruled = square < FINEST_PAPER ? 2 * square : square;
    const snap = (length) => Math.round(length * this.ratio) / this.ratio;
    const [canvas, sheet] = [this.canvas.getBoundingClientRect(), this.sheet.getBoundingClientRect()];
    const [x, y] = [canvas.left - sheet.left, canvas.top - sheet.top].map((gap) => snap((gap + MARGIN * square) % ruled));
    this.sheet.style.setProperty("--mz-square", `${ruled}px`);
    this.sheet.style.setProperty("--mz-origin", `${x}px ${y}px`);
  }

  /** The square under a point of the page, or -1. */
  squareAt(maze, clientX, clientY) {
    const box = this.canvas.getBoundingClientRect();
    const square = this.cell / this.ratio;
    const column = Math.floor((clientX - box.left) / square) - MARGIN;
    const row = Math.floor((clientY - box.top) / square) - MARGIN;
    const inside = row >= 0 && row < maze.height && column >= 0 && column < maze.width;
    return inside ? row * maze.width + column : -1;
  }

  /** How far a point of the page lies from the middle of a square, in CSS pixels. */
  distance(maze, square, clientX, clientY) {
    const box = this.canvas.getBoundingClientRect();
    const side = this.cell / this.ratio;
    const [x, y] = [square % maze.width, Math.floor(square / maze.width)].map((n) => (n + MARGIN + 0.5) * side);
    return Math.hypot(clientX - box.left - x, clientY - box.top - y);
  }

  /**
   * @param {Maze} maze
   * @param {{squares: Int32Array, path: Uint8Array, arrow: Uint8Array, trust: Uint8Array, moved: Uint32Array} | null} thought
   * @param {{way?: number[], complete?: boolean, shortest?: number[] | null, cursor?: number, arrows?: boolean}} marks
   */
  draw(maze, thought, { way = [], complete = false, shortest = null, cursor = -1, arrows = false }) {
    const { pen, cell } = this;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.setTransform(cell, 0, 0, cell, MARGIN * cell, MARGIN * cell); // from here on one unit is one square
    pen.lineCap = pen.lineJoin = "round";
    if (thought) this.#drawThought(maze, thought);
    if (thought && arrows) this.#drawArrows(maze, thought, new Set(way));
    this.#drawWalls(maze);
    if (way.length > 1) this.#drawWay(maze, way, complete);
    if (shortest) this.#drawShortest(maze, shortest);
    this.#drawEnds(maze);
    if (cursor >= 0) this.#drawCursor(maze, cursor);
  }

  #colour(ink, alpha = 1) {
    return `rgb(${this.rgb[ink].join(" ")} / ${alpha})`;
  }

  /** A blue wash as strong as the path probability, a breath of it where the arrow is trusted, a shade on the wave. */
  #drawThought(maze, { squares, path, arrow, trust, moved }) {
    Object.assign(this.wash, { width: maze.width, height: maze.height });
    const pen = this.wash.getContext("2d");
    const image = pen.createImageData(maze.width, maze.height);
    const [strong, breath, wave] = this.night ? [112, 26, 84] : [96, 20, 66]; // alpha, of 255
    const put = (square, alpha) => image.data.set([...this.rgb.blue, alpha], 4 * square);
    const alphaOf = (row) => Math.max((strong * path[row]) / 255, arrow[row] < 4 ? (breath * trust[row]) / 255 : 0);
    for (let row = 0; row < squares.length; row++) put(squares[row], alphaOf(row));
    for (const entry of moved) put(squares[entry >>> 16], Math.max(alphaOf(entry >>> 16), wave));
    pen.putImageData(image, 0, 0);
    this.pen.imageSmoothingEnabled = false;
    this.pen.drawImage(this.wash, 0, 0, maze.width, maze.height);
  }

  /** Where each square would send you: a small hand on each, the surer the darker. */
  #drawArrows(maze, { squares, arrow, trust }, hidden) {
    const { pen } = this;
    pen.lineWidth = 0.09;
    for (const [least, alpha] of [[100, 0.4], [200, 0.8]]) {
      pen.beginPath();
      squares.forEach((square, row) => {
        if (arrow[row] > 3 || hidden.has(square) || square === maze.goal) return;
        if (trust[row] < least || (least < 200 && trust[row] >= 200)) return;
        const [x, y] = [(square % maze.width) + 0.5, Math.floor(square / maze.width) + 0.5];
        const [dx, dy] = [[0, -1], [-1, 0], [0, 1], [1, 0]][arrow[row]];
        pen.moveTo(x - 0.14 * dx + 0.2 * dy, y - 0.14 * dy + 0.2 * dx);
        pen.lineTo(x + 0.16 * dx, y + 0.16 * dy);
        pen.lineTo(x - 0.14 * dx - 0.2 * dy, y - 0.14 * dy - 0.2 * dx);
      });
      pen.strokeStyle = this.#colour("blue", alpha);
      pen.stroke();
    }
  }

  #drawWalls(maze) {
    const { pen } = this;
    pen.beginPath();
    for (let row = 0; row < maze.height; row++) {
      for (let column = 0, from; column < maze.width; column++) {
        if (maze.open[row * maze.width + column]) continue;
        for (from = column; column < maze.width && !maze.open[row * maze.width + column]; ) column++;
        pen.rect(from, row, column - from, 1);
      }
    }
    pen.fillStyle = this.#colour("wall");
    pen.fill();
    const border = Math.max(Math.round(0.25 * this.cell), Math.round(1.5 * this.ratio)) / this.cell;
    pen.lineWidth = border;
    pen.lineJoin = "miter";
    pen.strokeStyle = this.#colour("wall");
    pen.strokeRect(-border / 2, -border / 2, maze.width + border, maze.height + border);
    pen.lineJoin = "round";
  }

  #trace(maze, squares, offset = 0) {
    const { pen } = this;
    const place = (i) => [(squares[i] % maze.width) + 0.5, Math.floor(squares[i] / maze.width) + 0.5];
    pen.beginPath();
    for (let i = 0; i < squares.length; i++) {
      const [x, y] = place(i);
      const before = i > 0 ? rightOf(place(i - 1), [x, y]) : [0, 0];
      const after = i < squares.length - 1 ? rightOf([x, y], place(i + 1)) : before;
      const turns = i > 0 && before[0] !== after[0];
      const aside = turns ? [before[0] + after[0], before[1] + after[1]] : after;
      pen.lineTo(x + offset * aside[0], y + offset * aside[1]);
    }
  }

  #drawWay(maze, way, complete) {
    this.#trace(maze, way);
    this.pen.lineWidth = Math.max(0.34, (2.2 * this.ratio) / this.cell);
    this.pen.strokeStyle = this.#colour("blue", complete ? 1 : 0.6);
    this.pen.stroke();
  }

  /** Beside the network's way, on its right hand, so that both can be seen. */
  #drawShortest(maze, shortest) {
    const { pen, cell, ratio } = this;
    this.#trace(maze, shortest, 0.31);
    pen.lineWidth = Math.max(0.12, (1.6 * ratio) / cell);
    pen.lineCap = "butt";
    pen.setLineDash([Math.max(0.45, (4 * ratio) / cell), Math.max(0.3, (2.5 * ratio) / cell)]);
    pen.strokeStyle = this.#colour("red");
    pen.stroke();
    pen.setLineDash([]);
    pen.lineCap = "round";
  }

  /** Start: a hollow ring. Goal: a filled dot. Both on a disc of paper, never too small to see. */
  #drawEnds(maze) {
    const { pen } = this;
    const least = (4.5 * this.ratio) / this.cell;
    for (const square of [maze.start, maze.goal]) {
      const middle = [(square % maze.width) + 0.5, Math.floor(square / maze.width) + 0.5];
      const disc = (radius, ink) => {
        pen.beginPath();
        pen.arc(...middle, radius, 0, 2 * Math.PI);
        pen.fillStyle = this.#colour(ink);
        pen.fill();
      };
      const radius = Math.max(0.36, least);
      disc(1.28 * radius, "paper");
      disc(radius, "blue");
      if (square === maze.start) disc(0.6 * radius, "paper");
    }
  }

  #drawCursor(maze, cursor) {
    const { pen } = this;
    const [x, y] = [cursor % maze.width, Math.floor(cursor / maze.width)];
    const unit = this.ratio / this.cell;
    for (const [grow, width, ink] of [[1.5, 5, "paper"], [1.5, 2.5, "blue"]]) {
      pen.lineWidth = width * unit;
      pen.strokeStyle = this.#colour(ink);
      pen.strokeRect(x - grow * unit, y - grow * unit, 1 + 2 * grow * unit, 1 + 2 * grow * unit);
    }
  }
}

/** The unit step to the right hand of someone walking from one place to the next. */
function rightOf([x0, y0], [x1, y1]) {
  return [-(y1 - y0), x1 - x0];
}

function luminance([r, g, b]) {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
