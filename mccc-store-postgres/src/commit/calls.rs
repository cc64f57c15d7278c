//! Calls and the sums that follow from them.

use mccc_core::calls::{Call, totals_delta};
use mccc_core::port::store::{Conflict, Stale};

use super::Work;
use crate::columns::{document, phone};
use crate::composite::{CallRow, Sums};
use crate::error::{Stop, Within as _};
use crate::wire::{At, Day, clean, int4, int8};

const PLACE: &str = "missed_calls";

const UPDATE: &str = "UPDATE missed_calls SET version = $4, settings_version = $5, responded_at = $6, ended_at = $7, \
    read_at = $8, callback_completed_at = $9, conversation_id = $10, call_duration_seconds = $11, \
    recording_duration_seconds = $12, recovered = $13, is_test = $14, needs_attention = $15, caller_id_status = $16, \
    caller_phone = $17, caller_name = $18, dialled_number = $19, forwarded_from = $20, scheduled_method = $21, \
    routing_method = $22, variant = $23, state = $24, outcome = $25, text_status = $26, provider_recording = $27, \
    tags = $28, received_at = $29, local_day = $30, rule = coalesce($31::json, rule), \
    reply = coalesce($32::json, reply), trace = coalesce($33::json, trace), named = true, \
    contact_name = (SELECT k.name FROM contacts k WHERE k.business_id = $1 AND k.phone = $17) \
    WHERE business_id = $1 AND id = $2 AND version = $3";

impl Work<'_> {
    pub(super) async fn refuse_known_call(&mut self, call: &Call) -> Result<(), Stop> {
        let reply: Option<String> = sqlx::query_scalar(
            "SELECT reply::text FROM missed_calls WHERE business_id = $1 AND (provider_call = $2 OR id = $3)",
        )
        .bind(self.commit.business.uuid())
        .bind(clean(&call.provider_call))
        .bind(call.id.uuid())
        .fetch_optional(&mut *self.connection)
        .await
        .within(PLACE)?;
        reply.map_or(Ok(()), |reply| {
            Err(Conflict::AlreadyProcessed { reply: Some(reply) }.into())
        })
    }

    pub(super) async fn insert_call(&mut self, call: &Call) -> Result<(), Stop> {
        let statement = sqlx::query("SELECT insert_calls($1)").bind(vec![CallRow::of(call)?]);
        self.run(statement, PLACE).await?;
        self.sums.extend(totals_delta(None, call));
        Ok(())
    }

    pub(super) async fn update_call(&mut self, before: &Call, after: &Call) -> Result<(), Stop> {
        // The documents of the decision hardly ever change; what stays is not sent again.
        let changed = |same: bool, text: Result<String, _>| if same { Ok(None) } else { text.map(Some) };
        let statement = sqlx::query(UPDATE)
            .bind(after.business.uuid())
            .bind(after.id.uuid())
            .bind(int4(before.version))
            .bind(int4(after.version))
            .bind(int8(after.settings_version))
            .bind(after.responded_at.map(At))
            .bind(after.ended_at.map(At))
            .bind(after.read_at.map(At))
            .bind(after.callback_completed_at.map(At))
            .bind(after.conversation.map(mccc_core::Id::uuid))
            .bind(after.duration_seconds.map(int4))
            .bind(
                after
                    .recording
                    .as_ref()
                    .map(|recording| int4(recording.duration_seconds)),
            )
            .bind(after.recovered)
            .bind(after.is_test)
            .bind(after.needs_attention)
            .bind(after.caller.status())
            .bind(phone(after.caller.number().as_ref()))
            .bind(after.caller_name.as_deref().map(clean))
            .bind(after.dialled.to_string())
            .bind(phone(after.forwarded_from.as_ref()))
            .bind(after.scheduled_method.name())
            .bind(after.method.name())
            .bind(after.variant.name())
            .bind(after.state.name())
            .bind(after.outcome.name())
            .bind(after.text.name())
            .bind(
                after
                    .recording
                    .as_ref()
                    .map(|recording| clean(&recording.provider_recording)),
            )
            .bind(after.tags.iter().map(|tag| clean(tag)).collect::<Vec<_>>())
            .bind(At(after.received_at))
            .bind(Day(after.local_day))
            .bind(changed(before.rule == after.rule, document(&after.rule))?)
            .bind(changed(before.reply == after.reply, document(&after.reply))?)
            .bind(changed(before.trace == after.trace, document(&after.trace))?);
        self.versioned(statement, PLACE, Stale::Call).await?;
        self.sums.extend(totals_delta(Some(before), after));
        Ok(())
    }

    pub(super) async fn write_sums(&mut self) -> Result<(), Stop> {
        let mut sums = Sums::default();
        for delta in self.sums.drain(..) {
            sums.add(self.commit.business.uuid(), delta);
        }
        let (rows, sizes) = sums.rows();
        if rows.is_empty() {
            return Ok(());
        }
        let statement = sqlx::query("SELECT add_sums($1, $2)").bind(rows).bind(sizes);
        self.run(statement, "call_totals").await.map(drop)
    }
}
