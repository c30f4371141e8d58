//! What a dial can come to, and what happens next (domain.md §2).

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::calendar::{StoreCalendar, TimeOfDay, WindowPurpose};
use crate::text_enum;

text_enum! {
    /// Life of a callback.
    pub enum CallbackStatus {
        Open = "open",
        /// Somebody has a lease on it.
        Claimed = "claimed",
        Done = "done",
        /// 尽责未达: everything that was promised has been tried, or the customer refused.
        Exhausted = "exhausted",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Result code of one dial, in the order of the outcome cards.
    pub enum Disposition {
        Completed = "completed",
        /// Not now: a time was agreed.
        Inconvenient = "inconvenient",
        NoAnswer = "no_answer",
        NoCoverage = "no_coverage",
        Voicemail = "voicemail",
        /// Hung up within five seconds.
        HungUp = "hung_up",
        Busy = "busy",
        Off = "off",
        Suspended = "suspended",
        Vacant = "vacant",
        /// The number belongs to a stranger.
        Wrong = "wrong",
        /// Somebody near the customer answered.
        NotThePerson = "not_the_person",
        Refused = "refused",
    }
}

text_enum! {
    /// An outcome card of the call screen, keys 1 to 7: a group of result codes.
    pub enum Outcome {
        Completed = "completed",
        Later = "later",
        NoAnswer = "no_answer",
        Busy = "busy",
        Off = "off",
        Wrong = "wrong",
        Refused = "refused",
    }
}

impl Outcome {
    /// The card of a code.
    pub fn of(disposition: Disposition) -> Outcome {
        let card = Outcome::ALL
            .iter()
            .find(|card| card.dispositions().contains(&disposition));
        *card.expect("every code is on a card, see the test")
    }

    /// The codes of the card; the first one is meant when none is chosen.
    pub const fn dispositions(self) -> &'static [Disposition] {
        use Disposition as D;
        match self {
            Outcome::Completed => &[D::Completed],
            Outcome::Later => &[D::Inconvenient],
            Outcome::NoAnswer => &[D::NoAnswer, D::NoCoverage, D::Voicemail, D::HungUp],
            Outcome::Busy => &[D::Busy],
            Outcome::Off => &[D::Off, D::Suspended],
            Outcome::Wrong => &[D::Vacant, D::Wrong, D::NotThePerson],
            Outcome::Refused => &[D::Refused],
        }
    }

    /// Name of the icon on the card.
    pub const fn icon(self) -> &'static str {
        match self {
            Outcome::Completed => "check",
            Outcome::Later => "clock",
            Outcome::NoAnswer => "phone-x",
            Outcome::Busy => "swap",
            Outcome::Off => "bell-off",
            Outcome::Wrong => "x",
            Outcome::Refused => "minus",
        }
    }
}

text_enum! {
    /// What a customer said about an occasion other than the survey; the code in `obligations.ended_reason`.
    pub enum ContactResult {
        Interested = "interested",
        Booked = "booked",
        Renewed = "renewed",
        /// Will do it, or has done it, somewhere else.
        Elsewhere = "elsewhere",
        Declined = "declined",
        CarSold = "car_sold",
        Informed = "informed",
        /// Was not talked about: stays open.
        NotReached = "not_reached",
    }
}

impl ContactResult {
    /// The answers that make sense for a kind of obligation.
    pub fn for_kind(kind: &str) -> &'static [ContactResult] {
        use ContactResult::{
            Booked, CarSold, Declined, Elsewhere, Informed, Interested, NotReached, Renewed,
        };
        match kind {
            "renewal" | "renewal_contact" => &[Interested, Renewed, Elsewhere, Declined, CarSold, NotReached],
            "warranty_expiry" | "first_maintenance" | "periodic_maintenance" | "lost_customer" => {
                &[Interested, Booked, Elsewhere, Declined, CarSold, NotReached]
            }
            _ => &[Informed, Interested, Declined, NotReached],
        }
    }
}

/// What a result says about the number that was dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneEffect {
    None,
    /// The customer answered.
    Proven,
    /// Somebody else answered: ask before trusting it.
    Unverified,
    Dead,
    Wrong,
}

