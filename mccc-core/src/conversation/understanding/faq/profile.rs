//! What the profile answers by itself: opening hours, where the business works, what it does.

use std::collections::HashSet;

use rust_stemmers::{Algorithm, Stemmer};

use super::super::super::reading::{Concept, Concepts, Folded, Lexicon, Text};
use super::FaqMatch;
use super::index::{Query, rounded};
use crate::business::Settings;
use crate::routing::Hours;
use crate::zone::Weekday;

/// Answers made from the profile, with what a question for them is known by.
#[derive(Debug)]
pub(super) struct ProfileAnswers {
    hours: Concept,
    area: Concept,
    services: Concept,
    services_list: Concept,
    hours_answer: String,
    area_answer: Option<String>,
    services_answer: Option<String>,
    /// Towns in lower case.
    towns: Vec<String>,
    /// The services, one by one.
    offered: Vec<Offered>,
    /// What may stand beside a question for them: days, being there.
    of_hours: Concepts,
    /// Concepts of kinds of work.
    kinds: Concepts,
    /// What is done to a thing, whatever the thing is.
    doing: Concepts,
    /// Trimming and cleaning, which who puts in new things need not do.
    upkeep: Concepts,
    /// Putting in new things.
    anew: Concepts,
    /// Asks how, how long or whether one has to, and not what is done.
    otherwise: Concepts,
}

/// A service that the profile lists.
#[derive(Debug)]
struct Offered {
    stems: HashSet<String>,
    kinds: Concepts,
    /// It is trimming or cleaning alone.
    upkeep: bool,
}

impl ProfileAnswers {
    pub(super) fn new(settings: &Settings, themes: &Lexicon) -> Self {
        let profile = &settings.profile;
        let stemmer = Stemmer::create(Algorithm::English);
        let kinds = themes.named(|name| name.starts_with("KIND_"));
        let upkeep = themes.named(|name| name == "VERB_TRIM" || name == "VERB_CLEAN");
        let places: Vec<&str> = profile
            .service_area
            .cities
            .iter()
            .chain(&profile.service_area.zips)
            .map(String::as_str)
            .collect();
        Self {
            hours: themes.concept("hours").unwrap_or(Concept::MAX),
            area: themes.concept("area").unwrap_or(Concept::MAX),
            services: themes.concept("services").unwrap_or(Concept::MAX),
            services_list: themes.concept("serviceslist").unwrap_or(Concept::MAX),
            hours_answer: hours_sentence(&settings.schedule.business_hours),
            area_answer: (!places.is_empty())
                .then(|| format!("We work in {}.", listed(&profile.service_area.cities, &places))),
            services_answer: (!profile.services.is_empty()).then(|| {
                let services: Vec<&str> = profile.services.iter().map(String::as_str).collect();
                format!("We do {}.", joined(&services))
            }),
            towns: profile.service_area.cities.iter().map(|town| plain(town)).collect(),
            offered: profile
                .services
                .iter()
                .map(|service| {
                    let folded = Folded::of(service);
                    let read = Text::of(service, &folded, themes);
                    let stems = read.tokens.iter().map(|token| stemmer.stem(token.word).into_owned());
                    Offered {
                        stems: stems.filter(|stem| !MATTERLESS.contains(&stem.as_str())).collect(),
                        kinds: read.concepts.common(kinds),
                        upkeep: read.concepts.meets(upkeep),
                    }
                })
                .collect(),
            of_hours: themes.named(|name| matches!(name, "DAYW" | "OPENW" | "PRESENTW" | "WHATTIME" | "ANYONEW")),
            kinds,
            doing: themes.named(|name| name == "JOBV" || name == "DOV"),
            upkeep,
            anew: themes.named(|name| name == "VERB_NEW"),
            otherwise: themes.named(|name| {
                matches!(
                    name,
                    "HOWQ" | "HOWLONGQ" | "HOWMANYDAYS" | "HOWOFTENQ" | "WHATTIME" | "MUST" | "HOWMUCHQ"
                )
            }),
        }
    }

    pub(super) fn answer(&self, query: &Query<'_>, asks: bool) -> Option<FaqMatch> {
        let candidates = [
            self.hours_score(query, asks)
                .map(|score| ("hours", score, Some(self.hours_answer.clone()))),
            self.area_score(query, asks)
                .map(|score| ("area", score, self.area_answer.clone())),
            self.services_score(query, asks)
                .map(|score| ("services", score, self.services_answer.clone())),
        ];
        candidates
            .into_iter()
            .flatten()
            .filter_map(|(topic, (score, words), answer)| {
                Some(FaqMatch {
                    topic: topic.to_owned(),
                    answer: answer?,
                    score: rounded(score),
                    entry: None,
                    evidence: words,
                    about_money: false,
                })
            })
            .max_by(|a, b| a.score.total_cmp(&b.score))
    }

