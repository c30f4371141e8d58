//! The timeline of a customer: everything that happened, one kind or all of them, newest first.

use chrono::{DateTime, NaiveDate, Utc};

use crate::appointments::AppointmentState;
use crate::callbacks::model::Disposition;
use crate::complaints::model::Severity;
use crate::customers::consents::{ConsentChannel, Purpose};
use crate::obligations::ObligationKind;
use crate::reminders::{Method, Status as ReminderStatus};
use crate::text_enum;
use crate::vehicles::PolicyKind;
use crate::visits::{VisitId, VisitState, VisitType};

/// Entries on a page of the timeline.
pub const PER_PAGE: i64 = 20;

text_enum! {
    /// A tab of the timeline.
    pub enum EntryKind {
        Visit = "visit",
        Call = "call",
        Appointment = "appointment",
        Message = "message",
        /// Written by the customer: the questionnaire behind a message.
        Answer = "answer",
        Complaint = "complaint",
        Policy = "policy",
        Consent = "consent",
    }
}

text_enum! {
    /// What became of a policy.
    pub enum PolicyEvent {
        Began = "began",
        /// It follows another one of the same car without a gap of more than 30 days.
        Renewed = "renewed",
        Ended = "ended",
    }
}

/// How many entries of each kind there are.
#[derive(Clone, Debug, Default)]
pub struct Counts(pub Vec<(EntryKind, i64)>);

impl Counts {
    /// Of one kind.
    pub fn of(&self, kind: EntryKind) -> i64 {
        self.0.iter().find(|(of, _)| *of == kind).map_or(0, |(_, n)| *n)
    }

    /// Of one kind, or of all.
    pub fn shown(&self, kind: Option<EntryKind>) -> i64 {
        kind.map_or_else(|| self.0.iter().map(|(_, n)| n).sum(), |kind| self.of(kind))
    }
}

/// A visit in the timeline.
pub struct VisitEntry {
    pub id: VisitId,
    pub ro_number: String,
    pub r#type: VisitType,
    pub state: VisitState,
    pub is_handed_over: bool,
    pub odometer_km: Option<i32>,
    pub amount_fen: i64,
    pub advisor: String,
    pub summary: String,
    pub plate: Option<String>,
}

/// A dial in the timeline.
pub struct CallEntry {
    pub result: Disposition,
    pub seconds: i32,
    pub note: String,
    pub by_name: String,
    pub overall: Option<i16>,
    pub words: String,
}

/// A wish for a visit in the timeline.
pub struct AppointmentEntry {
    pub state: AppointmentState,
    pub on: NaiveDate,
    /// As `09:30`; empty: any time.
    pub at: String,
    pub purpose: String,
    pub by_name: String,
    pub plate: Option<String>,
}

/// A message in the timeline: a reminder that was made or not.
pub struct MessageEntry {
    pub kinds: Vec<ObligationKind>,
    pub status: ReminderStatus,
    pub method: Option<Method>,
    pub note: String,
    pub by_name: String,
}

/// A questionnaire that the customer filled in.
pub struct AnswerEntry {
    pub overall: Option<i16>,
    pub is_dissatisfied: bool,
    pub words: String,
}

/// A complaint in the timeline.
pub struct ComplaintEntry {
    pub id: i64,
    pub number: String,
    pub severity: Severity,
    pub is_open: bool,
    pub words: String,
    pub department: String,
}

/// A policy that began, was renewed or ended.
pub struct PolicyEntry {
    pub event: PolicyEvent,
    pub kind: PolicyKind,
    pub insurer: String,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: NaiveDate,
    pub premium_fen: Option<i64>,
    pub plate: Option<String>,
}

/// A consent that was given or taken back.
pub struct ConsentEntry {
    pub purpose: Purpose,
    pub is_given: bool,
    pub channel: ConsentChannel,
    pub evidence: String,
    pub by_name: String,
}

/// What happened.
pub enum What {
    Visit(VisitEntry),
    Call(CallEntry),
    Appointment(AppointmentEntry),
    Message(MessageEntry),
    Answer(AnswerEntry),
    Complaint(ComplaintEntry),
    Policy(PolicyEntry),
    Consent(ConsentEntry),
}

/// One thing that happened, and when.
pub struct Entry {
    pub at: DateTime<Utc>,
    pub what: What,
}

