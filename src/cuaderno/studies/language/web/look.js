/** How the widget looks. Colours and type come from the page where it sets them; the fallbacks serve a page without any. */

const CSS = `
.language-widget {
  --lg-paper: var(--paper, #fcfbf7); --lg-ink: var(--ink, #1b1d22); --lg-ink-2: var(--ink-2, #5b6069); --lg-rule: var(--rule, #e2ded2);
  --lg-grid: var(--grid, #dfe6ee); --lg-blue: var(--blue, #1d4ed8); --lg-wash: var(--blue-wash, #e8eefc); --lg-red: var(--red, #c2373b);
  --lg-ui: var(--ui, ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif);
  --lg-text: var(--text, Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif);
  --lg-mono: var(--mono, ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace);
  container-type: inline-size; width: 100%; text-align: left; background: var(--lg-paper); color: var(--lg-ink); font: 15px/1.5 var(--lg-ui);
}
@media (prefers-color-scheme: dark) {
  .language-widget {
    --lg-paper: var(--paper, #14161a); --lg-ink: var(--ink, #e9e6dd); --lg-ink-2: var(--ink-2, #a2a5ad); --lg-rule: var(--rule, #2c3038);
    --lg-grid: var(--grid, #262b33); --lg-blue: var(--blue, #8fb0ff); --lg-wash: var(--blue-wash, #1c2540); --lg-red: var(--red, #ff8b87);
  }
}
.language-widget, .language-widget *, .language-widget ::before { box-sizing: border-box }
.language-widget [hidden] { display: none !important }
.language-widget p, .language-widget ol, .language-widget fieldset { margin: 0; padding: 0; border: 0; min-width: 0 }
.language-widget .lg-ask, .language-widget .lg-photo { display: grid; gap: 12px; padding: 14px 16px 16px; border-bottom: 1px solid var(--lg-rule) }
.language-widget .lg-field { display: block; font-size: 13px; color: var(--lg-ink-2); min-width: 0 }
.language-widget textarea { display: block; width: 100%; min-height: 64px; margin: 4px 0 0; padding: 8px 10px; font: 20px/1.4 var(--lg-text); color: var(--lg-ink); background: var(--lg-paper); border: 1px solid var(--lg-ink-2); border-radius: 5px; resize: vertical; overflow-wrap: anywhere }
.language-widget select { display: block; width: 100%; height: 44px; margin: 4px 0 0; padding: 0 8px; font: 15px var(--lg-ui); color: var(--lg-ink); background: var(--lg-paper); border: 1px solid var(--lg-ink-2); border-radius: 5px }
.language-widget [type=range] { display: block; width: 100%; min-width: 0; height: 44px; margin: 4px 0 0; accent-color: var(--lg-blue); cursor: pointer }
.language-widget [type=checkbox] { width: 20px; height: 20px; margin: 0; accent-color: var(--lg-blue); flex: none }
.language-widget .lg-check { display: flex; align-items: center; gap: 10px; min-height: 44px; cursor: pointer }
.language-widget .lg-chips { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 6px }
.language-widget button, .language-widget .lg-choose { font: 600 15px/1.1 var(--lg-ui); display: inline-flex; align-items: center; justify-content: center; min-height: 44px; min-width: 44px; padding: 0 16px; margin: 0; border: 0; border-radius: 5px; cursor: pointer; background: none; color: var(--lg-blue); box-shadow: inset 0 0 0 1px var(--lg-ink-2) }
.language-widget button:hover, .language-widget .lg-choose:hover { box-shadow: inset 0 0 0 2px var(--lg-blue) }
.language-widget button.lg-chip { font: 16px/1.2 var(--lg-text); color: var(--lg-ink); padding: 0 12px; text-align: start }
.language-widget .lg-sides { display: grid; grid-template-columns: minmax(0, 1fr) }
.language-widget .lg-side { display: flex; flex-direction: column; gap: 12px; padding: 14px 16px 16px; border-bottom: 1px solid var(--lg-rule); min-width: 0 }
.language-widget .lg-title { font: 600 17px/1.35 var(--lg-text) }
.language-widget .lg-title span { float: right; font: 13px/1.6 var(--lg-mono); color: var(--lg-ink-2) }
.language-widget .lg-bars { list-style: none; display: grid; gap: 6px }
.language-widget .lg-bars li { display: grid; grid-template-columns: 8.6em minmax(0, 1fr) 4.2em; gap: 10px; align-items: center; margin: 0; font-size: 15px; color: var(--lg-ink-2) }
.language-widget .lg-bars li.lg-best { color: var(--lg-ink); font-weight: 600 }
.language-widget .lg-bar { height: 14px; background: var(--lg-grid); border-radius: 2px; overflow: hidden }
.language-widget .lg-bar i { display: block; height: 100%; width: 100%; background: var(--lg-ink-2); transform-origin: left; transform: scaleX(0); transition: transform .12s }
.language-widget .lg-best .lg-bar i { background: var(--lg-blue) }
.language-widget .lg-share { font: 13px/1.4 var(--lg-mono); font-variant-numeric: tabular-nums; text-align: right }
.language-widget .lg-sheet { padding: 14px; min-height: 92px; border: 1px solid var(--lg-rule); border-radius: 4px; overflow-x: auto; background: linear-gradient(var(--lg-grid) 1px, transparent 1px) 0 0 / 24px 24px, linear-gradient(90deg, var(--lg-grid) 1px, transparent 1px) 0 0 / 24px 24px }
.language-widget .lg-letters { font: 22px/1.9 var(--lg-mono); white-space: pre-wrap; overflow-wrap: anywhere; direction: ltr; unicode-bidi: bidi-override; margin: 0 }
.language-widget .lg-letters span { background: linear-gradient(var(--lg-mark, transparent) 0 0) 0 100% / 100% calc(var(--lg-thick, 0) * 1px) no-repeat; padding-bottom: 8px }
.language-widget canvas { display: block; max-width: none }
.language-widget .lg-hint { font-size: 13px; line-height: 1.5; color: var(--lg-ink-2); text-wrap: pretty }
.language-widget .lg-drawing { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 6px 16px; align-items: end }
.language-widget .lg-drop { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center; padding: 14px; border: 1px dashed var(--lg-ink-2); border-radius: 5px }
.language-widget .lg-drop.lg-over { background: var(--lg-wash); border-style: solid }
.language-widget .lg-drop p { flex: 1 1 14em; font-size: 13px; color: var(--lg-ink-2) }
.language-widget .lg-drop input { position: absolute; width: 1px; height: 1px; opacity: 0 }
.language-widget .lg-choose:has(:focus-visible) { outline: 3px solid var(--lg-blue); outline-offset: 2px }
.language-widget .lg-lines { list-style: none; display: grid; gap: 10px }
.language-widget .lg-lines li { display: grid; gap: 4px; margin: 0; font-size: 13px; color: var(--lg-ink-2); overflow-x: auto }
.language-widget .lg-foot { padding: 12px 16px; font: 13px/1.5 var(--lg-mono); color: var(--lg-ink-2) }
.language-widget .lg-error { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center; padding: 12px 16px; border-bottom: 1px solid var(--lg-rule); border-left: 4px solid var(--lg-red) }
.language-widget .lg-error p { flex: 1 1 16em }
.language-widget :focus-visible { outline: 3px solid var(--lg-blue); outline-offset: 2px; border-radius: 3px }
.language-widget .lg-unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@container (min-width: 44rem) {
  .language-widget .lg-sides { grid-template-columns: repeat(2, minmax(0, 1fr)) }
  .language-widget .lg-side + .lg-side { border-left: 1px solid var(--lg-rule) }
}
@media (prefers-reduced-motion: reduce) { .language-widget .lg-bar i { transition: none } }
@media print { .language-widget .lg-drawing, .language-widget .lg-photo { display: none } }
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
