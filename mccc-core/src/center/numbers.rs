//! The business's forwarding number: bought once, whatever happens in between.

use std::sync::Arc;

use super::settings::saved;
use super::{CenterError, CommandCenter, TRIES};
use crate::business::{OwnedLine, Owner, Provisioning, TelephonyMode};
use crate::jobs::Job;
use crate::port::store::{Change, ClaimedJob, Commit, CommitError, Conflict, FeedEvent, FeedKind, JobResult, NewJob};
use crate::port::{NumberQuery, NumberSetup, PortError, Retry};
use crate::{BusinessId, JobId, PhoneNumber};

/// What the contractor reads when the provider gives no better reason.
const USUALLY_TEMPORARY: &str = "We couldn't generate your forwarding number. This is usually temporary.";
/// Numbers looked at for a choice.
const OFFERS: u8 = 5;

/// Whether there is the number that this business needs.
fn has_number(owner: &Owner) -> bool {
    let kind = owner.settings.telephone.number_kind();
    owner.lines.iter().any(|line| line.kind == kind)
}

impl CommandCenter {
    /// Queues the purchase of the business's forwarding number. Asking again while it goes on changes nothing; asking
    /// again after a failure tries again. With no area code, that of the business's own phone is tried first.
    ///
    /// # Errors
    /// When the business has a number already or the area code is not three digits.
    pub async fn provision_number(
        &self,
        business: BusinessId,
        area_code: Option<String>,
    ) -> Result<Arc<Owner>, CenterError> {
        if area_code
            .as_ref()
            .is_some_and(|code| code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Err(CenterError::Refused("an area code has three digits, such as 512"));
        }
        let owner = self.owner(business).await?;
        if has_number(&owner) {
            return Err(CenterError::Refused("this business already has its forwarding number"));
        }
        if owner
            .settings
            .telephone
            .provisioning
            .as_ref()
            .is_some_and(|going| going.failed.is_none())
        {
            return Ok(owner);
        }
        let now = self.now();
        let wished = area_code.or_else(|| {
            owner
                .settings
                .profile
                .business_phone
                .as_ref()
                .and_then(PhoneNumber::area_code)
                .map(str::to_owned)
        });
        let mut settings = (*owner.settings).clone();
        settings.telephone.provisioning = Some(Provisioning {
            since: now,
            failed: None,
            code: None,
        });
        let mut commit = Commit::new(business, now);
        commit.changes = vec![
            Change::PutSettings {
                settings: Box::new(settings),
                expected: owner.version,
            },
            Change::Enqueue(NewJob {
                id: JobId::derive(now, &format!("provision/{business}")),
                job: Job::ProvisionNumber {
                    area_code: wished,
                    chosen: None,
                },
                subject: None,
                run_at: now,
                dedupe: "provision".to_owned(),
            }),
        ];
        self.commit(commit).await?;
        self.owner(business).await
    }

