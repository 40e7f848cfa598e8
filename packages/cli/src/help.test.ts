import { describe, expect, it } from '@jest/globals';
import { configKeys } from '@artemis/core/config';
import { parseArguments } from './arguments.js';
import { exitCodes } from './exit-codes.js';

async function help(line: string, columns = 80): Promise<string> {
  const invocation = await parseArguments(line.split(' '), { version: '1.2.3', columns });
  if (invocation.command !== 'print') throw new Error(`${line} prints no help`);
  return invocation.text;
}

/** The text without the line breaks within sentences. */
async function words(line: string): Promise<string> {
  return (await help(line)).replace(/\s+/g, ' ');
}

const everyHelp = [
  '--help',
  'server --help',
  'check-config --help',
  'cluster --help',
  'cluster status --help',
  'cluster wait --help',
  'register --help',
  'unregister --help',
  'services --help',
  'instances --help',
  'watch --help',
  'explain --help',
  'run --help',
  'completion --help',
  'version --help',
];

it.each(everyHelp)('%s fits a terminal of 80 columns, and a wider one makes no wider text', async (line) => {
  const lines = (await help(line)).split('\n');
  expect(lines.filter((text) => text.length > 80)).toEqual([]);
  expect(await help(line, 200)).toBe(lines.join('\n'));
});

it.each(everyHelp)('%s has no word alone on a line, as wrapped lines have', async (line) => {
  const lines = (await help(line)).split('\n');
  const wrapped = lines.filter((text, index) => /^\S+$/.test(text) && (lines[index - 1] ?? '').length > 70);
  expect(wrapped).toEqual([]);
});

it.each([
  ['-h', '--help'],
  ['help', '--help'],
  ['help server', 'server --help'],
  ['server -h', 'server --help'],
  ['server help', 'server --help'],
  ['help cluster', 'cluster --help'],
  ['help cluster wait', 'cluster wait --help'],
])('%s is the same as %s', async (line, same) => {
  expect(await help(line)).toBe(await help(same));
});

describe('artemis --help', () => {
  it('lists the commands, each on a line', async () => {
    const lines = (await help('--help')).split('\n');
    expect(lines[0]).toBe('Usage: artemis COMMAND [OPTIONS]');
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ {2}artemis server +Run a node until it is stopped$/),
        expect.stringMatching(/^ {2}artemis check-config FILE +Check a configuration and show what$/),
        expect.stringMatching(/^ {2}artemis instances SERVICE +List the instances of a service$/),
        expect.stringMatching(/^ {2}artemis unregister SERVICE <INSTANCE\.\.> {2}Remove instances$/),
        expect.stringMatching(/^ {2}artemis run +Run a program and keep it registered$/),
        expect.stringMatching(/^ {2}artemis version +Print the version$/),
        '  artemis server --config artemis.toml  Run a node as the file says',
      ]),
    );
  });
});

describe('artemis server --help', () => {
  it('says what each option means and what its default is', async () => {
    const text = await words('server --help');
    expect(text).toMatch(/^Usage: artemis server \[OPTIONS\] Run a node until it is stopped\./);
    expect(text).toContain('--config FILE (TOML) to read; artemis.example.toml explains every key');
    expect(text).toContain('--addr HOST:PORT to listen on, and to tell others unless advertise_addr is set');
    expect(text).toContain('[default: 0.0.0.0:8080]');
    expect(text).toContain('[default: info]');
    expect(text).toContain('[default: text]');
    expect(text).toContain('artemis server --addr 127.0.0.1:9000 For this machine only');
  });

  it.each([
    ['logging.level', /LEVEL of the log: (.*?) \[/],
    ['logging.format', /FORMAT of the log: (.*?) \[/],
  ])('names every value of %s', async (path, pattern) => {
    const [, values = ''] = pattern.exec(await words('server --help')) ?? [];
    const expected = configKeys
      .find((key) => key.path === path)
      ?.expected.replace('one of ', '')
      .split(', ');
    expect(expected?.length).toBeGreaterThan(1);
    for (const value of expected ?? []) expect(values).toContain(value);
  });

  it('names variables that exist', async () => {
    const text = await help('server --help');
    const named = text.match(/ARTEMIS_[A-Z_]+(?==)/g) ?? [];
    expect(named).toHaveLength(2);
    for (const variable of named) expect(configKeys.map((key) => key.variable)).toContain(variable);
    expect(text).toContain('NO_COLOR');
  });

  it('tells every exit code', async () => {
    const text = await help('server --help');
    const { unknown, ...ofServer } = exitCodes;
    for (const code of Object.values(ofServer)) expect(text).toMatch(new RegExp(`^  ${code} +\\S`, 'm'));
    expect(text).not.toMatch(new RegExp(`^  ${unknown} `, 'm'));
  });
});

describe('artemis cluster --help', () => {
  it('lists its commands', async () => {
    const text = await words('cluster --help');
    expect(text).toContain('artemis cluster status Show the nodes');
    expect(text).toContain('artemis cluster wait Wait until');
  });

  it.each(['cluster status --help', 'cluster wait --help'])(
    '%s tells every exit code and default',
    async (line) => {
      const text = await help(line);
      const { ok, failure, usage, unknown } = exitCodes;
      for (const code of [ok, failure, usage, unknown])
        expect(text).toMatch(new RegExp(`^  ${code} +\\S`, 'm'));
      expect(text).toContain('[default: ARTEMIS_ADDR, else 127.0.0.1:8080]');
    },
  );
});

describe('the commands for people', () => {
  const { ok, failure, usage, unknown } = exitCodes;

  it.each(['register', 'unregister', 'services', 'instances', 'explain'])(
    '%s tells every exit code, and which node it asks',
    async (command) => {
      const text = await help(`${command} --help`);
      for (const code of [ok, failure, usage, unknown])
        expect(text).toMatch(new RegExp(`^  ${code} +\\S`, 'm'));
      expect(text).toContain('[default: ARTEMIS_ADDR, else 127.0.0.1:8080]');
    },
  );

  it('watch and run tell how they end', async () => {
    for (const code of [ok, usage])
      expect(await help('watch --help')).toMatch(new RegExp(`^  ${code} +\\S`, 'm'));
    for (const code of [usage, 126, 127])
      expect(await help('run --help')).toMatch(new RegExp(`^  ${code} +\\S`, 'm'));
  });
});

describe('artemis check-config --help', () => {
  it('says what is needed, what is printed, and how it ends', async () => {
    const text = await words('check-config --help');
    expect(text).toMatch(/^Usage: artemis check-config FILE \[--json\] Check a configuration/);
    expect(text).toContain('FILE Configuration file (TOML)');
    expect(text).toContain('--json Print JSON instead of a table');
    expect(text).toContain('1 it is refused, or FILE cannot be read');
  });
});
