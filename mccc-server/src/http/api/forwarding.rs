//! Connecting the contractor's phone: the number, the provider, the test.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use mccc_core::TestCallId;
use mccc_core::business::{NumberKind, Owner};
use mccc_core::center::TestMode;
use mccc_core::port::store::{TestCall, TestCallState};
use mccc_core::{PhoneNumber, Timestamp};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

use super::businesses::{ProvisioningView, forwarding_number, provisioning};
use super::extract::{Body, Named, Reply, phone};
use crate::guides::{Guide, Guides};
use crate::http::auth::Member;
use crate::http::problem::{Code, Problem};
use crate::http::state::Api;

/// How long an answer waits for the number that was asked for. Buying one usually takes a few seconds.
const PURCHASE_WAITS: Duration = Duration::from_secs(10);
/// How often it looks.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// From when on a ringing phone should have forwarded.
const FORWARDS_AFTER: Duration = Duration::from_secs(20);

/// How the contractor's phone reaches us.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Forwarding {
    /// The number to forward to.
    number: Option<String>,
    /// As people write it.
    national: Option<String>,
    /// The business's own phone.
    business_phone: Option<String>,
    /// As people write it.
    business_national: Option<String>,
    /// The phone company, as a key of the guides.
    provider: Option<String>,
    /// Its name.
    provider_name: Option<String>,
    /// Which version of its steps was shown when it was chosen.
    instructions_version: Option<String>,
    /// Whether customers dial the number themselves, because the business has no other phone.
    direct: bool,
    /// Whether a test has proved it.
    verified: bool,
    /// When it was proved.
    #[schema(format = DateTime)]
    verified_at: Option<String>,
    /// How the purchase of the number stands, while there is none.
    provisioning: Option<ProvisioningView>,
    /// The newest test.
    last_test: Option<ForwardingTest>,
}

/// One forwarding test.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ForwardingTest {
    /// Identifier.
    id: String,
    /// Who calls the business phone: `call_me` (we do) or `you_call` (the person does).
    mode: &'static str,
    /// `calling`, `ringing`, `checking`, `succeeded` or `failed`.
    status: &'static str,
    /// Why it failed: `answered`, `not_forwarded`, `unreachable`.
    failure: Option<&'static str>,
    /// What the person should see first.
    headline: String,
    /// What it means and what to do.
    message: Option<String>,
    /// How far it is.
    steps: Vec<TestStep>,
    /// When it was asked for.
    #[schema(format = DateTime)]
    started_at: String,
    /// When it ends by itself.
    #[schema(format = DateTime)]
    expires_at: String,
    /// When it ended.
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// The provider's code of a failure.
    error_code: Option<u32>,
}

/// One step of a test.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
struct TestStep {
    /// What it is.
    title: &'static str,
    /// `done`, `active`, `pending` or `failed`.
    state: &'static str,
}

/// Where a test stands, as people follow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Calling,
    Ringing,
    Checking,
    Succeeded,
    Failed(&'static str),
}

fn stage(test: &TestCall, now: Timestamp) -> Stage {
    let late = now > test.expires_at;
    match test.state {
        TestCallState::Success => Stage::Succeeded,
        TestCallState::Answered => Stage::Failed("answered"),
        TestCallState::Unreachable => Stage::Failed("unreachable"),
        TestCallState::NotForwarded => Stage::Failed("not_forwarded"),
        // The time-out's own job may be late; the person need not wait for it.
        TestCallState::Pending | TestCallState::Ringing | TestCallState::Listening if late => {
            Stage::Failed("not_forwarded")
        }
        TestCallState::Pending => Stage::Calling,
        TestCallState::Ringing if now.since(test.started_at) >= FORWARDS_AFTER => Stage::Checking,
        TestCallState::Ringing => Stage::Ringing,
        TestCallState::Listening => Stage::Checking,
    }
}

