// Answers for looking at the pages without a server: what the API would say about one plumber's week.
export const NOW = Date.parse("2026-11-20T19:42:00Z");
export const BUSINESS = "biz_01j";
const ago = (minutes) => new Date(NOW - minutes * 60_000).toISOString();

function methodAt(day, row) {
  if (day === 0) return "voicemail";
  if (day === 6) return row >= 16 && row < 28 ? "both" : "voicemail";
  if (row >= 16 && row < 36) return "ai_voice";
  if (row >= 36 && row < 42) return "auto_text_only";
  return row < 10 ? "off" : "voicemail";
}

const cells = [1, 2, 3, 4, 5, 6, 0].flatMap((day) =>
  Array.from({ length: 48 }, (_, row) => ({
    day,
    start_time: `${String(row >> 1).padStart(2, "0")}:${row % 2 ? "30" : "00"}`,
    routing_method: methodAt(day, row),
    ...(day === 3 && row === 35 ? { routing_method: "split", methods: ["ai_voice", "auto_text_only"] } : {}),
  })),
);
const hours = [1, 2, 3, 4, 5].map((day) => ({ day, start_time: "08:00", end_time: "17:00" }));

const caller = (national, name = null) => ({ status: "present", number: `+1${national.replace(/\D/g, "")}`, national, name });

const row = (id, minutes, extra) => ({
  id: `call_${id}`,
  received_at: ago(minutes),
  caller: caller("(512) 555-0143"),
  dialled: "+15125550199",
  scheduled_method: "auto_text_only",
  method: "auto_text_only",
  variant: "business_hours",
  outcome: "auto_text_sent",
  outcome_label: "No Response",
  state: "ended",
  duration_seconds: 18,
  text_status: "delivered",
  needs_attention: false,
  open_task: null,
  conversation_id: `conv_${id}`,
  is_test: false,
  unread: false,
  tags: [],
  outcome_key: (extra.outcome_label ?? "No Response").toLowerCase().replaceAll(" ", "_"),
  ...extra,
});

const calls = [
  row("1", 0.5, { state: "in_progress", outcome: "no_action", duration_seconds: null, text_status: "queued", unread: true, caller: caller("(737) 555-0102", "Maria Gonzalez") }),
  row("2", 22, { caller: caller("(512) 555-0143", "Dave Kowalski"), outcome: "callback_requested", outcome_label: "Callback Requested", needs_attention: true, open_task: "Call Dave back about a leaking water heater", unread: true }),
  row("3", 95, { tags: ["emergency"], caller: caller("(830) 555-0177"), text_status: "undelivered", needs_attention: true, open_task: "The text was not delivered; call instead" }),
  row("4", 240, { caller: caller("(512) 555-0121", "Priya Raman"), method: "voicemail", scheduled_method: "ai_voice", outcome: "voicemail_left", outcome_label: "Voicemail Left", recording_seconds: 27, duration_seconds: 44 }),
  row("5", 60 * 15, { caller: caller("(512) 555-0166", "Tom Becker"), method: "both", scheduled_method: "both", outcome: "appointment_booked", outcome_label: "Appointment Booked", duration_seconds: 132 }),
  row("6", 60 * 17, { caller: { status: "anonymous", number: null, national: null, name: null }, method: "voicemail", outcome: "hung_up", outcome_label: "Hung Up", text_status: "none", duration_seconds: 2, tags: ["low_quality_lead"], conversation_id: null }),
  row("7", 60 * 26, { caller: caller("(737) 555-0188"), outcome: "spam", outcome_label: "Spam", method: "off", scheduled_method: "off", text_status: "denied" }),
  row("8", 60 * 27, { caller: caller("(512) 555-0109", "Lena Fischer"), outcome: "question_answered", outcome_label: "Question Answered", is_test: true }),
];

