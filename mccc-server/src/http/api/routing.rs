//! The schedule: read it, save it as a grid, ask what it would do.

use axum::Json;
use axum::extract::State;
use mccc_core::business::{Owner, Settings};
use mccc_core::calls::what_if;
use mccc_core::conversation::CallerFlags;
use mccc_core::port::id_bytes;
use mccc_core::routing::{
    Block, CallSource, CellInput, CellOutput, CellProblem, DateOverride, FallbackStep, GridError, Hours, Method, Only,
    Schedule, TimeOfDay, Variant, recommended_both,
};
use mccc_core::zone::{LocalDay, Weekday};
use mccc_core::{CallerId, PhoneNumber, RuleId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::{Body, Reply, phone};
use super::names::{MethodName, VariantName};
use super::why::TraceView;
use crate::http::auth::Member;
use crate::http::problem::{Code, FieldError, Problem, schedule_mistake};
use crate::http::state::Api;

/// Most instants of one what-if question.
const MOST_QUESTIONS: usize = 500;
/// Longest name of an override, in characters.
const LONGEST_LABEL: usize = 80;

/// A stretch of one weekday, on the business's wall clock.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Span {
    /// 0 for Sunday to 6 for Saturday.
    #[schema(value_type = u8, minimum = 0, maximum = 6)]
    day: Weekday,
    /// First minute, such as `08:00`.
    #[schema(value_type = String)]
    start_time: TimeOfDay,
    /// The minute after the last; up to `24:00`.
    #[schema(value_type = String)]
    end_time: TimeOfDay,
}

impl From<&Hours> for Span {
    fn from(hours: &Hours) -> Self {
        Self {
            day: hours.day,
            start_time: hours.start,
            end_time: hours.end,
        }
    }
}

/// The routing rules.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoutingRules {
    /// Raised by every saved change of the settings; sent back when saving.
    version: u64,
    /// The rules themselves.
    schedule: ScheduleView,
    /// The week as 336 half-hours, Sunday 0:00 first.
    cells: Vec<CellView>,
    /// The schedule in words: the week, then each block for some calls only, then each coming override.
    sentences: Vec<String>,
    /// Ready-made weeks.
    presets: Vec<Preset>,
    /// When it was last saved.
    #[schema(format = DateTime)]
    last_saved_at: Option<String>,
    /// Whether calls are answered otherwise than the opening hours suggest.
    differs_from_business_hours: bool,
}

/// The rules themselves.
#[derive(Debug, Serialize, ToSchema)]
struct ScheduleView {
    /// Blocks of every week.
    blocks: Vec<BlockView>,
    /// What holds on single dates instead.
    overrides: Vec<OverrideView>,
    /// What answers when nothing else matches.
    #[schema(value_type = MethodName)]
    after_hours_default: Method,
    /// When the business is open. Chooses wordings, never methods.
    business_hours: Vec<Span>,
    /// What stands in when no voice agent can take a call.
    #[schema(value_type = Vec<MethodName>)]
    fallback: Vec<Method>,
    /// Days whose weekly blocks are switched off.
    #[schema(value_type = Vec<u8>)]
    inactive_days: Vec<Weekday>,
}

/// A stretch of one weekday with its method.
#[derive(Debug, Serialize, ToSchema)]
struct BlockView {
    /// Identifier.
    id: String,
    /// 0 for Sunday to 6 for Saturday.
    #[schema(value_type = u8)]
    day: Weekday,
    /// First minute.
    #[schema(value_type = String)]
    start_time: TimeOfDay,
    /// The minute after the last; before the start it lies on the next day.
    #[schema(value_type = String)]
    end_time: TimeOfDay,
    /// What answers.
    #[schema(value_type = MethodName)]
    routing_method: Method,
    /// A paused block never matches.
    paused: bool,
    /// The higher of two blocks at the same time wins.
    priority: i32,
    /// Which calls it is for; null for every call. Blocks for some calls go first; half-hours show those for every call.
    only: Option<Condition>,
}

