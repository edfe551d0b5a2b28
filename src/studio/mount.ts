import { invalidOption } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import type { Auth } from '../index.js';
import type { Performance } from './controls.js';
import { Recorder } from './recorder.js';
import { studioOptions } from './studio-arguments.js';
import { Subject } from './subject.js';

/** What a studio in a page is made with. */
export interface StudioOptions {
  /** What the studio calls the client. Default: 'an Auth client'. */
  readonly title?: string;
  /** Buttons of your own, for what can be done to the client or to what is behind it. */
  readonly controls?: readonly Performance[];
}

/** Where a studio can be shown: an element, as far as it matters, so that Node knows the type as well. */
export interface StudioPlace {
  readonly shadowRoot: unknown;
  /** Gives it a shadow root, to draw into. */
  attachShadow(init: { mode: 'open' }): unknown;
}

/** A studio that is shown. */
export interface Studio {
  /** Resolves when it is drawn: what it is drawn with is loaded when it is needed. */
  readonly ready: Promise<void>;
  /** The recorded session as JSON, redacted: what the button Export saves. */
  recording(): string;
  /** Takes it off the page; the client goes on as before. */
  dispose(): void;
  /** As {@link Studio.dispose}, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Shows a client in an element of the page: its statecharts, its tokens over time, why it does what it
 * does. It only looks; nothing secret reaches it.
 *
 * @param element where to show it: an element without a shadow root of its own, as a `div`
 * @throws {ErrorInfo} 40003 when `auth` is no client, `element` is no element, cannot have a shadow root, has one of its own or a studio
 * in it, or when an option cannot be
 *
 * @example
 * ```ts
 * import { Auth } from 'latchkey';
 * import { mountStudio } from 'latchkey/studio';
 *
 * const auth = new Auth({ authUrl: '/api/token' });
 * mountStudio(auth, document.body.appendChild(document.createElement('div')));
 * ```
 */
export function mountStudio(auth: Auth, element: StudioPlace | null, options: StudioOptions = {}): Studio {
  const given = studioOptions(auth, options);
  if (typeof Element === 'undefined' || !(element instanceof Element))
    throw invalidOption('element', 'an element of the page, to show the studio in', element);
  makeRoot(element);
  const recorder = new Recorder(new Subject(auth), given);
  shown.add(element);
  const undo: (() => void)[] = [() => recorder.dispose(), () => shown.delete(element)];
  const ready = import('./ui/app.js').then(({ App }) => {
    if (undo.length === 0) return;
    const app = new App(element, recorder);
    undo.unshift(() => app.dispose());
  });
  return {
    ready,
    recording: () => recorder.recording(),
    dispose: () => {
      for (const stop of undo.splice(0)) stop();
    },
    [Symbol.dispose]() {
      this.dispose();
    },
  };
}

/** Elements that a studio is in. */
const shown = new WeakSet<Element>();

/** Shadow roots that were made here, and are used again after a studio was disposed of. */
const roots = new WeakSet<object>();

/** @throws {ErrorInfo} 40003 when there can be no studio in it, or there is one */
function makeRoot(element: Element): void {
  if (shown.has(element))
    throw new ErrorInfo({
      code: 40003,
      message: 'element has a studio in it',
      remediation: 'Dispose of that first, or use another element.',
    });
  if (element.shadowRoot !== null && roots.has(element.shadowRoot)) return;
  try {
    roots.add(element.attachShadow({ mode: 'open' }));
  } catch (cause) {
    throw new ErrorInfo({
      code: 40003,
      message: 'element cannot have a shadow root, or has one of its own',
      remediation: 'Use a div.',
      cause,
    });
  }
}
