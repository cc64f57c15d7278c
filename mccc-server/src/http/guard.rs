//! Guards the door: password hashing at a bounded pace, and limits of attempts.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::Semaphore;

use super::problem::{Code, Problem};
use crate::runtime::sha256;

/// Hashes computed at once; each takes 19 MiB and a good part of a second of a core.
const HASHES_AT_ONCE: usize = 2;
/// Hashes that may wait. More would only time out.
const HASHES_WAITING: usize = 32;
/// Longest password in bytes.
const LONGEST_PASSWORD: usize = 1_024;
/// A sweep of idle limiter entries happens once in so many checks.
const SWEEP_EVERY: u32 = 256;
/// Attempts from one address: this many at once, then one every three seconds.
const PER_ADDRESS: Quota = Quota::per_minute(positive(20));
/// Attempts for one e-mail address: this many at once, then one every six seconds.
const PER_EMAIL: Quota = Quota::per_minute(positive(10));

const fn positive(count: u32) -> NonZeroU32 {
    match NonZeroU32::new(count) {
        Some(count) => count,
        None => NonZeroU32::MIN,
    }
}

/// Password hashing and limits of attempts.
pub(crate) struct Guard {
    by_address: DefaultKeyedRateLimiter<IpAddr>,
    by_email: DefaultKeyedRateLimiter<[u8; 32]>,
    checks: AtomicU32,
    hashing: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Hash that is checked where there is none, so that unknown addresses take as long as known ones.
    decoy: OnceLock<String>,
}

impl Default for Guard {
    fn default() -> Self {
        Self {
            by_address: RateLimiter::keyed(PER_ADDRESS),
            by_email: RateLimiter::keyed(PER_EMAIL),
            checks: AtomicU32::new(0),
            hashing: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            waiting: Arc::new(Semaphore::new(HASHES_WAITING)),
            decoy: OnceLock::new(),
        }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}

impl Guard {
    /// Counts an attempt from an address.
    ///
    /// # Errors
    /// When there were too many; the problem says how long to wait.
    pub(crate) fn count_address(&self, address: IpAddr) -> Result<(), Problem> {
        self.sweep();
        self.by_address
            .check_key(&network(address))
            .map_err(|not_before| too_many(not_before.wait_time_from(DefaultClock::default().now()).as_secs()))
    }

    /// Counts an attempt for an e-mail address.
    ///
    /// # Errors
    /// When there were too many; the problem says how long to wait.
    pub(crate) fn count_email(&self, email: &str) -> Result<(), Problem> {
        self.by_email
            .check_key(&sha256(&email.trim().to_lowercase()))
            .map_err(|not_before| too_many(not_before.wait_time_from(DefaultClock::default().now()).as_secs()))
    }

    /// Forgets who has not tried for a while, so that the tables do not grow with every address that ever tried.
    fn sweep(&self) {
        if self.checks.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.by_address.retain_recent();
            self.by_email.retain_recent();
        }
    }

    /// Whether `password` has this hash. With no hash it takes as long and is never right.
    ///
    /// # Errors
    /// When too many wait already.
    pub(crate) async fn verify(self: &Arc<Self>, password: String, hash: Option<String>) -> Result<bool, Problem> {
        let busy = || {
            Problem::new(
                Code::TooMany,
                "Too many people sign in right now. Try again in a moment.",
            )
            .retry_after(3)
        };
        let _place = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| busy())?;
        let _turn = Arc::clone(&self.hashing).acquire_owned().await.map_err(|_| busy())?;
        let guard = Arc::clone(self);
        let checked = tokio::task::spawn_blocking(move || {
            let known = hash.is_some();
            let hash = hash.unwrap_or_else(|| {
                guard
                    .decoy
                    .get_or_init(|| hash_now("no such person").unwrap_or_default())
                    .clone()
            });
            let fits = password.len() <= LONGEST_PASSWORD
                && hasher().is_some_and(|hasher| hasher.verify_password(password.as_bytes(), hash.as_str()).is_ok());
            known && fits
        });
        checked.await.map_err(|_| Problem::internal())
    }
}

fn too_many(seconds: u64) -> Problem {
    let wait = seconds.saturating_add(1);
    Problem::new(
        Code::TooMany,
        format!("Too many attempts. Wait {wait} seconds and try again."),
    )
    .retry_after(wait)
}

