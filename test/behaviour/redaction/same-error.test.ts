import { describe, expect, it } from 'vitest';
import { ErrorInfo } from '../../../src/index.js';
import { redactedError } from '../../../src/sources/redacted-error.js';

const details = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_none, index) => [`name-${index}`, `text ${index}`]));
const withDetails = (count: number) =>
  new ErrorInfo({ code: 40170, message: 'the source failed', detail: details(count) });

describe('an error of a source without a secret', () => {
  it.each([0, 1, 50])('an error with %i details is passed on as the same object', (count) => {
    const error = withDetails(count);
    expect(redactedError(error, ['hush'])).toBe(error);
  });

  it('an error with more than 50 details is copied with the first 50', () => {
    const copy = redactedError(withDetails(51), ['hush']);
    expect(copy.detail).toEqual(details(50));
  });

  it('an error with a secret in a detail is copied without it', () => {
    const error = new ErrorInfo({ code: 40170, message: 'failed', detail: { where: 'at hush' } });
    const copy = redactedError(error, ['hush']);
    expect(copy).not.toBe(error);
    expect(copy.detail?.where).not.toContain('hush');
  });
});