fn steps(stage: Stage) -> Vec<TestStep> {
    let reached = match stage {
        Stage::Calling => 0,
        Stage::Ringing => 1,
        Stage::Checking | Stage::Failed("not_forwarded") => 2,
        Stage::Failed("unreachable") => 0,
        Stage::Failed(_) => 1,
        Stage::Succeeded => 3,
    };
    let last = match stage {
        Stage::Failed(_) => "Failed",
        Stage::Calling | Stage::Ringing | Stage::Checking | Stage::Succeeded => "Success!",
    };
    let failed = matches!(stage, Stage::Failed(_));
    ["Calling…", "Ringing…", "Checking forward…", last]
        .into_iter()
        .enumerate()
        .map(|(place, title)| TestStep {
            title,
            state: match (place, failed) {
                (3, true) => "failed",
                (3, false) if reached == 3 => "done",
                (place, _) if place < reached => "done",
                (place, true) if place == reached => "failed",
                (place, false) if place == reached => "active",
                _ => "pending",
            },
        })
        .collect()
}

/// The words for each outcome; contractors know them from the set-up guide.
fn words(test: &TestCall, stage: Stage, owner: &Owner, guides: &Guides) -> (String, Option<String>) {
    let provider = owner
        .settings
        .telephone
        .forwarding_provider
        .as_deref()
        .and_then(|key| guides.name_of(key))
        .unwrap_or("phone provider");
    let (own, ours) = (test.business_phone.national(), test.our_number.national());
    match stage {
        Stage::Calling => (format!("✅ Initiating call to {own}…"), None),
        Stage::Ringing => ("⏳ Ringing… waiting for forwarding to activate".to_owned(), None),
        Stage::Checking if test.we_call => ("⏳ Ringing… waiting for forwarding to activate".to_owned(), None),
        Stage::Checking => (
            format!("Call {own} now and let it ring. We wait for the call to arrive here."),
            None,
        ),
        Stage::Succeeded => (
            "✅ Forwarding detected! Your setup is complete.".to_owned(),
            Some("✅ Forwarding is active. Missed calls will now reach your Command Center.".to_owned()),
        ),
        Stage::Failed(why) => (
            "❌ Forwarding not detected.".to_owned(),
            Some(match why {
                "answered" => {
                    "It looks like you picked up the call. Please try again and let it ring without answering."
                        .to_owned()
                }
                "unreachable" => format!(
                    "We couldn't reach your business number. Please verify {own} is correct in your Profile settings."
                ),
                _ => format!(
                    "The call rang but wasn't forwarded to your Command Center number. Double-check that you entered the \
                     correct forwarding number in your {provider} settings: {ours}. Make sure 'No-answer forwarding' (not \
                     'Always forward') is enabled."
                ),
            }),
        ),
    }
}

fn test_view(test: &TestCall, owner: &Owner, guides: &Guides, now: Timestamp) -> ForwardingTest {
    let stage = stage(test, now);
    let (headline, message) = words(test, stage, owner, guides);
    ForwardingTest {
        id: test.id.to_string(),
        mode: if test.we_call { "call_me" } else { "you_call" },
        status: match stage {
            Stage::Calling => "calling",
            Stage::Ringing => "ringing",
            Stage::Checking => "checking",
            Stage::Succeeded => "succeeded",
            Stage::Failed(_) => "failed",
        },
        failure: match stage {
            Stage::Failed(why) => Some(why),
            Stage::Calling | Stage::Ringing | Stage::Checking | Stage::Succeeded => None,
        },
        headline,
        message,
        steps: steps(stage),
        started_at: test.started_at.to_string(),
        expires_at: test.expires_at.to_string(),
        ended_at: test.ended_at.map(|at| at.to_string()),
        error_code: test.error_code,
    }
}

