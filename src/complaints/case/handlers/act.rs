//! Acts that are asked for by a form, and those that are one button.

use std::pin::Pin;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use sqlx::PgConnection;

use crate::auth::permission::Permission;
use crate::auth::session::CurrentUser;
use crate::complaints::case::forms::{ActForm, ChecksForm, Known, PersonForm};
use crate::complaints::case::handlers::show::{CasePage, gate, name_of, visible};
use crate::complaints::case::queries::around::{self, OtherCase};
use crate::complaints::case::queries::people::{self, Candidate, Colleague};
use crate::complaints::case::queries::{self, Case};
use crate::complaints::case::service::{self, Act, By, CaseError};
use crate::complaints::case::{Action, Check, Part, Way, flow};
use crate::complaints::{ComplaintId, Responsibility, Severity};
use crate::i18n::complaint_case::CaseDone;
use crate::i18n::flash::Flash;
use crate::stores::DepartmentId;
use crate::users::UserId;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// Acts with a page of their own, and where it is.
pub const FORMS: [(Action, &str); 13] = [
    (Action::Dispatch, "/complaints/{id}/dispatch"),
    (Action::Redispatch, "/complaints/{id}/redispatch"),
    (Action::FollowUp, "/complaints/{id}/follow_up"),
    (Action::Contact, "/complaints/{id}/contact"),
    (Action::Plan, "/complaints/{id}/plan"),
    (Action::Report, "/complaints/{id}/handling"),
    (Action::Wait, "/complaints/{id}/wait"),
    (Action::Severity, "/complaints/{id}/severity"),
    (Action::Escalate, "/complaints/{id}/escalate"),
    (Action::Resolve, "/complaints/{id}/resolve"),
    (Action::Withdraw, "/complaints/{id}/withdraw"),
    (Action::Invalidate, "/complaints/{id}/invalid"),
    (Action::Merge, "/complaints/{id}/merge"),
];

/// Open cases that one can be merged into, as many as a page shows.
const MOST_TARGETS: i64 = 20;

/// `complaints/act.html`
#[derive(Template)]
#[template(path = "complaints/act.html")]
struct ActPage {
    layout: Layout,
    case: Case,
    action: Action,
    form: ActForm,
    errors: FormErrors,
    /// The case has changed since the form was opened.
    is_stale: bool,
    around: Around,
}

/// What the forms choose from.
struct Around {
    candidates: Vec<Candidate>,
    colleagues: Vec<Colleague>,
    others: Vec<OtherCase>,
    targets: Vec<ComplaintId>,
    checked: Vec<Check>,
}

impl Around {
    /// Only what the act asks for.
    async fn load(
        db: &mut PgConnection,
        user: &CurrentUser,
        action: Action,
        case: &Case,
    ) -> sqlx::Result<Around> {
        let scope = user.scope();
        let is_dispatch = matches!(action, Action::Dispatch | Action::Redispatch);
        let candidates = if is_dispatch {
            people::list_candidates(&mut *db, scope).await?
        } else {
            Vec::new()
        };
        let colleagues = if action == Action::Escalate {
            people::list_colleagues(&mut *db, scope).await?
        } else {
            Vec::new()
        };
        let others = if action == Action::Merge {
            around::list_open_of_same(&mut *db, scope, case, MOST_TARGETS).await?
        } else {
            Vec::new()
        };
        let checked = if action == Action::Resolve {
            queries::list_checks(&mut *db, scope, case.id).await?
        } else {
            Vec::new()
        };
        Ok(Around {
            candidates,
            colleagues,
            targets: others.iter().map(|other| other.id).collect(),
            others,
            checked: checked.into_iter().map(|tick| tick.code).collect(),
        })
    }

    fn known<'a>(&'a self, layout: &Layout, case: &'a Case) -> Known<'a> {
        Known {
            case,
            role: layout.user.role,
            zone: layout.fmt.zone,
            now: layout.fmt.now,
            candidates: &self.candidates,
            colleagues: &self.colleagues,
            targets: &self.targets,
            checked: &self.checked,
        }
    }
}

/// A department with the people who can take a case.
struct Group<'a> {
    name: &'a str,
    people: Vec<&'a Candidate>,
}

impl ActPage {
    fn headline(&self) -> String {
        name_of(&self.layout, self.case.words.as_deref(), self.case.class_major)
    }

    fn error(&self, field: &str) -> Option<String> {
        self.layout.field_error(&self.errors, field)
    }

    /// Every error of a field that may have several.
    fn errors_of(&self, field: &str) -> Vec<String> {
        let all = self.errors.iter().filter(|(name, _)| *name == field);
        all.map(|(_, error)| self.layout.error_text(error)).collect()
    }

