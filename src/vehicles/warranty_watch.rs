//! The watch over 三包: what a car's repairs add up to under 家用汽车产品修理更换退货责任规定 (市场监管总局令第43号, 2022-01-01).
//!
//! The desk does not decide a case. It counts what the law counts, while the law counts it, and warns before a threshold, so
//! that nobody learns of a right to exchange or refund from the customer. Articles are named where their rule stands.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};

use crate::text_enum;
use crate::vehicles::VehicleUsage;
use crate::visits::Assembly;

/// 包修期: at least 3 years or 60,000 km, whichever is first (Art. 18).
const REPAIR_TERM: Term = Term {
    months: 36,
    km: 60_000,
};
/// 三包有效期: at least 2 years or 50,000 km, whichever is first (Art. 18).
const SWAP_TERM: Term = Term {
    months: 24,
    km: 50_000,
};
/// 60 days or 3,000 km: main parts that fail are replaced whole, grave faults end the contract (Art. 20, 23).
const EARLY_DAYS: u64 = 60;
const EARLY_KM: i32 = 3_000;

/// A term that ends by time or distance.
#[derive(Clone, Copy)]
struct Term {
    months: u32,
    km: i32,
}

text_enum! {
    /// What is counted.
    pub enum CounterKind {
        /// Days in repair, all repairs together; more than 30 (Art. 24 no. 4).
        RepairDays = "repair_days",
        /// Repairs of one fault; more than 4 (Art. 24 no. 4).
        SameFault = "same_fault",
        /// Repairs of severe safety faults: after 2 that did not help (Art. 24 no. 1).
        Safety = "safety",
        /// Replacements of engine, gearbox, traction battery or drive motor: 2 (Art. 24 no. 2).
        Assembly = "assembly",
        /// Replacements of one and the same part: 2 (Art. 24 no. 3); whether it is a main part is for a person to say.
        SamePart = "same_part",
        /// Days of one repair, waiting for parts included; from the sixth a loaner or money is owed (Art. 21).
        SingleRepair = "single_repair",
    }
}

impl CounterKind {
    /// The count at which the law has its consequence.
    pub const fn reached_at(self) -> i64 {
        match self {
            CounterKind::RepairDays => 31,
            CounterKind::SameFault => 5,
            CounterKind::Safety | CounterKind::Assembly | CounterKind::SamePart => 2,
            CounterKind::SingleRepair => 6,
        }
    }

    /// The count from which to warn: the margin's share of the threshold, but always before it.
    pub fn warned_at(self, margin_percent: i64) -> i64 {
        let reached = self.reached_at();
        if self == CounterKind::SamePart {
            return reached; // One part replaced once is nothing to warn about.
        }
        ((reached * margin_percent + 99) / 100).min(reached - 1)
    }
}

/// How near a counter is to its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Calm,
    Near,
    Reached,
}

/// One counter of a car.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    pub kind: CounterKind,
    pub count: i64,
    pub level: Level,
    /// Which fault or part it is about, where it is about one.
    pub subject: Option<String>,
}

/// Why 三包 is not for this car: it protects consumers of family cars (Art. 2, 43).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exclusion {
    Usage(VehicleUsage),
    BoughtByCompany,
    DeliveryUnknown,
}

/// A term of one car.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Running {
    /// First day that is not covered any more.
    pub ends_on: NaiveDate,
    pub km: i32,
    pub is_over: bool,
}

/// The car, as far as 三包 looks at it.
#[derive(Clone, Debug)]
pub struct Car {
    pub usage: VehicleUsage,
    /// A later owner changes nothing (Art. 30): the first one counts.
    pub is_bought_by_company: bool,
    /// From the invoice, or from the delivery if that differs (Art. 18).
    pub delivered_on: Option<NaiveDate>,
    pub km: Option<i32>,
}

