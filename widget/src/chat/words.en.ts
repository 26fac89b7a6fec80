/** Every word of the chat's own, in English. */

export const title = "Returns and refunds";
export const close = "Close the chat";
export const menu = "Options";
export const log = "Messages";
export const assistant = "Assistant";
export const team = "Our team";
export const you = "You";
export const modes = {
  bot: "Automated assistant",
  waiting: "Our team will answer you",
  human: "Our team is answering you",
};
export const typing = "The assistant is typing…";
export const opening = "Opening the chat…";
export const lost = "Connection lost. Trying again, nothing is lost.";
export const states = {
  sending: "Sending…",
  sent: "Sent",
  failed: "Not sent",
};
export const retry = "Try again";
export const edit = "Edit";
export const cancel = "Cancel";
export const write = "Write your message";
export const send = "Send";
export const fields = {
  order_number: "Your order number",
  email: "Your e-mail address",
  postcode: "Your postcode",
  surname: "Your last name",
  code: "The code from the e-mail",
  quantity: "How many?",
  tracking_number: "The tracking number",
  detail: "Tell us in a few words",
} as Record<string, string>;
export const photo = "Add a photo";
export const camera = "Take a photo";
export const drop = "Drop your photo here";
export const photoOf = "Photo sent";
export const picture = "Picture";
export const photoSending = (percent: number) => `Sending the photo, ${percent}%`;
export const photoReady = "Photo ready";
export const photoRemove = "Remove the photo";
export const photoFailed = "The photo was not sent";
export const refused = {
  kind: "I cannot read this kind of file. Please choose a JPEG, PNG or WebP picture; a screenshot works too.",
  many: "Four photos a message is the most. Please send these first.",
  unreadable: "This photo does not open: the file seems damaged. Please try another one.",
};
export const answers = "Suggested answers";
export const choose = "Choose one or more items";
export const chosen = (n: number) => (n === 0 ? "Choose an item" : n > 1 ? `Confirm ${n} items` : "Confirm 1 item");
export const stars = (n: number) => `${n} out of 5`;
export const rate = "Your rating";
export const recap = "Summary";
export const toConfirm = "To confirm";
export const parcel = "For your parcel";
export const rma_number = "Number to write on the parcel";
export const return_address = "Return address";
export const label = "Open the label (PDF)";
export const document = "Open the document (PDF)";
export const newTab = "(new tab)";
export const copy = "Copy";
export const copied = "Copied";
export const copyNumber = "Copy the number";
export const copyAddress = "Copy the address";
export const print = "Print";
export const earlier = "Earlier messages";
export const fresh = "Go to what follows";
export const today = "Today";
export const yesterday = "Yesterday";
export const startOver = "Start over";
export const startOverWhy =
  "A new chat begins here. The shop keeps this one; a request you have confirmed goes on.";
export const erase = "Erase my conversation";
export const eraseWhy =
  "Your messages and photos are erased for good. What an open return needs is kept.";
export const eraseFailed = "It could not be erased. Please try again in a moment.";
export const privacy = (days: string) =>
  `The shop reads your messages and keeps them ${days ? `for ${days} days` : "while it handles your request"}.`;
export const privacyLink = "Your data";
export const notices = {
  ended: "The former chat has ended.",
  erased: "Your conversation is erased.",
  partly: "The chat is closed. What your return needs is kept, the rest is erased.",
};
export const begin = "New chat";
export const unloaded = "This does not work right now. Please try again in a moment.";
