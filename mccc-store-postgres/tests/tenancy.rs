//! A tenant sees only its own, even where a condition was forgotten.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod common;

use common::{KEY, LOGIN, World, business, feed, phone};
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::port::Store as _;
use mccc_core::port::store::{Change, CommitError, ConsentChange, Guard, StoreError};
use mccc_store_postgres::{ConnectError, INSTALLATION_FUNCTIONS, PostgresOptions, PostgresStore, migrate};
use mccc_test::postgres_or_skip;

/// What the server's login says as the server's role, with these businesses named.
fn as_server(world: &World, businesses: &str, sql: &str) -> Result<String, mccc_test::postgres::PgError> {
    world.database.sql_as(
        LOGIN,
        &format!("set role mccc_app; set mccc.businesses = '{businesses}'; set search_path = mccc; {sql}"),
    )
}

/// Two businesses, each with a row in every table that a call and an opt-out reach.
async fn two_tenants(world: &World) -> [String; 2] {
    for (name, number) in [("ace", 1), ("best", 2)] {
        let id = world.open_business(name, number).await;
        world.insert_call(id, 1, 100 + number).await;
        let out = Change::Consent(ConsentChange::OptOut {
            phone: phone(200 + number),
            keyword: "stop".to_owned(),
        });
        world.store.commit(world.commit(id, vec![out])).await.unwrap();
    }
    ["ace", "best"].map(|name| business(name).uuid().to_string())
}

#[tokio::test]
async fn a_forgotten_condition_finds_nothing_of_anybody_else() {
    let world = World::new(postgres_or_skip!()).await;
    let [ace, best] = two_tenants(&world).await;
    // First of all: the statements below really run as the narrow role.
    let who = as_server(
        &world,
        "",
        "select current_user, rolsuper, rolbypassrls from pg_roles where rolname = current_user",
    );
    assert_eq!(who.unwrap().lines().last(), Some("mccc_app|f|f"));
    let tables = world
        .database
        .sql("select relname from pg_class where relnamespace = 'mccc'::regnamespace and relrowsecurity order by 1")
        .unwrap();
    let tables: Vec<&str> = tables.lines().collect();
    assert!(tables.contains(&"missed_calls") && tables.len() >= 17, "{tables:?}");
    for table in tables {
        let count = |businesses: &str| {
            let said = as_server(&world, businesses, &format!("select count(*) from {table}")).unwrap();
            said.lines().last().unwrap().parse::<u32>().unwrap()
        };
        assert_eq!(count(""), 0, "{table}");
        assert_eq!(count(&format!("{{{}}}", business("nobody").uuid())), 0, "{table}");
        let foreign = format!("select count(*) from {table} where business_id <> '{ace}'");
        let said = as_server(&world, &format!("{{{ace}}}"), &foreign).unwrap();
        assert_eq!(said.lines().last(), Some("0"), "{table}");
        // Together the two see what there is: nothing above was empty by itself.
        let all = world
            .database
            .sql(&format!("select count(*) from mccc.{table}"))
            .unwrap();
        assert_eq!(count(&format!("{{{ace},{best}}}")).to_string(), all, "{table}");
    }
    let seen = as_server(&world, &format!("{{{ace}}}"), "select count(*) from missed_calls").unwrap();
    assert_eq!(seen.lines().last(), Some("1"));
    // Nor can a row be given to somebody else.
    let smuggle = format!("update missed_calls set business_id = '{best}'");
    assert!(as_server(&world, &format!("{{{ace}}}"), &smuggle).is_err());
    let plant = format!("insert into secrets values ('{best}', 'token', 'x')");
    assert!(as_server(&world, &format!("{{{ace}}}"), &plant).is_err());
}

#[tokio::test]
async fn what_crosses_tenants_is_a_closed_list() {
    let world = World::new(postgres_or_skip!()).await;
    let listed = world
        .database
        .sql("select proname from pg_proc where pronamespace = 'mccc'::regnamespace and prosecdef order by 1")
        .unwrap();
    assert_eq!(listed.lines().collect::<Vec<_>>(), INSTALLATION_FUNCTIONS);
    let unpinned = "select proname from pg_proc where pronamespace = 'mccc'::regnamespace and prosecdef \
        and proconfig is distinct from array['search_path=mccc, pg_temp']";
    assert_eq!(world.database.sql(unpinned).unwrap(), "");
    let public = "select proname from pg_proc p, aclexplode(proacl) a \
        where pronamespace = 'mccc'::regnamespace and a.grantee = 0";
    assert_eq!(world.database.sql(public).unwrap(), "");
    // A table either forces its policy or is out of the role's reach.
    let open = "select relname from pg_class where relnamespace = 'mccc'::regnamespace and relkind in ('r', 'p', 'v') \
        and not (relrowsecurity and relforcerowsecurity) and relname <> 'mccc_migrations' \
        and has_table_privilege('mccc_app', oid, 'select, insert, update, delete, truncate, references, trigger')";
    assert_eq!(world.database.sql(open).unwrap(), "");
    let loose = "select tablename from pg_policies where schemaname = 'mccc' and \
        qual not like '(array_position(%current_setting(''mccc.businesses''%, business_id) IS NOT NULL)'";
    assert_eq!(world.database.sql(loose).unwrap(), "");
    assert!(as_server(&world, "", "select * from jobs").is_err());
    assert!(as_server(&world, "", "select * from users").is_err());
}

