import { describe, expect, it } from '@jest/globals';
import type { Invocation } from './arguments.js';
import { parseArguments } from './arguments.js';
import { exitCodes } from './exit-codes.js';
import { Failure } from './failure.js';

function parse(line: string, env: Record<string, string> = {}): Promise<Invocation> {
  const args = line === '' ? [] : line.split(' ');
  return parseArguments(args, { version: '1.2.3', columns: 80, env });
}

describe('server', () => {
  it('needs no option', async () => {
    expect(await parse('server')).toEqual({ command: 'server', file: undefined, flags: {} });
  });

  it('takes a file, and flags as keys of the configuration', async () => {
    const line = 'server --config a.toml --addr 127.0.0.1:9000 --log-level=debug --log-format json';
    expect(await parse(line)).toEqual({
      command: 'server',
      file: 'a.toml',
      flags: {
        'server.listen_addr': '127.0.0.1:9000',
        'logging.level': 'debug',
        'logging.format': 'json',
      },
    });
  });

  it('takes a file name as it stands', async () => {
    expect(await parse('server --config 007')).toMatchObject({ file: '007' });
  });

  it('lets the last of several count', async () => {
    expect(await parse('server --config a.toml --config b.toml')).toMatchObject({ file: 'b.toml' });
  });
});

describe('check-config', () => {
  it('takes a file', async () => {
    expect(await parse('check-config 1')).toEqual({ command: 'check-config', file: '1', json: false });
  });

  it.each(['check-config a.toml --json', 'check-config --json a.toml'])('%s', async (line) => {
    expect(await parse(line)).toEqual({ command: 'check-config', file: 'a.toml', json: true });
  });
});

describe('cluster', () => {
  it('asks the node of --addr, of the environment, or of this machine', async () => {
    const here = { command: 'cluster status', urls: ['http://127.0.0.1:8080'], json: false };
    expect(await parse('cluster status')).toEqual(here);
    expect(await parse('cluster status', { ARTEMIS_ADDR: '' })).toEqual(here);
    const env = { ARTEMIS_ADDR: 'node1:9000' };
    expect(await parse('cluster status --json', env)).toEqual({
      command: 'cluster status',
      urls: ['http://node1:9000'],
      json: true,
    });
    expect(await parse('cluster status --addr https://node2', env)).toMatchObject({
      urls: ['https://node2:443'],
    });
  });

  it('waits for what is wanted, half a minute unless told otherwise', async () => {
    expect(await parse('cluster wait --equal')).toEqual({
      command: 'cluster wait',
      urls: ['http://127.0.0.1:8080'],
      timeoutMs: 30_000,
      equal: true,
      ready: false,
      nodes: undefined,
    });
    expect(
      await parse('cluster wait --ready --nodes 3 --timeout 0', { ARTEMIS_ADDR: '[::1]:80' }),
    ).toMatchObject({ urls: ['http://[::1]:80'], timeoutMs: 0, equal: false, ready: true, nodes: 3 });
  });

  it('takes several nodes, each once', async () => {
    expect(await parse('cluster status --addr node1:80,node2:80,http://node1:80/')).toMatchObject({
      urls: ['http://node1:80', 'http://node2:80'],
    });
  });

  it('says which source of the address is wrong', async () => {
    await expect(parse('cluster status', { ARTEMIS_ADDR: 'dns+http://a:1' })).rejects.toThrow(
      'ARTEMIS_ADDR is "dns+http://a:1", expected HOST:PORT, http://HOST:PORT or https://HOST:PORT of a node',
    );
  });
});

it.each(['version', '--version', 'server --version'])('%s prints the version', async (line) => {
  expect(await parse(line)).toEqual({ command: 'print', text: 'artemis 1.2.3' });
});

it('completes commands and options', async () => {
  const complete = async (line: string) => {
    const invocation = await parse(`--get-yargs-completions artemis ${line}`);
    return invocation.command === 'print' ? invocation.text.split('\n') : [];
  };
  expect(await complete('reg')).toContain('register');
  expect(await complete('services --pre')).toEqual(expect.arrayContaining(['--prefix', '--json']));
  expect(await parse('completion')).toEqual({
    command: 'print',
    text: expect.stringContaining('artemis --get-yargs-completions'),
  });
});