async fn view(api: &Api, owner: &Owner) -> Result<Forwarding, Problem> {
    let last = api.app.center.ports().store.latest_test_call(owner.business).await?;
    let now = api.app.clock.now();
    let (settings, number, guides) = (&owner.settings, forwarding_number(owner), &api.app.guides);
    let own = settings.profile.business_phone;
    let provider = settings.telephone.forwarding_provider.clone();
    Ok(Forwarding {
        number: number.map(|number| number.to_string()),
        national: number.map(|number| number.national()),
        business_phone: own.map(|number| number.to_string()),
        business_national: own.map(|number| number.national()),
        provider_name: provider
            .as_deref()
            .and_then(|key| guides.name_of(key))
            .map(str::to_owned),
        provider,
        instructions_version: settings.telephone.forwarding_instructions_version.clone(),
        direct: settings.telephone.number_kind() == NumberKind::Public,
        verified: settings.telephone.forwarding_verified_at.is_some(),
        verified_at: settings.telephone.forwarding_verified_at.map(|at| at.to_string()),
        provisioning: provisioning(owner),
        last_test: last.as_ref().map(|test| test_view(test, owner, guides, now)),
    })
}

/// How the contractor's phone reaches us.
#[utoipa::path(
    get, path = "/businesses/{business}/forwarding", tag = "forwarding",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = Forwarding, description = "Number, provider, proof."))
)]
pub(super) async fn read(State(api): State<Api>, member: Member) -> Reply<Forwarding> {
    let owner = api.app.center.business(member.business).await?;
    Ok(Json(view(&api, &owner).await?))
}

/// Which number is wished for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WishedNumber {
    /// Three digits; that of the business's own phone when it is left out.
    #[serde(default)]
    #[schema(example = "512")]
    area_code: Option<String>,
}

/// Get the forwarding number.
///
/// Answers 200 as soon as the number is there, and 202 when that takes longer than ten seconds; `provisioning` then says
/// how it stands, and the event `forwarding_number_generated` tells when it is done.
#[utoipa::path(
    post, path = "/businesses/{business}/forwarding/number", tag = "forwarding", request_body = WishedNumber,
    params(("business" = String, Path, description = "The business.")),
    responses(
        (status = 200, body = Forwarding, description = "The number is ready."),
        (status = 202, body = Forwarding, description = "The number is being bought."),
    )
)]
pub(super) async fn number(
    State(api): State<Api>,
    member: Member,
    Body(wished): Body<WishedNumber>,
) -> Result<(StatusCode, Json<Forwarding>), Problem> {
    member.may_configure()?;
    let area = wished.area_code.filter(|code| !code.trim().is_empty());
    let center = &api.app.center;
    let mut owner = center.provision_number(member.business, area).await?;
    let (timer, since) = (&center.ports().timer, api.app.clock.now());
    while owner.lines.is_empty() {
        if let Some(failed) = owner
            .settings
            .telephone
            .provisioning
            .as_ref()
            .and_then(|going| going.failed.clone())
        {
            return Err(Problem::new(Code::Provider, failed));
        }
        let waited = api.app.clock.now().since(since);
        if waited >= PURCHASE_WAITS || api.app.stop.is_cancelled() {
            return Ok((StatusCode::ACCEPTED, Json(view(&api, &owner).await?)));
        }
        timer.sleep(LOOK_EVERY).await;
        owner = center.business(member.business).await?;
    }
    Ok((StatusCode::OK, Json(view(&api, &owner).await?)))
}

/// The contractor's phone company.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChosenProvider {
    /// A key of the guides.
    #[schema(example = "verizon")]
    provider: String,
}

/// Choose the phone company.
#[utoipa::path(
    post, path = "/businesses/{business}/forwarding/provider", tag = "forwarding", request_body = ChosenProvider,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = Forwarding, description = "Saved."))
)]
pub(super) async fn provider(
    State(api): State<Api>,
    member: Member,
    Body(chosen): Body<ChosenProvider>,
) -> Reply<Forwarding> {
    member.may_configure()?;
    let guides = &api.app.guides;
    let Some(version) = guides.version_of(&chosen.provider) else {
        return Err(Problem::field("/provider", format!("Choose one of {}.", guides.keys())));
    };
    let owner = api
        .app
        .center
        .choose_provider(member.business, &chosen.provider, version)
        .await?;
    Ok(Json(view(&api, &owner).await?))
}

