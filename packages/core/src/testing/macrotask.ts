/** The one place of a simulation that touches the real event loop; core is compiled without the types of Node. */
declare function setImmediate(task: () => void): unknown;

/**
 * Resolves in the next turn of the real event loop: by then every promise that can settle has settled, however long
 * its chain, which waiting for microtasks cannot promise.
 */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
