//! Texts with `{{variables}}`.
//!
//! The language is exactly that: plain text and `{{name}}`. There are no conditions, filters, loops or comments, so a
//! text a contractor saved cannot fail, run long or say something unexpected when it is sent.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::kind::TemplateKind;
use super::variable::{Values, Variable};
use super::{defaults, first_text, segments, typography};

/// A parsed template. Equal templates have equal source text. Cheap to clone, and a built-in wording is kept once for all
/// businesses that use it.
#[derive(Clone, PartialEq, Eq)]
pub struct Template(Arc<Parsed>);

#[derive(PartialEq, Eq)]
struct Parsed {
    source: Box<str>,
    parts: Box<[Part]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// Where in the source.
    Text(Range<usize>),
    Blank(Variable),
}

/// How long a text may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Greatest number of characters.
    pub characters: usize,
    /// Greatest number of billed segments.
    pub segments: usize,
}

impl Limits {
    /// For everything we compose: 480 characters and 3 segments, whichever is reached first.
    pub const TEMPLATE: Self = Self {
        characters: 480,
        segments: 3,
    };
    /// For what a person writes in a thread: the provider's own limit of 1600 characters.
    pub const MANUAL: Self = Self {
        characters: 1600,
        segments: 11,
    };

    /// Whether `text` is within both limits.
    #[must_use]
    pub fn admit(self, text: &str) -> bool {
        let counted = segments::count(text);
        counted.characters <= self.characters && counted.segments <= self.segments
    }
}

/// Why a template cannot be saved. Each message says what to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateProblem {
    /// Nothing to say.
    #[error("the text is empty")]
    Empty,
    /// `{%` or `{#`.
    #[error("only {{{{variables}}}} are possible; remove `{{%` and `{{#`")]
    Logic,
    /// `{{` without `}}`, or `}}` alone.
    #[error("a variable is written {{{{like_this}}}}; one pair of braces is not complete")]
    Braces,
    /// A name that is no variable.
    #[error("`{{{{{name}}}}}` is not a variable{}", suggestion(.nearest))]
    UnknownVariable {
        /// The name as written, shortened.
        name: String,
        /// What was probably meant.
        nearest: Option<Variable>,
    },
    /// A variable whose value is not known when a text of this kind is made.
    #[error("`{{{{{}}}}}` is not known when this text is sent; take it out", .0.name())]
    NeverKnown(Variable),
    /// The business is not named.
    #[error("the text must contain {{{{business_name}}}}, so that the caller knows who writes")]
    NoBusinessName,
    /// More than 480 characters, with the longest values filled in.
    #[error("{characters} characters with the longest values filled in; the limit is {limit}")]
    TooManyCharacters {
        /// Characters counted.
        characters: usize,
        /// Characters allowed.
        limit: usize,
    },
    /// More than 3 segments, with the longest values filled in.
    #[error(
        "{segments} segments with the longest values filled in; the limit is {limit}{}",
        shortened_by(.first_non_gsm)
    )]
    TooManySegments {
        /// Segments counted.
        segments: usize,
        /// Segments allowed.
        limit: usize,
        /// The character that makes segments shorter, if there is one.
        first_non_gsm: Option<char>,
    },
}

fn suggestion(nearest: &Option<Variable>) -> String {
    nearest.map_or_else(String::new, |v| format!("; did you mean `{{{{{}}}}}`?", v.name()))
}

fn shortened_by(first: &Option<char>) -> String {
    first.map_or_else(String::new, |c| {
        format!("; because of `{c}` a segment holds 67 characters instead of 153")
    })
}

