import { invalidArgument, invalidOption, port } from '../checks/option-checks.js';
import type { Clock } from '../clock.js';
import type { Environment } from '../environment.js';
import type { InspectionTarget } from '../inspection/inspector.js';

export const checkClock = (given: Clock | undefined): Clock | undefined =>
  port('clock', given, ['now', 'monotonic', 'setTimeout', 'clearTimeout']);

/** Ably's option of this name is a string. It was replaced by endpoint. */
export function checkEnvironment(given: unknown): Environment | undefined {
  if (typeof given !== 'string') return port('environment', given as Environment, ['isOnline', 'watch']);
  const { message } = invalidOption('environment', 'an object with isOnline(), watch()', given);
  throw invalidArgument(message, 'For a name of Ably such as "sandbox", use endpoint.');
}

export function checkInspect(given: InspectionTarget | undefined): InspectionTarget | undefined {
  if (given === undefined || typeof given === 'function') return given;
  if (typeof given === 'object' && given !== null && typeof given.next === 'function') return given;
  throw invalidOption('inspect', 'a function, or an observer with next()', given);
}