#[tokio::test]
async fn an_installation_function_acts_for_named_businesses_only() {
    let world = World::new(postgres_or_skip!()).await;
    let [ace, best] = two_tenants(&world).await;
    let enqueue = |business: &str| {
        format!(
            "select enqueue_jobs(array['{business}'::uuid], array[gen_random_uuid()], array['auto_text'], \
             array[null::text], array['{{}}'], array[now()], array['x'])"
        )
    };
    // The other way in compares the list of businesses as a whole before it takes it apart.
    let enqueue_new = |business: &str| {
        format!(
            "select enqueue_new_jobs(array['{business}'::uuid], \
             array[row(1, gen_random_uuid(), now(), 'auto_text', null, 'y', '{{}}')::new_job], false)"
        )
    };
    as_server(&world, &format!("{{{ace}}}"), &enqueue(&ace)).unwrap();
    as_server(&world, &format!("{{{ace}}}"), &enqueue_new(&ace)).unwrap();
    as_server(&world, &format!("{{{ace},{best}}}"), &enqueue_new(&best)).unwrap();
    for sql in [
        enqueue(&best),
        enqueue_new(&best),
        format!("select phones_of('{best}')"),
        format!("select suppress('{best}', '+15125550100', now())"),
        format!("select remove_phone('{best}', '+15125550002')"),
        format!("select cancel_jobs('{best}', '+15125550102', array['auto_text'])"),
    ] {
        let error = as_server(&world, &format!("{{{ace}}}"), &sql).unwrap_err().to_string();
        assert!(error.contains("does not name this business"), "{error}");
    }
    assert!(world.store.owner_of(&phone(2)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_row_of_another_business_is_refused_before_it_is_sent() {
    let world = World::new(postgres_or_skip!()).await;
    two_tenants(&world).await;
    let mut commit = world.intake(business("best"), 7, 107).await;
    commit.business = business("ace");
    for grouping in [
        mccc_core::port::store::Grouping::Intake,
        mccc_core::port::store::Grouping::Alone,
    ] {
        commit.grouping = grouping;
        let refused = world.store.commit(commit.clone()).await.unwrap_err();
        assert!(
            matches!(refused, CommitError::Unavailable(StoreError::Corrupt("commit", _))),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn the_store_does_not_start_as_a_role_that_bypasses_the_policies() {
    let world = World::new(postgres_or_skip!()).await;
    let start = async |role: &str| {
        let options = PostgresOptions {
            role: role.to_owned(),
            ..PostgresOptions::default()
        };
        PostgresStore::connect(&world.database.url(), LedgerKey::new(&KEY), options)
            .await
            .map(drop)
            .unwrap_err()
    };
    world
        .database
        .sql(
            "create role tenancy_super superuser; create role tenancy_bypass bypassrls; create role tenancy_owner; \
             create role tenancy_narrow; grant usage on schema mccc to tenancy_bypass, tenancy_owner; \
             alter table mccc.contacts owner to tenancy_owner",
        )
        .unwrap();
    for (role, why) in [
        ("tenancy_super", "is a superuser"),
        ("tenancy_bypass", "has BYPASSRLS"),
        ("tenancy_owner", "owns the tables"),
    ] {
        let refused = start(role).await;
        assert!(
            matches!(&refused, ConnectError::WouldBypass(said) if *said == why),
            "{role}: {refused:?}"
        );
    }
    assert!(matches!(start("tenancy_missing").await, ConnectError::RoleRefused(_)));
    assert!(matches!(start("tenancy_narrow").await, ConnectError::NotMigrated(_)));
    // A login without the role cannot start either.
    let stranger = world.database.url_as("tenancy_stranger").unwrap();
    let refused = PostgresStore::connect(&stranger, LedgerKey::new(&KEY), PostgresOptions::default()).await;
    assert!(matches!(refused, Err(ConnectError::RoleRefused(_))), "{refused:?}");
    // Neither when a table stopped forcing its policy.
    world
        .database
        .sql("alter table mccc.contacts owner to current_user; alter table mccc.contacts no force row level security")
        .unwrap();
    assert!(matches!(start("mccc_app").await, ConnectError::WouldBypass(_)));
    world
        .database
        .sql("drop owned by tenancy_bypass, tenancy_owner; drop role tenancy_super, tenancy_bypass, tenancy_owner, tenancy_narrow")
        .unwrap();
}

#[tokio::test]
async fn an_owner_without_special_rights_can_make_and_serve_a_schema() {
    let pg = postgres_or_skip!();
    let database = pg.create_database().unwrap();
    let url = database.url_as("tenancy_plain_owner").unwrap();
    database
        .sql(&format!(
            "alter role tenancy_plain_owner createrole; grant create on database \"{}\" to tenancy_plain_owner",
            database.name()
        ))
        .unwrap();
    let options = PostgresOptions {
        schema: "calls".to_owned(),
        role: "tenancy_plain_app".to_owned(),
        ..PostgresOptions::default()
    };
    migrate(&url, &options).await.unwrap();
    let store = PostgresStore::connect(&url, LedgerKey::new(&KEY), options)
        .await
        .unwrap();
    let at = mccc_core::Timestamp::from_seconds(1_790_000_000);
    let id = business("plain");
    common::open_business(&store, id, phone(1), at).await;
    // The functions run with the owner's rights, whom the policies bind too.
    assert_eq!(store.owner_of(&phone(1)).await.unwrap().unwrap().business, id);
    let commit = common::intake_commit(&store, id, "CA1", phone(100), at).await;
    store.commit(commit).await.unwrap();
    let mut guarded = mccc_core::port::store::Commit::new(id, at);
    guarded.guards = vec![Guard::NotOptedOut { phone: phone(100) }];
    guarded.changes = vec![feed(at, "ok")];
    store.commit(guarded).await.unwrap();
    assert_eq!(store.feed(id, 0, 10).await.unwrap().len(), 2);
    store.close().await;
    drop(database);
}
