/** Ids that a client makes. */

/** A random UUID of version 4; crypto.randomUUID is missing on pages without TLS. */
export function newId(): string {
  const digit = () => ((crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) & 15).toString(16);
  return "********-****-4***-a***-************".replace(/\*/g, digit);
}
