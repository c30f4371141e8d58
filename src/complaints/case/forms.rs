//! What the browser posts about one case.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::calendar::{StoreCalendar, TimeOfDay};
use crate::complaints::case::checklist::{self, Check};
use crate::complaints::case::queries::Case;
use crate::complaints::case::queries::people::{Candidate, Colleague};
use crate::complaints::case::service::Act;
use crate::complaints::case::{Action, flow};
use crate::complaints::{ComplaintClass, ComplaintId, DemandKind, Responsibility, Severity};
use crate::i18n::Lang;
use crate::i18n::complaint_case::T;
use crate::i18n::format::Formatter;
use crate::money::Money;
use crate::stores::DepartmentId;
use crate::text_enum;
use crate::users::UserId;
use crate::web::conflict::base_of;
use crate::web::form::{FieldError, FormErrors};

/// Longest note or reason, in characters.
const MAX_NOTE: usize = 1_000;
/// Longest account of an investigation, in characters.
const MAX_ACCOUNT: usize = 4_000;
/// Most that a case may cost or claim: 10 million yuan.
const MOST_FEN: i64 = 1_000_000_000;
/// A department promises no later than this.
const LONGEST_PROMISE: TimeDelta = TimeDelta::days(180);

text_enum! {
    /// How a talk was held.
    pub enum Way {
        Phone = "phone",
        InPerson = "in_person",
        Wechat = "wechat",
        Message = "message",
    }
}

/// Every act that is asked for by a form of its own: one struct, since most share their fields.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ActForm {
    pub idem_key: String,
    pub version: String,
    pub handler_id: String,
    pub way: String,
    pub body: String,
    pub is_public: String,
    pub promised_at: String,
    pub severity: String,
    pub watcher_id: String,
    pub target_id: String,
    pub cause: String,
    pub responsibility: String,
    pub measure: String,
    pub result: String,
    pub agreed_at: String,
}

/// What a form is checked against.
pub struct Known<'a> {
    pub case: &'a Case,
    pub role: crate::auth::permission::Role,
    pub zone: Tz,
    pub now: DateTime<Utc>,
    pub candidates: &'a [Candidate],
    pub colleagues: &'a [Colleague],
    /// Open cases that this one may be merged into.
    pub targets: &'a [ComplaintId],
    pub checked: &'a [Check],
}

impl ActForm {
    /// The key against double posts; a form without one is posted as often as it is posted.
    pub fn key(&self) -> Option<Uuid> {
        self.idem_key.parse().ok()
    }

    /// The form as it is first shown.
    pub fn fresh(action: Action, known: &Known<'_>, key: Uuid, fmt: &Formatter) -> ActForm {
        let case = known.case;
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let suggested = known.candidates.iter().find(|one| {
            Some(one.department_id) == case.department_id && Some(one.user_id) != case.handler_id
        });
        let is_resolve = action == Action::Resolve;
        ActForm {
            idem_key: key.to_string(),
            version: case.version.to_string(),
            handler_id: suggested.map(|one| one.user_id.to_string()).unwrap_or_default(),
            way: Way::Phone.to_string(),
            promised_at: case
                .promised_at
                .filter(|_| action == Action::Plan)
                .map(|at| fmt.local_input(&at))
                .unwrap_or_default(),
            cause: text(&case.cause),
            responsibility: case
                .responsibility
                .map(|value| value.to_string())
                .unwrap_or_default(),
            measure: text(&case.measure),
            result: text(&case.result),
            agreed_at: case
                .agreed_at
                .filter(|_| is_resolve)
                .map(|at| fmt.local_input(&at))
                .unwrap_or_default(),
            ..ActForm::default()
        }
    }

    /// Checks the form of an act; what is wrong is named at its field.
    pub fn read(&self, action: Action, known: &Known<'_>) -> Result<Act, FormErrors> {
        let mut errors = FormErrors::default();
        let act = match action {
            Action::Dispatch | Action::Redispatch => self.read_dispatch(action, known, &mut errors),
            Action::Note => Some(Act::Note {
                body: errors.required("body", &self.body, MAX_NOTE),
                is_public: self.is_public == "1",
            }),
            Action::FollowUp | Action::Contact => self.read_talk(action, &mut errors),
            Action::Plan => self.read_plan(known, &mut errors),
            Action::Report => self.read_report(known, &mut errors),
            Action::Wait => Some(Act::Wait {
                reason: self.reason(&mut errors),
            }),
            Action::Severity => self.read_severity(known, &mut errors),
            Action::Escalate => self.read_escalation(known, &mut errors),
            Action::Resolve => self.read_resolution(known, &mut errors),
            Action::Withdraw => Some(Act::Withdraw {
                reason: self.reason(&mut errors),
            }),
            Action::Invalidate => Some(Act::Invalidate {
                reason: self.reason(&mut errors),
            }),
            Action::Merge => self.read_merge(known, &mut errors),
            Action::Acknowledge => Some(Act::Acknowledge),
            Action::Resume => Some(Act::Resume),
            // Forms and services of their own.
            Action::Investigate
            | Action::Edit
            | Action::Check
            | Action::People
            | Action::Verdict
            | Action::Close
            | Action::Reopen => None,
        };
        match act {
            Some(act) => errors.finish(act),
            None => Err(errors),
        }
    }

