//! The three bars of a row: dispatch, follow-up, second callback. What is over is past tense, what runs says what is left.

use chrono::{DateTime, TimeDelta, Utc};

use crate::complaints::ComplaintId;
use crate::complaints::clocks::view::{self, ClockView};
use crate::complaints::list::{CLOCKS, Promise};
use crate::i18n::Texts;
use crate::i18n::format::Formatter;
use crate::obligations::{ObligationKind, ObligationStatus};
use crate::stores::StoreScope;
use crate::web::sla::SlaChip;

/// Amber from here on, as in the chips.
const SOON: TimeDelta = TimeDelta::minutes(60);
/// Hours and minutes up to here, days beyond: a bar is four characters and a half wide.
const HOURS: TimeDelta = TimeDelta::hours(100);

/// Of one kind the clock of a case that matters: the first that runs, else the last that ended.
#[derive(Clone, Debug)]
pub struct Clock {
    pub complaint_id: ComplaintId,
    pub kind: ObligationKind,
    pub starts_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Nobody had to keep it.
    pub is_exempt: bool,
    /// The customer is being waited for.
    pub is_paused: bool,
    /// Why it is due then.
    pub why: String,
}

/// The clocks of these cases, sorted by case; one statement.
pub async fn load(
    db: &sqlx::PgPool,
    scope: StoreScope,
    ids: &[i64],
    fmt: &Formatter,
) -> sqlx::Result<Vec<Clock>> {
    let mut ids: Vec<ComplaintId> = ids.iter().copied().map(ComplaintId::new).collect();
    ids.sort_unstable();
    let all = view::view(db, scope, &ids, fmt).await?;
    let of_case = ids.iter().filter_map(|id| all.get(id));
    Ok(of_case
        .flat_map(|own| CLOCKS.iter().filter_map(move |kind| that_matters(own, *kind)))
        .collect())
}

fn that_matters(own: &[ClockView], kind: ObligationKind) -> Option<Clock> {
    let exempt = || {
        let mut last = own.iter().rev();
        last.find(|clock| clock.kind == kind && clock.status == ObligationStatus::Exempt)
    };
    let clock = view::of_kind(own, kind).or_else(exempt)?;
    Some(Clock {
        complaint_id: clock.complaint_id,
        kind,
        starts_at: clock.starts_at,
        due_at: clock.due_at,
        ended_at: clock.ended_at,
        is_exempt: clock.status == ObligationStatus::Exempt,
        is_paused: clock.is_paused,
        why: clock.why.clone(),
    })
}

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Class of its item: `is-met`, `is-missed`, `is-now`, `is-soon`, `is-bad`, or none.
    pub class: &'static str,
    pub label: &'static str,
    pub text: String,
    /// When it is due and why, as the title of the bar.
    pub due: String,
}

/// The bars of a case.
pub fn stages(fmt: &Formatter, clocks: &[&Clock]) -> Vec<Stage> {
    let t = Texts(fmt.lang).complaints();
    let of = |promise: &Promise| {
        let clock = clocks.iter().find(|clock| clock.kind == promise.kind());
        let (class, text) = clock.map_or(("", "—".to_owned()), |clock| state(fmt, clock));
        Stage {
            class,
            label: t.stage(*promise),
            text,
            due: clock.map_or_else(String::new, |clock| {
                t.due(fmt.datetime(&clock.due_at), &clock.why)
            }),
        }
    };
    Promise::ALL.iter().map(of).collect()
}

fn state(fmt: &Formatter, clock: &Clock) -> (&'static str, String) {
    let t = Texts(fmt.lang);
    if clock.is_exempt {
        return ("", t.complaints().exempt().to_owned());
    }
    if clock.is_paused {
        return ("", t.complaint_clocks().paused_chip().to_owned());
    }
    match clock.ended_at {
        Some(ended_at) => {
            let class = if ended_at <= clock.due_at {
                "is-met"
            } else {
                "is-missed"
            };
            (class, long(fmt, ended_at - clock.starts_at))
        }
        None if clock.due_at < fmt.now => ("is-bad", over(fmt, fmt.now - clock.due_at)),
        None => {
            let left = clock.due_at - fmt.now;
            let class = if left <= SOON { "is-soon" } else { "is-now" };
            (class, t.common().time_left(long(fmt, left)))
        }
    }
}

fn long(fmt: &Formatter, span: TimeDelta) -> String {
    if span >= HOURS {
        Texts(fmt.lang).complaints().days(span.num_days())
    } else {
        fmt.duration(span)
    }
}

fn over(fmt: &Formatter, span: TimeDelta) -> String {
    let t = Texts(fmt.lang).common();
    match span.num_days() {
        0 => t.time_over(fmt.duration(span)),
        days => t.days_over(days),
    }
}

/// The chip of the clock that is due first; none where no clock runs.
pub fn worst(fmt: &Formatter, clocks: &[&Clock]) -> Option<(ObligationKind, SlaChip)> {
    let open = clocks
        .iter()
        .filter(|clock| clock.ended_at.is_none() && !clock.is_paused);
    let clock = open.min_by_key(|clock| clock.due_at)?;
    let chip = SlaChip::open(fmt, clock.due_at).because(Some(&clock.why));
    Some((clock.kind, chip))
}

/// An instant of a clock for a file; empty where there is none.
pub fn stamp(fmt: &Formatter, at: Option<DateTime<Utc>>) -> String {
    at.map(|at| fmt.stamp(&at)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn a_bar_says_what_was_used_what_is_left_and_what_is_over() {
        let now: DateTime<Utc> = "2026-11-24T02:42:00Z".parse().unwrap();
        let fmt = Formatter {
            lang: Lang::Zh,
            zone: chrono_tz::Asia::Shanghai,
            now,
        };
        let at = |minutes: i64| now + TimeDelta::minutes(minutes);
        for (starts, due, ended, class, text) in [
            (-60, 60, Some(-19), "is-met", "0:41"),
            (-200, -80, Some(-49), "is-missed", "2:31"),
            (-200, -37, None, "is-bad", "逾 0:37"),
            (-5000, -3000, None, "is-bad", "逾 2 天"),
            (-60, 24, None, "is-soon", "剩 0:24"),
            (-2, 118, None, "is-now", "剩 1:58"),
            (-2, 60 * 24 * 7, None, "is-now", "剩 7 天"),
        ] {
            let clock = Clock {
                complaint_id: ComplaintId::new(1),
                kind: ObligationKind::ComplaintDispatch,
                starts_at: at(starts),
                due_at: at(due),
                ended_at: ended.map(at),
                is_exempt: false,
                is_paused: false,
                why: String::new(),
            };
            let stages = stages(&fmt, &[&clock]);
            assert_eq!((stages[0].class, stages[0].text.as_str()), (class, text));
            assert_eq!((stages[1].class, stages[1].text.as_str()), ("", "—"));
        }
    }
}
