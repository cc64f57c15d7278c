//! Settings, numbers of ours, and the version that both raise.

use super::StoreHarness;
use super::bench::{Bench, found, note};
use crate::business::{NumberKind, OwnedLine, Settings};
use crate::port::store::{Change, Conflict, Guard};
use crate::testkit::build;
use crate::testkit::contract::{Checked, Done, ensure, ensure_eq};

pub(super) async fn settings_and_lines_read_back(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = build::business("ace");
    ensure!(
        bench.store.owner(ace).await?.is_none(),
        "a business is there before it was created"
    );
    let settings = build::settings("Söhne & Töchter");
    let lines = [
        OwnedLine {
            kind: NumberKind::Forwarding,
            account: "AC2".to_owned(),
            provider_number: Some("PN1".to_owned()),
            ..build::line(build::phone(30))
        },
        build::line(build::phone(10)),
        build::line(build::phone(20)),
    ];
    let put = |settings: &Settings, expected| Change::PutSettings {
        settings: Box::new(settings.clone()),
        expected,
    };
    let mut changes = vec![put(&settings, 0)];
    changes.extend(lines.iter().cloned().map(Change::PutLine));
    bench.apply(ace, changes).await?;
    let saved_at = bench.now();
    for store in [&bench.store, &bench.other().await] {
        let owner = found("the business", store.owner(ace).await?)?;
        ensure_eq!(*owner.settings, settings, "the settings");
        ensure_eq!(owner.business, ace, "whose settings they are");
        ensure_eq!(owner.saved_at, saved_at, "when the settings were saved");
        // Texts go out from the first number, so the order is the one in which they were given.
        ensure_eq!(
            owner.lines,
            lines.to_vec(),
            "the numbers, in the order in which they were given"
        );
        for line in &lines {
            let found = found("the number's owner", store.owner_of(&line.number).await?)?;
            ensure_eq!(
                (found.business, found.version),
                (ace, owner.version),
                "who owns a number"
            );
        }
        ensure!(
            store.owner_of(&build::phone(11)).await?.is_none(),
            "a number of nobody has an owner"
        );
    }
    // Every default, so that fields which are left out come back as well.
    let plain = Settings::new("Plain", build::zone("Europe/Berlin"));
    bench.apply(ace, vec![put(&plain, 4)]).await?;
    let owner = found("the business", bench.store.owner(ace).await?)?;
    ensure_eq!(*owner.settings, plain, "settings at their defaults");
    Ok(Done::Passed)
}

pub(super) async fn a_number_has_one_owner(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let line = build::line(build::phone(1));
    let conflict = bench
        .refuse(best, vec![note(bench.now(), "take"), Change::PutLine(line.clone())])
        .await?;
    ensure_eq!(conflict, Conflict::NumberTaken, "a number of somebody else");
    // The same business may write its own number again.
    let renamed = OwnedLine {
        provider_number: Some("PN9".to_owned()),
        ..line.clone()
    };
    bench.apply(ace, vec![Change::PutLine(renamed.clone())]).await?;
    let owner = found("the number's owner", bench.store.owner_of(&line.number).await?)?;
    ensure_eq!(
        (owner.business, owner.lines.clone()),
        (ace, vec![renamed]),
        "a number that was written again"
    );
    // Somebody else cannot take it away, and does not get it by trying.
    bench.apply(best, vec![Change::RemoveLine(line.number)]).await?;
    let owner = found("the number's owner", bench.store.owner_of(&line.number).await?)?;
    ensure_eq!(owner.business, ace, "a number that somebody else removed");
    bench.apply(ace, vec![Change::RemoveLine(line.number)]).await?;
    ensure!(
        bench.store.owner_of(&line.number).await?.is_none(),
        "a removed number still has an owner"
    );
    bench.apply(best, vec![Change::PutLine(line.clone())]).await?;
    let owner = found("the number's owner", bench.store.owner_of(&line.number).await?)?;
    ensure_eq!(owner.business, best, "a number that was free again");
    ensure_eq!(bench.feed_len(best).await?, 0, "the feed after a refused number");
    Ok(Done::Passed)
}

pub(super) async fn every_change_of_settings_or_lines_raises_the_version(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let mut version = 2;
    let second = build::line(build::phone(11));
    for change in [
        Change::PutLine(second.clone()),
        Change::PutLine(OwnedLine {
            account: "AC3".to_owned(),
            ..second.clone()
        }),
        Change::RemoveLine(second.number),
        Change::PutSettings {
            settings: Box::new(build::settings("again")),
            expected: 5,
        },
    ] {
        let mut commit = bench.commit(ace, vec![change]);
        commit.guards = vec![Guard::Settings { version }];
        bench.store.commit(commit).await?;
        version += 1;
        for store in [&bench.store, &bench.other().await] {
            let owner = found("the business", store.owner(ace).await?)?;
            ensure_eq!(
                owner.version,
                version,
                "the version after a change of settings or numbers"
            );
        }
    }
    let quiet = vec![
        note(bench.now(), "x"),
        Change::PutSecret {
            field: "token".to_owned(),
            sealed: "x".to_owned(),
        },
        Change::PutContact(build::contact(ace, build::phone(9), bench.now())),
    ];
    bench.apply(ace, quiet).await?;
    let owner = found("the business", bench.store.owner(ace).await?)?;
    ensure_eq!(owner.version, version, "the version after changes that are no settings");
    Ok(Done::Passed)
}

pub(super) async fn businesses_are_listed_in_order(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    ensure!(
        bench.store.businesses(None, 10).await?.is_empty(),
        "a fresh store has businesses"
    );
    let mut all = Vec::new();
    for number in 0..7 {
        all.push(bench.business(&format!("business {number}"), number).await?);
    }
    all.sort_unstable();
    ensure_eq!(bench.store.businesses(None, 100).await?, all, "all businesses");
    let (mut listed, mut after) = (Vec::new(), None);
    loop {
        let page = bench.store.businesses(after, 3).await?;
        ensure!(page.len() <= 3, "more businesses than were asked for");
        after = page.last().copied();
        if page.is_empty() {
            break;
        }
        listed.extend(page);
    }
    ensure_eq!(listed, all, "businesses by pages");
    Ok(Done::Passed)
}