impl From<&Block> for BlockView {
    fn from(block: &Block) -> Self {
        Self {
            id: block.id.to_string(),
            day: block.day,
            start_time: block.start,
            end_time: block.end,
            routing_method: block.method,
            paused: !block.active,
            priority: block.priority,
            only: condition_of(&block.only),
        }
    }
}

/// Which calls a rule is for. A call has to match one entry of every list that has any.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Condition {
    /// Numbers of ours that were reached.
    #[schema(value_type = Vec<String>)]
    called: Vec<PhoneNumber>,
    /// Numbers the call was forwarded from.
    #[schema(value_type = Vec<String>)]
    forwarded_from: Vec<PhoneNumber>,
    /// The callers themselves.
    #[schema(value_type = Vec<String>)]
    callers: Vec<PhoneNumber>,
    /// Area codes of the callers, 200 to 999.
    area_codes: Vec<u16>,
    /// Whether the caller's number is unknown or known; null for both.
    withheld: Option<bool>,
    /// Trades: that of the number that was reached, else that of the business.
    trades: Vec<String>,
}

fn condition_of(only: &Only) -> Option<Condition> {
    (!only.is_any()).then(|| Condition {
        called: only.called.clone(),
        forwarded_from: only.forwarded_from.clone(),
        callers: only.callers.clone(),
        area_codes: only.area_codes.clone(),
        withheld: only.withheld,
        trades: only.trades.clone(),
    })
}

impl From<Condition> for Only {
    fn from(condition: Condition) -> Self {
        Self {
            called: condition.called,
            forwarded_from: condition.forwarded_from,
            callers: condition.callers,
            area_codes: condition.area_codes,
            withheld: condition.withheld,
            trades: condition.trades,
        }
    }
}

/// A weekly block for some calls only, to save.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SpecialBlock {
    /// Identifier; left out for a new one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    id: Option<RuleId>,
    /// 0 for Sunday to 6 for Saturday, or an English name.
    #[schema(value_type = u8)]
    #[serde(alias = "day_of_week")]
    day: Weekday,
    /// First minute.
    #[schema(value_type = String)]
    start_time: TimeOfDay,
    /// The minute after the last; before the start it lies on the next day.
    #[schema(value_type = String)]
    end_time: TimeOfDay,
    /// What answers.
    #[schema(value_type = MethodName)]
    #[serde(alias = "method")]
    routing_method: Method,
    /// Which calls it is for.
    only: Condition,
    /// A paused block never matches.
    #[serde(default)]
    paused: bool,
    /// The higher of two blocks at the same time wins. All of them go before the blocks for every call.
    #[serde(default)]
    priority: i32,
}

/// What holds on one date, or on a part of it, instead of the week.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OverrideView {
    /// Identifier; left out for a new one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    id: Option<RuleId>,
    /// The local date.
    #[schema(value_type = String, format = Date)]
    #[serde(alias = "override_date")]
    date: LocalDay,
    /// First minute; null together with `end_time` means the whole day.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    start_time: Option<TimeOfDay>,
    /// The minute after the last.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    end_time: Option<TimeOfDay>,
    /// What answers.
    #[schema(value_type = MethodName)]
    #[serde(alias = "method")]
    routing_method: Method,
    /// The wording while it holds; null leaves that to the business hours.
    #[serde(default)]
    #[schema(value_type = Option<VariantName>)]
    variant: Option<Variant>,
    /// What the day is called, at most 80 characters.
    #[serde(default)]
    label: Option<String>,
    /// A paused override never matches.
    #[serde(default)]
    paused: bool,
    /// The higher of two overrides at the same time wins; left out, it stays as it is.
    #[serde(default)]
    priority: Option<i32>,
    /// Which calls it is for: null leaves that as it is, an empty object means every call.
    #[serde(default)]
    only: Option<Condition>,
}

impl From<&DateOverride> for OverrideView {
    fn from(rule: &DateOverride) -> Self {
        Self {
            id: Some(rule.id),
            date: rule.date,
            start_time: rule.start,
            end_time: rule.end,
            routing_method: rule.method,
            variant: rule.variant,
            label: rule.label.clone(),
            paused: !rule.active,
            priority: Some(rule.priority),
            only: condition_of(&rule.only),
        }
    }
}

