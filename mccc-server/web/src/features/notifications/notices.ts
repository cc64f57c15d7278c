import type { ChannelName, FeedData, NoticeKind, NotificationSettings, QuietTime, Settings } from "@/api/types";
import { national, toE164 } from "@/lib/format";
import type { Part } from "@/shared/part";
import { t } from "@/strings";

export const CHANNELS: readonly ChannelName[] = ["text", "slack", "email"];

/** What a channel can be told of or spared, as it matters to a person. */
export const KINDS: readonly NoticeKind[] = [
  "emergency",
  "reply_needed",
  "callback",
  "voicemail",
  "missed_call",
  "promise_due",
  "appointment_booked",
  "appointment_moved",
  "appointment_cancelled",
  "booking_failed",
  "text_failed",
  "opted_out",
  "verification_code",
  "calendar_lost",
];

/** The limit of the server. */
export const MOST_QUIET_TIMES = 14;

/** How the owner is told, as the page edits it. */
export interface Notices {
  /** Whether anything is told at all before somebody looks. */
  immediate: boolean;
  on: Record<ChannelName, boolean>;
  muted: Record<ChannelName, NoticeKind[]>;
  /** As it is typed. */
  phone: string;
  /** As it is typed; empty means the address of the profile. */
  address: string;
  quiet: QuietTime[];
  emergencies: boolean;
}

const FRESH: NotificationSettings = {
  text: { on: false },
  slack: { on: false },
  email: { on: false },
  emergencies_always: true,
};

export const NOTICES: Part<Notices> = {
  name: "notifications",
  read: (settings: Settings) => {
    const { text, slack, email, do_not_disturb, emergencies_always } = settings.notifications ?? FRESH;
    return {
      immediate: settings.switches?.immediate_notifications ?? true,
      on: { text: text.on, slack: slack.on, email: email.on },
      muted: { text: text.muted ?? [], slack: slack.muted ?? [], email: email.muted ?? [] },
      phone: text.phone ? national(text.phone) : "",
      address: email.address ?? "",
      quiet: (do_not_disturb ?? []).map(({ days, from, until }) => ({ days, from, until })),
      emergencies: emergencies_always,
    };
  },
  write: (settings, value) => {
    const { on, muted } = value;
    const address = value.address.trim();
    return {
      ...settings,
      switches: { ...settings.switches, immediate_notifications: value.immediate },
      notifications: {
        // What is no number was refused before; an empty field takes the phone away.
        text: { on: on.text, phone: toE164(value.phone) ?? undefined, muted: muted.text },
        slack: { on: on.slack, muted: muted.slack },
        email: { on: on.email, address: address === "" ? undefined : address, muted: muted.email },
        do_not_disturb: value.quiet,
        emergencies_always: value.emergencies,
      },
    };
  },
};

export interface Mistakes {
  phone?: string;
  address?: string;
  /** By the place of the quiet time. */
  quiet?: Record<number, string>;
}

/** What stands against saving these wishes. */
export function mistakesIn(value: Notices): Mistakes {
  const found: Mistakes = {};
  const phone = value.phone.trim();
  if (phone === "" ? value.on.text : toE164(phone) === null) found.phone = t.notifications.wrong.phone;
  const address = value.address.trim();
  if (address !== "" && !/^[^\s@<>,;:"()\\]+@[^\s@<>,;:"()\\]+\.[^\s@<>,;:"()\\]+$/.test(address)) {
    found.address = t.notifications.wrong.address;
  }
  value.quiet.forEach((time, index) => {
    const words = mistakeOf(time);
    if (words !== null) found.quiet = { ...found.quiet, [index]: words };
  });
  return found;
}

function mistakeOf(time: QuietTime): string | null {
  if (time.days.length === 0) return t.notifications.wrong.days;
  if (time.from === "" || time.until === "") return t.notifications.wrong.both;
  return time.from === time.until ? t.notifications.wrong.same : null;
}

/** The list with a kind spared or told, in the order of the page. */
export function withKind(muted: readonly NoticeKind[], kind: NoticeKind, told: boolean): NoticeKind[] {
  return KINDS.filter((one) => (one === kind ? !told : muted.includes(one)));
}

/** Whether an emergency reaches nobody although a channel is on. */
export function emergenciesUnheard(value: Notices): boolean {
  const used = CHANNELS.filter((channel) => value.on[channel]);
  return used.length > 0 && used.every((channel) => value.muted[channel].includes("emergency"));
}

/** A further quiet time: the nights that no other begins on, or all. */
export function nextQuiet(quiet: readonly QuietTime[]): QuietTime {
  const taken = new Set(quiet.flatMap((time) => time.days));
  const free = [1, 2, 3, 4, 5, 6, 0].filter((day) => !taken.has(day));
  return { days: free.length > 0 ? free : [1, 2, 3, 4, 5, 6, 0], from: "21:00", until: "07:00" };
}

/** Whether it ends on the day after the one it begins on. */
export function overnight(time: QuietTime): boolean {
  return time.from !== "" && time.until !== "" && time.until <= time.from;
}

/** What the feed said of a notice. */
export type Heard = Pick<FeedData, "seq" | "kind" | "channel" | "reason">;

/** What became of a test by one channel so far. */
export interface Trial {
  channel: ChannelName;
  state: "waits" | "told" | "failed";
  /** Why it failed, where somebody knows. */
  reason: string | null;
}

/** What the feed said of each channel since a test was sent. */
export function trials(channels: readonly ChannelName[], since: number, heard: readonly Heard[]): Trial[] {
  return channels.map((channel) => {
    const after = heard.filter((one) => one.seq > since && one.channel === channel);
    // A text can be taken by the phone company and fail after that.
    const failed = after.find((one) => one.kind === "notification_failed");
    if (failed) return { channel, state: "failed", reason: failed.reason ?? null };
    const told = after.some((one) => one.kind === "notification_sent");
    return { channel, state: told ? "told" : "waits", reason: null };
  });
}