    fn reason(&self, errors: &mut FormErrors) -> String {
        errors.required("body", &self.body, MAX_NOTE)
    }

    fn read_dispatch(&self, action: Action, known: &Known<'_>, errors: &mut FormErrors) -> Option<Act> {
        let wanted = errors.required_choice::<UserId>("handler_id", &self.handler_id);
        let found = known.candidates.iter().find(|one| Some(one.user_id) == wanted);
        if wanted.is_some() && found.is_none() {
            errors.add("handler_id", FieldError::BadChoice);
        }
        let is_again = action == Action::Redispatch;
        let body = if is_again {
            self.reason(errors)
        } else {
            errors.optional("body", &self.body, MAX_NOTE)
        };
        if is_again && wanted.is_some() && wanted == known.case.handler_id {
            errors.add("handler_id", said(|t| t.same_handler()));
        }
        let one = found?;
        Some(Act::Dispatch {
            department: one.department_id,
            handler: one.user_id,
            to: format!("{} {}", one.department, one.name),
            body,
        })
    }

    fn read_talk(&self, action: Action, errors: &mut FormErrors) -> Option<Act> {
        let way = errors.required_choice::<Way>("way", &self.way);
        let body = errors.required("body", &self.body, MAX_NOTE);
        let way = way?;
        Some(if action == Action::FollowUp {
            Act::FollowUp { way, body }
        } else {
            Act::Contact { way, body }
        })
    }

    fn read_plan(&self, known: &Known<'_>, errors: &mut FormErrors) -> Option<Act> {
        if self.promised_at.trim().is_empty() {
            errors.add("promised_at", FieldError::Required);
        }
        let at = promise(errors, &self.promised_at, known.zone, known.now, None);
        let body = errors.optional("body", &self.body, MAX_NOTE);
        Some(Act::Plan { at: at?, body })
    }

    /// The department's part is done once it has said why and what it does.
    fn read_report(&self, known: &Known<'_>, errors: &mut FormErrors) -> Option<Act> {
        let body = errors.required("body", &self.body, MAX_ACCOUNT);
        for (value, name) in [(&known.case.cause, "cause"), (&known.case.measure, "measure")] {
            if value.is_none() {
                errors.add("body", said(move |t| t.report_needs(t.field(name))));
            }
        }
        Some(Act::Report { body })
    }

    fn read_severity(&self, known: &Known<'_>, errors: &mut FormErrors) -> Option<Act> {
        let to = errors.required_choice::<Severity>("severity", &self.severity);
        let from = known.case.severity;
        if let Some(to) = to
            && !flow::may_change_severity(known.role, from, to)
        {
            let is_same = to == from;
            errors.add(
                "severity",
                said(move |t| {
                    if is_same {
                        t.same_severity()
                    } else {
                        t.lowering_decides()
                    }
                }),
            );
        }
        let reason = self.reason(errors);
        Some(Act::Severity { to: to?, reason })
    }

    /// A graver severity, a manager who is told, or both.
    fn read_escalation(&self, known: &Known<'_>, errors: &mut FormErrors) -> Option<Act> {
        let to = errors.choice::<Severity>("severity", &self.severity);
        if to.is_some_and(|to| !flow::is_graver(to, known.case.severity)) {
            errors.add("severity", said(|t| t.not_graver()));
        }
        let wanted = errors.choice::<UserId>("watcher_id", &self.watcher_id);
        let watcher = known
            .colleagues
            .iter()
            .find(|one| Some(one.user_id) == wanted && one.is_manager());
        if wanted.is_some() && watcher.is_none() {
            errors.add("watcher_id", FieldError::BadChoice);
        }
        if to.is_none() && wanted.is_none() && errors.is_empty() {
            errors.add("severity", said(|t| t.escalate_how()));
        }
        let reason = self.reason(errors);
        Some(Act::Escalate {
            to,
            watcher: watcher.map(|one| (one.user_id, one.name.clone())),
            reason,
        })
    }

