import type { FaqEntry, Hours, Settings } from "@/api/types";
import { mistakeIn } from "@/shared/hours";
import type { Part } from "@/shared/part";
import { t } from "@/strings";

export type AnswerMode = "automatic" | "draft" | "off";
/** What a language model may do. */
export type ModelUse = "off" | "phrase" | "phrase_and_classify";

/** How the machine answers texts, as far as the page shows it. */
export interface Conversation {
  answers: AnswerMode;
  ask_address: boolean;
  quote_prices: boolean;
  idle_minutes: number;
  model: ModelUse;
  /** Whether an embedding model says which question is meant. */
  meaning: boolean;
}

const USUAL: Conversation = {
  answers: "automatic",
  ask_address: true,
  quote_prices: false,
  idle_minutes: 15,
  model: "off",
  meaning: false,
};

function conversationOf(settings: Settings): Conversation {
  const { answers, ask_address, quote_prices, idle_minutes, model, meaning } = { ...USUAL, ...settings.conversation };
  return { answers, ask_address, quote_prices, idle_minutes, model, meaning };
}

/** What a business tells its callers about itself. */
export interface Knowledge {
  conversation: Conversation;
  faq: FaqEntry[];
  services: string[];
  cities: string[];
  zips: string[];
  hours: Hours[];
}

export const KNOWLEDGE: Part<Knowledge> = {
  name: "faq",
  read: (settings: Settings) => ({
    conversation: conversationOf(settings),
    faq: settings.faq ?? [],
    services: settings.profile.services ?? [],
    cities: settings.profile.service_area?.cities ?? [],
    zips: settings.profile.service_area?.zips ?? [],
    hours: settings.schedule.business_hours,
  }),
  write: (settings, value) => ({
    ...settings,
    faq: value.faq.map(tidy),
    profile: {
      ...settings.profile,
      services: value.services,
      service_area: { cities: value.cities, zips: value.zips },
    },
    schedule: { ...settings.schedule, business_hours: value.hours },
    conversation: { ...settings.conversation, ...value.conversation },
  }),
};

// The limits of the server, so that what is too long is said while it is being typed.
export const LONGEST_QUESTION = 300;
export const LONGEST_ANSWER = 1_000;
export const MOST_ENTRIES = 500;

export type EntryField = "topic" | "question" | "answer" | "alternatives";

/** What stands against saving an entry, by field. */
export function mistakesOf(entry: FaqEntry): Partial<Record<EntryField, string>> {
  const long = (text: string, most: number) => Array.from(text).length > most;
  const found: Partial<Record<EntryField, string>> = {};
  if (entry.topic.trim() === "") found.topic = t.faq.needTopic;
  else if (long(entry.topic, LONGEST_QUESTION)) found.topic = t.faq.tooLong(LONGEST_QUESTION);
  if (entry.question.trim() === "") found.question = t.faq.needQuestion;
  else if (long(entry.question, LONGEST_QUESTION)) found.question = t.faq.tooLong(LONGEST_QUESTION);
  if (entry.answer.trim() === "") found.answer = t.faq.needAnswer;
  else if (long(entry.answer, LONGEST_ANSWER)) found.answer = t.faq.tooLong(LONGEST_ANSWER);
  if ((entry.alternatives ?? []).some((one) => long(one, LONGEST_QUESTION))) {
    found.alternatives = t.faq.tooLong(LONGEST_QUESTION);
  }
  return found;
}

/** The first entry that cannot be saved. */
export function firstWrong(faq: readonly FaqEntry[]): number | null {
  const index = faq.findIndex((entry) => Object.keys(mistakesOf(entry)).length > 0);
  return index < 0 ? null : index;
}

export function canSave(value: Knowledge): boolean {
  return firstWrong(value.faq) === null && mistakeIn(value.hours) === null && value.faq.length <= MOST_ENTRIES;
}

/** An entry as the server writes it: without empty wordings, and without the list where there are none. */
function tidy(entry: FaqEntry): FaqEntry {
  const alternatives = (entry.alternatives ?? []).map((one) => one.trim()).filter((one) => one !== "");
  const plain = { topic: entry.topic.trim(), question: entry.question.trim(), answer: entry.answer.trim() };
  return alternatives.length > 0 ? { ...plain, alternatives } : plain;
}

/** The list with one entry moved up or down. */
export function moved<T>(list: readonly T[], index: number, by: -1 | 1): T[] {
  const target = index + by;
  const next = [...list];
  const [one] = next.splice(index, 1);
  if (one === undefined || target < 0 || target >= list.length) return [...list];
  next.splice(target, 0, one);
  return next;
}

/** Where the words occur in an entry, for the filter. */
export function mentions(entry: FaqEntry, words: string): boolean {
  const wanted = words.trim().toLowerCase();
  if (wanted === "") return true;
  return [entry.topic, entry.question, entry.answer, ...(entry.alternatives ?? [])].some((text) =>
    text.toLowerCase().includes(wanted),
  );
}
