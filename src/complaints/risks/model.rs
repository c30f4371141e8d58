//! Kinds of risks, what becomes of them, and which counters of 三包 are one (pure).

use chrono::{DateTime, NaiveDate, Utc};

use crate::text_enum;
use crate::vehicles::warranty_watch::{Car, Counter, CounterKind, Level, Repair, Watch};

text_enum! {
    /// Why somebody may complain soon, what weighs most first.
    pub enum RiskKind {
        /// In repair for more than five days: a loaner or money is owed from the sixth (三包规定 Art. 21).
        LongRepair = "long_repair",
        /// A counter of 三包 near its threshold or beyond (Art. 20, 23, 24).
        Warranty = "warranty",
        /// The third visit for the same fault within a year.
        SameFault = "same_fault",
        /// Again in the shop with the same within 30 days.
        Rework = "rework",
        /// Parts have not come for more than two days.
        PartsWait = "parts_wait",
        /// Settled more than three days ago and still not handed over.
        NotHandedOver = "not_handed_over",
        /// A confirmed appointment that nobody came to.
        Missed = "missed",
    }
}

text_enum! {
    /// Where a risk stands.
    pub enum RiskState {
        Open = "open",
        Handled = "handled",
        /// 不是风险.
        Dismissed = "dismissed",
    }
}

text_enum! {
    /// What somebody did about it.
    pub enum RiskAction {
        Taken = "taken",
        Released = "released",
        Handled = "handled",
        Snoozed = "snoozed",
        Dismissed = "dismissed",
        Reopened = "reopened",
    }
}

text_enum! {
    /// The tabs of the list.
    pub enum RiskTab {
        Open = "open",
        Mine = "mine",
        Snoozed = "snoozed",
        Done = "done",
    }
}

impl RiskKind {
    /// Tone of the badge.
    pub const fn tone(self) -> &'static str {
        match self {
            RiskKind::LongRepair | RiskKind::Warranty => "bad",
            RiskKind::SameFault | RiskKind::Rework => "soon",
            RiskKind::PartsWait | RiskKind::NotHandedOver | RiskKind::Missed => "info",
        }
    }
}

/// A counter that is a risk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarrantyRisk {
    pub counter: CounterKind,
    pub count: i64,
    /// 1 where the threshold is reached, 2 before it.
    pub rank: i16,
    pub subject: String,
    /// What tells it from the same counter on another day: a new repair counts anew, a day in the shop does not.
    pub key: String,
    pub since: DateTime<Utc>,
}

/// The counters of a car that somebody should know of, as of an instant and its day in the store.
///
/// The days of one repair are left out: they are a risk of their own ([`RiskKind::LongRepair`]). So is a car that 三包 does
/// not protect (Art. 2, 43).
pub fn warranty_risks(
    vehicle: i64,
    car: &Car,
    repairs: &[Repair],
    margin_percent: i64,
    (now, today): (DateTime<Utc>, NaiveDate),
) -> Vec<WarrantyRisk> {
    let Ok(watch) = Watch::of(car, repairs, margin_percent, now, today) else {
        return Vec::new();
    };
    let Some(since) = repairs.iter().map(|repair| repair.arrived_at).max() else {
        return Vec::new();
    };
    watch
        .counters
        .into_iter()
        .filter(|counter| counter.kind != CounterKind::SingleRepair && counter.level != Level::Calm)
        .map(|counter| WarrantyRisk {
            counter: counter.kind,
            count: counter.count,
            rank: if counter.level == Level::Reached { 1 } else { 2 },
            key: key(vehicle, &counter),
            subject: counter.subject.unwrap_or_default(),
            since,
        })
        .collect()
}

fn key(vehicle: i64, counter: &Counter) -> String {
    let step = match (counter.kind, counter.level) {
        (CounterKind::RepairDays, Level::Reached) => "reached".to_owned(),
        (CounterKind::RepairDays, Level::Calm | Level::Near) => "near".to_owned(),
        (
            CounterKind::SameFault
            | CounterKind::Safety
            | CounterKind::Assembly
            | CounterKind::SamePart
            | CounterKind::SingleRepair,
            _,
        ) => counter.count.to_string(),
    };
    format!("{vehicle}:{}:{step}", counter.kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vehicles::VehicleUsage;

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}:00+08:00")
            .parse::<DateTime<chrono::FixedOffset>>()
            .unwrap()
            .to_utc()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn repair(arrived: &str, days: i64, fault: &str, is_safety: bool) -> Repair {
        let arrived_at = at(&format!("{arrived}T10:00"));
        Repair {
            arrived_at,
            arrived_on: day(arrived),
            done_at: Some(arrived_at + chrono::TimeDelta::hours(days * 24 - 1)),
            waiting_since: None,
            waiting_until: None,
            waits_for_special: false,
            km: Some(12_000),
            is_warranty: true,
            is_safety,
            assembly: None,
            faults: vec![fault.to_owned()],
            parts: Vec::new(),
        }
    }

    /// The thresholds of Art. 24 with the margin of 80 %: what is calm is not listed, what is near or reached is, each once.
    #[test]
    fn only_counters_near_a_threshold_are_risks() {
        let car = Car {
            usage: VehicleUsage::Private,
            is_bought_by_company: false,
            delivered_on: Some(day("2025-12-01")),
            km: Some(18_000),
        };
        let taxi = Car {
            usage: VehicleUsage::Taxi,
            ..car.clone()
        };
        let three = |is_safety| {
            vec![
                repair("2026-02-01", 7, "顿挫", is_safety),
                repair("2026-03-01", 7, "顿挫", false),
                repair("2026-04-01", 7, "顿挫", false),
            ]
        };
        let mut four = three(false);
        four.push(repair("2026-05-01", 7, "顿挫", false));
        let mut five = four.clone();
        five.push(repair("2026-06-01", 7, "顿挫", false));
        for (name, car, repairs, expected) in [
            ("none", &car, vec![], vec![]),
            ("three", &car, three(false), vec![]),
            ("a safety repair", &car, three(true), vec!["7:safety:1 2"]),
            (
                "four of one fault, 28 days",
                &car,
                four.clone(),
                vec!["7:repair_days:near 2", "7:same_fault:4 2"],
            ),
            (
                "five of one fault, 35 days",
                &car,
                five,
                vec!["7:repair_days:reached 1", "7:same_fault:5 1"],
            ),
            ("a taxi", &taxi, four, vec![]),
        ] {
            let found = warranty_risks(7, car, &repairs, 80, (at("2026-11-24T10:00"), day("2026-11-24")));
            let found: Vec<String> = found
                .iter()
                .map(|risk| format!("{} {}", risk.key, risk.rank))
                .collect();
            assert_eq!(found, expected, "{name}");
        }
    }
}
