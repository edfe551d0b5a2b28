import { ErrorInfo, toErrorInfo } from '../src/errors/error-info.js';
import { checkIdentity } from '../src/token/identity.js';
import type { Secret } from '../src/token/secret.js';
import type { Accepted, MachinePorts, Outcome, Running, SourceAnswer } from './ports.js';

/**
 * Why the source is asked: there was no token yet; the token expired, or is to be renewed; a server refused it;
 * rights are required; or a caller asks for a token.
 */
export type SourceReason = 'first' | 'renewal' | 'refused' | 'capability' | 'authorize';

/** The request of one acquisition. Params and options may be secret, so they are in a box. */
export interface AcquisitionRequest {
  /** Whether `authorize()` was called. Otherwise a token is needed or due. */
  readonly byCaller: boolean;
  /** Whether the call had arguments, which replace the stored ones. */
  readonly overrides: boolean;
  /** The TokenParams and AuthOptions. Equal parameters must be the same box. */
  readonly terms: Secret<unknown>;
  /** Why the source is asked. Default: `authorize`. */
  readonly reason?: SourceReason;
  /** The number of this try in a row. Default: 1. */
  readonly attempt?: number;
}

/**
 * Whether a call may join an acquisition that runs by itself: it asks for the same token, and no caller waits yet.
 * The acquisition counts as the caller's from then on.
 */
export function joins(running: AcquisitionRequest | null, request: AcquisitionRequest): boolean {
  return running?.byCaller === false && !request.overrides && running.terms === request.terms;
}

/** Whether the running acquisition also answers `request`. */
export function answers(running: AcquisitionRequest | null, request: AcquisitionRequest): boolean {
  return running?.byCaller === true && running.terms === request.terms;
}

/** The input of an acquisition. */
export interface AcquisitionInput {
  readonly request: AcquisitionRequest;
  /** The current request: a caller may have joined in the meantime. */
  requestNow(): AcquisitionRequest;
  readonly ports: Secret<MachinePorts>;
  /** The clientId of the client's options. */
  readonly clientId: string | undefined;
  /** The deadline for getting the token and, on a connected connection, for its acceptance, ms. */
  readonly deadlineMs: number;
  /** The number of this acquisition in its client, from 1. */
  readonly generation: number;
  /** Reports to the auth machine. */
  report(event: AcquisitionEvent): void;
}

/**
 * The source is asked, a TokenRequest is exchanged, or the token is presented to the connection. A client that shares
 * its tokens may wait for another one and adopt its token; its own may come too late for the others; or it goes on
 * without them.
 */
export type AcquisitionStep =
  | 'asking'
  | 'waiting for another member'
  | 'adopted'
  | 'fetching alone'
  | 'lease lost'
  | 'exchanging'
  | 'presenting'
  | 'over';

/** The reports of a running acquisition to the auth machine. */
export type AcquisitionEvent =
  /** A step begins, or the last step is over. */
  | {
      readonly type: 'acquisition.step';
      readonly step: AcquisitionStep;
      readonly generation: number;
      /** The duration of the step before, ms. null: this is the first step. */
      readonly previousMs: number | null;
    }
  /** The deadline has passed: the auth machine must stop the acquisition. */
  | { readonly type: 'acquisition.overdue'; readonly error: ErrorInfo };

/**
 * One acquisition: ask the source, exchange a TokenRequest if that is what came, check who the token is
 * for, present it. There is one deadline for all of it; only opening a transport has a time of its own.
 *
 * @param signal aborts it, at its deadline as well
 * @returns a token or the reason why there is none: the promise does not reject
 */
export async function acquire(input: AcquisitionInput, signal: AbortSignal): Promise<Outcome> {
  const { request, clientId, deadlineMs, generation, report, requestNow } = input;
  const ports = input.ports.expose();
  const { clock } = ports;
  const running: Running = { step: 'asking' };
  ports.running = running;
  let since: number | null = null;
  const stepsMs: Partial<Record<AcquisitionStep, number>> = {};

  const enter = (next: AcquisitionStep): void => {
    const at = clock.monotonic();
    const previousMs = since === null ? null : at - since;
    const { step } = running;
    if (previousMs !== null) stepsMs[step] = (stepsMs[step] ?? 0) + Math.round(previousMs);
    running.step = next;
    since = at;
    // An acquisition that was superseded reports nothing.
    if (!signal.aborted) report({ type: 'acquisition.step', step: next, generation, previousMs });
    if (signal.aborted) throw signal.reason;
  };

  const arm = (): unknown =>
    clock.setTimeout(
      () => report({ type: 'acquisition.overdue', error: timedOut(running.step, deadlineMs, ports.awaited) }),
      deadlineMs,
    );
  let timer = arm();
  const disarm = (): void => clock.clearTimeout(timer);
  signal.addEventListener('abort', disarm, { once: true });

  try {
    enter('asking');
    let answer = checked(clientId, await ports.ask(request, signal, enter));
    if (answer.kind === 'request') {
      enter('exchanging');
      answer = checked(clientId, await ports.exchange(answer.request, request, signal));
    }
    if (answer.kind === 'request') throw new Error('a TokenRequest was exchanged for another TokenRequest');
    const { token } = answer;
    enter('presenting');
    const present = async (asked: AcquisitionRequest): Promise<Accepted> => {
      if (ports.opensTransport(asked)) {
        disarm();
        timer = arm();
      }
      return await ports.present(token, asked, signal);
    };
    const asked = requestNow();
    let accepted = await present(asked);
    // A caller that joined meanwhile wants the connection to be open.
    const now = requestNow();
    if (now !== asked && ports.opensTransport(now)) accepted = await present(now);
    enter('over');
    return { ...accepted, stepsMs };
  } catch (thrown) {
    return {
      ok: false,
      error: toErrorInfo(thrown, { code: 40170, message: 'the token could not be obtained' }),
    };
  } finally {
    disarm();
    if (ports.running === running) ports.running = undefined;
  }
}

/** @throws {ErrorInfo} 40102: the token or TokenRequest has another clientId (RSA15a, RSA15c) */
function checked(clientId: string | undefined, answer: SourceAnswer): SourceAnswer {
  checkIdentity(clientId, answer.clientId);
  return answer;
}

/** @param awaited the function of the application that did not answer */
function timedOut(step: AcquisitionStep, deadlineMs: number, awaited: string | undefined): ErrorInfo {
  const isObtained = step === 'presenting';
  const silent = awaited ? `the function ${awaited} did not answer` : 'no token came';
  return new ErrorInfo({
    code: isObtained ? 80014 : 40170,
    statusCode: 401,
    reason: 'timed out',
    message: `${isObtained ? 'the connection did not answer' : silent} within ${deadlineMs} ms`,
  });
}