    fn hours_score(&self, query: &Query<'_>, asks: bool) -> Option<(f32, Vec<String>)> {
        if !query.themes.has(self.hours) {
            return None;
        }
        let others = query.own_themes.len();
        let score = if self.is_plainly_about_hours(query) {
            PLAIN
        } else if asks {
            0.9 - if others > 0 { 0.2 } else { 0.0 }
        } else {
            0.6 - if others > 0 { 0.2 } else { 0.0 }
        };
        Some((score, vec!["about hours".to_owned()]))
    }

    /// "Are you open on Saturday", "hours?", and no word about anything else.
    fn is_plainly_about_hours(&self, query: &Query<'_>) -> bool {
        let mut words = query.words.iter();
        query.words.len() <= FEW_WORDS && words.all(|(_, about)| about.has(self.hours) || about.meets(self.of_hours))
    }

    fn area_score(&self, query: &Query<'_>, asks: bool) -> Option<(f32, Vec<String>)> {
        let said = plain(query.raw);
        let padded = format!(" {said} ");
        let town = self.towns.iter().find(|town| padded.contains(&format!(" {town} ")));
        let zip = said
            .split(' ')
            .find(|word| word.len() == 5 && word.bytes().all(|byte| byte.is_ascii_digit()));
        let speaks = query.themes.has(self.area);
        let place = town.map(String::as_str).or(zip);
        let score = match (speaks, place) {
            (true, Some(_)) => 0.98,
            (true, None) if names_a_place(query.raw) => 0.85,
            (true, None) => 0.55,
            (false, Some(_)) if asks && query.words.len() <= 4 => 0.8,
            // "Do you mow in Queen Creek?"
            (false, None) if query.themes.has(self.services) && works_in_a_place(query.raw) => 0.8,
            (false, _) => return None,
        };
        let others = query.own_themes.len();
        let score = score - if asks { 0.0 } else { 0.3 } - if others > 0 && place.is_none() { 0.3 } else { 0.0 };
        Some((
            score,
            vec![place.map_or_else(|| "about the area".to_owned(), str::to_owned)],
        ))
    }

    fn services_score(&self, query: &Query<'_>, asks: bool) -> Option<(f32, Vec<String>)> {
        let asks_for_all = query.themes.has(self.services_list);
        if !asks_for_all && (!query.themes.has(self.services) || query.themes.meets(self.otherwise)) {
            return None;
        }
        // What is asked for: "do you *lay* pavers" asks for pavers.
        let words: Vec<(String, Concepts)> = query
            .words
            .iter()
            .filter(|(_, about)| about.meets(self.kinds) || !about.meets(self.doing))
            .map(|(said, about)| (said.stem.clone().into_owned(), *about))
            .filter(|(stem, _)| !MATTERLESS.contains(&stem.as_str()))
            .collect();
        if words.is_empty() {
            return asks_for_all.then(|| (if asks { 0.85 } else { 0.5 }, vec!["about services".to_owned()]));
        }
        // "Do you plant trees" does not ask for tree trimming.
        let anew = query.themes.meets(self.anew) && !query.themes.meets(self.upkeep);
        let best = self
            .offered
            .iter()
            .filter(|service| !(service.stems.is_empty() || anew && service.upkeep))
            .map(|service| {
                let meant = |word: &&(String, Concepts)| word.1.meets(service.kinds) || service.stems.contains(&word.0);
                let shared = words.iter().filter(|(stem, _)| service.stems.contains(stem)).count();
                // All of the service named, and little else asked for.
                let named = if service.kinds.meets(query.themes) {
                    1.0
                } else {
                    count(shared) / count(service.stems.len())
                };
                let explained = count(words.iter().filter(meant).count()) / count(words.len());
                named * 0.58 + explained * 0.42
            })
            .fold(0.0_f32, f32::max);
        let evidence = words.into_iter().map(|(stem, _)| stem).collect();
        (best > 0.3).then_some((best * if asks { 0.95 } else { 0.6 }, evidence))
    }
}

/// The score of a question that asks for nothing but what the profile says.
pub(super) const PLAIN: f32 = 0.97;
/// More words than these tell something else as well.
const FEW_WORDS: usize = 6;

/// Words of services that say nothing about which one.
const MATTERLESS: &[&str] = &[
    "repair", "servic", "instal", "work", "clean", "fix", "and", "replac", "guy", "do", "hacen", "cleanup", "kind",
    "type", "offer", "peopl", "too", "also", "stuff", "system", "onli", "either", "regular", "hous", "home", "old",
    "new", "smart", "small", "insid", "outsid", "littl", "complet", "whole", "big", "kitchen", "bathroom", "kind",
    "ever", "tambien", "still",
];

fn count(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}

