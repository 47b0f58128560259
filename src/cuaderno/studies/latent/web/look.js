/** How the widget looks. Colours and type come from the page where it sets them; the fallbacks serve a page without any. */

const CSS = `
.latent-widget {
  --lt-paper: var(--paper, #fcfbf7); --lt-ink: var(--ink, #1b1d22); --lt-ink-2: var(--ink-2, #5b6069); --lt-rule: var(--rule, #e2ded2);
  --lt-grid: var(--grid, #dfe6ee); --lt-blue: var(--blue, #1d4ed8); --lt-wash: var(--blue-wash, #e8eefc); --lt-red: var(--red, #c2373b);
  --lt-ui: var(--ui, ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
  --lt-text: var(--text, Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif);
  --lt-mono: var(--mono, ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace);
  container-type: inline-size; width: 100%; text-align: left; background: var(--lt-paper); color: var(--lt-ink); font: 15px/1.5 var(--lt-ui);
}
@media (prefers-color-scheme: dark) {
  .latent-widget {
    --lt-paper: var(--paper, #14161a); --lt-ink: var(--ink, #e9e6dd); --lt-ink-2: var(--ink-2, #a2a5ad); --lt-rule: var(--rule, #2c3038);
    --lt-grid: var(--grid, #262b33); --lt-blue: var(--blue, #8fb0ff); --lt-wash: var(--blue-wash, #1c2540); --lt-red: var(--red, #ff8b87);
  }
}
.latent-widget, .latent-widget *, .latent-widget ::before { box-sizing: border-box }
.latent-widget [hidden] { display: none !important }
.latent-widget p, .latent-widget ul, .latent-widget fieldset, .latent-widget figure { margin: 0; padding: 0; border: 0; min-width: 0; list-style: none }
.latent-widget button { font: 600 15px/1.1 var(--lt-ui); display: inline-flex; align-items: center; justify-content: center; min-height: 44px; min-width: 44px; padding: 0 16px; margin: 0; border: 0; border-radius: 3px; background: var(--lt-paper); color: var(--lt-ink); box-shadow: inset 0 0 0 1px var(--lt-ink-2); cursor: pointer }
.latent-widget button:hover { box-shadow: inset 0 0 0 2px var(--lt-blue) }
.latent-widget button[aria-pressed=true] { background: var(--lt-wash); box-shadow: inset 0 0 0 2px var(--lt-blue) }
.latent-widget .lt-buttons { display: flex; flex-wrap: wrap; gap: 8px }
.latent-widget .lt-tabs { display: flex; border-bottom: 1px solid var(--lt-rule) }
.latent-widget .lt-tabs label { position: relative; flex: 1 1 0; min-width: 0; min-height: 48px; display: grid; place-items: center; padding: 4px 6px; text-align: center; font-weight: 600; line-height: 1.2; color: var(--lt-ink-2); cursor: pointer }
.latent-widget .lt-tabs label:has(:checked) { color: var(--lt-ink); box-shadow: inset 0 -3px 0 var(--lt-blue) }
.latent-widget .lt-tabs input, .latent-widget .lt-classes input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer }
.latent-widget .lt-panel { display: grid; gap: 14px; padding: 14px 16px 16px; border-bottom: 1px solid var(--lt-rule) }
.latent-widget .lt-hint { font-size: 14px; line-height: 1.5; color: var(--lt-ink-2); text-wrap: pretty }
.latent-widget .lt-body { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr) }
.latent-widget .lt-sky { position: relative; aspect-ratio: 1; width: 100%; max-width: 600px; overflow: hidden; border: 1px solid var(--lt-rule); line-height: 0 }
.latent-widget .lt-map { width: 100%; height: 100%; display: block; cursor: grab; touch-action: none }
.latent-widget .lt-map:active { cursor: grabbing }
.latent-widget .lt-dots { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none }
.latent-widget .lt-ring { position: absolute; left: 0; top: 0; width: 44px; height: 44px; margin: -22px 0 0 -22px; border: 3px solid var(--lt-red); outline: 2px solid var(--lt-paper); border-radius: 50%; pointer-events: none }
.latent-widget .lt-side { display: grid; gap: 14px; align-content: start; min-width: 0 }
.latent-widget canvas.lt-one { width: 112px; height: 112px; flex: none; image-rendering: pixelated; border: 1px solid var(--lt-rule) }
.latent-widget .lt-look { display: flex; gap: 14px; align-items: center }
.latent-widget .lt-look b { font: 600 19px/1.3 var(--lt-text); display: block }
.latent-widget .lt-check { display: flex; align-items: center; gap: 10px; min-height: 44px; cursor: pointer }
.latent-widget [type=checkbox] { width: 20px; height: 20px; margin: 0; accent-color: var(--lt-blue); flex: none }
.latent-widget .lt-legend { display: flex; flex-wrap: wrap; gap: 2px 10px; font-size: 13px }
.latent-widget .lt-legend li { display: flex; gap: 5px; align-items: center; margin: 0 }
.latent-widget .lt-legend i { width: 11px; height: 11px; border-radius: 50%; border: 1px solid var(--lt-ink) }
.latent-widget .lt-draw { display: flex; flex-wrap: wrap; gap: 12px 16px; align-items: flex-start }
.latent-widget .lt-board { width: 168px; height: 168px; border: 1px solid var(--lt-ink-2); cursor: crosshair; touch-action: none }
.latent-widget .lt-draw .lt-buttons { flex-direction: column }
.latent-widget .lt-read { display: flex; flex-wrap: wrap; gap: 10px }
.latent-widget .lt-read figure { width: 92px }
.latent-widget .lt-read canvas { width: 84px; height: 84px; display: block; image-rendering: pixelated; border: 1px solid var(--lt-rule) }
.latent-widget figcaption { font-size: 13px; line-height: 1.35; color: var(--lt-ink-2); margin-top: 4px }
.latent-widget .lt-over { font: 600 15px/1.3 var(--lt-ui); margin: 0; color: var(--lt-ink) }
.latent-widget legend { padding: 0; margin-bottom: 6px; font-size: 13px; color: var(--lt-ink-2) }
.latent-widget .lt-classes { display: flex; flex-wrap: wrap; gap: 6px }
.latent-widget .lt-classes label { position: relative; min-width: 44px; min-height: 44px; padding: 0 10px; display: grid; place-items: center; border-radius: 3px; box-shadow: inset 0 0 0 1px var(--lt-rule); cursor: pointer }
.latent-widget .lt-classes label:has(:checked) { background: var(--lt-wash); box-shadow: inset 0 0 0 2px var(--lt-blue) }
.latent-widget .lt-screen { width: min(280px, 100%); aspect-ratio: 1; image-rendering: pixelated; border: 1px solid var(--lt-rule); display: block }
.latent-widget .lt-strip { width: 100%; height: auto; display: block; image-rendering: pixelated; border: 1px solid var(--lt-rule); cursor: pointer }
.latent-widget .lt-slide { display: grid; gap: 2px }
.latent-widget .lt-slide span { display: flex; justify-content: space-between; gap: 10px; font-size: 14px }
.latent-widget .lt-slide output { font: 14px/1.5 var(--lt-mono) }
.latent-widget [type=range] { width: 100%; height: 44px; margin: 0; accent-color: var(--lt-blue); cursor: pointer }
.latent-widget .lt-dreams { width: 100%; max-width: 620px; height: auto; display: block; image-rendering: pixelated; border: 1px solid var(--lt-rule) }
.latent-widget .lt-clock { font: 13px/1.5 var(--lt-mono); color: var(--lt-ink-2); min-height: 1.5em }
.latent-widget .lt-foot { padding: 12px 16px; font: 13px/1.5 var(--lt-mono); color: var(--lt-ink-2); overflow-wrap: anywhere }
.latent-widget .lt-error { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center; padding: 12px 16px; border-bottom: 1px solid var(--lt-rule); border-left: 4px solid var(--lt-red) }
.latent-widget .lt-error p { flex: 1 1 16em }
.latent-widget :focus-visible, .latent-widget label:has(input:not([type=checkbox], [type=range]):focus-visible) { outline: 3px solid var(--lt-blue); outline-offset: 2px; border-radius: 3px }
.latent-widget .lt-tabs label:has(:focus-visible) { outline-offset: -4px }
.latent-widget .lt-unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@container (min-width: 640px) {
  .latent-widget .lt-body { grid-template-columns: minmax(0, 1.35fr) minmax(0, 1fr); gap: 20px }
  .latent-widget .lt-film { grid-template-columns: 280px minmax(0, 1fr) }
}
@media print { .latent-widget .lt-buttons, .latent-widget .lt-draw { display: none } }
`;

let sheet;
let users = 0;

/** Add the style to the page while at least one widget is there. @returns {() => void} undo */
export function dress() {
  sheet ??= new CSSStyleSheet();
  if (users++ === 0) {
    sheet.replaceSync(CSS);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }
  return () => {
    if (--users === 0) document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet);
  };
}
