/** The command lines of the commands for people. */
import { describe, expect, it } from '@jest/globals';
import type { Invocation } from './arguments.js';
import { parseArguments } from './arguments.js';
import { exitCodes } from './exit-codes.js';
import { Failure } from './failure.js';

function parse(line: string, env: Record<string, string> = {}): Promise<Invocation> {
  return parseArguments(line.split(' '), { version: '1.2.3', columns: 80, env });
}

const here = ['http://127.0.0.1:8080'];

describe('register', () => {
  it('takes every field by the name of its option', async () => {
    const line =
      'register --service orders --port 9000 --instance o1 --region eu --zone z1 --group blue --ip 10.0.0.1 ' +
      '--url http://o:1 --status down --protocol grpc --machine-name m --health-check-url /h --lease-ttl 60 ' +
      '--metadata a=1 --metadata b=x=y --metadata c= --json --addr n1:1,n2:2';
    expect(await parse(line)).toEqual({
      command: 'register',
      urls: ['http://n1:1', 'http://n2:2'],
      file: undefined,
      json: true,
      flags: {
        service_id: 'orders',
        port: 9000,
        instance_id: 'o1',
        region_id: 'eu',
        zone_id: 'z1',
        group_id: 'blue',
        ip: '10.0.0.1',
        url: 'http://o:1',
        status: 'down',
        protocol: 'grpc',
        machine_name: 'm',
        health_check_url: '/h',
        lease_ttl_secs: 60,
        metadata: { a: '1', b: 'x=y', c: '' },
      },
    });
  });

  it.each([
    ['register --file a.json', 'a.json'],
    ['register --file -', '-'],
    ['register --file=-', '-'],
  ])('%s needs nothing else', async (line, file) => {
    expect(await parse(line)).toMatchObject({ file, flags: {}, urls: here });
  });

  it('lets the last of an option count that may be given once', async () => {
    expect(await parse('register --service a --service b --port 1 --port 2')).toMatchObject({
      flags: { service_id: 'b', port: 2 },
    });
  });
});

describe('what is looked at', () => {
  it('unregister and explain take several instances, each once', async () => {
    const words = {
      service: 'orders',
      instances: ['o1', '02'],
      region: 'eu',
      zone: undefined,
      group: undefined,
    };
    const line = 'orders o1 02 o1 --region eu';
    expect(await parse(`unregister ${line}`)).toEqual({
      command: 'unregister',
      ...words,
      urls: here,
      json: false,
    });
    expect(await parse(`explain ${line} --json`)).toEqual({
      command: 'explain',
      ...words,
      urls: here,
      json: true,
    });
  });

  it('services and instances take filters', async () => {
    expect(await parse('services --prefix or --zone z1', { ARTEMIS_ADDR: 'n1:80, n2:81' })).toEqual({
      command: 'services',
      urls: ['http://n1:80', 'http://n2:81'],
      prefix: 'or',
      region: undefined,
      zone: 'z1',
      json: false,
    });
    expect(await parse('instances 007 --all')).toMatchObject({ service: '007', all: true, json: false });
  });

  it('watch takes a service, or all', async () => {
    expect(await parse('watch orders --json')).toEqual({
      command: 'watch',
      urls: here,
      service: 'orders',
      json: true,
    });
    expect(await parse('watch --all')).toMatchObject({ service: undefined, json: false });
  });
});

describe('run', () => {
  it('takes the program after -- as it stands', async () => {
    const line = 'run --service orders --port 80 -- ./orders --port 007 -v -- --file - --service x';
    expect(await parse(line)).toEqual({
      command: 'run',
      urls: here,
      flags: { service_id: 'orders', port: 80 },
      program: ['./orders', '--port', '007', '-v', '--', '--file', '-', '--service', 'x'],
      check: undefined,
    });
  });

  it.each(['--help', 'help', '--version', '--get-yargs-completions'])(
    'leaves %s to the program',
    async (word) => {
      expect(await parse(`run --service orders --port 80 -- git ${word}`)).toMatchObject({
        command: 'run',
        program: ['git', word],
      });
    },
  );

  it('takes a check, with seconds as ms', async () => {
    const line = 'run --service a --port 80 --check /health';
    expect(await parse(`${line} -- a`)).toMatchObject({
      check: { target: '/health', intervalMs: 5000, timeoutMs: 2000, upAfter: 1, downAfter: 3 },
    });
    const settings = '--check-interval 0.25 --check-timeout 1 --check-up-after 2 --check-down-after 4';
    expect(await parse(`${line} ${settings} -- a`)).toMatchObject({
      check: { intervalMs: 250, timeoutMs: 1000, upAfter: 2, downAfter: 4 },
    });
  });
});

it.each([
  ['register --port 1', '--service is missing'],
  ['register --service a', '--port is missing'],
  ['register --service a --port http', '--port is "http", expected an integer from 0 to 65535'],
  ['register --service a --port 65536', '--port is "65536", expected an integer from 0 to 65535'],
  ['register --service a --port 1 --lease-ttl 0', '--lease-ttl is "0", expected an integer from 1 to 1500'],
  ['register --service a --port 1 --metadata a', '--metadata is "a", expected NAME=VALUE'],
  ['register --service a --port 1 --metadata =a', '--metadata is "=a", expected NAME=VALUE'],
  ['register --service a --port 1 --zon b', 'unknown option --zon, did you mean --zone?'],
  ['register a --service a --port 1', 'unexpected argument "a"'],
  ['unregister', 'SERVICE is missing'],
  ['unregister a', 'INSTANCE is missing'],
  ['explain', 'SERVICE is missing'],
  ['explain a', 'INSTANCE is missing'],
  ['instances', 'SERVICE is missing'],
  ['instances a b', 'unexpected argument "b"'],
  ['services a', 'unexpected argument "a"'],
  [
    'services --addr a:1,b',
    '--addr is "a:1,b", expected HOST:PORT, http://HOST:PORT or https://HOST:PORT of a node',
  ],
  ['watch', 'say what to watch: SERVICE or --all'],
  ['watch a --all', 'SERVICE and --all exclude each other'],
  ['watch a b', 'unexpected argument "b"'],
  ['run --service a --port 1', '-- COMMAND is missing'],
  ['run --service a --port 1 --', '-- COMMAND is missing'],
  ['run --service a --port 1 ls', 'unexpected argument "ls", put -- before the COMMAND'],
  ['run b --service a --port 1 -- ls', 'unexpected argument "b", put -- before the COMMAND'],
  ['run --port 1 -- ls', '--service is missing'],
  ['run --service a --port 1 --status up -- ls', /^unknown option --status, /],
  ['run --service a --port 1 --check-timeout 1 -- ls', '--check-timeout needs --check'],
  [
    'run --service a --port 1 --check /h --check-interval 0 -- ls',
    '--check-interval is "0", expected seconds from 0.01 to 3600',
  ],
  [
    'run --service a --port 1 --check /h --check-down-after 0 -- ls',
    '--check-down-after is "0", expected an integer from 1 to 1000',
  ],
])('artemis %s: %s', async (line, problem) => {
  const failure: unknown = await parse(line).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  const { message, exitCode } = failure as Failure;
  expect(exitCode).toBe(exitCodes.usage);
  const [said, more] = message.split('\n');
  expect(said).toEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
  expect(more).toBe(`Try: artemis ${line.split(' ')[0]} --help`);
});