/// A repair order, as far as 三包 looks at it.
#[derive(Clone, Debug)]
pub struct Repair {
    pub arrived_at: DateTime<Utc>,
    pub arrived_on: NaiveDate,
    /// Settlement, else hand-over; `None` while the car is in the shop.
    pub done_at: Option<DateTime<Utc>>,
    pub waiting_since: Option<DateTime<Utc>>,
    pub waiting_until: Option<DateTime<Utc>>,
    pub waits_for_special: bool,
    pub km: Option<i32>,
    /// Warranty work or rework. What a customer pays for, wear and accidents, is no fault of the product [A].
    pub is_warranty: bool,
    pub is_safety: bool,
    pub assembly: Option<Assembly>,
    /// What it was about: keys of symptom and items.
    pub faults: Vec<String>,
    /// Keys of the parts that were replaced.
    pub parts: Vec<String>,
}

impl Repair {
    fn counts(&self) -> bool {
        self.is_warranty || self.is_safety || self.assembly.is_some()
    }

    fn lies_in(&self, term: Running) -> bool {
        self.arrived_on < term.ends_on && self.km.is_none_or(|km| km < term.km)
    }

    /// Days in the shop up to now: each 24 hours are a day, what remains is one too (Art. 40).
    fn days(&self, now: DateTime<Utc>) -> i64 {
        days(self.done_at.unwrap_or(now) - self.arrived_at)
    }

    /// The same without the time in which special parts or a traction battery were on their way (Art. 24).
    fn counted_days(&self, now: DateTime<Utc>) -> i64 {
        let end = self.done_at.unwrap_or(now);
        let waited = match self.waiting_since {
            Some(since) if self.waits_for_special => {
                self.waiting_until.unwrap_or(end).min(end) - since.max(self.arrived_at)
            }
            Some(_) | None => TimeDelta::zero(),
        };
        days(end - self.arrived_at - waited.max(TimeDelta::zero()))
    }
}

/// Each begun day of 24 hours; a repair takes one at least.
fn days(span: TimeDelta) -> i64 {
    let minutes = span.num_minutes().max(1);
    (minutes + 24 * 60 - 1) / (24 * 60)
}

/// What the desk sees of 三包 at one car.
#[derive(Clone, Debug)]
pub struct Watch {
    pub repair_term: Running,
    pub swap_term: Running,
    /// Inside the first 60 days and 3,000 km: until this day.
    pub early_until: Option<NaiveDate>,
    pub counters: Vec<Counter>,
}

impl Watch {
    /// Counts the repairs of a car; an exclusion if 三包 is not for it.
    pub fn of(
        car: &Car,
        repairs: &[Repair],
        margin_percent: i64,
        now: DateTime<Utc>,
        today: NaiveDate,
    ) -> Result<Watch, Exclusion> {
        let delivered_on = covered_from(car)?;
        let (repair_term, swap_term) = (
            REPAIR_TERM.of(delivered_on, car, today),
            SWAP_TERM.of(delivered_on, car, today),
        );
        let early_until = delivered_on + Days::new(EARLY_DAYS);
        let is_early = today < early_until && car.km.is_none_or(|km| km <= EARLY_KM);
        let counted: Vec<&Repair> = repairs.iter().filter(|repair| repair.counts()).collect();
        let in_swap: Vec<&Repair> = counted
            .iter()
            .copied()
            .filter(|repair| repair.lies_in(swap_term))
            .collect();
        let in_repair: Vec<&Repair> = counted
            .into_iter()
            .filter(|repair| repair.lies_in(repair_term))
            .collect();
        let level = |kind, count| level(kind, count, margin_percent, swap_term.is_over);
        let counter = |kind, (count, subject): (i64, Option<String>)| Counter {
            kind,
            count,
            level: level(kind, count),
            subject,
        };
        let total = |of: fn(&Repair) -> bool| in_swap.iter().filter(|repair| of(repair)).count() as i64;
        let counters = vec![
            counter(
                CounterKind::RepairDays,
                (in_swap.iter().map(|repair| repair.counted_days(now)).sum(), None),
            ),
            counter(
                CounterKind::SameFault,
                most(in_swap.iter().map(|repair| &repair.faults)),
            ),
            counter(CounterKind::Safety, (total(|repair| repair.is_safety), None)),
            counter(
                CounterKind::Assembly,
                (total(|repair| repair.assembly.is_some()), None),
            ),
            counter(
                CounterKind::SamePart,
                most(in_swap.iter().map(|repair| &repair.parts)),
            ),
            single(&in_repair, margin_percent, now),
        ];
        Ok(Watch {
            repair_term,
            swap_term,
            early_until: is_early.then_some(early_until),
            counters,
        })
    }

