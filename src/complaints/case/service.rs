//! What is done to a case: locked, asked of the table, written with one line of history, clocks and audit in one transaction.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::audit::{self, Entry};
use crate::auth::session::CurrentUser;
use crate::complaints::case::checklist::{self, Check};
use crate::complaints::case::flow::{self, Refusal};
use crate::complaints::case::forms::{Correction, Findings, Resolution, Way};
use crate::complaints::case::queries::write::{Ending, NewEvent};
use crate::complaints::case::queries::{self, Case, people, write};
use crate::complaints::case::{Action, Part};
use crate::complaints::{ComplaintId, ComplaintState, Severity, clocks};
use crate::stores::{DepartmentId, StoreScope};
use crate::users::UserId;
use crate::web::error::AppError;

/// An act, checked, with what it needs.
pub enum Act {
    /// To a person; again, if somebody has it already.
    Dispatch {
        department: DepartmentId,
        handler: UserId,
        /// Department and name, as the history tells it.
        to: String,
        body: String,
    },
    Acknowledge,
    Note {
        body: String,
        is_public: bool,
    },
    FollowUp {
        way: Way,
        body: String,
    },
    Contact {
        way: Way,
        body: String,
    },
    Plan {
        at: DateTime<Utc>,
        body: String,
    },
    Report {
        body: String,
    },
    Wait {
        reason: String,
    },
    Resume,
    Severity {
        to: Severity,
        reason: String,
    },
    Escalate {
        to: Option<Severity>,
        watcher: Option<(UserId, String)>,
        reason: String,
    },
    Resolve(Resolution),
    Withdraw {
        reason: String,
    },
    Invalidate {
        reason: String,
    },
    Merge {
        into: ComplaintId,
        reason: String,
    },
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    #[error("not there, or not this person's")]
    NotFound,
    #[error("refused: {0:?}")]
    Refused(Refusal),
    #[error(transparent)]
    Db(#[from] sqlx::Error),
}

impl From<CaseError> for AppError {
    fn from(error: CaseError) -> AppError {
        match error {
            CaseError::NotFound | CaseError::Refused(Refusal::NotOwn) => AppError::NotFound,
            CaseError::Refused(Refusal::Role(permission)) => AppError::Forbidden(permission),
            CaseError::Refused(Refusal::State) => AppError::Conflict("the case is in another state"),
            CaseError::Db(error) => error.into(),
        }
    }
}

/// Who acts, where and when.
#[derive(Clone, Copy)]
pub struct By<'a> {
    pub user: &'a CurrentUser,
    pub now: DateTime<Utc>,
}

impl By<'_> {
    fn scope(&self) -> StoreScope {
        self.user.scope()
    }
}

/// The case, locked, if this person may do that to it now.
pub async fn lock(
    tx: &mut PgConnection,
    user: &CurrentUser,
    id: ComplaintId,
    action: Action,
) -> Result<Case, CaseError> {
    action.is_for(user.role).map_err(CaseError::Refused)?;
    if !queries::lock(&mut *tx, user.scope(), id).await? {
        return Err(CaseError::NotFound);
    }
    let found = queries::find(&mut *tx, user.scope(), id, user.id).await?;
    let case = found.ok_or(CaseError::NotFound)?;
    let relation = case.relation(user.id);
    action
        .check(user.role, relation, case.state)
        .map_err(CaseError::Refused)?;
    Ok(case)
}

