/** One message, the desk's or the customer's. */

import { h, type Child, type Part } from "../../nodes";
import type { Entry } from "../conversation";
import type { Author, Fact, Message, Outgoing } from "../messages";
import type { ChatWindow } from "../window";
import * as words from "../words";
import { choices } from "./choices";
import { rich } from "./text";

export function authorOf(entry: Entry): Author {
  return entry.message?.author ?? "customer";
}

export function row(entry: Entry, before: Entry | undefined, ui: ChatWindow): Part {
  const { message, outgoing } = entry;
  const author = authorOf(entry);
  const { at } = message ?? outgoing;
  const day = dayOf(at, ui);
  const newDay = !before || dayOf((before.message ?? before.outgoing).at, ui) !== day;
  const goesOn = before && !newDay && nameOf(before) === nameOf(entry);
  return (
    <div class={"row " + author} key={message?.message_id ?? message?.id ?? outgoing?.message_id}>
      {newDay && (
        <div class="day">
          <span>{day}</span>
        </div>
      )}
      <div class={goesOn ? "hidden" : "meta"}>
        <span class={author === "customer" ? "hidden" : "who"}>{nameOf(entry)}</span>
        <time datetime={at}>{ui.time.format(new Date(at))}</time>
      </div>
      {message ? said(message, ui) : unsaid(outgoing, ui)}
    </div>
  );
}

function nameOf(entry: Entry): string {
  const author = authorOf(entry);
  if (author === "customer") return words.you;
  return author === "bot" ? words.assistant : entry.message?.author_name || words.team;
}

function dayOf(at: string, ui: ChatWindow): string {
  const noon = (moment: Date) => moment.setHours(12, 0, 0, 0);
  const days = Math.round((noon(new Date()) - noon(new Date(at))) / 86_400_000);
  if (days === 0) return words.today;
  return days === 1 ? words.yesterday : ui.day.format(new Date(at));
}

function said(message: Message, ui: ChatWindow): Child {
  const { author, text, images, facts = [] } = message;
  if (author === "customer") return own(text, images, ui);
  const isOpen = ui.question === message;
  const label = ui.more && labelOf(facts);
  // The label has a button of its own below.
  const told = label ? text.split("\n").filter((line) => !line.includes(label)).join("\n") : text;
  return [
    ui.more && (message.asked ?? message.expects) === "confirmation"
      ? ui.more.recap(message, isOpen)
      : <div class="bubble">{rich(told)}</div>,
    pictures(images, ui),
    facts.length > 0 && ui.more?.parcel(facts, ui),
    isOpen && choices(message, ui),
  ];
}

/** The address of the prepaid label, if there is one that may be opened. */
export function labelOf(facts: Fact[]): string {
  return facts.find(({ kind, value }) => kind === "label" && /^https?:/.test(value))?.value ?? "";
}

/** The customer's own words: exactly as typed. */
function own(text: string, images: string[], ui: ChatWindow): Child[] {
  return [
    pictures(images, ui),
    text && (
      <div class="bubble">
        <p>{text}</p>
      </div>
    ),
  ];
}

function pictures(paths: string[], ui: ChatWindow): Child {
  return paths.length > 0 && (
    <div class="pictures">
      {paths.map((path) => {
        const address = ui.chat.pictures.get(path);
        return address ? (
          <img src={address} alt={words.photoOf} />
        ) : (
          <span class="frame" role="img" aria-label={words.picture} />
        );
      })}
    </div>
  );
}

function unsaid(outgoing: Outgoing, ui: ChatWindow): Child[] {
  const { shown, upload_ids = [], state, problem, text } = outgoing;
  const failed = state === "failed";
  return [
    own(shown, upload_ids.map((id) => `/chat/uploads/${id}`), ui),
    <div class={failed ? "state failed" : "state"}>
      <span>{problem || words.states[state]}</span>
      {failed && (
        <button type="button" class="plain" onclick={() => ui.chat.outbox.retry(outgoing)}>
          {words.retry}
        </button>
      )}
      {failed && text && (
        <button type="button" class="plain" onclick={() => ui.edit(outgoing)}>
          {words.edit}
        </button>
      )}
    </div>,
  ];
}