impl Disposition {
    /// Whether the customer spoke to us.
    pub const fn is_connected(self) -> bool {
        match self {
            Disposition::Completed | Disposition::Inconvenient | Disposition::Refused => true,
            Disposition::NoAnswer
            | Disposition::NoCoverage
            | Disposition::Voicemail
            | Disposition::HungUp
            | Disposition::Busy
            | Disposition::Off
            | Disposition::Suspended
            | Disposition::Vacant
            | Disposition::Wrong
            | Disposition::NotThePerson => false,
        }
    }

    /// What becomes of the number.
    pub const fn phone_effect(self) -> PhoneEffect {
        match self {
            Disposition::Completed | Disposition::Inconvenient | Disposition::Refused => PhoneEffect::Proven,
            Disposition::NotThePerson => PhoneEffect::Unverified,
            Disposition::Suspended | Disposition::Vacant => PhoneEffect::Dead,
            Disposition::Wrong => PhoneEffect::Wrong,
            Disposition::NoAnswer
            | Disposition::NoCoverage
            | Disposition::Voicemail
            | Disposition::HungUp
            | Disposition::Busy
            | Disposition::Off => PhoneEffect::None,
        }
    }

    /// Whether it counts towards the tries after which a customer may be given up. An agreed time does not, and
    /// neither does a number that can reach nobody.
    pub const fn consumes_attempt(self) -> bool {
        match self {
            Disposition::Inconvenient | Disposition::Suspended | Disposition::Vacant | Disposition::Wrong => {
                false
            }
            Disposition::Completed
            | Disposition::Refused
            | Disposition::NoAnswer
            | Disposition::NoCoverage
            | Disposition::Voicemail
            | Disposition::HungUp
            | Disposition::Busy
            | Disposition::Off
            | Disposition::NotThePerson => true,
        }
    }
}

/// Thirds of a calling day; a dial outside of them counts as a dial, not as a daypart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Daypart {
    Morning,
    Afternoon,
    Evening,
}

impl Daypart {
    const ALL: [Daypart; 3] = [Daypart::Morning, Daypart::Afternoon, Daypart::Evening];

    const fn hours(self) -> (TimeOfDay, TimeOfDay) {
        match self {
            Daypart::Morning => (TimeOfDay::hm(9, 0), TimeOfDay::hm(12, 0)),
            Daypart::Afternoon => (TimeOfDay::hm(13, 30), TimeOfDay::hm(17, 30)),
            Daypart::Evening => (TimeOfDay::hm(17, 30), TimeOfDay::hm(20, 0)),
        }
    }

    fn span(self, calendar: &StoreCalendar, day: NaiveDate) -> (DateTime<Utc>, DateTime<Utc>) {
        let (from, to) = self.hours();
        (calendar.instant(day, from), calendar.instant(day, to))
    }

    /// The daypart in which an instant lies.
    pub fn of(calendar: &StoreCalendar, at: DateTime<Utc>) -> Option<Daypart> {
        let day = calendar.local_day(at);
        Daypart::ALL.into_iter().find(|part| {
            let (from, to) = part.span(calendar, day);
            from <= at && at < to
        })
    }

    /// 1 to 3, as in `attempts.daypart`, where 0 is outside.
    pub const fn number(self) -> i16 {
        match self {
            Daypart::Morning => 1,
            Daypart::Afternoon => 2,
            Daypart::Evening => 3,
        }
    }
}

/// What must have been tried before a customer may be given up; from the care rules of the bundled kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    pub min_dials: usize,
    pub min_days: usize,
    pub min_dayparts: usize,
    /// Dials nearer together than this count as one.
    pub spacing: TimeDelta,
}

impl Default for RetryPolicy {
    fn default() -> RetryPolicy {
        RetryPolicy {
            min_dials: 3,
            min_days: 2,
            min_dayparts: 2,
            spacing: TimeDelta::hours(2),
        }
    }
}

/// One dial that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dial {
    pub at: DateTime<Utc>,
    pub result: Disposition,
}

