//! The businesses that labelled texts go to. Shared by what measures and by what learns.

use std::collections::BTreeMap;

use mccc_core::Timestamp;
use mccc_core::business::{FaqEntry, ServiceArea, Settings};
use mccc_core::conversation::understanding::FaqIndex;
use mccc_core::routing::{Hours, TimeOfDay};
use mccc_core::zone::{Weekday, Zone};
use serde::Deserialize;

const BUSINESSES: &str = include_str!("../data/understanding/businesses.json");
/// When a text arrives that says nothing about it: a Tuesday in October.
const SOME_DAY: &str = "2026-10-20T15:00:00Z";

#[derive(Debug, Deserialize)]
struct Business {
    id: String,
    name: String,
    zone: Zone,
    trade: String,
    owner: String,
    services: Vec<String>,
    service_area: ServiceArea,
    hours: BTreeMap<Weekday, Vec<(TimeOfDay, TimeOfDay)>>,
    faq: Vec<FaqEntry>,
}

/// The businesses that the texts go to, with their questions.
pub(crate) fn businesses() -> BTreeMap<String, (Settings, FaqIndex)> {
    let businesses: Vec<Business> = serde_json::from_str(BUSINESSES).expect("the businesses are read");
    businesses
        .into_iter()
        .map(|business| {
            let id = business.id.clone();
            let settings = settings(business);
            let index = FaqIndex::new(&settings);
            (id, (settings, index))
        })
        .collect()
}

/// When a text arrives that says nothing about it.
pub(crate) fn some_day() -> Timestamp {
    Timestamp::parse(SOME_DAY).expect("an instant")
}

fn settings(business: Business) -> Settings {
    let mut settings = Settings::new(business.name, business.zone);
    settings.profile.trade = business.trade;
    settings.profile.owner_name = business.owner;
    settings.profile.services = business.services;
    settings.profile.service_area = business.service_area;
    settings.schedule.business_hours = business
        .hours
        .into_iter()
        .flat_map(|(day, spans)| spans.into_iter().map(move |(start, end)| Hours { day, start, end }))
        .collect();
    settings.faq = business.faq;
    settings
}