    /// The worst of all counters.
    pub fn level(&self) -> Level {
        self.counters
            .iter()
            .map(|counter| counter.level)
            .max()
            .unwrap_or(Level::Calm)
    }
}

fn covered_from(car: &Car) -> Result<NaiveDate, Exclusion> {
    match car.usage {
        VehicleUsage::Private => {}
        VehicleUsage::Company
        | VehicleUsage::Taxi
        | VehicleUsage::Commercial
        | VehicleUsage::Demo
        | VehicleUsage::Stock => return Err(Exclusion::Usage(car.usage)),
    }
    if car.is_bought_by_company {
        return Err(Exclusion::BoughtByCompany);
    }
    car.delivered_on.ok_or(Exclusion::DeliveryUnknown)
}

impl Term {
    fn of(self, delivered_on: NaiveDate, car: &Car, today: NaiveDate) -> Running {
        let ends_on = delivered_on
            .checked_add_months(Months::new(self.months))
            .unwrap_or(NaiveDate::MAX);
        Running {
            ends_on,
            km: self.km,
            is_over: today >= ends_on || car.km.is_some_and(|km| km >= self.km),
        }
    }
}

/// What was reached stays reached; what was only near when the term ended is over.
fn level(kind: CounterKind, count: i64, margin_percent: i64, is_over: bool) -> Level {
    if kind == CounterKind::SamePart {
        // Reached only if it is a main part, which nothing on file says.
        return if count >= kind.reached_at() {
            Level::Near
        } else {
            Level::Calm
        };
    }
    if count >= kind.reached_at() {
        Level::Reached
    } else if count >= kind.warned_at(margin_percent) && !is_over {
        Level::Near
    } else {
        Level::Calm
    }
}

/// The key that most repairs share. One repair names a key once.
fn most<'a>(keys: impl Iterator<Item = &'a Vec<String>>) -> (i64, Option<String>) {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for repair in keys {
        let mut own: Vec<&str> = repair.iter().map(String::as_str).collect();
        own.sort_unstable();
        own.dedup();
        for key in own {
            *counts.entry(key).or_default() += 1;
        }
    }
    // The first of equals, so that the same data always says the same.
    let best = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    best.map_or((0, None), |(key, count)| (count, Some(key.to_owned())))
}

