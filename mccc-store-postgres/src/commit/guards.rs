//! What must hold before the changes apply. The business's head is locked, so nothing read here changes underneath.

use std::time::Duration;

use mccc_core::PhoneNumber;
use mccc_core::port::store::{Conflict, Guard, Stale, TestCall, TestCallState};

use super::Work;
use crate::error::{Stop, Within as _};
use crate::load::{DAY, HOUR, NEW_SINCE, SENT_SINCE};
use crate::wire::At;

impl Work<'_> {
    pub(super) async fn check(&mut self, guard: &Guard) -> Result<(), Stop> {
        let conflict = match guard {
            Guard::Settings { version } => (*version != self.read).then_some(Conflict::Stale(Stale::Settings)),
            Guard::CallerFlags { phone, version } => {
                const SQL: &str = "SELECT version FROM caller_flags WHERE business_id = $1 AND phone = $2";
                let stored = self.version(SQL, phone, "caller_flags").await?;
                (stored != i64::from(*version)).then_some(Conflict::Stale(Stale::CallerFlags))
            }
            Guard::Conversation { phone, version } => {
                const SQL: &str = "SELECT version FROM conversations WHERE business_id = $1 AND phone = $2";
                let stored = self.version(SQL, phone, "conversations").await?;
                (stored != i64::from(*version)).then_some(Conflict::Stale(Stale::Conversation))
            }
            Guard::NotOptedOut { phone } => self.opted_out(phone).await?.then_some(Conflict::OptedOut),
            Guard::TextGuardFree { phone } => self.held(phone).await?,
            Guard::SendsBelow {
                business_day,
                new_recipients_hour,
            } => {
                let mut full = false;
                if let Some(limit) = *business_day {
                    full = self.sent(SENT_SINCE, DAY).await? >= i64::from(limit);
                }
                if let Some(limit) = new_recipients_hour.filter(|_| !full) {
                    full = self.sent(NEW_SINCE, HOUR).await? >= i64::from(limit);
                }
                full.then_some(Conflict::Stale(Stale::SendCounts))
            }
            Guard::DayBelow {
                from,
                until,
                limit,
                except,
            } => (self.count_day((*from, *until), *except).await? >= i64::from(*limit)).then_some(Conflict::DayFull),
        };
        conflict.map_or(Ok(()), |conflict| Err(conflict.into()))
    }

    async fn version(&mut self, sql: &'static str, phone: &PhoneNumber, place: &'static str) -> Result<i64, Stop> {
        let version: Option<i32> = sqlx::query_scalar(sql)
            .bind(self.commit.business.uuid())
            .bind(phone.to_string())
            .fetch_optional(&mut *self.connection)
            .await
            .within(place)?;
        Ok(version.map_or(0, i64::from))
    }

    async fn sent(&mut self, sql: &'static str, within: Duration) -> Result<i64, Stop> {
        sqlx::query_scalar(sql)
            .bind(self.commit.business.uuid())
            .bind(At(self.commit.at.minus(within)))
            .fetch_one(&mut *self.connection)
            .await
            .within("sms_log")
    }

    async fn opted_out(&mut self, phone: &PhoneNumber) -> Result<bool, Stop> {
        sqlx::query_scalar(
            "SELECT is_suppressed($2) OR EXISTS (SELECT FROM sms_opt_outs WHERE business_id = $1 AND phone_number = $2 \
             AND opted_back_in_at IS NULL)",
        )
        .bind(self.commit.business.uuid())
        .bind(phone.to_string())
        .fetch_one(&mut *self.connection)
        .await
        .within("sms_opt_outs")
    }

    async fn held(&mut self, phone: &PhoneNumber) -> Result<Option<Conflict>, Stop> {
        let until: Option<At> =
            sqlx::query_scalar("SELECT until FROM text_guards WHERE business_id = $1 AND phone = $2 AND until > $3")
                .bind(self.commit.business.uuid())
                .bind(phone.to_string())
                .bind(At(self.commit.at))
                .fetch_optional(&mut *self.connection)
                .await
                .within("text_guards")?;
        Ok(until.map(|At(until)| Conflict::TextGuardHeld { until }))
    }

    /// A business has one test in progress at a time.
    pub(super) async fn refuse_second_test(&mut self, test: &TestCall) -> Result<(), Stop> {
        let over: Vec<&str> = TestCallState::ALL
            .iter()
            .filter(|state| state.is_over())
            .map(|state| state.name())
            .collect();
        let busy: bool = sqlx::query_scalar(
            "SELECT EXISTS (SELECT FROM test_calls WHERE business_id = $1 AND id <> $2 AND expires_at > $3 \
             AND overall_status <> ALL ($4))",
        )
        .bind(self.commit.business.uuid())
        .bind(test.id.uuid())
        .bind(At(self.commit.at))
        .bind(over)
        .fetch_one(&mut *self.connection)
        .await
        .within("test_calls")?;
        if busy {
            Err(Conflict::TestInProgress.into())
        } else {
            Ok(())
        }
    }
}
