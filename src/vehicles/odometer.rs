//! Mileages: which readings to believe, how far a car goes in a day, and when it is due next.

use chrono::{Days, Months, NaiveDate};

use crate::text_enum;

/// No car reaches it; more is a slip of the keyboard.
const MAX_KM: i32 = 3_000_000;

/// A taxi in two shifts; a private car that goes further in a day has a wrong reading.
const MAX_KM_PER_DAY: i64 = 400;

/// Two readings closer than this tell a trip, not a habit.
const MIN_DAYS_BETWEEN: i64 = 14;

/// Age below which mileage by age is a guess.
const MIN_AGE_DAYS: i64 = 30;

/// What the odometer showed on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub on: NaiveDate,
    pub km: i32,
}

text_enum! {
    /// Why a reading is kept and shown but never used. The code is in `odometer_readings.refused`.
    pub enum Refusal {
        /// Less than an earlier reading.
        RollBack = "roll_back",
        /// More than 400 km a day since the last one.
        TooFast = "too_fast",
        Future = "future",
        /// One digit too many or too few explains it, or no car goes that far.
        Typo = "typo",
    }
}

text_enum! {
    /// How much a daily mileage is worth; `None` and `Low` carry a badge on screen. The code is in `vehicle_facts.km_confidence`.
    pub enum Confidence {
        /// The default of the model.
        None = "none",
        /// One reading over the age of the car.
        Low = "low",
        /// Two readings at least 14 days apart.
        Good = "good",
    }
}

/// Distance a day in tenths of a kilometre, the precision of `vehicle_facts.km_per_day`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyKm {
    pub tenths: u32,
    pub confidence: Confidence,
}

impl DailyKm {
    /// 41 km, 15,000 a year: for models without a default of their own.
    pub const DEFAULT: DailyKm = DailyKm {
        tenths: 410,
        confidence: Confidence::None,
    };
}

/// A maintenance interval: whichever is reached first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceInterval {
    pub months: u32,
    pub km: i32,
}

text_enum! {
    /// Which half of the interval is reached first. The code is in `vehicle_facts.next_due_by`.
    pub enum DueBy {
        Time = "time",
        Km = "km",
    }
}

/// The day a car is due, and the rule that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextDue {
    pub on: NaiveDate,
    pub by: DueBy,
}

/// Judges a new reading against the last one that was believed.
pub fn refusal(last: Option<Reading>, new: Reading, today: NaiveDate) -> Option<Refusal> {
    if new.on > today {
        return Some(Refusal::Future);
    }
    if !(0..=MAX_KM).contains(&new.km) {
        return Some(Refusal::Typo);
    }
    let last = last?;
    let reason = implausible(last, new)?;
    let slips = [new.km.checked_mul(10), Some(new.km / 10)];
    let explained = slips
        .into_iter()
        .flatten()
        .any(|km| implausible(last, Reading { km, ..new }).is_none());
    // A car that has gone nowhere near a digit of its own proves nothing: 0 is a roll-back, not a slip.
    Some(if explained && new.km > 0 {
        Refusal::Typo
    } else {
        reason
    })
}

/// Judges readings in order of their days; each is compared with the last one that was believed.
pub fn judge(readings: &[Reading], today: NaiveDate) -> Vec<(Reading, Option<Refusal>)> {
    let mut sorted = readings.to_vec();
    sorted.sort_by_key(|reading| reading.on);
    let mut last = None;
    let verdict = |new: Reading| {
        let refused = refusal(last, new, today);
        if refused.is_none() {
            last = Some(new);
        }
        (new, refused)
    };
    sorted.into_iter().map(verdict).collect()
}

fn implausible(last: Reading, new: Reading) -> Option<Refusal> {
    let days = (new.on - last.on).num_days().max(1);
    match i64::from(new.km) - i64::from(last.km) {
        ..0 => Some(Refusal::RollBack),
        driven if driven > days * MAX_KM_PER_DAY => Some(Refusal::TooFast),
        _ => None,
    }
}

