/** The charts of the machines, and the lists below them. */
export const chart = `
.charts { display: flex; flex-direction: column; gap: 16px; min-width: 0; }
.chart { display: flex; flex-direction: column; }
.step, .anywhere, .clock { color: var(--soft); font-size: 13px; }
.anywhere { padding: 0 22px 14px; }
.canvas { display: grid; min-height: 120px; padding: 12px 16px; overflow: auto; place-items: center; }
.canvas svg { width: 100%; height: auto; }
[data-canvas="auth"] { min-height: 300px; }

.node rect { fill: var(--card); stroke: var(--line-strong); stroke-width: 1.4; }
.node text { fill: var(--ink); font: 600 var(--name-size, 15px) var(--sans); }
.canvas[data-direction="DOWN"] { --name-size: 17px; --parent-name-size: 15px; }
.node.parent > rect { fill: color-mix(in oklab, var(--paper) 60%, var(--card)); stroke: var(--line-strong); }
.node.parent > text { fill: var(--soft); font-size: var(--parent-name-size, 13.5px); }
.node.parent.active > rect { fill: color-mix(in oklab, var(--tone) 7%, var(--card)); stroke: var(--tone); }
.node.parent.active > text { fill: var(--tone); }
.node:not(.parent).active > rect {
  fill: var(--tone);
  stroke: var(--tone);
  filter: drop-shadow(0 3px 10px color-mix(in oklab, var(--tone) 45%, transparent));
}
.node:not(.parent).active > text { fill: var(--card); }
.initial { fill: var(--soft); }
.node.active:not(.parent) .initial { fill: var(--card); }
.edge { fill: none; stroke: var(--edge); stroke-width: 1.3; opacity: 0.75; }
.edge.open { stroke: var(--soft); opacity: 1; }
.edge[data-age] { stroke: var(--brass); stroke-width: 2; opacity: 0.6; }
.edge[data-age="0"] { stroke-width: 2.8; opacity: 1; }
.edge.pointed { stroke: var(--tone); stroke-width: 3; opacity: 1; }
.tag-plate { fill: var(--brass); }
.tag-text { fill: var(--card); font: 600 12px var(--sans); }
marker path { fill: context-stroke; }

/* A machine has a colour of its own where it is not the client's. */
[data-chart="connection"] { --tone: var(--idle); }
[data-connection="connected"] [data-chart="connection"] { --tone: var(--authorized); }
[data-connection="connecting"] [data-chart="connection"] { --tone: var(--requesting); }
:is([data-connection="disconnected"], [data-connection="suspended"]) [data-chart="connection"] { --tone: var(--renewing); }
[data-connection="failed"] [data-chart="connection"] { --tone: var(--failed); }

.on { border-top: 1px solid var(--line); }
.chart h3 { padding: 11px 22px 0; }
.ways {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(250px, 100%), 1fr));
  gap: 8px 14px;
  min-height: 56px;
  padding: 7px 22px 12px;
  align-content: start;
  list-style: none;
}
[data-chart="auth"] .ways { min-height: 108px; }
.ways li { padding-left: 18px; line-height: 1.35; }
.ways li::before { float: left; margin-left: -18px; color: var(--tone); content: "→" / ""; }
.ways strong { font-weight: 600; }
.ways span { display: block; color: var(--soft); font-size: 13px; }
.events { padding: 0 22px 12px; gap: 6px; }
.events button { padding: 4px 12px; font: 12.5px var(--mono); }

@keyframes run {
  from { stroke-dasharray: 0 100; }
  to { stroke-dasharray: 100 0; }
}
@media (prefers-reduced-motion: no-preference) {
  .node rect, .edge { transition: fill 0.25s, stroke 0.3s, opacity 0.3s; }
  .edge.fresh { animation: run 0.7s ease-out; }
}
@container (min-width: 721px) {
  .chart-body:has(> [data-direction="DOWN"]) { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); }
  .chart-body:has(> [data-direction="DOWN"]) .on { border-top: 0; }
}
@container (max-width: 720px) {
  .canvas { padding: 10px 8px; }
  .chart h3, .ways, .anywhere, .events { padding-inline: 16px; }
}
`;
