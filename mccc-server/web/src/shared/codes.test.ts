import { expect, it } from "vitest";
import type { Task } from "@/api/types";
import { usable } from "./Codes";

const task = (id: string, code: string | null, raised_at: string) => ({ id, code, raised_at }) as Task;

it("shows codes that may still be accepted, the newest first, and no other task", () => {
  const all = [
    task("stale", "1111", "2026-11-19T11:59:00Z"),
    task("older", "2222", "2026-11-20T08:00:00Z"),
    task("callback", null, "2026-11-20T09:00:00Z"),
    task("newer", "3333", "2026-11-20T10:00:00Z"),
  ];
  expect(usable(all, Date.parse("2026-11-20T12:00:00Z")).map((one) => one.id)).toEqual(["newer", "older"]);
});
