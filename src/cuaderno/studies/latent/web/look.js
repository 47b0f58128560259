/** How the widget looks besides what all wear: clothes.js. */

const CSS = `
.latent-widget .lt-buttons { display: flex; flex-wrap: wrap; gap: 8px }
.latent-widget .lt-tabs { display: flex; border-bottom: 1px solid var(--lt-rule) }
.latent-widget .lt-tabs label { position: relative; flex: 1 1 0; min-width: 0; min-height: 48px; display: grid; place-items: center; padding: 4px 6px; text-align: center; font-weight: 600; line-height: 1.2; color: var(--lt-ink-2); cursor: pointer }
.latent-widget .lt-tabs label:has(:checked) { color: var(--lt-ink); box-shadow: inset 0 -3px 0 var(--lt-blue) }
.latent-widget .lt-tabs input, .latent-widget .lt-classes input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer }
.latent-widget .lt-body { display: grid; gap: 16px; grid-template-columns: minmax(0, 1fr) }
.latent-widget .lt-sky { position: relative; aspect-ratio: 1; width: 100%; max-width: 600px; overflow: hidden; border: 1px solid var(--lt-rule); line-height: 0 }
.latent-widget .lt-map { position: absolute; inset: 0; isolation: isolate; overflow: hidden; cursor: grab; touch-action: none }
.latent-widget .lt-map canvas { position: absolute; left: 0; top: 0; transform-origin: 0 0; will-change: transform }
.latent-widget .lt-map:active { cursor: grabbing }
.latent-widget .lt-map:focus-visible { outline: none }
.latent-widget .lt-sky:has(:focus-visible) { outline: 3px solid var(--lt-blue); outline-offset: 2px }
.latent-widget .lt-dots { position: absolute; inset: 0; width: 100%; height: 100%; pointer-events: none }
.latent-widget .lt-ring { position: absolute; left: 0; top: 0; width: 44px; height: 44px; margin: -22px 0 0 -22px; border: 3px solid var(--lt-red); outline: 2px solid var(--lt-paper); border-radius: 50%; pointer-events: none }
.latent-widget .lt-side { display: grid; gap: 14px; align-content: start; min-width: 0 }
.latent-widget canvas.lt-one { width: 112px; height: 112px; flex: none; image-rendering: pixelated; border: 1px solid var(--lt-rule) }
.latent-widget .lt-look { display: flex; gap: 14px; align-items: center }
.latent-widget .lt-look b { font: 600 19px/1.3 var(--lt-text); display: block }
.latent-widget .lt-legend { display: flex; flex-wrap: wrap; gap: 2px 10px; font-size: 13px }
.latent-widget .lt-legend li { display: flex; gap: 5px; align-items: center; margin: 0 }
.latent-widget .lt-legend i { width: 11px; height: 11px; border-radius: 50%; border: 1px solid var(--lt-ink) }
.latent-widget .lt-draw { display: flex; flex-wrap: wrap; gap: 12px 16px; align-items: flex-start }
.latent-widget .lt-board { width: 168px; height: 168px; border: 1px solid var(--lt-ink-2); cursor: crosshair; touch-action: none }
.latent-widget .lt-draw .lt-buttons { flex-direction: column }
.latent-widget .lt-read { display: grid; grid-template-columns: repeat(3, minmax(0, 112px)); gap: 10px }
.latent-widget .lt-read canvas { width: 100%; aspect-ratio: 1; display: block; image-rendering: pixelated; border: 1px solid var(--lt-rule) }
.latent-widget figure { margin: 0; min-width: 0 }
.latent-widget figcaption { font-size: 13px; line-height: 1.35; color: var(--lt-ink-2); margin-top: 4px }
.latent-widget .lt-over { font: 600 15px/1.3 var(--lt-ui); margin: 0; color: var(--lt-ink) }
.latent-widget legend { padding: 0; margin-bottom: 6px; font-size: 13px; color: var(--lt-ink-2) }
.latent-widget .lt-classes { display: flex; flex-wrap: wrap; gap: 6px }
.latent-widget .lt-classes label { position: relative; min-width: 44px; min-height: 44px; padding: 0 10px; display: grid; place-items: center; border-radius: 3px; box-shadow: inset 0 0 0 1px var(--lt-rule); cursor: pointer }
.latent-widget .lt-classes label:has(:checked) { background: var(--lt-wash); box-shadow: inset 0 0 0 2px var(--lt-blue) }
.latent-widget .lt-screen { width: min(280px, 100%); aspect-ratio: 1; image-rendering: pixelated; border: 1px solid var(--lt-rule); display: block }
.latent-widget .lt-strip { width: 100%; height: auto; display: block; image-rendering: pixelated; border: 1px solid var(--lt-rule); cursor: pointer }
.latent-widget .lt-frames { position: relative; line-height: 0 }
.latent-widget .lt-mark { position: absolute; border: 2px solid var(--lt-red); pointer-events: none }
.latent-widget .lt-numbers svg { display: block; width: 100%; height: 64px; fill: var(--lt-blue); background: linear-gradient(var(--lt-rule), var(--lt-rule)) 0 50% / 100% 1px no-repeat }
.latent-widget .lt-turned { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 12px 20px; align-items: center }
.latent-widget .lt-slide { display: grid; gap: 2px }
.latent-widget .lt-slide span { display: flex; justify-content: space-between; gap: 10px; font-size: 14px }
.latent-widget .lt-slide output { font: 14px/1.5 var(--lt-mono) }
.latent-widget .lt-dreams { width: 100%; max-width: 620px; height: auto; display: block; image-rendering: pixelated; border: 1px solid var(--lt-rule) }
.latent-widget .lt-clock { font: 13px/1.5 var(--lt-mono); color: var(--lt-ink-2); min-height: 1.5em }
.latent-widget .lt-foot { overflow-wrap: anywhere }
.latent-widget label:has(input:not([type=checkbox], [type=range]):focus-visible) { outline: 3px solid var(--lt-blue); outline-offset: 2px; border-radius: 3px }
.latent-widget .lt-tabs label:has(:focus-visible) { outline-offset: -4px }
@container (min-width: 640px) {
  .latent-widget .lt-body { grid-template-columns: minmax(0, 1.35fr) minmax(0, 1fr); gap: 20px }
  .latent-widget .lt-film { grid-template-columns: 280px minmax(0, 1fr) }
}
@media print { .latent-widget .lt-buttons, .latent-widget .lt-draw { display: none } }
`;

export const LOOK = { name: "latent", prefix: "lt", css: CSS };
