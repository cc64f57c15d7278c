//! Appointments: what was promised to a customer, and the time that is closed to everybody else for it.
//!
//! A booking is two facts that are kept apart. The [`Appointment`] says who comes when and where it stands; its
//! [`Block`]s close time. No two appointments of a business may close the same time: the store refuses the second with
//! [`Conflict::SlotTaken`](crate::port::store::Conflict::SlotTaken), which is the one place where "never twice" is made
//! certain, since no calendar service offers an insert that fails when the time is taken.

mod appointment;
mod attendance;
mod block;
mod booking;
mod cancelling;
mod confirming;
mod diary;
mod elsewhere;
mod moving;
mod news;
mod week;

pub use appointment::{
    Appointment, AppointmentSource, AppointmentStatus, CalendarEvent, CancelledBy, Customer, EARLIEST, ReminderSent,
};
pub use attendance::{Attendance, AttendanceError, attend};
pub use block::{Block, BlockedTime, Span};
pub use booking::{HOLD, LOOK_AFTER, Refusal, Wish, hold, keep, release, request, settle};
pub use cancelling::{CallOff, call_off};
pub use confirming::confirm;
pub use diary::{Diary, Foreign, Rules, Whose, reach};
pub use elsewhere::{Seen, follow, where_it_is};
pub use moving::{abandon_move, begin_move, finish_move, renew_event, request_move};
pub use news::reminder_jobs;
pub use week::{Days, Standing, Stretch, reach_of};