/// A capital inside the sentence after "to", "in", "near": the name of a place.
fn names_a_place(raw: &str) -> bool {
    let mut before = "";
    for word in raw.split_whitespace() {
        let leads = matches!(
            before.to_ascii_lowercase().as_str(),
            "to" | "in" | "near" | "cover" | "serve" | "service" | "hasta" | "a" | "is" | "around" | "of" | "area"
        );
        if leads && word.starts_with(char::is_uppercase) && word.len() > 2 {
            return true;
        }
        before = word;
    }
    // Typed without capitals: "do you come to plano".
    let lower = !raw.chars().any(char::is_uppercase);
    let words: Vec<&str> = raw.split_whitespace().collect();
    lower
        && words
            .windows(2)
            .last()
            .is_some_and(|pair| matches!(pair, ["to" | "in" | "near" | "hasta", place] if place.len() > 3))
}

/// "In" and a capital: where, and not what.
fn works_in_a_place(raw: &str) -> bool {
    let words: Vec<&str> = raw.split_whitespace().collect();
    words.windows(2).any(|pair| match pair {
        [before, place] => matches!(*before, "in" | "near" | "around") && place.starts_with(char::is_uppercase),
        _ => false,
    })
}

/// Lower case letters and digits with single spaces.
fn plain(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| {
            if c.is_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                ' '
            }
        })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn listed(towns: &[String], places: &[&str]) -> String {
    if towns.is_empty() {
        return joined(places);
    }
    joined(&towns.iter().map(String::as_str).collect::<Vec<_>>())
}

fn joined(parts: &[&str]) -> String {
    match parts {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

/// "Monday to Friday 8:00 AM to 6:00 PM, Saturday 9:00 AM to 1:00 PM; closed on Sunday."
fn hours_sentence(hours: &[Hours]) -> String {
    let of_day = |day: Weekday| -> String {
        let spans: Vec<String> = hours
            .iter()
            .filter(|hours| hours.day == day)
            .map(|hours| format!("{} to {}", hours.start.clock_12h(), hours.end.clock_12h()))
            .collect();
        spans.join(" and ")
    };
    let mut runs: Vec<(Weekday, Weekday, String)> = Vec::new();
    for day in Weekday::MONDAY_FIRST {
        let spans = of_day(day);
        match runs.last_mut() {
            Some((_, last, same)) if *same == spans => *last = day,
            _ => runs.push((day, day, spans)),
        }
    }
    let name = |first: Weekday, last: Weekday| {
        if first == last {
            first.name_capitalised().to_owned()
        } else {
            format!("{} to {}", first.name_capitalised(), last.name_capitalised())
        }
    };
    let (open, closed): (Vec<_>, Vec<_>) = runs.into_iter().partition(|(_, _, spans)| !spans.is_empty());
    let open: Vec<String> = open
        .iter()
        .map(|(first, last, spans)| format!("{} {spans}", name(*first, *last)))
        .collect();
    // Two days are named, more are a range.
    let closed: Vec<String> = closed
        .iter()
        .flat_map(|(first, last, _)| {
            if first.next() == *last {
                vec![name(*first, *first), name(*last, *last)]
            } else {
                vec![name(*first, *last)]
            }
        })
        .collect();
    let closed: Vec<&str> = closed.iter().map(String::as_str).collect();
    match (open.is_empty(), closed.is_empty()) {
        (true, _) => "We have no regular opening hours.".to_owned(),
        (false, true) => format!("We are open {}.", open.join(", ")),
        (false, false) => format!("We are open {}; closed on {}.", open.join(", "), joined(&closed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_said_as_people_say_them() {
        let open = |days: &[Weekday]| -> Vec<Hours> {
            let hours = days.iter().map(|day| Hours {
                day: *day,
                start: "08:00".parse().unwrap(),
                end: "17:00".parse().unwrap(),
            });
            hours.collect()
        };
        let week = Weekday::MONDAY_FIRST;
        let said = |days: &[Weekday]| hours_sentence(&open(days));
        assert_eq!(said(&week), "We are open Monday to Sunday 8:00 AM to 5:00 PM.");
        assert_eq!(
            said(&week[..5]),
            "We are open Monday to Friday 8:00 AM to 5:00 PM; closed on Saturday and Sunday."
        );
        assert_eq!(
            said(&week[..4]),
            "We are open Monday to Thursday 8:00 AM to 5:00 PM; closed on Friday to Sunday."
        );
        assert_eq!(
            said(&[week[0], week[2], week[3], week[4], week[5]]),
            "We are open Monday 8:00 AM to 5:00 PM, Wednesday to Saturday 8:00 AM to 5:00 PM; closed on Tuesday and Sunday."
        );
        assert_eq!(said(&[]), "We have no regular opening hours.");
    }
}
