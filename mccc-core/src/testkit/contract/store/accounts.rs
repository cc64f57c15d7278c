//! People, sessions, keys, and answers that are given again.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::StoreHarness;
use super::bench::{Bench, found};
use crate::port::store::{ApiKey, Change, Membership, Role, Session, User};
use crate::testkit::build::{self, HARD_TEXT};
use crate::testkit::contract::{Checked, Done, Failure, ensure, ensure_eq};

const HOUR: Duration = Duration::from_secs(3600);

pub(super) async fn an_address_belongs_to_one_person(h: &dyn StoreHarness) -> Checked {
    let accounts = h.accounts();
    ensure_eq!(accounts.user_count().await?, 0, "people of a fresh store");
    let jo = build::user("jo", "Jo.Doe@Example.com");
    ensure!(accounts.add_user(&jo).await?, "a new address was taken");
    for (name, email) in [
        ("max", "jo.doe@example.com"),
        ("eve", "JO.DOE@EXAMPLE.COM"),
        ("kim", "Jo.Doe@Example.com"),
    ] {
        ensure!(
            !accounts.add_user(&build::user(name, email)).await?,
            "an address was given to two people"
        );
        ensure!(
            accounts.user(build::user_id(name)).await?.is_none(),
            "a person without an address was added"
        );
    }
    ensure_eq!(accounts.user_count().await?, 1, "people after three that were refused");
    for email in ["Jo.Doe@Example.com", "jo.doe@example.com", "JO.DOE@EXAMPLE.COM"] {
        ensure_eq!(
            accounts.user_by_email(email).await?,
            Some(jo.clone()),
            "a person found by {email}"
        );
    }
    ensure_eq!(
        accounts.user_by_email("jo.doe@example.org").await?,
        None,
        "another address"
    );
    ensure_eq!(accounts.user_by_email("%").await?, None, "an address that is a pattern");
    let mut racing = JoinSet::new();
    for racer in 0..10 {
        let accounts = Arc::clone(&accounts);
        let email = if racer % 2 == 0 {
            "kim@example.com"
        } else {
            "KIM@example.com"
        };
        let user = build::user(&format!("racer {racer}"), email);
        racing.spawn(async move { accounts.add_user(&user).await });
    }
    let mut added = 0;
    while let Some(answer) = racing.join_next().await {
        added += u32::from(answer.map_err(|error| Failure::new(error.to_string()))??);
    }
    ensure_eq!(added, 1, "people who got the same address at the same moment");
    ensure_eq!(accounts.user_count().await?, 2, "people after the race");
    Ok(Done::Passed)
}

pub(super) async fn people_and_roles_read_back(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let accounts = h.accounts();
    let mut jo = build::user("jo", "jo@example.com");
    jo.name = HARD_TEXT.to_owned();
    accounts.add_user(&jo).await?;
    ensure_eq!(
        accounts.user(jo.id).await?,
        Some(jo.clone()),
        "a person without a password"
    );
    let max = User {
        password_hash: Some("$argon2id$x".to_owned()),
        ..build::user("max", "max@example.com")
    };
    accounts.add_user(&max).await?;
    ensure_eq!(
        accounts.user(max.id).await?,
        Some(max.clone()),
        "a person with a password"
    );
    accounts.set_password(jo.id, "$argon2id$y").await?;
    jo.password_hash = Some("$argon2id$y".to_owned());
    ensure_eq!(
        accounts.user_by_email("jo@example.com").await?,
        Some(jo.clone()),
        "a person with a new password"
    );
    ensure_eq!(
        accounts.user(max.id).await?,
        Some(max.clone()),
        "somebody else after a new password"
    );
    ensure!(
        accounts.memberships(jo.id).await?.is_empty(),
        "a person has a role that was not given"
    );
    let member = |user, business, role| Membership { user, business, role };
    for role in Role::ALL {
        accounts.put_membership(&member(jo.id, ace, *role)).await?;
        ensure_eq!(
            accounts.memberships(jo.id).await?,
            vec![member(jo.id, ace, *role)],
            "a changed role"
        );
    }
    accounts.put_membership(&member(jo.id, best, Role::Csr)).await?;
    accounts.put_membership(&member(max.id, ace, Role::Owner)).await?;
    let mut roles = accounts.memberships(jo.id).await?;
    roles.sort_by_key(|role| role.business != ace);
    ensure_eq!(
        roles,
        vec![member(jo.id, ace, Role::Staff), member(jo.id, best, Role::Csr)],
        "roles at two businesses"
    );
    Ok(Done::Passed)
}