/// One half-hour of the week.
#[derive(Debug, Serialize, ToSchema)]
struct CellView {
    /// 0 for Sunday to 6 for Saturday.
    #[schema(value_type = u8)]
    day: Weekday,
    /// Start of the half-hour, such as `08:30`.
    #[schema(value_type = String)]
    start_time: TimeOfDay,
    /// The method, or `split` where a rule begins or ends in the middle of the half-hour.
    routing_method: String,
    /// The methods of the two quarters of a split half-hour.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<MethodName>>)]
    methods: Option<[Method; 2]>,
}

impl From<CellOutput> for CellView {
    fn from(cell: CellOutput) -> Self {
        Self {
            day: cell.day,
            start_time: cell.start_time,
            routing_method: cell.routing_method,
            methods: cell.methods,
        }
    }
}

/// One half-hour to save.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub(super) struct SaveCell {
    /// 0 for Sunday to 6 for Saturday, or an English name.
    #[schema(value_type = u8)]
    #[serde(alias = "day_of_week")]
    day: Weekday,
    /// Start of the half-hour, such as `08:30`.
    #[serde(alias = "start")]
    start_time: String,
    /// A method; `split` leaves a split half-hour as it is.
    #[serde(default, alias = "method")]
    #[schema(value_type = Option<String>)]
    routing_method: Option<String>,
}

/// A ready-made week.
#[derive(Debug, Serialize, ToSchema)]
struct Preset {
    /// Its name.
    key: &'static str,
    /// As people call it.
    title: &'static str,
    /// The week in words.
    sentence: String,
}

/// The routing rules to save.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SaveRules {
    /// The version that was read; a schedule that somebody else has changed since is then refused as stale.
    #[serde(default)]
    version: Option<u64>,
    /// All 336 half-hours, in any order.
    cells: Vec<SaveCell>,
    /// All overrides; left out, they stay as they are.
    #[serde(default)]
    overrides: Option<Vec<OverrideView>>,
    /// All weekly blocks for some calls only; left out, they stay as they are.
    #[serde(default)]
    special_blocks: Option<Vec<SpecialBlock>>,
    /// What answers when nothing else matches; left out, it stays as it is.
    #[serde(default)]
    #[schema(value_type = Option<MethodName>)]
    after_hours_default: Option<Method>,
}

/// What can be saved: the rules as they were read, or the bare list of half-hours.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "describes the body in the API's document; reading it apart gives better messages"
)]
pub(super) enum SaveRoutingRules {
    /// All 336 half-hours.
    Cells(Vec<SaveCell>),
    /// Half-hours, overrides and the default.
    Rules(SaveRules),
}

fn view(owner: &Owner, now: Timestamp) -> RoutingRules {
    let schedule = &owner.settings.schedule;
    let mut sentences = vec![schedule.sentence()];
    sentences.extend(schedule.special_sentences());
    sentences.extend(schedule.override_sentences(today(owner, now)));
    RoutingRules {
        version: owner.version,
        schedule: ScheduleView {
            blocks: schedule.weekly.iter().map(Into::into).collect(),
            overrides: schedule.overrides.iter().map(Into::into).collect(),
            after_hours_default: schedule.after_hours_default,
            business_hours: schedule.business_hours.iter().map(Into::into).collect(),
            fallback: schedule
                .voice_fallback
                .iter()
                .map(|step| match step {
                    FallbackStep::Voicemail => Method::Voicemail,
                    FallbackStep::AutoText => Method::AutoTextOnly,
                })
                .collect(),
            inactive_days: schedule.inactive_days.clone(),
        },
        cells: schedule.to_grid().to_output().into_iter().map(Into::into).collect(),
        sentences,
        presets: vec![
            Preset {
                key: "recommended_both",
                title: "Recommended: Both",
                sentence: recommended_both(schedule).sentence(),
            },
            Preset {
                key: "default",
                title: "Reset to defaults",
                sentence: Schedule::default().sentence(),
            },
            Preset {
                key: "wizard",
                title: "AI voice by day, text at night",
                sentence: Schedule::wizard().sentence(),
            },
        ],
        last_saved_at: Some(owner.saved_at.to_string()),
        differs_from_business_hours: differs(schedule),
    }
}