/// Distance a day from believed readings in order: slope, else mileage by age, else the model's default.
pub fn daily_km(believed: &[Reading], delivered_on: Option<NaiveDate>, default_tenths: u32) -> DailyKm {
    let fallback = DailyKm {
        tenths: default_tenths,
        confidence: Confidence::None,
    };
    let Some(last) = believed.last() else {
        return fallback;
    };
    let earlier = believed
        .iter()
        .rev()
        .find(|reading| (last.on - reading.on).num_days() >= MIN_DAYS_BETWEEN);
    let slope = earlier.and_then(|first| tenths(last.km - first.km, (last.on - first.on).num_days()));
    if let Some(tenths) = slope {
        return DailyKm {
            tenths,
            confidence: Confidence::Good,
        };
    }
    let age = delivered_on
        .map(|delivered| (last.on - delivered).num_days())
        .filter(|age| *age >= MIN_AGE_DAYS);
    match age.and_then(|age| tenths(last.km, age)) {
        Some(tenths) => DailyKm {
            tenths,
            confidence: Confidence::Low,
        },
        None => fallback,
    }
}

/// Rounded half up; `None` outside 1 to 400 km a day: a parked car says nothing about a driven one.
fn tenths(km: i32, days: i64) -> Option<u32> {
    let km = i64::from(km);
    if km < days || km > days * MAX_KM_PER_DAY {
        return None;
    }
    u32::try_from((km * 20 + days) / (days * 2)).ok()
}

/// The day on which a car reaches `target_km`, counted from a reading; that day itself if it already has.
pub fn reaches_on(reading: Reading, target_km: i32, daily: DailyKm) -> Option<NaiveDate> {
    let left = u64::try_from(i64::from(target_km) - i64::from(reading.km)).unwrap_or(0);
    let days = (left * 10).div_ceil(u64::from(daily.tenths.max(1)));
    reading.on.checked_add_days(Days::new(days))
}

