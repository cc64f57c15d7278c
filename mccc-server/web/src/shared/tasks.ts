import type { Conversation, Task } from "@/api/types";

/** An emergency before everything else, then what has waited longest. */
export function inOrder(tasks: readonly Task[]): Task[] {
  return tasks.toSorted(
    (a, b) => Number(isUrgent(b)) - Number(isUrgent(a)) || Date.parse(a.raised_at) - Date.parse(b.raised_at),
  );
}

/** An emergency that nobody has looked after. */
export function isUrgent(task: Task): boolean {
  return task.kind === "emergency" && task.done_at === null;
}

/** What is owed to the caller of a thread, whether it came up on the phone or by text. */
export function owedTo(thread: Pick<Conversation, "id" | "contact">, tasks: readonly Task[]): Task[] {
  return inOrder(
    tasks.filter(
      (task) => task.code === null && (task.conversation_id === thread.id || task.phone === thread.contact.phone),
    ),
  );
}

/** Whether it is about an answer of the machine that a person has to look through. */
export function isDraft(task: Task): boolean {
  return task.kind === "reply_needed" && / is ready: check and send it\.$/.test(task.sentence);
}