    fn read_resolution(&self, known: &Known<'_>, errors: &mut FormErrors) -> Option<Act> {
        let cause = errors.required("cause", &self.cause, MAX_ACCOUNT);
        let responsibility = errors.required_choice::<Responsibility>("responsibility", &self.responsibility);
        let measure = errors.required("measure", &self.measure, MAX_ACCOUNT);
        let result = errors.required("result", &self.result, MAX_ACCOUNT);
        if self.agreed_at.trim().is_empty() {
            errors.add("agreed_at", FieldError::Required);
        }
        let agreed_at = errors
            .local_datetime("agreed_at", &self.agreed_at)
            .map(|local| instant(known.zone, local));
        if agreed_at.is_some_and(|at| at > known.now) {
            errors.add("agreed_at", FieldError::InTheFuture);
        }
        // To the minute: an agreement in the minute of acceptance is one.
        if agreed_at.is_some_and(|at| at + TimeDelta::minutes(1) <= known.case.accepted_at) {
            errors.add("agreed_at", said(|t| t.agreed_before_accepted()));
        }
        for check in checklist::missing(known.case.class_major, known.checked) {
            errors.add("checks", said(move |t| t.check_missing(t.check(check))));
        }
        Some(Act::Resolve(Resolution {
            cause,
            responsibility: responsibility?,
            measure,
            result,
            agreed_at: agreed_at?,
        }))
    }

    fn read_merge(&self, known: &Known<'_>, errors: &mut FormErrors) -> Option<Act> {
        let into = errors.required_choice::<ComplaintId>("target_id", &self.target_id);
        if into.is_some_and(|into| !known.targets.contains(&into)) {
            errors.add("target_id", FieldError::BadChoice);
        }
        let reason = self.reason(errors);
        Some(Act::Merge { into: into?, reason })
    }
}

/// How a case was dealt with: the evidence.
pub struct Resolution {
    pub cause: String,
    pub responsibility: Responsibility,
    pub measure: String,
    pub result: String,
    pub agreed_at: DateTime<Utc>,
}

/// `POST /complaints/{id}/investigation`: everything may stay open until the case is dealt with.
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct FindingsForm {
    pub version: i32,
    pub base: String,
    pub course: String,
    pub cause: String,
    pub measure: String,
    pub responsibility: String,
    pub cost: String,
    pub promised_at: String,
}

/// What a department found, checked.
pub struct Findings {
    pub course: String,
    pub cause: String,
    pub measure: String,
    pub responsibility: Option<Responsibility>,
    pub cost_fen: Option<i64>,
    pub promised_at: Option<DateTime<Utc>>,
}

impl FindingsForm {
    /// The form of a case as stored.
    pub fn of(case: &Case, fmt: &Formatter) -> FindingsForm {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut form = FindingsForm {
            version: case.version,
            base: String::new(),
            course: text(&case.course),
            cause: text(&case.cause),
            measure: text(&case.measure),
            responsibility: case
                .responsibility
                .map(|value| value.to_string())
                .unwrap_or_default(),
            cost: case
                .cost_fen
                .map(|fen| Money::from_fen(fen).to_string())
                .unwrap_or_default(),
            promised_at: case
                .promised_at
                .map(|at| fmt.local_input(&at))
                .unwrap_or_default(),
        };
        form.base = base_of(&form);
        form
    }

    /// A promise that stands may have passed; a new one lies ahead.
    pub fn validate(&self, case: &Case, zone: Tz, now: DateTime<Utc>) -> Result<Findings, FormErrors> {
        let mut errors = FormErrors::default();
        let findings = Findings {
            course: errors.optional("course", &self.course, MAX_ACCOUNT),
            cause: errors.optional("cause", &self.cause, MAX_ACCOUNT),
            measure: errors.optional("measure", &self.measure, MAX_ACCOUNT),
            responsibility: errors.choice("responsibility", &self.responsibility),
            cost_fen: yuan(&mut errors, "cost", &self.cost),
            promised_at: promise(&mut errors, &self.promised_at, zone, now, case.promised_at),
        };
        errors.finish(findings)
    }
}

/// `POST /complaints/{id}/edit`
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct EditForm {
    pub version: i32,
    pub base: String,
    pub class: String,
    pub department_id: String,
    pub words: String,
    pub demand_kind: String,
    pub demand: String,
    pub claimed: String,
    pub wants_replacement: String,
    pub external_number: String,
    pub external_due_on: String,
    pub is_opinion: String,
}

/// What should have been taken down, checked.
pub struct Correction {
    pub class: ComplaintClass,
    pub department: Option<DepartmentId>,
    pub words: String,
    pub demand_kind: Option<DemandKind>,
    pub demand: String,
    pub claimed_fen: Option<i64>,
    pub wants_replacement: bool,
    pub external_number: String,
    pub external_due_on: Option<NaiveDate>,
    pub is_opinion: bool,
}