/// When maintenance is due after the last one; without a mileage the months alone decide.
///
/// `latest` is the newest believed reading, which predicts better than the one at maintenance.
pub fn next_due(
    serviced_on: NaiveDate,
    serviced_km: Option<i32>,
    latest: Option<Reading>,
    interval: ServiceInterval,
    daily: DailyKm,
) -> NextDue {
    let by_time = serviced_on
        .checked_add_months(Months::new(interval.months))
        .unwrap_or(NaiveDate::MAX);
    let by_km = serviced_km.and_then(|km| {
        let at_service = Reading { on: serviced_on, km };
        let from = latest
            .filter(|reading| reading.on > serviced_on && reading.km >= km)
            .unwrap_or(at_service);
        reaches_on(from, km.saturating_add(interval.km), daily)
    });
    match by_km {
        Some(on) if on < by_time => NextDue { on, by: DueBy::Km },
        Some(_) | None => NextDue {
            on: by_time,
            by: DueBy::Time,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn reading(on: &str, km: i32) -> Reading {
        Reading { on: day(on), km }
    }

    fn daily(tenths: u32) -> DailyKm {
        DailyKm {
            tenths,
            confidence: Confidence::Good,
        }
    }

    #[test]
    fn an_unbelievable_reading_is_refused_by_name() {
        let last = reading("2026-11-01", 12_000);
        for (new, expected) in [
            (reading("2026-11-11", 12_000), None),
            (reading("2026-11-11", 16_000), None),
            (reading("2026-11-11", 16_001), Some(Refusal::TooFast)),
            (reading("2026-11-01", 12_050), None),
            (reading("2026-11-11", 11_999), Some(Refusal::RollBack)),
            (reading("2026-11-11", 0), Some(Refusal::RollBack)),
            (reading("2026-11-11", 1_230), Some(Refusal::Typo)),
            (reading("2026-11-11", 123_000), Some(Refusal::Typo)),
            (reading("2026-11-11", 3_000_001), Some(Refusal::Typo)),
            (reading("2026-11-11", -5), Some(Refusal::Typo)),
            (reading("2026-11-24", 12_500), Some(Refusal::Future)),
        ] {
            assert_eq!(refusal(Some(last), new, day("2026-11-23")), expected, "{new:?}");
        }
        assert_eq!(
            refusal(None, reading("2026-11-23", 250_000), day("2026-11-23")),
            None
        );
    }

    #[test]
    fn one_bad_reading_does_not_spoil_the_next() {
        let readings = [
            reading("2026-09-01", 20_000),
            reading("2026-03-01", 10_000),
            reading("2026-06-01", 150_000),
        ];
        let verdicts: Vec<_> = judge(&readings, day("2026-11-23"))
            .into_iter()
            .map(|(r, refused)| (r.km, refused))
            .collect();
        assert_eq!(
            verdicts,
            [(10_000, None), (150_000, Some(Refusal::Typo)), (20_000, None)]
        );
    }

    #[test]
    fn the_daily_mileage_comes_from_the_best_evidence() {
        let old = reading("2026-01-01", 1_000);
        for (believed, delivered, tenths, confidence) in [
            (vec![], Some("2026-01-01"), 410, Confidence::None),
            (
                vec![reading("2026-03-02", 3_000)],
                Some("2026-01-01"),
                500,
                Confidence::Low,
            ),
            (
                vec![reading("2026-01-30", 3_000)],
                Some("2026-01-01"),
                410,
                Confidence::None,
            ),
            (vec![reading("2026-03-02", 3_000)], None, 410, Confidence::None),
            (
                vec![old, reading("2026-01-15", 1_420)],
                None,
                300,
                Confidence::Good,
            ),
            (
                vec![old, reading("2026-01-14", 1_390)],
                None,
                410,
                Confidence::None,
            ),
            (
                vec![old, reading("2026-04-01", 4_000), reading("2026-04-10", 5_000)],
                None,
                404,
                Confidence::Good,
            ),
            (
                vec![old, reading("2026-04-11", 1_050)],
                Some("2025-04-11"),
                29,
                Confidence::Low,
            ),
            (
                vec![reading("2026-01-01", 10_000), reading("2026-01-16", 10_500)],
                None,
                333,
                Confidence::Good,
            ),
        ] {
            let found = daily_km(&believed, delivered.map(day), 410);
            assert_eq!(found, DailyKm { tenths, confidence }, "{believed:?}");
        }
    }

    #[test]
    fn maintenance_is_due_by_whichever_comes_first() {
        let interval = ServiceInterval { months: 6, km: 7_500 };
        let served = "2026-01-10";
        for (km, latest, tenths, on, by) in [
            (None, None, 410, "2026-07-10", DueBy::Time),
            (Some(10_000), None, 410, "2026-07-10", DueBy::Time),
            (Some(10_000), None, 750, "2026-04-20", DueBy::Km),
            (Some(10_000), None, 751, "2026-04-20", DueBy::Km),
            (
                Some(10_000),
                Some(reading("2026-03-01", 15_000)),
                500,
                "2026-04-20",
                DueBy::Km,
            ),
            (
                Some(10_000),
                Some(reading("2026-03-01", 18_000)),
                500,
                "2026-03-01",
                DueBy::Km,
            ),
            (
                Some(10_000),
                Some(reading("2025-12-01", 9_000)),
                750,
                "2026-04-20",
                DueBy::Km,
            ),
        ] {
            let found = next_due(day(served), km, latest, interval, daily(tenths));
            assert_eq!(found, NextDue { on: day(on), by }, "{km:?} {latest:?} {tenths}");
        }
    }

    #[test]
    fn six_months_end_with_the_month() {
        let interval = ServiceInterval { months: 6, km: 7_500 };
        let due = |on| next_due(day(on), None, None, interval, DailyKm::DEFAULT).on;
        assert_eq!(
            (due("2026-08-31"), due("2027-08-31")),
            (day("2027-02-28"), day("2028-02-29"))
        );
    }

    /// From readings as they come to the day that is owed, with how sure it is: what `vehicle_facts` says in one row.
    #[test]
    fn a_due_day_follows_the_readings() {
        let interval = ServiceInterval { months: 6, km: 7_500 };
        let today = day("2026-11-24");
        for (what, readings, serviced, on, by, confidence) in [
            (
                "no mileage at all",
                vec![],
                ("2026-07-01", None),
                "2027-01-01",
                DueBy::Time,
                Confidence::None,
            ),
            (
                "one reading",
                vec![("2026-07-01", 20_000)],
                ("2026-07-01", Some(20_000)),
                "2026-11-15",
                DueBy::Km,
                Confidence::Low,
            ),
            (
                "two readings 13 days apart are a trip",
                vec![("2026-07-01", 20_000), ("2026-07-14", 24_000)],
                ("2026-07-01", Some(20_000)),
                "2026-09-08",
                DueBy::Km,
                Confidence::Low,
            ),
            (
                "two readings 14 days apart are a habit",
                vec![("2026-07-01", 20_000), ("2026-07-15", 20_140)],
                ("2026-07-01", Some(20_000)),
                "2027-01-01",
                DueBy::Time,
                Confidence::Good,
            ),
            (
                "a roll-back is not believed",
                vec![
                    ("2026-07-01", 20_000),
                    ("2026-09-01", 5_000),
                    ("2026-09-29", 24_500),
                ],
                ("2026-07-01", Some(20_000)),
                "2026-11-28",
                DueBy::Km,
                Confidence::Good,
            ),
            (
                "the end of a month",
                vec![],
                ("2026-08-31", None),
                "2027-02-28",
                DueBy::Time,
                Confidence::None,
            ),
            (
                "29 February",
                vec![],
                ("2027-08-29", None),
                "2028-02-29",
                DueBy::Time,
                Confidence::None,
            ),
            (
                "after 29 February",
                vec![],
                ("2028-02-29", None),
                "2028-08-29",
                DueBy::Time,
                Confidence::None,
            ),
        ] {
            let readings: Vec<Reading> = readings.into_iter().map(|(on, km)| reading(on, km)).collect();
            let judged = judge(&readings, today).into_iter();
            let believed: Vec<Reading> = judged
                .filter_map(|(r, refused)| refused.is_none().then_some(r))
                .collect();
            let delivered = Some(day("2025-07-01"));
            let daily = daily_km(&believed, delivered, 410);
            let (served_on, km) = serviced;
            let due = next_due(day(served_on), km, believed.last().copied(), interval, daily);
            assert_eq!(
                (due.on, due.by, daily.confidence),
                (day(on), by, confidence),
                "{what}"
            );
        }
        let yearly = ServiceInterval {
            months: 12,
            km: 10_000,
        };
        let due = next_due(day("2028-02-29"), None, None, yearly, DailyKm::DEFAULT);
        assert_eq!(due.on, day("2029-02-28"), "a year after 29 February");
    }

    proptest! {
        #[test]
        fn believed_readings_never_fall_and_give_a_sane_mileage(list in prop::collection::vec((0..2000_u64, -10..400_000), 0..12)) {
            let start = day("2020-01-01");
            let readings: Vec<_> = list.into_iter().map(|(n, km)| Reading { on: start + Days::new(n), km }).collect();
            let today = day("2025-01-01");
            let judged = judge(&readings, today);
            prop_assert_eq!(judged.len(), readings.len());
            let believed: Vec<_> = judged.iter().filter(|(_, refused)| refused.is_none()).map(|(r, _)| *r).collect();
            prop_assert!(believed.windows(2).all(|pair| pair[0].km <= pair[1].km && pair[1].on <= today));
            prop_assert!((10..=4000).contains(&daily_km(&believed, Some(start), 410).tenths));
        }
    }
}
