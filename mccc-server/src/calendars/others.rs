//! Reading calendars that are only read, under the addresses that people gave.

use mccc_calendar::ics::read::{IcsError, Reading, read};
use mccc_calendar::webcal::{Address, AddressError, Fetched};
use mccc_core::business::{OtherCalendar, Owner};
use mccc_core::port::{CopyAnswer, CopyRequest, ErrorKind, PortError, Retry};

use super::{Calendars, unusable};

const NO_ADDRESS: &str = "Its address cannot be opened. Disconnect it and connect it again with its address.";

impl Calendars {
    /// Reads an address as a person gave it.
    ///
    /// # Errors
    /// Names what is wrong with it and never repeats it.
    pub fn address(&self, text: &str) -> Result<Address, AddressError> {
        Address::parse(text, self.webcal.reach())
    }

    /// Reads the calendar of a sealed address.
    ///
    /// # Errors
    /// When it could not be read in full, with a sentence for the contractor.
    pub async fn read_other(
        &self,
        owner: &Owner,
        calendar: &OtherCalendar,
        request: &CopyRequest,
    ) -> Result<CopyAnswer, PortError> {
        let address = self
            .secret(owner.business, &calendar.secret_field())
            .await
            .map_err(|error| {
                if error.kind() == ErrorKind::Unavailable {
                    return error;
                }
                unusable(ErrorKind::InvalidConfig, Retry::Backoff, NO_ADDRESS).with_source(error)
            })?;
        // Where calendars may be read from may have become less.
        let address = self
            .address(address.reveal())
            .map_err(|error| unusable(ErrorKind::InvalidConfig, Retry::Backoff, NO_ADDRESS).with_source(error))?;
        self.read_address(owner, &address, request).await
    }

    /// Reads the calendar of an address.
    ///
    /// # Errors
    /// When it could not be read in full, with a sentence for the contractor.
    pub async fn read_address(
        &self,
        owner: &Owner,
        address: &Address,
        request: &CopyRequest,
    ) -> Result<CopyAnswer, PortError> {
        let (text, marks) = match self.webcal.fetch(address, request.known.as_ref()).await? {
            Fetched::Unchanged => return Ok(CopyAnswer::Unchanged),
            Fetched::Text { text, marks } => (text, marks),
        };
        let (window, zone) = (request.range, request.zone.clone());
        let email = owner.settings.profile.email.clone();
        // A large file with many series takes a while to work out, and others wait for this thread.
        let work = tokio::task::spawn_blocking(move || {
            let reading = Reading {
                calendar: "",
                window,
                zone: &zone,
                owner: email.as_deref(),
            };
            read(&text, &reading)
        });
        let busy = work
            .await
            .map_err(|error| unusable(ErrorKind::Protocol, Retry::Backoff, UNREADABLE).with_source(error))?;
        Ok(CopyAnswer::Read(busy.map_err(unread)?, marks))
    }
}

const UNREADABLE: &str = "What is under its address is no calendar that can be read.";

fn unread(error: IcsError) -> PortError {
    let sentence = match error {
        IcsError::TooLarge => "It is too large. Share a calendar with less in it.",
        IcsError::TooMuchWork => "Its repeating events would take too long to work out. Give them an end.",
        IcsError::UnknownZone => "It uses a time zone of its own making. Give its events a time zone with a name.",
        IcsError::Unsupported => "It changes the rest of a repeating event in a way that is not understood.",
        // The reader may learn new reasons.
        IcsError::Malformed | _ => UNREADABLE,
    };
    unusable(ErrorKind::Protocol, Retry::Backoff, sentence).with_source(error)
}
