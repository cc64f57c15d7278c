/**
 * What the server's JSON API accepts and answers, below `/api/v1`.
 *
 * The one place where wire shapes are named; once the OpenAPI document is generated, this file re-exports from it.
 * Instants are RFC 3339 in UTC, local days are `YYYY-MM-DD` and local times `HH:MM` (`24:00` ends a day) in the
 * business's zone. Days of the week are 0 = Sunday to 6 = Saturday.
 */

export type Method = "ai_voice" | "auto_text_only" | "both" | "voicemail" | "off";
export type Variant = "business_hours" | "after_hours";

/** RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code?: string;
  errors?: FieldError[];
}

export interface FieldError {
  /** Where the mistake is, as a JSON pointer such as `/cells/12`. */
  field?: string;
  code?: string;
  message: string;
}

export interface Session {
  user: { id: string; email: string; name: string };
  businesses: BusinessRef[];
  sandbox: boolean;
  version: string;
}

export interface BusinessRef {
  id: string;
  name: string;
  role: string;
  zone: string;
}

/** From this instant on the zone's clock is this far from UTC; the list covers two years either side of today. */
export interface ZoneOffset {
  from: string;
  offset_seconds: number;
  abbreviation: string;
}

export interface WeeklySpan {
  day: number;
  start_time: string;
  end_time: string;
}

export interface BusinessNumber {
  phone: string;
  national: string;
  kind: string;
}

export interface Business {
  id: string;
  name: string;
  zone: string;
  zone_offsets: ZoneOffset[];
  trade: string;
  owner_name: string;
  business_hours: WeeklySpan[];
  numbers: BusinessNumber[];
  forwarding: {
    number: string | null;
    national: string | null;
    verified: boolean;
    verified_at: string | null;
    provider: string | null;
  };
  voice_ready: boolean;
  sms: { enabled: boolean; registered: boolean; opt_out_reply: string };
  settings_version: number;
}

export type CallerStatus = "present" | "anonymous" | "restricted" | "invalid";

export interface Caller {
  status: CallerStatus;
  number: string | null;
  national: string | null;
  name: string | null;
}

export type CallState = "ringing" | "in_progress" | "ended";

/** The label a call is shown under. */
export type OutcomeKey =
  | "appointment_booked"
  | "question_answered"
  | "callback_requested"
  | "voicemail_left"
  | "no_response"
  | "hung_up"
  | "spam";

export type TextStatus =
  | "none"
  | "waiting"
  | "claimed"
  | "queued"
  | "sent"
  | "delivered"
  | "failed"
  | "undelivered"
  | "unknown"
  | "denied"
  | "canceled"
  | "received";

