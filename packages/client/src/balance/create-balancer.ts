import { Balancer, type BalancerContext } from './balancer.js';

/** A balancer for one view. */
export function createBalancer(context: BalancerContext): Balancer {
  return new Balancer(context);
}
