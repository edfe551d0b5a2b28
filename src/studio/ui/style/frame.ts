/** The frame of the page, and the answers at its top. */
export const frame = `
:host([fill]) { height: 100%; min-height: 0; overflow: auto; }
.masthead {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 6px 14px;
  max-width: 1760px;
  margin: 0 auto;
  padding: 9px 2px 8px;
}
.masthead h1 {
  display: flex;
  align-items: center;
  gap: 7px;
  font: 600 17px / 1 var(--serif);
  letter-spacing: 0.005em;
}
.masthead em { color: var(--soft); font-style: italic; font-weight: 400; }
.masthead h1 svg {
  width: 22px;
  height: 22px;
  fill: none;
  stroke: var(--brass);
  stroke-width: 3;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.title { flex: 0 1 auto; min-width: 0; max-width: 24ch; overflow: hidden; color: var(--soft); text-overflow: ellipsis; white-space: nowrap; }
.files { display: flex; gap: 6px; }
.masthead :is(button, .file, summary, select) { padding: 4px 12px; font-size: 13px; }
.masthead select { max-width: 30ch; border: 1px solid var(--line-strong); border-radius: 999px; background: var(--card); color: var(--ink); font-family: var(--sans); }
.link { display: flex; flex: 1; align-items: center; gap: 7px; color: var(--soft); font-size: 13px; white-space: nowrap; }
.link::before { width: 8px; height: 8px; border-radius: 50%; background: var(--failed); content: ""; }
.link[data-live="yes"]::before { background: var(--authorized); }
[data-link="recording"] .link::before { background: var(--brass); }
#clock { font-variant-numeric: tabular-nums; }
.notice { flex-basis: 100%; color: var(--failed); }

.main {
  display: grid;
  grid-template-columns: minmax(0, 1fr) clamp(300px, 31cqw, 460px);
  gap: 9px;
  max-width: 1760px;
  margin: 0 auto;
}
.now, .timeline { grid-column: 1 / -1; }
.now, .chart, .timeline, .log {
  min-width: 0;
  border: 1px solid var(--line);
  border-radius: 14px;
  background: var(--card);
  box-shadow: var(--shadow);
}
.charts { min-width: 0; }
.section-head {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  justify-content: space-between;
  gap: 2px 14px;
  padding: 9px 18px 0;
}

.now { display: grid; grid-template-columns: 10fr 9fr 8fr; overflow: hidden; }
.pane { display: flex; flex-direction: column; min-width: 0; height: 204px; padding: 8px 18px 7px; overflow-y: auto; scrollbar-width: thin; overflow-wrap: anywhere; }
.pane > * { flex: none; }
.pane + .pane { border-left: 1px solid var(--line); }
.pane.trouble-pane { display: block; grid-column: 1 / -1; height: 66px; padding: 5px 18px; border-top: 1px solid var(--line); border-left: 0; font-size: 13px; line-height: 1.42; }
.trouble-pane strong { color: var(--failed); font-weight: 600; }
.trouble-pane p { color: var(--soft); }
.trouble-pane #trouble-title { color: var(--ink); }
.trouble-pane a { color: var(--ink); }
.standing { background: var(--wash); }
.state {
  margin: 0 0 2px;
  color: var(--tone);
  font: 600 27px / 1.15 var(--serif);
  letter-spacing: -0.015em;
}
.words { min-height: 2.7em; font-size: 14px; line-height: 1.35; text-wrap: pretty; font-variant-numeric: tabular-nums; }
.why { color: var(--soft); font-size: 12.5px; line-height: 1.35; font-variant-numeric: tabular-nums; }
.life { display: flex; align-items: center; gap: 12px; margin: 4px 0; }
.countdown { flex: none; min-width: 8.5em; font-size: 14px; font-weight: 600; font-variant-numeric: tabular-nums; }
.bar { overflow: visible; }
.life .bar { display: block; flex: 1; width: auto; min-width: 0; }
.bar-whole { fill: color-mix(in oklab, var(--line) 70%, var(--card)); }
.bar-left { fill: var(--tone); }
.bar-mark line { stroke: var(--ink); stroke-width: 2.5; }
.who { overflow: hidden; font-size: 16px; font-weight: 600; }
.chips { display: flex; flex: 1; flex-wrap: wrap; align-content: flex-start; gap: 4px 5px; min-height: 0; margin: 3px 0; overflow-y: auto; list-style: none; scrollbar-width: thin; }
.chips li { display: flex; gap: 4px; min-width: 0; max-width: 100%; }
.chips .none { color: var(--soft); font-size: 13px; }
.chips .chip { min-width: 0; padding: 1px 9px; overflow: hidden; color: var(--soft); font-size: 12.5px; text-overflow: ellipsis; white-space: nowrap; }
.chips .channel .mono { color: var(--ink); }
.chips [aria-expanded="true"] { overflow: visible; border-radius: 9px; white-space: normal; overflow-wrap: anywhere; text-align: left; }
.meta { display: flex; flex-wrap: wrap; gap: 0 14px; color: var(--soft); font-size: 12.5px; }
.meta div { display: flex; gap: 5px; min-width: 0; }
.meta dd { color: var(--ink); overflow-wrap: anywhere; }

.controls { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; }
.controls .bar { display: flex; flex-wrap: wrap; gap: 6px; }
.events { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; }
.controls-label { min-width: 3em; color: var(--soft); font-size: 13px; }
.menu { position: relative; }
.menu > summary {
  border: 1px solid var(--line-strong);
  border-radius: 999px;
  background: var(--card);
  cursor: pointer;
  font-weight: 500;
  list-style: none;
  white-space: nowrap;
}
.menu > summary::after { content: " ▾" / ""; }
.menu > summary::-webkit-details-marker { display: none; }
/* Beside the text of the button, so that the button does not grow. */
.menu .note { position: absolute; top: -7px; right: -3px; padding: 0 6px; border-radius: 999px; background: var(--failed); color: var(--card); font-size: 11px; line-height: 1.4; }
.menu-body {
  position: absolute;
  z-index: 5;
  top: calc(100% + 5px);
  right: 0;
  width: min(400px, 88cqw);
  max-height: 70vh;
  padding: 10px;
  overflow-y: auto;
  border: 1px solid var(--line-strong);
  border-radius: 14px;
  background: var(--card);
  box-shadow: var(--shadow);
}
.choice { display: grid; grid-template-columns: 10.5em 1fr; align-items: center; gap: 10px; padding: 3px 0; }
.choice span { color: var(--soft); font-size: 12.5px; line-height: 1.3; }
.speeds { display: flex; margin-top: 8px; }
.speeds button { border-radius: 0; padding-inline: 13px; }
.speeds button + button { border-left: 0; }
.speeds button:first-child { border-radius: 999px 0 0 999px; }
.speeds button:last-child { border-radius: 0 999px 999px 0; }

@container (min-width: 1061px) {
  .masthead { flex-wrap: nowrap; }
  .masthead:has(.notice) { flex-wrap: wrap; }
  .masthead .controls { flex-wrap: nowrap; min-width: 0; }
  .masthead .bar { flex-wrap: nowrap; min-width: 0; overflow-x: auto; scrollbar-width: none; }
  .masthead :is(h1, .files, summary, .bar button) { flex: none; white-space: nowrap; }
  @media (min-height: 640px) {
    :host([fill]) .place { height: 100%; }
    :host([fill]) .studio { display: flex; flex-direction: column; height: 100%; min-height: 640px; padding-bottom: 9px; }
    :host([fill]) .masthead { width: 100%; }
    :host([fill]) .main { flex: 1; grid-template-rows: auto minmax(0, 1fr) auto; width: 100%; min-height: 0; }
    :host([fill]) :is(.charts, .log) { min-height: 0; overflow: auto; }
    :host([fill]) .log { position: static; align-self: stretch; height: auto; overflow: hidden; }
  }
}
@container (max-width: 1060px) {
  .main { grid-template-columns: minmax(0, 1fr); }
}
@container (max-width: 820px) {
  .title { max-width: none; flex-basis: 100%; order: 1; }
  .link { flex-basis: 100%; order: 2; white-space: normal; }
  .now { grid-template-columns: minmax(0, 1fr); }
  .pane { height: auto; min-height: 160px; padding-inline: 14px; }
  .pane + .pane { border-top: 1px solid var(--line); border-left: 0; }
  .pane.trouble-pane { height: auto; min-height: 84px; padding-inline: 14px; }
  .chips { max-height: 200px; }
  .section-head { padding-inline: 14px; }
  .menu-body { right: auto; left: 0; }
  .choice { grid-template-columns: 1fr; gap: 2px; }
}
@container (max-width: 520px) {
  .pane.trouble-pane { min-height: 168px; }
}
@media (forced-colors: active) {
  .link::before, .log li::before { forced-color-adjust: none; }
  button:is(.primary, .client), .menu .note { background: ButtonFace; color: ButtonText; }
  .menu .note { border: 1px solid; }
  .bar-whole { fill: Canvas; stroke: CanvasText; }
  .bar-left { fill: Highlight; }
  button[aria-pressed="true"] { border-width: 3px; }
  .span rect, .token .life, .token .used { fill: Canvas; stroke: CanvasText; }
  .span text, .token text, .tick text, .lane-names text, .unseen text { fill: CanvasText; }
  .unseen-paper { fill: Canvas; }
  .unseen-lines, #unseen line, .present line, .token .renewal, .tries { stroke: CanvasText; }
}
`;
