import { expect, test } from "vitest";
import { STORIES, answerTo, madeUp } from "./stories";

const beat = STORIES.find((story) => story.key === "booking")?.beats.at(-1);
if (beat?.kind !== "converse") throw new Error("the booking story has no talk");

test.each([
  ["What name should I put this under?", "Ann Baker"],
  ["And what's the address for the visit?", "12 Oak Street"],
  ["Got it. Is water running out right now, or can it wait for the visit?", "It can wait until then"],
  ["Here's what's open:\n1) Thu 9:00 AM\n2) Thu 10:00 AM\nReply with a number to book!", "2"],
  ["Friday, December 4 at 9:00 AM is open. Reply YES to book it, or tell me a day that works better.", "yes please"],
])("the played caller answers %j", (text, answer) => {
  expect(answerTo(text, beat.answers)).toBe(answer);
});

test("a confirmation ends the talk", () => {
  expect(beat.until.test("Your appointment with Acme is confirmed for Friday, December 4 at 9:00 AM.")).toBe(true);
  expect(answerTo("Mike will call you.", beat.answers)).toBeNull();
});

test("there are a hundred callers to make up", () => {
  const numbers = madeUp(98);
  expect(numbers.slice(0, 3)).toEqual(["+15125550198", "+15125550199", "+15125550100"]);
  expect(new Set(numbers).size).toBe(100);
});
