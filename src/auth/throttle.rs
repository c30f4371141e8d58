//! Guessing is slowed down, per account and per address (promises R17). Kept in memory: each node counts for itself.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

/// Tries an account takes in `ACCOUNT_WINDOW` before it must wait.
const ACCOUNT_TRIES: usize = 10;
const ACCOUNT_WINDOW: TimeDelta = TimeDelta::minutes(15);
/// Failures one address may cause in `ADDRESS_WINDOW`; a whole dealership may share one.
const ADDRESS_FAILURES: usize = 20;
const ADDRESS_WINDOW: TimeDelta = TimeDelta::minutes(1);
/// Above this many keys the ones without a recent failure are dropped.
const SWEEP_ABOVE: usize = 10_000;

/// Recent failures by account and by address.
#[derive(Default)]
pub struct Throttle {
    failures: Mutex<HashMap<Key, Vec<DateTime<Utc>>>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(String),
    Address(IpAddr),
}

impl Key {
    const fn limit(&self) -> (usize, TimeDelta) {
        match self {
            Key::Account(_) => (ACCOUNT_TRIES, ACCOUNT_WINDOW),
            Key::Address(_) => (ADDRESS_FAILURES, ADDRESS_WINDOW),
        }
    }
}

impl Throttle {
    /// Nobody has failed yet.
    pub fn new() -> Throttle {
        Throttle::default()
    }

    /// How long this account or address must wait before another try, if at all.
    pub fn wait(&self, username: &str, address: IpAddr, now: DateTime<Utc>) -> Option<Duration> {
        let failures = self
            .failures
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        keys(username, address)
            .into_iter()
            .filter_map(|key| {
                let (limit, window) = key.limit();
                let recent: Vec<_> = failures
                    .get(&key)?
                    .iter()
                    .filter(|at| **at > now - window)
                    .collect();
                let oldest = recent.len().checked_sub(limit).map(|index| *recent[index])?;
                (oldest + window - now).to_std().ok()
            })
            .max()
    }

    /// Notes a failed try.
    pub fn failed(&self, username: &str, address: IpAddr, now: DateTime<Utc>) {
        let mut failures = self
            .failures
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if failures.len() > SWEEP_ABOVE {
            failures.retain(|key, times| times.iter().any(|at| *at > now - key.limit().1));
        }
        for key in keys(username, address) {
            let window = key.limit().1;
            let times = failures.entry(key).or_default();
            times.retain(|at| *at > now - window);
            times.push(now);
        }
    }

    /// A successful sign-in clears the account; the address keeps its failures.
    pub fn succeeded(&self, username: &str) {
        let mut failures = self
            .failures
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        failures.remove(&Key::Account(username.to_owned()));
    }
}

fn keys(username: &str, address: IpAddr) -> [Key; 2] {
    [Key::Account(username.to_owned()), Key::Address(address)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failures_close_an_account_for_a_while_and_no_other() {
        let (throttle, address) = (Throttle::new(), IpAddr::from([192, 0, 2, 1]));
        let start: DateTime<Utc> = "2026-11-23T01:00:00Z".parse().unwrap();
        for minute in 0..10 {
            let now = start + TimeDelta::minutes(minute);
            assert_eq!(throttle.wait("lin", address, now), None);
            throttle.failed("lin", address, now);
        }
        let now = start + TimeDelta::minutes(10);
        assert_eq!(throttle.wait("lin", address, now), Some(Duration::from_secs(300)));
        assert_eq!(throttle.wait("zhao", address, now), None);
        assert_eq!(
            throttle.wait("lin", address, start + TimeDelta::minutes(15)),
            None
        );
        throttle.succeeded("lin");
        assert_eq!(throttle.wait("lin", address, now), None);
    }

    #[test]
    fn twenty_failures_in_a_minute_close_an_address() {
        let (throttle, address) = (Throttle::new(), IpAddr::from([192, 0, 2, 1]));
        let now: DateTime<Utc> = "2026-11-23T01:00:00Z".parse().unwrap();
        for n in 0..20 {
            throttle.failed(&format!("user{n}"), address, now);
        }
        assert_eq!(
            throttle.wait("another", address, now),
            Some(Duration::from_secs(60))
        );
        assert_eq!(throttle.wait("another", IpAddr::from([192, 0, 2, 2]), now), None);
    }
}
