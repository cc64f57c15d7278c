//! The blanks a template may have, and what fills them.

use serde::{Deserialize, Serialize};

/// A `{{variable}}` of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variable {
    /// The caller's name; empty when unknown, and the greeting then does without it.
    CallerName,
    /// The name of the business.
    BusinessName,
    /// When the caller may expect a call, such as "30 minutes".
    CallbackEta,
    /// The trade, such as "plumbing".
    Trade,
    /// The next business day and time, such as "8:00 AM on Monday".
    NextOpen,
    /// The next day with a free appointment.
    NextAvailableDay,
    /// The owner's name.
    Owner,
    /// The day of the appointment.
    AppointmentDate,
    /// The time of the appointment.
    AppointmentTime,
    /// What the appointment is for, such as "drain cleaning".
    ServiceType,
    /// The address at which the appointment can be taken over into a calendar; empty where there is none.
    CalendarLink,
}

impl Variable {
    /// Every variable.
    pub const ALL: [Self; 11] = [
        Self::CallerName,
        Self::BusinessName,
        Self::CallbackEta,
        Self::Trade,
        Self::NextOpen,
        Self::NextAvailableDay,
        Self::Owner,
        Self::AppointmentDate,
        Self::AppointmentTime,
        Self::ServiceType,
        Self::CalendarLink,
    ];

    /// The name between the braces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CallerName => "caller_name",
            Self::BusinessName => "business_name",
            Self::CallbackEta => "callback_eta",
            Self::Trade => "trade",
            Self::NextOpen => "next_open",
            Self::NextAvailableDay => "next_available_day",
            Self::Owner => "owner",
            Self::AppointmentDate => "appointment_date",
            Self::AppointmentTime => "appointment_time",
            Self::ServiceType => "service_type",
            Self::CalendarLink => "calendar_link",
        }
    }

    /// Finds a variable by the name between the braces.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|variable| variable.name() == name)
    }

    /// The variable whose name is closest to a misspelt one, if any is close enough to be meant.
    #[must_use]
    pub fn nearest(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        Self::ALL
            .into_iter()
            .map(|variable| (strsim::jaro_winkler(&name, variable.name()), variable))
            .filter(|(score, _)| *score >= 0.75)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, variable)| variable)
    }

    /// The longest value that is filled in, in characters; longer ones are cut at a word.
    #[must_use]
    pub const fn max_chars(self) -> usize {
        match self {
            Self::BusinessName => 60,
            Self::CallerName | Self::CallbackEta | Self::Trade | Self::NextOpen | Self::NextAvailableDay => 30,
            Self::Owner => 30,
            Self::AppointmentDate | Self::ServiceType => 30,
            Self::AppointmentTime => 12,
            Self::CalendarLink => 120,
        }
    }

    /// A value people recognise, for previews.
    #[must_use]
    pub const fn sample(self) -> &'static str {
        match self {
            Self::CallerName => "Dana",
            Self::BusinessName => "Mike's Plumbing",
            Self::CallbackEta => "30 minutes",
            Self::Trade => "plumbing",
            Self::NextOpen => "8:00 AM on Monday",
            Self::NextAvailableDay => "Tuesday",
            Self::Owner => "Mike",
            Self::AppointmentDate => "Tuesday, March 4",
            Self::AppointmentTime => "2:00 PM",
            Self::ServiceType => "drain cleaning",
            Self::CalendarLink => "https://calls.example.com/a/AZ…Q.ics",
        }
    }

    /// What is said when the value is not known. Nothing where a guess would be a false statement.
    #[must_use]
    pub const fn fallback(self) -> Option<&'static str> {
        match self {
            Self::CallerName | Self::CalendarLink => Some(""),
            Self::CallbackEta => Some("one business day"),
            Self::Trade => Some("home service"),
            Self::NextOpen => Some("the start of our next business day"),
            Self::NextAvailableDay => Some("our next open day"),
            Self::Owner => Some("our team"),
            Self::ServiceType => Some("service"),
            Self::BusinessName | Self::AppointmentDate | Self::AppointmentTime => None,
        }
    }
}

