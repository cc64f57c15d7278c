//! Both adapters keep the contract of every calendar, against providers on the wire.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod support;

use std::sync::Arc;

use async_trait::async_trait;
use mccc_calendar::calcom::{CalcomCalendar, CalcomConfig};
use mccc_calendar::google::GoogleCalendar;
use mccc_calendar::google::connect::NEW_CALENDAR_SCOPE;
use mccc_core::port::{CalendarProvider, TimeRange};
use mccc_core::testkit::contract::calendar::{CalendarFault, CalendarHarness, Created, Entry, Held, Loss};
use mccc_core::{Secret, Timestamp};
use mccc_test::calcom::{self, WireCalcom};
use mccc_test::google::{Entered, Lost, Trouble, WireGoogle};
use support::{ALL_SCOPES, connected_with_all, limits, transport};

const KEY: &str = "cal_live_k3y-of-the-account";

const fn lost(loss: Loss) -> Lost {
    match loss {
        Loss::NoAnswer => Lost::Silence,
        Loss::ConnectionCut => Lost::HangUp,
        Loss::ServerError => Lost::ServerError,
        Loss::Garbage => Lost::Garbage,
        Loss::Nothing => Lost::Nothing,
        Loss::List => Lost::List,
        Loss::ErrorInside => Lost::ErrorInside,
    }
}

struct Google {
    wire: WireGoogle,
    calendar: Arc<GoogleCalendar>,
    secrets: Vec<String>,
}

impl Google {
    fn new() -> Self {
        let wire = WireGoogle::start().unwrap();
        let (access, refresh) = wire.grant(&ALL_SCOPES);
        let calendar = connected_with_all(&wire, (&access, &refresh));
        Self {
            wire,
            calendar: Arc::new(calendar),
            secrets: vec![access, refresh, mccc_test::google::CLIENT.1.to_owned()],
        }
    }
}

fn entered(start: String, end: String) -> Entered {
    Entered {
        start,
        end,
        status: "confirmed",
        free: false,
        declined: false,
    }
}

fn timed(range: &TimeRange) -> Entered {
    entered(range.start.to_string(), range.end.to_string())
}

#[async_trait]
impl CalendarHarness for Google {
    fn provider(&self) -> Arc<dyn CalendarProvider> {
        Arc::clone(&self.calendar) as Arc<dyn CalendarProvider>
    }

    fn booked(&self) -> String {
        WireGoogle::PRIMARY.to_owned()
    }

    fn other(&self) -> Option<String> {
        Some(WireGoogle::FAMILY.to_owned())
    }

    async fn arrange(&self, fault: CalendarFault) -> bool {
        self.wire.go_away(fault == CalendarFault::Unreachable);
        self.wire
            .set_unreadable(WireGoogle::FAMILY, fault == CalendarFault::OtherUnreadable);
        let trouble = match fault {
            CalendarFault::None | CalendarFault::Unreachable | CalendarFault::OtherUnreadable => Trouble::None,
            CalendarFault::AnswersLost(loss) => Trouble::Lose(lost(loss)),
            CalendarFault::ChangesLost(loss) => Trouble::LoseChanges(lost(loss)),
            CalendarFault::Limited { wait } => Trouble::Refuse {
                status: if wait.is_some() { 429 } else { 403 },
                reason: "rateLimitExceeded",
                wait: wait.map(|wait| wait.as_secs()),
            },
            CalendarFault::Revoked => {
                self.wire.revoke();
                Trouble::None
            }
            CalendarFault::CreationForbidden => Trouble::None,
            // Google lets events overlap.
            CalendarFault::TimeTaken => return false,
            CalendarFault::TokensForgotten => {
                self.wire.forget_sync_tokens();
                Trouble::None
            }
        };
        if fault == CalendarFault::CreationForbidden {
            self.wire.withhold(NEW_CALENDAR_SCOPE);
        } else {
            self.wire.allow(NEW_CALENDAR_SCOPE);
        }
        self.wire.set_trouble(trouble);
        true
    }

    async fn enter(&self, calendar: &str, entry: &Entry) -> Option<String> {
        let entered = match entry {
            Entry::Event(range) => timed(range),
            Entry::Tentative(range) => Entered {
                status: "tentative",
                ..timed(range)
            },
            Entry::CalledOff(range) => Entered {
                status: "cancelled",
                ..timed(range)
            },
            Entry::Declined(range) => Entered {
                declined: true,
                ..timed(range)
            },
            Entry::Free(range) => Entered {
                free: true,
                ..timed(range)
            },
            Entry::Days(first, until) => entered(first.to_string(), until.to_string()),
            Entry::FreeDays(first, until) => Entered {
                free: true,
                ..entered(first.to_string(), until.to_string())
            },
        };
        Some(self.wire.enter(calendar, &entered))
    }