/// The business's calendar day.
#[must_use]
pub(super) fn today(owner: &Owner, now: Timestamp) -> LocalDay {
    owner.zone().to_local(now).day
}

/// Whether some half-hour is open and answered by the after-hours default, or closed and answered otherwise.
fn differs(schedule: &Schedule) -> bool {
    let default = schedule.after_hours_default;
    // The opening hours as a schedule: open half-hours have a method that the closed ones do not have.
    let (open, closed) = (Method::Both, Method::Off);
    let hours = Schedule {
        weekly: schedule
            .business_hours
            .iter()
            .map(|hours| Block::new(hours.day, hours.start, hours.end, open))
            .collect(),
        ..Schedule::always(closed)
    };
    let of_grid = |schedule: &Schedule, test: &dyn Fn(Method) -> bool| -> Vec<[bool; 2]> {
        schedule
            .to_grid()
            .iter()
            .map(|(_, _, cell)| cell.quarters().map(test))
            .collect()
    };
    of_grid(schedule, &|method| method != default) != of_grid(&hours, &|method| method == open)
}

/// The routing rules.
#[utoipa::path(
    get, path = "/businesses/{business}/routing-rules", tag = "routing",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = RoutingRules, description = "The rules."))
)]
pub(super) async fn read(State(api): State<Api>, member: Member) -> Reply<RoutingRules> {
    let owner = api.app.center.business(member.business).await?;
    Ok(Json(view(&owner, api.app.clock.now())))
}

/// Save the week.
///
/// The body is the list of all 336 half-hours, or an object with `cells` and, if wanted, `version`, `overrides`,
/// `special_blocks` and `after_hours_default`. Every half-hour needs a method; a refusal lists those that have none. The saved rules govern
/// every call that arrives after the answer.
#[utoipa::path(
    put, path = "/businesses/{business}/routing-rules", tag = "routing", request_body = SaveRoutingRules,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = RoutingRules, description = "The rules as saved."))
)]
pub(super) async fn save(
    State(api): State<Api>,
    member: Member,
    Body(body): Body<serde_json::Value>,
) -> Reply<RoutingRules> {
    member.may_configure()?;
    let rules = rules_of(body)?;
    let owner = api.app.center.business(member.business).await?;
    if rules.version.is_some_and(|version| version != owner.version) {
        return Err(mccc_core::center::CenterError::Stale.into());
    }
    let now = api.app.clock.now();
    let schedule = edited(&api, &owner, &rules, now)?;
    let mistakes = schedule.check_edit(&owner.settings.schedule, today(&owner, now));
    if !mistakes.is_empty() {
        return Err(in_overrides(mistakes.iter().map(schedule_mistake).collect()));
    }
    let settings = Settings {
        schedule,
        ..(*owner.settings).clone()
    };
    let saved = api
        .app
        .center
        .save_settings(member.business, settings, owner.version)
        .await?;
    Ok(Json(view(&saved, now)))
}

/// Reads either form, with the mistakes of the form that was meant.
fn rules_of(body: serde_json::Value) -> Result<SaveRules, Problem> {
    let wrong = |error: serde_json::Error| {
        Problem::new(
            Code::Invalid,
            format!("The body has another shape than expected: {error}. See /api/docs."),
        )
    };
    if body.is_array() {
        let cells = serde_json::from_value(body).map_err(wrong)?;
        return Ok(SaveRules {
            version: None,
            cells,
            overrides: None,
            special_blocks: None,
            after_hours_default: None,
        });
    }
    serde_json::from_value(body).map_err(wrong)
}

