// The SDK in a page: a live view of one service.
import { createClient } from '@artemis/client';

const wanted = new URLSearchParams(location.search);
const serviceId = wanted.get('service') ?? '';
const node = wanted.get('node') ?? '';
const shownChanges = 20;

const byId = (id) => document.getElementById(id);
const form = document.forms[0];
form.elements.service.value = serviceId || 'greetings';
form.elements.node.value = node || 'http://127.0.0.1:8080';

if (serviceId !== '' && node !== '') watch();

function watch() {
  byId('title').textContent = serviceId;
  document.title = `${serviceId} · Artemis`;

  // `auto` is a socket where one can be had, and long polls elsewhere.
  const client = createClient({ urls: [node], transport: wanted.get('transport') ?? 'auto' });
  let connection = 'not connected';
  const showConnection = () => (byId('node').textContent = `${connection}, ${client.nodes.length} known`);
  client.on('connected', ({ node: url, transport }) => {
    connection = `watching at ${url} (${transport})`;
    showConnection();
  });
  client.on('disconnected', ({ node: url }) => {
    connection = `lost ${url}, looking for another node`;
    showConnection();
  });
  client.on('nodes', showConnection);

  const view = client.service(serviceId);
  view.on('stale', showState);
  view.on('change', ({ changes, instances }) => {
    showState(view.stale);
    showInstances(instances, new Set(changes.map(({ instance }) => instance.instance_id)));
    showChanges(changes);
  });
  view.ready().then(() => showState(view.stale), console.error);
}

/** Stale: no node is listened to right now, and what is shown is the last known answer. */
function showState(isStale) {
  const state = byId('state');
  state.textContent = isStale ? 'stale' : 'live';
  state.className = `state ${isStale ? 'stale' : 'live'}`;
}

function showInstances(instances, changed) {
  const sorted = [...instances].sort((a, b) => (a.instance_id < b.instance_id ? -1 : 1));
  const rows = sorted.map((instance) => {
    const row = document.createElement('tr');
    if (changed.has(instance.instance_id)) row.className = 'fresh';
    row.append(
      cell('td', instance.instance_id, 'mono'),
      statusCell(instance),
      cell('td', instance.url, 'mono'),
      cell('td', `${instance.region_id} / ${instance.zone_id}`),
      cell('td', textOf(instance.metadata ?? {}), 'mono'),
    );
    return row;
  });
  byId('instances').replaceChildren(...rows);
  byId('empty').hidden = rows.length > 0;
}

function showChanges(changes) {
  const lines = changes.map(({ change_type: type, change_time: time, instance, reason }) => {
    const line = document.createElement('li');
    const clock = cell('time', new Date(time).toLocaleTimeString());
    const what = [instance.instance_id, instance.status, reason].filter((part) => part !== undefined);
    line.append(clock, cell('strong', type), cell('span', what.join(' · ')));
    return line;
  });
  const list = byId('changes');
  list.prepend(...lines.reverse());
  while (list.children.length > shownChanges) list.lastChild.remove();
}

function statusCell({ status, unconfirmed }) {
  const shown = unconfirmed ? 'unconfirmed' : status;
  const badge = cell('span', shown, `status ${shown}`);
  const holder = document.createElement('td');
  holder.append(badge);
  return holder;
}

/** What a service says of itself is shown as text, never as markup. */
function cell(tag, text, className = '') {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = className;
  return element;
}

const textOf = (metadata) =>
  Object.entries(metadata)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
