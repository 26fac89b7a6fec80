/** Pictures of the desk, loaded with the token and shown as blob: addresses. */

import type { Desk } from "./api";

/** A path of the desk and nothing else: no scheme, no other host. */
const OWN_PATH = /^\/(?![/\\])/;

export type Pictures = ReturnType<typeof picturesOf>;

export function picturesOf(desk: Desk, changed: () => void) {
  const addresses = new Map<string, string>();

  async function load(path: string): Promise<void> {
    try {
      const picture = await (await desk.call(path)).blob();
      addresses.set(path, URL.createObjectURL(picture));
      changed();
    } catch {
      // Shown as a frame with its description.
    }
  }

  return {
    /** Empty while it is loading, or when it cannot be had. */
    get(path: string): string {
      const known = addresses.get(path);
      if (known === undefined) {
        addresses.set(path, "");
        if (OWN_PATH.test(path)) void load(path);
      }
      return known ?? "";
    },

    /** What the customer has just sent need not be fetched. */
    know(path: string, address: string): void {
      addresses.set(path, address);
    },

    clear(): void {
      addresses.forEach((address) => URL.revokeObjectURL(address));
      addresses.clear();
    },
  };
}
