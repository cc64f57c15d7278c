import { describe, expect, it } from "vitest";
import type { FaqEntry, Settings } from "@/api/types";
import { KNOWLEDGE, canSave, firstWrong, mentions, mistakesOf, moved } from "./entries";

const entry = (topic: string, extra: Partial<FaqEntry> = {}): FaqEntry => ({
  topic,
  question: "Do you?",
  answer: "We do.",
  ...extra,
});
const settings = {
  profile: { name: "Acme", owner_name: "Ann" },
  schedule: { business_hours: [{ day: 1, start: "08:00", end: "17:00" }], blocks: [] },
  templates: { help: "…" },
} as unknown as Settings;

describe("knowledge in the settings", () => {
  it("is written without touching what the page does not show", () => {
    const value = { ...KNOWLEDGE.read(settings), services: ["drains"], faq: [entry("Permits")] };
    const written = KNOWLEDGE.write(settings, value);
    expect(written.profile).toMatchObject({ owner_name: "Ann", services: ["drains"] });
    expect(written.schedule).toMatchObject({ blocks: [] });
    expect(written.templates).toBe(settings.templates);
    expect(KNOWLEDGE.read(written)).toEqual(value);
  });

  it("keeps what is set of talks and not shown here", () => {
    const before = { ...settings, conversation: { faq_threshold: 0.9, answers: "off" } } as unknown as Settings;
    const value = KNOWLEDGE.read(before);
    expect(value.conversation).toEqual({
      answers: "off",
      ask_address: true,
      quote_prices: false,
      idle_minutes: 15,
      model: "off",
      meaning: false,
    });
    const changed = { ...value.conversation, answers: "draft", model: "phrase", meaning: true } as const;
    const written = KNOWLEDGE.write(before, { ...value, conversation: changed });
    expect(written.conversation).toMatchObject({
      faq_threshold: 0.9,
      answers: "draft",
      model: "phrase",
      meaning: true,
    });
  });

  it("loses empty wordings and spaces at the ends", () => {
    const written = KNOWLEDGE.write(settings, {
      ...KNOWLEDGE.read(settings),
      faq: [entry(" Permits ", { alternatives: [" permit? ", " "] }), entry("Tips", { alternatives: [""] })],
    });
    expect(written.faq).toEqual([entry("Permits", { alternatives: ["permit?"] }), entry("Tips")]);
  });
});

describe("an entry", () => {
  it("needs a topic, a question and an answer within the limits", () => {
    expect(mistakesOf(entry("Permits"))).toEqual({});
    expect(Object.keys(mistakesOf(entry(" ", { question: "", answer: "" })))).toEqual(["topic", "question", "answer"]);
    expect(Object.keys(mistakesOf(entry("x", { answer: "a".repeat(1_001) })))).toEqual(["answer"]);
    expect(Object.keys(mistakesOf(entry("x", { alternatives: ["a".repeat(301)] })))).toEqual(["alternatives"]);
  });

  it("that is wrong holds the saving up", () => {
    const value = { ...KNOWLEDGE.read(settings), faq: [entry("a"), entry("")] };
    expect(firstWrong(value.faq)).toBe(1);
    expect(canSave(value)).toBe(false);
    expect(canSave({ ...value, faq: [entry("a")] })).toBe(true);
    expect(canSave({ ...value, faq: [], hours: [{ day: 1, start: "08:00", end: "08:00" }] })).toBe(false);
  });

  it("moves by one and stays in the list", () => {
    expect(moved(["a", "b", "c"], 1, -1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b", "c"], 1, 1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  });

  it("is found by any of its words", () => {
    const one = entry("Permits", { alternatives: ["city paperwork"] });
    expect([mentions(one, "PERMIT"), mentions(one, "paperwork"), mentions(one, "price"), mentions(one, " ")]).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});