    /// Remembers the contractor's phone company and which version of its steps was shown. A business without a phone of
    /// its own ([`NO_PHONE`](crate::business::Telephone::NO_PHONE)) makes its number the public one; another choice takes
    /// that back.
    ///
    /// # Errors
    /// When the database cannot be asked, or somebody else keeps saving at the same time.
    pub async fn choose_provider(
        &self,
        business: BusinessId,
        provider: &str,
        instructions: &str,
    ) -> Result<Arc<Owner>, CenterError> {
        for _ in 0..TRIES {
            let owner = self.owner(business).await?;
            let mut settings = (*owner.settings).clone();
            settings.telephone.forwarding_provider = Some(provider.to_owned());
            settings.telephone.forwarding_instructions_version = Some(instructions.to_owned());
            let (before, kind) = (owner.settings.telephone.number_kind(), settings.telephone.number_kind());
            if kind != before {
                // Nothing forwards to a public number; and what forwards now has yet to be tested.
                settings.telephone.forwarding_verified_at = None;
            }
            let mut commit = Commit::new(business, self.now());
            commit.changes.push(Change::PutSettings {
                settings: Box::new(settings),
                expected: owner.version,
            });
            commit.changes.push(saved(commit.at, owner.version.saturating_add(1)));
            // A list that somebody wrote by hand, with several numbers, is left as it is.
            if let [only] = owner.lines.as_slice()
                && kind != before
            {
                commit.changes.push(Change::PutLine(OwnedLine { kind, ..only.clone() }));
            }
            match self.commit(commit).await {
                Ok(_) => {
                    for line in &owner.lines {
                        self.forget(&line.number);
                    }
                    return self.owner(business).await;
                }
                Err(CommitError::Conflict(Conflict::Stale(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CenterError::Stale)
    }

    pub(super) async fn buy_number(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        area_code: Option<&str>,
        chosen: Option<PhoneNumber>,
    ) -> Result<(), CenterError> {
        if has_number(owner) {
            return self.finish(job, JobResult::Done).await;
        }
        let result = match chosen {
            None => self.choose_number(owner, job, area_code).await,
            Some(number) => self.buy_chosen(owner, job, number).await,
        };
        match result {
            Ok(()) => Ok(()),
            Err(CenterError::Provider(error)) => self.purchase_failed(owner, job, &error, area_code, chosen).await,
            Err(error) => Err(error),
        }
    }

    /// Picks a number and writes the choice into the job before anything is bought.
    async fn choose_number(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        area_code: Option<&str>,
    ) -> Result<(), CenterError> {
        let telephony = self.ports.providers.telephony(owner).await?;
        let mut offers = Vec::new();
        if area_code.is_some() {
            let query = NumberQuery {
                area_code: area_code.map(str::to_owned),
                limit: OFFERS,
            };
            offers = telephony.search_numbers(&query).await?;
        }
        if offers.is_empty() {
            offers = telephony
                .search_numbers(&NumberQuery {
                    area_code: None,
                    limit: OFFERS,
                })
                .await?;
        }
        let Some(offer) = offers.into_iter().find(|offer| offer.sms) else {
            let none = PortError::new(
                telephony.name(),
                "search_numbers",
                crate::port::ErrorKind::NotFound,
                Retry::Never,
            )
            .with_reason("No numbers are left there. Try a nearby area code.");
            return Err(none.into());
        };
        let chosen = Job::ProvisionNumber {
            area_code: area_code.map(str::to_owned),
            chosen: Some(offer.number),
        };
        self.finish(
            job,
            JobResult::Again {
                at: self.now(),
                job: Some(chosen),
                fresh: true,
            },
        )
        .await
    }

    async fn buy_chosen(&self, owner: &Arc<Owner>, job: &ClaimedJob, number: PhoneNumber) -> Result<(), CenterError> {
        let telephony = self.ports.providers.telephony(owner).await?;
        let setup = NumberSetup {
            public_base_url: self.ports.providers.public_base_url(),
            friendly_name: format!("MCCC {}", owner.settings.profile.name)
                .chars()
                .take(64)
                .collect(),
        };
        // An earlier attempt may have bought it without our learning of it.
        let owned = match telephony.owned_number(&number).await? {
            Some(owned) if owned.configured => owned,
            Some(owned) => telephony.configure_number(&owned, &setup).await?,
            None => telephony.buy_number(&number, &setup).await?,
        };
        let now = self.now();
        let mut settings = (*owner.settings).clone();
        settings.telephone.provisioning = None;
        let kind = settings.telephone.number_kind();
        let mut commit = Commit::new(owner.business, now);
        commit.job = Some((job.fence, JobResult::Done));
        commit.changes = vec![
            Change::PutSettings {
                settings: Box::new(settings),
                expected: owner.version,
            },
            Change::PutLine(OwnedLine {
                number,
                kind,
                account: match &owner.settings.telephone.mode {
                    TelephonyMode::Platform => self.ports.providers.platform_account(),
                    TelephonyMode::Byo { account_sid } => account_sid.clone(),
                },
                provider_number: Some(owned.provider_number),
            }),
            Change::Feed(FeedEvent {
                kind: FeedKind::ForwardingNumberGenerated,
                at: now,
                call: None,
                conversation: None,
                message: None,
                data: serde_json::json!({ "number": number }),
            }),
        ];
        self.commit(commit).await?;
        self.forget(&number);
        Ok(())
    }

    async fn purchase_failed(
        &self,
        owner: &Arc<Owner>,
        job: &ClaimedJob,
        error: &PortError,
        area_code: Option<&str>,
        chosen: Option<PhoneNumber>,
    ) -> Result<(), CenterError> {
        tracing::warn!(
            business = %owner.business, code = error.code(), kind = ?error.kind(),
            "the forwarding number could not be provisioned"
        );
        let taken = error.kind() == crate::port::ErrorKind::Conflict && chosen.is_some();
        let result = match error.retry() {
            // Somebody else took the number: choose another.
            _ if taken && job.attempt <= 3 => JobResult::Again {
                at: self.now(),
                job: Some(Job::ProvisionNumber {
                    area_code: area_code.map(str::to_owned),
                    chosen: None,
                }),
                fresh: false,
            },
            // It may have been bought: the next attempt asks first.
            Retry::Unknown if job.attempt <= 3 => JobResult::Again {
                at: self.now().plus(std::time::Duration::from_secs(3)),
                job: None,
                fresh: false,
            },
            Retry::Never | Retry::Backoff | Retry::After(_) | Retry::Unknown => self.after_failure(
                job,
                if error.retry() == Retry::Unknown {
                    Retry::Never
                } else {
                    error.retry()
                },
            ),
        };
        let now = self.now();
        let mut commit = Commit::new(owner.business, now);
        if matches!(result, JobResult::Dead { .. }) {
            let mut settings = (*owner.settings).clone();
            settings.telephone.provisioning = Some(Provisioning {
                since: now,
                failed: Some(error.reason().unwrap_or(USUALLY_TEMPORARY).to_owned()),
                code: error.code(),
            });
            commit.changes.push(Change::PutSettings {
                settings: Box::new(settings),
                expected: owner.version,
            });
        }
        commit.job = Some((job.fence, result));
        self.commit(commit).await?;
        Ok(())
    }
}
