//! Trying out what a business's questions and facts would answer.

use axum::Json;
use axum::extract::State;
use mccc_core::business::{FaqEntry, Owner, ServiceArea};
use mccc_core::center::CenterError;
use mccc_core::conversation::Urgency;
use mccc_core::conversation::understanding::{Channel, Context, Intent, Understanding, understand};
use mccc_core::routing::Hours;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, Reply};
use crate::http::auth::Member;
use crate::http::problem::Problem;
use crate::http::state::Api;

/// Longest question, in characters: more than a text can have.
const LONGEST: usize = 1_600;

/// A question, and what is to be tried with it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TryRequest {
    /// What a caller would write.
    #[schema(example = "do you guys work weekends?")]
    text: String,
    /// Entries that are not saved yet; the saved ones when left out.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Object>>)]
    faq: Option<Vec<FaqEntry>>,
    /// Services that are not saved yet.
    #[serde(default)]
    services: Option<Vec<String>>,
    /// A service area that is not saved yet.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    service_area: Option<ServiceArea>,
    /// Business hours that are not saved yet.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Object>>)]
    business_hours: Option<Vec<Hours>>,
}

impl TryRequest {
    /// Whether something is to be tried that is not saved.
    fn is_draft(&self) -> bool {
        self.faq.is_some() || self.services.is_some() || self.service_area.is_some() || self.business_hours.is_some()
    }
}

/// The caller's own words that speak for a reading.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EvidenceView {
    /// What they speak for, such as `faq` or `urgency`.
    of: &'static str,
    /// The words.
    words: String,
}

/// The entry that answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MatchView {
    /// Its topic; `hours`, `area` or `services` where the business's own facts answer.
    topic: String,
    /// The place of the entry in the list, from 0; nothing where the facts answer.
    entry: Option<usize>,
    /// How likely it answers what was asked, 0 to 1.
    score: f32,
    /// The words and themes in which question and entry meet.
    met_in: Vec<String>,
}

/// What would become of a question.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TryView {
    /// What the caller wants, such as `faq`, `booking` or `pricing`.
    #[schema(value_type = String)]
    intent: Intent,
    /// How sure that is, 0 to 1.
    confidence: f32,
    /// How soon somebody has to come: `routine`, `urgent` or `emergency`.
    #[schema(value_type = String)]
    urgency: Urgency,
    /// The entry that answers; nothing when none does surely enough.
    matched: Option<MatchView>,
    /// The answer that would be sent; nothing when a person is asked instead, or the answer is a price that is not given
    /// by text (`conversation.quote_prices`).
    sends: Option<String>,
    /// The words that speak for the reading.
    evidence: Vec<EvidenceView>,
}

/// Try a question.
///
/// Read exactly as a caller's text is, an embedding model included where the business lets one help; without one, as
/// `mccc understand` does. Nothing is saved or sent.
#[utoipa::path(
    post, path = "/businesses/{business}/faq/try", tag = "businesses", request_body = TryRequest,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = TryView, description = "What would be answered."))
)]
pub(super) async fn try_question(
    State(api): State<Api>,
    member: Member,
    Body(wanted): Body<TryRequest>,
) -> Reply<TryView> {
    let text = wanted.text.trim();
    if text.is_empty() || text.chars().count() > LONGEST {
        return Err(Problem::field(
            "/text",
            format!("Write a question of 1 to {LONGEST} characters."),
        ));
    }
    let saved = api.app.center.business(member.business).await?;
    let drafted = wanted.is_draft().then(|| draft(&saved, &wanted)).transpose()?;
    let owner = drafted.as_ref().unwrap_or(&saved);
    let context = Context::default();
    let read = understand(
        text,
        Channel::Sms,
        &context,
        &owner.settings.profile,
        owner.questions(),
        api.app.clock.now(),
    );
    let center = &api.app.center;
    // What was drafted is nobody's settings yet, and its vectors would push out those of the saved ones.
    let read = match drafted {
        Some(_) => read,
        None => center.read_with_meaning(owner, text, context.asked, read, &[]).await,
    };
    Ok(Json(view(owner, read)))
}

/// The business as it would be.
fn draft(saved: &Owner, wanted: &TryRequest) -> Result<Owner, Problem> {
    let mut settings = (*saved.settings).clone();
    if let Some(faq) = &wanted.faq {
        settings.faq.clone_from(faq);
    }
    if let Some(services) = &wanted.services {
        settings.profile.services.clone_from(services);
    }
    if let Some(area) = &wanted.service_area {
        settings.profile.service_area.clone_from(area);
    }
    if let Some(hours) = &wanted.business_hours {
        settings.schedule.business_hours.clone_from(hours);
    }
    Owner::new(saved.business, saved.version, settings, Vec::new(), saved.saved_at)
        .map_err(|error| Problem::from(CenterError::from(error)))
}

/// What a talk would do with it: an entry has to be sure enough for the business, and one about prices is only sent where
/// the business wants it to be.
fn view(owner: &Owner, read: Understanding) -> TryView {
    let conversation = &owner.settings.conversation;
    let found = read.faq.filter(|found| found.score >= conversation.faq_threshold);
    let (matched, sends) = match found {
        Some(found) => (
            Some(MatchView {
                topic: found.topic,
                entry: found.entry,
                score: found.score,
                met_in: found.evidence,
            }),
            (read.intent != Intent::Pricing || conversation.quote_prices).then_some(found.answer),
        ),
        None => (None, None),
    };
    TryView {
        intent: read.intent,
        confidence: read.confidence,
        urgency: read.urgency,
        matched,
        sends,
        evidence: read
            .evidence
            .into_iter()
            .map(|one| EvidenceView {
                of: one.of,
                words: one.words,
            })
            .collect(),
    }
}
