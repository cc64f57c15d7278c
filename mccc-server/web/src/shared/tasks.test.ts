import { expect, it } from "vitest";
import type { Task } from "@/api/types";
import { isDraft, owedTo } from "./tasks";

const task = (over: Partial<Task>): Task => ({
  id: "t",
  kind: "callback",
  sentence: "",
  code: null,
  raised_at: "2026-11-20T10:00:00Z",
  due_at: null,
  done_at: null,
  call_id: null,
  conversation_id: null,
  phone: null,
  national: null,
  ...over,
});
const thread = { id: "conv_1", contact: { phone: "+15125550143", national: "(512) 555-0143", name: null } };

it("is owed to a caller by thread or by number, the emergency first", () => {
  const owed = owedTo(thread, [
    task({ id: "call", phone: "+15125550143" }),
    task({ id: "other", phone: "+15125550199" }),
    task({ id: "code", phone: "+15125550143", kind: "verification_code", code: "123456" }),
    task({ id: "urgent", conversation_id: "conv_1", kind: "emergency", raised_at: "2026-11-20T11:00:00Z" }),
  ]);
  expect(owed.map((one) => one.id)).toEqual(["urgent", "call"]);
});

it("knows an answer that waits to be checked", () => {
  const sentence = "An answer to (512) 555-0143 is ready: check and send it.";
  expect(isDraft(task({ kind: "reply_needed", sentence }))).toBe(true);
  expect(isDraft(task({ kind: "reply_needed", sentence: "(512) 555-0143 is unhappy." }))).toBe(false);
});
