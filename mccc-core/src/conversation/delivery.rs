//! A text's way through the gateway. Its status moves up in rank only; what was settled stays settled, except that a
//! confirmed delivery corrects an earlier "undelivered".

use super::{Message, MessageStatus};
use crate::Timestamp;
use crate::port::DeliveryStatus;

impl MessageStatus {
    /// How far along the text is.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Waiting => 0,
            Self::Claimed => 1,
            Self::Unknown => 2,
            Self::Queued => 3,
            Self::Sent => 4,
            Self::Canceled | Self::Failed | Self::Undelivered | Self::Received => 5,
            Self::Delivered => 6,
        }
    }

    /// Whether nothing more is expected.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        match self {
            Self::Delivered | Self::Undelivered | Self::Failed | Self::Canceled | Self::Received => true,
            Self::Waiting | Self::Claimed | Self::Unknown | Self::Queued | Self::Sent => false,
        }
    }

    /// Whether the gateway has taken the text at some time.
    #[must_use]
    pub const fn was_accepted(self) -> bool {
        match self {
            Self::Queued | Self::Sent | Self::Delivered | Self::Undelivered => true,
            Self::Waiting | Self::Claimed | Self::Unknown | Self::Failed | Self::Canceled | Self::Received => false,
        }
    }

    /// What the gateway's status means for us. A status this version does not know is still pending.
    #[must_use]
    pub const fn from_delivery(status: DeliveryStatus) -> Self {
        match status {
            DeliveryStatus::Queued | DeliveryStatus::Sending | DeliveryStatus::Other => Self::Queued,
            DeliveryStatus::Sent => Self::Sent,
            DeliveryStatus::Delivered => Self::Delivered,
            DeliveryStatus::Undelivered => Self::Undelivered,
            DeliveryStatus::Failed => Self::Failed,
            DeliveryStatus::Canceled => Self::Canceled,
        }
    }
}

/// News about a text, from the gateway's answer, a callback or a look-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The provider's identifier.
    pub provider_message: String,
    /// Where the text stands.
    pub status: MessageStatus,
    /// The provider's error code.
    pub error_code: Option<u32>,
    /// Why, in the contractor's words.
    pub reason: Option<String>,
}

/// The message after `news`, or nothing when it says nothing new. The version is raised by one.
#[must_use]
pub fn advance(message: &Message, news: &Delivery, now: Timestamp) -> Option<Message> {
    let mut after = message.clone();
    // A text that was cancelled or received here has no way through the gateway.
    if matches!(message.status, MessageStatus::Received) {
        return None;
    }
    let corrects = matches!(
        (message.status, news.status),
        (
            MessageStatus::Undelivered | MessageStatus::Failed,
            MessageStatus::Delivered
        )
    );
    if news.status.rank() > message.status.rank() && (!message.status.is_settled() || corrects) {
        after.status = news.status;
        after.error_code = news.error_code;
        after.reason.clone_from(&news.reason);
        if news.status.was_accepted() {
            after.sent_at = after.sent_at.or(Some(now));
        }
        if news.status.is_settled() {
            after.settled_at = Some(now);
        }
    }
    if after.provider_message.is_none() && !news.provider_message.is_empty() {
        after.provider_message = Some(news.provider_message.clone());
    }
    if after == *message {
        return None;
    }
    after.version = message.version.saturating_add(1);
    Some(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::{Author, Direction, MessageKind};
    use crate::{BusinessId, ConversationId, MessageId, PhoneNumber};

    fn message(status: MessageStatus) -> Message {
        let at = Timestamp::from_seconds(1_000);
        Message {
            id: MessageId::derive(at, "m"),
            business: BusinessId::derive(at, "b"),
            version: 4,
            conversation: ConversationId::derive(at, "c"),
            call: None,
            direction: Direction::Outbound,
            author: Author::Machine,
            user: None,
            kind: MessageKind::AutoText,
            ours: PhoneNumber::parse("+15125550100").unwrap(),
            theirs: PhoneNumber::parse("+15125550101").unwrap(),
            body: "x".into(),
            media_count: 0,
            segments: 1,
            status,
            provider_message: None,
            error_code: None,
            reason: None,
            attempts: 1,
            note: None,
            draft: false,
            created_at: at,
            sent_at: None,
            settled_at: None,
        }
    }

    fn news(status: MessageStatus) -> Delivery {
        Delivery {
            provider_message: "SM1".into(),
            status,
            error_code: None,
            reason: None,
        }
    }

    #[test]
    fn any_order_and_repetition_of_callbacks_ends_in_the_same_status() {
        use MessageStatus::{Delivered, Queued, Sent};
        let orders = [
            vec![Queued, Sent, Delivered],
            vec![Delivered, Sent, Queued],
            vec![Sent, Delivered, Sent, Queued, Delivered],
        ];
        for order in orders {
            let mut row = message(MessageStatus::Claimed);
            for status in &order {
                if let Some(next) = advance(&row, &news(*status), Timestamp::from_seconds(2_000)) {
                    assert!(next.status.rank() >= row.status.rank());
                    assert_eq!(next.version, row.version + 1);
                    row = next;
                }
            }
            assert_eq!(row.status, Delivered, "{order:?}");
        }
    }

    #[test]
    fn delivered_corrects_undelivered_and_nothing_corrects_delivered() {
        let undelivered = message(MessageStatus::Undelivered);
        let corrected = advance(
            &undelivered,
            &news(MessageStatus::Delivered),
            Timestamp::from_seconds(1),
        );
        assert_eq!(corrected.map(|m| m.status), Some(MessageStatus::Delivered));
        let mut delivered = message(MessageStatus::Delivered);
        delivered.provider_message = Some("SM1".into());
        assert_eq!(
            advance(&delivered, &news(MessageStatus::Failed), Timestamp::from_seconds(1)),
            None
        );
    }

    #[test]
    fn a_callback_proves_an_unknown_send() {
        let unknown = message(MessageStatus::Unknown);
        let settled = advance(&unknown, &news(MessageStatus::Sent), Timestamp::from_seconds(9)).unwrap();
        assert_eq!(
            (settled.status, settled.sent_at),
            (MessageStatus::Sent, Some(Timestamp::from_seconds(9)))
        );
    }
}