/// Who is limited together: a single IPv4 address, or the network that one IPv6 customer gets.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// Argon2id with 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).
fn hasher() -> Option<Argon2<'static>> {
    let params = Params::new(19 * 1_024, 2, 1, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash_now(password: &str) -> Option<String> {
    hasher()?
        .hash_password(password.as_bytes())
        .ok()
        .map(|hash| hash.to_string())
}

/// The hash under which a password is stored.
///
/// # Errors
/// When the password has less than 8 characters, no capital letter or no digit, or is too long.
pub async fn hash_password(password: &str) -> Result<String, &'static str> {
    let strong = password.chars().count() >= 8
        && password.chars().any(char::is_uppercase)
        && password.chars().any(char::is_numeric);
    if !strong {
        return Err("a password has at least 8 characters, among them a capital letter and a digit");
    }
    if password.len() > LONGEST_PASSWORD {
        return Err("a password has at most 1024 bytes");
    }
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || hash_now(&password))
        .await
        .ok()
        .flatten()
        .ok_or("the password could not be hashed")
}

/// The address of whoever sent the request: the peer, or what the outermost believed proxy saw.
#[must_use]
pub(super) fn address_of(parts: &Parts, trusted_proxies: u8) -> IpAddr {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|peer| peer.0.ip());
    let forwarded: Vec<IpAddr> = parts
        .headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|address| address.trim().parse().ok())
        .collect();
    // Each proxy appends the address it was called from; what stands further left came with the request and can be
    // anything.
    let believed = match usize::from(trusted_proxies) {
        0 => None,
        proxies => forwarded.iter().rev().nth(proxies - 1).or(forwarded.first()).copied(),
    };
    believed.or(peer).unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn from(forwarded: &str) -> Parts {
        Request::builder()
            .header("x-forwarded-for", forwarded)
            .body(())
            .unwrap()
            .into_parts()
            .0
    }

    #[test]
    fn a_forged_forwarding_header_is_not_believed() {
        let parts = from("1.1.1.1, 2.2.2.2, 3.3.3.3");
        assert_eq!(address_of(&parts, 0), IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        assert_eq!(address_of(&parts, 1), IpAddr::from([3, 3, 3, 3]));
        assert_eq!(address_of(&parts, 2), IpAddr::from([2, 2, 2, 2]));
        assert_eq!(address_of(&parts, 9), IpAddr::from([1, 1, 1, 1]));
    }

    #[test]
    fn attempts_run_out_for_one_address_and_not_for_another() {
        let guard = Guard::default();
        let (one, other) = (IpAddr::from([1, 1, 1, 1]), IpAddr::from([1, 1, 1, 2]));
        let refused = (0..21).filter(|_| guard.count_address(one).is_err()).count();
        assert_eq!(refused, 1);
        assert!(guard.count_address(other).is_ok());
        let refused = (0..11)
            .filter(|n| guard.count_email(if n % 2 == 0 { "A@b.c" } else { "a@b.c" }).is_err())
            .count();
        assert_eq!(refused, 1);
    }

    #[test]
    fn neighbours_in_one_ipv6_network_are_one() {
        let (one, other): (IpAddr, IpAddr) = (
            "2001:db8:1:2::1".parse().unwrap(),
            "2001:db8:1:2:ffff::9".parse().unwrap(),
        );
        assert_eq!(network(one), network(other));
        assert_eq!(network("::ffff:1.2.3.4".parse().unwrap()), IpAddr::from([1, 2, 3, 4]));
    }

    #[tokio::test]
    async fn a_password_is_right_only_for_its_own_hash() {
        let guard = Arc::new(Guard::default());
        let hash = hash_password("Correct horse 1").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            guard
                .verify("Correct horse 1".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!guard.verify("Correct horsf 1".into(), Some(hash)).await.unwrap());
        assert!(!guard.verify("no such person".into(), None).await.unwrap());
        for weak in ["Sh0rt", "no capital 1", "No digit in it"] {
            assert!(hash_password(weak).await.is_err(), "{weak}");
        }
        assert!(hash_password("Xxxxxxx1").await.is_ok());
    }
}
