/** How the widget looks besides what all wear: clothes.js. */

const CSS = `
.language-widget [type=range] { margin: 4px 0 0 }
.language-widget .lg-sides { display: grid; grid-template-columns: minmax(0, 1fr) }
.language-widget .lg-side { display: flex; flex-direction: column; gap: 12px; padding: 14px 16px 16px; border-bottom: 1px solid var(--lg-rule); min-width: 0 }
.language-widget .lg-title span { float: right; font: 13px/1.6 var(--lg-mono); color: var(--lg-ink-2) }
.language-widget .lg-bars li { grid-template-columns: 8.6em minmax(0, 1fr) 4.2em; font-size: 15px }
.language-widget .lg-sheet { padding: 14px; min-height: 92px; border: 1px solid var(--lg-rule); border-radius: 4px; overflow-x: auto; background: linear-gradient(var(--lg-grid) 1px, transparent 1px) 0 0 / 24px 24px, linear-gradient(90deg, var(--lg-grid) 1px, transparent 1px) 0 0 / 24px 24px }
.language-widget .lg-letters { font: 22px/1.9 var(--lg-mono); white-space: pre-wrap; overflow-wrap: anywhere; direction: ltr; unicode-bidi: bidi-override; margin: 0 }
.language-widget .lg-letters span { background: linear-gradient(var(--lg-mark, transparent) 0 0) 0 100% / 100% calc(var(--lg-thick, 0) * 1px) no-repeat; padding-bottom: 8px }
.language-widget canvas { display: block; max-width: none }
.language-widget .lg-drawing { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 6px 16px; align-items: end }
.language-widget .lg-drop { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center; padding: 14px; border: 1px dashed var(--lg-ink-2); border-radius: 5px }
.language-widget .lg-drop.lg-over { background: var(--lg-wash); border-style: solid }
.language-widget .lg-drop p { flex: 1 1 14em; font-size: 13px; color: var(--lg-ink-2) }
.language-widget .lg-lines { display: grid; gap: 10px }
.language-widget .lg-lines li { display: grid; gap: 4px; margin: 0; font-size: 13px; color: var(--lg-ink-2); overflow-x: auto }
@container (min-width: 44rem) {
  .language-widget .lg-sides { grid-template-columns: repeat(2, minmax(0, 1fr)) }
  .language-widget .lg-side + .lg-side { border-left: 1px solid var(--lg-rule) }
}
@media print { .language-widget .lg-drawing, .language-widget .lg-photo { display: none } }
`;

export const LOOK = { name: "language", prefix: "lg", css: CSS };
