//! Who gets in, and who sees what.

use axum::http::{StatusCode, header};
use serde_json::{Value, json};

use crate::world::{PASSWORD, World, cookie_of};

/// Every operation of the document: method, path with this business, whether it needs nobody to be signed in.
fn operations(business: &str) -> Vec<(String, String, bool)> {
    let document: Value = serde_json::from_str(&mccc_server::http::api::openapi_json()).unwrap();
    let some_id = "call_01980000000070008000000000000000";
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let open = operation["security"] == json!([{}]);
            let path = path.replace("{business}", business).replace("{id}", some_id);
            found.push((method.to_uppercase(), path, open));
        }
    }
    assert!(found.len() > 40);
    found
}

#[tokio::test]
async fn nobody_sees_anything_without_signing_in() {
    let world = World::new("api-nobody").await;
    for (method, path, open) in operations(&world.business.to_string()) {
        if open {
            continue;
        }
        let answer = world.send(&method, &path, &[], None).await;
        assert_eq!(
            (answer.status, answer.code()),
            (StatusCode::UNAUTHORIZED, "sign_in_first"),
            "{method} {path}"
        );
        assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE));
    }
}

#[tokio::test]
async fn another_business_looks_as_if_it_did_not_exist() {
    let world = World::new("api-tenancy").await;
    world.person("stranger@example.com", world.other, "owner").await;
    let cookie = world.sign_in("stranger@example.com").await;
    let key = world.key("owner").await;
    let nowhere = "biz_01980000000070008000000000000000";
    for (method, path, _) in operations(&world.business.to_string()) {
        if !path.contains(&world.business.to_string()) {
            continue;
        }
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
        let theirs = world.send(&method, &path, &headers, None).await;
        assert_eq!(
            (theirs.status, theirs.code()),
            (StatusCode::NOT_FOUND, "not_found"),
            "{method} {path}"
        );
        let missing = path.replace(&world.business.to_string(), nowhere);
        assert_eq!(
            world.send(&method, &missing, &headers, None).await.text,
            theirs.text,
            "{method} {path}"
        );
        // A key opens its own business only.
        let other = path.replace(&world.business.to_string(), &world.other.to_string());
        assert_eq!(
            world.with_key(&key, &method, &other, None).await.status,
            StatusCode::NOT_FOUND,
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn a_change_from_another_site_is_refused_everywhere() {
    let world = World::new("api-csrf").await;
    world.person("owner@example.com", world.business, "owner").await;
    let cookie = world.sign_in("owner@example.com").await;
    for (method, path, _) in operations(&world.business.to_string()) {
        // The live stream changes nothing and has no end.
        if path.ends_with("/events") {
            continue;
        }
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "cross-site")];
        let answer = world.send(&method, &path, &headers, None).await;
        let refused = (answer.status, answer.code()) == (StatusCode::FORBIDDEN, "cross_site");
        assert_eq!(refused, method != "GET", "{method} {path} {}", answer.text);
    }
}

#[tokio::test]
async fn a_password_signs_in_and_signing_out_ends_the_session() {
    let world = World::new("api-session").await;
    world.person("owner@example.com", world.business, "owner").await;
    let body = json!({ "email": "OWNER@example.com", "password": PASSWORD });
    let answer = world.send("POST", "/api/v1/session", &[], Some(body)).await;
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(set.contains("; HttpOnly; SameSite=Lax; Max-Age=2592000"), "{set}");
    let cookie = cookie_of(&answer.headers);

    let session = world.send("GET", "/api/v1/session", &[("cookie", &cookie)], None).await;
    assert_eq!(session.headers[header::CACHE_CONTROL], "no-store");
    let session = session.ok();
    assert_eq!(session["user"]["email"], "owner@example.com");
    assert_eq!(session["businesses"][0]["id"], world.business.to_string());
    assert_eq!(session["businesses"][0]["role"], "owner");
    assert_eq!(session["sandbox"], true);

    let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let out = world.send("DELETE", "/api/v1/session", &headers, None).await;
    assert!(out.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    let after = world.send("GET", "/api/v1/session", &[("cookie", &cookie)], None).await;
    assert_eq!(after.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let world = World::new("api-wrong").await;
    world.person("owner@example.com", world.business, "owner").await;
    let attempt = async |email: &str| {
        let body = json!({ "email": email, "password": "wrong password" });
        world.send("POST", "/api/v1/session", &[], Some(body)).await
    };
    let (known, unknown) = (attempt("owner@example.com").await, attempt("nobody@example.com").await);
    assert_eq!(
        (known.status, known.code()),
        (StatusCode::UNAUTHORIZED, "wrong_credentials")
    );
    assert_eq!(known.text, unknown.text);
    assert!(!known.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let world = World::new("api-guess").await;
    let mut last = None;
    for _ in 0..11 {
        let body = json!({ "email": "victim@example.com", "password": "x" });
        last = Some(world.send("POST", "/api/v1/session", &[], Some(body)).await);
    }
    let last = last.unwrap();
    assert_eq!(
        (last.status, last.code()),
        (StatusCode::TOO_MANY_REQUESTS, "too_many_requests")
    );
    let wait: u64 = last.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let world = World::new("api-link").await;
    let token = world.person("owner@example.com", world.business, "owner").await;
    let looked = world.send("HEAD", &format!("/login?token={token}"), &[], None).await;
    assert!(!looked.headers.contains_key("set-cookie"), "a look signs nobody in");
    let first = world.send("GET", &format!("/login?token={token}"), &[], None).await;
    assert_eq!(
        (first.status, &first.headers[header::LOCATION]),
        (StatusCode::SEE_OTHER, &"/".parse().unwrap())
    );
    let cookie = cookie_of(&first.headers);
    world
        .send("GET", "/api/v1/session", &[("cookie", &cookie)], None)
        .await
        .ok();

    let again = world.send("GET", &format!("/login?token={token}"), &[], None).await;
    assert_eq!(again.headers[header::LOCATION], "/signin?link=expired");
    assert!(!again.headers.contains_key(header::SET_COOKIE));

    // A session is no link, and trying it as one does not end it.
    let session = cookie.split_once('=').unwrap().1;
    let as_link = world.send("GET", &format!("/login?token={session}"), &[], None).await;
    assert_eq!(as_link.headers[header::LOCATION], "/signin?link=expired");
    world
        .send("GET", "/api/v1/session", &[("cookie", &cookie)], None)
        .await
        .ok();
    // A link is no session.
    let link = world.person("owner@example.com", world.business, "owner").await;
    let as_session = world
        .send(
            "GET",
            "/api/v1/session",
            &[("cookie", &format!("mccc_session={link}"))],
            None,
        )
        .await;
    assert_eq!(as_session.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn roles_limit_what_may_be_done() {
    let world = World::new("api-roles").await;
    let (staff, csr, manager, owner) = (
        world.key("staff").await,
        world.key("csr").await,
        world.key("manager").await,
        world.key("owner").await,
    );
    let provider = json!({ "provider": "verizon" });
    let path = world.path("/forwarding/provider");
    for (key, status) in [(&staff, 403), (&csr, 403), (&manager, 200), (&owner, 200)] {
        let answer = world.with_key(key, "POST", &path, Some(provider.clone())).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    }
    let task = world.path("/tasks/task_01980000000070008000000000000000/done");
    assert_eq!(
        world.with_key(&staff, "POST", &task, None).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        world.with_key(&csr, "POST", &task, None).await.status,
        StatusCode::NOT_FOUND
    );
    for (key, status) in [(&manager, 403), (&owner, 200)] {
        assert_eq!(
            world
                .with_key(key, "GET", &world.path("/keys"), None)
                .await
                .status
                .as_u16(),
            status
        );
    }
    assert_eq!(
        world.with_key(&staff, "GET", &world.path("/calls"), None).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_key_is_shown_once_and_works_until_it_is_revoked() {
    let world = World::new("api-keys").await;
    let owner = world.key("owner").await;
    let made = world
        .with_key(
            &owner,
            "POST",
            &world.path("/keys"),
            Some(json!({ "name": "CRM", "role": "staff" })),
        )
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
    let text = made.body["key"].as_str().unwrap().to_owned();
    world.with_key(&text, "GET", &world.path("/calls"), None).await.ok();
    let listed = world.with_key(&owner, "GET", &world.path("/keys"), None).await;
    assert!(listed.text.contains("\"CRM\"") && !listed.text.contains(&text));
    let id = made.body["id"].as_str().unwrap();
    let gone = world
        .with_key(&owner, "DELETE", &world.path(&format!("/keys/{id}")), None)
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let answer = world.with_key(&text, "GET", &world.path("/calls"), None).await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::UNAUTHORIZED, "sign_in_first")
    );
}

#[tokio::test]
async fn whatever_is_refused_is_a_problem() {
    let world = World::new("api-problems").await;
    let key = world.key("owner").await;
    let bearer = format!("Bearer {key}");
    let long = format!("{{\"at\":[\"{}\"]}}", "x".repeat(300_000));
    let what_if = world.path("/routing-rules/what-if");
    let calls = world.path("/calls");
    let json_type = "application/json";
    let cases: Vec<(&str, &str, &str, String, u16, &str)> = vec![
        ("GET", "/api/v1/nothing", json_type, String::new(), 404, "not_found"),
        ("GET", "/api/v2", json_type, String::new(), 404, "not_found"),
        ("DELETE", &calls, json_type, String::new(), 405, "method_not_allowed"),
        ("POST", &what_if, json_type, "{".into(), 400, "bad_request"),
        ("POST", &what_if, json_type, "{\"when\":1}".into(), 422, "invalid"),
        ("POST", &what_if, "text/plain", "{\"at\":[]}".into(), 415, "not_json"),
        ("POST", &what_if, json_type, long, 413, "too_large"),
    ];
    for (method, path, kind, body, status, code) in cases {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", &bearer)
            .header("content-type", kind)
            .body(body.into())
            .unwrap();
        let answer = world.raw(request).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (status, code),
            "{method} {path}: {}",
            answer.text
        );
        assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(answer.body["type"], format!("/api/errors#{code}"));
        assert_eq!(answer.body["status"], status);
        assert!(answer.body["detail"].as_str().unwrap().len() > 20);
    }
    for query in [
        "limit=0",
        "limit=many",
        "from=yesterday",
        "method=fax",
        "outcome=x",
        "cursor=!!",
        "caller=me",
        "attention=maybe",
    ] {
        let answer = world.with_key(&key, "GET", &format!("{calls}?{query}"), None).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (422, "invalid"),
            "{query}: {}",
            answer.text
        );
    }
    let allow = world.with_key(&key, "DELETE", &calls, None).await;
    assert!(allow.headers[header::ALLOW].to_str().unwrap().contains("GET"));
}

#[tokio::test]
async fn the_page_of_the_documentation_runs_without_inline_script() {
    let world = World::new("api-docs").await;
    let page = world.send("GET", "/api/docs/", &[], None).await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.contains("script-src 'self'") && !policy.contains("unsafe"),
        "{policy}"
    );
    for script in page.text.split("<script").skip(1) {
        let (open, rest) = script.split_once('>').unwrap();
        assert!(
            open.contains("src=") && rest.starts_with("</script>") || rest.trim_start().starts_with("</script>"),
            "{open}"
        );
    }
    let document = world.send("GET", "/api/openapi.json", &[], None).await.ok();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(
        world
            .send("GET", "/api/errors", &[], None)
            .await
            .text
            .contains("## stale")
    );
}
