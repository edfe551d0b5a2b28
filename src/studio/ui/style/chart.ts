/** The charts of the machines, and the tables of their ways. */
export const chart = `
.charts { min-width: 0; }
.chart-head {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: space-between;
  gap: 4px 16px;
  padding: 12px 18px 0;
}
.tabs { display: flex; flex-wrap: wrap; gap: 4px; }
.tabs button { padding: 6px 14px; border-color: transparent; background: none; font-size: 15px; }
.tabs span { font: 600 17px / 1.3 var(--serif); }
.tabs strong { margin-left: 6px; color: var(--tone); font: 600 13px var(--sans); }
.tabs button[aria-selected="true"] { border-color: var(--line-strong); background: var(--paper); }
.step, .anywhere, .clock { color: var(--soft); font-size: 13px; }
.step { padding: 0 4px; overflow-wrap: anywhere; }
.anywhere { padding: 0 22px 14px; }
.canvas { display: grid; padding: 10px 16px 4px; align-content: start; justify-items: center; }
.canvas svg { width: 100%; height: auto; overflow: visible; }
.chart-body[hidden] { display: none; }

.canvas text { font-family: var(--sans); }
.box { fill: color-mix(in oklab, var(--paper) 45%, var(--card)); stroke: var(--edge); stroke-width: 1.4; }
.name { fill: var(--ink); font-size: 15px; font-weight: 600; }
.label { fill: var(--soft); font-size: 12.5px; }
.inner { fill: var(--card); font-size: 12px; font-weight: 500; }
.canvas[data-form="tall"] .name { font-size: 13.5px; }
.canvas[data-form="tall"] :is(.label, .inner) { font-size: 11.5px; }
svg .node { cursor: pointer; outline: none; }
svg .node:hover .box { stroke: var(--ink); }
svg .node[aria-expanded="true"] .box { stroke: var(--ink); stroke-width: 2.4; }
svg .node:focus-visible .box { stroke: var(--brass); stroke-width: 3; }
svg g.node.active .box { fill: var(--tone); stroke: var(--tone); }
svg g.node.active:is(:hover, [aria-expanded="true"]) .box { stroke: var(--ink); }
svg g.node.active:focus-visible .box { stroke: var(--brass); }
svg g.node.active .name { fill: var(--card); }
svg .active .inside { display: none; }
.line { fill: none; stroke: var(--edge); stroke-width: 1.4; }
.head, .dot, circle.inside { fill: var(--edge); }
.edge.open .line { stroke: var(--ink); }
.edge.open :is(.head, .label) { fill: var(--ink); }
.edge[data-age] .line { stroke: var(--brass); stroke-width: 1.8; }
.edge[data-age] .head { fill: var(--brass); }
.edge[data-age="0"] .line { stroke-width: 3; }
.edge[data-age="0"] .label { fill: var(--brass); }
svg g.node[data-age="0"] .box { stroke: color-mix(in oklab, var(--brass) 40%, var(--ink)); stroke-width: 3; }
.edge.pointed .line { stroke: var(--tone); stroke-width: 3; }
.edge.pointed :is(.head, .label) { fill: var(--tone); }

.states { display: flex; flex-wrap: wrap; gap: 8px; padding: 6px 0 10px; list-style: none; }
.states .node { border-radius: 12px; font-weight: 600; }
.states button.active { border-color: var(--tone); background: var(--tone); color: var(--card); }
.states .inner { display: block; font-size: 12px; font-weight: 500; }

/* A machine has a colour of its own where it is not the client's. */
[data-chart="connection"] { --tone: var(--idle); }
[data-connection="connected"] [data-chart="connection"] { --tone: var(--authorized); }
[data-connection="connecting"] [data-chart="connection"] { --tone: var(--requesting); }
:is([data-connection="disconnected"], [data-connection="suspended"]) [data-chart="connection"] { --tone: var(--renewing); }
[data-connection="failed"] [data-chart="connection"] { --tone: var(--failed); }

.on { display: grid; grid-template-columns: minmax(0, 1fr); gap: 10px; min-width: 0; padding: 6px 22px 16px; align-content: start; }
.events { gap: 6px; }
.events button { padding: 4px 12px; font: 12.5px var(--mono); }
.all summary { color: var(--soft); font-size: 13px; cursor: pointer; }
.opened { position: relative; padding: 12px 14px; border: 1px solid var(--line); border-radius: 12px; }
.opened h3 { color: var(--ink); font: 600 15px var(--sans); }
.opened h4 { margin: 10px 0 0; color: var(--soft); font: 500 12.5px var(--sans); }
.shut { position: absolute; top: 9px; right: 10px; padding: 3px 11px; font-size: 12.5px; }
.inside { display: flex; flex-wrap: wrap; gap: 6px; padding: 8px 0 2px; list-style: none; }
.inside li {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  gap: 6px;
  padding: 2px 11px;
  border: 1px solid var(--edge);
  border-radius: 9px;
  font-size: 13px;
}
.inside .inside { padding: 2px 0; }
.inside li.active { border-color: var(--tone); color: var(--tone); font-weight: 600; }
.table { max-height: 330px; margin-top: 8px; overflow: auto; }
.ways { width: 100%; border-collapse: collapse; font-size: 12.5px; line-height: 1.4; }
.ways :is(th, td) { padding: 4px 12px 4px 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
.ways thead th { border-top: 0; color: var(--soft); font-weight: 500; }
.ways tbody th { font-weight: 600; }
.ways em { color: var(--soft); font-style: normal; }
.ways tbody tr:hover { background: var(--paper); }

@keyframes run {
  from { stroke-dasharray: 0 100; }
  to { stroke-dasharray: 100 0; }
}
@media (prefers-reduced-motion: no-preference) {
  .box, .line { transition: fill 0.25s, stroke 0.3s; }
  .edge.fresh .line { animation: run 0.7s ease-out; }
}
@media (forced-colors: active) {
  .box { fill: Canvas; stroke: CanvasText; }
  .canvas .name, .canvas .edge .label { fill: CanvasText; }
  .canvas :is(.edge, .start) .line { stroke: CanvasText; }
  .canvas :is(.edge, .start) :is(.head, .dot), circle.inside { fill: CanvasText; }
  svg g.node.active .box { fill: Highlight; stroke: Highlight; }
  svg g.node.active :is(.name, .inner) { fill: HighlightText; }
  svg .node:is(:focus-visible, [aria-expanded="true"]) .box { stroke: Highlight; stroke-width: 4; }
  .canvas .edge[data-age="0"] .line, svg g.node[data-age="0"] .box { stroke: Highlight; }
  .canvas .edge[data-age="0"] .head { fill: Highlight; }
  .states button.active, .inside li.active, .tabs button[aria-selected="true"] { border: 3px solid Highlight; }
}
@container (min-width: 640px) {
  .chart-body:has(> [data-form="tall"]) { display: grid; grid-template-columns: minmax(352px, 2fr) minmax(0, 3fr); }
  .chart-body[hidden]:has(> [data-form="tall"]) { display: none; }
}
@container (max-width: 720px) {
  .chart-head { padding: 10px 10px 0; }
  .canvas { padding: 10px 4px; }
  .tabs button { padding: 5px 9px; }
  .tabs span { font-size: 15px; }
  .tabs strong { margin-left: 3px; font-size: 12px; }
  .on { padding-inline: 12px; }
}
`;
