import { theme } from './theme.js';

/** The floating button and the panel. The studio in the panel has its own styles. */
const panel = `
:host { display: contents; container-type: normal; }
.floating {
  position: fixed;
  z-index: 2147483000;
  right: 14px;
  bottom: calc(14px + var(--place, 0) * 44px);
  padding: 8px 15px;
  border: 0;
  border-radius: 999px;
  background: var(--tone);
  color: var(--card);
  font: 600 13px / 1.3 var(--sans);
  box-shadow: var(--shadow);
  cursor: pointer;
}
.floating:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
#dock {
  position: fixed;
  z-index: 2147482999;
  right: 0;
  bottom: 0;
  left: 0;
  height: min(72vh, 820px);
  border-top: 1px solid var(--line-strong);
  background: var(--paper);
  box-shadow: var(--shadow);
}
#dock[hidden] { display: none; }
#dock p { margin: 20px; color: var(--ink); font: 14px / 1.4 var(--sans); }
#dock:not([hidden]) + .floating { bottom: calc(min(72vh, 820px) - 17px + var(--place, 0) * 44px); }
@media (forced-colors: active) {
  .floating { border: 2px solid ButtonText; }
}
`;

let sheets: CSSStyleSheet[] | undefined;

export function panelStyles(): CSSStyleSheet[] {
  sheets ??= [theme, panel].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  return sheets;
}
