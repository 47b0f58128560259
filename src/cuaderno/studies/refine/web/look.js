/** How the widget looks. Colours and type come from the page where it sets them; the fallbacks serve a page without any. */

const CSS = `
.refine-widget {
  --rf-paper: var(--paper, #fcfbf7); --rf-ink: var(--ink, #1b1d22); --rf-ink-2: var(--ink-2, #5b6069); --rf-rule: var(--rule, #e2ded2);
  --rf-grid: var(--grid, #dfe6ee); --rf-blue: var(--blue, #1d4ed8); --rf-wash: var(--blue-wash, #e8eefc); --rf-red: var(--red, #c2373b);
  --rf-ui: var(--ui, ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
  --rf-text: var(--text, Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif);
  --rf-mono: var(--mono, ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace);
  width: 100%; text-align: left; background: var(--rf-paper); color: var(--rf-ink); font: 15px/1.5 var(--rf-ui);
}
@media (prefers-color-scheme: dark) {
  .refine-widget {
    --rf-paper: var(--paper, #14161a); --rf-ink: var(--ink, #e9e6dd); --rf-ink-2: var(--ink-2, #a2a5ad); --rf-rule: var(--rule, #2c3038);
    --rf-grid: var(--grid, #262b33); --rf-blue: var(--blue, #8fb0ff); --rf-wash: var(--blue-wash, #1c2540); --rf-red: var(--red, #ff8b87);
  }
}
.refine-widget, .refine-widget * { box-sizing: border-box }
.refine-widget [hidden] { display: none !important }
.refine-widget p, .refine-widget ol, .refine-widget fieldset { margin: 0; padding: 0; border: 0; min-width: 0 }
.refine-widget .rf-part { display: grid; gap: 12px; padding: 14px 16px 16px; border-bottom: 1px solid var(--rf-rule); min-width: 0 }
.refine-widget label.rf-field { display: block; font-size: 13px; color: var(--rf-ink-2) }
.refine-widget textarea { display: block; width: 100%; min-height: 64px; margin: 4px 0 0; padding: 8px 10px; font: 20px/1.4 var(--rf-text); color: var(--rf-ink); background: var(--rf-paper); border: 1px solid var(--rf-ink-2); border-radius: 5px; resize: vertical; overflow-wrap: anywhere }
.refine-widget button { font: 600 15px/1.1 var(--rf-ui); min-height: 44px; min-width: 44px; padding: 0 16px; margin: 0; border: 0; border-radius: 5px; cursor: pointer; background: none; color: var(--rf-blue); box-shadow: inset 0 0 0 1px var(--rf-ink-2) }
.refine-widget button:hover { box-shadow: inset 0 0 0 2px var(--rf-blue) }
.refine-widget .rf-chips { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 6px }
.refine-widget button.rf-chip { font: 15px/1.3 var(--rf-text); color: var(--rf-ink); padding: 8px 12px; text-align: start; max-width: 100%; overflow-wrap: anywhere }
.refine-widget .rf-title { font: 600 17px/1.35 var(--rf-text) }
.refine-widget .rf-hint, .refine-widget .rf-near { font-size: 13px; line-height: 1.5; color: var(--rf-ink-2); text-wrap: pretty }
.refine-widget .rf-near { color: var(--rf-ink); min-height: 3em; overflow-wrap: anywhere }
.refine-widget .rf-bars { list-style: none; display: grid; gap: 6px }
.refine-widget .rf-bars li { display: grid; grid-template-columns: minmax(5em, 10em) minmax(0, 1fr) 4.2em; gap: 10px; align-items: center; margin: 0; color: var(--rf-ink-2); overflow-wrap: anywhere }
.refine-widget .rf-bars li.rf-best { color: var(--rf-ink); font-weight: 600 }
.refine-widget .rf-bar { height: 14px; background: var(--rf-grid); border-radius: 2px; overflow: hidden }
.refine-widget .rf-bar i { display: block; height: 100%; background: var(--rf-ink-2); transform-origin: left; transition: transform .12s }
.refine-widget .rf-best .rf-bar i { background: var(--rf-blue) }
.refine-widget .rf-share { font: 13px/1.4 var(--rf-mono); font-variant-numeric: tabular-nums; text-align: right }
.refine-widget .rf-when { display: flex; flex-wrap: wrap; gap: 0 20px }
.refine-widget .rf-when label { display: flex; align-items: center; gap: 8px; min-height: 44px; cursor: pointer }
.refine-widget .rf-when input { width: 20px; height: 20px; margin: 0; accent-color: var(--rf-blue) }
.refine-widget .rf-strip { display: flex; gap: 3px; overflow-x: auto; padding: 4px 4px 10px }
.refine-widget button.rf-token { flex: none; display: flex; flex-direction: column; align-items: center; gap: 6px; min-width: 44px; padding: 6px 4px; box-shadow: none; color: var(--rf-ink); font: 13px/1.2 var(--rf-mono); white-space: pre }
.refine-widget button.rf-token:hover, .refine-widget button.rf-token[aria-pressed=true] { background: var(--rf-wash) }
.refine-widget .rf-token canvas { width: 30px; height: 128px; image-rendering: pixelated; background: var(--rf-paper) }
.refine-widget .rf-map > .rf-part { border-bottom: 0; padding-bottom: 0 }
.refine-widget .rf-foot { padding: 12px 16px; font: 13px/1.5 var(--rf-mono); color: var(--rf-ink-2) }
.refine-widget .rf-error { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center; padding: 12px 16px; border-left: 4px solid var(--rf-red) }
.refine-widget code { font: 14px/1.5 var(--rf-mono); overflow-wrap: anywhere }
.refine-widget :focus-visible { outline: 3px solid var(--rf-blue); outline-offset: 2px; border-radius: 3px }
@media (prefers-reduced-motion: reduce) { .refine-widget .rf-bar i { transition: none } }
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
