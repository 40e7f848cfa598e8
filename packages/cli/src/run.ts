import { softwareVersion as version } from '@artemis/core';
import { ConfigError } from '@artemis/core/config';
import { parseArguments } from './arguments.js';
import { checkConfig } from './commands/check-config.js';
import { clusterStatus } from './commands/cluster-status.js';
import { clusterWait } from './commands/cluster-wait.js';
import { explain } from './commands/explain.js';
import { instances } from './commands/instances.js';
import { register } from './commands/register.js';
import { runProgram } from './commands/run-program.js';
import { runServer } from './commands/server.js';
import { services } from './commands/services.js';
import { unregister } from './commands/unregister.js';
import { watch } from './commands/watch.js';
import { exitCodes } from './exit-codes.js';
import { Failure } from './failure.js';
import type { Host } from './host.js';

const defaultColumns = 80;

/**
 * The `artemis` command from its arguments to its exit code. What is wrong with arguments, files and surroundings is told
 * on standard error without a stack; anything else is a defect and rejects.
 */
export async function run(args: readonly string[], host: Host): Promise<number> {
  try {
    const columns = host.stdout.columns ?? defaultColumns;
    const invocation = await parseArguments(args, { version, columns, env: host.env });
    switch (invocation.command) {
      case 'server':
        return await runServer(invocation, host);
      case 'check-config':
        return checkConfig(invocation, host);
      case 'cluster status':
        return await clusterStatus(invocation, host);
      case 'cluster wait':
        return await clusterWait(invocation, host);
      case 'register':
        return await register(invocation, host);
      case 'unregister':
        return await unregister(invocation, host);
      case 'services':
        return await services(invocation, host);
      case 'instances':
        return await instances(invocation, host);
      case 'watch':
        return await watch(invocation, host);
      case 'run':
        return await runProgram(invocation, host);
      case 'explain':
        return await explain(invocation, host);
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