/// The saved schedule with the edits.
fn edited(api: &Api, owner: &Owner, rules: &SaveRules, now: Timestamp) -> Result<Schedule, Problem> {
    let saved = &owner.settings.schedule;
    let input: Vec<CellInput> = rules
        .cells
        .iter()
        .map(|cell| CellInput {
            day: cell.day,
            start_time: cell.start_time.clone(),
            routing_method: cell.routing_method.clone(),
        })
        .collect();
    let grid = saved
        .to_grid()
        .edited(&input)
        .map_err(|error| gaps(&error, &rules.cells))?;
    let mut schedule = saved.clone();
    if let Some(default) = rules.after_hours_default {
        schedule.after_hours_default = default;
    }
    if let Some(overrides) = &rules.overrides {
        schedule.overrides = overrides
            .iter()
            .enumerate()
            .map(|(place, wanted)| override_of(api, saved, wanted, place, now))
            .collect::<Result<_, _>>()?;
    }
    if let Some(special) = &rules.special_blocks {
        schedule.weekly.retain(|block| block.only.is_any());
        for (place, wanted) in special.iter().enumerate() {
            schedule.weekly.push(special_block(api, saved, wanted, place, now)?);
        }
    }
    Ok(schedule.apply_grid(&grid, now))
}

/// One block for some calls only as it shall be stored.
fn special_block(
    api: &Api,
    saved: &Schedule,
    wanted: &SpecialBlock,
    place: usize,
    now: Timestamp,
) -> Result<Block, Problem> {
    let only = Only::from(wanted.only.clone());
    if only.is_any() {
        return Err(Problem::field(
            format!("/special_blocks/{place}/only"),
            "Say which calls the block is for; the half-hours hold what is for every call.",
        ));
    }
    let old = wanted
        .id
        .and_then(|id| saved.weekly.iter().find(|block| block.id == id && !block.only.is_any()));
    let mut block = Block {
        id: old.map_or_else(|| RuleId::from_entropy(now, id_bytes(&*api.app.entropy)), |old| old.id),
        day: wanted.day,
        start: wanted.start_time,
        end: wanted.end_time,
        method: wanted.routing_method,
        only,
        active: !wanted.paused,
        priority: wanted.priority,
        updated_at: old.and_then(|old| old.updated_at),
    };
    if old != Some(&block) {
        block.updated_at = Some(now);
    }
    Ok(block)
}

/// One override as it shall be stored. One that says the same as before keeps its time of change.
fn override_of(
    api: &Api,
    saved: &Schedule,
    wanted: &OverrideView,
    place: usize,
    now: Timestamp,
) -> Result<DateOverride, Problem> {
    let label = wanted.label.as_deref().map(str::trim).filter(|label| !label.is_empty());
    if label.is_some_and(|label| label.chars().count() > LONGEST_LABEL) {
        return Err(Problem::field(
            format!("/overrides/{place}/label"),
            "A name has at most 80 characters.",
        ));
    }
    let old = wanted
        .id
        .and_then(|id| saved.overrides.iter().find(|rule| rule.id == id));
    let mut rule = DateOverride {
        id: old.map_or_else(|| RuleId::from_entropy(now, id_bytes(&*api.app.entropy)), |old| old.id),
        date: wanted.date,
        start: wanted.start_time,
        end: wanted.end_time,
        method: wanted.routing_method,
        variant: wanted.variant,
        label: label.map(str::to_owned),
        only: match (&wanted.only, old) {
            (Some(wanted), _) => wanted.clone().into(),
            (None, Some(old)) => old.only.clone(),
            (None, None) => Only::default(),
        },
        active: !wanted.paused,
        priority: wanted.priority.or(old.map(|old| old.priority)).unwrap_or(0),
        updated_at: old.and_then(|old| old.updated_at),
    };
    if old != Some(&rule) {
        rule.updated_at = Some(now);
    }
    Ok(rule)
}

/// The half-hours that cannot be saved, each with its place in what was sent.
fn gaps(error: &GridError, sent: &[SaveCell]) -> Problem {
    let errors = error
        .cells
        .iter()
        .map(|cell| {
            let same = |sent: &SaveCell| {
                let time = |text: &str| text.trim().parse::<TimeOfDay>().ok();
                sent.day == cell.day
                    && (sent.start_time == cell.start_time
                        || (time(&sent.start_time).is_some() && time(&sent.start_time) == time(&cell.start_time)))
            };
            let place = sent.iter().rposition(same);
            let what = match cell.problem {
                CellProblem::Missing | CellProblem::Unassigned => "has no routing method",
                CellProblem::Repeated => "was sent more than once",
                CellProblem::UnknownMethod => "has a method that does not exist",
                CellProblem::NotSplit => "is not split; give it a method",
                CellProblem::NotASlot => "is not the start of a half-hour",
            };
            let code = serde_json::to_value(cell.problem).ok();
            FieldError {
                field: Some(place.map_or_else(|| "/cells".to_owned(), |place| format!("/cells/{place}"))),
                code: code.and_then(|code| code.as_str().map(str::to_owned)),
                message: format!("{} {} {what}.", cell.day.name_capitalised(), cell.start_time),
            }
        })
        .collect();
    Problem::new(Code::Invalid, error.to_string()).with_errors(errors)
}

