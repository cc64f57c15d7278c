import type { Message } from "@/api/types";
import { didFail } from "./TextStatus";

/** What becomes of a text that did not arrive: nothing yet, or the same words on their way as a text of their own. */
export type Again = "offer" | "waits" | "done";

export function againOf(messages: readonly Message[], message: Message): Again | null {
  if (message.direction !== "outbound" || !didFail(message.status)) return null;
  const later = messages
    .slice(messages.indexOf(message) + 1)
    .findLast((one) => one.direction === "outbound" && !one.draft && one.body === message.body);
  if (later === undefined || later.status === "canceled" || later.status === "denied") return "offer";
  return later.status === "waiting" || later.status === "claimed" ? "waits" : "done";
}
