/** What is around the studio. No style is in the page itself, so that its policy can forbid all of them. */
export function pageStyles(): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    html, body, #studio { height: 100%; }
    body { margin: 0; background: #f6f3ec; }
    @media (prefers-color-scheme: dark) { body { background: #0f1218; } }
  `);
  return sheet;
}