/// Why a callback ends without success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// Tried as often as promised.
    Unreachable,
    /// No number is left that could reach the customer.
    NoValidPhone,
    /// The customer does not want to answer: ended, but no success (尽责未达).
    Refused,
}

impl GivenUp {
    /// The code in `obligations.ended_reason`.
    pub const fn as_str(self) -> &'static str {
        match self {
            GivenUp::Unreachable => "unreachable",
            GivenUp::NoValidPhone => "no_valid_phone",
            GivenUp::Refused => "refused",
        }
    }
}

/// What a dial leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    Done,
    Exhausted(GivenUp),
    /// Back to the queue, not before this instant.
    RetryAt(DateTime<Utc>),
}

/// Decides what a dial leads to. `earlier` are the dials before it, oldest first; `agreed_at` goes with `Inconvenient`.
pub fn next_step(
    earlier: &[Dial],
    dial: Dial,
    agreed_at: Option<DateTime<Utc>>,
    has_other_phone: bool,
    calendar: &StoreCalendar,
    policy: &RetryPolicy,
) -> NextStep {
    match dial.result {
        Disposition::Completed => NextStep::Done,
        Disposition::Refused => NextStep::Exhausted(GivenUp::Refused),
        Disposition::Inconvenient => {
            let at = agreed_at.unwrap_or(dial.at + policy.spacing);
            NextStep::RetryAt(callable_from(calendar, at))
        }
        Disposition::Suspended | Disposition::Vacant | Disposition::Wrong if has_other_phone => {
            NextStep::RetryAt(callable_from(calendar, dial.at))
        }
        Disposition::Suspended | Disposition::Vacant | Disposition::Wrong => {
            NextStep::Exhausted(GivenUp::NoValidPhone)
        }
        Disposition::NoAnswer
        | Disposition::NoCoverage
        | Disposition::Voicemail
        | Disposition::HungUp
        | Disposition::Busy
        | Disposition::Off
        | Disposition::NotThePerson => {
            let tries = Tries::count(earlier, dial, calendar, policy.spacing);
            tries.next(dial.at, calendar, policy)
        }
    }
}

fn callable_from(calendar: &StoreCalendar, at: DateTime<Utc>) -> DateTime<Utc> {
    calendar.first_callable_from(at).unwrap_or(at)
}

/// Dials that count, told apart by day and daypart.
struct Tries {
    count: usize,
    days: Vec<NaiveDate>,
    dayparts: Vec<Daypart>,
}

impl Tries {
    fn count(earlier: &[Dial], dial: Dial, calendar: &StoreCalendar, spacing: TimeDelta) -> Tries {
        let mut tries = Tries {
            count: 0,
            days: Vec::new(),
            dayparts: Vec::new(),
        };
        let mut last: Option<DateTime<Utc>> = None;
        let all = earlier.iter().copied().chain([dial]);
        for at in all
            .filter(|dial| dial.result.consumes_attempt())
            .map(|dial| dial.at)
        {
            if last.is_some_and(|last| at < last + spacing) {
                continue;
            }
            last = Some(at);
            tries.count += 1;
            let day = calendar.local_day(at);
            if !tries.days.contains(&day) {
                tries.days.push(day);
            }
            if let Some(part) = Daypart::of(calendar, at).filter(|part| !tries.dayparts.contains(part)) {
                tries.dayparts.push(part);
            }
        }
        tries
    }

    /// Given up when the policy is met; else the first callable time that brings it nearer in the dials that are left.
    fn next(&self, now: DateTime<Utc>, calendar: &StoreCalendar, policy: &RetryPolicy) -> NextStep {
        let days_missing = policy.min_days.saturating_sub(self.days.len());
        let dayparts_missing = policy
            .min_dayparts
            .min(Daypart::ALL.len())
            .saturating_sub(self.dayparts.len());
        let dials_missing = policy.min_dials.saturating_sub(self.count);
        if dials_missing + days_missing + dayparts_missing == 0 {
            return NextStep::Exhausted(GivenUp::Unreachable);
        }
        let left = dials_missing.max(1);
        let wants_new_day = days_missing >= left;
        let wants_new_daypart = dayparts_missing >= left;
        let after = now + policy.spacing;
        let found = slots(calendar, after)
            .filter(|(day, _, _)| !wants_new_day || !self.days.contains(day))
            .find(|(_, part, _)| {
                !wants_new_daypart || part.is_some_and(|part| !self.dayparts.contains(&part))
            })
            .map(|(_, _, start)| start);
        NextStep::RetryAt(found.unwrap_or_else(|| callable_from(calendar, after)))
    }
}

