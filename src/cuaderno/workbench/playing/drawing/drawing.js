/* A sheet to draw on. With squares each one has the number of an ink, or -1 for paper; without, strokes are free.
   A short pause after each stroke the drawing goes to the workbench as a PNG. */
const SQUARE = 16, WIDTH = 720, HEIGHT = 300, STROKE = 6, PAUSE = 150, STEPS = 60, PAPER = "#ffffff";

export default function ({ data, parentElement: root, setStateValue }) {
  const canvas = root.querySelector("canvas"), bar = root.querySelector(".bar"), note = root.querySelector(".note");
  const key = JSON.stringify([data.inks, data.squares]);
  const sheet = (canvas.sheet ??= {});
  Object.assign(sheet, { setStateValue, words: data.words });
  if (sheet.key !== key) begin(canvas, sheet, data, key);
  canvas.setAttribute("aria-label", data.words.canvas);
  canvas.setAttribute("role", "img");
  note.textContent = data.squares.length ? data.words.keys : "";
  tools(bar, canvas, sheet, data);
}

function begin(canvas, sheet, data, key) {
  Object.assign(sheet, { key, inks: data.inks, ink: 0, at: [0, 0], history: [], first: data.squares });
  sheet.squares = data.squares.length ? copy(data.squares) : null;
  canvas.width = sheet.squares ? SQUARE * sheet.squares[0].length : WIDTH;
  canvas.height = sheet.squares ? SQUARE * sheet.squares.length : HEIGHT;
  paint(canvas, sheet);
  if (!sheet.listening) listen(canvas, sheet);
  sheet.listening = true;
  if (sheet.squares) send(canvas, sheet);
}

function tools(bar, canvas, sheet, data) {
  const marks = JSON.stringify([data.inks, data.words]);
  if (bar.dataset.marks === marks) return;
  bar.dataset.marks = marks;
  bar.replaceChildren();
  data.inks.forEach((ink, number) => {
    const button = add(bar, "", () => choose(bar, sheet, number));
    button.className = "ink";
    button.dataset.ink = number;
    button.setAttribute("aria-label", data.words.ink.replace("{n}", number + 1));
    button.append(Object.assign(document.createElement("i"), { style: `background:${ink}` }));
  });
  add(bar, data.words.rubber, () => choose(bar, sheet, -1)).dataset.ink = -1;
  add(bar, data.words.undo, () => undo(canvas, sheet));
  add(bar, data.words.clear, () => clear(canvas, sheet));
  if (sheet.squares) add(bar, data.words.again, () => again(canvas, sheet));
  sheet.bar = bar;
  choose(bar, sheet, sheet.ink);
}

function add(bar, text, act) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  button.addEventListener("click", act);
  bar.append(button);
  return button;
}

function choose(bar, sheet, number) {
  sheet.ink = number;
  for (const button of bar.querySelectorAll("[data-ink]")) button.setAttribute("aria-pressed", String(Number(button.dataset.ink) === number));
}

function listen(canvas, sheet) {
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    remember(canvas, sheet);
    sheet.from = place(canvas, event);
    stroke(canvas, sheet, sheet.from);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!sheet.from) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) stroke(canvas, sheet, place(canvas, one));
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => {
    if (sheet.from) later(canvas, sheet);
    sheet.from = null;
  });
  canvas.addEventListener("keydown", (event) => keyed(canvas, sheet, event));
}

function place(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [(event.clientX - box.left) * canvas.width / box.width, (event.clientY - box.top) * canvas.height / box.height];
}

function stroke(canvas, sheet, to) {
  if (sheet.squares) {
    const [x0, y0] = sheet.from, steps = Math.max(1, Math.ceil(Math.hypot(to[0] - x0, to[1] - y0) / (SQUARE / 2)));
    for (let step = 0; step <= steps; step++) {
      fill(canvas, sheet, Math.floor((x0 + (to[0] - x0) * step / steps) / SQUARE), Math.floor((y0 + (to[1] - y0) * step / steps) / SQUARE));
    }
  } else {
    const pen = canvas.getContext("2d");
    pen.strokeStyle = sheet.ink < 0 ? PAPER : sheet.inks[sheet.ink];
    pen.lineWidth = sheet.ink < 0 ? 5 * STROKE : STROKE;
    pen.lineCap = pen.lineJoin = "round";
    pen.beginPath();
    pen.moveTo(...sheet.from);
    pen.lineTo(...to);
    pen.stroke();
  }
  sheet.from = to;
}

function fill(canvas, sheet, column, row) {
  if (sheet.squares[row]?.[column] === undefined) return;
  sheet.squares[row][column] = sheet.ink;
  paint(canvas, sheet);
}

function paint(canvas, sheet) {
  const pen = canvas.getContext("2d");
  pen.fillStyle = PAPER;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  sheet.squares?.forEach((line, row) => line.forEach((ink, column) => {
    if (ink < 0) return;
    pen.fillStyle = sheet.inks[ink];
    pen.fillRect(column * SQUARE, row * SQUARE, SQUARE, SQUARE);
  }));
}

function keyed(canvas, sheet, event) {
  const moves = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  if (/^[0-9]$/.test(event.key)) {
    const ink = Number(event.key) - 1;
    if (ink < sheet.inks.length) choose(sheet.bar, sheet, ink);
    return;
  }
  if (!sheet.squares || !(event.key in moves || event.key === " ")) return;
  event.preventDefault();
  if (event.key === " ") {
    remember(canvas, sheet);
    fill(canvas, sheet, ...sheet.at);
    later(canvas, sheet);
  } else {
    const [x, y] = moves[event.key];
    sheet.at = [within(sheet.at[0] + x, sheet.squares[0].length), within(sheet.at[1] + y, sheet.squares.length)];
    paint(canvas, sheet);
  }
  const pen = canvas.getContext("2d");
  pen.strokeStyle = "#1d4ed8";
  pen.lineWidth = 2;
  pen.strokeRect(sheet.at[0] * SQUARE + 1, sheet.at[1] * SQUARE + 1, SQUARE - 2, SQUARE - 2);
}

const within = (at, size) => Math.min(size - 1, Math.max(0, at));
const copy = (squares) => squares.map((line) => [...line]);

function remember(canvas, sheet) {
  sheet.history.push(sheet.squares ? copy(sheet.squares) : canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height));
  if (sheet.history.length > STEPS) sheet.history.shift();
}

function undo(canvas, sheet) {
  const before = sheet.history.pop();
  if (!before) return;
  if (sheet.squares) {
    sheet.squares = before;
    paint(canvas, sheet);
  } else canvas.getContext("2d").putImageData(before, 0, 0);
  later(canvas, sheet);
}

function clear(canvas, sheet) {
  remember(canvas, sheet);
  if (sheet.squares) sheet.squares = sheet.squares.map((line) => line.map(() => -1));
  paint(canvas, sheet);
  later(canvas, sheet);
}

function again(canvas, sheet) {
  remember(canvas, sheet);
  sheet.squares = copy(sheet.first);
  paint(canvas, sheet);
  later(canvas, sheet);
}

function later(canvas, sheet) {
  clearTimeout(sheet.waiting);
  sheet.waiting = setTimeout(() => send(canvas, sheet), PAUSE);
}

function send(canvas, sheet) {
  if (sheet.squares) paint(canvas, sheet); // without the mark of the keyboard
  sheet.setStateValue("picture", canvas.toDataURL("image/png"));
}