/// Does it to a case that [`lock`] has given for that act.
pub async fn apply(tx: &mut PgConnection, by: By<'_>, case: &Case, act: &Act) -> sqlx::Result<()> {
    let (scope, id, now) = (by.scope(), case.id, by.now);
    let me = Some(by.user.id);
    match act {
        Act::Dispatch {
            department, handler, ..
        } => {
            write::dispatch(&mut *tx, scope, id, (*department, *handler), me, now).await?;
        }
        Act::Acknowledge => write::acknowledge(&mut *tx, scope, id, now).await?,
        Act::Note { .. } | Act::Report { .. } | Act::Contact { .. } => {
            write::touch(&mut *tx, scope, id, false, now).await?;
        }
        Act::FollowUp { .. } => write::touch(&mut *tx, scope, id, true, now).await?,
        Act::Plan { at, .. } => write::promise(&mut *tx, scope, id, *at, now).await?,
        Act::Wait { .. } => write::wait(&mut *tx, scope, id, true, now).await?,
        Act::Resume => write::wait(&mut *tx, scope, id, false, now).await?,
        Act::Severity { to, .. } => write::set_severity(&mut *tx, scope, id, *to, now).await?,
        Act::Escalate { to, watcher, reason } => {
            escalate(&mut *tx, by, case, (*to, watcher.as_ref()), reason).await?;
        }
        Act::Resolve(how) => write::resolve(&mut *tx, scope, id, how, now).await?,
        Act::Withdraw { reason } => {
            let end = ending(ComplaintState::Withdrawn, None, reason, me);
            write::end(&mut *tx, scope, id, &end, now).await?;
        }
        Act::Invalidate { reason } => {
            let end = ending(ComplaintState::Invalid, None, reason, me);
            write::end(&mut *tx, scope, id, &end, now).await?;
        }
        Act::Merge { into, reason } => {
            let end = ending(ComplaintState::Merged, Some(*into), reason, me);
            write::end(&mut *tx, scope, id, &end, now).await?;
            note_merge(&mut *tx, by, case, *into, reason).await?;
        }
    }
    if let Some(event) = event_of(act, by, case) {
        write::insert_event(&mut *tx, scope, id, &event).await?;
    }
    clocks::sync(&mut *tx, scope, id, now).await?;
    if let Act::Merge { into, .. } = act {
        clocks::sync(&mut *tx, scope, *into, now).await?;
    }
    record(&mut *tx, by, id, audit_action(act), &change_of(act, case)).await
}

fn ending(state: ComplaintState, into: Option<ComplaintId>, reason: &str, by: Option<UserId>) -> Ending<'_> {
    Ending {
        state,
        into,
        reason,
        by,
    }
}

/// A graver severity and a manager who is told are two lines of the history.
async fn escalate(
    tx: &mut PgConnection,
    by: By<'_>,
    case: &Case,
    (to, watcher): (Option<Severity>, Option<&(UserId, String)>),
    reason: &str,
) -> sqlx::Result<()> {
    let (scope, id, now) = (by.scope(), case.id, by.now);
    if let Some(to) = to {
        write::set_severity(&mut *tx, scope, id, to, now).await?;
        let data = json!({ "from": case.severity, "to": to, "escalated": true });
        let event = event(by, case, "severity", Some(reason), data);
        write::insert_event(&mut *tx, scope, id, &event).await?;
    }
    if let Some((user, name)) = watcher {
        let part = if case.handler_id == Some(*user) {
            Part::CoHandler
        } else {
            Part::Watcher
        };
        people::add(&mut *tx, scope, id, (*user, part), Some(by.user.id), now).await?;
        write::touch(&mut *tx, scope, id, false, now).await?;
        let data = json!({ "added": name, "part": part, "escalated": true });
        let event = event(by, case, "people", to.is_none().then_some(reason), data);
        write::insert_event(&mut *tx, scope, id, &event).await?;
    }
    Ok(())
}

/// The case that goes on says what came into it.
async fn note_merge(
    tx: &mut PgConnection,
    by: By<'_>,
    case: &Case,
    into: ComplaintId,
    reason: &str,
) -> sqlx::Result<()> {
    let mut event = event(by, case, "merged", Some(reason), json!({ "from": case.number }));
    event.to = None;
    write::insert_event(&mut *tx, by.scope(), into, &event).await?;
    write::touch(&mut *tx, by.scope(), into, false, by.now).await
}

/// A line about something that leaves the state as it is.
fn event<'a>(
    by: By<'_>,
    case: &Case,
    kind: &'static str,
    body: Option<&'a str>,
    data: Value,
) -> NewEvent<'a> {
    NewEvent {
        kind,
        by: Some(by.user.id),
        at: by.now,
        from: case.state,
        to: None,
        is_public: false,
        body: body.filter(|body| !body.is_empty()),
        data,
    }
}

