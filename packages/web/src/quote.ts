const quotedLength = 100;

/** What a caller sent, cut for a message, which must not be as long as what is wrong. */
export function clip(text: string): string {
  return text.length > quotedLength ? `${text.slice(0, quotedLength)}…` : text;
}

/** The same between quotes. */
export function quote(text: string): string {
  return JSON.stringify(clip(text));
}
