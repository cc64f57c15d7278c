import { expect, it } from "vitest";
import { t } from "@/strings";
import { mistakeOf } from "./Overrides";

it("takes a date from today on, once", () => {
  const taken = [{ date: "2026-12-25", routing_method: "voicemail" as const }];
  expect(mistakeOf("2026-12-24", "2026-12-24", taken)).toBeNull();
  expect(mistakeOf("2026-12-23", "2026-12-24", taken)).toBe(t.routing.overridePast);
  expect(mistakeOf("2026-12-25", "2026-12-24", taken)).toBe(t.routing.overrideTwice);
  expect(mistakeOf("", "2026-12-24", taken)).toBe(t.routing.overrideNeedDate);
});