    /// Departments with their people; the case's own first.
    fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: Vec<(DepartmentId, Group<'_>)> = Vec::new();
        for one in &self.around.candidates {
            match groups.iter_mut().find(|(id, _)| *id == one.department_id) {
                Some((_, group)) => group.people.push(one),
                None => groups.push((
                    one.department_id,
                    Group {
                        name: &one.department,
                        people: vec![one],
                    },
                )),
            }
        }
        groups.sort_by_key(|(id, _)| Some(*id) != self.case.department_id);
        groups.into_iter().map(|(_, group)| group).collect()
    }

    fn is_chosen(&self, one: &Candidate) -> bool {
        self.form.handler_id == one.user_id.to_string()
    }

    fn has_it(&self, one: &Candidate) -> bool {
        self.case.handler_id == Some(one.user_id)
    }

    fn ways(&self) -> Vec<SelectOption> {
        let t = self.layout.t.complaint_case();
        Way::ALL
            .iter()
            .map(|way| SelectOption::new(way, t.way_of(*way)))
            .collect()
    }

    fn responsibilities(&self) -> Vec<SelectOption> {
        responsibilities(&self.layout)
    }

    /// Severities that this person may change to.
    fn severities(&self) -> Vec<SelectOption> {
        let (t, from) = (self.layout.t.complaints(), self.case.severity);
        let all = Severity::ALL.iter().copied();
        all.filter(|to| flow::may_change_severity(self.layout.user.role, from, *to))
            .filter(|to| self.action != Action::Escalate || flow::is_graver(*to, from))
            .map(|to| SelectOption::new(to, t.severity_of(to)))
            .collect()
    }

    fn managers(&self) -> Vec<SelectOption> {
        let managers = self.around.colleagues.iter().filter(|one| one.is_manager());
        managers
            .map(|one| SelectOption::new(one.user_id, one.name.clone()))
            .collect()
    }

    fn targets(&self) -> Vec<SelectOption> {
        let others = self.around.others.iter();
        others
            .map(|other| {
                let name = other
                    .words
                    .as_deref()
                    .map(crate::complaints::case::headline)
                    .unwrap_or_default();
                SelectOption::new(other.id, format!("{} {name}", other.number))
            })
            .collect()
    }

    /// The words that explain the form, under its title.
    fn hint(&self) -> String {
        let t = self.layout.t.complaint_case();
        match self.action {
            Action::Dispatch | Action::Redispatch => t.dispatch_hint().to_owned(),
            Action::Contact => t.contact_hint().to_owned(),
            Action::FollowUp => t.follow_up_hint().to_owned(),
            Action::Plan => t.promised_hint().to_owned(),
            Action::Report => t.report_hint().to_owned(),
            Action::Wait => t.wait_hint().to_owned(),
            Action::Severity | Action::Escalate => format!(
                "{} · {}",
                t.severity_now(self.layout.t.complaints().severity_of(self.case.severity)),
                t.severity_hint()
            ),
            Action::Resolve => t.resolve_hint().to_owned(),
            Action::Withdraw => t.withdraw_hint().to_owned(),
            Action::Invalidate => t.invalid_hint().to_owned(),
            Action::Merge => t.merge_hint().to_owned(),
            Action::Acknowledge
            | Action::Note
            | Action::Investigate
            | Action::Check
            | Action::Resume
            | Action::Edit
            | Action::People
            | Action::Verdict
            | Action::Close
            | Action::Reopen => String::new(),
        }
    }

    /// How the long text of this act is called.
    fn body_label(&self) -> &'static str {
        let t = self.layout.t.complaint_case();
        match self.action {
            Action::FollowUp => t.follow_up_body(),
            Action::Contact => t.contact_body(),
            Action::Wait => t.wait_reason(),
            Action::Report => t.report_body(),
            Action::Dispatch | Action::Plan => t.note(),
            Action::Redispatch
            | Action::Severity
            | Action::Escalate
            | Action::Withdraw
            | Action::Invalidate
            | Action::Merge => t.reason(),
            Action::Acknowledge
            | Action::Note
            | Action::Investigate
            | Action::Check
            | Action::Resume
            | Action::Edit
            | Action::People
            | Action::Resolve
            | Action::Verdict
            | Action::Close
            | Action::Reopen => t.note(),
        }
    }

    fn is_body_needed(&self) -> bool {
        !matches!(self.action, Action::Dispatch | Action::Plan)
    }

    /// What ends a case is no ordinary button.
    fn is_ending(&self) -> bool {
        matches!(self.action, Action::Withdraw | Action::Invalidate | Action::Merge)
    }
}

/// Whose fault it was, as choices.
pub fn responsibilities(layout: &Layout) -> Vec<SelectOption> {
    let t = layout.t.complaints();
    let all = Responsibility::ALL.iter();
    all.map(|value| SelectOption::new(value, t.responsibility_of(*value)))
        .collect()
}