/// Why a text could not be made from a saved template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A value that nothing can stand in for is missing.
    #[error("no value for {{{{{}}}}}", .0.name())]
    Missing(Variable),
    /// Over the limits even without the caller's name.
    #[error("the text is longer than the limits allow")]
    TooLong,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// The first [`TemplateProblem`] of the wording itself; lengths are [`Template::check`]'s.
    pub fn parse(source: &str) -> Result<Self, TemplateProblem> {
        match defaults::shared(source) {
            Some(shared) => Ok(shared.clone()),
            None => Self::read(source),
        }
    }

    /// Reads a template that is shared with nobody.
    pub(super) fn read(source: &str) -> Result<Self, TemplateProblem> {
        if source.trim().is_empty() {
            return Err(TemplateProblem::Empty);
        }
        if source.contains("{%") || source.contains("{#") {
            return Err(TemplateProblem::Logic);
        }
        let mut parts = Vec::new();
        let mut rest = source;
        while let Some((text, after)) = rest.split_once("{{") {
            push_text(&mut parts, text, source.len() - rest.len())?;
            let (name, tail) = after.split_once("}}").ok_or(TemplateProblem::Braces)?;
            let name = name.trim();
            let variable = Variable::from_name(name).ok_or_else(|| TemplateProblem::UnknownVariable {
                name: name.chars().take(40).collect(),
                nearest: Variable::nearest(name),
            })?;
            parts.push(Part::Blank(variable));
            rest = tail;
        }
        push_text(&mut parts, rest, source.len() - rest.len())?;
        Ok(Self(Arc::new(Parsed {
            source: source.into(),
            parts: parts.into(),
        })))
    }

    /// Everything that stands against saving `source` as a template of `kind`; empty when it is fine. Lengths are
    /// measured with the longest values (the given business name, or the longest possible one) and with the opt-out
    /// line where the first text of a thread gets it.
    #[must_use]
    pub fn check(source: &str, kind: TemplateKind, business_name: Option<&str>) -> Vec<TemplateProblem> {
        let template = match Self::parse(source) {
            Ok(template) => template,
            Err(problem) => return vec![problem],
        };
        let mut problems: Vec<_> = template
            .variables()
            .into_iter()
            .filter(|variable| !kind.variables().contains(variable))
            .map(TemplateProblem::NeverKnown)
            .collect();
        if kind.needs_business_name() && !template.uses(Variable::BusinessName) {
            problems.push(TemplateProblem::NoBusinessName);
        }
        let values = Values::worst_case(business_name);
        let worst = template.fill(&values).unwrap_or_default();
        let worst = if kind.may_open_thread() {
            first_text::complete(&worst, values.get(Variable::BusinessName).unwrap_or_default())
        } else {
            worst
        };
        let counted = segments::count(&worst);
        let characters = counted.characters.max(source.chars().count());
        let limits = Limits::TEMPLATE;
        if characters > limits.characters {
            problems.push(TemplateProblem::TooManyCharacters {
                characters,
                limit: limits.characters,
            });
        }
        if counted.segments > limits.segments {
            problems.push(TemplateProblem::TooManySegments {
                segments: counted.segments,
                limit: limits.segments,
                first_non_gsm: counted.first_non_gsm,
            });
        }
        problems
    }

    /// The text as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Whether `variable` occurs.
    #[must_use]
    pub fn uses(&self, variable: Variable) -> bool {
        self.0.parts.contains(&Part::Blank(variable))
    }

    /// The variables that occur, each once, in order of appearance.
    #[must_use]
    pub fn variables(&self) -> Vec<Variable> {
        let mut seen = Vec::new();
        for part in &*self.0.parts {
            if let Part::Blank(variable) = part
                && !seen.contains(variable)
            {
                seen.push(*variable);
            }
        }
        seen
    }

    /// The text for these values, within [`Limits::TEMPLATE`]; the caller's name is given up before the limit is.
    ///
    /// # Errors
    /// [`RenderError`] when a needed value is missing or nothing makes the text short enough.
    pub fn render(&self, values: &Values) -> Result<String, RenderError> {
        self.render_with(values, str::to_owned)
    }

    /// Like [`Template::render`], as the first text of a thread: names the business and says how to opt out.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn render_first(&self, values: &Values) -> Result<String, RenderError> {
        let business = values
            .get(Variable::BusinessName)
            .ok_or(RenderError::Missing(Variable::BusinessName))?;
        self.render_with(values, |text| first_text::complete(text, business))
    }

    fn render_with(&self, values: &Values, finish: impl Fn(&str) -> String) -> Result<String, RenderError> {
        let text = finish(&self.fill(values)?);
        if Limits::TEMPLATE.admit(&text) {
            return Ok(text);
        }
        let shorter = finish(&self.fill(&values.clone().without(Variable::CallerName))?);
        if Limits::TEMPLATE.admit(&shorter) {
            Ok(shorter)
        } else {
            Err(RenderError::TooLong)
        }
    }

    /// The text for these values, whatever its length; nothing when a needed value is missing.
    #[must_use]
    pub fn filled(&self, values: &Values) -> Option<String> {
        self.fill(values).ok()
    }

    /// Fills every blank once; a value that contains braces is not read again.
    fn fill(&self, values: &Values) -> Result<String, RenderError> {
        let mut out = String::with_capacity(self.0.source.len() + 40);
        let mut gap = false;
        for part in &*self.0.parts {
            let piece = match part {
                Part::Text(at) => typography::plain(self.0.source.get(at.clone()).unwrap_or_default()),
                Part::Blank(variable) => values.get(*variable).ok_or(RenderError::Missing(*variable))?.to_owned(),
            };
            if piece.is_empty() {
                gap = true;
            } else if gap {
                close_gap(&mut out, &piece);
                gap = false;
            } else {
                out.push_str(&piece);
            }
        }
        Ok(out.trim().to_owned())
    }
}