pub(super) async fn sessions_begin_and_end(h: &dyn StoreHarness) -> Checked {
    let accounts = h.accounts();
    let jo = build::user("jo", "jo@example.com");
    accounts.add_user(&jo).await?;
    let session = build::session(1, jo.id, h.now());
    accounts.add_session(&session).await?;
    accounts.add_session(&build::session(2, jo.id, h.now())).await?;
    ensure_eq!(accounts.session(&[1; 32]).await?, Some(session.clone()), "a session");
    ensure_eq!(accounts.session(&[3; 32]).await?, None, "a session that never began");
    h.advance(HOUR * 2);
    ensure_eq!(
        accounts.session(&[1; 32]).await?,
        Some(session),
        "a session that has expired"
    );
    accounts.end_session(&[1; 32]).await?;
    accounts.end_session(&[1; 32]).await?;
    ensure_eq!(accounts.session(&[1; 32]).await?, None, "a session that was ended");
    ensure!(
        accounts.session(&[2; 32]).await?.is_some(),
        "another session was ended too"
    );
    Ok(Done::Passed)
}

pub(super) async fn a_link_works_once(h: &dyn StoreHarness) -> Checked {
    let accounts = h.accounts();
    let jo = build::user("jo", "jo@example.com");
    accounts.add_user(&jo).await?;
    for round in 0..8 {
        let link = Session {
            one_time: true,
            ..build::session(round, jo.id, h.now())
        };
        accounts.add_session(&link).await?;
        let mut takers = JoinSet::new();
        for _ in 0..8 {
            let accounts = Arc::clone(&accounts);
            takers.spawn(async move { accounts.take_session(&[round; 32]).await });
        }
        let mut taken = Vec::new();
        while let Some(answer) = takers.join_next().await {
            taken.extend(answer.map_err(|error| Failure::new(error.to_string()))??);
        }
        ensure_eq!(taken, vec![link], "who took link {round}");
        ensure_eq!(accounts.session(&[round; 32]).await?, None, "a link that was used");
    }
    let session = build::session(99, jo.id, h.now());
    accounts.add_session(&session).await?;
    ensure_eq!(
        accounts.take_session(&[99; 32]).await?,
        None,
        "a session that is no link"
    );
    ensure_eq!(
        accounts.session(&[99; 32]).await?,
        Some(session),
        "a session after somebody wanted to take it"
    );
    Ok(Done::Passed)
}

pub(super) async fn keys_are_found_and_revoked(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let (ace, best) = (bench.business("ace", 1).await?, bench.business("best", 2).await?);
    let accounts = h.accounts();
    let mut keys = Vec::new();
    for number in 1..=3 {
        let key = build::api_key(number, ace, bench.now());
        accounts.add_api_key(&key).await?;
        keys.insert(0, key);
        h.advance(Duration::from_micros(1));
    }
    accounts.add_api_key(&build::api_key(9, best, bench.now())).await?;
    ensure_eq!(
        accounts.api_keys(ace).await?,
        keys,
        "the keys of a business, newest first"
    );
    for key in &keys {
        ensure_eq!(
            accounts.api_key(&key.key_hash).await?.as_ref(),
            Some(key),
            "a key found by its text"
        );
    }
    ensure_eq!(accounts.api_key(&[77; 32]).await?, None, "a key nobody made");
    let first = found("a key", keys.first().cloned())?;
    let at = bench.now();
    accounts.revoke_api_key(ace, first.id, at).await?;
    accounts.revoke_api_key(ace, first.id, at.plus(HOUR)).await?;
    let revoked = ApiKey {
        revoked_at: Some(at),
        ..first
    };
    ensure_eq!(
        accounts.api_key(&revoked.key_hash).await?,
        Some(revoked.clone()),
        "a key that was revoked twice"
    );
    let others = accounts.api_keys(ace).await?;
    ensure_eq!(others.first(), Some(&revoked), "a revoked key in the list");
    ensure!(
        others.iter().skip(1).all(|key| key.revoked_at.is_none()),
        "other keys were revoked as well"
    );
    Ok(Done::Passed)
}

