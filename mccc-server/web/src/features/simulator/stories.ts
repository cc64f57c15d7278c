import { t } from "@/strings";

/** What a played caller does, one thing after another. */
export type Beat =
  | { kind: "call" }
  /** Hears everything that is said; leaves this many seconds where a message can be left. */
  | { kind: "listen"; message_seconds: number }
  /** Waits for the next text. */
  | { kind: "await_text" }
  | { kind: "text"; body: string }
  /** Answers one question after the other, until an appointment is confirmed or nothing is asked any more. */
  | { kind: "converse"; answers: readonly Answer[]; until: RegExp };

/** What is said to a text that asks for it. */
export interface Answer {
  asked: RegExp;
  body: string;
}

/** The answer to a text; nothing when it asks nothing that the caller knows. */
export function answerTo(text: string, answers: readonly Answer[]): string | null {
  return answers.find((answer) => answer.asked.test(text))?.body ?? null;
}

export interface Story {
  key: string;
  title: string;
  about: string;
  beats: readonly Beat[];
}

const s = t.simulator;

/** A caller who hangs up after the greeting and answers the text. */
const answering = (body: string): Beat[] => [
  { kind: "call" },
  { kind: "listen", message_seconds: 0 },
  { kind: "await_text" },
  { kind: "text", body },
];

export const STORIES: readonly Story[] = [
  {
    key: "missed",
    title: s.script.missed,
    about: s.script.missedAbout,
    beats: [{ kind: "call" }, { kind: "listen", message_seconds: 14 }],
  },
  {
    key: "booking",
    title: s.script.booking,
    about: s.script.bookingAbout,
    beats: [
      ...answering(s.line.booking),
      {
        kind: "converse",
        answers: [
          { asked: /Reply with a number/u, body: s.line.choice },
          { asked: /Reply YES/u, body: s.line.yes },
          { asked: /name/u, body: s.line.name },
          { asked: /address/u, body: s.line.address },
          { asked: /\?$/u, body: s.line.detail },
        ],
        until: /You're all set|is confirmed for/u,
      },
    ],
  },
  { key: "question", title: s.script.question, about: s.script.questionAbout, beats: answering(s.line.question) },
  {
    key: "emergency",
    title: s.script.emergency,
    about: s.script.emergencyAbout,
    beats: [...answering(s.line.emergency), { kind: "await_text" }],
  },
  { key: "stop", title: s.script.stop, about: s.script.stopAbout, beats: answering(s.line.stop) },
];

/** Numbers that exist in stories only, in an order that begins at `from`. */
export function madeUp(from: number): string[] {
  return Array.from({ length: 100 }, (_, at) => `+151255501${String((from + at) % 100).padStart(2, "0")}`);
}

/** How long a sentence takes to be said. */
export function speakingMs(text: string): number {
  return Math.min(9_000, 700 + text.length * 42);
}
