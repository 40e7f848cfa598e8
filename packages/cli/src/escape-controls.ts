/** What comes from outside may hold line ends and terminal sequences: it must neither forge a line nor paint one. */
export function escapeControls(text: string): string {
  return text.replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
