import { describe, expect, it } from "vitest";
import type { Settings, Texts } from "@/api/types";
import { FIELDS, KINDS, TEXTS, changedFields, fieldOf, inserted, kindOf } from "./texts";

const texts = Object.fromEntries(FIELDS.map((field) => [field, field])) as unknown as Texts;

describe("texts of a business", () => {
  it("have a field each, the auto-text two", () => {
    const fields = KINDS.flatMap((kind) => [fieldOf(kind, "business_hours"), fieldOf(kind, "after_hours")]);
    expect([...new Set(fields)].sort()).toEqual([...FIELDS].sort());
    for (const field of FIELDS)
      expect(fieldOf(kindOf(field), field.endsWith("after_hours") ? "after_hours" : "business_hours")).toBe(field);
  });

  it("are saved without touching the other settings", () => {
    const settings = { templates: texts, booking: { duration_minutes: 60 } } as unknown as Settings;
    const written = TEXTS.write(settings, { ...texts, help: "Call us" });
    expect(written).toEqual({ ...settings, templates: { ...texts, help: "Call us" } });
  });

  it("name what was changed", () => {
    expect(changedFields(texts, { ...texts, help: "x", followup_enabled: true })).toEqual(["help"]);
  });
});

describe("a variable", () => {
  it("goes where the cursor is, as a word of its own", () => {
    expect(inserted("Hi there", 2, 2, "{{caller_name}}")).toEqual({ text: "Hi {{caller_name}} there", cursor: 18 });
    expect(inserted("Hi , hello", 3, 3, "{{caller_name}}").text).toBe("Hi {{caller_name}}, hello");
    expect(inserted("", 0, 0, "{{owner}}")).toEqual({ text: "{{owner}}", cursor: 9 });
  });

  it("takes the place of what is selected", () => {
    expect(inserted("Hi Bob!", 3, 6, "{{caller_name}}").text).toBe("Hi {{caller_name}}!");
  });
});