/// The line of the history of an act; an escalation has written its own.
fn event_of<'a>(act: &'a Act, by: By<'_>, case: &Case) -> Option<NewEvent<'a>> {
    let stays = |kind, body: Option<&'a str>, data| event(by, case, kind, body, data);
    let leads = |kind, body: Option<&'a str>, to, data| NewEvent {
        to: Some(to),
        ..event(by, case, kind, body, data)
    };
    Some(match act {
        Act::Dispatch {
            handler, to, body, ..
        } => {
            let is_again = case.state != ComplaintState::Accepted;
            let data = json!({ "to": to, "handler": handler, "again": is_again });
            leads("dispatched", Some(body), ComplaintState::Dispatched, data)
        }
        Act::Acknowledge => leads("acknowledged", None, ComplaintState::InProgress, json!({})),
        Act::Note { body, is_public } => NewEvent {
            is_public: *is_public,
            ..stays("note", Some(body), json!({}))
        },
        Act::FollowUp { way, body } => stays(
            "note",
            Some(body),
            json!({ "follow_up": true, "way": way, "department": case.department }),
        ),
        Act::Contact { way, body } => stays("contact", Some(body), json!({ "way": way })),
        Act::Plan { at, body } => stays("plan", Some(body), json!({ "promised_at": at })),
        Act::Report { body } => stays("note", Some(body), json!({ "opinion": true })),
        Act::Wait { reason } => leads("waiting", Some(reason), ComplaintState::Waiting, json!({})),
        Act::Resume => leads("resumed", None, ComplaintState::InProgress, json!({})),
        Act::Severity { to, reason } => stays(
            "severity",
            Some(reason),
            json!({ "from": case.severity, "to": to }),
        ),
        Act::Escalate { .. } => return None,
        Act::Resolve(how) => leads("resolved", Some(&how.result), ComplaintState::Resolved, json!({})),
        Act::Withdraw { reason } => leads("withdrawn", Some(reason), ComplaintState::Withdrawn, json!({})),
        Act::Invalidate { reason } => leads("invalid", Some(reason), ComplaintState::Invalid, json!({})),
        Act::Merge { into, reason } => leads(
            "merged",
            Some(reason),
            ComplaintState::Merged,
            json!({ "into": into }),
        ),
    })
}

const fn audit_action(act: &Act) -> &'static str {
    match act {
        Act::Dispatch { .. } => "complaints.dispatch",
        Act::Acknowledge => "complaints.acknowledge",
        Act::Note { .. } => "complaints.note",
        Act::FollowUp { .. } => "complaints.follow_up",
        Act::Contact { .. } => "complaints.contact",
        Act::Plan { .. } => "complaints.plan",
        Act::Report { .. } => "complaints.handling",
        Act::Wait { .. } => "complaints.wait",
        Act::Resume => "complaints.resume",
        Act::Severity { .. } => "complaints.severity",
        Act::Escalate { .. } => "complaints.escalate",
        Act::Resolve(_) => "complaints.resolve",
        Act::Withdraw { .. } => "complaints.withdraw",
        Act::Invalidate { .. } => "complaints.invalid",
        Act::Merge { .. } => "complaints.merge",
    }
}

/// Ids and codes; what people wrote stays in the case.
fn change_of(act: &Act, case: &Case) -> Value {
    let mut change = json!({ "number": case.number });
    let more = match act {
        Act::Dispatch {
            department, handler, ..
        } => {
            json!({ "department": department, "handler": handler, "before": case.handler_id })
        }
        Act::Note { is_public, .. } => json!({ "public": is_public }),
        Act::Severity { to, .. } => json!({ "from": case.severity, "to": to }),
        Act::Escalate { to, watcher, .. } => {
            json!({ "from": case.severity, "to": to, "watcher": watcher.as_ref().map(|(id, _)| id) })
        }
        Act::Resolve(how) => json!({ "responsibility": how.responsibility }),
        Act::Merge { into, .. } => json!({ "into": into }),
        Act::Acknowledge
        | Act::FollowUp { .. }
        | Act::Contact { .. }
        | Act::Plan { .. }
        | Act::Report { .. }
        | Act::Wait { .. }
        | Act::Resume
        | Act::Withdraw { .. }
        | Act::Invalidate { .. } => json!({}),
    };
    if let (Some(change), Value::Object(more)) = (change.as_object_mut(), more) {
        change.extend(more);
    }
    change
}

