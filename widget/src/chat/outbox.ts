/** Customer messages on their way: one at a time, in order, sent again until known. */

import { isFinal, isOver } from "./api";
import type { Conversation } from "./conversation";
import type { Outgoing, Told } from "./messages";
import { backoff, pause } from "./waiting";

const TRIES = 6;

export function outboxOf(chat: Conversation) {
  let busy = false;

  async function work(): Promise<void> {
    if (busy) return;
    busy = true;
    while (chat.state === "ready") {
      const next = chat.waiting.find((message) => message.state === "sending");
      if (!next) break;
      if (!(await send(next))) {
        for (const message of chat.waiting) {
          if (message.state === "sending") message.state = "failed";
        }
      }
      chat.changed();
    }
    busy = false;
  }

  /** False: the desk cannot be reached at all. */
  async function send(message: Outgoing): Promise<boolean> {
    const { message_id, text, button_ids, upload_ids } = message;
    const body = { message_id, text, button_ids, upload_ids };
    for (let tried = 0; tried < TRIES; tried++) {
      if (message.state !== "sending") return true; // the event stream knew it first
      try {
        const told = await chat.desk.json<Told>("POST", "/chat/messages", body);
        message.state = "sent";
        chat.answered(message, told);
        return true;
      } catch (error) {
        if (isFinal(error)) {
          if (isOver(error)) chat.lost();
          else Object.assign(message, { state: "failed", problem: error.detail });
          return true;
        }
      }
      await pause(backoff(tried));
    }
    return message.state !== "sending";
  }

  return {
    add(message: Outgoing): void {
      chat.waiting.push(message);
      chat.changed();
      void work();
    },

    /** one: also what the desk refused before. */
    retry(one?: Outgoing): void {
      for (const message of chat.waiting) {
        if (message === one || (message.state === "failed" && !message.problem)) {
          message.state = "sending";
          delete message.problem;
        }
      }
      chat.changed();
      void work();
    },
  };
}
