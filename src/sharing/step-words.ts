import type { SharingStep } from './port.js';

const words: Readonly<Partial<Record<string, string>>> = {
  'waiting for another member': 'waiting for another member, which asks the source',
  adopted: 'adopted the token of another member',
  'fetching alone': 'fetching a token without the other members',
  'lease lost': 'too late for the other members, which have a newer token: only this client uses its own',
} satisfies Record<Exclude<SharingStep, 'asking'>, string>;

/** A step of sharing, as it stands in the log and the studio; another step is its own word. */
export const stepInWords = (step: string): string => words[step] ?? step;