impl EditForm {
    /// The form of a case as stored.
    pub fn of(case: &Case, fmt: &Formatter) -> EditForm {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let tick = |is_set: bool| if is_set { "1".to_owned() } else { String::new() };
        let mut form = EditForm {
            version: case.version,
            base: String::new(),
            class: case.class_major.to_string(),
            department_id: case.department_id.map(|id| id.to_string()).unwrap_or_default(),
            words: text(&case.words),
            demand_kind: case.demand_kind.map(|kind| kind.to_string()).unwrap_or_default(),
            demand: text(&case.demand),
            claimed: case
                .claimed_fen
                .map(|fen| Money::from_fen(fen).to_string())
                .unwrap_or_default(),
            wants_replacement: tick(case.wants_replacement),
            external_number: case.external_number.clone(),
            external_due_on: case
                .external_due_on
                .map(|day| fmt.iso_date(&day))
                .unwrap_or_default(),
            is_opinion: tick(case.is_opinion),
        };
        form.base = base_of(&form);
        form
    }

    /// Words that an erasure has taken stay away; all others are needed.
    pub fn validate(&self, case: &Case, departments: &[DepartmentId]) -> Result<Correction, FormErrors> {
        let mut errors = FormErrors::default();
        let class = errors.required_choice("class", &self.class);
        let department = errors.choice("department_id", &self.department_id);
        if department.is_some_and(|id| Some(id) != case.department_id && !departments.contains(&id)) {
            errors.add("department_id", FieldError::BadChoice);
        }
        let words = match case.words {
            Some(_) => errors.required("words", &self.words, MAX_ACCOUNT),
            None => errors.optional("words", &self.words, MAX_ACCOUNT),
        };
        let correction = Correction {
            class: class.unwrap_or(case.class_major),
            department,
            words,
            demand_kind: errors.choice("demand_kind", &self.demand_kind),
            demand: errors.optional("demand", &self.demand, MAX_NOTE),
            claimed_fen: yuan(&mut errors, "claimed", &self.claimed),
            wants_replacement: self.wants_replacement == "1",
            external_number: errors.optional("external_number", &self.external_number, 60),
            external_due_on: errors.date("external_due_on", &self.external_due_on),
            is_opinion: self.is_opinion == "1",
        };
        errors.finish(correction)
    }
}

/// `POST /complaints/{id}/checks`: every item that is ticked.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ChecksForm {
    pub check: Vec<String>,
}

impl ChecksForm {
    /// Items of the class's list; others were not ticked on our page.
    pub fn ticked(&self, class: ComplaintClass) -> Vec<Check> {
        let listed = checklist::items(class).iter().map(|item| item.check);
        listed
            .filter(|check| self.check.iter().any(|code| code == check.as_str()))
            .collect()
    }
}

/// `POST /complaints/{id}/people` and `…/people/remove`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PersonForm {
    pub user_id: String,
    pub part: String,
}

/// A sentence of ours at a field.
fn said<S: Into<String>>(text: impl Fn(T) -> S) -> FieldError {
    FieldError::Text {
        zh: text(T(Lang::Zh)).into(),
        en: text(T(Lang::En)).into(),
    }
}

/// A time of the store's wall clock, to the minute.
fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let minutes = local.time().num_seconds_from_midnight() / 60;
    let clock = i32::try_from(minutes)
        .ok()
        .and_then(|minutes| TimeOfDay::from_minutes(minutes).ok());
    StoreCalendar::new(zone).instant(local.date(), clock.unwrap_or(TimeOfDay::MIDNIGHT))
}

/// When a department will be done: ahead, unless it is what stands already.
fn promise(
    errors: &mut FormErrors,
    raw: &str,
    zone: Tz,
    now: DateTime<Utc>,
    stands: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    let at = errors
        .local_datetime("promised_at", raw)
        .map(|local| instant(zone, local))?;
    let is_as_it_stands = stands.is_some_and(|stands| (stands - at).num_seconds().abs() < 60);
    if is_as_it_stands {
        return stands;
    }
    if at <= now {
        errors.add("promised_at", FieldError::InThePast);
    } else if at > now + LONGEST_PROMISE {
        errors.add("promised_at", said(|t| t.promise_too_far()));
    }
    Some(at)
}

/// An amount in yuan as fen; empty is `None`.
fn yuan(errors: &mut FormErrors, field: &'static str, raw: &str) -> Option<i64> {
    if raw.trim().is_empty() {
        return None;
    }
    match Money::from_str(raw).map(Money::fen) {
        Ok(fen) if (0..=MOST_FEN).contains(&fen) => Some(fen),
        Ok(_) => {
            errors.add(field, FieldError::OutOfRange(0, MOST_FEN / 100));
            None
        }
        Err(_) => {
            errors.add(field, FieldError::BadNumber);
            None
        }
    }
}