/// Mistakes of overrides, with places in this request instead of in the settings.
fn in_overrides(mut errors: Vec<FieldError>) -> Problem {
    for error in &mut errors {
        error.field = error.field.take().map(|field| field.replacen("/schedule", "", 1));
    }
    Problem::new(Code::Invalid, "Some overrides lie in the past; each is listed.").with_errors(errors)
}

/// What the schedule would do.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WhatIf {
    /// Instants with an offset, at most 500.
    #[schema(value_type = Vec<String>)]
    at: Vec<Timestamp>,
    /// The caller, whose block list, spam and emergency entries then count.
    #[serde(default)]
    caller: Option<String>,
    /// The number of ours that would be reached, for rules that ask for it.
    #[serde(default)]
    called: Option<String>,
    /// A week that is not saved, instead of the saved one.
    #[serde(default)]
    cells: Option<Vec<SaveCell>>,
    /// Overrides that are not saved, instead of the saved ones.
    #[serde(default)]
    overrides: Option<Vec<OverrideView>>,
    /// Blocks for some calls only that are not saved, instead of the saved ones.
    #[serde(default)]
    special_blocks: Option<Vec<SpecialBlock>>,
    /// A default that is not saved, instead of the saved one.
    #[serde(default)]
    #[schema(value_type = Option<MethodName>)]
    after_hours_default: Option<Method>,
}

/// What calls would get.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WhatIfResults {
    /// One answer for each instant, in the same order.
    results: Vec<WhatIfResult>,
}

/// What one call would get.
#[derive(Debug, Serialize, ToSchema)]
struct WhatIfResult {
    /// The instant.
    #[schema(format = DateTime)]
    at: String,
    /// The same on the business's wall clock.
    local: String,
    /// What would be done.
    #[schema(value_type = MethodName)]
    method: &'static str,
    /// What the rule says.
    #[schema(value_type = MethodName)]
    scheduled: &'static str,
    /// Which wording would be used.
    #[schema(value_type = VariantName)]
    variant: &'static str,
    /// The level that would decide.
    rule: &'static str,
    /// Every rule that could decide.
    trace: TraceView,
    /// The decision in a sentence.
    sentence: String,
}

/// Ask what the schedule would do, saved or not. Changes nothing.
#[utoipa::path(
    post, path = "/businesses/{business}/routing-rules/what-if", tag = "routing", request_body = WhatIf,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = WhatIfResults, description = "The answers."))
)]
pub(super) async fn ask(State(api): State<Api>, member: Member, Body(question): Body<WhatIf>) -> Reply<WhatIfResults> {
    if question.at.is_empty() || question.at.len() > MOST_QUESTIONS {
        return Err(Problem::field(
            "/at",
            "Name 1 to 500 instants, such as 2026-11-21T09:30:00Z.",
        ));
    }
    let owner = api.app.center.business(member.business).await?;
    let caller = question.caller.as_deref().filter(|text| !text.trim().is_empty());
    let number = caller.map(|text| phone("/caller", text)).transpose()?;
    let called = question
        .called
        .as_deref()
        .map(|text| phone("/called", text))
        .transpose()?;
    let source = CallSource {
        caller: number.map(CallerId::Present),
        called,
        ..CallSource::UNKNOWN
    };
    let flags = match number {
        Some(number) => {
            api.app
                .center
                .ports()
                .store
                .caller_flags(member.business, &number)
                .await?
        }
        None => CallerFlags::NONE,
    };
    let owner = draft(&api, &owner, &question)?;
    let results = question
        .at
        .iter()
        .map(|at| {
            let (decision, trace) = what_if(&owner, &flags, source, false, *at);
            let trace = TraceView::new(&trace, Some(member.business));
            WhatIfResult {
                at: at.to_string(),
                local: trace.local.clone(),
                method: decision.method.name(),
                scheduled: decision.scheduled.name(),
                variant: decision.variant.name(),
                rule: decision.rule.level(),
                sentence: trace.sentence.clone(),
                trace,
            }
        })
        .collect();
    Ok(Json(WhatIfResults { results }))
}

