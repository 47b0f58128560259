// Before anything of Streamlit runs: where the server is, and in which language the page is.
window.__streamlit = { BACKEND_BASE_URL: location.origin };
const speak = () => {
  document.documentElement.lang = new URLSearchParams(location.search).get("lang") ?? "en";
};
for (const name of ["pushState", "replaceState"]) {
  const change = history[name];
  history[name] = function (...given) {
    change.apply(this, given);
    speak();
  };
}
addEventListener("popstate", speak);
speak();