/// Days to look ahead, as far as the calendar's own search.
const SEARCH_DAYS: u64 = 60;

/// Beginnings of callable time from an instant on, cut at the dayparts.
fn slots(
    calendar: &StoreCalendar,
    from: DateTime<Utc>,
) -> impl Iterator<Item = (NaiveDate, Option<Daypart>, DateTime<Utc>)> {
    let first_day = calendar.local_day(from);
    (0..=SEARCH_DAYS).flat_map(move |ahead| {
        let day = first_day + Days::new(ahead);
        let mut starts = Vec::new();
        for (start, end) in calendar.windows(WindowPurpose::Callable, day) {
            let start = start.max(from);
            if start >= end {
                continue;
            }
            starts.push(start);
            let later = Daypart::ALL.map(|part| part.span(calendar, day).0);
            starts.extend(later.into_iter().filter(|at| start < *at && *at < end));
        }
        starts
            .into_iter()
            .map(move |start| (day, Daypart::of(calendar, start), start))
            .collect::<Vec<_>>()
    })
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Shanghai;

    use super::*;
    use crate::calendar::{DayException, DayKind};

    fn calendar() -> StoreCalendar {
        StoreCalendar::new(Shanghai)
    }

    /// "24 10:00" is a day of November 2026 on the store's wall clock.
    fn at(text: &str) -> DateTime<Utc> {
        let (day, clock) = text.split_once(' ').unwrap();
        let day: NaiveDate = format!("2026-11-{day}").parse().unwrap();
        calendar().instant(day, clock.parse().unwrap())
    }

    fn dial(text: &str, result: Disposition) -> Dial {
        Dial { at: at(text), result }
    }

    fn step(earlier: &[&str], now: &str, result: Disposition) -> NextStep {
        let earlier: Vec<Dial> = earlier
            .iter()
            .map(|text| dial(text, Disposition::NoAnswer))
            .collect();
        next_step(
            &earlier,
            dial(now, result),
            None,
            false,
            &calendar(),
            &RetryPolicy::default(),
        )
    }

    #[test]
    fn every_code_has_its_card_and_its_next_step() {
        use Disposition as D;
        let retry = NextStep::RetryAt(at("24 13:30"));
        let no_phone = NextStep::Exhausted(GivenUp::NoValidPhone);
        let table = [
            (D::Completed, NextStep::Done, PhoneEffect::Proven),
            (D::Inconvenient, retry, PhoneEffect::Proven),
            (D::NoAnswer, retry, PhoneEffect::None),
            (D::NoCoverage, retry, PhoneEffect::None),
            (D::Voicemail, retry, PhoneEffect::None),
            (D::HungUp, retry, PhoneEffect::None),
            (D::Busy, retry, PhoneEffect::None),
            (D::Off, retry, PhoneEffect::None),
            (D::Suspended, no_phone, PhoneEffect::Dead),
            (D::Vacant, no_phone, PhoneEffect::Dead),
            (D::Wrong, no_phone, PhoneEffect::Wrong),
            (D::NotThePerson, retry, PhoneEffect::Unverified),
            (
                D::Refused,
                NextStep::Exhausted(GivenUp::Refused),
                PhoneEffect::Proven,
            ),
        ];
        assert_eq!(table.map(|row| row.0), *D::ALL);
        for (code, next, effect) in table {
            assert_eq!(step(&[], "24 10:00", code), next, "{code}");
            assert_eq!(code.phone_effect(), effect, "{code}");
        }
        let on_cards = Outcome::ALL.iter().flat_map(|card| card.dispositions());
        assert_eq!(on_cards.copied().collect::<Vec<_>>(), D::ALL);
    }

    #[test]
    fn a_customer_is_given_up_only_when_the_policy_is_met() {
        let given_up = NextStep::Exhausted(GivenUp::Unreachable);
        let retry = |text| NextStep::RetryAt(at(text));
        for (earlier, now, expected) in [
            // Two hours later, moved out of lunch and night.
            (&[][..], "24 13:40", retry("24 15:40")),
            (&[], "24 10:30", retry("24 13:30")),
            (&[], "24 18:30", retry("25 09:00")),
            // The second of three on one day: the third must be on another.
            (&["24 09:00"], "24 13:30", retry("25 09:00")),
            // Both in the morning of one day: another day and another daypart.
            (&["24 09:00"], "24 11:00", retry("25 13:30")),
            // Two mornings: the third must be later in the day, and may be today.
            (&["24 09:00"], "25 09:00", retry("25 13:30")),
            // Two days and two dayparts already: any time will do.
            (&["24 09:00"], "25 13:30", retry("25 15:30")),
            // Three dials, but all on one day, or all in the morning.
            (&["24 09:00", "24 13:30"], "24 18:00", retry("25 09:00")),
            (&["23 09:00", "24 09:00"], "25 09:00", retry("25 13:30")),
            // Met.
            (&["24 09:00", "24 13:30"], "25 09:00", given_up),
            (&["23 18:00", "24 09:00"], "25 09:00", given_up),
            // Dials within two hours are one.
            (&["24 09:00", "24 10:00"], "25 13:30", retry("25 15:30")),
            (&["24 09:00", "24 10:59", "25 13:30"], "25 15:30", given_up),
            // Outside of the dayparts it is a dial and a day, not a daypart.
            (&["23 12:30", "24 09:00"], "25 09:00", retry("25 13:30")),
        ] {
            assert_eq!(
                step(earlier, now, Disposition::NoAnswer),
                expected,
                "{earlier:?} {now}"
            );
        }
    }

    #[test]
    fn an_agreed_time_and_a_dead_number_use_no_attempt_up() {
        let policy = RetryPolicy::default();
        let earlier = [
            dial("24 09:00", Disposition::NoAnswer),
            dial("24 13:30", Disposition::Inconvenient),
            dial("24 16:00", Disposition::Vacant),
        ];
        let now = dial("25 09:00", Disposition::Busy);
        let next = next_step(&earlier, now, None, true, &calendar(), &policy);
        assert_eq!(next, NextStep::RetryAt(at("25 13:30")));
    }

    #[test]
    fn an_agreed_time_is_kept_and_another_number_is_dialled_at_once() {
        let policy = RetryPolicy::default();
        let agreed = Some(at("27 18:15"));
        let later = dial("24 10:00", Disposition::Inconvenient);
        assert_eq!(
            next_step(&[], later, agreed, false, &calendar(), &policy),
            NextStep::RetryAt(at("27 18:15"))
        );
        for (now, expected) in [("24 10:00", "24 10:00"), ("24 12:10", "24 13:30")] {
            let vacant = dial(now, Disposition::Vacant);
            assert_eq!(
                next_step(&[], vacant, None, true, &calendar(), &policy),
                NextStep::RetryAt(at(expected))
            );
        }
    }

    #[test]
    fn a_closed_day_is_no_day_to_call() {
        let mut calendar = calendar();
        calendar.exceptions.insert(
            "2026-11-25".parse().unwrap(),
            DayException {
                kind: DayKind::Closed,
                name: "盘点".to_owned(),
            },
        );
        let now = dial("24 19:00", Disposition::NoAnswer);
        let next = next_step(&[], now, None, false, &calendar, &RetryPolicy::default());
        assert_eq!(next, NextStep::RetryAt(at("26 09:00")));
    }

    #[test]
    fn a_dealer_who_wants_five_days_gets_five_days() {
        let policy = RetryPolicy {
            min_dials: 5,
            min_days: 5,
            ..RetryPolicy::default()
        };
        let now = dial("24 09:00", Disposition::NoAnswer);
        let next = next_step(&[], now, None, false, &calendar(), &policy);
        assert_eq!(next, NextStep::RetryAt(at("25 09:00")));
    }
}
