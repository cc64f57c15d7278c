import type { Settings, TextField, TextSwitch, Texts } from "@/api/types";
import type { Part } from "@/shared/part";

export const TEXTS: Part<Texts> = {
  name: "templates",
  read: (settings: Settings) => settings.templates,
  write: (settings, templates) => ({ ...settings, templates }),
};

/** What a business can say by text, in the order in which callers meet it. */
export const KINDS = [
  "auto_text",
  "followup",
  "hangup",
  "voicemail_ack",
  "emergency",
  "appointment_confirmation",
  "appointment_reminder",
  "appointment_cancelled",
  "opt_out_confirmation",
  "help",
] as const;
export type TextKind = (typeof KINDS)[number];

export type Hours = "business_hours" | "after_hours";

/** The field that holds the text of a kind. */
export function fieldOf(kind: TextKind, hours: Hours): TextField {
  return kind === "auto_text" ? `auto_text_${hours}` : kind;
}

export function kindOf(field: TextField): TextKind {
  return field === "auto_text_business_hours" || field === "auto_text_after_hours" ? "auto_text" : field;
}

export const FIELDS: readonly TextField[] = [
  "auto_text_business_hours",
  "auto_text_after_hours",
  "followup",
  "hangup",
  "voicemail_ack",
  "emergency",
  "appointment_confirmation",
  "appointment_reminder",
  "appointment_cancelled",
  "opt_out_confirmation",
  "help",
];

/** What switches a kind on, where it can be off. */
export const SWITCH: Partial<Record<TextKind, TextSwitch>> = {
  auto_text: "auto_text_enabled",
  followup: "followup_enabled",
  hangup: "hangup_enabled",
  voicemail_ack: "voicemail_ack_enabled",
  appointment_confirmation: "appointment_confirmation_enabled",
  appointment_cancelled: "appointment_cancelled_enabled",
};

export const DELAYS = [15, 30, 60, 120] as const;

export const isKind = (text: string | undefined): text is TextKind => KINDS.some((kind) => kind === text);

/** The fields whose wording differs from the saved one. */
export function changedFields(saved: Texts, now: Texts): TextField[] {
  return FIELDS.filter((field) => saved[field] !== now[field]);
}

/** A text with something put in the place of the selection, and where the cursor stands then. */
export function inserted(text: string, from: number, to: number, piece: string): { text: string; cursor: number } {
  const before = text.slice(0, from);
  const after = text.slice(to);
  // A variable is a word of its own.
  const gapBefore = before !== "" && /[\p{L}\p{N}]$/u.test(before) ? " " : "";
  const gapAfter = after !== "" && /^[\p{L}\p{N}]/u.test(after) ? " " : "";
  const middle = `${gapBefore}${piece}${gapAfter}`;
  return { text: before + middle + after, cursor: before.length + middle.length };
}
