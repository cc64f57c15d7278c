import { afterEach, describe, expect, it } from "vitest";
import type { Settings, SettingsDocument } from "@/api/types";
import { type Editing, type Part, arrived, isDirty, keep, kept } from "./part";

const faq: Part<string[]> = {
  name: "faq",
  read: (settings) => (settings.faq ?? []).map((entry) => entry.topic),
  write: (settings, topics) => ({
    ...settings,
    faq: topics.map((topic) => ({ topic, question: "?", answer: "!" })),
  }),
};
const document = (version: number, topics: string[], name = "Acme"): SettingsDocument => ({
  version,
  saved_at: "",
  settings: faq.write({ profile: { name } } as Settings, topics),
});
const editing = (value: string[]): Editing<string[]> => ({ base: document(1, ["hours"]), value });

afterEach(() => localStorage.clear());

describe("a newer document", () => {
  it("is shown where nothing is edited", () => {
    expect(arrived(faq, editing(["hours"]), document(2, ["price"])).value).toEqual(["price"]);
  });

  it("keeps the edits when somebody saved something else", () => {
    const after = arrived(faq, editing(["hours", "mine"]), document(2, ["hours"], "Acme & Sons"));
    expect(after).toMatchObject({ base: { version: 2 }, value: ["hours", "mine"] });
    expect(faq.write(after.base.settings, after.value).profile.name).toBe("Acme & Sons");
  });

  it("leaves a conflict to the person", () => {
    const before = editing(["hours", "mine"]);
    expect(arrived(faq, before, document(2, ["theirs"]))).toBe(before);
  });

  it("is not taken back by an answer that a save has overtaken", () => {
    const now = { base: document(3, ["saved"]), value: ["saved"] };
    expect(arrived(faq, now, document(2, ["before"]))).toBe(now);
  });

  it("ends the editing where both wrote the same", () => {
    const after = arrived(faq, editing(["hours", "mine"]), document(2, ["hours", "mine"]));
    expect(isDirty(faq, after)).toBe(false);
  });
});

describe("unsaved edits", () => {
  it("come back over the settings they were made over, and over no others", () => {
    keep(faq, "biz", editing(["hours", "mine"]));
    expect(kept(faq, "biz", document(5, ["hours"]))).toEqual(["hours", "mine"]);
    expect(kept(faq, "biz", document(5, ["theirs"]))).toBeNull();
    expect(kept(faq, "other", document(5, ["hours"]))).toBeNull();
    keep(faq, "biz", editing(["hours"]));
    expect(kept(faq, "biz", document(5, ["hours"]))).toBeNull();
  });
});
