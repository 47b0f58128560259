/** How the widget looks. Colours and type come from the page where it sets them; the fallbacks serve a page without any. */

const CSS = `
.maze-widget {
  --mz-paper: var(--paper, #fcfbf7); --mz-ink: var(--ink, #1b1d22); --mz-ink-2: var(--ink-2, #5b6069); --mz-rule: var(--rule, #e2ded2);
  --mz-grid: var(--grid, #dfe6ee); --mz-blue: var(--blue, #1d4ed8); --mz-red: var(--red, #c2373b);
  --mz-ui: var(--ui, ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
  --mz-text: var(--text, Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif);
  --mz-mono: var(--mono, ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace);
  container-type: inline-size; width: 100%; text-align: left; background: var(--mz-paper); color: var(--mz-ink); font: 15px/1.5 var(--mz-ui);
}
@media (prefers-color-scheme: dark) {
  .maze-widget {
    --mz-paper: var(--paper, #14161a); --mz-ink: var(--ink, #e9e6dd); --mz-ink-2: var(--ink-2, #a2a5ad); --mz-rule: var(--rule, #2c3038);
    --mz-grid: var(--grid, #262b33); --mz-blue: var(--blue, #8fb0ff); --mz-red: var(--red, #ff8b87);
  }
}
.maze-widget, .maze-widget *, .maze-widget ::before { box-sizing: border-box }
.maze-widget [hidden] { display: none !important }
.maze-widget .mz-body { display: grid; grid-template-columns: minmax(0, 1fr) }
.maze-widget .mz-sheet { position: relative; display: grid; place-items: center; padding: clamp(4px, 2cqi, 22px); border-bottom: 1px solid var(--mz-rule);
  background: linear-gradient(var(--mz-grid) 1px, transparent 1px) var(--mz-origin, 0 0) / var(--mz-square, 24px) var(--mz-square, 24px),
    linear-gradient(90deg, var(--mz-grid) 1px, transparent 1px) var(--mz-origin, 0 0) / var(--mz-square, 24px) var(--mz-square, 24px) }
.maze-widget .mz-desk { display: block; line-height: 0; border-radius: 3px; touch-action: pinch-zoom; cursor: crosshair; user-select: none; -webkit-user-select: none }
.maze-widget .mz-desk.mz-grab { cursor: grab } .maze-widget .mz-desk.mz-grabbing { cursor: grabbing }
.maze-widget canvas { display: block; max-width: none }
.maze-widget .mz-side { display: flex; flex-direction: column; gap: 16px; padding: 14px 16px 16px }
.maze-widget .mz-verdict { font: 600 19px/1.35 var(--mz-text); margin: 0; text-wrap: pretty; min-height: 2.7em }
.maze-widget .mz-note { font-size: 13px; color: var(--mz-ink-2); margin: 6px 0 0 }
.maze-widget .mz-stamp { font: 13px/1.5 var(--mz-mono); font-variant-numeric: tabular-nums; color: var(--mz-ink-2); margin: 6px 0 0; text-decoration: underline dotted var(--mz-blue) 1.5px; text-underline-offset: .25em }
.maze-widget .mz-fields { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: end; gap: 10px 16px }
.maze-widget .mz-fields > .mz-wide { grid-column: 1 / -1 }
.maze-widget .mz-field { display: block; font-size: 13px; color: var(--mz-ink-2); min-width: 0 }
.maze-widget .mz-readout { float: right; font: 13px/1.5 var(--mz-mono); color: var(--mz-ink) }
.maze-widget select { display: block; width: 100%; height: 44px; font: 15px var(--mz-ui); color: var(--mz-ink); background: var(--mz-paper); border: 1px solid var(--mz-ink-2); border-radius: 5px; padding: 0 8px; margin: 0 }
.maze-widget input[type=range] { display: block; width: 100%; min-width: 0; height: 44px; margin: 0; accent-color: var(--mz-blue); cursor: pointer }
.maze-widget button { font: 600 15px/1 var(--mz-ui); display: inline-flex; align-items: center; justify-content: center; gap: 8px; min-height: 44px; min-width: 44px; padding: 0 16px; margin: 0;
  border: 0; border-radius: 5px; cursor: pointer; background: var(--mz-blue); color: var(--mz-paper); white-space: nowrap }
.maze-widget button.mz-quiet { background: none; color: var(--mz-blue); box-shadow: inset 0 0 0 1px var(--mz-ink-2) }
.maze-widget button:hover { filter: brightness(1.08) } .maze-widget button.mz-quiet:hover { box-shadow: inset 0 0 0 2px var(--mz-blue); filter: none }
.maze-widget button[disabled] { opacity: .5; cursor: default }
.maze-widget button svg { width: 14px; height: 14px; fill: currentColor; flex: none }
.maze-widget .mz-transport { display: grid; grid-template-columns: auto minmax(0, 1fr) minmax(6.6rem, auto); gap: 10px 14px; align-items: center; padding: 10px 16px; border-bottom: 1px solid var(--mz-rule) }
.maze-widget .mz-play { min-width: 8.6em }
.maze-widget .mz-step { justify-self: start }
.maze-widget .mz-time { grid-area: 2 / 1 / 3 / 3 }
.maze-widget .mz-speed { grid-area: 2 / 3 }
.maze-widget .mz-check { display: flex; align-items: center; gap: 10px; min-height: 44px; cursor: pointer; font-size: 15px }
.maze-widget .mz-check input { width: 20px; height: 20px; margin: 0; accent-color: var(--mz-blue); flex: none }
.maze-widget .mz-legend { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(11em, 1fr)); gap: 2px 14px; font-size: 13px; color: var(--mz-ink-2) }
.maze-widget .mz-legend li { display: flex; align-items: center; gap: 8px; margin: 0 }
.maze-widget .mz-legend i { flex: none; width: 22px; height: 12px; display: grid; place-items: center }
.maze-widget .mz-legend i::before { content: ""; display: block }
.maze-widget .mz-k-start i::before { width: 12px; height: 12px; border-radius: 50%; border: 3px solid var(--mz-blue) }
.maze-widget .mz-k-goal i::before { width: 12px; height: 12px; border-radius: 50%; background: var(--mz-blue) }
.maze-widget .mz-k-way i::before { width: 22px; height: 5px; border-radius: 3px; background: var(--mz-blue) }
.maze-widget .mz-k-shortest i::before { width: 22px; border-top: 2px dashed var(--mz-red) }
.maze-widget .mz-k-wash i::before { width: 22px; height: 12px; background: var(--mz-blue); opacity: .38 }
.maze-widget .mz-k-known i::before { width: 22px; height: 12px; box-shadow: inset 0 0 0 1px var(--mz-grid); background: color-mix(in srgb, var(--mz-blue) 9%, transparent) }
.maze-widget .mz-k-wave i::before { width: 22px; height: 12px; background: var(--mz-blue); opacity: .26 }
.maze-widget .mz-hint { font-size: 13px; line-height: 1.5; color: var(--mz-ink-2); margin: 0; text-wrap: pretty }
.maze-widget details { font-size: 13px; color: var(--mz-ink-2) } .maze-widget summary { min-height: 44px; line-height: 44px; cursor: pointer; color: var(--mz-ink) }
.maze-widget details p { margin: 0; max-height: 12em; overflow: auto }
.maze-widget .mz-error { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center; padding: 12px 16px; border-bottom: 1px solid var(--mz-rule); border-left: 4px solid var(--mz-red); margin: 0 }
.maze-widget .mz-error p { margin: 0; flex: 1 1 16em }
.maze-widget :focus-visible { outline: 3px solid var(--mz-blue); outline-offset: 2px; border-radius: 3px }
.maze-widget .mz-unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@container (min-width: 44rem) {
  .maze-widget .mz-body { grid-template-columns: minmax(0, 1fr) 18.5rem; grid-template-rows: 1fr auto }
  .maze-widget .mz-sheet { grid-area: 1 / 1 }
  .maze-widget .mz-transport { grid-area: 2 / 1; grid-template-columns: auto auto minmax(0, 1fr) 8rem; padding: 12px 18px 14px; border-bottom: 0 }
  .maze-widget .mz-time { grid-area: 1 / 3 }
  .maze-widget .mz-speed { grid-area: 1 / 4 }
  .maze-widget .mz-fields { grid-template-columns: minmax(0, 1fr) }
  .maze-widget .mz-side { grid-area: 1 / 2 / 3 / 3; border-left: 1px solid var(--mz-rule); padding: 18px }
}
@media print { .maze-widget .mz-transport, .maze-widget .mz-fields, .maze-widget .mz-hint, .maze-widget .mz-check { display: none } }
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