pub(super) async fn the_first_answer_to_a_write_stays(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let accounts = h.accounts();
    ensure_eq!(
        accounts.remembered(ace, "k").await?,
        None,
        "an answer that was never given"
    );
    let now = bench.now();
    let first = build::response("k", 201, now);
    accounts.remember(ace, &first).await?;
    accounts.remember(ace, &build::response("k", 500, now)).await?;
    bench
        .apply(ace, vec![Change::RememberResponse(build::response("k", 502, now))])
        .await?;
    ensure_eq!(
        accounts.remembered(ace, "k").await?,
        Some(first),
        "the first of three answers"
    );
    let second = build::response("k2", 202, now);
    bench.apply(ace, vec![Change::RememberResponse(second.clone())]).await?;
    accounts.remember(ace, &build::response("k2", 500, now)).await?;
    ensure_eq!(
        accounts.remembered(ace, "k2").await?,
        Some(second),
        "an answer that a commit remembered"
    );
    let mut racing = JoinSet::new();
    for status in 200..212 {
        let accounts = Arc::clone(&accounts);
        let response = build::response("raced", status, now);
        racing.spawn(async move {
            accounts.remember(ace, &response).await?;
            accounts.remembered(ace, "raced").await
        });
    }
    let mut seen = Vec::new();
    while let Some(answer) = racing.join_next().await {
        seen.extend(answer.map_err(|error| Failure::new(error.to_string()))??);
    }
    seen.dedup();
    ensure_eq!(seen.len(), 1, "answers that racing writers saw");
    Ok(Done::Passed)
}

pub(super) async fn secrets_are_replaced(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let accounts = h.accounts();
    let put = |field: &str, sealed: &str| Change::PutSecret {
        field: field.to_owned(),
        sealed: sealed.to_owned(),
    };
    ensure_eq!(accounts.secret(ace, "token").await?, None, "a credential nobody gave");
    bench
        .apply(ace, vec![put("token", "first"), put("other", HARD_TEXT)])
        .await?;
    bench.apply(ace, vec![put("token", "second")]).await?;
    ensure_eq!(
        accounts.secret(ace, "token").await?.as_deref(),
        Some("second"),
        "a credential that was replaced"
    );
    ensure_eq!(
        accounts.secret(ace, "other").await?.as_deref(),
        Some(HARD_TEXT),
        "another credential"
    );
    Ok(Done::Passed)
}

pub(super) async fn what_has_expired_is_pruned(h: &dyn StoreHarness) -> Checked {
    let bench = Bench::of(h);
    let ace = bench.business("ace", 1).await?;
    let accounts = h.accounts();
    let jo = build::user("jo", "jo@example.com");
    accounts.add_user(&jo).await?;
    let start = bench.now();
    let long = Session {
        expires_at: start.plus(HOUR * 100),
        ..build::session(1, jo.id, start)
    };
    accounts.add_session(&long).await?;
    accounts.add_session(&build::session(2, jo.id, start)).await?;
    accounts.remember(ace, &build::response("old", 200, start)).await?;
    accounts
        .remember(ace, &build::response("new", 200, start.plus(HOUR * 2)))
        .await?;
    ensure_eq!(
        accounts.prune(start).await?,
        0,
        "what is pruned while everything is fresh"
    );
    ensure_eq!(
        accounts.prune(start.plus(HOUR * 2)).await?,
        1,
        "what is pruned when a session is over"
    );
    ensure_eq!(accounts.session(&[2; 32]).await?, None, "a session that expired");
    ensure!(
        accounts.session(&[1; 32]).await?.is_some(),
        "a session that lasts was pruned"
    );
    ensure_eq!(
        accounts.prune(start.plus(HOUR * 25)).await?,
        1,
        "what is pruned after a day"
    );
    ensure_eq!(
        accounts.remembered(ace, "old").await?,
        None,
        "an answer of more than a day ago"
    );
    ensure!(
        accounts.remembered(ace, "new").await?.is_some(),
        "an answer of less than a day ago was pruned"
    );
    Ok(Done::Passed)
}
