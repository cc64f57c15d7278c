import { expect, it } from "vitest";
import { segmentsOf } from "./segments";

it("counts the narrow alphabet in 160 and 153", () => {
  expect(segmentsOf("")).toEqual({ encoding: "gsm7", units: 0, segments: 0 });
  expect(segmentsOf("a".repeat(160)).segments).toBe(1);
  expect(segmentsOf("a".repeat(161)).segments).toBe(2);
  expect(segmentsOf("a".repeat(306)).segments).toBe(2);
  expect(segmentsOf("a".repeat(307)).segments).toBe(3);
});

it("charges two for escaped characters and never cuts them", () => {
  expect(segmentsOf("€").units).toBe(2);
  expect(segmentsOf(`${"a".repeat(152)}€${"a".repeat(152)}`).segments).toBe(3);
});

it("goes wide for one emoji or curly quote", () => {
  expect(segmentsOf("Hi 😊")).toEqual({ encoding: "ucs2", units: 5, segments: 1 });
  expect(segmentsOf("’".repeat(71)).segments).toBe(2);
  expect(segmentsOf("😊".repeat(36)).segments).toBe(2);
  expect(segmentsOf("😊".repeat(67)).segments).toBe(3);
});
