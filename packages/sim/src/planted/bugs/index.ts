import type { PlantedBug } from '../planted-bug.js';
import { copyingBugs } from './copying.js';
import { lawBugs } from './law.js';
import { leaseBugs } from './lease.js';
import { servingBugs } from './serving.js';

/** Every defect that the checkers must catch. */
export const plantedBugs: readonly PlantedBug[] = [...lawBugs, ...leaseBugs, ...copyingBugs, ...servingBugs];
