import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { authMachine, connectionMachine } from '../machines/index.js';
import { chartOf } from '../src/studio/chart.js';
import { type FormName, letters } from '../src/studio/drawings/drawing.js';
import { type Figure, figures } from '../src/studio/drawings/figure.js';
import { drawingOf, insideCounts } from '../src/studio/drawings/fitting.js';
import type { Chart } from '../src/studio/messages.js';
import { ANY, type Way, waysOf } from '../src/studio/ways.js';

/** Draws the charts into `docs/pictures/`, and their tables into `machines/README.md`. */

export const readmePath = fileURLToPath(new URL('../machines/README.md', import.meta.url));
const picture = (name: string) => fileURLToPath(new URL(`pictures/${name}`, import.meta.url));

const charts: readonly Chart[] = [authMachine, connectionMachine].map((machine) =>
  chartOf(machine as unknown as AnyStateMachine),
);

/** The colours of the studio. */
export const themes = {
  light: { card: '#fffdf9', box: '#faf8f2', ink: '#1c2029', soft: '#5d6270', edge: '#857c69' },
  dark: { card: '#171b24', box: '#1c212c', ink: '#eceae4', soft: '#a3a8b5', edge: '#77819a' },
} as const;

type Theme = keyof typeof themes;

/** The pictures: their names and their texts. */
export function pictures(): Map<string, string> {
  const made = new Map<string, string>();
  for (const chart of charts)
    for (const form of ['wide', 'tall'] as const)
      for (const theme of ['light', 'dark'] as const)
        made.set(`${chart.name}-chart-${form}-${theme}.svg`, svgOf(chart, form, theme));
  return made;
}

/** The text of the page, with the tables between its markers made from the machines. */
export function withTables(readme: string): string {
  return readme.replace(
    /(<!-- ways: (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_whole, open: string, name: string, end: string) => {
      const chart = charts.find((one) => one.name === name);
      if (chart === undefined) throw new Error(`There is no machine called ${name}`);
      const rows = waysOf(chart).map(rowOf);
      return [
        `${open}<details>`,
        `<summary>All ${rows.length} ways of ${name}</summary>`,
        '',
        '| from | event | if | to |',
        '|---|---|---|---|',
        ...rows,
        '',
        `</details>\n${end}`,
      ].join('\n');
    },
  );
}

const rowOf = ({ source, event, guard, target }: Way): string =>
  `| ${code(source)} | ${event} | ${guard} | ${target === source ? 'stays, begins again' : code(target)} |`;

const code = (name: string): string => (name === ANY ? name : `\`${name}\``);

function svgOf(chart: Chart, formName: FormName, theme: Theme): string {
  const form = drawingOf(chart)?.forms[formName];
  if (form === undefined) throw new Error(`The drawing of ${chart.name} is not that of its machine`);
  const { width, height } = form;
  const label = `The states of ${chart.name}: ${chart.states.map(({ name }) => name).join(', ')}`;
  const shapes = figures(form, formName, chart.name, insideCounts(chart)).map((figure) => textOf(figure));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">`,
    `<style>${styleOf(formName, theme)}</style>`,
    `<rect class="card" width="${width}" height="${height}" rx="14"/>`,
    ...shapes,
    '</svg>\n',
  ].join('\n');
}

function styleOf(form: FormName, theme: Theme): string {
  const { card, box, ink, soft, edge } = themes[theme];
  const { name, label } = letters[form];
  const family = 'ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif';
  return [
    `text{font-family:${family}}`,
    `.card{fill:${card}}.box{fill:${box};stroke:${edge};stroke-width:1.4}`,
    `.name{fill:${ink};font-size:${name}px;font-weight:600}`,
    `.label{fill:${soft};font-size:${label}px}`,
    `.line{fill:none;stroke:${edge};stroke-width:1.4}.head,.dot,.inside{fill:${edge}}`,
  ].join('');
}

function textOf({ name, attributes, children = [], text = '' }: Figure): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
  const inner = children.map((child) => textOf(child)).join('') + text;
  return inner === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${inner}</${name}>`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of pictures()) writeFileSync(picture(name), text);
  writeFileSync(readmePath, withTables(readFileSync(readmePath, 'utf8')));
}
