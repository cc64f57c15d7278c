//! Calendars that are created in memory.

use async_trait::async_trait;

use super::{ADAPTER, FakeCalendar, State, failed};
use crate::BusinessId;
use crate::port::{Access, CalendarCreation, CalendarInfo, CalendarWish, ErrorKind, PortError, Retry};
use crate::testkit::contract::calendar::{CalendarFault, Created};
use crate::zone::Zone;

/// A calendar that was created, by us for a business or by the contractor.
#[derive(Debug, Clone)]
pub(super) struct Shelf {
    id: String,
    name: String,
    business: Option<BusinessId>,
    zone: Option<Zone>,
}

impl Shelf {
    pub(super) fn info(&self) -> CalendarInfo {
        CalendarInfo {
            id: self.id.clone(),
            name: self.name.clone(),
            primary: false,
            access: Access::Write,
            zone: self.zone.clone(),
        }
    }
}

impl State {
    fn add(&mut self, name: &str, business: Option<BusinessId>, zone: Option<Zone>) -> CalendarInfo {
        let shelf = Shelf {
            id: format!("calendar-{}", self.shelves.len()),
            name: name.to_owned(),
            business,
            zone,
        };
        let info = shelf.info();
        self.shelves.push(shelf);
        info
    }
}

impl FakeCalendar {
    /// The contractor creates a calendar by hand. Its identifier.
    pub fn add_calendar(&self, name: &str) -> String {
        self.state().add(name, None, None).id
    }

    /// Every calendar that was created by us.
    #[must_use]
    pub fn created(&self) -> Vec<Created> {
        let state = self.state();
        let ours = state.shelves.iter().filter(|shelf| shelf.business.is_some());
        ours.map(|shelf| Created {
            id: shelf.id.clone(),
            name: shelf.name.clone(),
            zone: shelf.zone.as_ref().map(|zone| zone.name().to_owned()),
        })
        .collect()
    }
}

#[async_trait]
impl CalendarCreation for FakeCalendar {
    async fn create_calendar(&self, wish: &CalendarWish) -> Result<CalendarInfo, PortError> {
        drop(self.ask("create_calendar")?);
        self.act("create_calendar", Retry::Unknown, |state| {
            let ours = |shelf: &&Shelf| shelf.business == Some(wish.business) && shelf.name == wish.name;
            if let Some(shelf) = state.shelves.iter().find(ours) {
                return Ok(shelf.info());
            }
            if state.fault == CalendarFault::CreationForbidden {
                let error = PortError::new(ADAPTER, "create_calendar", ErrorKind::PermissionMissing, Retry::Never);
                return Err(error.with_reason("The permission to create calendars was not given."));
            }
            if wish.name.is_empty() {
                return Err(failed("create_calendar", ErrorKind::Rejected, Retry::Never));
            }
            Ok(state.add(&wish.name, Some(wish.business), Some(wish.zone.clone())))
        })
    }
}
