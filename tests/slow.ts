import { jest } from '@jest/globals';

// jest takes a time-out from the command line or from here, and not from the settings of a project.
jest.setTimeout(120_000);
