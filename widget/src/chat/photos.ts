/** A customer's photos, until a message takes them along. `more` sends them. */

export interface Photo {
  preview: string;
  /** How much has been sent, from 0 to 1. */
  part: number;
  state: "sending" | "ready" | "failed";
  upload_id?: string;
  problem?: string;
  content: Blob;
  cut: AbortController;
}

export function inState(photos: Photo[], state: Photo["state"]): Photo[] {
  return photos.filter((photo) => photo.state === state);
}

export function drop({ cut, preview }: Photo): void {
  cut.abort();
  URL.revokeObjectURL(preview);
}