/// What somebody does changes what the next one decides: these are refused on a case that has changed since.
const fn needs_version(action: Action) -> bool {
    !matches!(action, Action::Note | Action::FollowUp | Action::Contact)
}

type Answer = Pin<Box<dyn Future<Output = AppResult<Response>> + Send>>;

/// The page of an act.
pub fn opened(
    action: Action,
) -> impl Fn(Layout, CurrentUser, State<AppState>, Path<ComplaintId>) -> Answer + Clone + Send + Sync + 'static
{
    move |layout, user, State(app), Path(id)| Box::pin(open(action, layout, user, app, id))
}

/// The answer to its form.
pub fn posted(
    action: Action,
) -> impl Fn(Layout, CurrentUser, State<AppState>, Path<ComplaintId>, Form<ActForm>) -> Answer
+ Clone
+ Send
+ Sync
+ 'static {
    move |layout, user, State(app), Path(id), Form(form)| Box::pin(post(action, layout, user, app, id, form))
}

async fn open(
    action: Action,
    layout: Layout,
    user: CurrentUser,
    app: AppState,
    id: ComplaintId,
) -> AppResult<Response> {
    action.is_for(user.role).map_err(CaseError::Refused)?;
    let case = visible(&app, &user, id).await?;
    if let Some(elsewhere) = gate(&case, &user, action)? {
        return Ok(elsewhere);
    }
    let mut conn = app.db.acquire().await?;
    let around = Around::load(&mut conn, &user, action, &case).await?;
    let form = ActForm::fresh(
        action,
        &around.known(&layout, &case),
        idempotency::new_key(),
        &layout.fmt,
    );
    Ok(Page(ActPage {
        layout,
        case,
        action,
        form,
        errors: FormErrors::default(),
        is_stale: false,
        around,
    })
    .into_response())
}

async fn post(
    action: Action,
    layout: Layout,
    user: CurrentUser,
    app: AppState,
    id: ComplaintId,
    mut form: ActForm,
) -> AppResult<Response> {
    action.is_for(user.role).map_err(CaseError::Refused)?;
    let now = app.clock.now();
    let location = format!("/complaints/{id}");
    let mut tx = app.db.begin().await?;
    if let Some(key) = form.key()
        && let Some(made) = idempotency::claim(&mut *tx, user.id, key, &location, now).await?
    {
        return Ok(redirect(made).into_response());
    }
    if let Ok(target) = form.target_id.trim().parse::<ComplaintId>()
        && action == Action::Merge
        && target < id
    {
        // Two cases are always locked in the same order.
        queries::lock(&mut *tx, user.scope(), target).await?;
    }
    let case = service::lock(&mut tx, &user, id, action).await?;
    let around = Around::load(&mut tx, &user, action, &case).await?;
    let is_stale = needs_version(action) && form.version.trim() != case.version.to_string();
    let read = form.read(action, &around.known(&layout, &case));
    let act = match (read, is_stale) {
        (Ok(act), false) => act,
        (read, is_stale) => {
            tx.rollback().await?;
            form.version = case.version.to_string();
            form.idem_key = idempotency::new_key().to_string();
            let page = Page(ActPage {
                layout,
                case,
                action,
                form,
                errors: read.err().unwrap_or_default(),
                is_stale,
                around,
            });
            return if is_stale {
                Ok(page.with_status(axum::http::StatusCode::CONFLICT))
            } else {
                page.invalid()
            };
        }
    };
    if let Act::Merge { into, .. } = &act
        && *into > id
    {
        queries::lock(&mut *tx, user.scope(), *into).await?;
        let target = queries::find(&mut *tx, user.scope(), *into, user.id).await?;
        if target.is_none_or(|target| target.ended_at.is_some()) {
            return Err(AppError::Conflict("the case to merge into has ended"));
        }
    }
    service::apply(&mut tx, By { user: &user, now }, &case, &act).await?;
    tx.commit().await?;
    let done = if let Act::Dispatch { to, .. } = act {
        CaseDone::GivenTo(to)
    } else {
        CaseDone::Acted(action)
    };
    Ok(redirect(location)
        .with_flash(Flash::CaseDone { done })
        .into_response())
}

/// `POST /complaints/{id}/acknowledge` and `…/resume`: one button, on the page and in the list.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct ButtonForm {
    /// `desk` comes back to the list.
    back: String,
}

