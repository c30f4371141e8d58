//! A care rule, its defaults, and the window of days that a run of the daily job looks at (pure).

use chrono::{Datelike, NaiveDate, TimeDelta};

use crate::rules::RuleId;
use crate::text_enum;

text_enum! {
    /// What a rule generates. The code is the kind of the obligation.
    pub enum RuleKind {
        PostService = "post_service",
        WarrantyExpiry = "warranty_expiry",
        FirstMaintenance = "first_maintenance",
        PeriodicMaintenance = "periodic_maintenance",
        Renewal = "renewal",
        RenewalContact = "renewal_contact",
    }
}

text_enum! {
    /// How an obligation is met; `none` is met by an outcome, not by a contact.
    pub enum Channel {
        Call = "call",
        Sms = "sms",
        None = "none",
    }
}

/// One version of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub id: RuleId,
    pub kind: RuleKind,
    pub version: i32,
    pub valid_from: NaiveDate,
    pub is_enabled: bool,
    pub channel: Channel,
    /// Calendar days from the anchor day to the due day.
    pub due_days: i32,
    /// Stages in days around the anchor day, negative = before.
    pub offsets: Vec<i32>,
    /// Events so many days ago are still taken: a file that comes late.
    pub lookback_days: i32,
    pub horizon_days: i32,
    pub visit_types: Vec<String>,
    /// Unanswered dials before an obligation may end as exhausted, on so many days and dayparts.
    pub min_dials: i32,
    pub min_days: i32,
    pub min_dayparts: i32,
    /// Shortest time between two dials.
    pub retry_minutes: i32,
}

impl Rule {
    /// Event days that the run of `day` looks at, both ends included. A periodic list belongs to the week of the run.
    pub fn window(&self, day: NaiveDate) -> (NaiveDate, NaiveDate) {
        let (lookback, horizon) = (
            TimeDelta::days(i64::from(self.lookback_days)),
            TimeDelta::days(i64::from(self.horizon_days)),
        );
        match self.kind {
            RuleKind::PeriodicMaintenance => {
                let monday = day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()));
                (monday - lookback, monday + horizon - TimeDelta::days(1))
            }
            RuleKind::PostService
            | RuleKind::WarrantyExpiry
            | RuleKind::FirstMaintenance
            | RuleKind::Renewal
            | RuleKind::RenewalContact => (day - lookback, day + horizon),
        }
    }
}

/// The part of a version that a kind starts with.
#[derive(Clone, Copy, Debug)]
pub struct DefaultRule {
    pub kind: RuleKind,
    pub channel: Channel,
    pub due_days: i32,
    pub offsets: &'static [i32],
    pub lookback_days: i32,
    pub horizon_days: i32,
    pub visit_types: &'static [&'static str],
}

/// Version 1 of every rule of a new store (domain.md §1 to §5, §16).
pub const DEFAULTS: &[DefaultRule] = &[
    DefaultRule {
        kind: RuleKind::PostService,
        channel: Channel::Call,
        due_days: 3,
        offsets: &[],
        lookback_days: 31,
        horizon_days: 0,
        visit_types: &["maintenance", "repair", "body", "warranty", "rework"],
    },
    // No look-back: a warranty that ended before anybody knew owes no call.
    DefaultRule {
        kind: RuleKind::WarrantyExpiry,
        channel: Channel::Call,
        due_days: 0,
        offsets: &[],
        lookback_days: 0,
        horizon_days: 90,
        visit_types: &[],
    },
    // A stage missed by more than three days is not reminded of any more.
    DefaultRule {
        kind: RuleKind::FirstMaintenance,
        channel: Channel::Sms,
        due_days: 0,
        offsets: &[-30, -15, -7, 7],
        lookback_days: 3,
        horizon_days: 0,
        visit_types: &[],
    },
    DefaultRule {
        kind: RuleKind::PeriodicMaintenance,
        channel: Channel::Sms,
        due_days: 6,
        offsets: &[],
        lookback_days: 30,
        horizon_days: 14,
        visit_types: &[],
    },
    DefaultRule {
        kind: RuleKind::Renewal,
        channel: Channel::None,
        due_days: 30,
        offsets: &[],
        lookback_days: 31,
        horizon_days: 90,
        visit_types: &[],
    },
    DefaultRule {
        kind: RuleKind::RenewalContact,
        channel: Channel::Call,
        due_days: 6,
        offsets: &[-90, -30],
        lookback_days: 3,
        horizon_days: 0,
        visit_types: &[],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rule(kind: RuleKind) -> Rule {
        let default = DEFAULTS.iter().find(|d| d.kind == kind).unwrap();
        Rule {
            id: RuleId::new(1),
            kind,
            version: 1,
            valid_from: day("2000-01-01"),
            is_enabled: true,
            channel: default.channel,
            due_days: default.due_days,
            offsets: default.offsets.to_vec(),
            lookback_days: default.lookback_days,
            horizon_days: default.horizon_days,
            visit_types: Vec::new(),
            min_dials: 3,
            min_days: 2,
            min_dayparts: 2,
            retry_minutes: 120,
        }
    }

    #[test]
    fn every_kind_has_a_default() {
        let kinds: Vec<_> = DEFAULTS.iter().map(|d| d.kind).collect();
        assert_eq!(kinds, RuleKind::ALL);
    }

    #[test]
    fn a_run_looks_at_the_days_of_its_rule() {
        // 26 November 2026 is a Thursday; its week began on the 23rd.
        for (kind, from, to) in [
            (RuleKind::PostService, "2026-10-26", "2026-11-26"),
            (RuleKind::WarrantyExpiry, "2026-11-26", "2027-02-24"),
            (RuleKind::FirstMaintenance, "2026-11-23", "2026-11-26"),
            (RuleKind::PeriodicMaintenance, "2026-10-24", "2026-12-06"),
            (RuleKind::Renewal, "2026-10-26", "2027-02-24"),
            (RuleKind::RenewalContact, "2026-11-23", "2026-11-26"),
        ] {
            assert_eq!(
                rule(kind).window(day("2026-11-26")),
                (day(from), day(to)),
                "{kind}"
            );
        }
    }
}