const message = (id, minutes, extra) => ({ id: `msg_${id}`, direction: "outbound", at: ago(minutes), status: "delivered", reason: null, author: "machine", segments: 1, kind: "auto_text", ...extra });
const messages = [
  message(1, 21.8, { segments: 2, body: "Hi! This is Lone Star Plumbing, your local plumber. Sorry we missed your call! We've got your number and will call you back within 30 minutes. Reply STOP to opt out." }),
  message(2, 19, { direction: "inbound", body: "Hi, my water heater is leaking. Can somebody come out today?", status: "received", author: "caller", kind: "reply" }),
  message(3, 12, { body: "Hi Dave, this is Sam. I can be there around 4. Shut the valve above the heater meanwhile.", status: "sent", author: "person", kind: "manual" }),
  message(4, 4, { body: "Just following up from Lone Star Plumbing.", status: "failed", reason: "The carrier took it for spam. Phone the caller instead.", kind: "followup" }),
];

const candidate = (rule, label, verdict, reason, method, setting) => ({ rule, label, verdict, reason, method, setting });
const trace = {
  at: ago(22),
  local: "Fri 2026-11-20 13:20",
  zone: "America/Chicago",
  zone_version: "2026c",
  sentence: "Auto-Text, because the weekly schedule says so on Friday from 8:00 AM to 6:00 PM.",
  candidates: [
    candidate("blocked", "Block list", "lost", "This number is not blocked.", null, null),
    candidate("override", "Special date", "lost", "No special date is set for November 20.", null, "/routing"),
    candidate("weekly", "Weekly schedule", "won", "Friday 8:00 AM – 6:00 PM is set to Auto-Text.", "auto_text_only", "/routing"),
    candidate("after_hours_default", "After-hours default", "lost", "Applies only where the week says nothing.", "voicemail", "/routing"),
  ],
};

const check = (name, passed, sentence, setting = null) => ({ name, passed, detail: null, sentence, setting });
const urgent = { id: "task_9", kind: "emergency", sentence: "(512) 555-0144 wrote of an emergency: Call now.", code: null, raised_at: ago(2), due_at: null, done_at: null, call_id: null, conversation_id: "conv_draft", phone: "+15125550144", national: "(512) 555-0144" };
const checkIt = { ...urgent, id: "task_10", kind: "reply_needed", sentence: "An answer to (512) 555-0144 is ready: check and send it.", raised_at: ago(3) };
const drafted = {
  id: "conv_draft", contact: { phone: "+15125550144", national: "(512) 555-0144", name: null }, state: "ai_active", stage: "in_conversation", issue: null, address: null, unread: 0, preview: "Is the water hot again?", last_message_at: ago(2), last_call_id: null,
  messages: [
    message(21, 9, { body: "Hi! This is Lone Star Plumbing. Sorry we missed your call. Reply STOP to opt out." }),
    message(22, 6, { direction: "inbound", body: "Do you work on weekends?", status: "received", author: "caller", kind: "reply" }),
    message(23, 5, { body: "On my way", status: "undelivered", author: "person", kind: "manual", reason: "Their phone is off or out of range." }),
    message(24, 4.9, { body: "On my way", status: "waiting", author: "person", kind: "manual" }),
    message(25, 2, { body: "We are open Monday to Friday 8:00 AM to 5:00 PM. Would you like me to find a time for a visit? Reply YES and I'll look.", status: "waiting", kind: "reply", draft: true, note: "Answered from FAQ: hours" }),
  ],
};
const conversation = (id) => id === "conv_draft" ? drafted : ({ id, stage: "waiting_for_owner", issue: null, address: null, preview: "Hi, my water heater is leaking. Can somebody come out today?", last_message_at: ago(4), last_call_id: "call_2", contact: { phone: "+15125550143", national: "(512) 555-0143", name: "Dave Kowalski" }, state: "ai_active", messages, unread: 1 });
const task = (id, sentence, callId, national) => ({ id, kind: "callback", code: null, sentence, raised_at: ago(19), done_at: null, call_id: callId, conversation_id: null, phone: `+1${national.replace(/\D/g, "")}`, national });
const tasks = [
  task("task_1", "Call Dave Kowalski back about a leaking water heater.", "call_2", "(512) 555-0143"),
  task("task_2", "Call (830) 555-0177: the text was not delivered.", "call_3", "(830) 555-0177"),
];
const step = (minutes, kind, title, detail, outcome) => ({ at: ago(minutes), kind, title, detail, outcome });

