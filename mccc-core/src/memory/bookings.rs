//! Appointments and the time that is closed.

use super::MemoryStore;
use crate::appointments::Appointment;
use crate::port::store::{AppointmentCursor, AppointmentFilter, Bookings};
use crate::{AppointmentId, BusinessId, Timestamp};

impl MemoryStore {
    pub(super) fn one_appointment(&self, business: BusinessId, id: AppointmentId) -> Option<Appointment> {
        let state = self.state();
        state.businesses.get(&business)?.appointments.get(&id).cloned()
    }

    pub(super) fn bookings_between(&self, business: BusinessId, from: Timestamp, until: Timestamp) -> Bookings {
        let now = self.clock.now();
        let state = self.state();
        let Some(row) = state.businesses.get(&business) else {
            return Bookings::default();
        };
        let mut appointments: Vec<Appointment> = row
            .appointments
            .values()
            .filter(|appointment| (from..until).contains(&appointment.starts_at))
            .cloned()
            .collect();
        appointments.sort_by_key(|appointment| (appointment.starts_at, appointment.id));
        let mut blocks: Vec<_> = row
            .blocks
            .iter()
            .flat_map(|(id, blocks)| blocks.iter().map(|block| (*id, *block)))
            .filter(|(_, block)| block.from < until && block.until > from)
            .filter(|(_, block)| block.expires_at.is_none_or(|at| at > now))
            .collect();
        blocks.sort_by_key(|(id, block)| (*block, *id));
        let blocked_times = row
            .blocked_times
            .values()
            .filter(|time| {
                let (first, last) = time.span.reach();
                first < until && last > from
            })
            .cloned()
            .collect();
        Bookings {
            appointments,
            blocks,
            blocked_times,
        }
    }

    pub(super) fn list_appointments(
        &self,
        business: BusinessId,
        filter: &AppointmentFilter,
        after: Option<AppointmentCursor>,
        limit: u32,
    ) -> Vec<Appointment> {
        let state = self.state();
        let Some(row) = state.businesses.get(&business) else {
            return Vec::new();
        };
        let mut listed: Vec<Appointment> = row
            .appointments
            .values()
            .filter(|appointment| filter.admits(appointment))
            .filter(|row| after.is_none_or(|after| (row.starts_at, row.id) > (after.starts_at, after.id)))
            .cloned()
            .collect();
        listed.sort_by_key(|appointment| (appointment.starts_at, appointment.id));
        listed.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        listed
    }
}