/// The repair that is going on, else the longest one: only what goes on can still be warned about.
fn single(repairs: &[&Repair], margin_percent: i64, now: DateTime<Utc>) -> Counter {
    let kind = CounterKind::SingleRepair;
    let open = repairs.iter().filter(|repair| repair.done_at.is_none());
    let (count, level) = match open.map(|repair| repair.days(now)).max() {
        Some(count) => (count, level(kind, count, margin_percent, false)),
        None => (
            repairs.iter().map(|repair| repair.days(now)).max().unwrap_or(0),
            Level::Calm,
        ),
    };
    Counter {
        kind,
        count,
        level,
        subject: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}:00+08:00")
            .parse::<DateTime<chrono::FixedOffset>>()
            .unwrap()
            .to_utc()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn car() -> Car {
        Car {
            usage: VehicleUsage::Private,
            is_bought_by_company: false,
            delivered_on: Some(day("2025-12-01")),
            km: Some(18_000),
        }
    }

    fn repair(arrived: &str, done: Option<&str>) -> Repair {
        Repair {
            arrived_at: at(arrived),
            arrived_on: day(&arrived[..10]),
            done_at: done.map(at),
            waiting_since: None,
            waiting_until: None,
            waits_for_special: false,
            km: Some(12_000),
            is_warranty: true,
            is_safety: false,
            assembly: None,
            faults: Vec::new(),
            parts: Vec::new(),
        }
    }

    fn watch(car: &Car, repairs: &[Repair]) -> Watch {
        Watch::of(car, repairs, 80, at("2026-11-24T10:00"), day("2026-11-24")).unwrap()
    }

    fn find(watch: &Watch, kind: CounterKind) -> (i64, Level) {
        let counter = watch
            .counters
            .iter()
            .find(|counter| counter.kind == kind)
            .unwrap();
        (counter.count, counter.level)
    }

    /// Art. 40: each 24 hours are a day, and what remains.
    #[test]
    fn a_begun_day_is_a_day() {
        for (arrived, done, expected) in [
            ("2026-11-20T10:00", "2026-11-20T10:00", 1),
            ("2026-11-20T10:00", "2026-11-20T18:00", 1),
            ("2026-11-20T10:00", "2026-11-21T10:00", 1),
            ("2026-11-20T10:00", "2026-11-21T10:01", 2),
            ("2026-11-20T23:59", "2026-11-21T00:01", 1),
            ("2026-11-01T10:00", "2026-11-24T10:00", 23),
        ] {
            let found = repair(arrived, Some(done)).days(at("2026-11-24T10:00"));
            assert_eq!(found, expected, "{arrived} {done}");
        }
        assert_eq!(
            repair("2026-11-21T09:00", None).days(at("2026-11-24T10:00")),
            4,
            "up to now"
        );
    }

    /// Art. 24: the way of special parts does not count, other waiting does.
    #[test]
    fn only_the_way_of_special_parts_is_left_out() {
        let mut waiting = repair("2026-11-01T10:00", Some("2026-11-21T10:00"));
        waiting.waiting_since = Some(at("2026-11-02T10:00"));
        waiting.waiting_until = Some(at("2026-11-12T10:00"));
        assert_eq!(
            find(
                &watch(&car(), std::slice::from_ref(&waiting)),
                CounterKind::RepairDays
            ),
            (20, Level::Calm)
        );
        waiting.waits_for_special = true;
        assert_eq!(
            find(
                &watch(&car(), std::slice::from_ref(&waiting)),
                CounterKind::RepairDays
            ),
            (10, Level::Calm)
        );
        waiting.waiting_until = None;
        assert_eq!(
            find(&watch(&car(), &[waiting]), CounterKind::RepairDays),
            (1, Level::Calm)
        );
    }

    #[test]
    fn a_warning_comes_before_each_threshold() {
        for (kind, margin, warned, reached) in [
            (CounterKind::RepairDays, 80, 25, 31),
            (CounterKind::RepairDays, 100, 30, 31),
            (CounterKind::RepairDays, 50, 16, 31),
            (CounterKind::SameFault, 80, 4, 5),
            (CounterKind::SameFault, 50, 3, 5),
            (CounterKind::Safety, 80, 1, 2),
            (CounterKind::Assembly, 80, 1, 2),
            (CounterKind::SingleRepair, 80, 5, 6),
        ] {
            assert_eq!(
                (kind.warned_at(margin), kind.reached_at()),
                (warned, reached),
                "{kind} {margin}"
            );
            for (count, expected) in [
                (warned - 1, Level::Calm),
                (warned, Level::Near),
                (reached - 1, Level::Near),
                (reached, Level::Reached),
            ] {
                assert_eq!(level(kind, count, margin, false), expected, "{kind} {count}");
            }
            assert_eq!(level(kind, warned, margin, true), Level::Calm, "the term is over");
            assert_eq!(
                level(kind, reached, margin, true),
                Level::Reached,
                "a right stays"
            );
        }
    }

    /// Art. 24: cumulative days, the same fault, severe safety faults, assemblies.
    #[test]
    fn repairs_add_up() {
        let mut repairs = Vec::new();
        for (arrived, done, fault, is_safety, assembly) in [
            ("2026-02-01T10:00", "2026-02-08T10:00", "变速器顿挫", true, None),
            (
                "2026-03-01T10:00",
                "2026-03-08T10:00",
                "变速器顿挫",
                false,
                Some(Assembly::Gearbox),
            ),
            ("2026-04-01T10:00", "2026-04-08T10:00", "变速器顿挫", false, None),
            ("2026-05-01T10:00", "2026-05-06T09:00", "变速器顿挫", false, None),
        ] {
            repairs.push(Repair {
                is_safety,
                assembly,
                faults: vec![fault.to_owned(), fault.to_owned()],
                parts: vec!["阀体".to_owned()],
                ..repair(arrived, Some(done))
            });
        }
        let watch = watch(&car(), &repairs);
        assert_eq!(find(&watch, CounterKind::RepairDays), (26, Level::Near));
        assert_eq!(find(&watch, CounterKind::SameFault), (4, Level::Near));
        assert_eq!(find(&watch, CounterKind::Safety), (1, Level::Near));
        assert_eq!(find(&watch, CounterKind::Assembly), (1, Level::Near));
        assert_eq!(find(&watch, CounterKind::SamePart), (4, Level::Near));
        assert_eq!(
            find(&watch, CounterKind::SingleRepair),
            (7, Level::Calm),
            "the car is back"
        );
        assert_eq!(watch.counters[1].subject.as_deref(), Some("变速器顿挫"));
        assert_eq!(watch.level(), Level::Near);
    }

    /// Art. 21: a loaner from day 6 of a repair, waiting for parts included.
    #[test]
    fn a_repair_that_goes_on_is_watched_by_its_own_days() {
        for (arrived, expected) in [
            ("2026-11-20T10:00", (4, Level::Calm)),
            ("2026-11-20T09:59", (5, Level::Near)),
            ("2026-11-19T10:00", (5, Level::Near)),
            ("2026-11-19T09:00", (6, Level::Reached)),
        ] {
            let found = find(
                &watch(&car(), &[repair(arrived, None)]),
                CounterKind::SingleRepair,
            );
            assert_eq!(found, expected, "{arrived}");
        }
    }

    /// Art. 18: 2 years or 50,000 km for exchange and refund, 3 years or 60,000 km for repair.
    #[test]
    fn only_repairs_within_the_term_count() {
        let done = |arrived: &str| repair(arrived, Some(&arrived.replace("T10", "T18")));
        let mut far = done("2026-06-01T10:00");
        far.km = Some(50_000);
        let mut paid = done("2026-06-02T10:00");
        paid.is_warranty = false;
        let mut unknown = done("2026-06-03T10:00");
        unknown.km = None;
        let old = Car {
            delivered_on: Some(day("2024-06-03")),
            km: Some(52_000),
            ..car()
        };
        let last_day = done("2026-06-02T10:00");
        let found = watch(&old, &[far, paid, unknown, last_day]);
        assert_eq!(find(&found, CounterKind::RepairDays), (1, Level::Calm));
        assert!(found.swap_term.is_over && !found.repair_term.is_over);
        assert_eq!(
            (found.swap_term.ends_on, found.repair_term.ends_on),
            (day("2026-06-03"), day("2027-06-03"))
        );
        let new = Car {
            delivered_on: Some(day("2026-10-01")),
            km: Some(2_900),
            ..car()
        };
        assert_eq!(watch(&new, &[]).early_until, Some(day("2026-11-30")));
        let driven = Car {
            km: Some(3_001),
            ..new
        };
        assert_eq!(watch(&driven, &[]).early_until, None);
    }

    /// Art. 2, 43: for consumers only; Art. 30: a later owner changes nothing.
    #[test]
    fn companies_and_commercial_cars_are_not_covered() {
        let now = (at("2026-11-24T10:00"), day("2026-11-24"));
        for (usage, is_bought_by_company, delivered_on, expected) in [
            (VehicleUsage::Private, false, Some("2026-01-01"), None),
            (
                VehicleUsage::Private,
                true,
                Some("2026-01-01"),
                Some(Exclusion::BoughtByCompany),
            ),
            (
                VehicleUsage::Taxi,
                false,
                Some("2026-01-01"),
                Some(Exclusion::Usage(VehicleUsage::Taxi)),
            ),
            (
                VehicleUsage::Commercial,
                false,
                None,
                Some(Exclusion::Usage(VehicleUsage::Commercial)),
            ),
            (
                VehicleUsage::Company,
                true,
                None,
                Some(Exclusion::Usage(VehicleUsage::Company)),
            ),
            (
                VehicleUsage::Private,
                false,
                None,
                Some(Exclusion::DeliveryUnknown),
            ),
        ] {
            let car = Car {
                usage,
                is_bought_by_company,
                delivered_on: delivered_on.map(day),
                km: None,
            };
            assert_eq!(Watch::of(&car, &[], 80, now.0, now.1).err(), expected, "{usage}");
        }
    }
}
