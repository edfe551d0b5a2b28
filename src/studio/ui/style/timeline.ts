/** The timeline of tokens and states, and the controls to show an earlier moment. */
export const timeline = `
.zoom { display: flex; gap: 5px; }
.zoom button { padding: 1px 10px; font-size: 12.5px; }
.lanes { margin: 7px 18px 0; overflow: hidden; cursor: grab; touch-action: pan-y; border-radius: 6px; }
.lanes:active { cursor: grabbing; }
.lanes svg { display: block; user-select: none; }
.tick line { stroke: var(--line); }
.tick text { fill: var(--faint); font: 11px var(--mono); }
.lane-names rect { fill: var(--card); }
.lane-names text { fill: var(--soft); font: 12px var(--sans); }

.span { --tone: var(--idle); }
.span:is([data-value="requesting"], [data-connection="connecting"]) { --tone: var(--requesting); }
.span:is([data-value="authorized"], [data-connection="connected"]) { --tone: var(--authorized); }
.span:is([data-value="renewing"], [data-connection="disconnected"], [data-connection="suspended"]) { --tone: var(--renewing); }
.span:is([data-value="failed"], [data-connection="failed"]) { --tone: var(--failed); }
.span rect { fill: color-mix(in oklab, var(--tone) 22%, var(--card)); stroke: var(--tone); stroke-width: 1; }
.span text { fill: var(--ink); font: 12px var(--sans); }
.tries { fill: none; stroke: var(--failed); stroke-width: 2; }

.token { --tone: var(--authorized); }
.token[data-end="renewed"] { --tone: var(--requesting); }
.token:is([data-end="died"], [data-end="refused"]) { --tone: var(--failed); }
.token[data-end="forgotten"] { --tone: var(--idle); }
.token .life { fill: color-mix(in oklab, var(--tone) 10%, var(--card)); stroke: color-mix(in oklab, var(--tone) 45%, var(--card)); stroke-dasharray: 3 2; }
.token .used { fill: color-mix(in oklab, var(--tone) 38%, var(--card)); stroke: var(--tone); }
.token .overlap { fill: var(--renewing); opacity: 0.75; }
.token .renewal { stroke: var(--ink); stroke-width: 2; }
.token .death { fill: none; stroke: var(--failed); stroke-width: 2.2; stroke-linecap: round; }
.token text { fill: var(--ink); font: 12px var(--sans); }
.unseen-paper { fill: var(--card); }
.unseen-lines { stroke: var(--line-strong); stroke-width: 1; }
#unseen line { stroke: var(--edge); stroke-width: 2; }
.unseen text { fill: var(--ink); font: 12px var(--sans); paint-order: stroke; stroke: var(--card); stroke-width: 5px; }
.present line { stroke: var(--ink); stroke-width: 1.4; }
.present.past line { stroke: var(--brass); stroke-width: 2.4; }

.travel { display: flex; flex-wrap: wrap; align-items: center; gap: 7px; padding: 3px 18px 5px; border-radius: 0 0 13px 13px; }
.travel input { flex: 1 1 160px; min-width: 0; accent-color: var(--brass); }
.travel > button, .travel summary { padding: 2px 11px; font-size: 12.5px; }
.where { color: var(--soft); font-size: 12.5px; font-variant-numeric: tabular-nums; }
[data-past] .travel { background: var(--brass-wash); }
.as-table { color: var(--ink); font-size: 13px; }
.as-table .menu-body { top: auto; bottom: calc(100% + 5px); }
.as-table ul { padding: 6px 0 0 18px; }
@container (max-width: 820px) {
  .lanes { margin-inline: 10px; }
  .travel { padding-inline: 14px; }
  .travel .menu-body { right: auto; left: 0; }
}
`;