/// The business's own phone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BusinessPhone {
    /// The number that customers call.
    #[schema(example = "+15125550100")]
    phone: String,
}

/// Set the business's own phone. Another phone has to be tested anew.
#[utoipa::path(
    put, path = "/businesses/{business}/forwarding/business-phone", tag = "forwarding", request_body = BusinessPhone,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = Forwarding, description = "Saved."))
)]
pub(super) async fn business_phone(
    State(api): State<Api>,
    member: Member,
    Body(wanted): Body<BusinessPhone>,
) -> Reply<Forwarding> {
    member.may_configure()?;
    let wanted: PhoneNumber = phone("/phone", &wanted.phone)?;
    let owner = api.app.center.business(member.business).await?;
    if owner.lines.iter().any(|line| line.number == wanted) {
        return Err(Problem::field(
            "/phone",
            "This is your forwarding number. Enter the phone that customers call and that forwards to it.",
        ));
    }
    let owner = api
        .app
        .center
        .change_settings(member.business, move |settings| {
            if settings.profile.business_phone != Some(wanted) {
                settings.profile.business_phone = Some(wanted);
                settings.telephone.forwarding_verified_at = None;
            }
        })
        .await?;
    Ok(Json(view(&api, &owner).await?))
}

/// How to test.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTest {
    /// Who calls the business phone.
    mode: TestModeName,
    /// The phone the person calls from; required for `you_call`.
    #[serde(default)]
    from: Option<String>,
}

/// Who calls the business phone.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TestModeName {
    /// We do.
    CallMe,
    /// The person does.
    YouCall,
}

/// Start a forwarding test. One at a time.
#[utoipa::path(
    post, path = "/businesses/{business}/forwarding/test", tag = "forwarding", request_body = NewTest,
    params(("business" = String, Path, description = "The business.")),
    responses((status = 202, body = ForwardingTest, description = "Begun."))
)]
pub(super) async fn start(
    State(api): State<Api>,
    member: Member,
    Body(wanted): Body<NewTest>,
) -> Result<(StatusCode, Json<ForwardingTest>), Problem> {
    member.may_configure()?;
    let mode = match (wanted.mode, wanted.from.as_deref()) {
        (TestModeName::CallMe, _) => TestMode::WeCall,
        (TestModeName::YouCall, Some(from)) => TestMode::YouCall(phone("/from", from)?),
        (TestModeName::YouCall, None) => {
            return Err(Problem::field(
                "/from",
                "Say which phone you will call from, so that the call can be told from a customer's.",
            ));
        }
    };
    let test = api.app.center.start_test(member.business, mode).await?;
    let owner = api.app.center.business(member.business).await?;
    Ok((
        StatusCode::ACCEPTED,
        Json(test_view(&test, &owner, &api.app.guides, api.app.clock.now())),
    ))
}

/// The newest forwarding test.
#[utoipa::path(
    get, path = "/businesses/{business}/forwarding/test", tag = "forwarding",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = ForwardingTest, description = "The test."))
)]
pub(super) async fn latest(State(api): State<Api>, member: Member) -> Reply<ForwardingTest> {
    let owner = api.app.center.business(member.business).await?;
    let test = api.app.center.ports().store.latest_test_call(member.business).await?;
    let test = test.ok_or_else(Problem::not_found)?;
    Ok(Json(test_view(&test, &owner, &api.app.guides, api.app.clock.now())))
}

/// One forwarding test.
#[utoipa::path(
    get, path = "/businesses/{business}/forwarding/test/{id}", tag = "forwarding",
    params(("business" = String, Path, description = "The business."), ("id" = String, Path, description = "The test.")),
    responses((status = 200, body = ForwardingTest, description = "The test."))
)]
pub(super) async fn one(State(api): State<Api>, member: Member, Named(id): Named<TestCallId>) -> Reply<ForwardingTest> {
    let owner = api.app.center.business(member.business).await?;
    let test = api.app.center.ports().store.test_call(member.business, id).await?;
    let test = test.ok_or_else(Problem::not_found)?;
    Ok(Json(test_view(&test, &owner, &api.app.guides, api.app.clock.now())))
}

