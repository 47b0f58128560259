/**
 * What every widget wears: colours and type from the page where it sets them, with fallbacks for a page without any, and
 * the looks of the parts that stand in many widgets. A widget's own rules come behind these and win.
 *
 * Names begin with the widget's prefix. For {name: "toy", prefix: "ty"} the root is `.toy-widget`; colours and type are
 * --ty-paper, ink, ink-2, rule, grid, blue, wash, red, green, amber, ui, text, mono, and --ty-squares the squared paper of
 * a background; parts are .ty-part, title, hint, field, readout, check, chips, chip, choose, bars, best, bar, share, foot,
 * error, unseen.
 */

/** @typedef {{name: string, prefix: string, css: string}} Look */

const COLOURS = { // in the light and in the dark
  paper: ["#fcfbf7", "#14161a"],
  ink: ["#1b1d22", "#e9e6dd"],
  "ink-2": ["#5b6069", "#a2a5ad"],
  rule: ["#e2ded2", "#2c3038"],
  grid: ["#dfe6ee", "#262b33"],
  blue: ["#1d4ed8", "#8fb0ff"],
  wash: ["#e8eefc", "#1c2540"],
  red: ["#c2373b", "#ff8b87"],
  green: ["#1f7a4d", "#7fd3a4"],
  amber: ["#8a5f00", "#e6bd62"],
};
const FONTS = {
  ui: 'ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  text: 'Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif',
  mono: 'ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace',
};
const OF_THE_PAGE = { wash: "blue-wash" }; // what a page calls otherwise

const setting = (prefix, name, fallback) => `--${prefix}-${name}: var(--${OF_THE_PAGE[name] ?? name}, ${fallback});`;
const colours = (prefix, night) => Object.entries(COLOURS).map(([name, both]) => setting(prefix, name, both[night])).join(" ");
const fonts = (prefix) => Object.entries(FONTS).map(([name, family]) => setting(prefix, name, family)).join(" ");

/** @param {string} w the selector of the root @param {string} p the prefix */
const common = (w, p) => `
${w} {
  ${colours(p, 0)} ${fonts(p)}
  --${p}-squares: linear-gradient(var(--${p}-grid) 1px, transparent 1px) 0 -1px / 24px 24px, linear-gradient(90deg, var(--${p}-grid) 1px, transparent 1px) -1px 0 / 24px 24px;
  container-type: inline-size; width: 100%; text-align: left; background: var(--${p}-paper); color: var(--${p}-ink); font: 15px/1.5 var(--${p}-ui);
}
@media (prefers-color-scheme: dark) { ${w} { ${colours(p, 1)} } }
${w}, ${w} *, ${w} ::before, ${w} ::after { box-sizing: border-box }
${w} [hidden] { display: none !important }
${w} :is(p, ol, ul, fieldset) { margin: 0; padding: 0; border: 0; min-width: 0; list-style: none }
${w} li { margin: 0 }
${w} .${p}-part { display: grid; gap: 12px; padding: 14px 16px 16px; border-bottom: 1px solid var(--${p}-rule); min-width: 0 }
${w} .${p}-title { font: 600 17px/1.35 var(--${p}-text) }
${w} .${p}-hint { font-size: 13px; line-height: 1.5; color: var(--${p}-ink-2); text-wrap: pretty }
${w} .${p}-field { display: block; font-size: 13px; color: var(--${p}-ink-2); min-width: 0 }
${w} .${p}-readout { float: right; font: 13px/1.5 var(--${p}-mono); color: var(--${p}-ink) }
${w} :is(textarea, select) { display: block; width: 100%; margin: 4px 0 0; color: var(--${p}-ink); background: var(--${p}-paper); border: 1px solid var(--${p}-ink-2); border-radius: 5px }
${w} textarea { min-height: 64px; padding: 8px 10px; font: 20px/1.4 var(--${p}-text); resize: vertical; overflow-wrap: anywhere }
${w} select { height: 44px; padding: 0 8px; font: 15px var(--${p}-ui) }
${w} [type=range] { display: block; width: 100%; min-width: 0; height: 44px; margin: 0; accent-color: var(--${p}-blue); cursor: pointer }
${w} :is([type=radio], [type=checkbox]) { width: 20px; height: 20px; margin: 0; accent-color: var(--${p}-blue); flex: none }
${w} .${p}-check { display: flex; align-items: center; gap: 10px; min-height: 44px; cursor: pointer; font-size: 15px }
${w} button, ${w} .${p}-choose { font: 600 15px/1.1 var(--${p}-ui); display: inline-flex; align-items: center; justify-content: center; gap: 8px; min-height: 44px; min-width: 44px; padding: 0 16px; margin: 0; border: 0; border-radius: 5px; cursor: pointer; background: none; color: var(--${p}-blue); box-shadow: inset 0 0 0 1px var(--${p}-ink-2) }
${w} button:hover, ${w} .${p}-choose:hover { box-shadow: inset 0 0 0 2px var(--${p}-blue) }
${w} button[disabled] { opacity: .5; cursor: default }
${w} .${p}-choose input { position: absolute; width: 1px; height: 1px; opacity: 0 }
${w} .${p}-chips { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 6px }
${w} button.${p}-chip { font: 16px/1.2 var(--${p}-text); color: var(--${p}-ink); padding: 0 12px; max-width: 100%; overflow-wrap: anywhere; text-align: start }
${w} .${p}-bars { display: grid; gap: 6px }
${w} .${p}-bars li { display: grid; grid-template-columns: minmax(5em, 10em) minmax(0, 1fr) 4.2em; gap: 10px; align-items: center; color: var(--${p}-ink-2); overflow-wrap: anywhere }
${w} .${p}-bars li.${p}-best { color: var(--${p}-ink); font-weight: 600 }
${w} .${p}-bar { height: 14px; background: var(--${p}-grid); border-radius: 2px; overflow: hidden }
${w} .${p}-bar i { display: block; height: 100%; background: var(--${p}-ink-2); transform-origin: left; transform: scaleX(0); transition: transform .12s }
${w} .${p}-best .${p}-bar i { background: var(--${p}-blue) }
${w} .${p}-share { font: 13px/1.4 var(--${p}-mono); font-variant-numeric: tabular-nums; text-align: right }
${w} .${p}-foot { padding: 12px 16px; font: 13px/1.5 var(--${p}-mono); color: var(--${p}-ink-2) }
${w} .${p}-error { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center; padding: 12px 16px; border-bottom: 1px solid var(--${p}-rule); border-left: 4px solid var(--${p}-red) }
${w} .${p}-error p { flex: 1 1 16em }
${w} :focus-visible, ${w} .${p}-choose:has(:focus-visible) { outline: 3px solid var(--${p}-blue); outline-offset: 2px; border-radius: 3px }
${w} .${p}-unseen { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
@media (prefers-reduced-motion: reduce) { ${w} .${p}-bar i { transition: none } }
`;

const worn = new Map(); // by the widget's name: its sheet, and how many on the page wear it

/** Add a look to the page while at least one widget is there. @param {Look} look @returns {() => void} undo */
export function putOn({ name, prefix, css }) {
  if (!worn.has(name)) worn.set(name, { sheet: new CSSStyleSheet(), users: 0 });
  const look = worn.get(name);
  if (look.users++ === 0) {
    look.sheet.replaceSync(common(`.${name}-widget`, prefix) + css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, look.sheet];
  }
  return () => {
    if (--look.users === 0) document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== look.sheet);
  };
}
