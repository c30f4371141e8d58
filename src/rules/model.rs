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
        LostCustomer = "lost_customer",
        CareVisit = "care_visit",
        /// Last: it looks at what the others have made.
        DataTask = "data_task",
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
    /// Events so many days ago are still taken: a file that comes late, a day that was missed.
    pub lookback_days: i32,
    /// Days ahead that are looked at. Of lost customers: how many days of newly lost cars a list holds.
    pub horizon_days: i32,
    /// Day of the monthly list.
    pub month_day: Option<i32>,
    /// Days away after which a car is lost.
    pub threshold_days: Option<i32>,
    /// Days from one care visit to the next.
    pub cadence_days: Option<i32>,
    /// Tags of whom care visits go to; gaps that a data task is about.
    pub codes: Vec<String>,
    /// A message later than this is not sent: the customer is called.
    pub message_days: i32,
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
            | RuleKind::RenewalContact
            | RuleKind::CareVisit
            | RuleKind::DataTask => (day - lookback, day + horizon),
            // The list is of one day; its horizon looks back at who was lost.
            RuleKind::LostCustomer => (day - lookback, day),
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
    pub month_day: Option<i32>,
    pub threshold_days: Option<i32>,
    pub cadence_days: Option<i32>,
    pub codes: &'static [&'static str],
}

impl DefaultRule {
    /// Version 1 as it is in force in a new store.
    pub fn version_one(&self) -> Rule {
        let owned = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
        Rule {
            id: RuleId::new(0),
            kind: self.kind,
            version: 1,
            valid_from: NaiveDate::default(),
            is_enabled: true,
            channel: self.channel,
            due_days: self.due_days,
            offsets: self.offsets.to_vec(),
            lookback_days: self.lookback_days,
            horizon_days: self.horizon_days,
            visit_types: owned(self.visit_types),
            month_day: self.month_day,
            threshold_days: self.threshold_days,
            cadence_days: self.cadence_days,
            codes: owned(self.codes),
            message_days: 3,
            min_dials: 3,
            min_days: 2,
            min_dayparts: 2,
            retry_minutes: 120,
        }
    }
}

/// What most kinds have in common.
const BASE: DefaultRule = DefaultRule {
    kind: RuleKind::PostService,
    channel: Channel::Call,
    due_days: 0,
    offsets: &[],
    lookback_days: 31,
    horizon_days: 0,
    visit_types: &[],
    month_day: None,
    threshold_days: None,
    cadence_days: None,
    codes: &[],
};

/// Version 1 of every rule of a new store (domain.md §1 to §5, §7, §16).
pub const DEFAULTS: &[DefaultRule] = &[
    DefaultRule {
        due_days: 3,
        visit_types: &["maintenance", "repair", "body", "warranty", "rework"],
        ..BASE
    },
    // No look-back: a warranty that ended before anybody knew owes no call.
    DefaultRule {
        kind: RuleKind::WarrantyExpiry,
        lookback_days: 0,
        horizon_days: 90,
        ..BASE
    },
    // A stage missed by more than three days is not reminded of any more.
    DefaultRule {
        kind: RuleKind::FirstMaintenance,
        channel: Channel::Sms,
        offsets: &[-30, -15, -7, 7],
        lookback_days: 3,
        ..BASE
    },
    DefaultRule {
        kind: RuleKind::PeriodicMaintenance,
        channel: Channel::Sms,
        due_days: 6,
        lookback_days: 30,
        horizon_days: 14,
        ..BASE
    },
    DefaultRule {
        kind: RuleKind::Renewal,
        channel: Channel::None,
        due_days: 30,
        horizon_days: 90,
        ..BASE
    },
    // Quiet at first, close before the end, then weekly for a month; each contact is due before the next begins.
    DefaultRule {
        kind: RuleKind::RenewalContact,
        due_days: 6,
        offsets: &[-90, -60, -45, -30, -15, -7, -3, -1, 1, 8, 15, 22, 29],
        lookback_days: 3,
        ..BASE
    },
    // 366 days without a valid visit: lost by C12. The list of a month holds who was lost since the one before.
    DefaultRule {
        kind: RuleKind::LostCustomer,
        due_days: 25,
        horizon_days: 31,
        month_day: Some(5),
        threshold_days: Some(366),
        ..BASE
    },
    DefaultRule {
        kind: RuleKind::CareVisit,
        due_days: 14,
        lookback_days: 7,
        cadence_days: Some(90),
        codes: &["vip", "key_account"],
        ..BASE
    },
    DefaultRule {
        kind: RuleKind::DataTask,
        channel: Channel::None,
        due_days: 7,
        codes: &["no_phone", "wrong_phone", "unknown_expiry"],
        ..BASE
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn rule(kind: RuleKind) -> Rule {
        let default = DEFAULTS.iter().find(|default| default.kind == kind).unwrap();
        default.version_one()
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
            (RuleKind::LostCustomer, "2026-10-26", "2026-11-26"),
            (RuleKind::CareVisit, "2026-11-19", "2026-11-26"),
            (RuleKind::DataTask, "2026-10-26", "2026-11-26"),
        ] {
            assert_eq!(
                rule(kind).window(day("2026-11-26")),
                (day(from), day(to)),
                "{kind}"
            );
        }
    }
}
