// The search: loads Pagefind's index piece by piece as the reader types.
const query = document.getElementById("query");
const found = document.getElementById("found");
const matches = document.getElementById("matches");
const { base } = document.documentElement.dataset;
const { none, found: some, failed } = found.dataset;
const hint = found.textContent;
let pagefind;

async function search() {
  const words = query.value.trim();
  if (!words) {
    matches.replaceChildren();
    found.textContent = hint;
    return;
  }
  const answer = await pagefind.debouncedSearch(words, {}, 150);
  if (!answer) return; // the reader typed on
  const pages = await Promise.all(answer.results.slice(0, 8).map((result) => result.data()));
  if (words !== query.value.trim()) return;
  found.textContent = answer.results.length ? some.replace("{n}", answer.results.length) : none;
  matches.replaceChildren(...pages.map(entry));
}

function entry(page) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  const excerpt = document.createElement("p");
  link.href = page.url;
  link.textContent = page.meta.title;
  excerpt.innerHTML = page.excerpt; // Pagefind escapes the text and adds <mark>
  item.append(link, excerpt);
  return item;
}

try {
  pagefind = await import(`${base}pagefind/pagefind.js`);
  await pagefind.init();
  query.addEventListener("input", search);
  if (query.value) search();
} catch (error) {
  found.textContent = failed;
  console.error(error);
}