function detail(id) {
  const call = calls.find((one) => one.id === id) ?? calls[1];
  return {
    call,
    timeline: [
      step(22, "call_received", "Call from Dave Kowalski", "Forwarded to (512) 555-0199", null),
      step(21.95, "routed", "Routed to Auto-Text", "Weekly schedule, business hours", "good"),
      step(21.9, "greeting", "Heard the greeting", "18 seconds", "good"),
      step(21.8, "text_sent", "Auto-Text sent", "Delivered 3 seconds later", "good"),
      step(19, "reply", "Caller replied", "“Hi, my water heater is leaking…”", null),
      step(18.9, "task", "Callback task raised", "Nobody had answered the reply", "attention"),
    ],
    why: {
      routing: trace,
      text: [
        check("textable", true, "The number can receive texts."),
        check("not_opted_out", true, "The caller has not opted out."),
        check("window", true, "This caller was not texted today."),
        check("registered", false, "Your sending number is not registered yet.", "/connect"),
      ],
      text_verdict: "The text was allowed.",
    },
    messages,
    recording: call.method === "voicemail" ? { duration_seconds: 27, provider_id: "RE5f0c" } : null,
    tasks: tasks.filter((one) => one.call_id === call.id),
    conversation: call.conversation_id ? conversation(call.conversation_id) : null,
  };
}

const guide = (name, steps, generic = false) => ({ name, generic, note: null, steps, version: "1" });
const checkOf = (key, state, sentence, minutes, fix) => ({ key, state, sentence, last_proof_at: minutes === null ? null : ago(minutes), fix_href: fix });

