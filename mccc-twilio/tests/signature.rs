//! The published signature vectors of the provider's documentation and validators.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use mccc_core::Secret;
use mccc_core::port::{RawWebhook, WebhookRejection};
use mccc_twilio::SignatureValidator;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const JSON_BODY: &str = r#"{"property": "value", "boolean": true}"#;
const P5: &str = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
const P7: &str = "To=%2B18005551212&ReasonConferenceEnded=test&Reason=Participant&From=%2B14158675309&Digits=1234\
                  &Caller=%2B14158675309&CallSid=CA1234567890ABCDE";
const OLD: &str = "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212";
const DOCS: &str = "CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234&From=%2B14158675310&To=%2B18005551212";
const SPECIAL: &str = "Message=Hello+%26+goodbye%21+%40%23%24%25%5E*%28%29&From=%2B1+%28415%29+867-5309\
                       &Special=unicode%3A+%C3%B1%C3%A1%C3%A9%C3%AD%C3%B3%C3%BA";
const HASH: &str = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";

struct Vector {
    name: &'static str,
    base: &'static str,
    target: String,
    body: &'static str,
    signature: &'static str,
}

fn v(name: &'static str, base: &'static str, target: &str, body: &'static str, signature: &'static str) -> Vector {
    Vector {
        name,
        base,
        target: target.to_owned(),
        body,
        signature,
    }
}

const HOST: &str = "https://mycompany.com";
const U: &str = "/myapp.php?foo=1&bar=2";