/// How to set up forwarding, by phone company, in the order in which they are offered.
#[utoipa::path(
    get, path = "/businesses/{business}/forwarding/guides", tag = "forwarding",
    params(("business" = String, Path, description = "The business.")),
    responses((status = 200, body = std::collections::BTreeMap<String, Guide>, description = "The guides by their keys."))
)]
pub(super) async fn guides(State(api): State<Api>, _member: Member) -> Json<GuideList> {
    Json(GuideList(api.app.guides))
}

/// Every guide by its key, in the order in which they are offered.
#[derive(Debug)]
pub(super) struct GuideList(Arc<Guides>);

impl Serialize for GuideList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.all())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mccc_core::BusinessId;
    use mccc_core::business::Settings;
    use mccc_core::zone::Zone;

    fn test(state: TestCallState, we_call: bool) -> TestCall {
        let at = Timestamp::from_seconds(1_000);
        TestCall {
            id: TestCallId::derive(at, "t"),
            business: BusinessId::derive(at, "b"),
            version: 1,
            we_call,
            business_phone: PhoneNumber::parse("+15125550100").unwrap(),
            our_number: PhoneNumber::parse("+15125550199").unwrap(),
            expected_callers: Vec::new(),
            provider_call: None,
            state,
            error_code: None,
            started_at: at,
            expires_at: at.plus(Duration::from_secs(45)),
            ended_at: None,
        }
    }

    fn shown(state: TestCallState, after: u64) -> ForwardingTest {
        let mut settings = Settings::new("Acme", Zone::parse("America/Chicago").unwrap());
        settings.telephone.forwarding_provider = Some("verizon".into());
        let at = Timestamp::from_seconds(1_000);
        let owner = Owner::new(BusinessId::derive(at, "b"), 1, settings, Vec::new(), at).unwrap();
        test_view(
            &test(state, true),
            &owner,
            &Guides::built_in(),
            at.plus(Duration::from_secs(after)),
        )
    }

    #[test]
    fn a_test_says_what_the_set_up_guide_promises() {
        let success = shown(TestCallState::Success, 5);
        assert_eq!(
            (success.status, success.headline.as_str()),
            ("succeeded", "✅ Forwarding detected! Your setup is complete.")
        );
        let failed = shown(TestCallState::NotForwarded, 45);
        assert_eq!(failed.headline, "❌ Forwarding not detected.");
        assert_eq!(
            failed.message.as_deref(),
            Some(
                "The call rang but wasn't forwarded to your Command Center number. Double-check that you entered the correct \
                 forwarding number in your Verizon (mobile) settings: (512) 555-0199. Make sure 'No-answer forwarding' (not \
                 'Always forward') is enabled."
            )
        );
        assert_eq!(
            shown(TestCallState::Unreachable, 5).message.as_deref(),
            Some(
                "We couldn't reach your business number. Please verify (512) 555-0100 is correct in your Profile settings."
            )
        );
        assert_eq!(
            shown(TestCallState::Answered, 5).message.as_deref(),
            Some("It looks like you picked up the call. Please try again and let it ring without answering.")
        );
    }

    #[test]
    fn a_test_moves_on_with_time() {
        assert_eq!(shown(TestCallState::Pending, 1).status, "calling");
        assert_eq!(shown(TestCallState::Ringing, 5).status, "ringing");
        assert_eq!(shown(TestCallState::Ringing, 25).status, "checking");
        let late = shown(TestCallState::Ringing, 46);
        assert_eq!((late.status, late.failure), ("failed", Some("not_forwarded")));
        let states: Vec<&str> = late.steps.iter().map(|step| step.state).collect();
        assert_eq!(states, ["done", "done", "failed", "failed"]);
        assert!(
            shown(TestCallState::Success, 1)
                .steps
                .iter()
                .all(|step| step.state == "done")
        );
    }
}
