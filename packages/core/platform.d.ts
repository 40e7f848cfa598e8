// What core may use of the platform: the few standard globals that browsers and Node share.
// Core is compiled without the types of either; add here what both have, and nothing else.

declare class TextEncoder {
  encode(input?: string): Uint8Array;
}

declare class TextDecoder {
  decode(input?: Uint8Array, options?: { readonly stream?: boolean }): string;
}
