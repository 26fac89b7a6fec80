/** Waits between attempts: longer each time, and never all visitors at once. */

const FIRST_MS = 800;
const LONGEST_MS = 12_000;

/** Milliseconds before attempt number `tried` + 1. */
export function backoff(tried: number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** tried);
  return most / 2 + Math.random() * (most / 2);
}

/** Ends early when the browser says that the network is back. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    addEventListener("online", done);
  });
}
