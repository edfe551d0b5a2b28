import type { Chart, Step, StudioMessage, View } from '../messages.js';
import { ChartView } from './chart-view.js';
import { RemoteClock, timeText } from './clock.js';
import { enableControls, showSource, wireControls } from './controls.js';
import { element, write } from './element.js';
import { showTime, showView } from './standing.js';
import { addHappening, showHappenings } from './timeline.js';
import { showWaysOut } from './ways-out.js';

const link = element('link');
const step = element('step');
const anywhere = element('anywhere');
const clockText = element('clock');
const drawing = new ChartView(element('chart'));
const clock = new RemoteClock();
let view: View | undefined;
let chart: Chart | undefined;

function take(message: StudioMessage): void {
  switch (message.type) {
    case 'snapshot':
      chart = message.chart;
      drawing.show(chart);
      write(anywhere, anywhereText(message.chart));
      showHappenings(message.happenings);
      takeView(message.view);
      if (message.lastStep !== null) takeStep(message.lastStep);
      break;
    case 'view':
      takeView(message.view);
      break;
    case 'happening':
      addHappening(message.happening);
      break;
    case 'step':
      takeStep(message.step);
      break;
  }
}

function takeView(next: View): void {
  view = next;
  clock.set(next);
  showView(next);
  showSource(next);
  drawing.light(next.active);
  if (chart !== undefined) showWaysOut(chart, next.active, (edgeIds) => drawing.point(edgeIds));
  showTime(next, clock);
}

function takeStep(taken: Step): void {
  drawing.trace(taken);
  write(step, stepText(taken));
}

function anywhereText({ fromAnywhere }: Chart): string {
  return fromAnywhere
    .map(({ event, target }) => `From anywhere: ${event} leads to ${target.split('.').slice(1).join(' · ')}.`)
    .join(' ');
}

function stepText({ event, edges }: Step): string {
  const target = edges[0]?.split('→')[1]?.split('.').slice(1).join(' · ') ?? '';
  return `Last step: ${event} → ${target}`;
}

function tick(): void {
  if (view !== undefined && !document.hidden) {
    showTime(view, clock);
    write(clockText, timeText(clock.now()));
  }
  requestAnimationFrame(tick);
}

function say(text: string, isLive: boolean): void {
  write(link, text);
  link.dataset.live = isLive ? 'yes' : 'no';
  enableControls(isLive);
}

wireControls((text) => say(text, false));
say('waiting for the program', false);
const events = new EventSource('/events');
events.onopen = () => say('live', true);
events.onerror = () => say('the program stopped; waiting for it', false);
events.onmessage = ({ data }) => take(JSON.parse(String(data)));
requestAnimationFrame(tick);
