import { softwareVersion as version } from '@artemis/core';
import { ConfigError } from '@artemis/core/config';
import { parseArguments } from './arguments.js';
import { exitCodes } from './exit-codes.js';
import { Failure } from './failure.js';
import type { Host } from './host.js';

const defaultColumns = 80;

/**
 * The `artemis` command from its arguments to its exit code. What is wrong with arguments, files and surroundings is told
 * on standard error without a stack; anything else is a defect and rejects. Each command is loaded when it is asked for:
 * a node need not wait for what the others are made of.
 */
export async function run(args: readonly string[], host: Host): Promise<number> {
  try {
    const columns = host.stdout.columns ?? defaultColumns;
    const invocation = await parseArguments(args, { version, columns, env: host.env });
    switch (invocation.command) {
      case 'server':
        return await (await import('./commands/server.js')).runServer(invocation, host);
      case 'check-config':
        return (await import('./commands/check-config.js')).checkConfig(invocation, host);
      case 'cluster status':
        return await (await import('./commands/cluster-status.js')).clusterStatus(invocation, host);
      case 'cluster wait':
        return await (await import('./commands/cluster-wait.js')).clusterWait(invocation, host);
      case 'register':
        return await (await import('./commands/register.js')).register(invocation, host);
      case 'unregister':
        return await (await import('./commands/unregister.js')).unregister(invocation, host);
      case 'services':
        return await (await import('./commands/services.js')).services(invocation, host);
      case 'instances':
        return await (await import('./commands/instances.js')).instances(invocation, host);
      case 'watch':
        return await (await import('./commands/watch.js')).watch(invocation, host);
      case 'run':
        return await (await import('./commands/run-program.js')).runProgram(invocation, host);
      case 'explain':
        return await (await import('./commands/explain.js')).explain(invocation, host);
      case 'print':
        host.stdout.write(`${invocation.text}\n`);
        return exitCodes.ok;
    }
  } catch (error) {
    if (error instanceof Failure) {
      host.stderr.write(`artemis: ${error.message}\n`);
      return error.exitCode;
    }
    if (error instanceof ConfigError) {
      // Each line begins with the place to look at.
      host.stderr.write(`${error.message}\n`);
      return exitCodes.failure;
    }
    throw error;
  }
}
