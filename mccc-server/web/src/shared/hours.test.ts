import { describe, expect, it } from "vitest";
import { hoursSentence, mistakeIn } from "./hours";

const at = (day: number, start: string, end: string) => ({ day, start, end });

describe("hours of the week", () => {
  it("read as people say them", () => {
    const week = [1, 2, 3, 4, 5].map((day) => at(day, "08:00", "17:00"));
    expect(hoursSentence(week)).toBe("Mon–Fri 8:00 AM – 5:00 PM");
    expect(hoursSentence([...week, at(0, "10:00", "12:00")])).toBe(
      "Mon–Fri 8:00 AM – 5:00 PM, Sun 10:00 AM – 12:00 PM",
    );
    expect(hoursSentence([])).toBe("Closed all week");
  });

  it("name the day that cannot be right", () => {
    expect(mistakeIn([at(1, "08:00", "17:00"), at(2, "09:00", "09:00")])).toMatchObject({ day: 2 });
    expect(mistakeIn([at(1, "08:00", "13:00"), at(1, "12:00", "17:00")])).toMatchObject({ day: 1 });
    expect(mistakeIn([at(1, "08:00", "")])).toMatchObject({ day: 1 });
    expect(mistakeIn([at(1, "22:00", "02:00"), at(2, "08:00", "12:00"), at(2, "13:00", "24:00")])).toBeNull();
  });
});
