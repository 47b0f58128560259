/** How the widget looks besides what all wear: clothes.js. */

const CSS = `
.refine-widget button.rf-chip { font: 15px/1.3 var(--rf-text); padding: 8px 12px }
.refine-widget .rf-near { font-size: 13px; line-height: 1.5; text-wrap: pretty; min-height: 3em; overflow-wrap: anywhere }
.refine-widget .rf-when { display: flex; flex-wrap: wrap; gap: 0 20px }
.refine-widget .rf-when label { display: flex; align-items: center; gap: 8px; min-height: 44px; cursor: pointer }
.refine-widget .rf-strip { display: flex; gap: 3px; overflow-x: auto; padding: 4px 4px 10px }
.refine-widget button.rf-token { flex: none; display: flex; flex-direction: column; align-items: center; gap: 6px; min-width: 44px; padding: 6px 4px; box-shadow: none; color: var(--rf-ink); font: 13px/1.2 var(--rf-mono); white-space: pre }
.refine-widget button.rf-token:hover, .refine-widget button.rf-token[aria-pressed=true] { background: var(--rf-wash) }
.refine-widget .rf-token canvas { width: 30px; height: 128px; image-rendering: pixelated; background: var(--rf-paper) }
.refine-widget .rf-map > .rf-part { border-bottom: 0; padding-bottom: 0 }
.refine-widget code { font: 14px/1.5 var(--rf-mono); overflow-wrap: anywhere }
`;

export const LOOK = { name: "refine", prefix: "rf", css: CSS };
