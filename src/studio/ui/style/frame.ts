/** The frame of the page, the client's state, and the buttons. */
export const frame = `
.masthead {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 8px 16px;
  max-width: 1760px;
  margin: 0 auto;
  padding: 16px 2px 14px;
}
.masthead h1 {
  display: flex;
  align-items: center;
  gap: 9px;
  font: 600 19px / 1 var(--serif);
  letter-spacing: 0.005em;
}
.masthead em { color: var(--soft); font-style: italic; font-weight: 400; }
.masthead svg {
  width: 26px;
  height: 26px;
  fill: none;
  stroke: var(--brass);
  stroke-width: 3;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.title { flex: 1; color: var(--soft); overflow-wrap: anywhere; }
.files { display: flex; gap: 8px; }
.files button, .file { padding: 5px 13px; font-size: 13px; }
.link { display: flex; align-items: center; gap: 8px; color: var(--soft); font-size: 13px; }
.link::before { width: 8px; height: 8px; border-radius: 50%; background: var(--failed); content: ""; }
.link[data-live="yes"]::before { background: var(--authorized); }
[data-link="recording"] .link::before { background: var(--brass); }
.notice { flex-basis: 100%; color: var(--failed); }

.main {
  display: grid;
  grid-template-columns: minmax(0, 1fr) clamp(320px, 26cqw, 440px);
  gap: 16px;
  max-width: 1760px;
  margin: 0 auto;
}
.now, .controls, .timeline { grid-column: 1 / -1; }
.now, .chart, .timeline, .log {
  min-width: 0;
  border: 1px solid var(--line);
  border-radius: 18px;
  background: var(--card);
  box-shadow: var(--shadow);
}
.section-head {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  justify-content: space-between;
  gap: 2px 16px;
  padding: 15px 22px 0;
}

.now {
  display: grid;
  grid-template: "standing life" auto "facts facts" auto / minmax(280px, 6fr) 6fr;
  overflow: hidden;
}
.standing { grid-area: standing; padding: 20px 28px 20px; background: var(--wash); }
.state {
  margin: 1px 0 5px;
  color: var(--tone);
  font: 600 clamp(36px, 4cqw, 56px) / 1.08 var(--serif);
  letter-spacing: -0.022em;
}
.words {
  max-width: 68ch;
  min-height: 3em;
  overflow-wrap: anywhere;
  text-wrap: pretty;
  font-variant-numeric: tabular-nums;
}
.remedy { max-width: 68ch; margin-top: 6px; color: var(--soft); font-size: 13.5px; }
.life {
  display: flex;
  flex-direction: column;
  grid-area: life;
  justify-content: center;
  padding: 20px 28px 30px;
}
.life-head { display: flex; align-items: baseline; justify-content: space-between; }
.countdown { font-size: 17px; font-weight: 600; font-variant-numeric: tabular-nums; }
.bar { display: block; margin: 10px 0 0; overflow: visible; }
.bar-whole { fill: color-mix(in oklab, var(--line) 70%, var(--card)); }
.bar-left { fill: var(--tone); }
.bar-mark line { stroke: var(--ink); stroke-width: 2.5; }
.bar-mark text { fill: var(--soft); font: 12px var(--sans); }
.facts {
  display: grid;
  grid-area: facts;
  grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
  border-top: 1px solid var(--line);
}
.facts div { min-width: 0; padding: 10px 28px 12px; }
.facts dt { color: var(--soft); font-size: 12.5px; }
.facts dd { overflow: hidden; font-weight: 500; text-overflow: ellipsis; white-space: nowrap; }
.dot {
  display: inline-block;
  width: 9px;
  height: 9px;
  margin-right: 8px;
  border-radius: 50%;
  background: var(--idle);
}
.dot[data-connection="connected"] { background: var(--authorized); }
.dot[data-connection="connecting"] { background: var(--requesting); }
.dot:is([data-connection="disconnected"], [data-connection="suspended"]) { background: var(--renewing); }
.dot[data-connection="failed"] { background: var(--failed); }

.controls { display: flex; flex-wrap: wrap; align-items: center; gap: 9px; }
.controls-label { min-width: 5em; color: var(--soft); font-size: 13px; }
.scenarios { margin-top: -5px; }
.speeds { display: flex; margin-left: auto; }
.speeds button { border-radius: 0; padding-inline: 13px; }
.speeds button + button { border-left: 0; }
.speeds button:first-child { border-radius: 999px 0 0 999px; }
.speeds button:last-child { border-radius: 0 999px 999px 0; }

@container (max-width: 1060px) {
  .main { grid-template-columns: minmax(0, 1fr); }
}
@container (max-width: 720px) {
  .main { gap: 12px; }
  .title { flex-basis: 100%; order: 1; }
  .now { grid-template: "standing" auto "life" auto "facts" auto / minmax(0, 1fr); }
  .standing { padding: 16px 18px 14px; }
  .life { padding: 16px 18px 30px; }
  .facts { grid-template-columns: 1fr 1fr; }
  .facts div { padding: 8px 18px; }
  .section-head { padding: 13px 16px 0; }
  .controls-label { flex-basis: 100%; }
  .controls > button { flex: 1 1 auto; }
  .speeds { margin-left: 0; }
}
`;
