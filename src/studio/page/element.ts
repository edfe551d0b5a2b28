/** @throws {TypeError} when the page has no such element: the markup and the scripts do not fit. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new TypeError(`the page has no element #${id}`);
  return found as T;
}

/** Writes only what changed, so that a live region speaks only when there is something to say. */
export function write(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