/// Joins `next` to `out` where a blank in between stayed empty: no doubled space, no space before punctuation, and a
/// sentence that would start with the leftover comma starts with its first word instead.
fn close_gap(out: &mut String, next: &str) {
    let starts_sentence = out
        .trim_end()
        .chars()
        .next_back()
        .is_none_or(|c| matches!(c, '.' | '!' | '?' | ':'))
        || out.ends_with('\n');
    if starts_sentence {
        let rest = next.trim_start_matches([',', ';', '-', ' ']);
        let mut letters = rest.chars();
        if let Some(first) = letters.next() {
            out.extend(first.to_uppercase());
            out.push_str(letters.as_str());
        }
        return;
    }
    let spaced = out.ends_with(' ');
    let glued = next.starts_with([',', '.', '!', '?', ';', ':', ' ', '\n']);
    if spaced && glued {
        out.truncate(out.trim_end_matches(' ').len());
    }
    out.push_str(next);
}

/// Adds the text between two blanks, which begins at `first`.
fn push_text(parts: &mut Vec<Part>, text: &str, first: usize) -> Result<(), TemplateProblem> {
    if text.contains("}}") {
        return Err(TemplateProblem::Braces);
    }
    if !text.is_empty() {
        parts.push(Part::Text(first..first + text.len()));
    }
    Ok(())
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Template").field(&self.0.source).finish()
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.source)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&source).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(source: &str, values: &Values) -> String {
        Template::parse(source).unwrap().render(values).unwrap()
    }

    #[test]
    fn a_built_in_wording_is_kept_once_and_another_is_not_mixed_up_with_it() {
        let shared = defaults::PRESETS.first().unwrap().text;
        let (one, other) = (Template::parse(shared).unwrap(), Template::parse(shared).unwrap());
        assert!(Arc::ptr_eq(&one.0, &other.0));
        let edited = format!("{shared} Thanks.");
        let edited = (Template::parse(&edited).unwrap(), Template::parse(&edited).unwrap());
        assert!(!Arc::ptr_eq(&edited.0.0, &edited.1.0));
        assert_eq!(edited.0, edited.1);
        assert_ne!(edited.0, one);
    }

    #[test]
    fn an_unknown_name_leaves_no_trace() {
        let values = Values::new("Acme");
        for (source, expected) in [
            ("Hi {{caller_name}}, thanks!", "Hi, thanks!"),
            ("Hi {{ caller_name }}! It's us.", "Hi! It's us."),
            ("Hi {{caller_name}} and welcome", "Hi and welcome"),
            ("{{caller_name}}, thanks for calling.", "Thanks for calling."),
            ("Sorry! {{caller_name}}, we missed you.", "Sorry! We missed you."),
            ("Thanks {{caller_name}}", "Thanks"),
            ("Hi {{caller_name}}friend", "Hi friend"),
            ("Hi {{caller_name}}.", "Hi."),
            ("Line\n{{caller_name}}, hello", "Line\nHello"),
        ] {
            assert_eq!(render(source, &values), expected, "{source}");
        }
        assert_eq!(
            render(
                "Hi {{caller_name}}, thanks!",
                &values.with(Variable::CallerName, "Dana")
            ),
            "Hi Dana, thanks!"
        );
    }

    #[test]
    fn mistakes_are_refused_when_saved() {
        use TemplateProblem as P;
        let check = |source: &str| Template::check(source, TemplateKind::AutoText, Some("Acme"));
        assert_eq!(check("{{business_name}} missed you"), vec![]);
        assert_eq!(check("   "), vec![P::Empty]);
        assert_eq!(check("{% if x %}{{business_name}}"), vec![P::Logic]);
        assert_eq!(check("{# note #}{{business_name}}"), vec![P::Logic]);
        assert_eq!(check("{{business_name"), vec![P::Braces]);
        assert_eq!(check("business_name}}"), vec![P::Braces]);
        assert_eq!(check("We missed you"), vec![P::NoBusinessName]);
        assert_eq!(
            check("{{busness_name}}"),
            vec![P::UnknownVariable {
                name: "busness_name".to_owned(),
                nearest: Some(Variable::BusinessName),
            }]
        );
        assert!(
            check("{{busness_name}}").iter().any(|p| {
                p.to_string() == "`{{busness_name}}` is not a variable; did you mean `{{business_name}}`?"
            })
        );
        assert!(matches!(
            check("{{ 7*7 }} {{business_name}}").as_slice(),
            [P::UnknownVariable { .. }]
        ));
        assert_eq!(Template::check("On my way", TemplateKind::Manual, Some("Acme")), vec![]);
    }

    #[test]
    fn a_variable_that_is_never_known_is_refused_by_its_name() {
        let check = |source: &str, kind| Template::check(source, kind, Some("Acme"));
        let dated = "{{business_name}}: see you on {{appointment_date}}";
        assert_eq!(check(dated, TemplateKind::AppointmentReminder), vec![]);
        let refused = check(dated, TemplateKind::AutoText);
        assert_eq!(refused, vec![TemplateProblem::NeverKnown(Variable::AppointmentDate)]);
        assert_eq!(
            refused[0].to_string(),
            "`{{appointment_date}}` is not known when this text is sent; take it out"
        );
        assert_eq!(
            check("{{business_name}}, {{caller_name}}", TemplateKind::Help),
            vec![TemplateProblem::NeverKnown(Variable::CallerName)]
        );
    }

    #[test]
    fn length_is_checked_with_the_longest_values_and_the_opt_out_line() {
        let room = 459 - "Acme ".len() - " Reply STOP to opt out.".len();
        let fits = format!("{{{{business_name}}}} {}", "a".repeat(room));
        assert_eq!(Template::check(&fits, TemplateKind::AutoText, Some("Acme")), vec![]);
        assert!(matches!(
            Template::check(&format!("{fits}a"), TemplateKind::AutoText, Some("Acme")).as_slice(),
            [TemplateProblem::TooManySegments {
                segments: 4,
                limit: 3,
                first_non_gsm: None
            }]
        ));
        let emoji = format!("😊 {{{{business_name}}}} {}", "a".repeat(200));
        assert!(matches!(
            Template::check(&emoji, TemplateKind::AutoText, Some("Acme")).as_slice(),
            [TemplateProblem::TooManySegments {
                first_non_gsm: Some('😊'),
                ..
            }]
        ));
        let long = format!("{{{{business_name}}}} {}", "a".repeat(480));
        assert!(
            Template::check(&long, TemplateKind::Followup, Some("Acme"))
                .iter()
                .any(|p| matches!(p, TemplateProblem::TooManyCharacters { limit: 480, .. }))
        );
    }

    #[test]
    fn a_value_is_never_read_as_a_template() {
        let values = Values::new("Acme").with(Variable::CallerName, "{{owner}}");
        assert_eq!(
            render("Hi {{caller_name}} from {{business_name}}", &values),
            "Hi owner from Acme"
        );
    }

    #[test]
    fn the_name_goes_before_the_limit_does() {
        let source = format!("Hi {{{{caller_name}}}}, {} {{{{business_name}}}}", "a".repeat(440));
        let values = Values::new("Acme").with(Variable::CallerName, "Bartholomew Q.");
        let text = render(&source, &values);
        assert!(text.starts_with("Hi, aaa"));
        let none = format!("{} {{{{business_name}}}}", "a".repeat(470));
        assert_eq!(
            Template::parse(&none).unwrap().render(&values),
            Err(RenderError::TooLong)
        );
    }

    #[test]
    fn a_needed_value_is_not_guessed() {
        let template = Template::parse("On {{appointment_date}}").unwrap();
        assert_eq!(
            template.render(&Values::new("Acme")),
            Err(RenderError::Missing(Variable::AppointmentDate))
        );
    }
}
