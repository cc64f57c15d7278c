import { expect, it } from "vitest";
import { METHODS } from "@/lib/methods";
import { t } from "@/strings";
import { splitSigns } from "./Label";

it("takes the signs off the front and keeps the words", () => {
  expect(splitSigns("🤖💬 Both")).toEqual({ signs: ["🤖", "💬"], rest: "Both" });
  expect(splitSigns("⚠️ No calls received")).toEqual({ signs: ["⚠"], rest: "No calls received" });
  expect(splitSigns("Delivered ✓✓")).toEqual({ signs: [], rest: "Delivered ✓✓" });
});

it("knows every sign the catalogue opens a sentence with", () => {
  const sentences: string[] = [];
  const collect = (value: unknown) => {
    if (typeof value === "string") sentences.push(value);
    else if (value !== null && typeof value === "object") Object.values(value).forEach(collect);
  };
  collect(t);
  expect(sentences.length).toBeGreaterThan(200);
  for (const sentence of sentences) {
    expect(splitSigns(sentence).rest, sentence).not.toMatch(/^[^\p{L}\p{N}\p{P}\p{Sm}↑♪–“]/u);
  }
});

it("names each method the same with and without its sign", () => {
  for (const method of METHODS) expect(splitSigns(t.method.label[method]).rest).toBe(t.method.name[method]);
});