/// The business with the draft of the question in the place of the saved schedule.
fn draft(api: &Api, owner: &Owner, question: &WhatIf) -> Result<Owner, Problem> {
    if question.cells.is_none()
        && question.overrides.is_none()
        && question.special_blocks.is_none()
        && question.after_hours_default.is_none()
    {
        return Ok(owner.clone());
    }
    let cells = question.cells.clone().unwrap_or_else(|| {
        let saved = owner.settings.schedule.to_grid().to_output();
        let as_sent = |cell: CellOutput| SaveCell {
            day: cell.day,
            start_time: cell.start_time.to_string(),
            routing_method: Some(cell.routing_method),
        };
        saved.into_iter().map(as_sent).collect()
    });
    let rules = SaveRules {
        version: None,
        cells,
        overrides: question.overrides.clone(),
        special_blocks: question.special_blocks.clone(),
        after_hours_default: question.after_hours_default,
    };
    let schedule = edited(api, owner, &rules, api.app.clock.now())?;
    let settings = Settings {
        schedule,
        ..(*owner.settings).clone()
    };
    let drafted = Owner::new(
        owner.business,
        owner.version,
        settings,
        owner.lines.clone(),
        owner.saved_at,
    );
    drafted.map_err(|error| mccc_core::center::CenterError::Settings(error).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_that_follows_the_opening_hours_does_not_differ_from_them() {
        let mut schedule = Schedule::default();
        assert!(differs(&schedule), "8:00 to 18:00 is not 8:00 to 17:00");
        schedule.business_hours = schedule
            .weekly
            .iter()
            .map(|block| Hours {
                day: block.day,
                start: block.start,
                end: block.end,
            })
            .collect();
        assert!(!differs(&schedule));
    }

    #[test]
    fn refused_half_hours_are_named_by_their_place_in_the_request() {
        let mut sent: Vec<SaveCell> = Schedule::default()
            .to_grid()
            .to_output()
            .into_iter()
            .map(|cell| SaveCell {
                day: cell.day,
                start_time: cell.start_time.to_string(),
                routing_method: Some(cell.routing_method),
            })
            .collect();
        sent[20].routing_method = None;
        sent.remove(3);
        let input: Vec<CellInput> = sent
            .iter()
            .map(|cell| CellInput {
                day: cell.day,
                start_time: cell.start_time.clone(),
                routing_method: cell.routing_method.clone(),
            })
            .collect();
        let error = Schedule::default().to_grid().edited(&input).unwrap_err();
        let problem = gaps(&error, &sent).to_json();
        assert_eq!(problem["errors"][0]["field"], "/cells");
        assert_eq!(problem["errors"][0]["code"], "missing");
        assert_eq!(problem["errors"][1]["field"], "/cells/19");
        assert_eq!(problem["errors"][1]["message"], "Sunday 10:00 has no routing method.");
        assert!(
            problem["detail"]
                .as_str()
                .unwrap()
                .starts_with("Every time slot must have a routing method. We found 2")
        );
    }

    #[test]
    fn both_forms_of_a_week_are_read() {
        let cell = serde_json::json!({ "day": 1, "start_time": "08:00", "routing_method": "both" });
        assert_eq!(rules_of(serde_json::json!([cell])).unwrap().cells.len(), 1);
        assert_eq!(
            rules_of(serde_json::json!({ "version": 3, "cells": [cell] }))
                .unwrap()
                .version,
            Some(3)
        );
        assert!(rules_of(serde_json::json!({ "cell": [] })).is_err());
        assert!(rules_of(serde_json::json!("week")).is_err());
    }
}