/// Saves what a department found; `false`: somebody has saved another version meanwhile.
pub async fn save_findings(
    tx: &mut PgConnection,
    by: By<'_>,
    case: &Case,
    version: i32,
    found: &Findings,
) -> sqlx::Result<bool> {
    let (scope, id, now) = (by.scope(), case.id, by.now);
    if !write::save_findings(&mut *tx, scope, id, version, found, now).await? {
        return Ok(false);
    }
    let same = |stored: &Option<String>, typed: &str| stored.as_deref().unwrap_or_default() == typed;
    let mut fields = Vec::new();
    for (name, is_same) in [
        ("course", same(&case.course, &found.course)),
        ("cause", same(&case.cause, &found.cause)),
        ("measure", same(&case.measure, &found.measure)),
        ("responsibility", case.responsibility == found.responsibility),
        ("cost", case.cost_fen == found.cost_fen),
        ("promised_at", case.promised_at == found.promised_at),
    ] {
        if !is_same {
            fields.push(name);
        }
    }
    if fields.is_empty() {
        return Ok(true);
    }
    let line = event(
        by,
        case,
        "edited",
        None,
        json!({ "part": "investigation", "fields": fields }),
    );
    write::insert_event(&mut *tx, scope, id, &line).await?;
    if case.promised_at != found.promised_at
        && let Some(at) = found.promised_at
    {
        let line = event(by, case, "plan", None, json!({ "promised_at": at }));
        write::insert_event(&mut *tx, scope, id, &line).await?;
    }
    clocks::sync(&mut *tx, scope, id, now).await?;
    record(
        &mut *tx,
        by,
        id,
        "complaints.investigate",
        &json!({ "number": case.number, "fields": fields }),
    )
    .await?;
    Ok(true)
}

/// Saves what was taken down wrongly; `false`: somebody has saved another version meanwhile.
pub async fn correct(
    tx: &mut PgConnection,
    by: By<'_>,
    case: &Case,
    version: i32,
    right: &Correction,
) -> sqlx::Result<bool> {
    let (scope, id, now) = (by.scope(), case.id, by.now);
    if !write::correct(&mut *tx, scope, id, version, right, now).await? {
        return Ok(false);
    }
    let same = |stored: &Option<String>, typed: &str| stored.as_deref().unwrap_or_default() == typed;
    let mut fields = Vec::new();
    for (name, is_same) in [
        ("class", case.class_major == right.class),
        (
            "department",
            case.state != ComplaintState::Accepted || case.department_id == right.department,
        ),
        ("words", same(&case.words, &right.words)),
        ("demand_kind", case.demand_kind == right.demand_kind),
        ("demand", same(&case.demand, &right.demand)),
        ("claimed", case.claimed_fen == right.claimed_fen),
        (
            "wants_replacement",
            case.wants_replacement == right.wants_replacement,
        ),
        ("external_number", case.external_number == right.external_number),
        ("external_due_on", case.external_due_on == right.external_due_on),
        ("is_opinion", case.is_opinion == right.is_opinion),
    ] {
        if !is_same {
            fields.push(name);
        }
    }
    if !fields.is_empty() {
        // What the words were stays readable: a complaint is evidence.
        let before = fields.contains(&"words").then(|| case.words.clone()).flatten();
        let line = event(
            by,
            case,
            "edited",
            before.as_deref(),
            json!({ "part": "case", "fields": fields }),
        );
        write::insert_event(&mut *tx, scope, id, &line).await?;
        clocks::sync(&mut *tx, scope, id, now).await?;
    }
    record(
        &mut *tx,
        by,
        id,
        "complaints.edit",
        &json!({ "number": case.number, "fields": fields }),
    )
    .await?;
    Ok(true)
}

