/** The ways a photo comes in: chosen, taken, pasted, dropped. */

import type { ChatWindow } from "./window";

export type Files = ReturnType<typeof filesOf>;

export function filesOf(ui: ChatWindow) {
  let dragging = false;

  async function add(files: FileList | null | undefined): Promise<void> {
    const chosen = [...(files ?? [])]; // they are gone after this turn
    const more = await ui.need();
    if (ui.chat.state === "ready") await more?.addPhotos(ui, chosen);
  }

  function drag(is: boolean): void {
    if (is && !dragging) void ui.need();
    dragging = is;
    ui.requestUpdate();
  }

  return {
    dragging: () => dragging,

    picked(event: Event): void {
      const input = event.target as HTMLInputElement;
      void add(input.files);
      input.value = "";
    },

    pasted(event: ClipboardEvent): void {
      const files = event.clipboardData?.files;
      if (!files?.length) return;
      event.preventDefault();
      void add(files);
    },

    over(event: DragEvent): void {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      drag(true);
    },

    out(event: DragEvent): void {
      if (!ui.find("panel")?.contains(event.relatedTarget as Node | null)) drag(false);
    },

    dropped(event: DragEvent): void {
      event.preventDefault();
      drag(false);
      void add(event.dataTransfer?.files);
    },
  };
}
