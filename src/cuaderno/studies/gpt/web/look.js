/** How the widget looks besides what all wear: clothes.js. */

const CSS = `
.gpt-widget { --gp-square: 28px; --gp-margin: 22px }
.gpt-widget .gp-body { display: grid; grid-template-columns: minmax(0, 1fr) }

.gpt-widget .gp-ask { display: grid; grid-template-columns: minmax(0, 1fr); gap: 12px; padding: 14px 16px 16px; border-bottom: 1px solid var(--gp-rule) }
.gpt-widget .gp-modes { display: flex; gap: 4px 22px; flex-wrap: wrap; border-bottom: 1px solid var(--gp-rule); margin: -6px 0 2px }
.gpt-widget .gp-modes label { display: flex; align-items: center; gap: 8px; min-height: 44px; cursor: pointer; font-weight: 600; color: var(--gp-ink-2); border-bottom: 3px solid transparent; margin-bottom: -1px }
.gpt-widget .gp-modes label:has(:checked) { color: var(--gp-ink); border-color: var(--gp-blue) }
.gpt-widget textarea { min-height: 44px; font: 18px/1.45 var(--gp-text) }
.gpt-widget select { min-height: 44px; font: 16px/1.45 var(--gp-ui) }
.gpt-widget [type=number] { display: block; width: 8.5em; min-height: 44px; padding: 8px 10px; margin: 4px 0 0; font: 15px/1.5 var(--gp-mono); color: var(--gp-ink); background: var(--gp-paper); border: 1px solid var(--gp-ink-2); border-radius: 5px }
.gpt-widget [type=range]:disabled { cursor: default }
.gpt-widget button { background: var(--gp-blue); color: var(--gp-paper); box-shadow: none }
.gpt-widget button:hover { box-shadow: none; background: color-mix(in srgb, var(--gp-blue) 86%, var(--gp-ink)) }
.gpt-widget button.gp-quiet, .gpt-widget button.gp-chip { background: none; box-shadow: inset 0 0 0 1px var(--gp-ink-2) }
.gpt-widget button.gp-quiet { color: var(--gp-blue) }
.gpt-widget button.gp-quiet:hover, .gpt-widget button.gp-chip:hover { box-shadow: inset 0 0 0 2px var(--gp-blue) }
.gpt-widget button svg { width: 14px; height: 14px; fill: currentColor; flex: none }
.gpt-widget .gp-go { min-width: 12em }
.gpt-widget .gp-beginnings { font-size: 13px; color: var(--gp-ink-2) }
.gpt-widget .gp-buttons { display: flex; flex-wrap: wrap; gap: 10px }
.gpt-widget .gp-talking { display: grid; gap: 12px }
.gpt-widget .gp-people { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 12px }
.gpt-widget .gp-hint { overflow-wrap: anywhere }
.gpt-widget .gp-note { font-size: 13px; line-height: 1.5; color: var(--gp-ink-2); text-wrap: pretty; overflow-wrap: anywhere }
.gpt-widget .gp-note:empty { display: none }
.gpt-widget .gp-note { border-left: 3px solid var(--gp-blue); padding-left: 10px }

.gpt-widget .gp-sheet { min-height: calc(9 * var(--gp-square)); max-height: calc(18 * var(--gp-square)); overflow: auto; overscroll-behavior: auto; padding: var(--gp-square) 16px var(--gp-square) calc(var(--gp-margin) + 12px); border-bottom: 1px solid var(--gp-rule);
  font: 18px/var(--gp-square) var(--gp-text); scrollbar-color: var(--gp-ink-2) transparent;
  background: linear-gradient(90deg, transparent calc(var(--gp-margin) - 1px), color-mix(in srgb, var(--gp-red) 45%, transparent) 0 calc(var(--gp-margin) + .5px), transparent 0) local,
    linear-gradient(var(--gp-grid) 1px, transparent 1px) 0 20px / var(--gp-square) var(--gp-square) local,
    linear-gradient(90deg, var(--gp-grid) 1px, transparent 1px) calc(var(--gp-margin) - 1px) 0 / var(--gp-square) var(--gp-square) local }
.gpt-widget .gp-sheet:focus-visible { outline-offset: -3px }
.gpt-widget .gp-text { max-width: 44rem }
.gpt-widget :is(.gp-text p, .gp-text b) { unicode-bidi: plaintext; text-align: start }
.gpt-widget .gp-text p { white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; text-wrap: wrap; margin-bottom: var(--gp-square) }
.gpt-widget .gp-text p:last-child { margin: 0 }
.gpt-widget .gp-text b { display: block; font: 600 13px/var(--gp-square) var(--gp-ui); letter-spacing: .04em; color: var(--gp-ink-2) }
.gpt-widget .gp-ink { color: var(--gp-ink) }
.gpt-widget .gp-blue { color: var(--gp-blue); cursor: pointer }
.gpt-widget .gp-old { cursor: auto }
.gpt-widget .gp-here { background: var(--gp-blue); color: var(--gp-paper); border-radius: 2px; box-shadow: 0 0 0 2px var(--gp-blue) }
.gpt-widget .gp-text p:last-child::after { content: ""; display: inline-block; width: 2px; height: 1.1em; vertical-align: -.2em; margin-inline-start: 2px; background: var(--gp-blue) }
.gpt-widget[data-state=writing] .gp-text p:last-child::after { width: 9px }
.gpt-widget .gp-empty { color: var(--gp-ink-2); font-style: italic }

.gpt-widget .gp-expected, .gpt-widget .gp-settings { padding: 14px 16px 12px; border-bottom: 1px solid var(--gp-rule) }
.gpt-widget .gp-settings legend { font: 600 17px/1.35 var(--gp-text); color: var(--gp-ink); padding: 0 }
.gpt-widget .gp-settings legend { float: left; width: 100%; margin-bottom: 10px }
.gpt-widget .gp-settings legend + * { clear: both }
.gpt-widget .gp-drew { font-size: 14px; line-height: 1.4; color: var(--gp-ink-2); min-height: 2.8em; padding-bottom: 4px }
.gpt-widget[data-voices="2"] .gp-drew { min-height: calc(4.2em + 4px) }
.gpt-widget .gp-odds { margin: 2px 0 10px; font: 14px/22px var(--gp-mono); font-variant-numeric: tabular-nums }
.gpt-widget .gp-odds li { display: grid; grid-template-columns: 4.6em minmax(0, 1fr) 4.6em; gap: 8px; align-items: center; height: 22px; margin: 0; padding: 0 }
.gpt-widget[data-kind=char] .gp-odds li { grid-template-columns: 2em minmax(0, 1fr) 4.6em }
.gpt-widget .gp-odds b { font-weight: 400; text-align: right; overflow: clip visible; white-space: pre; text-overflow: ellipsis; padding: 0 6px; border-radius: 3px; justify-self: end; min-width: 1.8em; max-width: 100% }
.gpt-widget .gp-odds span { text-align: right; color: var(--gp-ink-2) }
.gpt-widget .gp-odds li > i { display: flex; height: 16px; border-right: 1px solid var(--gp-grid); background: repeating-linear-gradient(90deg, var(--gp-grid) 0 1px, transparent 1px 10%) }
.gpt-widget .gp-odds i i, .gpt-widget .gp-voices i { flex: none; height: 100%; --gp-fill: color-mix(in srgb, var(--gp-blue) 50%, var(--gp-paper)) }
.gpt-widget .gp-network { min-width: 1px; background: var(--gp-fill) }
.gpt-widget .gp-counting { background: repeating-linear-gradient(135deg, var(--gp-fill) 0 2px, var(--gp-paper) 0 4.5px); border-block: 1px solid var(--gp-fill) }
.gpt-widget .gp-voices { display: flex; flex-wrap: wrap; gap: 2px 14px; font-size: 13px; color: var(--gp-ink-2) }
.gpt-widget .gp-voices span { display: flex; align-items: center; gap: 6px }
.gpt-widget .gp-voices i { width: 20px; height: 14px }
.gpt-widget .gp-drawn b { background: var(--gp-blue); color: var(--gp-paper); font-weight: 700 }
.gpt-widget .gp-odds .gp-drawn i i { --gp-fill: var(--gp-blue) }
.gpt-widget .gp-odds .gp-drawn span { color: var(--gp-ink); font-weight: 700 }
.gpt-widget .gp-none, .gpt-widget .gp-away { visibility: hidden }
.gpt-widget .gp-settings > * + * { margin-top: 6px }
.gpt-widget .gp-foot { padding: 12px 16px 14px; font: 13px/1.5 var(--gp-ui); display: grid; gap: 4px; text-wrap: pretty }
.gpt-widget .gp-stamp { font: 13px/1.6 var(--gp-mono); font-variant-numeric: tabular-nums; text-decoration: underline dotted var(--gp-blue) 1.5px; text-underline-offset: .25em; min-height: 1.6em }
.gpt-widget .gp-imitates { font: 600 16px/1.4 var(--gp-text); color: var(--gp-ink) }
@container (max-width: 30rem) {
  .gpt-widget .gp-buttons { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)) }
  .gpt-widget .gp-buttons :is(.gp-go, .gp-wide) { grid-column: 1 / -1 }
  .gpt-widget .gp-buttons button { padding: 0 8px }
}
@container (min-width: 44rem) {
  .gpt-widget .gp-body { grid-template-columns: minmax(0, 1fr) 20rem; grid-template-rows: auto auto 1fr auto }
  .gpt-widget .gp-ask { grid-area: 1 / 1; padding: 18px }
  .gpt-widget .gp-sheet { grid-area: 2 / 1 / 4 / 2; min-height: calc(16 * var(--gp-square)); max-height: none; height: 0; min-block-size: 100%; --gp-margin: 46px }
  .gpt-widget .gp-expected { grid-area: 1 / 2 / 3 / 3; border-left: 1px solid var(--gp-rule); padding: 18px 18px 12px }
  .gpt-widget .gp-settings { grid-area: 3 / 2; border-left: 1px solid var(--gp-rule); padding: 18px 18px 12px }
  .gpt-widget .gp-foot { grid-column: 1 / -1; padding: 12px 18px 16px }
}
@media (hover: none) { .gpt-widget .gp-keys { display: none } }
@media (forced-colors: active) { .gpt-widget .gp-blue { text-decoration: underline } .gpt-widget .gp-network { background: CanvasText } .gpt-widget .gp-counting { background: none; border: 1px solid CanvasText } }
@media print { .gpt-widget :is(.gp-ask, .gp-settings, .gp-hint, .gp-error) { display: none } .gpt-widget .gp-sheet { max-height: none; height: auto } }
`;

export const LOOK = { name: "gpt", prefix: "gp", css: CSS };
