//! Whether a call about a changed calendar is genuine.
//!
//! Calls have no body and no signature: what proves them is the token that the channel was opened with, compared without
//! telling how much of it fits. Whatever else a call holds is not used: it only means "look again". Source: Google
//! Calendar API, "Push notifications", read 2026-11.

use mccc_core::Secret;

/// A channel as it was opened. Calls may come before its opening was answered, so what Google calls the calendar may
/// not be known yet.
#[derive(Debug, Clone)]
pub struct OpenChannel {
    /// Its identifier.
    pub id: String,
    /// What each call carries as proof.
    pub token: Secret,
    /// What Google calls the thing that is watched, once that is known.
    pub resource: Option<String>,
}

/// What a genuine call says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// The channel is open. Nothing changed.
    Opened,
    /// Something changed: look again.
    Changed,
}

/// Why a call is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PushRejection {
    /// It names no channel.
    #[error("the call names no channel")]
    NoChannel,
    /// It names another channel or another calendar. Answer it with success, or it is repeated; and end the channel.
    #[error("the call is about a channel that is not open")]
    UnknownChannel,
    /// Its token is not the channel's.
    #[error("the call does not carry the channel's token")]
    WrongToken,
}

/// The channel that a call names, to look the open one up by. `header` gives a header by its lowercase name.
#[must_use]
pub fn channel_of<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<&'a str> {
    header("x-goog-channel-id").filter(|id| !id.is_empty())
}

/// Checks a call about `channel`. `header` gives a header by its lowercase name.
///
/// # Errors
/// Why it is not believed.
pub fn check<'a>(channel: &OpenChannel, header: impl Fn(&str) -> Option<&'a str>) -> Result<News, PushRejection> {
    let id = channel_of(&header).ok_or(PushRejection::NoChannel)?;
    let resource = header("x-goog-resource-id");
    let other_resource = channel.resource.as_deref().is_some_and(|known| resource != Some(known));
    if id != channel.id || other_resource {
        return Err(PushRejection::UnknownChannel);
    }
    let token = header("x-goog-channel-token").unwrap_or_default();
    if channel.token.is_empty() || !channel.token.matches(token) {
        return Err(PushRejection::WrongToken);
    }
    // States that are new since this was written mean that something is different, too.
    Ok(match header("x-goog-resource-state") {
        Some("sync") => News::Opened,
        _ => News::Changed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel() -> OpenChannel {
        OpenChannel {
            id: "c1".to_owned(),
            token: Secret::new("t0ken"),
            resource: Some("r1".to_owned()),
        }
    }

    fn call(changes: &[(&'static str, &'static str)]) -> Result<News, PushRejection> {
        let usual = [
            ("x-goog-channel-id", "c1"),
            ("x-goog-channel-token", "t0ken"),
            ("x-goog-resource-id", "r1"),
            ("x-goog-resource-state", "exists"),
            ("x-goog-message-number", "10"),
        ];
        check(&channel(), |name| {
            let all = changes.iter().chain(&usual);
            all.into_iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| *value)
                .filter(|value| !value.is_empty())
        })
    }

    #[test]
    fn a_call_says_to_look_again_and_the_first_one_does_not() {
        assert_eq!(call(&[]), Ok(News::Changed));
        assert_eq!(call(&[("x-goog-resource-state", "not_exists")]), Ok(News::Changed));
        assert_eq!(call(&[("x-goog-resource-state", "sync")]), Ok(News::Opened));
    }

    #[test]
    fn a_call_that_is_not_ours_is_not_believed() {
        assert_eq!(call(&[("x-goog-channel-id", "")]), Err(PushRejection::NoChannel));
        assert_eq!(call(&[("x-goog-channel-id", "c2")]), Err(PushRejection::UnknownChannel));
        assert_eq!(
            call(&[("x-goog-resource-id", "r2")]),
            Err(PushRejection::UnknownChannel)
        );
        for token in ["t0ke", "t0kenn", "T0KEN", ""] {
            assert_eq!(
                call(&[("x-goog-channel-token", token)]),
                Err(PushRejection::WrongToken),
                "{token}"
            );
        }
        let open = OpenChannel {
            token: Secret::new(""),
            ..channel()
        };
        let header = |name: &str| {
            (name == "x-goog-channel-id")
                .then_some("c1")
                .or(Some("r1").filter(|_| name == "x-goog-resource-id"))
        };
        assert_eq!(check(&open, header), Err(PushRejection::WrongToken));
    }

    #[test]
    fn a_call_may_come_before_its_channel_is_known_in_full() {
        let early = OpenChannel {
            resource: None,
            ..channel()
        };
        let header = |name: &str| match name {
            "x-goog-channel-id" => Some("c1"),
            "x-goog-channel-token" => Some("t0ken"),
            "x-goog-resource-state" => Some("sync"),
            _ => None,
        };
        assert_eq!(check(&early, header), Ok(News::Opened));
    }
}
