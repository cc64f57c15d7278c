//! Why a text does not go out, in words.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::compliance::loop_guard::LoopReason;
use crate::compliance::number::{LineType, Untextable};

/// Why a text does not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason", content = "detail")]
pub enum Reason {
    /// The caller opted out of this business.
    OptedOut,
    /// The number is suppressed for the whole installation.
    Suppressed,
    /// An opt-out is confirmed once, and this one was.
    AlreadyConfirmed,
    /// The gateway confirms opt-outs.
    GatewayConfirms,
    /// There is no opt-out to confirm.
    NothingToConfirm,
    /// The caller's number is withheld or is none.
    NoNumber,
    /// The number is one of ours.
    OurNumber,
    /// The number cannot be texted.
    Untextable(Untextable),
    /// The line cannot receive texts.
    Line(LineType),
    /// On the block list.
    Blocked,
    /// Spam.
    Spam,
    /// Marked "do not auto-text".
    DoNotAutoText,
    /// The network says the caller ID is forged.
    ForgedCallerId,
    /// A test call.
    TestCall,
    /// Texting is switched off.
    TextingOff,
    /// The sender is not registered.
    SenderNotRegistered,
    /// There is no number to send from.
    NoSender,
    /// The profile is incomplete.
    ProfileIncomplete,
    /// Texts of this kind are switched off.
    KindOff,
    /// The text is empty or longer than a message can be.
    BadBody,
    /// It should have gone out more than a quarter of an hour ago.
    TooLate,
    /// It could only go out once it is of no use.
    Useless,
    /// A person has taken the thread over.
    TakenOver,
    /// The caller has answered already.
    Answered,
    /// The caller has been called back.
    CalledBack,
    /// There is an appointment.
    Booked,
    /// The other side looks like a machine.
    Looping(LoopReason),
    /// An auto-text went out in this window.
    RecentlyTexted(Timestamp),
    /// The caller never answers.
    NeverAnswers,
    /// Too many new recipients this hour.
    HourlyLimit,
    /// The business's daily limit.
    DailyLimit,
    /// The caller's daily limit of automated texts.
    CallerDailyLimit,
    /// The conversation's limit of automated texts.
    ConversationLimit,
    /// Quiet hours.
    QuietHours,
    /// The last automated text is only seconds old.
    TooSoon,
}

