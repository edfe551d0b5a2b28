/**
 * Runs before the playground: says in a sentence what the browser lacks, in place of an empty page. The build turns it
 * into the syntax of 2015.
 */
function first(): void {
  const needs: readonly (readonly [name: string, has: () => unknown])[] = [
    ['shadow roots', () => Element.prototype.attachShadow],
    [
      'adopted style sheets',
      () => 'adoptedStyleSheets' in document && Boolean(CSSStyleSheet.prototype.replaceSync),
    ],
    ['random bytes', () => crypto.getRandomValues],
    ['fetch', () => Boolean(fetch) && Boolean(Request) && Response],
    ['AbortSignal.throwIfAborted', () => AbortSignal.prototype.throwIfAborted],
    ['TextDecoder', () => Boolean(TextDecoder) && TextEncoder],
    ['queueMicrotask', () => queueMicrotask],
    ['Array.findLast', () => [].findLast],
    ['Object.hasOwn', () => Object.hasOwn],
  ];

  const isMissing = (has: () => unknown): boolean => {
    try {
      return !has();
    } catch {
      return true;
    }
  };

  const say = (what: string): void => {
    const place = document.getElementById('studio');
    if (place === null) return;
    // Without a shadow root, which would hide the sentence.
    const main = document.createElement('main');
    const sentence = main.appendChild(document.createElement('p'));
    sentence.setAttribute('role', 'alert');
    place.parentNode?.replaceChild(main, place);
    sentence.textContent = `This browser cannot show the Latchkey playground: ${what}. Use Chrome, Edge, Firefox or Safari of 2023 or newer.`;
  };

  const missing = needs.filter(([, has]) => isMissing(has)).map(([name]) => name);
  if (missing.length > 0) say(`it has no ${missing.join(', no ')}`);

  // The next script has a newer syntax. An old browser reports an error, and runs none of it.
  addEventListener('error', ({ message }) => {
    if (!document.documentElement.hasAttribute('data-started'))
      say(`it reports “${String(message).slice(0, 200)}”`);
  });
}

first();
