/** The key of a request that starts a study: the same for every try with the same body, new after each change. */

export interface StartRequest {
  body: string;
  key: string;
}

/** The request for this body: the one before if it had the same body, else one with a new key. */
export function startRequest(before: StartRequest | null, spec: unknown, newKey: () => string): StartRequest {
  const body = JSON.stringify(spec);
  return before?.body === body ? before : { body, key: newKey() };
}

/** A random key. `crypto.randomUUID` does not exist on a page without TLS. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
