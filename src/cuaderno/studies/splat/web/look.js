/** How the pictures look. Colours and type come from the page where it sets them; the fallbacks serve a page without any. */

const CSS = `
.splat-widget {
  --sp-paper: var(--paper, #fcfbf7); --sp-ink: var(--ink, #1b1d22); --sp-ink-2: var(--ink-2, #5b6069); --sp-rule: var(--rule, #e2ded2);
  --sp-grid: var(--grid, #dfe6ee); --sp-blue: var(--blue, #1d4ed8); --sp-wash: var(--blue-wash, #e8eefc); --sp-red: var(--red, #c2373b);
  --sp-ui: var(--ui, ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
  --sp-mono: var(--mono, ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace);
  container-type: inline-size; width: 100%; text-align: left; background: var(--sp-paper); color: var(--sp-ink); font: 15px/1.5 var(--sp-ui);
}
@media (prefers-color-scheme: dark) {
  .splat-widget {
    --sp-paper: var(--paper, #14161a); --sp-ink: var(--ink, #e9e6dd); --sp-ink-2: var(--ink-2, #a2a5ad); --sp-rule: var(--rule, #2c3038);
    --sp-grid: var(--grid, #262b33); --sp-blue: var(--blue, #8fb0ff); --sp-wash: var(--blue-wash, #1c2540); --sp-red: var(--red, #ff8b87);
  }
}
.splat-widget, .splat-widget *, .splat-widget ::before { box-sizing: border-box }
.splat-widget [hidden] { display: none !important }
.splat-widget p, .splat-widget figure { margin: 0; padding: 0; border: 0; min-width: 0; max-width: none }
.splat-widget .sp-ask { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: center; padding: 14px 16px; border-bottom: 1px solid var(--sp-rule) }
.splat-widget .sp-buttons { display: flex; flex-wrap: wrap; gap: 8px }
.splat-widget button, .splat-widget .sp-choose { font: 600 15px/1.1 var(--sp-ui); display: inline-flex; align-items: center; justify-content: center; min-height: 44px; min-width: 44px; padding: 0 16px; margin: 0; border: 0; border-radius: 5px; cursor: pointer; background: none; color: var(--sp-blue); box-shadow: inset 0 0 0 1px var(--sp-ink-2) }
.splat-widget button:hover, .splat-widget .sp-choose:hover { box-shadow: inset 0 0 0 2px var(--sp-blue) }
.splat-widget button[aria-pressed=true] { background: var(--sp-wash); box-shadow: inset 0 0 0 2px var(--sp-blue) }
.splat-widget button:disabled { color: var(--sp-ink-2); cursor: default; box-shadow: inset 0 0 0 1px var(--sp-rule) }
.splat-widget .sp-choose { position: relative }
.splat-widget .sp-choose input { position: absolute; inset: 0; width: 100%; height: 100%; opacity: 0; cursor: pointer }
.splat-widget .sp-place { font: 13px/1.5 var(--sp-mono); color: var(--sp-ink-2) }
.splat-widget .sp-paper { padding: 16px; border-bottom: 1px solid var(--sp-rule); background: linear-gradient(var(--sp-grid) 1px, transparent 1px) 0 -1px / 24px 24px, linear-gradient(90deg, var(--sp-grid) 1px, transparent 1px) -1px 0 / 24px 24px }
.splat-widget .sp-stage { position: relative; width: 100%; max-width: 46rem; margin: 0 auto; border: 1px solid var(--sp-rule); cursor: grab; touch-action: pan-y; overflow: hidden; background: var(--sp-paper); aspect-ratio: 4 / 3; user-select: none }
.splat-widget .sp-stage:active { cursor: grabbing }
.splat-widget .sp-stage canvas { position: absolute; inset: 0; width: 100%; height: 100%; display: block }
.splat-widget .sp-lines { pointer-events: none }
.splat-widget .sp-flat { display: block; width: 100%; height: auto; margin: 0 auto; max-width: 36rem; border: 1px solid var(--sp-rule); background: #fcfbf7 }
.splat-widget .sp-flat[tabindex] { cursor: crosshair; touch-action: pan-y }
.splat-widget .sp-pair { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; max-width: 46rem; margin: 0 auto }
.splat-widget .sp-pair canvas { image-rendering: pixelated }
.splat-widget figcaption { font-size: 13px; line-height: 1.5; color: var(--sp-ink-2); background: var(--sp-paper); width: fit-content; padding: 2px 6px 0 0; margin: 0 }
.splat-widget .sp-told { display: grid; gap: 12px; padding: 14px 16px; border-bottom: 1px solid var(--sp-rule) }
.splat-widget .sp-told:last-child { border-bottom: 0 }
.splat-widget .sp-sliders { display: grid; gap: 4px 28px }
.splat-widget .sp-slider { display: grid; grid-template-columns: minmax(7em, auto) minmax(0, 1fr) minmax(3.4em, auto); gap: 4px 12px; align-items: center; min-height: 44px }
.splat-widget .sp-slider input { width: 100%; min-height: 44px; margin: 0; accent-color: var(--sp-blue) }
.splat-widget .sp-slider input[type=color] { width: 4.5rem; padding: 2px; background: none; border: 1px solid var(--sp-ink-2); border-radius: 5px; cursor: pointer }
.splat-widget .sp-checks { display: flex; flex-wrap: wrap; gap: 0 24px }
.splat-widget .sp-check { display: flex; align-items: center; gap: 10px; min-height: 44px; cursor: pointer }
.splat-widget [type=checkbox] { width: 20px; height: 20px; margin: 0; accent-color: var(--sp-blue); flex: none }
.splat-widget .sp-small { font-size: 13px; line-height: 1.5; color: var(--sp-ink-2); text-wrap: pretty }
.splat-widget p.sp-small:empty { display: none }
.splat-widget output.sp-small { font-family: var(--sp-mono); font-variant-numeric: tabular-nums; text-align: right }
.splat-widget .sp-mono { font: 13px/1.6 var(--sp-mono); font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.splat-widget .sp-shares { display: flex; height: 22px; border: 1px solid var(--sp-rule) }
.splat-widget .sp-shares i { flex: 0 1 0; min-width: 0 }
.splat-widget .sp-curve { display: block; width: 100%; max-width: 30rem; height: auto; border-left: 1px solid var(--sp-rule); border-bottom: 1px solid var(--sp-rule) }
.splat-widget .sp-curve polyline { fill: none; stroke-width: 1.6; stroke-linejoin: round }
.splat-widget .sp-new { stroke: var(--sp-blue) }
.splat-widget .sp-old { stroke: var(--sp-ink-2); stroke-dasharray: 3 3 }
.splat-widget .sp-key { display: inline-block; width: 1.4em; height: 0; border-top: 3px solid; vertical-align: middle; margin: 0 .4em 0 .2em }
.splat-widget .sp-key.sp-blue { border-color: var(--sp-blue) }
.splat-widget .sp-key.sp-red { border-color: var(--sp-red); margin-left: 1em }
.splat-widget .sp-foot { padding: 12px 16px; font: 13px/1.5 var(--sp-mono); color: var(--sp-ink-2) }
.splat-widget .sp-error { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center; padding: 12px 16px; border-bottom: 1px solid var(--sp-rule); border-left: 4px solid var(--sp-red) }
.splat-widget .sp-error p { flex: 1 1 16em }
.splat-widget :focus-visible, .splat-widget .sp-choose:has(:focus-visible) { outline: 3px solid var(--sp-blue); outline-offset: 2px }
.splat-widget .sp-unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@container (min-width: 600px) { .splat-widget .sp-sliders { grid-template-columns: 1fr 1fr } }
@container (max-width: 599px) {
  .splat-widget .sp-slider { grid-template-columns: auto minmax(0, 1fr) }
  .splat-widget .sp-slider input[type=range] { grid-column: 1 / -1; grid-row: 2 }
  .splat-widget .sp-slider output { grid-column: 2; grid-row: 1 }
}
@media print { .splat-widget .sp-ask { display: none } }
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
