//! The names that stand for the core's choices in JSON, for the API's document. The core's own types write them.

use utoipa::ToSchema;

// A name is taken as a bare token: the document's derive cannot look into a `literal`, and would show the variant.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:tt,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, serde::Serialize, ToSchema)]
        #[allow(dead_code, reason = "only names things in the API's document")]
        pub(crate) enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)* }
    )*};
}

names! {
    /// How a missed call is answered.
    MethodName {
        /// The AI voice agent takes the call.
        AiVoice = "ai_voice",
        /// The caller is texted.
        AutoTextOnly = "auto_text_only",
        /// Voice agent and text.
        Both = "both",
        /// The caller can leave a message.
        Voicemail = "voicemail",
        /// Nothing is answered and nothing is sent.
        Off = "off",
    }
    /// Where an appointment stands.
    AppointmentStatusName {
        /// The time is closed for a short while, until the calendar has the event.
        Held = "held",
        /// Booked.
        Scheduled = "scheduled",
        /// The customer has confirmed it.
        Confirmed = "confirmed",
        /// It took place.
        Completed = "completed",
        /// It does not take place.
        Cancelled = "cancelled",
        /// The customer was not there.
        NoShow = "no_show",
        /// Another appointment has taken its place.
        Rescheduled = "rescheduled",
    }
    /// How an appointment came about.
    BookingSourceName {
        /// The voice agent booked it.
        AiVoice = "ai_voice",
        /// It was booked in a thread of texts.
        SmsReply = "sms_reply",
        /// A person of the business booked it.
        Manual = "manual",
        /// It was booked on the web.
        WebBooking = "web_booking",
    }
    /// Which wording a call gets.
    VariantName {
        /// The call came during business hours.
        BusinessHours = "business_hours",
        /// It did not.
        AfterHours = "after_hours",
    }
    /// The stored outcome of a call.
    OutcomeName {
        /// Nothing has come of it yet.
        NoAction = "no_action",
        /// The voice agent talked with the caller.
        AnsweredByAi = "answered_by_ai",
        /// The caller left a message.
        VoicemailLeft = "voicemail_left",
        /// The caller reached the voicemail and left nothing.
        VoicemailNoMessage = "voicemail_no_message",
        /// A text was accepted by the gateway.
        AutoTextSent = "auto_text_sent",
        /// An appointment was booked.
        AppointmentBooked = "appointment_booked",
        /// The caller is owed a call.
        CallbackRequested = "callback_requested",
        /// A question was answered.
        QuestionAnswered = "question_answered",
        /// Name or need is known.
        LeadCaptured = "lead_captured",
        /// The caller hung up.
        HungUp = "hung_up",
        /// Spam.
        Spam = "spam",
        /// We failed.
        Failed = "failed",
    }
    /// The label under which a call is shown.
    OutcomeLabel {
        /// Appointment Booked
        AppointmentBooked = "appointment_booked",
        /// Question Answered
        QuestionAnswered = "question_answered",
        /// Callback Requested
        CallbackRequested = "callback_requested",
        /// Voicemail Left
        VoicemailLeft = "voicemail_left",
        /// No Response
        NoResponse = "no_response",
        /// Hung Up
        HungUp = "hung_up",
        /// Spam
        Spam = "spam",
    }
    /// Where a call stands.
    CallStateName {
        /// Being answered.
        Ringing = "ringing",
        /// The caller is on the line.
        InProgress = "in_progress",
        /// Over.
        Ended = "ended",
    }
    /// What is known of the caller's number.
    CallerStatus {
        /// A number that can be called back.
        Present = "present",
        /// Withheld or unknown.
        Anonymous = "anonymous",
        /// The network may not pass it on.
        Restricted = "restricted",
        /// Not a telephone number.
        Invalid = "invalid",
    }
    /// How the text of a call stands.
    TextStatus {
        /// No text is due.
        None = "none",
        /// Waiting for its turn.
        Waiting = "waiting",
        /// The checks refused it.
        Denied = "denied",
        /// Being handed over.
        Claimed = "claimed",
        /// Whether it went out is not known; it is never sent again.
        Unknown = "unknown",
        /// Accepted by the gateway.
        Queued = "queued",
        /// Handed to the carrier.
        Sent = "sent",
        /// Confirmed by the carrier.
        Delivered = "delivered",
        /// Not delivered by the carrier.
        Undelivered = "undelivered",
        /// Not sent by the gateway.
        Failed = "failed",
        /// Cancelled before it was sent.
        Canceled = "canceled",
        /// Received from the caller.
        Received = "received",
    }
    /// Which way a text went.
    DirectionName {
        /// From the caller.
        Inbound = "inbound",
        /// To the caller.
        Outbound = "outbound",
    }
    /// Who wrote a text.
    AuthorName {
        /// The caller.
        Caller = "caller",
        /// The machine.
        Machine = "machine",
        /// A person of the business.
        Person = "person",
    }
    /// Who leads a thread.
    ThreadStateName {
        /// The machine may answer.
        AiActive = "ai_active",
        /// A person has taken over.
        Human = "human",
        /// The caller wants no texts.
        OptedOut = "opted_out",
    }
    /// How urgently a person should look at a call.
    PriorityName {
        /// Nothing is lost if nobody does.
        Low = "low",
        /// A lead like any other.
        Normal = "normal",
        /// Before the others.
        High = "high",
        /// Now.
        Urgent = "urgent",
    }
    /// Why a person is needed.
    TaskKindName {
        /// The caller is owed a call.
        Callback = "callback",
        /// The caller wrote and nobody answered.
        ReplyNeeded = "reply_needed",
        /// A text could not be sent.
        TextFailed = "text_failed",
        /// Whether a text was sent is not known.
        TextUnknown = "text_unknown",
        /// The caller opted out and may wait for a call.
        OptedOut = "opted_out",
        /// The caller described an emergency.
        Emergency = "emergency",
        /// The phone company sent a code that has to be entered there.
        VerificationCode = "verification_code",
    }
    /// Where a talk with a caller stands.
    StageName {
        /// Our first text went out.
        GreetingSent = "greeting_sent",
        /// Talking, nothing open.
        InConversation = "in_conversation",
        /// Asked what is to be done.
        CollectingIssue = "collecting_issue",
        /// Asked for the name.
        CollectingName = "collecting_name",
        /// Asked where.
        CollectingAddress = "collecting_address",
        /// Times were offered.
        OfferingSlots = "offering_slots",
        /// A time is held until the calendar has answered.
        Holding = "holding",
        /// An appointment came of it.
        Booked = "booked",
        /// A person has to answer.
        WaitingForOwner = "waiting_for_owner",
        /// A person leads.
        HumanTakeover = "human_takeover",
        /// The caller wants no texts.
        OptedOut = "opted_out",
        /// Nothing was said for a while.
        Closed = "closed",
    }
    /// What somebody may do at a business.
    RoleName {
        /// Everything.
        Owner = "owner",
        /// Everything but people and credentials.
        Manager = "manager",
        /// Calls, threads, tasks.
        Dispatcher = "dispatcher",
        /// Calls, threads, tasks.
        Csr = "csr",
        /// Looks only.
        Staff = "staff",
    }
}