export interface CallRow {
  id: string;
  received_at: string;
  caller: Caller;
  dialled: string;
  scheduled_method: Method;
  method: Method;
  variant: Variant;
  /** The stored outcome, finer than the label. */
  outcome: string;
  /** What it is shown under. */
  outcome_key: OutcomeKey;
  outcome_label: string;
  state: CallState;
  duration_seconds: number | null;
  recording_seconds?: number | null;
  text_status: TextStatus;
  needs_attention: boolean;
  open_task: string | null;
  conversation_id: string | null;
  is_test: boolean;
  unread: boolean;
  tags: string[];
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Totals {
  missed: number;
  recovered: number;
  /** 0 to 1; null without calls. */
  recovery_rate: number | null;
  appointments: number;
  pending_callbacks: number;
  avg_response_seconds: number | null;
  spam: number;
  /** The period of the same length before. */
  previous: { missed: number; recovered: number; recovery_rate: number | null } | null;
  by_method: { key: string; count: number }[];
  by_outcome: { key: string; count: number }[];
}

export interface TimelineEntry {
  at: string;
  kind: string;
  title: string;
  detail: string | null;
  /** How the step ended: `good`, `attention`, `problem`, or null where nothing can go wrong. */
  outcome: string | null;
}

/** One rule that could have decided, and why it did or did not. */
export interface TraceCandidate {
  rule: string;
  label: string;
  verdict: "won" | "lost";
  reason: string;
  method: Method | null;
  /** The page of the setting that would change it. */
  setting: string | null;
}

export interface TraceView {
  at: string;
  local: string;
  zone: string;
  zone_version: string | null;
  sentence: string;
  candidates: TraceCandidate[];
}

/** One precondition of the text. */
export interface TextCheck {
  name: string;
  label: string;
  passed: boolean;
  detail: string | null;
  sentence: string;
  setting: string | null;
}

export interface Message {
  id: string;
  direction: "inbound" | "outbound";
  body: string;
  at: string;
  status: TextStatus;
  reason: string | null;
  author: "caller" | "machine" | "person";
  segments: number;
  kind: string;
}

export interface Task {
  id: string;
  kind: string;
  sentence: string;
  raised_at: string;
  done_at: string | null;
  call_id: string | null;
  conversation_id: string | null;
  phone: string | null;
  national: string | null;
}

export type ThreadState = "ai_active" | "human" | "opted_out" | "closed";

export interface Conversation {
  id: string;
  contact: { phone: string | null; national: string | null; name: string | null };
  state: ThreadState;
  /** Whether texts are allowed; missing inside a call's detail. */
  consent?: { opted_out_at: string | null; suppressed: boolean; opted_back_in: boolean };
  messages: Message[];
  unread: number;
}

export interface CallDetail {
  call: CallRow;
  timeline: TimelineEntry[];
  /** The checks are there when the text was refused or put off; the verdict whenever a text was due. */
  why: { routing: TraceView; sentences: string[]; text: TextCheck[] | null; text_verdict: string | null };
  messages: Message[];
  recording: { duration_seconds: number; provider_id: string } | null;
  tasks: Task[];
  conversation: Conversation | null;
}

/** One half hour of the weekly grid. */
export interface Cell {
  day: number;
  start_time: string;
  /** `split` where a rule begins or ends in its middle; sent back as `split` it stays as it is. */
  routing_method: Method | "split" | null;
  /** The methods of the two quarters of a split cell. */
  methods?: Method[] | null;
}

export interface Block extends WeeklySpan {
  routing_method: Method;
  paused?: boolean;
}

/** What holds on one date, or a part of it; the identifier is left out for a new one. */
export interface DateOverride {
  id?: string;
  date: string;
  /** Null together with the end means the whole day. */
  start_time?: string | null;
  end_time?: string | null;
  routing_method: Method;
  /** The wording while it holds; null leaves that to the business hours. */
  variant?: Variant | null;
  label?: string | null;
  paused?: boolean;
}

export interface RoutingRules {
  version: number;
  schedule: {
    blocks: Block[];
    overrides: DateOverride[];
    after_hours_default: Method;
    business_hours: WeeklySpan[];
    fallback: Method[];
  };
  cells: Cell[];
  sentences: string[];
  last_saved_at: string | null;
  differs_from_business_hours: boolean;
}

export interface SaveRoutingRules {
  version?: number;
  cells: Cell[];
  overrides?: DateOverride[];
  after_hours_default?: Method;
}

export interface WhatIfRequest {
  /** RFC 3339 instants. */
  at: string[];
  caller?: string;
  /** An unsaved grid to ask instead of the saved one. */
  cells?: Cell[];
  overrides?: DateOverride[];
}

export interface WhatIfResult {
  at: string;
  local: string;
  method: Method;
  scheduled: Method;
  variant: Variant;
  rule: string;
  trace: TraceView;
  sentence: string;
}

export interface Forwarding {
  /** How the purchase of the number stands, while there is none. */
  provisioning: { since: string; failed: string | null; code: number | null } | null;
  number: string | null;
  national: string | null;
  business_phone: string | null;
  business_national: string | null;
  provider: string | null;
  verified: boolean;
  verified_at: string | null;
  last_test: ForwardingTest | null;
}

export type ForwardingTestStatus = "calling" | "ringing" | "checking" | "succeeded" | "failed";

export interface ForwardingTest {
  id: string;
  mode: "call_me" | "you_call";
  status: ForwardingTestStatus;
  failure: "answered" | "not_forwarded" | "unreachable" | null;
  steps: { title: string; state: "done" | "active" | "pending" | "failed" }[];
  message: string | null;
}

/** How to set up forwarding with one provider; `{{number}}` in a step stands for the forwarding number. */
export interface Guide {
  name: string;
  /** General instructions, because none exist for this provider. */
  generic: boolean;
  steps: { text: string; code?: string | null; href?: string | null }[];
  note: string | null;
  generic_note?: string | null;
  version: string;
}

export type Guides = Record<string, Guide>;

export type CheckState = "good" | "attention" | "problem";

export interface HealthSummary {
  checks: {
    key: "forwarding" | "voice" | "texts" | "store" | "jobs";
    state: CheckState;
    sentence: string;
    last_proof_at: string | null;
    fix_href: string | null;
  }[];
}

export interface FeedData {
  seq: number;
  kind: string;
  call_id?: string | null;
  conversation_id?: string | null;
  at: string;
}

/** What the caller hears, in order. */
export type Heard =
  | { kind: "say"; text: string }
  | { kind: "record"; max_seconds?: number | null }
  | { kind: "hangup" }
  | { kind: "reject" };

export interface SandboxInfo {
  /** Numbers that can be dialled. */
  lines: { phone: string; national: string; label: string }[];
  /** Numbers a simulated caller can have; the first is the usual one. */
  callers: { phone: string; national: string; label: string }[];
  /** What can be made to go wrong with a number. */
  faults: { key: string; label: string }[];
}

export interface SandboxCall {
  id: string;
  heard: Heard[];
  state: "ringing" | "connected" | "ended";
}

/** A simulated phone as its owner sees it: `inbound` texts are those it received. */
export interface SandboxPhone {
  calls: { id: string; to: string; at: string; state: string }[];
  texts: { id?: string; direction: "inbound" | "outbound"; body: string; at: string; status: string; from?: string; to?: string }[];
}
