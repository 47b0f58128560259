/* The browser's half of a place to type in. What the workbench has not confirmed yet lies in localStorage, so that
   neither a reload nor a workbench that was killed loses a letter. */
const PAUSE = 350, PATIENCE = 4000;

export default function ({ data, parentElement: root, setStateValue, setTriggerValue }) {
  const area = root.querySelector("textarea"), note = root.querySelector(".note"), label = root.querySelector("label");
  const desk = (area.desk ??= {});
  Object.assign(desk, { data, setStateValue, setTriggerValue });
  label.textContent = data.label;
  label.htmlFor = area.id = `area-${data.id}`;
  area.lang = data.lang;
  area.rows = data.rows ?? 6;
  area.placeholder = data.words.placeholder;
  if (!desk.listening) listen(area, note, desk);
  if (desk.session !== data.session) begin(area, note, desk); // the first time, or the workbench was started anew
  else if (desk.version !== data.version) replace(area, desk);
  desk.version = data.version;
  if (data.got === area.value) confirm(area, note, desk);
  if (data.focus && data.focus !== desk.focus) focus(area);
  desk.focus = data.focus;
  grow(area);
}

function begin(area, note, desk) {
  const { data } = desk, left = shelf(data.id);
  desk.session = data.session;
  desk.base = data.base;
  desk.after = data.got;
  area.value = data.text;
  if (left && left.text.trim() && left.text !== data.text) {
    area.value = left.text;
    desk.base = left.base;
    desk.after = left.after;
    desk.restored = true;
    note.textContent = data.words.restored;
    send(area, desk);
  }
}

function replace(area, desk) {
  area.value = desk.data.text;
  desk.base = desk.data.base;
  desk.after = desk.data.got;
  clearTimeout(desk.timer);
  shelve(desk.data.id, null);
}

function confirm(area, note, desk) {
  clearTimeout(desk.waiting);
  note.classList.toggle("alone", desk.data.state === "not_kept");
  if (desk.data.state === "not_kept") {
    note.textContent = desk.data.words.not_kept; // the disk did not take it: what lies in this browser stays
    return;
  }
  desk.base = desk.data.base;
  desk.after = desk.data.got;
  shelve(desk.data.id, null);
  if (!desk.restored) note.textContent = area.value.trim() ? desk.data.words[desk.data.state] : "";
  desk.restored = false;
}

function listen(area, note, desk) {
  desk.listening = true;
  const flush = () => { if (desk.timer) send(area, desk); };
  area.addEventListener("input", () => {
    shelve(desk.data.id, { text: area.value, base: desk.base, after: desk.after });
    note.textContent = desk.data.words.keeping;
    clearTimeout(desk.timer);
    desk.timer = setTimeout(() => send(area, desk), PAUSE);
    clearTimeout(desk.waiting);
    desk.waiting = setTimeout(() => insist(area, note, desk), PATIENCE);
    grow(area);
  });
  area.addEventListener("blur", flush);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      clearTimeout(desk.timer);
      desk.timer = 0;
      desk.setTriggerValue("save", payload(area, desk));
    } else if (event.altKey || event.ctrlKey || event.metaKey) flush();
  });
}

function insist(area, note, desk) {
  note.textContent = desk.data.words.only_here;
  note.classList.add("alone");
  send(area, desk);
  desk.waiting = setTimeout(() => insist(area, note, desk), PATIENCE);
}

function send(area, desk) {
  clearTimeout(desk.timer);
  desk.timer = 0;
  desk.setStateValue("text", payload(area, desk));
}

function payload(area, desk) {
  desk.count = (desk.count ?? 0) + 1; // what was said before is said again only under another number
  return { text: area.value, count: desk.count, base: desk.base, after: desk.after, restored: !!desk.restored, version: desk.data.version };
}

function focus(area) {
  const wide = matchMedia("(min-width: 48rem)").matches;
  requestAnimationFrame(() => {
    area.focus({ preventScroll: wide });
    area.setSelectionRange(area.value.length, area.value.length);
    if (wide) document.querySelector(".st-key-paragraphs label:has(input:checked)")?.scrollIntoView({ block: "nearest" });
  });
}

function grow(area) {
  area.style.height = "auto";
  area.style.height = `${Math.max(area.offsetHeight, area.scrollHeight + 4)}px`;
}

function shelf(id) {
  try { return JSON.parse(localStorage.getItem(`cuaderno:${id}`)); } catch { return null; }
}

function shelve(id, left) {
  try {
    left ? localStorage.setItem(`cuaderno:${id}`, JSON.stringify(left)) : localStorage.removeItem(`cuaderno:${id}`);
  } catch { /* a browser without a shelf still sends at every pause */ }
}
