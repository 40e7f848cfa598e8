import { playFixedSeeds } from './fixed-seeds.js';

playFixedSeeds(0);
