import type { View } from '../messages.js';
import { element, write } from './element.js';

const bar = element('controls');

/** The buttons ask the program; what follows comes over the feed like everything else. */
export function wireControls(tellFailure: (text: string) => void): void {
  for (const button of buttons()) {
    button.addEventListener('click', () => {
      press(button).catch(() => tellFailure('the program does not answer'));
    });
  }
  bar.addEventListener('keydown', moveFocus);
}

export function showSource({ source }: View): void {
  const button = buttons().find(({ dataset }) => dataset.action === 'source');
  if (button === undefined) return;
  button.setAttribute('aria-pressed', String(source === 'down'));
  write(button, source === 'down' ? 'Source up' : 'Source down');
}

export function enableControls(isEnabled: boolean): void {
  for (const button of buttons()) button.disabled = !isEnabled;
}

async function press(button: HTMLButtonElement): Promise<void> {
  button.dataset.busy = '';
  try {
    await fetch(`/control/${button.dataset.action}`, { method: 'POST' });
  } finally {
    delete button.dataset.busy;
  }
}

function buttons(): HTMLButtonElement[] {
  return [...bar.querySelectorAll('button')];
}

/** Arrow keys go from button to button, as in any toolbar; Tab works as everywhere. */
function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const all = buttons();
  const index = all.indexOf(document.activeElement as HTMLButtonElement);
  all[(index + step + all.length) % all.length]?.focus();
  event.preventDefault();
}
