//! When a customer may be given up, and when the next try is made.
//!
//! At least three dials on two days and in two parts of the day, two hours apart (the rule of each kind may ask for more);
//! then one message with the questionnaire; then, and never earlier, 尽责未达.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::calendar::{StoreCalendar, TimeOfDay, WindowPurpose};
use crate::callbacks::model::{Disposition, Follow};

/// A talk whose signal was lost is taken up again after this time.
const SHORTLY: TimeDelta = TimeDelta::minutes(10);

/// Thirds of a calling day; a dial outside of them counts as a dial, not as a daypart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Daypart {
    Morning,
    Afternoon,
    Evening,
}

impl Daypart {
    /// In the order of the day.
    pub const ALL: [Daypart; 3] = [Daypart::Morning, Daypart::Afternoon, Daypart::Evening];

    /// From and to, on the store's wall clock.
    pub const fn hours(self) -> (TimeOfDay, TimeOfDay) {
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

    /// The daypart with this number.
    pub fn from_number(number: i16) -> Option<Daypart> {
        Daypart::ALL.into_iter().find(|part| part.number() == number)
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
    /// The dials are used up: the message with the questionnaire goes out, and its answer is awaited.
    Message,
}

/// Everything that decides beside the dial itself.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Dials before this one, oldest first.
    pub earlier: &'a [Dial],
    /// Goes with [`Disposition::Inconvenient`].
    pub agreed_at: Option<DateTime<Utc>>,
    pub has_other_phone: bool,
    /// Whether a number is left that can get a message.
    pub can_write: bool,
    /// The part of the day to prefer for the next try.
    pub best: Option<Daypart>,
    /// The last moment at which a call counts.
    pub callable_due_at: Option<DateTime<Utc>>,
    pub calendar: &'a StoreCalendar,
    pub policy: RetryPolicy,
}

/// Decides what a dial leads to.
pub fn next_step(situation: &Situation<'_>, dial: Dial) -> NextStep {
    let calendar = situation.calendar;
    match dial.result.rule().follow {
        Follow::Done => NextStep::Done,
        Follow::Refused => NextStep::Exhausted(GivenUp::Refused),
        Follow::Agreed => {
            let at = situation.agreed_at.unwrap_or(dial.at + situation.policy.spacing);
            NextStep::RetryAt(callable_from(calendar, at))
        }
        Follow::Shortly => NextStep::RetryAt(callable_from(calendar, dial.at + SHORTLY)),
        Follow::NextNumber if situation.has_other_phone => {
            NextStep::RetryAt(callable_from(calendar, dial.at))
        }
        Follow::NextNumber => NextStep::Exhausted(GivenUp::NoValidPhone),
        Follow::Again => Tries::count(situation, dial).next(situation, dial.at, false),
        Follow::AnotherDay => Tries::count(situation, dial).next(situation, dial.at, true),
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
    fn count(situation: &Situation<'_>, dial: Dial) -> Tries {
        let (calendar, spacing) = (situation.calendar, situation.policy.spacing);
        let mut tries = Tries {
            count: 0,
            days: Vec::new(),
            dayparts: Vec::new(),
        };
        let mut last: Option<DateTime<Utc>> = None;
        let all = situation.earlier.iter().copied().chain([dial]);
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

    /// The message when the policy is met, or the end where none can be sent; else the first callable time that brings it
    /// nearer in the dials that are left, moved to the best part of that day.
    fn next(&self, situation: &Situation<'_>, now: DateTime<Utc>, on_another_day: bool) -> NextStep {
        let (calendar, policy) = (situation.calendar, situation.policy);
        let days_missing = policy.min_days.saturating_sub(self.days.len());
        let dayparts_missing = policy
            .min_dayparts
            .min(Daypart::ALL.len())
            .saturating_sub(self.dayparts.len());
        let dials_missing = policy.min_dials.saturating_sub(self.count);
        if dials_missing + days_missing + dayparts_missing == 0 {
            return if situation.can_write {
                NextStep::Message
            } else {
                NextStep::Exhausted(GivenUp::Unreachable)
            };
        }
        let left = dials_missing.max(1);
        let wants_new_day = on_another_day || days_missing >= left;
        let wants_new_daypart = dayparts_missing >= left;
        let after = now + policy.spacing;
        let mut fitting = slots(calendar, after).filter(|(day, part, _)| {
            (!wants_new_day || !self.days.contains(day))
                && (!wants_new_daypart || part.is_some_and(|part| !self.dayparts.contains(&part)))
        });
        let Some((day, _, first)) = fitting.next() else {
            return NextStep::RetryAt(callable_from(calendar, after));
        };
        let better = fitting
            .take_while(|(other, _, _)| *other == day)
            .find(|(_, part, at)| {
                part.is_some()
                    && *part == situation.best
                    && situation.callable_due_at.is_none_or(|due| *at < due)
            })
            .filter(|_| Daypart::of(calendar, first) != situation.best);
        NextStep::RetryAt(better.map_or(first, |(_, _, at)| at))
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

    fn situation<'a>(calendar: &'a StoreCalendar, earlier: &'a [Dial]) -> Situation<'a> {
        Situation {
            earlier,
            agreed_at: None,
            has_other_phone: false,
            can_write: true,
            best: None,
            callable_due_at: None,
            calendar,
            policy: RetryPolicy::default(),
        }
    }

    fn unanswered(texts: &[&str]) -> Vec<Dial> {
        texts
            .iter()
            .map(|text| dial(text, Disposition::NoAnswer))
            .collect()
    }

    fn step(earlier: &[&str], now: &str, result: Disposition) -> NextStep {
        let (calendar, earlier) = (calendar(), unanswered(earlier));
        next_step(&situation(&calendar, &earlier), dial(now, result))
    }

    #[test]
    fn every_code_leads_on_in_its_way() {
        use Disposition as D;
        let retry = |text| NextStep::RetryAt(at(text));
        let no_phone = NextStep::Exhausted(GivenUp::NoValidPhone);
        for (code, next) in [
            (D::Completed, NextStep::Done),
            (D::Inconvenient, retry("24 13:30")),
            (D::NoAnswer, retry("24 13:30")),
            (D::NoCoverage, retry("24 13:30")),
            (D::Voicemail, retry("24 13:30")),
            (D::HungUp, retry("24 13:30")),
            (D::Busy, retry("24 13:30")),
            (D::Rejected, retry("24 13:30")),
            (D::CutOff, retry("25 09:00")),
            (D::SignalLost, retry("24 10:10")),
            (D::Other, retry("24 13:30")),
            (D::Off, retry("24 13:30")),
            (D::Suspended, no_phone),
            (D::Vacant, no_phone),
            (D::Wrong, no_phone),
            (D::NotThePerson, retry("24 13:30")),
            (D::Refused, NextStep::Exhausted(GivenUp::Refused)),
        ] {
            assert_eq!(step(&[], "24 10:00", code), next, "{code}");
        }
    }

    #[test]
    fn a_customer_is_given_up_only_when_the_policy_is_met() {
        let written = NextStep::Message;
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
            (&["24 09:00", "24 13:30"], "25 09:00", written),
            (&["23 18:00", "24 09:00"], "25 09:00", written),
            // Dials within two hours are one.
            (&["24 09:00", "24 10:00"], "25 13:30", retry("25 15:30")),
            (&["24 09:00", "24 10:59", "25 13:30"], "25 15:30", written),
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
        let earlier = [
            dial("24 09:00", Disposition::NoAnswer),
            dial("24 13:30", Disposition::Inconvenient),
            dial("24 16:00", Disposition::Vacant),
            dial("24 17:00", Disposition::SignalLost),
        ];
        let now = dial("25 09:00", Disposition::Busy);
        let next = next_step(&situation(&calendar(), &earlier), now);
        assert_eq!(next, NextStep::RetryAt(at("25 13:30")));
    }

    #[test]
    fn an_agreed_time_is_kept_and_another_number_is_dialled_at_once() {
        let calendar = calendar();
        let agreed = Situation {
            agreed_at: Some(at("27 18:15")),
            ..situation(&calendar, &[])
        };
        let later = dial("24 10:00", Disposition::Inconvenient);
        assert_eq!(next_step(&agreed, later), NextStep::RetryAt(at("27 18:15")));
        let other = Situation {
            has_other_phone: true,
            ..situation(&calendar, &[])
        };
        for (now, expected) in [("24 10:00", "24 10:00"), ("24 12:10", "24 13:30")] {
            for code in [Disposition::Vacant, Disposition::Suspended, Disposition::Wrong] {
                let next = next_step(&other, dial(now, code));
                assert_eq!(next, NextStep::RetryAt(at(expected)), "{code}");
            }
        }
    }

    #[test]
    fn who_gets_no_messages_is_given_up_after_the_last_dial() {
        let calendar = calendar();
        let earlier = unanswered(&["24 09:00", "24 13:30"]);
        let mute = Situation {
            can_write: false,
            ..situation(&calendar, &earlier)
        };
        let next = next_step(&mute, dial("25 09:00", Disposition::NoAnswer));
        assert_eq!(next, NextStep::Exhausted(GivenUp::Unreachable));
        // Not one dial earlier, and never because a talk broke off.
        let early = next_step(&mute, dial("24 18:00", Disposition::NoAnswer));
        assert_eq!(early, NextStep::RetryAt(at("25 09:00")));
        let broken = next_step(&mute, dial("25 09:00", Disposition::SignalLost));
        assert_eq!(broken, NextStep::RetryAt(at("25 09:10")));
    }

    #[test]
    fn the_next_try_moves_to_the_best_part_of_its_day() {
        use Daypart::{Afternoon, Evening, Morning};
        let calendar = calendar();
        for (earlier, now, best, due, expected) in [
            (&[][..], "24 09:00", Evening, "27 20:00", "24 17:30"),
            (&[], "24 09:00", Afternoon, "27 20:00", "24 13:30"),
            // The morning of that day is over: no day is lost for it.
            (&[], "24 14:00", Morning, "27 20:00", "24 16:00"),
            (&[], "24 18:30", Evening, "27 20:00", "25 17:30"),
            // Not past the deadline.
            (&[], "24 09:00", Evening, "24 17:00", "24 11:00"),
            // What the policy still asks for goes first.
            (&["24 09:00"], "25 09:00", Morning, "27 20:00", "25 13:30"),
        ] {
            let earlier = unanswered(earlier);
            let situation = Situation {
                best: Some(best),
                callable_due_at: Some(at(due)),
                ..situation(&calendar, &earlier)
            };
            let next = next_step(&situation, dial(now, Disposition::NoAnswer));
            assert_eq!(next, NextStep::RetryAt(at(expected)), "{now} {best:?}");
        }
    }

    #[test]
    fn a_dial_at_the_last_minute_of_a_day_belongs_to_it() {
        let calendar = calendar();
        let earlier = unanswered(&["24 23:58"]);
        let next = next_step(
            &situation(&calendar, &earlier),
            dial("24 23:59", Disposition::NoAnswer),
        );
        // One try at night, in no daypart: two days and two dayparts are still wanted.
        assert_eq!(next, NextStep::RetryAt(at("25 09:00")));
        let earlier = unanswered(&["24 09:00", "24 23:59"]);
        let next = next_step(
            &situation(&calendar, &earlier),
            dial("25 13:30", Disposition::NoAnswer),
        );
        assert_eq!(next, NextStep::Message);
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
        let next = next_step(&situation(&calendar, &[]), now);
        assert_eq!(next, NextStep::RetryAt(at("26 09:00")));
    }

    #[test]
    fn a_dealer_who_wants_five_days_gets_five_days() {
        let calendar = calendar();
        let policy = RetryPolicy {
            min_dials: 5,
            min_days: 5,
            ..RetryPolicy::default()
        };
        let situation = Situation {
            policy,
            ..situation(&calendar, &[])
        };
        let next = next_step(&situation, dial("24 09:00", Disposition::NoAnswer));
        assert_eq!(next, NextStep::RetryAt(at("25 09:00")));
    }
}
