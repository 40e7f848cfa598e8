import type { PlantedBug } from '../planted-bug.js';
import { lawBugs } from './law.js';

/** Every defect that the checkers must catch. */
export const plantedBugs: readonly PlantedBug[] = [...lawBugs];