async fn press(
    action: Action,
    act: Act,
    user: CurrentUser,
    app: AppState,
    id: ComplaintId,
    form: ButtonForm,
) -> AppResult<Response> {
    let mut tx = app.db.begin().await?;
    let case = service::lock(&mut tx, &user, id, action).await?;
    let now = app.clock.now();
    service::apply(&mut tx, By { user: &user, now }, &case, &act).await?;
    tx.commit().await?;
    let location = match form.back.as_str() {
        "desk" => "/complaints".to_owned(),
        _ => format!("/complaints/{id}"),
    };
    let done = CaseDone::Acted(action);
    Ok(redirect(location)
        .with_flash(Flash::CaseDone { done })
        .into_response())
}

pub async fn acknowledge(
    user: CurrentUser,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    Form(form): Form<ButtonForm>,
) -> AppResult<Response> {
    press(Action::Acknowledge, Act::Acknowledge, user, app, id, form).await
}

pub async fn resume(
    user: CurrentUser,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    Form(form): Form<ButtonForm>,
) -> AppResult<Response> {
    press(Action::Resume, Act::Resume, user, app, id, form).await
}

/// The box under the history.
pub async fn note(
    layout: Layout,
    user: CurrentUser,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    Form(form): Form<ActForm>,
) -> AppResult<Response> {
    let now = app.clock.now();
    let location = format!("/complaints/{id}#history");
    Action::Note.is_for(user.role).map_err(CaseError::Refused)?;
    let mut tx = app.db.begin().await?;
    if let Some(key) = form.key()
        && let Some(made) = idempotency::claim(&mut *tx, user.id, key, &location, now).await?
    {
        return Ok(redirect(made).into_response());
    }
    let case = service::lock(&mut tx, &user, id, Action::Note).await?;
    let around = Around::load(&mut tx, &user, Action::Note, &case).await?;
    let act = match form.read(Action::Note, &around.known(&layout, &case)) {
        Ok(act) => act,
        Err(errors) => {
            tx.rollback().await?;
            let page = CasePage::load(&app, layout, id, "").await?;
            return Page(page.with_errors(form, errors)).invalid();
        }
    };
    service::apply(&mut tx, By { user: &user, now }, &case, &act).await?;
    tx.commit().await?;
    let done = CaseDone::Noted;
    Ok(redirect(location)
        .with_flash(Flash::CaseDone { done })
        .into_response())
}

pub async fn checks(
    user: CurrentUser,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    Form(form): Form<ChecksForm>,
) -> AppResult<Response> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let case = service::lock(&mut tx, &user, id, Action::Check).await?;
    service::set_checks(
        &mut tx,
        By { user: &user, now },
        &case,
        &form.ticked(case.class_major),
    )
    .await?;
    tx.commit().await?;
    let done = CaseDone::ChecksSaved;
    Ok(redirect(format!("/complaints/{id}#checks"))
        .with_flash(Flash::CaseDone { done })
        .into_response())
}

pub async fn people(
    layout: Layout,
    user: CurrentUser,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    Form(form): Form<PersonForm>,
) -> AppResult<Response> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let case = service::lock(&mut tx, &user, id, Action::People).await?;
    let colleagues = people::list_colleagues(&mut *tx, user.scope()).await?;
    let mut errors = FormErrors::default();
    let part = errors.required_choice::<Part>("part", &form.part);
    let wanted = errors.required_choice::<UserId>("user_id", &form.user_id);
    let found = colleagues.iter().find(|one| {
        Some(one.user_id) == wanted
            && part.is_some_and(|part| one.may_be(part))
            && case.handler_id != Some(one.user_id)
    });
    if wanted.is_some() && found.is_none() {
        errors.add("user_id", FieldError::BadChoice);
    }
    let (Some(one), Some(part)) = (found, part) else {
        tx.rollback().await?;
        let page = CasePage::load(&app, layout, id, "").await?;
        return Page(page.with_errors(ActForm::default(), errors)).invalid();
    };
    service::add_person(
        &mut tx,
        By { user: &user, now },
        &case,
        (one.user_id, &one.name),
        part,
    )
    .await?;
    tx.commit().await?;
    let done = CaseDone::PersonAdded(one.name.clone());
    Ok(redirect(format!("/complaints/{id}"))
        .with_flash(Flash::CaseDone { done })
        .into_response())
}

pub async fn remove(
    user: CurrentUser,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    Form(form): Form<PersonForm>,
) -> AppResult<Response> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let case = service::lock(&mut tx, &user, id, Action::People).await?;
    let who = form.user_id.trim().parse::<UserId>();
    let who = who.map_err(|_| AppError::BadRequest("user_id".to_owned()))?;
    if !service::remove_person(&mut tx, By { user: &user, now }, &case, who).await? {
        return Err(AppError::NotFound);
    }
    tx.commit().await?;
    let done = CaseDone::PersonRemoved;
    Ok(redirect(format!("/complaints/{id}"))
        .with_flash(Flash::CaseDone { done })
        .into_response())
}
