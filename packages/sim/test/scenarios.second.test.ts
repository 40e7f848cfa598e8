import { playFixedSeeds } from './fixed-seeds.js';

playFixedSeeds(1);
