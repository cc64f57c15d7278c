import { describe, expect, it } from "vitest";
import { notesOf } from "./notes";

describe("a note under an answer", () => {
  it("leads to the question that it came from, whatever else it says", () => {
    expect(notesOf("Answered from FAQ: Parts · labor\nWorded by the language model")).toEqual([
      { text: "Answered from FAQ: Parts · labor", topic: "Parts · labor" },
      { text: "Worded by the language model", topic: null },
    ]);
    expect(notesOf("📅 Availability checked")).toEqual([{ text: "📅 Availability checked", topic: null }]);
  });
});
