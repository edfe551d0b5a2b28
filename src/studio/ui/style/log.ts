/** The log. */
export const log = `
.log {
  position: sticky;
  top: 9px;
  display: flex;
  flex-direction: column;
  align-self: start;
  height: min(900px, calc(100vh - 28px));
  min-height: 380px;
}
.filters { display: flex; gap: 4px; padding: 5px 18px 3px; overflow-x: auto; scrollbar-width: thin; }
.filters .chip { flex: none; }
.log .section-head { flex-wrap: nowrap; align-items: center; }
.log h2, .count { flex: none; }
.chip { padding: 1px 9px; font-size: 12px; }
.log input {
  flex: 1 1 110px;
  min-width: 0;
  padding: 2px 10px;
  border: 1px solid var(--line-strong);
  border-radius: 999px;
  background: var(--paper);
  color: var(--ink);
  font: 13px var(--sans);
}
.count { color: var(--soft); font-size: 12px; }
.log ol {
  flex: 1;
  margin: 4px 0 0;
  padding: 0 10px 12px 18px;
  overflow-y: auto;
  border-radius: 0 0 17px 17px;
  list-style: none;
  scrollbar-width: thin;
}
.log li { position: relative; display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0 9px; padding: 2px 4px 4px 14px; border-left: 1.5px solid var(--line); font-size: 14px; }
.log li > .claims { grid-column: 2; }
.log li::before {
  position: absolute;
  top: 8px;
  left: -5.5px;
  width: 9px;
  height: 9px;
  border: 2px solid var(--card);
  border-radius: 50%;
  outline: 1.5px solid var(--dot);
  background: var(--dot);
  content: "";
  --dot: var(--idle);
}
.log li[data-tone="good"]::before { --dot: var(--authorized); }
.log li[data-tone="busy"]::before { --dot: var(--requesting); }
.log li[data-tone="bad"]::before { --dot: var(--failed); }
.log li:is([data-about="hand"], [data-about="service"])::before { border-radius: 2px; }
.log li[data-about="hand"]::before { --dot: var(--brass); }
.log li[data-about="machine"]::before { width: 5px; height: 5px; left: -3.5px; top: 10px; border: 0; }
.log li[data-about="machine"] { padding-block: 1px 3px; }
.log li[data-about="machine"] strong { font-weight: 400; }
.log li[aria-current] { background: var(--brass-wash); }
.at { align-self: start; padding: 1px 0 0; border: 0; border-radius: 4px; background: none; color: var(--faint); }
.at time { font: 12px / 1.4 var(--mono); }
.at:hover { color: var(--ink); text-decoration: underline; }
.log strong { font-weight: 600; }
.log li p { line-height: 1.4; overflow-wrap: anywhere; }
.log li span { display: block; color: var(--soft); font-size: 13px; }
.more { margin: 0 22px 14px; }
.log li[data-about="message"] { padding-block: 1px 2px; color: var(--soft); }
.log li[data-about="message"]::before { width: 5px; height: 5px; left: -3.5px; top: 10px; border: 0; border-radius: 0; }
.claims { color: var(--soft); font-size: 12.5px; }
.claims summary { cursor: pointer; }
.claims div { display: flex; gap: 8px; padding-left: 12px; }
.claims dd { color: var(--ink); overflow-wrap: anywhere; }
@container (max-width: 1060px) {
  .log { position: static; height: 560px; }
}
`;
