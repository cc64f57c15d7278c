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
    #[serde(default = "some_zone")]
    zone: Zone,
    trade: String,
    #[serde(default)]
    owner: String,
    services: Vec<String>,
    #[serde(default)]
    service_area: ServiceArea,
    // Only what the many businesses have that are asked questions alone.
    #[serde(default)]
    cities: Vec<String>,
    #[serde(default)]
    zips: Vec<String>,
    #[serde(default = "office_hours")]
    hours: BTreeMap<Weekday, Vec<(TimeOfDay, TimeOfDay)>>,
    faq: Vec<FaqEntry>,
}

fn some_zone() -> Zone {
    "America/Chicago".parse().expect("a zone")
}

/// Hours of a business that are not told: Monday to Friday, 8 to 5.
fn office_hours() -> BTreeMap<Weekday, Vec<(TimeOfDay, TimeOfDay)>> {
    let hour = |text: &str| text.parse().expect("a time of day");
    let working = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
    ];
    working
        .into_iter()
        .map(|day| (day, vec![(hour("08:00"), hour("17:00"))]))
        .collect()
}

/// Businesses by their name in the texts: their settings and their questions.
pub(crate) type Businesses = BTreeMap<String, (Settings, FaqIndex)>;

/// The businesses that the texts go to.
pub(crate) fn businesses() -> Businesses {
    businesses_of(BUSINESSES)
}

/// The businesses of a list.
pub(crate) fn businesses_of(list: &str) -> Businesses {
    let businesses: Vec<Business> = serde_json::from_str(list).expect("the businesses are read");
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
    settings.profile.service_area.cities.extend(business.cities);
    settings.profile.service_area.zips.extend(business.zips);
    settings.schedule.business_hours = business
        .hours
        .into_iter()
        .flat_map(|(day, spans)| spans.into_iter().map(move |(start, end)| Hours { day, start, end }))
        .collect();
    settings.faq = business.faq;
    settings
}
