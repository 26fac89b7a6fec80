/** What passes between the widget and the desk (the chat API of /openapi.json). */

export type Author = "customer" | "bot" | "staff";
export type Mode = "bot" | "waiting" | "human";
export type Expects =
  | "order_number"
  | "email"
  | "postcode"
  | "surname"
  | "code"
  | "lines"
  | "quantity"
  | "reason"
  | "detail"
  | "photo"
  | "resolution"
  | "variant"
  | "confirmation"
  | "tracking_number"
  | "late"
  | "rating"
  | null;

export interface Button {
  id: string;
  title: string;
  image?: string;
  detail?: string;
}

/** Something to carry to the post office: copied or printed, never guessed. */
export interface Fact {
  kind: "rma_number" | "return_address" | "label";
  value: string;
}

export interface Message {
  id: string;
  seq: number;
  at: string;
  message_id?: string | null;
  author: Author;
  author_name?: string | null;
  text: string;
  images: string[];
  buttons: Button[];
  choose: "one" | "many";
  expects?: Expects;
  /** What it waited for, also once it is answered. */
  asked?: Expects;
  facts?: Fact[];
}

export interface Told {
  messages: Message[];
  mode: Mode;
}

export interface Opened extends Told {
  token: string;
  conversation_id: string;
}

/** A message of the customer's that the desk may not have yet. */
export interface Outgoing {
  message_id: string;
  at: string;
  shown: string;
  text?: string;
  button_ids?: string[];
  upload_ids?: string[];
  state: "sending" | "sent" | "failed";
  /** The desk's own sentence about why it cannot be taken. */
  problem?: string;
  /** Between which messages it stands once the desk has answered it. */
  place?: number;
}
