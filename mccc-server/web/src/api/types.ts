/**
 * What the server's JSON API accepts and answers, below `/api/v1`, under the names that the pages use.
 *
 * The shapes come from the server's OpenAPI document (`npm run types` makes `schema.d.ts` of it). Instants are RFC 3339
 * in UTC, local days are `YYYY-MM-DD` and local times `HH:MM` (`24:00` ends a day) in the business's zone. Days of the
 * week are 0 = Sunday to 6 = Saturday.
 */
import type { components } from "./schema";

type Schemas = components["schemas"];

/** The server writes every field, null where there is nothing; the document can only say that such a field is not required. */
type Written<T> = T extends readonly (infer Item)[]
  ? Written<Item>[]
  : T extends object
    ? { [Key in keyof T]-?: Written<Exclude<T[Key], undefined>> }
    : T;

/** An answer of the server. */
type Answer<Name extends keyof Schemas> = Written<Schemas[Name]>;

/** An answer in which some fields hold one of a few words. */
type Narrow<T, Fields> = Omit<T, keyof Fields> & Fields;

export type Method = Schemas["MethodName"];
export type Variant = Schemas["VariantName"];
export type OutcomeKey = Schemas["OutcomeLabel"];
export type TextStatus = Schemas["TextStatus"];
export type ThreadState = Schemas["ThreadStateName"];
export type Stage = Schemas["StageName"];
export type CallerStatus = Schemas["CallerStatus"];

export type Problem = Schemas["Problem"];
export type FieldError = Schemas["FieldError"];

export type Session = Answer<"SessionView">;
export type Business = Answer<"BusinessView">;
export type ZoneOffset = Answer<"ZoneOffset">;
export type WeeklySpan = Answer<"Span">;

export type Caller = Answer<"CallerView">;
export type CallRow = Answer<"CallRowView">;
export type Totals = Answer<"Totals">;
export type Message = Answer<"MessageView">;
export type Task = Answer<"TaskView">;
/** Whether texts are allowed is missing inside a call's detail. */
export type Conversation = Narrow<Answer<"ConversationView">, { consent?: Answer<"ConsentView"> }>;
export type TextCheck = Answer<"TextCheck">;
export type TraceView = Answer<"TraceView">;
export type CallDetail = Answer<"CallDetailView">;

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

/** One half hour of the weekly grid; sent back as `split` it stays as it is. */
export type Cell = Omit<Schemas["SaveCell"], "routing_method"> & {
  routing_method: Method | "split" | null;
  /** The methods of the two quarters of a split cell. */
  methods?: Method[] | null;
};
export type DateOverride = Schemas["OverrideView"];
export type RoutingRules = Narrow<
  Answer<"RoutingRules">,
  { cells: Cell[]; schedule: Narrow<Answer<"ScheduleView">, { overrides: DateOverride[] }> }
>;
export type SaveRoutingRules = Schemas["SaveRules"];
export type WhatIfRequest = Schemas["WhatIf"];
export type WhatIfResult = Answer<"WhatIfResult">;

type TestFields = {
  mode: Schemas["TestModeName"];
  status: "calling" | "ringing" | "checking" | "succeeded" | "failed";
  failure: "answered" | "not_forwarded" | "unreachable" | null;
  steps: { title: string; state: "done" | "active" | "pending" | "failed" }[];
};
export type ForwardingTest = Narrow<Answer<"ForwardingTest">, TestFields>;
export type Forwarding = Narrow<Answer<"Forwarding">, { last_test: ForwardingTest | null }>;
/** How to set up forwarding with one provider; `{{number}}` in a step stands for the forwarding number. */
export type Guide = Answer<"Guide">;
export type Guides = Record<string, Guide>;

/** An appointment; held ones are not listed. */
export type Appointment = Answer<"AppointmentView">;
export type AppointmentStatus = Schemas["AppointmentStatusName"];
export type FreeTime = Answer<"FreeTime">;
export type WhyNot = Answer<"WhyNotView">;
/** Seven days: what can be booked, and the reasons for all other time. */
export type Week = Answer<"WeekView">;
export type BlockedStretch = Week["blocked"][number];
export type BlockedTime = Answer<"BlockedTimeView">;
export type BookRequest = Schemas["BookRequest"];
export type BlockRequest = Schemas["BlockRequest"];

export type ChannelName = Schemas["ChannelName"];
export type NotificationsView = Answer<"NotificationsView">;
export type ChannelView = NotificationsView["channels"][number];
export type TestSent = Answer<"TestSent">;
export type PromiseState = Schemas["PromiseName"];
export type Promises = Answer<"Promises">;