#[cfg(test)]
mod tests {
    use mccc_core::calls::{CallState, DashboardOutcome, Outcome, Priority, TextSummary};
    use mccc_core::conversation::dialogue::Stage;
    use mccc_core::conversation::{Author, Direction, MessageStatus, ThreadState};
    use mccc_core::port::store::Role;
    use mccc_core::routing::{Method, Variant};
    use mccc_core::tasks::TaskKind;

    /// The names that the API's document lists for an enum are those that the core writes.
    fn same<'a>(documented: &str, known: impl Iterator<Item = &'a str>) {
        let document: serde_json::Value = serde_json::from_str(&crate::http::api::openapi_json()).unwrap();
        let listed = document["components"]["schemas"][documented]["enum"]
            .as_array()
            .unwrap();
        let mut listed: Vec<&str> = listed.iter().map(|name| name.as_str().unwrap()).collect();
        let mut known: Vec<&str> = known.collect();
        known.sort_unstable();
        listed.sort_unstable();
        assert_eq!(listed, known, "{documented}");
    }

    #[test]
    fn the_document_names_what_the_core_writes() {
        same("MethodName", Method::ALL.iter().map(|one| one.name()));
        same("VariantName", Variant::ALL.iter().map(|one| one.name()));
        same("OutcomeName", Outcome::ALL.iter().map(|one| one.name()));
        same("OutcomeLabel", DashboardOutcome::ALL.iter().map(|one| one.name()));
        same("CallStateName", CallState::ALL.iter().map(|one| one.name()));
        same("DirectionName", Direction::ALL.iter().map(|one| one.name()));
        same("AuthorName", Author::ALL.iter().map(|one| one.name()));
        same("ThreadStateName", ThreadState::ALL.iter().map(|one| one.name()));
        same("TaskKindName", TaskKind::ALL.iter().map(|one| one.name()));
        same("PriorityName", Priority::ALL.iter().map(|one| one.name()));
        same("StageName", Stage::ALL.iter().map(|one| one.name()));
        same("RoleName", Role::ALL.iter().map(|one| one.name()));
        let own = [TextSummary::NotDue, TextSummary::Waiting, TextSummary::Denied].map(TextSummary::name);
        let messages = MessageStatus::ALL
            .iter()
            .map(|one| one.name())
            .filter(|name| *name != "waiting");
        same("TextStatus", own.into_iter().chain(messages));
    }
}
