/** How the widget looks besides what all wear: clothes.js. */

const CSS = `
.vision-widget .vs-ask { display: grid; gap: 12px; padding: 14px 16px; border-bottom: 1px solid var(--vs-rule) }
.vision-widget .vs-buttons { display: flex; flex-wrap: wrap; gap: 8px }
.vision-widget button[aria-pressed=true] { background: var(--vs-wash); box-shadow: inset 0 0 0 2px var(--vs-blue) }
.vision-widget button:disabled { opacity: 1; color: var(--vs-ink-2); cursor: default; box-shadow: inset 0 0 0 1px var(--vs-rule) }
.vision-widget button.vs-sample { width: 56px; height: 56px; padding: 0; background: var(--vs-grid) 0 0 / auto 100% no-repeat }
.vision-widget button.vs-sample[aria-pressed=true] { box-shadow: 0 0 0 2px var(--vs-paper), 0 0 0 4px var(--vs-blue) }
.vision-widget .vs-body { display: grid; grid-template-columns: minmax(0, 1fr) }
.vision-widget .vs-seen { padding: 16px; border-bottom: 1px solid var(--vs-rule); min-width: 0; background: var(--vs-squares) }
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
.vision-widget .vs-bars { gap: 8px }
.vision-widget .vs-bars li { grid-template-columns: minmax(0, 7em) minmax(0, 1fr) 4.2em }
.vision-widget .vs-bar { position: relative; height: 16px }
.vision-widget .vs-bar b { position: absolute; top: 0; bottom: 0; width: 2px; margin-left: -1px; background: var(--vs-ink) }
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
@container (min-width: 600px) {
  .vision-widget .vs-body { grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr) }
  .vision-widget .vs-told { border-left: 1px solid var(--vs-rule) }
}
@container (min-width: 44rem) {
  .vision-widget .vs-filters { grid-template-columns: repeat(16, minmax(0, 1fr)) }
}
@media print { .vision-widget .vs-ask, .vision-widget .vs-tools { display: none } }
`;

export const LOOK = { name: "vision", prefix: "vs", css: CSS };
