//! The clocks of cases as pages show them: name, deadline, how much of it is gone, and why it is due then.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;

use crate::callbacks::CallbackId;
use crate::complaints::ComplaintId;
use crate::complaints::clocks::queries::{self, Row};
use crate::complaints::sla;
use crate::i18n::format::Formatter;
use crate::i18n::{Lang, Texts};
use crate::obligations::{ObligationId, ObligationKind as Kind, ObligationStatus as Status};
use crate::stores::StoreScope;
use crate::web::sla::SlaChip;

/// A clock of a case.
#[derive(Clone, Debug)]
pub struct ClockView {
    pub id: ObligationId,
    pub complaint_id: ComplaintId,
    pub kind: Kind,
    /// Number, cycle or code within its kind.
    pub cycle_key: String,
    /// "上报责任部门", "第 2 次跟踪".
    pub name: String,
    /// "2 小时", "3 天"; empty where a day is given.
    pub limit: String,
    pub starts_at: DateTime<Utc>,
    /// Of a target that is paused, as if the wait ended now.
    pub due_at: DateTime<Utc>,
    /// The last minute of a call; else the deadline.
    pub callable_due_at: DateTime<Utc>,
    pub status: Status,
    pub ended_at: Option<DateTime<Utc>>,
    pub callback_id: Option<CallbackId>,
    /// The customer is being waited for, and this clock stands still.
    pub is_paused: bool,
    /// How much of its time is gone, in percent; above 100 once it has passed. Of an ended one, when it ended.
    pub gone: i64,
    /// "2 小时，自受理 11:06 起".
    pub why: String,
    /// The chip, with `why` as its title; an ended one in the past tense.
    pub chip: SlaChip,
}

impl ClockView {
    /// Whether it runs.
    pub fn is_open(&self) -> bool {
        self.status == Status::Open
    }

    /// Whether it is owed or was kept: neither cancelled nor exempt.
    pub fn counts(&self) -> bool {
        !matches!(self.status, Status::Cancelled | Status::Exempt)
    }

    /// Past its deadline: still open, or ended after it.
    pub fn is_late(&self, now: DateTime<Utc>) -> bool {
        self.counts() && self.ended_at.unwrap_or(now) > self.due_at
    }
}

/// Every clock of these cases, by case, in the order in which they run out. Cases without one are not in the map.
///
/// One statement, for a page of a list as for one case.
pub async fn view(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[ComplaintId],
    fmt: &Formatter,
) -> sqlx::Result<HashMap<ComplaintId, Vec<ClockView>>> {
    let mut map: HashMap<ComplaintId, Vec<ClockView>> = HashMap::new();
    for row in queries::list_rows(db, scope, ids).await? {
        map.entry(row.complaint_id).or_default().push(shown(row, fmt));
    }
    Ok(map)
}

/// The clock of a kind that matters now: the first that runs, else the last that ended.
pub fn of_kind(clocks: &[ClockView], kind: Kind) -> Option<&ClockView> {
    let mut own = clocks.iter().filter(|clock| clock.kind == kind && clock.counts());
    let open = own.clone().find(|clock| clock.is_open());
    open.or_else(|| own.next_back())
}

fn shown(row: Row, fmt: &Formatter) -> ClockView {
    let t = Texts(fmt.lang).complaint_clocks();
    let is_paused =
        row.kind == Kind::ComplaintClose && row.status == Status::Open && row.waiting_since.is_some();
    let due_at = row.due_at;
    let until = row.ended_at.unwrap_or(fmt.now);
    let whole = (due_at - row.not_before).num_seconds().max(1);
    let why = why(&row, fmt, is_paused);
    let chip = match row.ended_at {
        Some(ended_at) => SlaChip::ended(fmt, due_at, ended_at),
        None => SlaChip::open(fmt, due_at),
    };
    ClockView {
        id: row.id,
        complaint_id: row.complaint_id,
        name: name(fmt.lang, row.kind, &row.cycle_key),
        limit: limit(&row, fmt),
        kind: row.kind,
        cycle_key: row.cycle_key,
        starts_at: row.not_before,
        due_at,
        callable_due_at: row.callable_due_at,
        status: row.status,
        ended_at: row.ended_at,
        callback_id: row.callback_id,
        is_paused,
        gone: ((until - row.not_before).num_seconds() * 100 / whole).max(0),
        chip: SlaChip {
            text: match (row.status, is_paused) {
                (Status::Cancelled, _) => t.not_owed().to_owned(),
                (Status::Exempt, _) => t.exempt().to_owned(),
                (_, true) => t.paused_chip().to_owned(),
                _ => chip.text.clone(),
            },
            tone: match (row.status, is_paused) {
                (Status::Cancelled | Status::Exempt, _) => "met",
                (_, true) => "ok",
                _ => chip.tone,
            },
            why: why.clone(),
            ..chip
        },
        why,
    }
}

