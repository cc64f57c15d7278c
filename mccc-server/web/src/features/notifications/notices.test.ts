import { describe, expect, it } from "vitest";
import type { ChannelName, Settings } from "@/api/types";
import {
  type Heard,
  NOTICES,
  type Notices,
  emergenciesUnheard,
  mistakesIn,
  nextQuiet,
  overnight,
  trials,
  withKind,
} from "./notices";

const settings = {
  profile: { name: "Lone Star" },
  switches: { immediate_notifications: true, answer_calls: true },
  notifications: {
    text: { on: true, phone: "+15125550100", muted: ["missed_call"] },
    slack: { on: false },
    email: { on: false },
    do_not_disturb: [{ days: [1, 2], from: "21:00", until: "07:00" }],
    emergencies_always: true,
  },
} as unknown as Settings;
const value = (change: Partial<Notices> = {}): Notices => ({ ...NOTICES.read(settings), ...change });

describe("the part of the settings", () => {
  it("is written as it was read", () => {
    const written = NOTICES.write(settings, NOTICES.read(settings));
    expect(NOTICES.read(written)).toEqual(NOTICES.read(settings));
    expect(JSON.parse(JSON.stringify(written.notifications?.text))).toEqual(settings.notifications?.text);
  });

  it("leaves every other switch alone", () => {
    const written = NOTICES.write(settings, value({ immediate: false }));
    expect(written.switches).toEqual({ immediate_notifications: false, answer_calls: true });
    expect(written.profile).toBe(settings.profile);
  });

  it("writes a phone as it is dialled, and an empty field as nothing", () => {
    expect(NOTICES.write(settings, value({ phone: "512 555-0111" })).notifications?.text.phone).toBe("+15125550111");
    expect(NOTICES.write(settings, value({ phone: " " })).notifications?.text.phone).toBeUndefined();
    expect(NOTICES.write(settings, value({ address: " sam@example.com " })).notifications?.email.address).toBe(
      "sam@example.com",
    );
  });

  it("lets emergencies through where nothing was ever chosen", () => {
    const fresh = NOTICES.read({ profile: { name: "New" } } as unknown as Settings);
    expect(fresh.emergencies).toBe(true);
    expect(fresh.immediate).toBe(true);
    expect(fresh.on).toEqual({ text: false, slack: false, email: false });
  });
});

describe("what stands against saving", () => {
  it("is nothing for what was saved", () => expect(mistakesIn(value())).toEqual({}));

  it("is a phone that is missing while texts are on, or that is none", () => {
    expect(mistakesIn(value({ phone: "" })).phone).toBeDefined();
    expect(mistakesIn(value({ phone: "", on: { text: false, slack: true, email: false } })).phone).toBeUndefined();
    expect(mistakesIn(value({ phone: "12345" })).phone).toBeDefined();
  });

  it("is an address that names two people", () => {
    expect(mistakesIn(value({ address: "a@example.com,b@example.com" })).address).toBeDefined();
    expect(mistakesIn(value({ address: "o'brien+work@mail.example.co" })).address).toBeUndefined();
  });

  it("is a quiet time that never begins or has no length, at its place", () => {
    const good = { days: [1], from: "21:00", until: "07:00" };
    const quiet = [good, { ...good, days: [] }, { ...good, until: "21:00" }, { ...good, from: "" }];
    expect(Object.keys(mistakesIn(value({ quiet })).quiet ?? {})).toEqual(["1", "2", "3"]);
  });
});

it("spares a kind once, and tells it again", () => {
  const spared = withKind(["voicemail"], "emergency", false);
  expect(spared).toEqual(["emergency", "voicemail"]);
  expect(withKind(spared, "emergency", false)).toEqual(spared);
  expect(withKind(spared, "emergency", true)).toEqual(["voicemail"]);
});

it("warns when every channel that is on is spared emergencies", () => {
  const muted = { text: ["emergency" as const], slack: [], email: [] };
  expect(emergenciesUnheard(value({ muted }))).toBe(true);
  expect(emergenciesUnheard(value({ muted, on: { text: true, slack: true, email: false } }))).toBe(false);
  expect(emergenciesUnheard(value({ muted, on: { text: false, slack: false, email: false } }))).toBe(false);
});

it("offers the days that no other quiet time begins on", () => {
  expect(nextQuiet([{ days: [1, 2, 3, 4, 5], from: "21:00", until: "07:00" }]).days).toEqual([6, 0]);
  expect(nextQuiet([{ days: [1, 2, 3, 4, 5, 6, 0], from: "21:00", until: "07:00" }]).days).toHaveLength(7);
});

it("knows when a quiet time ends on the next day", () => {
  expect(overnight({ days: [1], from: "21:00", until: "07:00" })).toBe(true);
  expect(overnight({ days: [1], from: "12:00", until: "13:00" })).toBe(false);
  expect(overnight({ days: [1], from: "12:00", until: "24:00" })).toBe(false);
  expect(overnight({ days: [1], from: "12:00", until: "" })).toBe(false);
});

describe("a test", () => {
  const sent = (seq: number, channel: ChannelName) => ({ kind: "notification_sent", seq, channel });
  const lost = (seq: number, channel: ChannelName, reason: string | null = null) => ({
    kind: "notification_failed",
    seq,
    channel,
    reason,
  });
  const states = (heard: Heard[]) => trials(["text", "slack"], 5, heard).map((one) => one.state);

  it("does not count what was told before it", () => {
    expect(states([sent(4, "text"), sent(5, "text"), sent(6, "slack")])).toEqual(["waits", "told"]);
  });

  it("calls a text that was taken and then failed a failure", () => {
    expect(states([sent(6, "text"), lost(7, "text")])).toEqual(["failed", "waits"]);
  });

  it("says why a channel failed", () => {
    const [, slack] = trials(["text", "slack"], 5, [lost(6, "slack", "Slack does not know this address.")]);
    expect(slack).toEqual({ channel: "slack", state: "failed", reason: "Slack does not know this address." });
  });

  it("says nothing of a channel that was not asked", () => {
    expect(trials(["slack"], 0, [sent(1, "text")])).toEqual([{ channel: "slack", state: "waits", reason: null }]);
  });
});
