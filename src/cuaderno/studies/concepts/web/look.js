/** What the parts wear besides what every widget does: see clothes.js of the lab. */

const CSS = `
.concepts-widget { min-height: 20rem; color-scheme: light dark }
.concepts-widget table { margin: 0 }
.concepts-widget .cc-body { display: grid; grid-template-columns: minmax(0, 1fr) }
.concepts-widget .cc-sheet { padding: 14px; display: grid; gap: 14px; align-content: start; justify-items: center; border-bottom: 1px solid var(--cc-rule) }
.concepts-widget .cc-side { display: flex; flex-direction: column; gap: 10px; padding: 14px 16px 16px; min-width: 0 }
.concepts-widget .cc-plane { position: relative; width: 100%; max-width: 30rem }
.concepts-widget .cc-plane canvas, .concepts-widget .cc-plane > svg { position: absolute; inset: 0; width: 100%; height: 100%; display: block; border-radius: 3px; max-width: none }
.concepts-widget .cc-plane > svg { overflow: hidden; touch-action: pan-y pinch-zoom; user-select: none; -webkit-user-select: none; outline: 1px solid var(--cc-rule); outline-offset: -1px }
.concepts-widget svg text { font: 13px var(--cc-mono); fill: var(--cc-ink) }
.concepts-widget .cc-grid { stroke: var(--cc-grid); fill: none } .concepts-widget .cc-axis { stroke: var(--cc-rule); stroke-width: 1.5; fill: none }
.concepts-widget .cc-pen { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
.concepts-widget .cc-pen.cc-blue { stroke: var(--cc-blue) } .concepts-widget .cc-pen.cc-red { stroke: var(--cc-red) } .concepts-widget .cc-pen.cc-ink { stroke: var(--cc-ink) } .concepts-widget .cc-pen.cc-soft { stroke: var(--cc-ink-2) }
.concepts-widget .cc-dash { stroke-dasharray: 5 5 } .concepts-widget .cc-thin { stroke-width: 1.5 }
.concepts-widget .cc-mark { stroke: var(--cc-paper); stroke-width: 1.5 }
.concepts-widget .cc-mark.cc-blue, .concepts-widget .cc-grip.cc-blue { fill: var(--cc-blue) } .concepts-widget .cc-mark.cc-red, .concepts-widget .cc-grip.cc-red { fill: var(--cc-red) } .concepts-widget .cc-mark.cc-ink, .concepts-widget .cc-grip.cc-ink { fill: var(--cc-ink) }
.concepts-widget .cc-mark.cc-open { fill: var(--cc-paper); stroke: var(--cc-ink-2) }
.concepts-widget .cc-handle, .concepts-widget .cc-little > svg, .concepts-widget .cc-draws > svg { touch-action: none } .concepts-widget .cc-handle { cursor: grab; outline: none } .concepts-widget .cc-reach { fill: transparent } .concepts-widget .cc-grip { stroke: var(--cc-paper); stroke-width: 2 }
.concepts-widget .cc-handle:focus-visible .cc-reach { stroke: var(--cc-blue); stroke-width: 3 }
.concepts-widget .cc-neurons { display: grid; grid-template-columns: repeat(8, minmax(0, 1fr)); gap: 6px; width: 100%; max-width: 30rem } .concepts-widget .cc-neurons:empty { display: none }
.concepts-widget .cc-neurons canvas { width: 100%; aspect-ratio: 1; border: 2px solid var(--cc-blue); border-radius: 3px } .concepts-widget .cc-neurons canvas.cc-against { border-color: var(--cc-red) }
.concepts-widget .cc-graph { width: 100%; max-width: 30rem } .concepts-widget .cc-graph svg { display: block; width: 100%; max-height: 34rem } .concepts-widget .cc-graph text { font-size: 12px }
.concepts-widget .cc-node { fill: var(--cc-paper); stroke: var(--cc-ink-2) } .concepts-widget .cc-leaf { fill: var(--cc-wash) } .concepts-widget .cc-lit { stroke: var(--cc-blue); stroke-width: 3 } .concepts-widget svg .cc-slope { fill: var(--cc-red) }
.concepts-widget .cc-sliders { display: grid; grid-template-columns: 1fr 1fr; gap: 4px 16px }
.concepts-widget .cc-pixels canvas { image-rendering: pixelated } .concepts-widget .cc-frame { fill: none; stroke: var(--cc-ink); stroke-width: 3 }
.concepts-widget .cc-pair { display: grid; grid-template-columns: 1fr 1fr; gap: 14px; width: 100%; max-width: 30rem } .concepts-widget .cc-pair canvas { display: block; width: 100%; aspect-ratio: 4 / 3; border: 1px solid var(--cc-rule); border-radius: 3px } .concepts-widget figure { margin: 0 }
.concepts-widget .cc-shadow { stroke-width: 8; opacity: .3 } .concepts-widget .cc-little { max-width: 15rem } .concepts-widget .cc-for { fill: var(--cc-blue) } .concepts-widget .cc-against { fill: var(--cc-red) } .concepts-widget .cc-none { fill: transparent }
.concepts-widget .cc-templates { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 6px } .concepts-widget button.cc-template { display: grid; gap: 4px; padding: 5px; font: 13px var(--cc-mono); color: var(--cc-ink) } .concepts-widget button.cc-template[aria-pressed=true] { background: none; color: var(--cc-ink); box-shadow: inset 0 0 0 3px var(--cc-blue) } .concepts-widget .cc-template svg { width: 100% }
.concepts-widget .cc-two { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: 14px; width: 100% } .concepts-widget .cc-two figcaption { margin-top: 4px }
.concepts-widget .cc-nine { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 6px; max-width: 15rem } .concepts-widget .cc-nine input { text-align: center; margin: 0 } .concepts-widget .cc-nine input[aria-invalid=true] { border: 2px solid var(--cc-red) }
.concepts-widget .cc-said { font: 600 18px/1.35 var(--cc-text); text-wrap: pretty; min-height: 2.7em }
.concepts-widget .cc-note { font-size: 13px; color: var(--cc-ink-2); text-wrap: pretty }
.concepts-widget .cc-figures { font: 13px/1.6 var(--cc-mono); font-variant-numeric: tabular-nums; white-space: pre-wrap; overflow-wrap: anywhere }
.concepts-widget .cc-field { display: block; font-size: 14px; color: var(--cc-ink-2); min-width: 0 }
.concepts-widget .cc-readout { float: right; font: 13px/1.6 var(--cc-mono); color: var(--cc-ink) }
.concepts-widget input[type=range] { display: block; width: 100%; min-width: 0; height: 36px; min-height: 44px; margin: 0; accent-color: var(--cc-blue); cursor: pointer }
.concepts-widget input[type=text], .concepts-widget textarea, .concepts-widget select { display: block; width: 100%; min-height: 44px; font: 15px var(--cc-mono); color: var(--cc-ink); background: var(--cc-paper); border: 1px solid var(--cc-ink-2); border-radius: 5px; padding: 6px 10px; margin: 2px 0 0 }
.concepts-widget legend { padding: 0; font-size: 14px; color: var(--cc-ink-2); margin-bottom: 2px }
.concepts-widget .cc-choice > div { display: flex; flex-wrap: wrap; gap: 0 16px }
.concepts-widget .cc-option, .concepts-widget .cc-tick { display: inline-flex; align-items: center; gap: 8px; min-height: 44px; cursor: pointer }
.concepts-widget .cc-option input, .concepts-widget .cc-tick input { width: 20px; height: 20px; margin: 0; accent-color: var(--cc-blue); flex: none }
.concepts-widget button { font: 600 15px/1.1 var(--cc-ui); min-height: 44px; min-width: 44px; padding: 6px 14px; border: 0; border-radius: 5px; cursor: pointer; background: var(--cc-blue); color: var(--cc-paper); margin: 0 }
.concepts-widget button.cc-quiet { background: none; color: var(--cc-blue); box-shadow: inset 0 0 0 1px var(--cc-ink-2) }
.concepts-widget button.cc-quiet:hover { box-shadow: inset 0 0 0 2px var(--cc-blue) } .concepts-widget button[aria-pressed=true] { background: var(--cc-blue); color: var(--cc-paper) }
.concepts-widget button[disabled] { opacity: .5; cursor: default }
.concepts-widget .cc-buttons { display: flex; flex-wrap: wrap; gap: 8px } .concepts-widget .cc-buttons button { padding: 6px 10px }
.concepts-widget .cc-foot:empty, .concepts-widget .cc-end:empty { display: none } .concepts-widget .cc-end { border-top: 1px solid var(--cc-rule); padding: 14px 16px 16px }
.concepts-widget .cc-questions { display: grid; gap: 14px } .concepts-widget .cc-question { display: grid; gap: 8px; align-content: start; justify-items: start; border-left: 3px solid var(--cc-rule); padding-left: 12px }
.concepts-widget .cc-question > fieldset, .concepts-widget .cc-question > label { width: 100% } .concepts-widget .cc-question legend, .concepts-widget .cc-question label > span { color: var(--cc-ink); font-size: 15px }
.concepts-widget .cc-question input[type=text] { max-width: 10rem }
.concepts-widget .cc-right { border-color: var(--cc-green) } .concepts-widget .cc-wrong { border-color: var(--cc-red) } .concepts-widget .cc-verdict { font-size: 14px; text-wrap: pretty } .concepts-widget .cc-verdict:empty { display: none } .concepts-widget progress { width: 100%; max-width: 10rem; height: 6px; accent-color: var(--cc-blue) } .concepts-widget progress[hidden] { display: none }
.concepts-widget .cc-cloud { stroke: var(--cc-ink-2); stroke-width: 2; stroke-linecap: round; opacity: .35; fill: none } .concepts-widget .cc-name { paint-order: stroke; stroke: var(--cc-paper); stroke-width: 4px; stroke-linejoin: round }
.concepts-widget svg .cc-tick-number { font-size: 11px; stroke-width: 2px }
.concepts-widget .cc-near { list-style: none; margin: 0; padding: 0; display: grid; gap: 4px } .concepts-widget .cc-near li { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr 2.6rem; gap: 10px; align-items: center } .concepts-widget .cc-near button { justify-self: stretch; text-align: left }
.concepts-widget .cc-like { height: 8px; border-radius: 2px; background: linear-gradient(to right, var(--cc-blue) calc(var(--like) * 100%), var(--cc-grid) 0) }
.concepts-widget .cc-pieces { font: 17px/2 var(--cc-mono); margin: 0; width: 100%; overflow-wrap: anywhere } .concepts-widget .cc-pieces span { padding: 4px 1px; border-radius: 3px; background: color-mix(in srgb, var(--cc-blue) 16%, transparent); box-decoration-break: clone; -webkit-box-decoration-break: clone } .concepts-widget .cc-pieces span:nth-child(2n) { background: color-mix(in srgb, var(--cc-red) 14%, transparent) }
.concepts-widget .cc-sheet > .cc-said, .concepts-widget .cc-sheet > .cc-figures, .concepts-widget .cc-sheet > .cc-field, .concepts-widget .cc-sheet > .cc-near, .concepts-widget .cc-sheet > .cc-note, .concepts-widget .cc-fed { width: 100%; justify-self: stretch } .concepts-widget .cc-fed { font: 15px/1.5 var(--cc-mono); overflow-wrap: anywhere; margin: 0 } .concepts-widget .cc-fed:empty { display: none }
.concepts-widget .cc-before { color: var(--cc-ink-2) } .concepts-widget .cc-letter { font: 15px var(--cc-mono) }
@container (min-width: 680px) {
  .concepts-widget .cc-body { grid-template-columns: minmax(0, 1fr) 300px }
  .concepts-widget .cc-sheet { border-bottom: 0; border-right: 1px solid var(--cc-rule); padding: 18px }
  .concepts-widget .cc-questions { grid-template-columns: repeat(3, minmax(0, 1fr)) } .concepts-widget .cc-questions .cc-title { grid-column: 1 / -1 }
}
@media print { .concepts-widget .cc-side, .concepts-widget .cc-end { display: none } }
`;

export const LOOK = { name: "concepts", prefix: "cc", css: CSS };