/// The values for one text. What is not set falls back to neutral wording ([`Variable::fallback`]).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values([Option<String>; Variable::ALL.len()]);

impl Values {
    /// Values that know the business only.
    #[must_use]
    pub fn new(business_name: &str) -> Self {
        Self::default().with(Variable::BusinessName, business_name)
    }

    /// The same values with `variable` set. Control characters become spaces, runs of spaces one, braces are
    /// dropped, and text past [`Variable::max_chars`] is cut; a blank value counts as not set.
    #[must_use]
    pub fn with(mut self, variable: Variable, value: &str) -> Self {
        let clean = clean(value, variable.max_chars());
        if let Some(place) = self.0.get_mut(variable as usize) {
            *place = (!clean.is_empty()).then_some(clean);
        }
        self
    }

    /// The same values with `variable` set if there is a value.
    #[must_use]
    pub fn with_opt(self, variable: Variable, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(variable, value),
            None => self,
        }
    }

    /// The same values without `variable`.
    #[must_use]
    pub fn without(mut self, variable: Variable) -> Self {
        if let Some(place) = self.0.get_mut(variable as usize) {
            *place = None;
        }
        self
    }

    /// What to fill in, fallback included; nothing when the value is needed and missing.
    #[must_use]
    pub fn get(&self, variable: Variable) -> Option<&str> {
        self.0
            .get(variable as usize)
            .and_then(Option::as_deref)
            .or_else(|| variable.fallback())
    }

    /// Values of the greatest length that can be filled in, to find out at save time what a text can cost.
    #[must_use]
    pub fn worst_case(business_name: Option<&str>) -> Self {
        let mut values = Self::default();
        for variable in Variable::ALL {
            values = values.with(variable, &"W".repeat(variable.max_chars()));
        }
        match business_name {
            Some(name) => values.with(Variable::BusinessName, name),
            None => values,
        }
    }

    /// Values for previews.
    #[must_use]
    pub fn sample() -> Self {
        Variable::ALL.into_iter().fold(Self::default(), |values, variable| {
            values.with(variable, variable.sample())
        })
    }
}

/// One line of ordinary text, at most `max` characters, cut at a word where that loses less than half.
fn clean(value: &str, max: usize) -> String {
    let plain = super::typography::plain(value);
    let spaced: String = plain
        .chars()
        .filter(|c| !matches!(c, '{' | '}'))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max {
        return line;
    }
    let cut: String = line.chars().take(max).collect();
    match cut.rfind(' ') {
        Some(at) if at * 2 >= cut.len() => cut.get(..at).unwrap_or(&cut).to_owned(),
        Some(_) | None => cut.trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_misspellings_find_their_neighbour() {
        for variable in Variable::ALL {
            assert_eq!(Variable::from_name(variable.name()), Some(variable));
        }
        assert_eq!(Variable::nearest("bussines_name"), Some(Variable::BusinessName));
        assert_eq!(Variable::nearest("callerName"), Some(Variable::CallerName));
        assert_eq!(Variable::nearest("xyz"), None);
    }

    #[test]
    fn values_are_one_clean_bounded_line() {
        let values = Values::new("  Mike’s\nPlumbing {{owner}} ").with(Variable::CallerName, "\t \n");
        assert_eq!(values.get(Variable::BusinessName), Some("Mike's Plumbing owner"));
        assert_eq!(values.get(Variable::CallerName), Some(""));
        let long = Values::default().with(
            Variable::CallerName,
            &"Maximiliana Konstantinopolska-Esterhazy".repeat(2),
        );
        assert!(long.get(Variable::CallerName).unwrap().chars().count() <= 30);
    }

    #[test]
    fn a_missing_date_has_no_stand_in() {
        assert_eq!(Values::default().get(Variable::AppointmentDate), None);
        assert_eq!(Values::default().get(Variable::Owner), Some("our team"));
    }
}