/** What the owner is told of, by the names of the settings. */
export type NoticeKind =
  | "emergency"
  | "reply_needed"
  | "callback"
  | "voicemail"
  | "missed_call"
  | "appointment_booked"
  | "appointment_moved"
  | "appointment_cancelled"
  | "booking_failed"
  | "text_failed"
  | "opted_out"
  | "verification_code"
  | "calendar_lost"
  | "promise_due";

/** Quiet time on the days it begins on; it ends on the next one where it ends before it begins. */
export interface QuietTime {
  days: number[];
  from: string;
  until: string;
}

export interface NotificationSettings {
  text: { on: boolean; phone?: string; muted?: NoticeKind[] };
  slack: { on: boolean; muted?: NoticeKind[] };
  email: { on: boolean; address?: string; muted?: NoticeKind[] };
  do_not_disturb?: QuietTime[];
  emergencies_always: boolean;
}

/** The calendar elsewhere. */
export type CalendarConnection = Narrow<Answer<"CalendarConnectionView">, { note?: string | null }>;
export type CalendarChoice = Answer<"CalendarView">;
/** The calendars that are only read. */
export type OtherCalendars = Answer<"OtherCalendarsView">;
export type OtherCalendar = OtherCalendars["items"][number];

export type TryRequest = Omit<Schemas["TryRequest"], "faq" | "service_area" | "business_hours"> & {
  faq?: FaqEntry[];
  service_area?: ServiceArea;
  business_hours?: Hours[];
};
export type TryResult = Answer<"TryView">;
/** What texts can be made of; each text has the variables that are known when it is sent. */
export type Wordings = Narrow<
  Answer<"WordingsView">,
  { fields: (Answer<"TextFieldView"> & { variables: string[] })[] }
>;
export type TextPreview = Answer<"PreviewView">;

/** Opening hours of a day of the week. */
export interface Hours {
  day: number;
  start: string;
  end: string;
}

export interface FaqEntry {
  topic: string;
  question: string;
  answer: string;
  alternatives?: string[];
}

export interface ServiceArea {
  cities?: string[];
  zips?: string[];
}

export interface Booking {
  duration_minutes: number;
  interval_minutes?: number;
  buffer_minutes: number;
  max_per_day: number;
  window_days: number;
  lead_minutes: number;
  hours?: Hours[];
  /** Hours of single dates; no hours close the date. */
  dates?: Record<string, [string, string][]>;
}

/** The names of the texts in the settings. */
export type TextField =
  | "auto_text_business_hours"
  | "auto_text_after_hours"
  | "followup"
  | "hangup"
  | "voicemail_ack"
  | "emergency"
  | "appointment_confirmation"
  | "appointment_reminder"
  | "appointment_cancelled"
  | "opt_out_confirmation"
  | "help";

export type TextSwitch =
  | "auto_text_enabled"
  | "followup_enabled"
  | "hangup_enabled"
  | "voicemail_ack_enabled"
  | "appointment_confirmation_enabled"
  | "appointment_cancelled_enabled";

export type Texts = Record<TextField, string> & Record<TextSwitch, boolean> & { followup_delay_minutes: number };

/** The settings document, as far as these pages know it; what they do not know is sent back as it was. */
export interface Settings {
  profile: { name: string; services?: string[]; service_area?: ServiceArea; [other: string]: unknown };
  faq?: FaqEntry[];
  schedule: { business_hours: Hours[]; [other: string]: unknown };
  templates: Texts;
  booking: Booking;
  reminders: { minutes_before: number[] };
  calendar?: { calcom_enabled?: boolean; [other: string]: unknown };
  notifications?: NotificationSettings;
  conversation?: {
    answers?: "automatic" | "draft" | "off";
    ask_address?: boolean;
    quote_prices?: boolean;
    idle_minutes?: number;
    [other: string]: unknown;
  };
  switches?: { immediate_notifications?: boolean; [other: string]: unknown };
  [other: string]: unknown;
}
export type SettingsDocument = Narrow<Answer<"SettingsView">, { settings: Settings }>;

export type CheckState = "good" | "attention" | "problem";
export interface HealthSummary {
  checks: Narrow<Answer<"HealthCheck">, { state: CheckState }>[];
}

/** An entry of the live feed. */
export type FeedData = Pick<
  Schemas["FeedData"],
  "seq" | "kind" | "at" | "call_id" | "conversation_id" | "channel" | "reason"
>;

export type Heard = Schemas["Heard"];
export type SandboxInfo = Answer<"SandboxInfo">;
export type SandboxCall = Answer<"SandboxCallView">;
/** A simulated phone as its owner sees it: `inbound` texts are those it received. */
export type SandboxPhone = Answer<"SandboxPhone">;