/// Ticks and unticks the checklist of the case's class.
pub async fn set_checks(
    tx: &mut PgConnection,
    by: By<'_>,
    case: &Case,
    ticked: &[Check],
) -> sqlx::Result<()> {
    let (scope, id, now) = (by.scope(), case.id, by.now);
    let before: Vec<Check> = queries::list_checks(&mut *tx, scope, id)
        .await?
        .into_iter()
        .map(|tick| tick.code)
        .collect();
    let listed: Vec<Check> = checklist::items(case.class_major)
        .iter()
        .map(|item| item.check)
        .collect();
    let done: Vec<Check> = ticked
        .iter()
        .copied()
        .filter(|check| !before.contains(check))
        .collect();
    let undone: Vec<Check> = listed
        .iter()
        .copied()
        .filter(|check| before.contains(check) && !ticked.contains(check))
        .collect();
    if done.is_empty() && undone.is_empty() {
        return Ok(());
    }
    write::set_checks(&mut *tx, scope, id, (&listed, ticked), Some(by.user.id), now).await?;
    write::touch(&mut *tx, scope, id, false, now).await?;
    let data = json!({ "done": done, "undone": undone });
    let line = event(by, case, "checklist", None, data.clone());
    write::insert_event(&mut *tx, scope, id, &line).await?;
    clocks::sync(&mut *tx, scope, id, now).await?;
    record(&mut *tx, by, id, "complaints.check", &data).await
}

/// Somebody takes part in a case from now on, under a name that the history tells.
pub async fn add_person(
    tx: &mut PgConnection,
    by: By<'_>,
    case: &Case,
    (user, name): (UserId, &str),
    part: Part,
) -> sqlx::Result<()> {
    let (scope, id, now) = (by.scope(), case.id, by.now);
    if !people::add(&mut *tx, scope, id, (user, part), Some(by.user.id), now).await? {
        return Ok(());
    }
    write::touch(&mut *tx, scope, id, false, now).await?;
    let line = event(by, case, "people", None, json!({ "added": name, "part": part }));
    write::insert_event(&mut *tx, scope, id, &line).await?;
    clocks::sync(&mut *tx, scope, id, now).await?;
    record(
        &mut *tx,
        by,
        id,
        "complaints.people",
        &json!({ "added": user, "part": part }),
    )
    .await
}

/// Somebody takes part no longer; whether they did.
pub async fn remove_person(
    tx: &mut PgConnection,
    by: By<'_>,
    case: &Case,
    user: UserId,
) -> sqlx::Result<bool> {
    let (scope, id, now) = (by.scope(), case.id, by.now);
    let Some(name) = people::remove(&mut *tx, scope, id, user).await? else {
        return Ok(false);
    };
    write::touch(&mut *tx, scope, id, false, now).await?;
    let line = event(by, case, "people", None, json!({ "removed": name }));
    write::insert_event(&mut *tx, scope, id, &line).await?;
    clocks::sync(&mut *tx, scope, id, now).await?;
    record(&mut *tx, by, id, "complaints.people", &json!({ "removed": user })).await?;
    Ok(true)
}

async fn record(
    tx: &mut PgConnection,
    by: By<'_>,
    id: ComplaintId,
    action: &'static str,
    change: &Value,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(by.scope().store_id()),
        actor: by.user.actor(),
        action,
        subject: "complaints",
        subject_id: Some(id.get()),
        change,
    };
    audit::record(&mut *tx, by.now, entry).await
}

/// What this person may do to a case now, in the order of the table.
pub fn possible(case: &Case, user: &CurrentUser) -> Vec<Action> {
    let relation = case.relation(user.id);
    let all = flow::Action::ALL.iter().copied();
    all.filter(|action| action.check(user.role, relation, case.state).is_ok())
        .collect()
}

/// Whether this person may open the page of a case.
pub fn may_see(case: &Case, user: &CurrentUser) -> bool {
    user.role != crate::auth::permission::Role::Handler || case.relation(user.id).is_answering()
}