const answers = {
  "GET /session": {
    user: { id: "usr_1", email: "sam@lonestar.example", name: "Sam Ortiz" },
    businesses: [{ id: BUSINESS, name: "Lone Star Plumbing", role: "owner", zone: "America/Chicago" }],
    sandbox: true,
    version: "0.1.0",
  },
  [`GET /businesses/${BUSINESS}`]: {
    id: BUSINESS,
    name: "Lone Star Plumbing",
    zone: "America/Chicago",
    zone_offsets: [
      { from: "2026-03-08T08:00:00Z", offset_seconds: -18000, abbreviation: "CDT" },
      { from: "2026-11-01T07:00:00Z", offset_seconds: -21600, abbreviation: "CST" },
    ],
    trade: "plumber",
    owner_name: "Sam",
    business_hours: hours,
    numbers: [{ phone: "+15125550199", national: "(512) 555-0199", kind: "forwarding" }],
    forwarding: { number: "+15125550199", national: "(512) 555-0199", verified: true, verified_at: ago(9000), provider: "google_voice" },
    voice_ready: false,
    sms: { enabled: true, registered: true, opt_out_reply: "app" },
    settings_version: 7,
  },
  "GET calls/totals": {
    missed: 41,
    recovered: 29,
    recovery_rate: 0.707,
    appointments: 6,
    pending_callbacks: 2,
    avg_response_seconds: 7.4,
    spam: 3,
    previous: { missed: 36, recovered: 27, recovery_rate: 0.75 },
    by_method: [],
    by_outcome: [],
  },
  "GET conversations": { items: [{ ...drafted, messages: [] }, { ...conversation("conv_2"), messages: [] }], next_cursor: null },
  "GET tasks": { items: [...tasks, urgent, checkIt], next_cursor: null },
  "GET routing-rules": {
    version: 3,
    schedule: {
      blocks: [],
      overrides: [{ id: "rule_1", date: "2026-11-26", routing_method: "voicemail", label: "Thanksgiving" }],
      after_hours_default: "voicemail",
      business_hours: hours,
      fallback: ["voicemail", "auto_text_only"],
    },
    cells,
    sentences: [],
    last_saved_at: "2026-11-14T21:42:00Z",
    differs_from_business_hours: true,
  },
  "POST routing-rules/what-if": {
    results: [{ at: ago(0), local: "Fri 2026-11-20 13:42", method: "auto_text_only", scheduled: "ai_voice", variant: "business_hours", rule: "weekly", trace, sentence: trace.sentence }],
  },
  "GET forwarding": { provisioning: null, number: "+15125550199", national: "(512) 555-0199", business_phone: "+15125550100", business_national: "(512) 555-0100", provider: null, verified: false, verified_at: null, last_test: null },
  "GET forwarding/guides": {
    google_voice: guide("Google Voice", [
      { text: "Open Google Voice settings.", href: "https://voice.google.com/settings" },
      { text: "Find “Forward calls to” or “No-answer call forwarding”." },
      { text: "Add {{number}} as the forwarding number." },
      { text: "A verification code appears here by itself." },
      { text: "Set the ring duration to 15 seconds (recommended)." },
    ]),
    verizon: guide("Verizon", [{ text: "On your phone, dial the code and press call.", code: "*71{{number}}" }, { text: "Wait for two beeps." }]),
    att: guide("AT&T", [{ text: "Dial the code and press call.", code: "*92{{number}}" }]),
    t_mobile: guide("T-Mobile", [{ text: "Dial the code and press call.", code: "**61*{{number}}#" }]),
    ringcentral: guide("RingCentral", [{ text: "Open Call Handling & Forwarding." }]),
    other: guide("Other / I'm not sure", [{ text: "Look for “no-answer forwarding” in your provider's settings." }], true),
  },
  "GET health-summary": {
    checks: [
      checkOf("forwarding", "attention", "Forwarding has not been tested yet.", null, "/connect"),
      checkOf("voice", "attention", "No voice agent is connected; callers get your fallback.", null, null),
      checkOf("texts", "good", "The last text was delivered.", 20, null),
      checkOf("store", "good", "Calls are being stored.", 0.2, null),
      checkOf("jobs", "good", "Nothing is waiting.", 0.1, null),
    ],
  },
  "GET /sandbox": {
    lines: [{ phone: "+15125550199", national: "(512) 555-0199", label: "Lone Star Plumbing" }],
    callers: [
      { phone: "+15125550143", national: "(512) 555-0143", label: "Dave Kowalski" },
      { phone: "+17375550102", national: "(737) 555-0102", label: "Maria Gonzalez" },
    ],
    faults: [
      { key: "landline", label: "It is a landline" },
      { key: "carrier_rejects", label: "The carrier rejects texts" },
    ],
  },
  "POST /sandbox/calls": {
    id: "sim_1",
    heard: [
      { kind: "say", text: "Hi, you've reached Lone Star Plumbing. We missed your call, but we just sent you a text." },
      { kind: "record", max_seconds: 120 },
    ],
    state: "connected",
  },
};

