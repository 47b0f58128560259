/** How the widget looks. Colours and type come from the page where it sets them; the fallbacks serve a page without any. */

const CSS = `
.vision-widget {
  --vs-paper: var(--paper, #fcfbf7); --vs-ink: var(--ink, #1b1d22); --vs-ink-2: var(--ink-2, #5b6069); --vs-rule: var(--rule, #e2ded2);
  --vs-grid: var(--grid, #dfe6ee); --vs-blue: var(--blue, #1d4ed8); --vs-wash: var(--blue-wash, #e8eefc); --vs-red: var(--red, #c2373b);
  --vs-ui: var(--ui, ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
  --vs-text: var(--text, Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif);
  --vs-mono: var(--mono, ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace);
  container-type: inline-size; width: 100%; text-align: left; background: var(--vs-paper); color: var(--vs-ink); font: 15px/1.5 var(--vs-ui);
}
@media (prefers-color-scheme: dark) {
  .vision-widget {
    --vs-paper: var(--paper, #14161a); --vs-ink: var(--ink, #e9e6dd); --vs-ink-2: var(--ink-2, #a2a5ad); --vs-rule: var(--rule, #2c3038);
    --vs-grid: var(--grid, #262b33); --vs-blue: var(--blue, #8fb0ff); --vs-wash: var(--blue-wash, #1c2540); --vs-red: var(--red, #ff8b87);
  }
}
.vision-widget, .vision-widget *, .vision-widget ::before { box-sizing: border-box }
.vision-widget [hidden] { display: none !important }
.vision-widget p, .vision-widget ol, .vision-widget ul, .vision-widget fieldset { margin: 0; padding: 0; border: 0; min-width: 0; list-style: none }
.vision-widget .vs-ask { display: grid; gap: 12px; padding: 14px 16px; border-bottom: 1px solid var(--vs-rule) }
.vision-widget .vs-buttons { display: flex; flex-wrap: wrap; gap: 8px }
.vision-widget button, .vision-widget .vs-choose { font: 600 15px/1.1 var(--vs-ui); display: inline-flex; align-items: center; justify-content: center; min-height: 44px; min-width: 44px; padding: 0 16px; margin: 0; border: 0; border-radius: 5px; cursor: pointer; background: none; color: var(--vs-blue); box-shadow: inset 0 0 0 1px var(--vs-ink-2) }
.vision-widget button:hover, .vision-widget .vs-choose:hover { box-shadow: inset 0 0 0 2px var(--vs-blue) }
.vision-widget button[aria-pressed=true] { background: var(--vs-wash); box-shadow: inset 0 0 0 2px var(--vs-blue) }
.vision-widget button:disabled { color: var(--vs-ink-2); cursor: default; box-shadow: inset 0 0 0 1px var(--vs-rule) }
.vision-widget .vs-choose input { position: absolute; width: 1px; height: 1px; opacity: 0 }
.vision-widget .vs-field { font-size: 13px; color: var(--vs-ink-2) }
.vision-widget .vs-chips { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 6px }
.vision-widget button.vs-sample { width: 56px; height: 56px; padding: 0; background: var(--vs-grid) 0 0 / auto 100% no-repeat }
.vision-widget button.vs-sample[aria-pressed=true] { box-shadow: 0 0 0 2px var(--vs-paper), 0 0 0 4px var(--vs-blue) }
.vision-widget .vs-body { display: grid; grid-template-columns: minmax(0, 1fr) }
.vision-widget .vs-seen { padding: 16px; border-bottom: 1px solid var(--vs-rule); min-width: 0; background: linear-gradient(var(--vs-grid) 1px, transparent 1px) 0 -1px / 24px 24px, linear-gradient(90deg, var(--vs-grid) 1px, transparent 1px) -1px 0 / 24px 24px }
.vision-widget .vs-seen.vs-over { background-color: var(--vs-wash) }
.vision-widget .vs-stage { position: relative; width: fit-content; max-width: 100%; margin: 0 auto; background: var(--vs-paper); border: 1px solid var(--vs-rule); line-height: 0 }
.vision-widget .vs-stage canvas { display: block }
.vision-widget .vs-picture { max-width: 100%; height: auto }
.vision-widget .vs-light { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none }
.vision-widget .vs-mirrored canvas { transform: scaleX(-1) }
.vision-widget .vs-drawing .vs-picture { cursor: crosshair; touch-action: none }
.vision-widget .vs-pen { position: absolute; width: 14px; height: 14px; margin: -7px 0 0 -7px; border: 2px solid var(--vs-red); border-radius: 50%; pointer-events: none }
.vision-widget .vs-tools { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: end; margin-top: 12px; padding: 10px; background: var(--vs-paper); border: 1px solid var(--vs-rule) }
.vision-widget legend { padding: 0; font-size: 13px; color: var(--vs-ink-2) }
.vision-widget .vs-inks { display: flex; flex-wrap: wrap; gap: 4px }
.vision-widget .vs-inks label { position: relative; display: grid; place-items: center; min-width: 44px; height: 44px; cursor: pointer }
.vision-widget .vs-inks input { position: absolute; opacity: 0; width: 100%; height: 100%; margin: 0; cursor: pointer }
.vision-widget .vs-inks i { width: 30px; height: 30px; border-radius: 50%; border: 1px solid var(--vs-ink-2) }
.vision-widget .vs-inks input:checked + i { box-shadow: 0 0 0 2px var(--vs-paper), 0 0 0 4px var(--vs-blue) }
.vision-widget .vs-inks input:focus-visible + i { outline: 3px solid var(--vs-blue); outline-offset: 5px }
.vision-widget .vs-pens i { background: var(--vs-ink); border: 0 }
.vision-widget .vs-note { margin-top: 12px; font-size: 13px; line-height: 1.5; color: var(--vs-ink-2); text-align: center; background: var(--vs-paper); text-wrap: balance }
.vision-widget .vs-note.vs-problem { color: var(--vs-ink); border-left: 4px solid var(--vs-red); padding: 8px 12px; text-align: left; text-wrap: pretty }
.vision-widget .vs-told { display: flex; flex-direction: column; gap: 14px; padding: 16px; min-width: 0; border-bottom: 1px solid var(--vs-rule) }
.vision-widget .vs-verdict { font: 600 26px/1.25 var(--vs-text); text-wrap: balance }
.vision-widget .vs-verdict span { float: right; font: 13px/2.4 var(--vs-mono); color: var(--vs-ink-2) }
.vision-widget .vs-least { min-height: 4.5em }
.vision-widget .vs-bars { display: grid; gap: 8px }
.vision-widget .vs-bars li { display: grid; grid-template-columns: minmax(0, 7em) minmax(0, 1fr) 4.2em; gap: 10px; align-items: center; margin: 0; color: var(--vs-ink-2); overflow-wrap: anywhere }
.vision-widget .vs-bars li.vs-best { color: var(--vs-ink); font-weight: 600 }
.vision-widget .vs-bar { position: relative; height: 16px; background: var(--vs-grid); border-radius: 2px; overflow: hidden }
.vision-widget .vs-bar i { display: block; height: 100%; background: var(--vs-ink-2); transform-origin: left; transform: scaleX(0); transition: transform .12s }
.vision-widget .vs-best .vs-bar i { background: var(--vs-blue) }
.vision-widget .vs-bar b { position: absolute; top: 0; bottom: 0; width: 2px; margin-left: -1px; background: var(--vs-ink) }
.vision-widget .vs-share { font: 13px/1.4 var(--vs-mono); font-variant-numeric: tabular-nums; text-align: right }
.vision-widget .vs-check { display: flex; align-items: center; gap: 10px; min-height: 44px; cursor: pointer }
.vision-widget [type=checkbox] { width: 20px; height: 20px; margin: 0; accent-color: var(--vs-blue); flex: none }
.vision-widget .vs-hint { font-size: 13px; line-height: 1.5; color: var(--vs-ink-2); text-wrap: pretty }
.vision-widget .vs-warn:empty { display: none }
.vision-widget .vs-warn { border-left: 4px solid var(--vs-rule); padding-left: 10px }
.vision-widget details { padding: 0 16px 4px; border-bottom: 1px solid var(--vs-rule) }
.vision-widget summary { min-height: 44px; display: flex; align-items: center; font-weight: 600; cursor: pointer; color: var(--vs-blue) }
.vision-widget summary::before { content: "+"; font: 1.1em var(--vs-mono); margin-right: .5em }
.vision-widget [open] > summary::before { content: "−" }
.vision-widget summary::-webkit-details-marker { display: none }
.vision-widget .vs-filters { display: grid; grid-template-columns: repeat(8, minmax(0, 1fr)); gap: 8px; padding: 10px 0 14px }
.vision-widget .vs-filters li { display: grid; gap: 3px; margin: 0 }
.vision-widget .vs-filters canvas { width: 100%; aspect-ratio: 1; display: block; border: 1px solid var(--vs-rule); background: #fff; image-rendering: pixelated }
.vision-widget .vs-foot { padding: 12px 16px; font: 13px/1.5 var(--vs-mono); color: var(--vs-ink-2) }
.vision-widget .vs-error { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center; padding: 12px 16px; border-bottom: 1px solid var(--vs-rule); border-left: 4px solid var(--vs-red) }
.vision-widget .vs-error p { flex: 1 1 16em }
.vision-widget :focus-visible, .vision-widget .vs-choose:has(:focus-visible) { outline: 3px solid var(--vs-blue); outline-offset: 2px; border-radius: 3px }
.vision-widget .vs-unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@container (min-width: 600px) {
  .vision-widget .vs-body { grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr) }
  .vision-widget .vs-told { border-left: 1px solid var(--vs-rule) }
}
@container (min-width: 44rem) {
  .vision-widget .vs-filters { grid-template-columns: repeat(16, minmax(0, 1fr)) }
}
@media (prefers-reduced-motion: reduce) { .vision-widget .vs-bar i { transition: none } }
@media print { .vision-widget .vs-ask, .vision-widget .vs-tools { display: none } }
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
