import { expect, it } from "vitest";
import { freshKey } from "./ids";

it("makes a different UUID each time", () => {
  const keys = Array.from({ length: 200 }, freshKey);
  expect(new Set(keys).size).toBe(200);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