impl Reason {
    /// The stored name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OptedOut => "opted_out",
            Self::Suppressed => "suppressed",
            Self::AlreadyConfirmed => "already_confirmed",
            Self::GatewayConfirms => "gateway_confirms",
            Self::NothingToConfirm => "nothing_to_confirm",
            Self::NoNumber => "no_number",
            Self::OurNumber => "our_number",
            Self::Untextable(kind) => kind.as_str(),
            Self::Line(_) => "line_type",
            Self::Blocked => "blocked",
            Self::Spam => "spam",
            Self::DoNotAutoText => "do_not_auto_text",
            Self::ForgedCallerId => "forged_caller_id",
            Self::TestCall => "test_call",
            Self::TextingOff => "texting_off",
            Self::SenderNotRegistered => "sender_not_registered",
            Self::NoSender => "no_sender",
            Self::ProfileIncomplete => "profile_incomplete",
            Self::KindOff => "kind_off",
            Self::BadBody => "bad_body",
            Self::TooLate => "too_late",
            Self::Useless => "useless",
            Self::TakenOver => "taken_over",
            Self::Answered => "answered",
            Self::CalledBack => "called_back",
            Self::Booked => "booked",
            Self::Looping(_) => "looping",
            Self::RecentlyTexted(_) => "recently_texted",
            Self::NeverAnswers => "never_answers",
            Self::HourlyLimit => "hourly_limit",
            Self::DailyLimit => "daily_limit",
            Self::CallerDailyLimit => "caller_daily_limit",
            Self::ConversationLimit => "conversation_limit",
            Self::QuietHours => "quiet_hours",
            Self::TooSoon => "too_soon",
        }
    }

    /// One sentence for the contractor: what is the matter and, where something can be done, what.
    #[must_use]
    pub const fn explain(self) -> &'static str {
        match self {
            Self::OptedOut => "This contact has opted out of texts. Follow up by phone if needed.",
            Self::Suppressed => {
                "This number has opted out of all texts from this service. Follow up by phone if needed."
            }
            Self::AlreadyConfirmed => "The opt-out has been confirmed once already.",
            Self::GatewayConfirms => "The text provider confirms opt-outs itself.",
            Self::NothingToConfirm => "There is no opt-out to confirm.",
            Self::NoNumber => "The caller's number is withheld, so there is nowhere to text.",
            Self::OurNumber => "The call came from one of your own numbers.",
            Self::Untextable(kind) => kind.explain(),
            Self::Line(LineType::Landline) => "The caller used a landline, which cannot receive texts.",
            Self::Line(_) => "The caller's line cannot receive texts.",
            Self::Blocked => "This caller is on your block list.",
            Self::Spam => "The call looks like spam.",
            Self::DoNotAutoText => "You asked us not to auto-text this contact.",
            Self::ForgedCallerId => "The phone network reports that the caller ID is not genuine.",
            Self::TestCall => "This was a test call.",
            Self::TextingOff => "Texting is switched off. Switch it on under Settings, Text messages.",
            Self::SenderNotRegistered => {
                "Your number is not registered for texting yet. Carriers block texts until it is."
            }
            Self::NoSender => "No number is set up to send texts from.",
            Self::ProfileIncomplete => "Your business name, trade or hours are missing. Complete your profile.",
            Self::KindOff => "Texts of this kind are switched off in your settings.",
            Self::BadBody => "The text is empty or longer than a message can be.",
            Self::TooLate => "It was due more than 15 minutes ago; a late text confuses. Please call the person.",
            Self::Useless => "It could not go out before the time it is about. Please call the person.",
            Self::TakenOver => "You have taken this conversation over.",
            Self::Answered => "The caller has already replied.",
            Self::CalledBack => "The caller has already been called back.",
            Self::Booked => "The caller already has an appointment.",
            Self::Looping(reason) => reason.explain(),
            Self::RecentlyTexted(_) => "This caller has already received an auto-text for an earlier call.",
            Self::NeverAnswers => "The last three auto-texts to this caller went unanswered.",
            Self::HourlyLimit => "Too many new numbers were texted within the hour; this protects you against abuse.",
            Self::DailyLimit => "Your daily limit of texts is reached.",
            Self::CallerDailyLimit => "This caller has received the most automated texts allowed in a day.",
            Self::ConversationLimit => "This conversation has reached the most automated texts allowed.",
            Self::QuietHours => "It is early or late where the caller is; the text waits until the morning.",
            Self::TooSoon => "The previous text went out seconds ago.",
        }
    }

    /// Whether somebody has to do something because this text did not go out. False where silence is what was wanted.
    #[must_use]
    pub const fn needs_person(self) -> bool {
        match self {
            Self::NoNumber
            | Self::Untextable(_)
            | Self::Line(_)
            | Self::ForgedCallerId
            | Self::TextingOff
            | Self::SenderNotRegistered
            | Self::NoSender
            | Self::ProfileIncomplete
            | Self::BadBody
            | Self::TooLate
            | Self::Useless
            | Self::Looping(_)
            | Self::NeverAnswers
            | Self::HourlyLimit
            | Self::DailyLimit
            | Self::CallerDailyLimit
            | Self::ConversationLimit
            | Self::OptedOut
            | Self::Suppressed => true,
            Self::AlreadyConfirmed
            | Self::GatewayConfirms
            | Self::NothingToConfirm
            | Self::OurNumber
            | Self::Blocked
            | Self::Spam
            | Self::DoNotAutoText
            | Self::TestCall
            | Self::KindOff
            | Self::TakenOver
            | Self::Answered
            | Self::CalledBack
            | Self::Booked
            | Self::RecentlyTexted(_)
            | Self::QuietHours
            | Self::TooSoon => false,
        }
    }
}
