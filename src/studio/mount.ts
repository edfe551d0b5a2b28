import { invalidOption } from '../checks/option-checks.js';
import { ErrorInfo } from '../errors/error-info.js';
import type { Auth } from '../index.js';
import { outsideZones } from '../surroundings.js';
import { Recorder } from './recorder.js';
import { type AttachOptions, appearance, studioOptions, type Theme } from './studio-arguments.js';
import { Subject } from './subject.js';

/** The options of a studio. */
export interface StudioOptions extends AttachOptions {
  /**
   * true: a button in the colour of the state floats at the edge of the page, and opens the studio as a panel. The
   * browser remembers whether it is open. Default: the studio fills the element.
   */
  readonly panel?: boolean;
  /** The colours. Default: `auto`, as the system has them. */
  readonly theme?: Theme;
}

/** The element for a studio. This type has only the members that matter, so that it exists in Node too. */
export interface StudioPlace {
  readonly shadowRoot: unknown;
  /** Adds a shadow root for the studio. */
  attachShadow(init: { mode: 'open' }): unknown;
}

/** A studio in a page. */
export interface Studio {
  /** Resolves when the studio is drawn: its code is loaded first. */
  readonly ready: Promise<void>;
  /** The recorded session as JSON, redacted: the file that the button Export saves. */
  recording(): string;
  /** Removes the studio from the page. The client continues to work. */
  dispose(): void;
  /** The same as {@link Studio.dispose}, for `using`. */
  [Symbol.dispose](): void;
}

/**
 * Shows a client in an element of the page: its statecharts, its tokens over time, and the reasons for what
 * it does. It only reads the client, and receives no secrets.
 *
 * @param element the element to show it in: one without a shadow root, such as a `div`
 * @throws {ErrorInfo} 40003 if `auth` is not a client, `element` is not an element, cannot have a shadow root, has
 * its own, or shows a studio already, or if an option is invalid
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
  const given = studioOptions(auth, options, ['title', 'controls', 'panel', 'theme']);
  const { isPanel, theme } = appearance(options);
  if (typeof Element === 'undefined' || !(element instanceof Element))
    throw invalidOption('element', 'an element of the page', element);
  makeRoot(element);
  const recorder = new Recorder(new Subject(auth), given);
  shown.add(element);
  const undo: (() => void)[] = [() => recorder.dispose(), () => shown.delete(element)];
  if (theme !== 'auto') {
    element.setAttribute('data-theme', theme);
    undo.push(() => element.removeAttribute('data-theme'));
  }
  // It draws frame after frame: an Angular app would never be stable.
  const ready = outsideZones(async () => {
    const made = isPanel
      ? await import('./ui/panel.js').then(
          ({ Panel }) => new Panel(element, recorder, theme, () => undo.length > 0),
        )
      : await import('./ui/app.js').then(({ App }) => (undo.length > 0 ? new App(element, recorder) : null));
    if (undo.length === 0) made?.dispose();
    else undo.unshift(() => made?.dispose());
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

/** Elements that show a studio. */
const shown = new WeakSet<Element>();

/** Shadow roots that the studio made. They are used again after a studio was disposed of. */
const roots = new WeakSet<object>();

/** Adds a shadow root. @throws {ErrorInfo} 40003 if the element cannot show a studio, or shows one already */
function makeRoot(element: Element): void {
  if (shown.has(element))
    throw new ErrorInfo({
      code: 40003,
      message: 'element already shows a studio',
      remediation: 'Dispose of that studio first, or use another element.',
    });
  if (element.shadowRoot !== null && roots.has(element.shadowRoot)) return;
  try {
    roots.add(element.attachShadow({ mode: 'open' }));
  } catch (cause) {
    throw new ErrorInfo({
      code: 40003,
      message: 'element must be able to have a shadow root, and must not have its own',
      remediation: 'Use a div.',
      cause,
    });
  }
}
