//! A scripted server does what it was told, seen by a client that knows nothing but sockets.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use mccc_test::scripted::{Reply, ScriptedServer};

fn connect(server: &ScriptedServer) -> TcpStream {
    let stream = TcpStream::connect(server.base_url().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// Sends one request on its own connection and reads to the end of the answer.
fn ask(server: &ScriptedServer, method: &str, target: &str, body: &str) -> String {
    let mut stream = connect(server);
    let length = body.len();
    let request = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}");
    // A server that hangs up at once may be gone before this.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn replies_come_in_order_and_then_the_standing_one() {
    let server = ScriptedServer::start().unwrap();
    server.script(
        "POST",
        "/a",
        [Reply::status(429).header("Retry-After", "2"), Reply::json(201, "{}")],
    );
    server.always("POST", "/a", Reply::text(503, "closed"));
    assert_eq!(server.unused(), 2);
    let first = ask(&server, "POST", "/a?x=1", "k=v+w");
    assert!(
        first.starts_with("HTTP/1.1 429 ") && first.contains("\r\nRetry-After: 2\r\n"),
        "{first}"
    );
    assert!(ask(&server, "POST", "/a", "").ends_with("\r\n\r\n{}"));
    for _ in 0..2 {
        assert!(ask(&server, "POST", "/a", "").starts_with("HTTP/1.1 503 "));
    }
    assert_eq!(server.unused(), 0);
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    assert_eq!(requests[0].target, "/a?x=1");
    assert_eq!(requests[0].form(), [("k".to_owned(), "v w".to_owned())]);
}

#[test]
fn what_is_not_scripted_is_refused_and_remembered() {
    let server = ScriptedServer::start().unwrap();
    server.always("GET", "/a/*", Reply::status(200));
    assert!(ask(&server, "GET", "/a/b", "").starts_with("HTTP/1.1 200 "));
    assert!(ask(&server, "GET", "/b", "").starts_with("HTTP/1.1 501 "));
    assert!(ask(&server, "PUT", "/a/b", "").starts_with("HTTP/1.1 501 "));
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn a_connection_is_used_again() {
    let server = ScriptedServer::start().unwrap();
    server.always("GET", "/", Reply::text(200, "x"));
    let mut stream = connect(&server);
    for _ in 0..3 {
        stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\nx") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
    }
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn every_kind_of_failure_looks_like_itself() {
    let server = ScriptedServer::start().unwrap();
    server.script(
        "GET",
        "/",
        [Reply::half_body(200, "0123456789"), Reply::garbage(), Reply::hang_up()],
    );
    let half = ask(&server, "GET", "/", "");
    assert!(
        half.contains("Content-Length: 10\r\n") && half.ends_with("\r\n\r\n01234"),
        "{half}"
    );
    assert!(!ask(&server, "GET", "/", "").starts_with("HTTP"));
    assert_eq!(ask(&server, "GET", "/", ""), "");
    assert_eq!(server.requests().len(), 3, "all of them took effect");
    server.hang_up_on_connect(1);
    assert_eq!(ask(&server, "GET", "/", ""), "");
    assert_eq!(server.requests().len(), 3, "this one did not");
}

#[test]
fn silence_lasts_until_the_server_goes() {
    let server = ScriptedServer::start().unwrap();
    server.always("POST", "/", Reply::silence());
    let mut stream = connect(&server);
    stream
        .write_all(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi")
        .unwrap();
    assert_eq!(server.wait_for(1, Duration::from_secs(10))[0].text(), "hi");
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let waited = stream.read(&mut [0; 1]).unwrap_err();
    assert!(
        matches!(
            waited.kind(),
            std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
        ),
        "{waited}"
    );
    drop(server);
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    assert_eq!(stream.read(&mut [0; 1]).unwrap_or(0), 0, "closed");
}

#[test]
fn a_delay_is_kept() {
    let server = ScriptedServer::start().unwrap();
    server.always("GET", "/", Reply::status(204).after(Duration::from_millis(400)));
    let mut stream = connect(&server);
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    assert!(stream.read(&mut [0; 1]).is_err(), "too early");
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 204");
}
