/** The colours in the dark. */
const dark = `
--paper: #0f1218;
--card: #171b24;
--ink: #eceae4;
--soft: #a3a8b5;
--faint: #8d93a1;
--line: #272d3a;
--line-strong: #3d4556;
--edge: #77819a;
--brass: #e6b566;
--brass-wash: #3a2f1b;
--idle: #a3a9b8;
--requesting: #82aefb;
--authorized: #5fcf9a;
--renewing: #ecb452;
--failed: #ff8a80;
--wash-base: #12130f;
--wash-share: 20%;
--shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 12px 32px -16px rgb(0 0 0 / 70%);
`;

/** Colours and fonts, and a reset of the browser's styles. */
export const theme = `
:host {
  display: block;
  container-type: inline-size;
  color-scheme: light dark;
  --paper: #f6f3ec;
  --card: #fffdf9;
  --ink: #1c2029;
  --soft: #5d6270;
  --faint: #6f7480;
  --line: #e2dccf;
  --line-strong: #c4bcab;
  --edge: #857c69;
  --brass: #8a5a0b;
  --brass-wash: #f6e6c6;
  --idle: #626878;
  --requesting: #2359b8;
  --authorized: #17714b;
  --renewing: #8f5b06;
  --failed: #b3261e;
  --tone: var(--idle);
  --wash-base: #fffdf9;
  --wash-share: 13%;
  --shadow: 0 1px 2px rgb(50 40 20 / 6%), 0 8px 24px -12px rgb(50 40 20 / 16%);
  --sans: "Inter", ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Source Serif 4", Georgia, "DejaVu Serif", serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) { :host(:not([data-theme="light"])) { ${dark} } }
:host([data-theme="light"]) { color-scheme: light; }
:host([data-theme="dark"]) { color-scheme: dark; ${dark} }
[data-state="requesting"] { --tone: var(--requesting); }
[data-state="authorized"] { --tone: var(--authorized); }
[data-state="renewing"] { --tone: var(--renewing); }
[data-state="failed"] { --tone: var(--failed); }
[data-tone="idle"] { --tone: var(--idle); }
[data-tone="requesting"] { --tone: var(--requesting); }
[data-tone="authorized"] { --tone: var(--authorized); }
[data-tone="renewing"] { --tone: var(--renewing); }
[data-tone="failed"] { --tone: var(--failed); }

*, *::before, *::after { box-sizing: border-box; }
h1, h2, h3, p, dl, dd, ol, ul { margin: 0; padding: 0; }

.studio {
  /* Mixes must be made anew where the tone is set. */
  --wash: color-mix(in srgb, var(--tone) var(--wash-share), var(--wash-base));
  padding: 0 clamp(10px, 1.6cqw, 32px) 30px;
  background: var(--paper);
  color: var(--ink);
  font: 15px / 1.5 var(--sans);
  text-align: left;
  -webkit-font-smoothing: antialiased;
}
.visually-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
.mono { font-family: var(--mono); font-size: 0.87em; }
:focus-visible { outline: 2.5px solid var(--tone); outline-offset: 2px; }
.file:focus-within { outline: 2.5px solid var(--tone); outline-offset: 2px; }

h2 { font: 600 18px / 1.3 var(--serif); }
h3 { color: var(--soft); font: 500 12.5px / 1.4 var(--sans); }
.eyebrow { color: var(--soft); font-size: 12.5px; letter-spacing: 0.01em; }

button, .file {
  padding: 8px 16px;
  border: 1px solid var(--line-strong);
  border-radius: 999px;
  background: var(--card);
  color: var(--ink);
  font: 500 14px / 1.3 var(--sans);
  cursor: pointer;
}
button:hover:enabled, .file:hover { border-color: var(--ink); }
button:active:enabled { transform: translateY(1px); }
button:disabled { color: var(--faint); cursor: default; }
button.primary, button.client {
  border-color: var(--ink);
  background: var(--ink);
  color: var(--card);
}
:is(button.primary, button.client):disabled {
  border-color: var(--line-strong);
  background: var(--line);
  color: var(--soft);
}
button[aria-pressed="true"] {
  border-color: var(--brass);
  background: color-mix(in oklab, var(--brass) 14%, var(--card));
}
button.fault[aria-pressed="true"] {
  border-color: var(--failed);
  background: color-mix(in oklab, var(--failed) 12%, var(--card));
  color: var(--failed);
}
@media (prefers-reduced-motion: no-preference) {
  .standing, .state, button { transition: color 0.25s, background 0.25s, border-color 0.25s; }
}
`;
