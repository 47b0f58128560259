/** How the map looks besides what all wear: clothes.js. */

const CSS = `
.map-widget .mp-left, .map-widget .mp-right { display: grid; gap: 12px; align-content: start; min-width: 0 }
@container (min-width: 760px) {
  .map-widget .mp-both { grid-template-columns: minmax(0, 1.5fr) minmax(0, 1fr); gap: 24px }
}
.map-widget .mp-tools { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: end }
.map-widget .mp-choice { display: flex; flex-wrap: wrap; gap: 0 16px }
.map-widget .mp-choice label { display: flex; align-items: center; gap: 8px; min-height: 44px; cursor: pointer }
.map-widget .mp-field { flex: 1 1 12em; min-width: auto }
.map-widget input[type=search], .map-widget select { display: block; width: 100%; height: 44px; margin-top: 4px; padding: 0 10px; font: 16px/1.3 var(--mp-text); color: var(--mp-ink); background: var(--mp-paper); border: 1px solid var(--mp-ink-2); border-radius: 5px }
.map-widget button { padding: 0 12px; background: var(--mp-paper) }
.map-widget .mp-sheet { position: relative; border: 1px solid var(--mp-rule); border-radius: 5px; overflow: hidden; background: var(--mp-squares) }
.map-widget .mp-canvas { display: block; width: 100%; height: clamp(300px, 78vw, 540px); touch-action: pan-y; cursor: grab }
.map-widget .mp-canvas.mp-moved { touch-action: none }
.map-widget .mp-canvas:active { cursor: grabbing }
.map-widget .mp-under { display: flex; flex-wrap: wrap; gap: 8px 18px; justify-content: space-between; align-items: center }
.map-widget .mp-zoom { display: flex; gap: 6px; margin-inline-start: auto }
.map-widget .mp-tip { position: absolute; left: 0; top: 0; max-width: min(260px, 80%); padding: 6px 10px; font: 14px/1.4 var(--mp-text); color: var(--mp-ink); background: var(--mp-paper); border: 1px solid var(--mp-ink-2); border-radius: 4px; pointer-events: none; overflow-wrap: anywhere }
.map-widget .mp-key { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 14px }
.map-widget .mp-key li { display: flex; align-items: center; gap: 7px }
.map-widget .mp-key canvas { width: 14px; height: 14px }
.map-widget .mp-said { font: 18px/1.45 var(--mp-text); overflow-wrap: anywhere; white-space: pre-wrap }
.map-widget .mp-rows { display: grid; gap: 2px }
.map-widget .mp-rows li { min-width: 0 }
.map-widget .mp-rows button { width: 100%; display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 12px; align-items: baseline; justify-content: stretch; padding: 10px; text-align: start; font: 15px/1.4 var(--mp-text); color: var(--mp-ink); background: none; box-shadow: none; overflow-wrap: anywhere }
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
.map-widget .mp-canvas:focus-visible { outline-offset: -3px }
`;

export const MAP_LOOK = { name: "map", prefix: "mp", css: CSS };
