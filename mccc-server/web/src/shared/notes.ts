/** What the server writes under an answer from a question of the business, with its topic. */
const FROM_FAQ = "Answered from FAQ: ";

/** The lines of a note under an answer; one from a question of the business names its topic. */
export function notesOf(note: string): { text: string; topic: string | null }[] {
  return note
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => ({ text, topic: text.startsWith(FROM_FAQ) ? text.slice(FROM_FAQ.length) : null }));
}
