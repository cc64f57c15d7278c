//! Numbers: searched, bought, set up, given back.

use std::collections::BTreeSet;

use super::desk::{Desk, NO_SUCH_FAULT};
use super::{TelephonyFault, TelephonyHarness};
use crate::port::{ErrorKind, NumberQuery, OwnedNumber, Retry};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

pub(super) async fn offers_fit_the_question(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    for limit in [1, 3, 5_u8] {
        let offers = desk.offers(limit).await?;
        ensure_eq!(offers.len(), usize::from(limit), "offers where there are enough");
        let area = h.area_code();
        ensure!(
            offers
                .iter()
                .all(|offer| offer.number.area_code() == Some(area.as_str())),
            "a number of another area is offered"
        );
        let different: BTreeSet<_> = offers.iter().map(|offer| offer.number).collect();
        ensure_eq!(different.len(), offers.len(), "different numbers");
        ensure!(
            offers.iter().all(|offer| offer.sms),
            "a number that cannot text is offered"
        );
    }
    Ok(Done::Passed)
}

pub(super) async fn an_impossible_area_code_is_refused(h: &dyn TelephonyHarness) -> Checked {
    let query = NumberQuery {
        area_code: Some("05".to_owned()),
        limit: 3,
    };
    match h.telephony().search_numbers(&query).await {
        Ok(offers) => Err(Failure::new(format!("{} numbers were found in no area", offers.len()))),
        Err(error) => {
            ensure_eq!(
                (error.kind(), error.retry()),
                (ErrorKind::Rejected, Retry::Never),
                "the verdict"
            );
            ensure!(error.reason().is_some(), "the contractor is given no sentence");
            Ok(Done::Passed)
        }
    }
}

pub(super) async fn a_bought_number_is_ours_and_set_up(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let number = desk.offer().await?;
    let bought = desk.buy(&number).await?;
    ensure_eq!(bought.number, number, "the number that was bought");
    ensure!(!bought.provider_number.is_empty(), "a bought number has no identifier");
    ensure!(
        bought.configured,
        "a bought number is not pointed at us: its first call meets nobody"
    );
    ensure_eq!(h.owned().await, [number], "what the account owns");
    ensure_eq!(desk.owned(&number).await?, bought, "the number as it is found");
    ensure!(
        !desk.offers(5).await?.iter().any(|offer| offer.number == number),
        "a number of ours is offered for sale"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_number_that_is_gone_is_refused_for_good(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let number = desk.offer().await?;
    if !h.arrange(TelephonyFault::NumberGone).await {
        return Ok(NO_SUCH_FAULT);
    }
    let Err(error) = desk.buy(&number).await else {
        return Err(Failure::new("a number that somebody else has was called bought"));
    };
    ensure_eq!(error.retry(), Retry::Never, "whether to try again");
    ensure!(
        matches!(
            error.kind(),
            ErrorKind::Rejected | ErrorKind::Conflict | ErrorKind::NotFound
        ),
        "a refusal was taken for {:?}",
        error.kind()
    );
    ensure!(h.owned().await.is_empty(), "the number was bought all the same");
    Ok(Done::Passed)
}

pub(super) async fn a_number_is_bought_once(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let bought = desk.bought().await?;
    match desk.buy(&bought.number).await {
        Ok(_) => return Err(Failure::new("a number was sold twice")),
        Err(error) => ensure_eq!(error.retry(), Retry::Never, "whether to buy a number of ours again"),
    }
    ensure_eq!(h.owned().await, [bought.number], "what the account owns");
    ensure_eq!(
        desk.owned(&bought.number).await?,
        bought,
        "the number after the second attempt"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_number_that_was_never_bought_is_absent(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    desk.bought().await?;
    let other = desk.offer().await?;
    ensure_eq!(
        desk.telephony.owned_number(&other).await?,
        None,
        "a number that is only for sale"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_purchase_in_doubt_is_found(h: &dyn TelephonyHarness) -> Checked {
    let mut any = false;
    for fault in [TelephonyFault::NoAnswer, TelephonyFault::ServerError] {
        let desk = Desk::of(h);
        let number = desk.offer().await?;
        if !h.arrange(fault).await {
            continue;
        }
        any = true;
        let bought = desk.buy(&number).await;
        h.arrange(TelephonyFault::None).await;
        let Err(error) = bought else {
            return Err(Failure::new(format!("{fault:?} was called a success")));
        };
        ensure_eq!(
            error.retry(),
            Retry::Unknown,
            "the verdict on a purchase that may have been made"
        );
        let times = h.owned().await.into_iter().filter(|owned| *owned == number).count();
        ensure_eq!(times, 1, "how often the number was bought");
        ensure_eq!(desk.owned(&number).await?.number, number, "what a look-up finds");
    }
    Ok(if any { Done::Passed } else { NO_SUCH_FAULT })
}

pub(super) async fn setting_up_twice_is_setting_up_once(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let bought = desk.bought().await?;
    let first = desk.configure(&bought).await?;
    let second = desk.configure(&first).await?;
    ensure_eq!(first, bought, "a number that was set up already");
    ensure_eq!(second, first, "the number set up once more");
    ensure_eq!(desk.owned(&bought.number).await?, second, "the number as it is found");
    ensure_eq!(h.owned().await, [bought.number], "what the account owns");
    Ok(Done::Passed)
}

pub(super) async fn a_misdirected_number_is_seen_and_mended(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let bought = desk.bought().await?;
    if !h.misdirect(&bought.number).await {
        return Ok(Done::Skipped("numbers of this provider have no settings"));
    }
    ensure!(
        !desk.owned(&bought.number).await?.configured,
        "a number that points elsewhere is called set up"
    );
    ensure!(
        desk.configure(&bought).await?.configured,
        "the number still points elsewhere"
    );
    ensure!(
        desk.owned(&bought.number).await?.configured,
        "the number points elsewhere when it is looked up"
    );
    Ok(Done::Passed)
}

pub(super) async fn settings_that_are_not_kept_are_no_success(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let bought = desk.bought().await?;
    let meets = h.misdirect(&bought.number).await && h.arrange(TelephonyFault::SettingsNotKept).await;
    if !meets {
        return Ok(NO_SUCH_FAULT);
    }
    match desk.configure(&bought).await {
        Ok(_) => Err(Failure::new("settings were not read back")),
        Err(error) => {
            ensure!(error.retry() != Retry::Unknown, "setting up may always be repeated");
            Ok(Done::Passed)
        }
    }
}

pub(super) async fn a_number_that_is_not_ours_cannot_be_set_up(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let stranger = OwnedNumber {
        number: build::phone(77),
        provider_number: h.absent_number(),
        configured: true,
        sms: true,
    };
    match desk.configure(&stranger).await {
        Ok(_) => Err(Failure::new("somebody else's number was set up")),
        Err(error) => {
            ensure_eq!(error.retry(), Retry::Never, "whether to try again");
            Ok(Done::Passed)
        }
    }
}

pub(super) async fn a_released_number_is_gone(h: &dyn TelephonyHarness) -> Checked {
    let desk = Desk::of(h);
    let (kept, given_back) = (desk.bought().await?, desk.bought().await?);
    desk.telephony.release_number(&given_back).await?;
    ensure_eq!(h.owned().await, [kept.number], "what the account owns");
    ensure_eq!(
        desk.telephony.owned_number(&given_back.number).await?,
        None,
        "a number that was given back"
    );
    // The answer may have been lost, so it is given back again.
    desk.telephony.release_number(&given_back).await?;
    ensure_eq!(h.owned().await, [kept.number], "what the account owns");
    Ok(Done::Passed)
}
