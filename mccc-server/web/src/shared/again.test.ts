import { expect, it } from "vitest";
import type { Message } from "@/api/types";
import { againOf } from "./again";

const text = (id: string, status: Message["status"], body = "On my way") =>
  ({ id, status, body, direction: "outbound", draft: false }) as Message;

it("offers to send again only what the server does not send again by itself", () => {
  const lost = text("1", "undelivered");
  expect(againOf([lost], lost)).toBe("offer");
  expect(againOf([lost, text("2", "waiting")], lost)).toBe("waits");
  expect(againOf([lost, text("2", "delivered")], lost)).toBe("done");
  expect(againOf([lost, text("2", "waiting", "Other words")], lost)).toBe("offer");
  expect(againOf([lost, text("2", "canceled")], lost)).toBe("offer");
  const there = text("3", "delivered");
  expect(againOf([there], there)).toBeNull();
});

it("offers it at the latest of several that failed", () => {
  const [first, second] = [text("1", "undelivered"), text("2", "undelivered")];
  expect(againOf([first, second], first)).toBe("done");
  expect(againOf([first, second], second)).toBe("offer");
});
