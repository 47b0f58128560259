/** How the widget looks besides what all wear: clothes.js. */

const CSS = `
.maze-widget .mz-body { display: grid; grid-template-columns: minmax(0, 1fr) }
.maze-widget .mz-sheet { position: relative; display: grid; place-items: center; padding: clamp(4px, 2cqi, 22px); border-bottom: 1px solid var(--mz-rule);
  background: linear-gradient(var(--mz-grid) 1px, transparent 1px) var(--mz-origin, 0 0) / var(--mz-square, 24px) var(--mz-square, 24px),
    linear-gradient(90deg, var(--mz-grid) 1px, transparent 1px) var(--mz-origin, 0 0) / var(--mz-square, 24px) var(--mz-square, 24px) }
.maze-widget .mz-desk { display: block; line-height: 0; border-radius: 3px; touch-action: pinch-zoom; cursor: crosshair; user-select: none; -webkit-user-select: none }
.maze-widget .mz-desk.mz-grab { cursor: grab } .maze-widget .mz-desk.mz-grabbing { cursor: grabbing }
.maze-widget canvas { display: block; max-width: none }
.maze-widget .mz-side { display: flex; flex-direction: column; gap: 16px; padding: 14px 16px 16px }
.maze-widget .mz-verdict { font: 600 19px/1.35 var(--mz-text); text-wrap: pretty; min-height: 2.7em }
.maze-widget .mz-note { font-size: 13px; color: var(--mz-ink-2); margin: 6px 0 0 }
.maze-widget .mz-stamp { font: 13px/1.5 var(--mz-mono); font-variant-numeric: tabular-nums; color: var(--mz-ink-2); margin: 6px 0 0; text-decoration: underline dotted var(--mz-blue) 1.5px; text-underline-offset: .25em }
.maze-widget .mz-fields { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: end; gap: 10px 16px }
.maze-widget .mz-fields > .mz-wide { grid-column: 1 / -1 }
.maze-widget select { margin: 0 }
.maze-widget button { line-height: 1; background: var(--mz-blue); color: var(--mz-paper); box-shadow: none; white-space: nowrap }
.maze-widget button.mz-quiet { background: none; color: var(--mz-blue); box-shadow: inset 0 0 0 1px var(--mz-ink-2) }
.maze-widget button:hover { box-shadow: none; filter: brightness(1.08) } .maze-widget button.mz-quiet:hover { box-shadow: inset 0 0 0 2px var(--mz-blue); filter: none }
.maze-widget button svg { width: 14px; height: 14px; fill: currentColor; flex: none }
.maze-widget .mz-transport { display: grid; grid-template-columns: auto minmax(0, 1fr) minmax(6.6rem, auto); gap: 10px 14px; align-items: center; padding: 10px 16px; border-bottom: 1px solid var(--mz-rule) }
.maze-widget .mz-play { min-width: 8.6em }
.maze-widget .mz-step { justify-self: start }
.maze-widget .mz-time { grid-area: 2 / 1 / 3 / 3 }
.maze-widget .mz-speed { grid-area: 2 / 3 }
.maze-widget .mz-legend { display: grid; grid-template-columns: repeat(auto-fit, minmax(11em, 1fr)); gap: 2px 14px; font-size: 13px; color: var(--mz-ink-2) }
.maze-widget .mz-legend li { display: flex; align-items: center; gap: 8px }
.maze-widget .mz-legend i { flex: none; width: 22px; height: 12px; display: grid; place-items: center }
.maze-widget .mz-legend i::before { content: ""; display: block }
.maze-widget .mz-k-start i::before { width: 12px; height: 12px; border-radius: 50%; border: 3px solid var(--mz-blue) }
.maze-widget .mz-k-goal i::before { width: 12px; height: 12px; border-radius: 50%; background: var(--mz-blue) }
.maze-widget .mz-k-way i::before { width: 22px; height: 5px; border-radius: 3px; background: var(--mz-blue) }
.maze-widget .mz-k-shortest i::before { width: 22px; border-top: 2px dashed var(--mz-red) }
.maze-widget .mz-k-wash i::before { width: 22px; height: 12px; background: var(--mz-blue); opacity: .38 }
.maze-widget .mz-k-known i::before { width: 22px; height: 12px; box-shadow: inset 0 0 0 1px var(--mz-grid); background: color-mix(in srgb, var(--mz-blue) 9%, transparent) }
.maze-widget .mz-k-wave i::before { width: 22px; height: 12px; background: var(--mz-blue); opacity: .26 }
.maze-widget details { font-size: 13px; color: var(--mz-ink-2) } .maze-widget summary { min-height: 44px; line-height: 44px; cursor: pointer; color: var(--mz-ink) }
.maze-widget details p { max-height: 12em; overflow: auto }
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

export const LOOK = { name: "maze", prefix: "mz", css: CSS };
