//! How many signed webhooks per second one thread can check, beside the least that any correct check has to do:
//! decode the form, sort it, one HMAC.
//!
//! `cargo run --release -p mccc-twilio --example sig_bench -- --file signed.tsv --url https://host/path --token TOKEN`
//! where each line of the file is a signature, a tab and a form body. Prints one line of JSON: checks per second.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measuring program"
)]
#![allow(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    reason = "a measuring program"
)]

use std::borrow::Cow;
use std::hint::black_box;
use std::time::Instant;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mccc_core::Secret;
use mccc_core::port::RawWebhook;
use mccc_twilio::SignatureValidator;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let file = argument("--file", "signed.tsv");
    let token = argument("--token", "0123456789abcdef0123456789abcdef");
    let url = argument("--url", "https://mccc.example.test/twilio/voice");
    let rounds: usize = argument("--n", "200000").parse().unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    let requests: Vec<(&str, &str)> = text
        .lines()
        .take(5000)
        .map(|line| line.split_once('\t').unwrap())
        .collect();
    let path = url
        .find("://")
        .and_then(|at| url[at + 3..].find('/').map(|slash| at + 3 + slash))
        .unwrap();
    let (base, target) = url.split_at(path);

    let validator = SignatureValidator::new(base, &[Secret::new(token.clone())]).unwrap();
    let ours = |(signature, body): (&str, &str)| {
        let request = RawWebhook {
            method: "POST",
            target,
            content_type: Some("application/x-www-form-urlencoded"),
            signature: Some(signature),
            body: body.as_bytes(),
        };
        validator
            .validate(&request)
            .is_ok_and(|form| form.get("CallSid").is_some())
    };
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    let least = |(signature, body): (&str, &str)| least_work(&key, &url, body.as_bytes(), signature);

    // Alternating rounds, the best of each: a neighbour on the machine disturbs both alike.
    let (mut best_ours, mut best_least) = (0.0_f64, 0.0_f64);
    for _ in 0..5 {
        best_least = best_least.max(per_second(&requests, rounds, least));
        best_ours = best_ours.max(per_second(&requests, rounds, ours));
    }
    println!("{{\"mccc\":{best_ours:.0},\"parse_sort_hmac_aws_lc\":{best_least:.0}}}");
}

fn per_second(requests: &[(&str, &str)], rounds: usize, check: impl Fn((&str, &str)) -> bool) -> f64 {
    let start = Instant::now();
    let accepted = (0..rounds)
        .filter(|i| black_box(check(requests[i % requests.len()])))
        .count();
    let elapsed = start.elapsed().as_secs_f64();
    assert_eq!(accepted, rounds, "every request is genuine");
    rounds as f64 / elapsed
}

fn least_work(key: &hmac::Key, url: &str, body: &[u8], signature: &str) -> bool {
    let mut expected = [0; 32];
    let Ok(len) = STANDARD.decode_slice(signature, &mut expected) else {
        return false;
    };
    let mut fields: Vec<(Cow<'_, str>, Cow<'_, str>)> = form_urlencoded::parse(body).collect();
    fields.sort_unstable();
    let mut message = Vec::with_capacity(1024);
    message.extend_from_slice(url.as_bytes());
    for (name, value) in &fields {
        message.extend_from_slice(name.as_bytes());
        message.extend_from_slice(value.as_bytes());
    }
    hmac::verify(key, &message, &expected[..len]).is_ok()
}

fn argument(name: &str, default: &str) -> String {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1).unwrap_or_else(|| default.to_owned())
}
