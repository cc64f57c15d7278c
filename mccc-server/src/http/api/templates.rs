//! What the editor of texts needs: wordings to pick, variables, and a text as a caller would get it.

use axum::Json;
use axum::extract::State;
use mccc_core::business::wording;
use mccc_core::messages::defaults::PRESETS;
use mccc_core::messages::{Limits, Templates, Variable, preview};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, Reply};
use super::names::VariantName;
use crate::http::auth::Member;
use crate::http::problem::{Problem, sentence};
use crate::http::state::Api;

/// A wording that can be picked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PresetView {
    /// Stable name.
    id: &'static str,
    /// What it is called.
    label: &'static str,
    /// The fields of the texts it is for.
    fields: Vec<&'static str>,
    /// The text with its variables.
    text: &'static str,
}

/// A variable of the texts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct VariableView {
    /// The name between the braces.
    #[schema(example = "business_name")]
    name: &'static str,
    /// What this business fills in, or an example.
    sample: String,
}

/// A text of the settings.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TextFieldView {
    /// Its name in `templates` of the settings.
    #[schema(example = "auto_text_after_hours")]
    field: &'static str,
    /// What it is for.
    kind: &'static str,
    /// The hours it is for, where there are two.
    #[schema(value_type = Option<VariantName>)]
    variant: Option<mccc_core::routing::Variant>,
    /// The variables that are known when it is sent; no other may stand in it.
    #[schema(example = json!(["caller_name", "business_name"]))]
    variables: Vec<&'static str>,
    /// Whether it has to name the business.
    needs_business_name: bool,
    /// Whether it usually opens a thread, and so says how to opt out.
    opens_thread: bool,
}

/// What the editor of texts needs to know.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WordingsView {
    /// The texts there are.
    fields: Vec<TextFieldView>,
    /// Wordings to pick, the usual ones first.
    presets: Vec<PresetView>,
    /// The variables that may stand in a text.
    variables: Vec<VariableView>,
    /// Most characters of a text with everything filled in.
    most_characters: usize,
    /// Most segments of it.
    most_segments: usize,
}

/// Wordings to pick and variables to fill in.
#[utoipa::path(
    get, path = "/businesses/{business}/wordings", tag = "businesses",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = WordingsView, description = "What texts can be made of."))
)]
pub(super) async fn wordings(State(api): State<Api>, member: Member) -> Reply<WordingsView> {
    let owner = api.app.center.business(member.business).await?;
    let free_day = api.app.center.free_day(&owner).await?;
    let values = wording::sample(&owner, api.app.clock.now(), free_day.as_deref());
    let presets = PRESETS.iter().map(|preset| PresetView {
        id: preset.id,
        label: preset.label,
        fields: Templates::FIELDS
            .iter()
            .filter(|(_, kind, variant)| {
                *kind == preset.kind && (preset.variant.is_none() || *variant == preset.variant)
            })
            .map(|(field, ..)| *field)
            .collect(),
        text: preset.text,
    });
    let fields = Templates::FIELDS.iter().map(|(field, kind, variant)| TextFieldView {
        field,
        kind: kind.as_str(),
        variant: *variant,
        variables: kind.variables().iter().map(|variable| variable.name()).collect(),
        needs_business_name: kind.needs_business_name(),
        opens_thread: kind.opens_threads(),
    });
    let variables = Variable::ALL.iter().map(|variable| VariableView {
        name: variable.name(),
        sample: values.get(*variable).unwrap_or_default().to_owned(),
    });
    Ok(Json(WordingsView {
        fields: fields.collect(),
        presets: presets.collect(),
        variables: variables.collect(),
        most_characters: Limits::TEMPLATE.characters,
        most_segments: Limits::TEMPLATE.segments,
    }))
}

/// A text that is being written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewRequest {
    /// Its name in `templates` of the settings.
    #[schema(example = "auto_text_after_hours")]
    field: String,
    /// The text with its variables.
    text: String,
}

/// A text as a caller would get it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PreviewView {
    /// The text; empty while the variables in it cannot be read.
    text: String,
    /// Its characters.
    characters: usize,
    /// The alphabet it is sent in: `GSM-7` or `UCS-2`.
    #[schema(example = "GSM-7")]
    encoding: &'static str,
    /// The segments it is billed as.
    segments: usize,
    /// Why it cannot be saved; empty when it can.
    problems: Vec<String>,
}

/// What a text would look like and cost, and what stands against saving it. Nothing is saved or sent.
#[utoipa::path(
    post, path = "/businesses/{business}/wordings/preview", tag = "businesses", request_body = PreviewRequest,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = PreviewView, description = "The text."))
)]
pub(super) async fn show(
    State(api): State<Api>,
    member: Member,
    Body(wanted): Body<PreviewRequest>,
) -> Reply<PreviewView> {
    let kind = Templates::kind_of(&wanted.field).ok_or_else(|| {
        Problem::field(
            "/field",
            "Name a text of the settings, such as auto_text_business_hours.",
        )
    })?;
    let owner = api.app.center.business(member.business).await?;
    // The calendar is not asked for each letter that is typed.
    let says_day = wanted.text.contains(Variable::NextAvailableDay.name());
    let free_day = if says_day {
        api.app.center.free_day(&owner).await?
    } else {
        None
    };
    let values = wording::sample(&owner, api.app.clock.now(), free_day.as_deref());
    let shown = preview(&wanted.text, kind, &values, &owner.settings.profile.name);
    Ok(Json(PreviewView {
        characters: shown.characters,
        encoding: shown.encoding.as_str(),
        segments: shown.segments,
        problems: shown
            .problems
            .iter()
            .map(|problem| sentence(&problem.to_string()))
            .collect(),
        text: shown.text,
    }))
}
