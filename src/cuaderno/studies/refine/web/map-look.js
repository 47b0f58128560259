/** How the map looks. Colours and type come from the page where it sets them; the fallbacks serve a page without any. */

const CSS = `
.map-widget {
  --mp-paper: var(--paper, #fcfbf7); --mp-ink: var(--ink, #1b1d22); --mp-ink-2: var(--ink-2, #5b6069); --mp-rule: var(--rule, #e2ded2);
  --mp-grid: var(--grid, #dfe6ee); --mp-blue: var(--blue, #1d4ed8); --mp-wash: var(--blue-wash, #e8eefc); --mp-red: var(--red, #c2373b);
  --mp-green: var(--green, #1f7a4d); --mp-amber: var(--amber, #8a5f00);
  --mp-ui: var(--ui, ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
  --mp-text: var(--text, Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif);
  --mp-mono: var(--mono, ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace);
  width: 100%; text-align: left; background: var(--mp-paper); color: var(--mp-ink); font: 15px/1.5 var(--mp-ui);
}
@media (prefers-color-scheme: dark) {
  .map-widget {
    --mp-paper: var(--paper, #14161a); --mp-ink: var(--ink, #e9e6dd); --mp-ink-2: var(--ink-2, #a2a5ad); --mp-rule: var(--rule, #2c3038);
    --mp-grid: var(--grid, #262b33); --mp-blue: var(--blue, #8fb0ff); --mp-wash: var(--blue-wash, #1c2540); --mp-red: var(--red, #ff8b87);
    --mp-green: var(--green, #7fd3a4); --mp-amber: var(--amber, #e6bd62);
  }
}
.map-widget, .map-widget * { box-sizing: border-box }
.map-widget [hidden] { display: none !important }
.map-widget p, .map-widget ol, .map-widget ul, .map-widget fieldset { margin: 0; padding: 0; border: 0; min-width: 0 }
.map-widget .mp-part { display: grid; gap: 12px; padding: 14px 16px 16px; border-bottom: 1px solid var(--mp-rule); min-width: 0 }
.map-widget .mp-left, .map-widget .mp-right { display: grid; gap: 12px; align-content: start; min-width: 0 }
.map-widget { container-type: inline-size }
@container (min-width: 760px) {
  .map-widget .mp-both { grid-template-columns: minmax(0, 1.5fr) minmax(0, 1fr); gap: 24px }
}
.map-widget .mp-tools { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: end }
.map-widget .mp-choice { display: flex; flex-wrap: wrap; gap: 0 16px }
.map-widget .mp-choice label { display: flex; align-items: center; gap: 8px; min-height: 44px; cursor: pointer }
.map-widget .mp-choice input { width: 20px; height: 20px; margin: 0; accent-color: var(--mp-blue) }
.map-widget .mp-field { display: block; flex: 1 1 12em; font-size: 13px; color: var(--mp-ink-2) }
.map-widget input[type=search], .map-widget select { display: block; width: 100%; height: 44px; margin-top: 4px; padding: 0 10px; font: 16px/1.3 var(--mp-text); color: var(--mp-ink); background: var(--mp-paper); border: 1px solid var(--mp-ink-2); border-radius: 5px }
.map-widget button { font: 600 15px/1.1 var(--mp-ui); min-height: 44px; min-width: 44px; padding: 0 12px; margin: 0; border: 0; border-radius: 5px; cursor: pointer; background: var(--mp-paper); color: var(--mp-blue); box-shadow: inset 0 0 0 1px var(--mp-ink-2) }
.map-widget button:hover { box-shadow: inset 0 0 0 2px var(--mp-blue) }
.map-widget .mp-sheet { position: relative; border: 1px solid var(--mp-rule); border-radius: 5px; overflow: hidden; background: linear-gradient(var(--mp-grid) 1px, transparent 1px) 0 -1px / 24px 24px, linear-gradient(90deg, var(--mp-grid) 1px, transparent 1px) -1px 0 / 24px 24px }
.map-widget .mp-canvas { display: block; width: 100%; height: clamp(300px, 78vw, 540px); touch-action: pan-y; cursor: grab }
.map-widget .mp-canvas.mp-moved { touch-action: none }
.map-widget .mp-canvas:active { cursor: grabbing }
.map-widget .mp-under { display: flex; flex-wrap: wrap; gap: 8px 18px; justify-content: space-between; align-items: center }
.map-widget .mp-zoom { display: flex; gap: 6px; margin-inline-start: auto }
.map-widget .mp-tip { position: absolute; left: 0; top: 0; max-width: min(260px, 80%); padding: 6px 10px; font: 14px/1.4 var(--mp-text); color: var(--mp-ink); background: var(--mp-paper); border: 1px solid var(--mp-ink-2); border-radius: 4px; pointer-events: none; overflow-wrap: anywhere }
.map-widget .mp-key { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 14px }
.map-widget .mp-key li { display: flex; align-items: center; gap: 7px; margin: 0 }
.map-widget .mp-key canvas { width: 14px; height: 14px }
.map-widget .mp-hint { font-size: 13px; line-height: 1.5; color: var(--mp-ink-2); text-wrap: pretty }
.map-widget .mp-title { font: 600 17px/1.35 var(--mp-text) }
.map-widget .mp-said { font: 18px/1.45 var(--mp-text); overflow-wrap: anywhere; white-space: pre-wrap }
.map-widget .mp-rows { list-style: none; display: grid; gap: 2px }
.map-widget .mp-rows li { margin: 0; min-width: 0 }
.map-widget .mp-rows button { width: 100%; display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 12px; align-items: baseline; padding: 10px; text-align: start; font: 15px/1.4 var(--mp-text); color: var(--mp-ink); background: none; box-shadow: none; overflow-wrap: anywhere }
.map-widget .mp-rows button:hover, .map-widget .mp-rows button[aria-pressed=true] { background: var(--mp-wash) }
.map-widget .mp-rows small { font: 13px/1.4 var(--mp-mono); color: var(--mp-ink-2) }
.map-widget details { min-width: 0 }
.map-widget summary { min-height: 44px; display: flex; align-items: center; gap: 8px; cursor: pointer; color: var(--mp-blue); font-weight: 600 }
.map-widget summary::before { content: "▸" }
.map-widget details[open] > summary::before { content: "▾" }
.map-widget .mp-rows.mp-all { max-height: 360px; overflow-y: auto }
.map-widget .mp-strip { display: flex; gap: 3px; overflow-x: auto; padding: 4px 4px 10px }
.map-widget button.mp-token { flex: none; display: flex; flex-direction: column; align-items: center; gap: 6px; min-width: 44px; padding: 6px 4px; box-shadow: none; background: none; color: var(--mp-ink); font: 13px/1.2 var(--mp-mono); white-space: pre }
.map-widget button.mp-token:hover, .map-widget button.mp-token[aria-pressed=true] { background: var(--mp-wash) }
.map-widget .mp-token canvas { width: 30px; height: 128px; image-rendering: pixelated; background: var(--mp-paper) }
.map-widget :focus-visible { outline: 3px solid var(--mp-blue); outline-offset: 2px; border-radius: 3px }
.map-widget .mp-canvas:focus-visible { outline-offset: -3px }
`;

let mapSheet;
let mapUsers = 0;

/** Add the style to the page while at least one map is there. @returns {() => void} undo */
export function dressMap() {
  mapSheet ??= new CSSStyleSheet();
  if (mapUsers++ === 0) {
    mapSheet.replaceSync(CSS);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, mapSheet];
  }
  return () => {
    if (--mapUsers === 0) document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== mapSheet);
  };
}
