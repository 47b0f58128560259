// All the script of a page: it starts a live model when asked, and the search when its field is entered.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-start]");
  if (!button) return;
  const frame = button.closest(".widget");
  const stage = frame.querySelector(".stage");
  const state = frame.querySelector("[role=status]");
  const still = [...stage.childNodes];
  const { module, artifact, view, loading, failed } = frame.dataset;
  const resting = state.textContent === failed ? frame.resting : (frame.resting = state.textContent);
  state.textContent = loading;
  button.disabled = true;
  try {
    const { mount } = await import(module);
    stage.replaceChildren();
    await mount(stage, { artifact, view, lang: frame.closest("[lang]").lang });
    frame.classList.add("live");
    button.remove();
    state.textContent = resting;
    stage.tabIndex = -1;
    stage.focus({ preventScroll: true });
    stage.scrollIntoView({ block: "nearest" }); // the button may have been all that was in view
  } catch (error) {
    stage.replaceChildren(...still);
    state.textContent = failed;
    button.disabled = false;
    console.error(error);
  }
});

const query = document.getElementById("query");
query?.addEventListener("focus", () => import(query.dataset.script), { once: true });
// The fragment takes the focus when the page has loaded; the field gets it after that.
if (location.hash === "#search") addEventListener("load", () => setTimeout(() => query?.focus()));