fn genuine() -> Vec<Vector> {
    vec![
        v("base", HOST, U, P5, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        v(
            "explicit port, signed without",
            "https://mycompany.com:1234",
            U,
            P5,
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
        ),
        v("no port, signed with 443", HOST, U, P5, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        v(
            "no port, signed with 80",
            "http://mycompany.com",
            U,
            P5,
            "0ZXoZLH/DfblKGATFgpif+LLRf4=",
        ),
        v("names that are prefixes", HOST, U, P7, "vOEb5UThFn24KEfnOFLQY2AE5FY="),
        v(
            "http port, signed without",
            "http://mycompany.com:1234",
            U,
            P7,
            "n2xBNyzSW7rfYStDtOFiFMv7qNo=",
        ),
        v(
            "form of two",
            HOST,
            U,
            "property=value&boolean=true",
            "NBdBDr/T/lgjI+tlgpXjKZQZs/k=",
        ),
        v(
            "repeated fields",
            HOST,
            U,
            "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
            "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        ),
        v(
            "credentials dropped",
            "https://user:pass@mycompany.com",
            U,
            P5,
            "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=",
        ),
        v(
            "credentials kept",
            "https://user:pass@mycompany.com",
            U,
            P5,
            "CukzLTc1tT5dXEDIHm/tKBanW10=",
        ),
        v(
            "mixed-case host",
            "https://MyCompany.com",
            U,
            P5,
            "g9IN/x4Cft2g517EjYvEvM/W7LU=",
        ),
        v(
            "mixed-case host and port",
            "https://MyCompany.com:1234",
            U,
            P5,
            "PCqOZm8cnu/L6+u5i5fuEd+Iac4=",
        ),
        v("no fields", HOST, U, "", "zYQTYrRWXE7LtzbG4PfP7/bkkGo="),
        v("no query", HOST, "/myapp.php", P5, "1xaxFBvyzXYvWplzNOSs28HWO94="),
        v(
            "more query",
            HOST,
            "/myapp.php?foo=1&bar=2&type=thiswontbeusedinthesignaturegeneratorandsoshouldbeignored",
            P5,
            "hYkNsTBttoNGkyCS0p+wWmQoRTg=",
        ),
        v(
            "escaped query",
            HOST,
            "/myapp.php?foo=hello%20world&bar=test%2Bvalue",
            P5,
            "er2tvAP1Wx+iuTTE2BPgvEaN1cs=",
        ),
        v("special characters", HOST, U, SPECIAL, "dCPiR4WtQ6QFN6pJh81CtlCcWLQ="),
        v(
            "empty values",
            HOST,
            U,
            "Digits=&CallSid=CA1234567890ABCDE&EmptyParam=",
            "9HHp/OqQMEwdrVebHDdA/+tqjX8=",
        ),
        v(
            "names that differ in case",
            HOST,
            U,
            "callSid=lowercase&CallSid=uppercase&CALLSID=allcaps",
            "jDK7WKT8wiNrwggd4ceTv4e1MJ4=",
        ),
        v(
            "worked example",
            "https://example.com",
            U,
            DOCS,
            "L/OH5YylLD5NRKLltdqwSvS0BnU=",
        ),
        v(
            "old worked example",
            "http://mycompany.com",
            U,
            OLD,
            "HpS7PBa1Agvt4OtO+wZp75IuQa0=",
        ),
    ]
}

fn check(token: &str, base: &str, request: &RawWebhook<'_>) -> Result<(), WebhookRejection> {
    SignatureValidator::new(base, &[Secret::new(token)])
        .unwrap()
        .validate(request)
        .map(|_| ())
}

fn post<'a>(target: &'a str, body: &'a str, signature: &'a str) -> RawWebhook<'a> {
    RawWebhook {
        method: "POST",
        target,
        content_type: Some(FORM),
        signature: Some(signature),
        body: body.as_bytes(),
    }
}

#[test]
fn every_published_signature_is_accepted() {
    for case in genuine() {
        let result = check("12345", case.base, &post(&case.target, case.body, case.signature));
        assert_eq!(result, Ok(()), "{}", case.name);
    }
}

#[test]
fn every_published_signature_needs_its_token_and_body() {
    for case in genuine() {
        let request = post(&case.target, case.body, case.signature);
        assert_eq!(
            check("12346", case.base, &request),
            Err(WebhookRejection::Forged),
            "{}",
            case.name
        );
        let altered = format!("{}&Extra=1", case.body);
        let request = post(&case.target, &altered, case.signature);
        assert_eq!(
            check("12345", case.base, &request),
            Err(WebhookRejection::Forged),
            "{}",
            case.name
        );
        let elsewhere = format!("{}x", case.target);
        let request = post(&elsewhere, case.body, case.signature);
        assert_eq!(
            check("12345", case.base, &request),
            Err(WebhookRejection::Forged),
            "{}",
            case.name
        );
    }
}

#[test]
fn wrong_signatures_are_refused() {
    for (name, base, body, signature, expected) in [
        ("short", HOST, P5, "fake_signature", WebhookRejection::Forged),
        ("empty", HOST, P5, "", WebhookRejection::Unsigned),
        (
            "joined strings sorted",
            HOST,
            P7,
            "95+Bu0JVPi0r/SsESZCVf0dWAjw=",
            WebhookRejection::Forged,
        ),
        (
            "host lower-cased",
            "https://MyCompany.com",
            P5,
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
            WebhookRejection::Forged,
        ),
        (
            "longer than a digest",
            HOST,
            P5,
            "RSOYDt4T1cUTdK1PDd93/VVr8B8AAAAA",
            WebhookRejection::Forged,
        ),
        ("much longer", HOST, P5, &"A".repeat(4000), WebhookRejection::Forged),
        (
            "blank around",
            HOST,
            P5,
            " RSOYDt4T1cUTdK1PDd93/VVr8B8=",
            WebhookRejection::Forged,
        ),
    ] {
        assert_eq!(check("12345", base, &post(U, body, signature)), Err(expected), "{name}");
    }
    let unsigned = RawWebhook {
        signature: None,
        ..post(U, P5, "")
    };
    assert_eq!(check("12345", HOST, &unsigned), Err(WebhookRejection::Unsigned));
}

#[test]
fn a_json_body_counts_only_with_its_digest() {
    let json = |target, signature| RawWebhook {
        content_type: Some(JSON),
        ..post(target, JSON_BODY, signature)
    };
    let after = format!("{U}&bodySHA256={HASH}");
    let only = format!("/myapp.php?bodySHA256={HASH}");
    assert_eq!(
        check("12345", HOST, &json(&after, "a9nBmqA0ju/hNViExpshrM61xv4=")),
        Ok(())
    );
    assert_eq!(
        check("12345", HOST, &json(&only, "y77kIzt2vzLz71DgmJGsen2scGs=")),
        Ok(())
    );
    let forged = Err(WebhookRejection::Forged);
    assert_eq!(check("12345", HOST, &json(U, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")), forged);
    let other = RawWebhook {
        body: b"{}",
        ..json(&only, "y77kIzt2vzLz71DgmJGsen2scGs=")
    };
    assert_eq!(check("12345", HOST, &other), forged);
    let unnamed = RawWebhook {
        content_type: None,
        ..json(U, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    };
    assert_eq!(check("12345", HOST, &unnamed), forged);
}

#[test]
fn a_get_is_signed_by_its_address_and_gives_its_query() {
    for (target, signature) in [
        ("/path?test=param", "IdwMFypqvNxti3YgvWWmfcNL26M="),
        ("/path?test=param'WithQuote", "GfI7onHX/KQ2k1oVS3cUTVk4IEw="),
        ("/path?test=param%27WithQuote", "GfI7onHX/KQ2k1oVS3cUTVk4IEw="),
    ] {
        let request = RawWebhook {
            method: "GET",
            content_type: None,
            ..post(target, "", signature)
        };
        let validator = SignatureValidator::new("https://example.com", &[Secret::new("s3cr3t")]).unwrap();
        let form = validator.validate(&request).unwrap();
        assert!(form.get("test").unwrap().starts_with("param"), "{target}");
    }
}

#[test]
fn either_token_of_a_change_is_accepted() {
    let request = post(U, P5, "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    for tokens in [["old", "12345"], ["12345", "new"]] {
        let validator = SignatureValidator::new(HOST, &tokens.map(Secret::new)).unwrap();
        assert_eq!(validator.validate(&request).unwrap().get("Digits"), Some("1234"));
    }
    assert!(SignatureValidator::new(HOST, &[]).is_err());
    assert!(SignatureValidator::new(HOST, &[Secret::new("")]).is_err());
}

#[test]
fn other_methods_are_not_webhooks() {
    let request = RawWebhook {
        method: "PUT",
        ..post(U, P5, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    };
    assert_eq!(check("12345", HOST, &request), Err(WebhookRejection::Malformed));
}
