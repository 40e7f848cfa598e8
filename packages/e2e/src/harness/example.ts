import path from 'node:path';
import { checkout, Child } from './child.js';
import { eventually } from './eventually.js';
import type { Stage } from './stage.js';

const startMs = 30_000;

/** A program of `examples`, as a user starts it. Its stage kills it when it ends. */
export function startExample(
  stage: Stage,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Child {
  const file = path.join(checkout, 'examples', script);
  const child = new Child(process.execPath, [file], { cwd: path.dirname(file), env });
  stage.watchLog(`${script} ${child.pid}`, () => child.stdout + child.stderr);
  stage.defer(async () => {
    child.signal('SIGKILL');
    await child.exit;
  });
  return child;
}

/** Runs one that ends by itself. */
export async function runExample(stage: Stage, script: string): Promise<void> {
  const child = startExample(stage, script);
  const { code } = await child.exitWithin(startMs);
  if (code !== 0) throw new Error(`${script} ended with ${code}:\n${child.stdout}${child.stderr}`);
}

/** Waits until the program has printed what matches; answers the first group, or else all of it. */
export function printed(child: Child, pattern: RegExp): Promise<string> {
  return eventually(
    () => {
      const [all, group] = pattern.exec(child.stdout) ?? [];
      if (all === undefined) throw new Error(`${pattern} was not printed:\n${child.stdout}${child.stderr}`);
      return group ?? all;
    },
    { within: startMs },
  );
}
