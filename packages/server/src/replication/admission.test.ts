import { describe, expect, it } from '@jest/globals';
import { admissionBy } from './admission.js';

const replication = { 'x-artemis-replication': 'true' };

describe('admissionBy', () => {
  it('refuses whatever does not say that it replicates', () => {
    const admit = admissionBy(undefined);
    expect([admit({}), admit({ 'x-artemis-replication': 'yes' })]).toEqual([
      'not-replication',
      'not-replication',
    ]);
    expect(admit(replication)).toBe('admitted');
  });

  it.each([undefined, 'Bearer wrong', 'Bearer ', 'secret', 'bearer s3cret', ['Bearer s3cret']])(
    'refuses the authorization %j when there is a secret',
    (authorization) => {
      expect(admissionBy('s3cret')({ ...replication, authorization })).toBe('unauthorized');
    },
  );

  it('admits the secret', () => {
    expect(admissionBy('s3cret')({ ...replication, authorization: 'Bearer s3cret' })).toBe('admitted');
  });
});
