/** The version of this software, as nodes tell it to each other and to operators. */
export const softwareVersion = '0.1.0';
