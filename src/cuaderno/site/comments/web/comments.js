// Brings the readers' comments when they are about to come into view, or when the reader asks, and says how it went.
const frame = document.querySelector("[data-comments]");
const status = frame.querySelector(".news");
const { comments: kind, address, thread, lang } = frame.dataset;
const words = JSON.parse(frame.dataset.words);
const PATIENCE = 15_000; // milliseconds until we say that they did not come
const LONGEST = 10_000; // characters, as the server counts

function say(name, alarm = false) {
  status.textContent = words.news[name] ?? "";
  status.classList.toggle("alarm", alarm);
}

function load(source, attributes) {
  const script = Object.assign(document.createElement("script"), { src: source, async: true });
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value);
  return new Promise((done, failed) => {
    script.onload = done;
    script.onerror = () => failed(new Error(`${source} did not load`));
    document.head.append(script);
  });
}

// Resolves when `there` says so after some change inside the frame, and gives up after a while.
function arrival(there) {
  return new Promise((done, failed) => {
    const watcher = new MutationObserver(() => {
      if (!there()) return;
      clearTimeout(alarm);
      done();
    });
    const alarm = setTimeout(() => failed(new Error("the comments did not come")), PATIENCE);
    watcher.observe(frame, { childList: true, subtree: true });
  });
}

// -- Isso ------------------------------------------------------------------------------------------------------------

const root = document.getElementById("isso-thread");

async function isso() {
  listen();
  root.addEventListener("click", sent, { capture: true });
  const arrived = arrival(() => {
    mend();
    return root.querySelector(".isso-thread-heading")?.textContent;
  });
  const texts = Object.entries(words.isso).map(([name, text]) => [`data-isso-${name}-text-${lang}`, text]);
  await load(`${address}js/embed.min.js`, {
    "data-isso": address,
    "data-isso-lang": lang,
    "data-isso-css": "false",
    "data-isso-vote": "false",
    "data-isso-avatar-bg": "var(--paper)",
    "data-isso-avatar-fg": "var(--blue) var(--red) var(--green) var(--amber)",
    ...Object.fromEntries(texts),
  });
  await arrived;
}

// Isso keeps silent when the server says no: we look at the answers as they come.
function listen() {
  const own = new URL(address, location).href;
  const { open } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (method, url, ...more) {
    if (new URL(url, location).href.startsWith(own)) {
      this.addEventListener("loadend", () => {
        answered(method, this.status, this.getResponseHeader("X-Comment-Refused"));
      }, { once: true });
    }
    return open.call(this, method, url, ...more);
  };
}

const REFUSED = { 0: "offline", 413: "long", 429: "many", 503: "full", 507: "full", 500: "full", 502: "full", 504: "full" };

// The field that a reason is about.
const FIELD = {
  short: "textarea",
  long: "textarea",
  long_name: "[name=author]",
  bad_email: "[name=email]",
  bad_website: "[name=website]",
};
const SHORTEST = 3; // characters, as the server counts
let sending = null; // the form that was sent last

function answered(method, code, reason) {
  if (code >= 400 && method === "POST" && reason in FIELD && sending?.isConnected) explain(sending, reason);
  else if (code >= 400 || code === 0) say(method === "GET" ? "failed" : reason ?? REFUSED[code] ?? "refused", true);
  else if (code === 201) say("sent");
  else if (code === 202) say("waiting");
  else if (method === "PUT") say(frame.dataset.moderated ? "waiting" : "edited");
  if (code >= 500) root.querySelectorAll("[type=submit]").forEach((send) => (send.disabled = false)); // Isso forgets it
}

// Says in the form itself why it was refused, and puts the reader where it can be mended.
function explain(form, reason) {
  forgive(form);
  const why = Object.assign(document.createElement("p"), { className: "why", id: `why-${form.dataset.mended}` });
  const field = form.querySelector(FIELD[reason]);
  why.setAttribute("role", "alert");
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", why.id);
  form.append(why);
  why.textContent = words.news[reason];
  say("");
  field.focus();
}

function forgive(form) {
  form.querySelector(".why")?.remove();
  form.querySelectorAll("[aria-invalid]").forEach((field) => {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  });
}

