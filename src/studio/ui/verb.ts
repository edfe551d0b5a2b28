import type { Model } from './model.js';
import { momentText } from './time-text.js';

/** The verb of a pane. What is not live is past, with its date. */
export function verb(model: Model): string {
  if (model.isLive) return 'is';
  return `was, on ${momentText(model.now)}`;
}

/** A sentence about the moment that is shown. */
export const sentence = (model: Model, words: string): string =>
  model.isLive ? words : `At that moment: ${words}`;