const texts = {
  auto_text_enabled: true,
  auto_text_business_hours: "Hi {{caller_name}}, thanks for calling {{business_name}}! We'll get back to you shortly. Reply STOP to opt out.",
  auto_text_after_hours: "Hi! You've reached {{business_name}} after hours. We'll call you back when we reopen at {{next_open}}.",
  followup_enabled: true,
  followup_delay_minutes: 30,
  followup: "Hi {{caller_name}}, just following up from {{business_name}}.",
  hangup_enabled: true,
  hangup: "Hi, this is {{business_name}}. Sorry we missed you!",
  voicemail_ack_enabled: false,
  voicemail_ack: "Got your voicemail!",
  emergency: "That sounds urgent. Let me get {{owner}} on the line.",
  opt_out_confirmation: "You've been unsubscribed from {{business_name}} messages.",
  help: "{{business_name}}: reply here or call this number.",
  appointment_confirmation_enabled: true,
  appointment_confirmation: "Your appointment with {{business_name}} is confirmed for {{appointment_date}}.",
  appointment_reminder: "Reminder: your appointment with {{business_name}} is on {{appointment_date}}.",
  appointment_cancelled_enabled: true,
  appointment_cancelled: "Your appointment with {{business_name}} on {{appointment_date}} was called off.",
};
const textFields = Object.keys(texts).filter((name) => typeof texts[name] === "string");
const samples = { caller_name: "Dana", business_name: "Lone Star Plumbing", next_open: "8:00 AM on Monday", owner: "Sam", appointment_date: "Tuesday, November 24" };
const at = (day, time) => `2026-11-${day}T${time}:00-06:00`;
const slot = (day, hour) => ({ start: at(day, `${hour}:00`), date: `2026-11-${day}`, start_time: `${hour}:00`, end_time: `${Number(hour) + 1}:00` });
const not = (day, from, to, standing, code, sentence) => ({ date: `2026-11-${day}`, start: at(day, from), end: at(day, to), standing, why_not: [{ code, sentence }] });
const visit = (id, day, hour, customer_name, service_type, status) => ({
  id,
  status,
  source: "sms_reply",
  customer_name,
  customer_phone: "+15125550143",
  customer_phone_national: "(512) 555-0143",
  customer_email: null,
  service_type,
  location: "12 Elm St",
  notes: null,
  scheduled_at: at(day, `${hour}:00`),
  ends_at: at(day, `${Number(hour) + 1}:00`),
  local: "",
  duration_minutes: 60,
  moving_to: null,
  calendar_event_id: null,
  calendar_link: null,
  reminder_sent: false,
  confirmed_at: null,
  cancelled_at: null,
  cancellation_reason: null,
  call_id: "call_5",
  conversation_id: null,
  created_at: ago(900),
});
const visits = [
  visit("appt_1", "20", "15", "Tom Becker", "Drain cleaning", "confirmed"),
  visit("appt_2", "18", "10", "Priya Raman", "Leak repair", "completed"),
];

Object.assign(answers, {
  "GET settings": {
    version: 7,
    saved_at: ago(9000),
    settings: {
      profile: { name: "Lone Star Plumbing", services: ["drain cleaning", "water heaters"], service_area: { cities: ["Austin", "Buda"], zips: ["78701"] } },
      faq: [
        { topic: "Permits", question: "Do you pull permits?", answer: "Yes, we take care of the permit with the city.", alternatives: ["Who gets the permit?"] },
        { topic: "Service call", question: "How much is a service call?", answer: "A visit is $89, credited if we do the work." },
      ],
      schedule: { business_hours: hours.map(({ day, start_time, end_time }) => ({ day, start: start_time, end: end_time })) },
      templates: texts,
      booking: { duration_minutes: 60, buffer_minutes: 15, max_per_day: 8, window_days: 14, lead_minutes: 120 },
      reminders: { minutes_before: [1440, 60] },
      notifications: {
        text: { on: true, phone: "+15125550100", muted: ["missed_call", "opted_out"] },
        slack: { on: true },
        email: { on: false },
        do_not_disturb: [{ days: [1, 2, 3, 4, 5], from: "21:00", until: "07:00" }],
        emergencies_always: true,
      },
    },
  },
  "GET calendar-connection": {
    state: "connected",
    sentence: "Google Calendar connected!",
    service: "google",
    account: "sam@example.com",
    calendar_id: "sam@example.com",
    calendar_name: "Jobs",
    conflicts: ["family"],
    connected_at: ago(90_000),
    last_synced_at: ago(4),
    reconnect_since: null,
    google_available: true,
    calcom_enabled: true,
    last_failure: null,
  },
  "GET other-calendars": {
    items: [
      {
        id: "one",
        name: "Family",
        address: "https://calendar.google.com/…",
        state: "failing",
        sentence: "Whoever keeps it does not answer. What was read before still counts.",
        connected_at: ago(90_000),
        read_at: ago(70),
        tried_at: ago(4),
        counts_until: ago(-290),
      },
    ],
    most: 10,
  },
  "GET calendar-connection/calendars": {
    items: [
      { id: "sam@example.com", name: "sam@example.com", primary: true, bookable: true, zone: "America/Chicago" },
      { id: "family", name: "Family", primary: false, bookable: true, zone: "America/Chicago" },
      { id: "holidays", name: "Holidays in United States", primary: false, bookable: false, zone: null },
    ],
  },
  "GET notifications": {
    warning: null,
    channels: [
      { channel: "text", on: true, connected: true, problem: null, target: "+15125550100" },
      { channel: "slack", on: true, connected: true, problem: null, target: null },
      { channel: "email", on: false, connected: false, problem: "This installation is not set up to send e-mail.", target: null },
    ],
  },
  "GET promises": {
    pending: 1,
    kept: 11,
    broken: 0,
    items: [
      { state: "pending", id: "task_7", kind: "callback", sentence: "Call (512) 555-0143 back. They left a voicemail.", code: null, raised_at: ago(20), due_at: ago(-10), done_at: null, call_id: "call_2", conversation_id: null, phone: "+15125550143", national: "(512) 555-0143" },
    ],
  },
  "POST faq/try": {
    intent: "faq",
    confidence: 0.94,
    urgency: "routine",
    matched: { topic: "Permits", entry: 0, score: 0.97, met_in: ["permit", "about permits"] },
    sends: "Yes, we take care of the permit with the city.",
    evidence: [{ of: "faq", words: "who gets the permit" }],
  },
  "GET wordings": {
    fields: textFields.map((field) => ({ field, kind: field.replace(/_(business|after)_hours$/, ""), variant: null, variables: Object.keys(samples).filter((name) => name !== "appointment_date" || field.startsWith("appointment_")), needs_business_name: true, opens_thread: true })),
    presets: [{ id: "thanks", label: "Thanks for calling", fields: ["auto_text_business_hours"], text: texts.auto_text_business_hours }],
    variables: Object.entries(samples).map(([name, sample]) => ({ name, sample })),
    most_characters: 480,
    most_segments: 3,
  },
  "GET availability/week": {
    zone: "America/Chicago",
    from: "2026-11-16",
    start: at("16", "00:00"),
    end: at("23", "00:00"),
    duration_minutes: 60,
    slots: [slot("20", "16")],
    blocked: [
      not("20", "08:00", "14:45", "closed", "past", "over: it is 1:42 PM now"),
      not("20", "14:45", "15:00", "taken", "buffer", "too near to what the calendar has from 3:00 PM to 4:00 PM: 15 minutes between must be free"),
      not("21", "00:00", "23:45", "closed", "weekday_closed", "closed on Saturdays"),
    ],
  },
  "GET availability": { zone: "America/Chicago", duration_minutes: 60, slots: [slot("20", "16")] },
  "GET appointments": { items: visits, next_cursor: null },
  "GET blocked-times": { items: [], next_cursor: null },
});

