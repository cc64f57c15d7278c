//! What arrives.

use super::super::{Checked, Done, Failure, ensure, ensure_eq};
use super::{Arrived, LINK, NotifierHarness, SAID, about};
use crate::notify::{Notice, NoticeKind};
use crate::testkit::build;

/// The one notice that arrived.
async fn only(h: &dyn NotifierHarness) -> Result<Arrived, Failure> {
    let mut arrived = h.arrived().await;
    match (arrived.pop(), arrived.len()) {
        (Some(one), 0) => Ok(one),
        (_, others) => Err(Failure::new(format!(
            "one notice was told, and {others} others arrived"
        ))),
    }
}

pub(super) async fn a_notice_arrives_once_and_whole(h: &dyn NotifierHarness) -> Checked {
    let notice = about("Acme");
    h.notifier().notify(&notice).await?;
    let arrived = only(h).await?;
    for part in [notice.title.as_str(), SAID, &build::phone(9).national()] {
        ensure!(
            arrived.reads.contains(part),
            "{part:?} is missing in {:?}",
            arrived.reads
        );
    }
    ensure!(
        arrived.links.iter().any(|link| link == LINK),
        "the link is missing among {:?}",
        arrived.links
    );
    ensure_eq!(arrived.recipients, 1, "recipients");
    Ok(Done::Passed)
}

pub(super) async fn what_a_caller_wrote_is_no_markup(h: &dyn NotifierHarness) -> Checked {
    let wild = "<!channel> <script>alert(1)</script> a & b &lt; <https://evil.example|click> <@U123>";
    let notice = Notice {
        quote: Some(wild.to_owned()),
        title: "From A <b>& C".to_owned(),
        ..about("Acme")
    };
    h.notifier().notify(&notice).await?;
    let arrived = only(h).await?;
    ensure!(
        arrived.reads.contains(wild) && arrived.reads.contains("From A <b>& C"),
        "what was written is not what is read: {:?}",
        arrived.reads
    );
    ensure!(!arrived.calls_everybody, "a caller called everybody");
    ensure!(
        !arrived.links.iter().any(|link| link.contains("evil")),
        "a caller made a link: {:?}",
        arrived.links
    );
    Ok(Done::Passed)
}

pub(super) async fn a_line_break_adds_no_recipient(h: &dyn NotifierHarness) -> Checked {
    let notice = Notice {
        title: "Hello\r\nBcc: thief@evil.example".to_owned(),
        quote: Some("one\r\n.\r\nRCPT TO:<thief@evil.example>\r\ntwo".to_owned()),
        ..about("Acme")
    };
    h.notifier().notify(&notice).await?;
    let arrived = only(h).await?;
    ensure_eq!(arrived.recipients, 1, "recipients after a line break");
    ensure!(
        arrived.reads.contains("two"),
        "what follows a lone dot is missing in {:?}",
        arrived.reads
    );
    Ok(Done::Passed)
}

pub(super) async fn everybody_is_called_for_an_emergency_alone(h: &dyn NotifierHarness) -> Checked {
    if !h.calls_everybody() {
        return Ok(Done::Skipped("this channel has no way to call everybody"));
    }
    h.notifier().notify(&about("calm")).await?;
    let urgent = Notice {
        kind: NoticeKind::Emergency,
        urgent: true,
        ..about("urgent")
    };
    h.notifier().notify(&urgent).await?;
    let called: Vec<bool> = h.arrived().await.iter().map(|one| one.calls_everybody).collect();
    ensure_eq!(called, vec![false, true], "who was called");
    Ok(Done::Passed)
}

pub(super) async fn a_long_notice_arrives(h: &dyn NotifierHarness) -> Checked {
    let notice = Notice {
        quote: Some("ä&".repeat(4_000)),
        title: "T".repeat(400),
        ..about("Acme")
    };
    h.notifier().notify(&notice).await?;
    let arrived = only(h).await?;
    ensure!(arrived.reads.contains("ä&ä&"), "nothing of a long text arrived");
    Ok(Done::Passed)
}

pub(super) async fn two_things_are_two_notices(h: &dyn NotifierHarness) -> Checked {
    h.notifier().notify(&about("first")).await?;
    h.notifier().notify(&about("second")).await?;
    ensure_eq!(h.arrived().await.len(), 2, "notices of two things");
    Ok(Done::Passed)
}

pub(super) async fn what_is_told_twice_is_heard_once_where_that_is_promised(h: &dyn NotifierHarness) -> Checked {
    if !h.notifier().capabilities().repeats_are_one {
        return Ok(Done::Skipped("this channel does not promise it"));
    }
    for _ in 0..3 {
        h.notifier().notify(&about("Acme")).await?;
    }
    ensure_eq!(h.arrived().await.len(), 1, "notices under one key");
    Ok(Done::Passed)
}
