//! How often somebody may do something that costs or tells much. Kept in memory: each node counts for itself.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::users::UserId;
use crate::web::error::AppError;

/// Searches a person may make in a minute (promises §3): faster than anybody types, slower than a machine reads numbers out.
pub const SEARCHES: usize = 120;
/// Times that the page behind one link may be asked for in a minute: more than anybody fills in, less than a machine tries.
pub const LINK_VISITS: usize = 30;
/// Links that nobody was given, from one address in a minute. Somebody who guesses waits; whoever has a link does not.
pub const LINK_MISSES: usize = 30;
/// Above this many people those who did nothing lately are dropped.
const SWEEP_ABOVE: usize = 10_000;

/// What was done in the last minute, by person or by whatever else is told apart.
pub struct RateLimit<K = UserId> {
    per_minute: usize,
    done: Mutex<HashMap<K, VecDeque<DateTime<Utc>>>>,
}

impl<K: Eq + Hash> RateLimit<K> {
    /// Nobody has done anything yet.
    pub fn per_minute(per_minute: usize) -> RateLimit<K> {
        RateLimit {
            per_minute,
            done: Mutex::default(),
        }
    }

    /// Notes one more, or refuses it with how long to wait. What is refused does not count.
    pub fn note(&self, key: K, now: DateTime<Utc>) -> Result<(), AppError> {
        let begin = now - TimeDelta::minutes(1);
        let mut done = self
            .done
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if done.len() > SWEEP_ABOVE {
            done.retain(|_, times| times.back().is_some_and(|last| *last > begin));
        }
        let times = done.entry(key).or_default();
        while times.front().is_some_and(|first| *first <= begin) {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= self.per_minute => {
                let wait = (*first - begin).to_std().unwrap_or(Duration::ZERO);
                Err(AppError::TooMany(wait))
            }
            Some(_) | None => {
                times.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_who_is_too_fast_waits_and_nobody_else_does() {
        let limit = RateLimit::per_minute(3);
        let start: DateTime<Utc> = "2026-11-24T02:00:00Z".parse().unwrap();
        let (lin, zhao) = (UserId::new(1), UserId::new(2));
        for second in 0..3 {
            assert!(limit.note(lin, start + TimeDelta::seconds(second * 10)).is_ok());
        }
        let refused = limit.note(lin, start + TimeDelta::seconds(30));
        assert!(matches!(refused, Err(AppError::TooMany(wait)) if wait == Duration::from_secs(30)));
        assert!(limit.note(zhao, start + TimeDelta::seconds(30)).is_ok());
        assert!(limit.note(lin, start + TimeDelta::seconds(60)).is_ok());
        assert!(limit.note(lin, start + TimeDelta::seconds(61)).is_err());
    }
}
