//! What every implementation of a port must do, as cases that anybody can run.
//!
//! An implementation supplies a harness: a fresh, empty world with the implementation pointed at it. One line then makes
//! each case a test of its own:
//!
//! ```ignore
//! mccc_core::store_contract!(MyHarness::start().await);
//! ```
//!
//! A case that does not apply prints `SKIPPED` with its name and the reason. Each case has a negative control here: an
//! implementation with one planted bug that the case must find.

pub mod booking;
pub mod calendar;
mod discretion;
pub mod embedder;
pub mod gateway;
pub mod notifier;
pub mod reply_model;
pub mod store;
pub mod telephony;

use std::fmt;
use std::future::Future;

use futures_util::future::BoxFuture;

use crate::port::PortError;
use crate::port::store::{CommitError, StoreError};

/// What a case found.
pub type Checked = Result<Done, Failure>;

/// How a case ended that found nothing wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// The contract held.
    Passed,
    /// The case does not apply to this implementation, and why.
    Skipped(&'static str),
}

/// How the contract was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(String);

impl Failure {
    /// A failure with its explanation.
    #[must_use]
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(format!("the store failed: {error:?}"))
    }
}

impl From<CommitError> for Failure {
    fn from(error: CommitError) -> Self {
        Self(format!("a commit that had to apply was not applied: {error:?}"))
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Self(format!("the port failed: {error:?}"))
    }
}

/// A case of a suite whose harness is `H`.
pub struct Case<H: ?Sized> {
    /// Its name, which says what must hold.
    pub name: &'static str,
    /// Runs it against a fresh harness.
    pub run: fn(&H) -> BoxFuture<'_, Checked>,
}

impl<H: ?Sized> fmt::Debug for Case<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What a suite makes of its list of cases: a test of each, or the table of them all. `$suite` is the suite's module here and
/// `$harness` the trait of its harnesses; each case is a function of the module that it stands under.
#[doc(hidden)]
#[macro_export]
macro_rules! __contract_cases {
    ($suite:ident, $harness:ident, { tests $fresh:expr } $($module:ident { $($case:ident)* })*) => {
        $($(
            #[test]
            fn $case() {
                $crate::testkit::contract::run(stringify!($case), async {
                    let harness = $fresh;
                    let cases = $crate::testkit::contract::$suite::CASES;
                    $crate::testkit::contract::case(cases, stringify!($case), &harness).await
                });
            }
        )*)*
    };
    ($suite:ident, $harness:ident, { table } $($module:ident { $($case:ident)* })*) => {
        &[$($({
            fn run(harness: &dyn $harness) -> futures_util::future::BoxFuture<'_, $crate::testkit::contract::Checked> {
                Box::pin($module::$case(harness))
            }
            $crate::testkit::contract::Case { name: stringify!($case), run }
        },)*)*]
    };
}

/// Runs the case of that name.
///
/// # Errors
/// What the case found, or that there is no such case.
#[doc(hidden)]
pub async fn case<H: ?Sized + Sync>(cases: &[Case<H>], name: &str, harness: &H) -> Checked {
    match cases.iter().find(|case| case.name == name) {
        Some(case) => (case.run)(harness).await,
        None => Err(Failure::new(format!("there is no case {name}"))),
    }
}

/// Runs one case as a test: on a runtime of its own with two threads, so that what races does so for real.
///
/// # Panics
/// When the contract is broken, with what was found.
#[doc(hidden)]
#[expect(clippy::panic, reason = "this is how a test fails")]
#[expect(clippy::print_stdout, reason = "a skipped case has to say so")]
pub fn run(name: &str, case: impl Future<Output = Checked>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let checked = match runtime {
        Ok(runtime) => runtime.block_on(case),
        Err(error) => Err(Failure::new(error.to_string())),
    };
    match checked {
        Ok(Done::Passed) => {}
        Ok(Done::Skipped(why)) => println!("SKIPPED {name}: {why}"),
        Err(failure) => panic!("{name}: {failure}"),
    }
}

/// Fails the case unless `$cond` holds.
macro_rules! ensure {
    ($cond:expr, $($why:tt)+) => {
        if !$cond {
            return Err($crate::testkit::contract::Failure::new(format!($($why)+)));
        }
    };
}
pub(crate) use ensure;

/// Fails the case unless both sides are equal.
macro_rules! ensure_eq {
    ($left:expr, $right:expr, $($why:tt)+) => {
        match (&$left, &$right) {
            (left, right) => {
                if *left != *right {
                    return Err($crate::testkit::contract::Failure::new(format!(
                        "{}:\n  found    {left:?}\n  expected {right:?}",
                        format_args!($($why)+)
                    )));
                }
            }
        }
    };
}
pub(crate) use ensure_eq;