/** The answer to a request, or undefined. */
export function answerTo(method, pathname, search = "", sent = null) {
  const below = pathname.replace(/^\/api\/v1/, "");
  const own = below.replace(`/businesses/${BUSINESS}/`, "");
  const limit = Number(new URLSearchParams(search).get("limit") ?? 50);
  if (own === "wordings/preview") {
    const text = sent.text.replace(/\{\{(\w+)\}\}/g, (_, name) => samples[name] ?? name);
    return { text, characters: text.length, encoding: "GSM-7", segments: Math.ceil(text.length / 153), problems: [] };
  }
  if (method === "GET" && own === "calls") {
    const owed = new URLSearchParams(search).get("attention") === "true";
    return { items: calls.filter((one) => !owed || one.needs_attention).slice(0, limit), next_cursor: null };
  }
  if (own === "forwarding/provider") answers["GET forwarding"].provider = "google_voice";
  if (method === "GET" && /^calls\/call_/.test(own)) return detail(own.slice(6));
  if (method === "GET" && own.startsWith("appointments/")) return visits.find((one) => own.endsWith(one.id));
  if (method === "GET" && own.startsWith("conversations/")) return conversation(own.slice(14));
  if (method === "GET" && below.startsWith("/sandbox/phone/")) {
    const mirrored = messages.slice(0, 3).map((one) => ({ ...one, direction: one.direction === "inbound" ? "outbound" : "inbound" }));
    return { calls: [{ id: "sim_1", to: "+15125550199", at: ago(22), state: "ended" }], texts: mirrored };
  }
  return answers[`${method} ${below}`] ?? answers[`${method} ${own}`] ?? (method === "GET" ? undefined : {});
}