const commands =
  'server, check-config, cluster, register, unregister, services, instances, watch, explain, run, completion, version';
const options = '--config, --addr, --log-level, --log-format';

it.each([
  ['', `a command is missing, expected ${commands}`, '--help'],
  ['serve', 'unknown command "serve", did you mean server?', '--help'],
  ['SERVER', 'unknown command "SERVER", did you mean server?', '--help'],
  ['check_config a', 'unknown command "check_config", did you mean check-config?', '--help'],
  ['start', `unknown command \"start\", expected ${commands}`, '--help'],
  ['constructor', `unknown command \"constructor\", expected ${commands}`, '--help'],
  ['help serve', 'unknown command "serve", did you mean server?', '--help'],
  ['help toString', `unknown command \"toString\", expected ${commands}`, '--help'],
  ['--adr a:1', 'unknown option --adr', '--help'],
  ['-v', 'unknown option -v', '--help'],
  ['server --adr a:1', 'unknown option --adr, did you mean --addr?', 'server --help'],
  ['--adr a:1 server', 'unknown option --adr, did you mean --addr?', 'server --help'],
  ['server --logLevel info', 'unknown option --logLevel, did you mean --log-level?', 'server --help'],
  ['server --verbose', `unknown option --verbose, expected ${options}`, 'server --help'],
  ['server -c a.toml', `unknown option -c, expected ${options}`, 'server --help'],
  ['server --json', `unknown option --json, expected ${options}`, 'server --help'],
  ['server --constructor', 'the command line cannot be read', '--help'],
  ['server a.toml', 'unexpected argument "a.toml"', 'server --help'],
  ['server -- --addr', 'unexpected argument "--addr"', 'server --help'],
  ['server --config', '--config needs a value', 'server --help'],
  ['server --config= --addr a:1', '--config needs a value', 'server --help'],
  ['server --config --addr a:1', '--config needs a value', 'server --help'],
  ['server --addr', '--addr needs a value', 'server --help'],
  [
    'server --addr 9000',
    '--addr is "9000", expected HOST:PORT such as 0.0.0.0:8080, an IPv6 address in brackets',
    'server --help',
  ],
  [
    'server --log-level loud',
    '--log-level is "loud", expected one of error, warn, info, debug',
    'server --help',
  ],
  ['server --log-format xml', '--log-format is "xml", expected one of text, json', 'server --help'],
  ['check-config', 'FILE is missing', 'check-config --help'],
  ['check-config --json', 'FILE is missing', 'check-config --help'],
  ['check-config a b', 'unexpected argument "b"', 'check-config --help'],
  ['check-config a --jsn', 'unknown option --jsn, did you mean --json?', 'check-config --help'],
  ['cluster', 'a command is missing, expected status, wait', 'cluster --help'],
  ['cluster satus', 'unknown command "satus", did you mean status?', 'cluster --help'],
  ['cluster --json', 'unknown option --json', 'cluster --help'],
  ['cluster status now', 'unexpected argument "now"', 'cluster status --help'],
  ['cluster status --jsn', 'unknown option --jsn, did you mean --json?', 'cluster status --help'],
  [
    'cluster status --addr 9',
    '--addr is "9", expected HOST:PORT, http://HOST:PORT or https://HOST:PORT of a node',
    'cluster status --help',
  ],
  ['cluster status --addr', '--addr needs a value', 'cluster status --help'],
  ['cluster wait', 'say what to wait for: --equal, --ready, --nodes', 'cluster wait --help'],
  ['cluster wait --nodes 0', '--nodes is "0", expected an integer from 1 to 86400', 'cluster wait --help'],
  [
    'cluster wait --equal --timeout 1.5',
    '--timeout is "1.5", expected an integer from 0 to 86400',
    'cluster wait --help',
  ],
  ['version now', 'unexpected argument "now"', 'version --help'],
])('artemis %s: %s', async (line, problem, more) => {
  const failure: unknown = await parse(line).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Failure);
  expect(failure).toMatchObject({
    message: `${problem}\nTry: artemis ${more}`,
    exitCode: exitCodes.usage,
  });
});
