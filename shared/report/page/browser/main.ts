/** The page draws itself from the data it carries. It asks nobody anything. */
import { type PackedData, unpacked } from '../packed.ts';
import { actions } from './actions.ts';
import { breakdown } from './breakdown.ts';
import { capacity } from './capacity.ts';
import { h } from './dom.ts';
import { filters } from './filters.ts';
import { clockOf } from './format.ts';
import { header, told } from './header.ts';
import { heatMap } from './heat-map.ts';
import { leftAlone } from './left-alone.ts';
import { overTime } from './over-time.ts';
import { viewOf } from './view.ts';

const data = unpacked(JSON.parse(document.getElementById('data')?.textContent ?? 'null') as PackedData);
const clock = clockOf(data.zone);
const view = viewOf(data);

const main = h('main', { id: 'main', tabindex: -1 });
for (const part of [
  told(data),
  filters(view),
  overTime(view),
  breakdown(view),
  capacity(data, clock),
  heatMap(view),
  actions(view, clock),
  leftAlone(data),
]) {
  if (part !== null) main.append(part);
}
document.body.prepend(
  h('a', { class: 'skip', href: '#main' }, 'Skip to what happened'),
  header(data, clock),
  main,
  h(
    'footer',
    {},
    ...data.notes.map(note => h('p', {}, note)),
    h('p', {}, 'This file holds all it shows and loads nothing. Charts: uPlot, MIT.'),
  ),
);
