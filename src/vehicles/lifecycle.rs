//! Where a car stands in its life with the store, by how long it has been away.

use chrono::{Days, NaiveDate};

use crate::text_enum;
use crate::vehicles::VehicleState;
use crate::vehicles::odometer::{Confidence, DailyKm};

/// Half a year: the interval of most plans, so a car that is not back by then has missed one.
const ACTIVE_DAYS: i64 = 180;
/// Three quarters of a year.
const FADING_DAYS: i64 = 270;
/// After a year without a visit a customer counts as lost.
const AT_RISK_DAYS: i64 = 365;
/// After two years hardly anybody comes back.
const LOST_DAYS: i64 = 730;
/// 20 km a day are 7,300 a year: such a car comes once a year, and half a year away means nothing.
const LOW_TENTHS: u32 = 200;

text_enum! {
    /// Class of a car on a day. The codes are those of the SQL function `lifecycle_class`.
    pub enum Lifecycle {
        /// Has not come yet, and need not have.
        New = "new",
        /// Has not come, though its first maintenance is over.
        FirstOverdue = "first_overdue",
        Active = "active",
        Fading = "fading",
        AtRisk = "at_risk",
        Lost = "lost",
        LongLost = "long_lost",
        /// Sold, scrapped or moved: a loss that is nobody's fault.
        Gone = "gone",
        /// Has not come, and nobody knows when it should have.
        Unknown = "unknown",
    }
}

impl Lifecycle {
    /// Tone of its badge.
    pub const fn tone(self) -> &'static str {
        match self {
            Lifecycle::New | Lifecycle::Active => "good",
            Lifecycle::FirstOverdue | Lifecycle::Fading => "soon",
            Lifecycle::AtRisk | Lifecycle::Lost | Lifecycle::LongLost => "bad",
            Lifecycle::Gone | Lifecycle::Unknown => "",
        }
    }
}

/// What the class is read from. Visits are the valid ones: closed, and neither wash nor PDI nor internal work.
#[derive(Clone, Copy, Debug)]
pub struct Life {
    pub state: VehicleState,
    pub first_due_on: Option<NaiveDate>,
    pub last_visit_on: Option<NaiveDate>,
    pub active_until: Option<NaiveDate>,
}

/// The class on a day.
pub fn class(life: Life, today: NaiveDate) -> Lifecycle {
    if life.state != VehicleState::Active {
        return Lifecycle::Gone;
    }
    let Some(last) = life.last_visit_on else {
        return match life.first_due_on {
            None => Lifecycle::Unknown,
            Some(due) if due >= today => Lifecycle::New,
            Some(_) => Lifecycle::FirstOverdue,
        };
    };
    if life.active_until.is_some_and(|until| today <= until) {
        return Lifecycle::Active;
    }
    let days = (today - last).num_days();
    [
        (ACTIVE_DAYS, Lifecycle::Active),
        (FADING_DAYS, Lifecycle::Fading),
        (AT_RISK_DAYS, Lifecycle::AtRisk),
        (LOST_DAYS, Lifecycle::Lost),
    ]
    .into_iter()
    .find_map(|(up_to, class)| (days <= up_to).then_some(class))
    .unwrap_or(Lifecycle::LongLost)
}

/// The last day on which a car counts as active after its visits, in order of days.
///
/// A car that drives little keeps its own rhythm: one and a half of its mean interval, if that is longer.
pub fn active_until(visits: &[NaiveDate], daily: DailyKm) -> Option<NaiveDate> {
    let (first, last) = (visits.first()?, visits.last()?);
    let intervals = i64::try_from(visits.len()).ok()? - 1;
    let is_low = daily.confidence != Confidence::None && daily.tenths <= LOW_TENTHS;
    let days = if is_low && intervals > 0 {
        // Rounded up: (span / intervals) × 1.5.
        let span = (*last - *first).num_days();
        ACTIVE_DAYS.max((span * 3 + intervals * 2 - 1) / (intervals * 2))
    } else {
        ACTIVE_DAYS
    };
    last.checked_add_days(Days::new(u64::try_from(days).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_car_is_classed_by_how_long_it_has_been_away() {
        let today = day("2026-11-24");
        for (away, expected) in [
            (0, Lifecycle::Active),
            (180, Lifecycle::Active),
            (181, Lifecycle::Fading),
            (270, Lifecycle::Fading),
            (271, Lifecycle::AtRisk),
            (365, Lifecycle::AtRisk),
            (366, Lifecycle::Lost),
            (730, Lifecycle::Lost),
            (731, Lifecycle::LongLost),
        ] {
            let last = today - Days::new(away);
            let life = Life {
                state: VehicleState::Active,
                first_due_on: None,
                last_visit_on: Some(last),
                active_until: Some(last + Days::new(180)),
            };
            assert_eq!(class(life, today), expected, "{away}");
            let patient = Life {
                active_until: Some(last + Days::new(300)),
                ..life
            };
            let expected = if away <= 300 { Lifecycle::Active } else { expected };
            assert_eq!(
                class(patient, today),
                expected,
                "{away} of a car that drives little"
            );
            let gone = Life {
                state: VehicleState::Sold,
                ..life
            };
            assert_eq!(class(gone, today), Lifecycle::Gone);
        }
    }

    #[test]
    fn a_car_that_never_came_is_new_until_its_first_maintenance_is_over() {
        for (due, expected) in [
            (None, Lifecycle::Unknown),
            (Some("2026-11-24"), Lifecycle::New),
            (Some("2026-11-23"), Lifecycle::FirstOverdue),
        ] {
            let life = Life {
                state: VehicleState::Active,
                first_due_on: due.map(day),
                last_visit_on: None,
                active_until: None,
            };
            assert_eq!(class(life, day("2026-11-24")), expected, "{due:?}");
        }
    }

    #[test]
    fn a_car_that_drives_little_keeps_its_own_rhythm() {
        let daily = |tenths, confidence| DailyKm { tenths, confidence };
        for (visits, daily, expected) in [
            (vec![], daily(100, Confidence::Good), None),
            (
                vec!["2026-01-01"],
                daily(100, Confidence::Good),
                Some("2026-06-30"),
            ),
            (
                vec!["2025-01-01", "2026-01-01"],
                daily(200, Confidence::Good),
                Some("2027-07-03"),
            ),
            (
                vec!["2025-01-01", "2026-01-01"],
                daily(201, Confidence::Good),
                Some("2026-06-30"),
            ),
            (
                vec!["2025-01-01", "2026-01-01"],
                daily(100, Confidence::None),
                Some("2026-06-30"),
            ),
            (
                vec!["2025-11-01", "2026-01-01"],
                daily(100, Confidence::Low),
                Some("2026-06-30"),
            ),
            (
                vec!["2025-01-01", "2025-06-01", "2026-01-01"],
                daily(100, Confidence::Low),
                Some("2026-10-02"),
            ),
        ] {
            let days: Vec<NaiveDate> = visits.iter().map(|text| day(text)).collect();
            assert_eq!(
                active_until(&days, daily),
                expected.map(day),
                "{visits:?} {daily:?}"
            );
        }
    }
}