// Isso keeps silent about a text that is too short, too: we look before it does.
function sent(event) {
  const form = event.target.closest(".isso-postbox");
  if (form && event.target.type === "submit") {
    sending = form;
    forgive(form);
    if (!isShort(form.querySelector("textarea"))) return;
    event.stopPropagation();
    form.classList.remove("isso-preview-mode");
    explain(form, "short");
  } else if (event.target.matches(".isso-edit")) {
    const field = event.target.closest(".isso-text-wrapper").querySelector(":scope > .isso-textarea-wrapper > textarea");
    if (!field || !isShort(field)) return;
    event.stopPropagation();
    event.preventDefault();
    say("short", true);
    field.focus();
  }
}

function isShort(field) {
  return field.value.trim().length < SHORTEST;
}

let mended = 0;

// What Isso's markup lacks: names for fields, one id each when two forms are open, a heading of the right level.
function mend() {
  const heading = root.querySelector(".isso-thread-heading");
  heading?.setAttribute("role", "heading");
  heading?.setAttribute("aria-level", "3");
  if (heading?.textContent) count(heading);
  root.querySelectorAll(".isso-postbox:not([data-mended])").forEach((form) => {
    form.dataset.mended = mended;
    form.querySelectorAll("label[for]").forEach((label) => {
      const field = form.querySelector(`#${label.htmlFor}`);
      field.id = label.htmlFor = `${label.htmlFor}-${mended}`;
      field.removeAttribute("placeholder");
      field.autocomplete = { author: "name", email: "email", website: "url" }[field.name];
    });
    form.querySelector("[name=author]").maxLength = 100;
    mended += 1;
  });
  root.querySelectorAll("textarea:not([aria-label])").forEach((field) => {
    field.setAttribute("aria-label", words.isso["postbox-text"]);
    field.maxLength = LONGEST;
  });
  root.querySelectorAll("pre:not([tabindex])").forEach((code) => code.setAttribute("tabindex", "0")); // it may scroll
  root.querySelectorAll(".isso-avatar:not([aria-hidden])").forEach((picture) => picture.setAttribute("aria-hidden", "true"));
}

// How many comments stand below, the reader's own that still wait among them; Isso counts once and never again.
function count(heading) {
  const cards = [...root.querySelectorAll("#isso-root .isso-comment[id]")];
  const note = (card) => card.querySelector(".isso-note")?.textContent;
  const there = cards.filter((card) => note(card) !== words.isso["comment-deleted"]).length;
  const hidden = [...root.querySelectorAll(".isso-load-hidden")].map((more) => parseInt(more.textContent.match(/\d+/), 10));
  const n = hidden.reduce((sum, more) => sum + (more || 0), there);
  const [one, many] = words.isso["num-comments"].split("\n");
  const text = n === 0 ? words.isso["no-comments"] : n === 1 ? one : many.replace("{{ n }}", n);
  if (heading.textContent !== text) heading.textContent = text;
}

// -- giscus ----------------------------------------------------------------------------------------------------------

async function giscus() {
  const { repo, repoId, category, categoryId } = frame.dataset;
  const arrived = arrival(() => frame.querySelector("iframe"));
  await load("https://giscus.app/client.js", {
    "data-repo": repo,
    "data-repo-id": repoId,
    "data-category": category,
    "data-category-id": categoryId,
    "data-mapping": "specific",
    "data-term": thread,
    "data-strict": "1",
    "data-reactions-enabled": "0",
    "data-emit-metadata": "0",
    "data-input-position": "top",
    "data-theme": "preferred_color_scheme",
    "data-lang": lang,
    crossorigin: "anonymous",
  });
  await arrived;
}

// --------------------------------------------------------------------------------------------------------------------

async function start() {
  say("loading");
  frame.setAttribute("aria-busy", "true");
  try {
    await (kind === "giscus" ? giscus() : isso());
    if (!status.classList.contains("alarm")) say("");
  } catch (error) {
    say("failed", true);
    console.error(error);
  }
  frame.classList.add("arrived");
  frame.removeAttribute("aria-busy");
}

const button = frame.querySelector("[data-ask]");
if (button) {
  button.addEventListener("click", () => {
    frame.querySelector(".ask").remove();
    start();
  }, { once: true });
} else if (location.hash.startsWith("#isso-")) {
  start();
} else {
  new IntersectionObserver(([entry], watcher) => {
    if (!entry.isIntersecting) return;
    watcher.disconnect();
    start();
  }, { rootMargin: "400px 0px" }).observe(frame);
}
