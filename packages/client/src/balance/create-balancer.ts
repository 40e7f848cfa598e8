import type { Balancer, BalancerContext } from '../view/balancer.js';

/** A balancer for one view. */
export function createBalancer({ random }: BalancerContext): Balancer {
  return {
    pick(instances) {
      const up = instances.filter(({ status }) => status === 'up');
      return up[Math.floor(random.next() * up.length)];
    },
    report() {},
    use: () => ({ [Symbol.dispose]() {} }),
  };
}
