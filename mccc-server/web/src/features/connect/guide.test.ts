import { expect, it } from "vitest";
import { areaCodeOf, dialHref, filled, filledCode, international, isAreaCode, noteParts } from "./guide";

const NUMBER = "+15125550199";

it("puts the number into sentences as people write it and into codes as it is dialled", () => {
  expect(filled("Add {{number}}; check {{number}}.", NUMBER)).toBe("Add (512) 555-0199; check (512) 555-0199.");
  expect(filledCode("**61*{{number}}#", NUMBER)).toBe("**61*5125550199#");
});

it("shows the number with its country", () => {
  expect(international(NUMBER)).toBe("+1 (512) 555-0199");
  expect(international("+442079460000")).toBe("+442079460000");
});

it("finds the way to help in a note", () => {
  expect(noteParts("It may differ. [Ask us.]")).toEqual([
    { text: "It may differ. ", help: false },
    { text: "Ask us.", help: true },
  ]);
});

it("keeps the hash sign of a code", () => {
  expect(dialHref("**61*5125550199#")).toBe("tel:**61*5125550199%23");
});

it("tells area codes from other digits", () => {
  expect(isAreaCode("512")).toBe(true);
  expect(isAreaCode("012")).toBe(false);
  expect(isAreaCode("51")).toBe(false);
  expect(areaCodeOf(NUMBER)).toBe("512");
  expect(areaCodeOf("+442079460000")).toBe("");
  expect(areaCodeOf(null)).toBe("");
});