    async fn drag(&self, provider_event: &str, to: TimeRange) -> bool {
        self.wire
            .drag(provider_event, &to.start.to_string(), &to.end.to_string())
    }

    async fn remove(&self, provider_event: &str) -> bool {
        self.wire.remove(provider_event)
    }

    async fn held(&self) -> Vec<Held> {
        let at = |moment: &serde_json::Value| Timestamp::parse(moment["dateTime"].as_str().unwrap()).unwrap();
        let events = self.wire.events().into_iter();
        events
            .filter_map(|wire| {
                let appointment = wire.event["extendedProperties"]["private"]["mccc_appointment"].as_str()?;
                Some(Held {
                    provider_event: wire.event["id"].as_str()?.to_owned(),
                    appointment: appointment.parse().ok(),
                    range: TimeRange {
                        start: at(&wire.event["start"]),
                        end: at(&wire.event["end"]),
                    },
                })
            })
            .collect()
    }

    async fn created(&self) -> Option<Vec<Created>> {
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let made = self.wire.created().into_iter();
        // What the contractor made by hand has no description here.
        let ours = made.filter(|row| row["description"].is_string());
        Some(
            ours.map(|row| Created {
                id: text(&row["id"]).unwrap_or_default(),
                name: text(&row["summary"]).unwrap_or_default(),
                zone: text(&row["timeZone"]),
            })
            .collect(),
        )
    }

    async fn add_calendar(&self, name: &str) -> Option<String> {
        Some(self.wire.add_calendar(name))
    }

    async fn channels(&self) -> Option<Vec<String>> {
        Some(self.wire.channels())
    }

    fn secrets(&self) -> Vec<String> {
        self.secrets.clone()
    }
}

struct Calcom {
    wire: WireCalcom,
    calendar: Arc<CalcomCalendar>,
}

impl Calcom {
    fn new() -> Self {
        let wire = WireCalcom::start(KEY, 77).unwrap();
        let mut config = CalcomConfig::new(Secret::new(KEY), 77);
        config.api_base_url = wire.base_url();
        Self {
            wire,
            calendar: Arc::new(CalcomCalendar::new(config, transport(limits())).unwrap()),
        }
    }
}

fn jiff(at: Timestamp) -> jiff::Timestamp {
    at.to_jiff()
}

#[async_trait]
impl CalendarHarness for Calcom {
    fn provider(&self) -> Arc<dyn CalendarProvider> {
        Arc::clone(&self.calendar) as Arc<dyn CalendarProvider>
    }

    fn booked(&self) -> String {
        "77".to_owned()
    }

    async fn arrange(&self, fault: CalendarFault) -> bool {
        self.wire.go_away(fault == CalendarFault::Unreachable);
        let trouble = match fault {
            CalendarFault::None | CalendarFault::Unreachable => calcom::Trouble::None,
            CalendarFault::AnswersLost(loss) => calcom::Trouble::Lose(lost(loss)),
            CalendarFault::ChangesLost(loss) => calcom::Trouble::LoseChanges(lost(loss)),
            CalendarFault::Limited { wait } => calcom::Trouble::Refuse {
                status: 429,
                message: "ThrottlerException: Too Many Requests",
                wait: wait.map(|wait| wait.as_secs()),
            },
            CalendarFault::Revoked => calcom::Trouble::Refuse {
                status: 401,
                message: "Invalid API key",
                wait: None,
            },
            CalendarFault::TimeTaken => calcom::Trouble::Taken,
            CalendarFault::OtherUnreadable | CalendarFault::CreationForbidden | CalendarFault::TokensForgotten => {
                return false;
            }
        };
        self.wire.set_trouble(trouble);
        true
    }

    async fn enter(&self, _: &str, entry: &Entry) -> Option<String> {
        let Entry::Event(range) = entry else { return None };
        self.wire.enter(jiff(range.start), jiff(range.end));
        Some("entry".to_owned())
    }

    async fn drag(&self, provider_event: &str, to: TimeRange) -> bool {
        self.wire.drag(provider_event, jiff(to.start))
    }

    async fn remove(&self, provider_event: &str) -> bool {
        self.wire.cancel(provider_event)
    }

    async fn held(&self) -> Vec<Held> {
        let bookings = self.wire.bookings().into_iter();
        bookings
            .map(|booking| Held {
                appointment: booking.metadata["mccc_appointment"]
                    .as_str()
                    .and_then(|text| text.parse().ok()),
                range: TimeRange {
                    start: booking.start.into(),
                    end: booking.end.into(),
                },
                provider_event: booking.uid,
            })
            .collect()
    }

    fn secrets(&self) -> Vec<String> {
        vec![KEY.to_owned()]
    }
}

mod google {
    use super::Google;

    mccc_core::calendar_contract!(Google::new());
}

mod calcom_account {
    use super::Calcom;

    mccc_core::calendar_contract!(Calcom::new());
}
