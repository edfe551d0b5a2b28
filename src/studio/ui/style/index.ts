import { chart } from './chart.js';
import { frame } from './frame.js';
import { log } from './log.js';
import { theme } from './theme.js';
import { timeline } from './timeline.js';

let sheets: CSSStyleSheet[] | undefined;

/** The studio's style sheets, made once. A Content-Security-Policy does not block them. */
export function styles(): CSSStyleSheet[] {
  sheets ??= [theme, frame, chart, timeline, log].map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
  return sheets;
}
