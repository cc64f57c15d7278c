//! A missed call, recovered inside somebody else's program, with everything in memory.
//!
//! The host owns the runtime, the store, the clock and the gateway; the center starts no task and reads no environment.
//! Run it: `cargo run -p embed-minimal`.

mod host;

use std::sync::Arc;

use host::{Host, SystemClock, Timer};
use mccc_core::business::{NumberKind, OwnedLine, Settings};
use mccc_core::center::{CallAnswer, CommandCenter, Limits, Ports};
use mccc_core::compliance::ledger::LedgerKey;
use mccc_core::memory::MemoryStore;
use mccc_core::port::{Attestation, InboundCall, Verified};
use mccc_core::routing::{Method, Schedule};
use mccc_core::zone::Zone;
use mccc_core::{CallerId, PhoneNumber};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let host = Arc::new(Host::default());
    let ports = Ports {
        store: Arc::new(MemoryStore::new(Arc::new(SystemClock), LedgerKey::new(&[7; 32]))),
        providers: Arc::clone(&host) as _,
        spool: Arc::clone(&host) as _,
        last_known: Arc::clone(&host) as _,
        clock: Arc::new(SystemClock),
        timer: Arc::new(Timer),
        entropy: Arc::clone(&host) as _,
    };
    let (ours, theirs) = (PhoneNumber::parse("+15124569999")?, PhoneNumber::parse("+15124561234")?);
    let line = OwnedLine {
        number: ours,
        kind: NumberKind::Forwarding,
        account: "mine".into(),
        provider_number: None,
    };
    let call = InboundCall {
        provider_call: "call-1".into(),
        account: "mine".into(),
        caller: CallerId::Present(theirs),
        dialled: ours,
        forwarded_from: None,
        caller_name: None,
        attestation: Attestation::Passed,
    };

    // The README shows what follows.
    let center = CommandCenter::new(ports, Limits::default());

    // A business that answers every missed call by text.
    let mut settings = Settings::new("Acme Plumbing", Zone::parse("America/Chicago")?);
    settings.schedule = Schedule::always(Method::AutoTextOnly);
    center.create_business(None, settings, vec![line]).await?;

    // Its customer calls, and nobody picks up. `Verified` says that the host vouches for the event.
    let CallAnswer::Reply(heard) = center.inbound_call(Verified::by(&*host, call)).await else {
        return Err("the call was not answered".into());
    };
    host::show(&format!("the caller hears: {heard:?}"));

    // One step of a worker sends the text.
    center.work("worker-1", 10).await?;
    for text in host.texts() {
        host::show(&format!("the caller reads: {text}"));
    }
    // So far the README.

    if host.texts().is_empty() {
        Err("no text was sent".into())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    /// What the README shows is what is compiled here.
    #[test]
    fn the_readme_shows_this_program() {
        let (_, shown) = include_str!("main.rs")
            .split_once("README shows what follows.\n")
            .expect("the beginning is marked");
        let (shown, _) = shown
            .split_once("    // So far the README.")
            .expect("the end is marked");
        let readme = include_str!("../../../README.md");
        for line in shown.lines().map(str::trim).filter(|line| !line.is_empty()) {
            assert!(readme.contains(line), "the README lacks: {line}");
        }
    }
}
