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
    let center = CommandCenter::new(
        Ports {
            store: Arc::new(MemoryStore::new(Arc::new(SystemClock), LedgerKey::new(&[7; 32]))),
            providers: Arc::clone(&host) as _,
            spool: Arc::clone(&host) as _,
            last_known: Arc::clone(&host) as _,
            clock: Arc::new(SystemClock),
            timer: Arc::new(Timer),
            entropy: Arc::clone(&host) as _,
        },
        Limits::default(),
    );

    // A business that answers every missed call by text.
    let ours = PhoneNumber::parse("+15124569999")?;
    let mut settings = Settings::new("Acme Plumbing", Zone::parse("America/Chicago")?);
    settings.schedule = Schedule::always(Method::AutoTextOnly);
    let line = OwnedLine {
        number: ours,
        kind: NumberKind::Forwarding,
        account: "mine".into(),
        provider_number: None,
    };
    center.create_business(None, settings, vec![line]).await?;

    // Its customer calls, and nobody picks up.
    let call = InboundCall {
        provider_call: "call-1".into(),
        account: "mine".into(),
        caller: CallerId::Present(PhoneNumber::parse("+15124561234")?),
        dialled: ours,
        forwarded_from: None,
        caller_name: None,
        attestation: Attestation::Passed,
    };
    let CallAnswer::Reply(heard) = center.inbound_call(Verified::by(&*host, call)).await else {
        return Err("the call was not answered".into());
    };
    host::show(&format!("the caller hears: {heard:?}"));

    // One step of a worker sends the text.
    center.work("worker-1", 10).await?;
    let texts = host.texts();
    for text in &texts {
        host::show(&format!("the caller reads: {text}"));
    }
    if texts.is_empty() {
        Err("no text was sent".into())
    } else {
        Ok(())
    }
}
