import { html, type TemplateResult } from 'lit-html';
import { ANY, type Way } from '../ways.js';

/** How many ways of an unknown machine a table has. */
const MOST = 400;

/** A table of ways: state × event → target, with the guards in words. */
export function waysTable(
  title: string,
  ways: readonly Way[],
  point: (edges: readonly string[]) => void,
): TemplateResult {
  const shown = ways.slice(0, MOST);
  return html`<div class="table" role="region" tabindex="0" aria-label=${title}>
    <table class="ways">
      <caption class="visually-hidden">${title}</caption>
      <thead>
        <tr><th scope="col">from</th><th scope="col">event</th><th scope="col">if</th><th scope="col">to</th></tr>
      </thead>
      <tbody>
        ${shown.map(({ source, event, guard, target, edge }) => {
          const edges = edge === undefined ? [] : [edge];
          return html`<tr @pointerenter=${() => point(edges)} @pointerleave=${() => point([])}>
            <th scope="row">${source === ANY ? html`<em>${ANY}</em>` : source}</th>
            <td>${event}</td>
            <td>${guard}</td>
            <td>${source === target ? html`<em>begins again</em>` : target}</td>
          </tr>`;
        })}
      </tbody>
    </table>
    ${shown.length < ways.length ? html`<p>${shown.length} of ${ways.length} ways are listed.</p>` : ''}
  </div>`;
}
