/** What the shop's page may listen to. Never what was said, nor by whom. */

interface Events {
  ready: object;
  open: object;
  close: object;
  message: { author: string; expects: string | null };
  unread: { count: number };
  mode: { mode: string };
}

export function announce<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
  document.dispatchEvent(new CustomEvent(`bonretour:${name}`, { detail }));
}