/// A length in the words of the rule: minutes, hours up to a day, days.
fn span(fmt: &Formatter, span: TimeDelta) -> String {
    let t = Texts(fmt.lang).complaint_clocks();
    match span.num_minutes() {
        minutes if minutes < 60 || (minutes % 60 != 0 && minutes < 24 * 60) => t.minutes(minutes),
        minutes if minutes <= 24 * 60 || minutes % (24 * 60) != 0 => t.hours(minutes / 60),
        minutes => t.days(minutes / (24 * 60)),
    }
}

/// The name of a clock by its kind and key.
pub fn name(lang: Lang, kind: Kind, key: &str) -> String {
    let t = Texts(lang).complaint_clocks();
    match kind {
        Kind::ComplaintFollowUp => t.follow_up(key),
        Kind::ComplaintAfter => t.after(key.split_once(':').map_or(key, |(_, days)| days)),
        Kind::ComplaintExternal => match key {
            "answer" => t.answer().to_owned(),
            "completion" => t.completion().to_owned(),
            _ => t.authority().to_owned(),
        },
        Kind::PostService
        | Kind::WarrantyExpiry
        | Kind::FirstMaintenance
        | Kind::PeriodicMaintenance
        | Kind::Renewal
        | Kind::RenewalContact
        | Kind::LostCustomer
        | Kind::DataTask
        | Kind::CareVisit
        | Kind::ProfileReview
        | Kind::ComplaintDispatch
        | Kind::ComplaintFirstReply
        | Kind::ComplaintPlan
        | Kind::ComplaintClose
        | Kind::ComplaintSecondCallback => t.name(kind).to_owned(),
    }
}

fn limit(row: &Row, fmt: &Formatter) -> String {
    if matches!(row.kind, Kind::ComplaintAfter | Kind::ComplaintExternal) {
        return String::new();
    }
    // What was waited for the customer is no part of the limit.
    let until = if row.kind == Kind::ComplaintClose {
        row.strict_due_at
    } else {
        row.due_at
    };
    span(fmt, until - row.not_before)
}

/// Why it is due when it is.
fn why(row: &Row, fmt: &Formatter, is_paused: bool) -> String {
    let t = Texts(fmt.lang).complaint_clocks();
    let (limit, from) = (limit(row, fmt), fmt.near(&row.not_before));
    let accepted = fmt.near(&row.accepted_at);
    match row.kind {
        Kind::ComplaintDispatch | Kind::ComplaintFirstReply if row.not_before > row.accepted_at => {
            t.why_opening(limit, from, accepted)
        }
        Kind::ComplaintDispatch | Kind::ComplaintFirstReply | Kind::ComplaintPlan => {
            t.why_accepted(limit, from)
        }
        Kind::ComplaintFollowUp if row.not_before == row.accepted_at => t.why_accepted(limit, from),
        Kind::ComplaintFollowUp => t.why_follow_up(limit, from),
        Kind::ComplaintClose => close_why(row, fmt, is_paused),
        Kind::ComplaintSecondCallback if row.callable_due_at < row.due_at => {
            t.why_second_by(limit, from, fmt.near(&row.callable_due_at))
        }
        Kind::ComplaintSecondCallback if row.callable_due_at > row.due_at => {
            t.why_second_late(limit, from, fmt.near(&row.callable_due_at))
        }
        Kind::ComplaintSecondCallback => t.why_second(limit, from),
        Kind::ComplaintAfter => {
            let days = row.cycle_key.split_once(':').map_or("", |(_, days)| days);
            t.why_after(days, fmt.short_date(&row.cohort_on))
        }
        Kind::ComplaintExternal => match row.cycle_key.as_str() {
            "answer" => t.why_law(sla::ANSWER_WORK_DAYS, accepted),
            "completion" => t.why_law(sla::COMPLETION_WORK_DAYS, accepted),
            _ => t.why_authority().to_owned(),
        },
        Kind::PostService
        | Kind::WarrantyExpiry
        | Kind::FirstMaintenance
        | Kind::PeriodicMaintenance
        | Kind::Renewal
        | Kind::RenewalContact
        | Kind::LostCustomer
        | Kind::DataTask
        | Kind::CareVisit
        | Kind::ProfileReview => String::new(),
    }
}

fn close_why(row: &Row, fmt: &Formatter, is_paused: bool) -> String {
    let t = Texts(fmt.lang).complaint_clocks();
    let mut why = if row.severity == crate::complaints::Severity::A && row.not_before > row.accepted_at {
        t.why_promised(fmt.near(&row.strict_due_at))
    } else {
        t.why_from(limit(row, fmt), fmt.near(&row.not_before))
    };
    let waited = row.due_at - row.strict_due_at;
    if waited > TimeDelta::zero() {
        why.push_str(&t.why_waited(fmt.duration(waited)));
    }
    if let (true, Some(since)) = (is_paused, row.waiting_since) {
        why.push_str(&t.why_paused(fmt.near(&since)));
    }
    why
}