/// A row as the one statement over all kinds returns it: the columns of its own kind are filled, the others empty.
pub struct TimelineRow {
    pub counts: Option<serde_json::Value>,
    pub kind: Option<EntryKind>,
    pub at: Option<DateTime<Utc>>,
    pub id: Option<i64>,
    /// Repair order, complaint or insurer: what names the entry.
    pub name: Option<String>,
    /// Type of the visit, result of the dial, status of the reminder, severity, kind of the policy, purpose.
    pub code: Option<String>,
    /// State of the visit, method of the reminder, event of the policy, channel of the consent.
    pub detail: Option<String>,
    pub kinds: Option<Vec<String>>,
    /// Handed over, dissatisfied, still open, given.
    pub flag: Option<bool>,
    pub number: Option<i32>,
    pub score: Option<i16>,
    pub amount_fen: Option<i64>,
    pub who: Option<String>,
    pub text: Option<String>,
    pub words: Option<String>,
    pub plate: Option<String>,
    pub from_on: Option<NaiveDate>,
    pub until_on: Option<NaiveDate>,
}

impl TimelineRow {
    /// The entry; `None` for the row that carries the counts of an empty page.
    pub fn entry(self) -> Option<Entry> {
        let at = self.at?;
        let what = match self.kind? {
            EntryKind::Visit => What::Visit(VisitEntry {
                id: VisitId::new(self.id?),
                ro_number: self.name?,
                r#type: self.code?.parse().ok()?,
                state: self.detail?.parse().ok()?,
                is_handed_over: self.flag?,
                odometer_km: self.number,
                amount_fen: self.amount_fen?,
                advisor: self.who.unwrap_or_default(),
                summary: self.text.unwrap_or_default(),
                plate: self.plate,
            }),
            EntryKind::Call => What::Call(CallEntry {
                result: self.code?.parse().ok()?,
                seconds: self.number?,
                note: self.text.unwrap_or_default(),
                by_name: self.who.unwrap_or_default(),
                overall: self.score,
                words: self.words.unwrap_or_default(),
            }),
            EntryKind::Appointment => What::Appointment(AppointmentEntry {
                state: self.code?.parse().ok()?,
                on: self.from_on?,
                at: self.detail.unwrap_or_default(),
                purpose: self.text.unwrap_or_default(),
                by_name: self.who.unwrap_or_default(),
                plate: self.plate,
            }),
            EntryKind::Message => What::Message(MessageEntry {
                kinds: self
                    .kinds
                    .iter()
                    .flatten()
                    .filter_map(|kind| kind.parse().ok())
                    .collect(),
                status: self.code?.parse().ok()?,
                method: self.detail.and_then(|method| method.parse().ok()),
                note: self.text.unwrap_or_default(),
                by_name: self.who.unwrap_or_default(),
            }),
            EntryKind::Answer => What::Answer(AnswerEntry {
                overall: self.score,
                is_dissatisfied: self.flag?,
                words: self.words.unwrap_or_default(),
            }),
            EntryKind::Complaint => What::Complaint(ComplaintEntry {
                id: self.id?,
                number: self.name?,
                severity: self.code?.parse().ok()?,
                is_open: self.flag?,
                words: self.words.unwrap_or_default(),
                department: self.who.unwrap_or_default(),
            }),
            EntryKind::Policy => What::Policy(PolicyEntry {
                event: self.detail?.parse().ok()?,
                kind: self.code?.parse().ok()?,
                insurer: self.name.unwrap_or_default(),
                starts_on: self.from_on,
                ends_on: self.until_on?,
                premium_fen: self.amount_fen,
                plate: self.plate,
            }),
            EntryKind::Consent => What::Consent(ConsentEntry {
                purpose: self.code?.parse().ok()?,
                is_given: self.flag?,
                channel: self.detail?.parse().ok()?,
                evidence: self.text.unwrap_or_default(),
                by_name: self.who.unwrap_or_default(),
            }),
        };
        Some(Entry { at, what })
    }
}

/// The counts of the first row, and the entries.
pub fn read(rows: Vec<TimelineRow>) -> (Counts, Vec<Entry>) {
    let counts = rows.first().and_then(|row| row.counts.as_ref());
    let of = |kind: &EntryKind| {
        let n = counts.and_then(|counts| counts.get(kind.as_str()));
        (*kind, n.and_then(serde_json::Value::as_i64).unwrap_or(0))
    };
    let counts = Counts(EntryKind::ALL.iter().map(of).collect());
    (counts, rows.into_iter().filter_map(TimelineRow::entry).collect())
}
