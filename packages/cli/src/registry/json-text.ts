/**
 * JSON that a terminal may show: also the control characters that `JSON.stringify` leaves as they are. A program that
 * reads it gets the same values.
 * @param indent 0: on one line
 */
export function jsonText(value: unknown, indent = 2): string {
  return JSON.stringify(value, undefined, indent).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
