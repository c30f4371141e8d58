//! Correcting what was taken down: class, department before it is dispatched, words, demand.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::audit;
use crate::auth::permission::{Can, Permission, WorkComplaints};
use crate::callbacks::queries::call::{DepartmentRow, list_departments};
use crate::complaints::case::Action;
use crate::complaints::case::forms::EditForm;
use crate::complaints::case::handlers::show::{gate, name_of, visible};
use crate::complaints::case::queries::Case;
use crate::complaints::case::service::{self, By};
use crate::complaints::{ComplaintClass, ComplaintId, ComplaintState, DemandKind};
use crate::drafts::{self, Note, Subject};
use crate::i18n::complaint_case::CaseDone;
use crate::i18n::flash::Flash;
use crate::stores::DepartmentId;
use crate::web::conflict::{self, ConflictPage, Named};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `complaints/edit.html`
#[derive(Template)]
#[template(path = "complaints/edit.html")]
struct EditPage {
    layout: Layout,
    case: Case,
    form: EditForm,
    errors: FormErrors,
    departments: Vec<DepartmentRow>,
    draft: Note,
}

impl EditPage {
    fn headline(&self) -> String {
        name_of(&self.layout, self.case.words.as_deref(), self.case.class_major)
    }

    fn error(&self, field: &str) -> Option<String> {
        self.layout.field_error(&self.errors, field)
    }

    fn is_accepted(&self) -> bool {
        self.case.state == ComplaintState::Accepted
    }

    fn classes(&self) -> Vec<SelectOption> {
        classes(&self.layout)
    }

    fn demands(&self) -> Vec<SelectOption> {
        demands(&self.layout)
    }

    fn department_options(&self) -> Vec<SelectOption> {
        department_options(&self.departments)
    }
}

fn classes(layout: &Layout) -> Vec<SelectOption> {
    let t = layout.t.complaints();
    let all = ComplaintClass::ALL.iter();
    all.map(|class| SelectOption::new(class, t.class_of(*class)))
        .collect()
}

fn demands(layout: &Layout) -> Vec<SelectOption> {
    let t = layout.t.complaints();
    let all = DemandKind::ALL.iter();
    all.map(|kind| SelectOption::new(kind, t.demand_of(*kind)))
        .collect()
}

fn department_options(departments: &[DepartmentRow]) -> Vec<SelectOption> {
    let rows = departments.iter();
    rows.map(|row| SelectOption::new(row.id, row.name.clone()))
        .collect()
}

fn note_of(id: ComplaintId) -> Note {
    Note::new(Subject::edit("complaint", id), format!("/complaints/{id}/edit"))
}

pub async fn edit(
    layout: Layout,
    user: Can<WorkComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
) -> AppResult<Response> {
    let case = visible(&app, &user, id).await?;
    if let Some(elsewhere) = gate(&case, &user, Action::Edit)? {
        return Ok(elsewhere);
    }
    let (mut form, mut draft) = (EditForm::of(&case, &layout.fmt), note_of(id));
    drafts::service::restore(&app.db, user.scope(), user.id, &mut form, &mut draft).await?;
    let departments = list_departments(&app.db, user.scope()).await?;
    Ok(Page(EditPage {
        layout,
        case,
        form,
        errors: FormErrors::default(),
        departments,
        draft,
    })
    .into_response())
}

pub async fn update(
    layout: Layout,
    user: Can<WorkComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    Form(form): Form<EditForm>,
) -> AppResult<Response> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let case = service::lock(&mut tx, &user, id, Action::Edit).await?;
    let departments = list_departments(&mut *tx, user.scope()).await?;
    let ids: Vec<DepartmentId> = departments.iter().map(|row| row.id).collect();
    let right = match form.validate(&case, &ids) {
        Ok(right) => right,
        Err(errors) => {
            tx.rollback().await?;
            let draft = note_of(id);
            return Page(EditPage {
                layout,
                case,
                form,
                errors,
                departments,
                draft,
            })
            .invalid();
        }
    };
    if !service::correct(&mut tx, By { user: &user, now }, &case, form.version, &right).await? {
        tx.rollback().await?;
        return conflict(&app, layout, case, &departments, &form).await;
    }
    drafts::queries::discard(&mut *tx, user.scope(), user.id, &note_of(id).subject).await?;
    tx.commit().await?;
    let done = CaseDone::Corrected;
    Ok(redirect(format!("/complaints/{id}"))
        .with_flash(Flash::CaseDone { done })
        .into_response())
}

/// Somebody saved while the form was open: both versions side by side.
async fn conflict(
    app: &AppState,
    layout: Layout,
    case: Case,
    departments: &[DepartmentRow],
    form: &EditForm,
) -> AppResult<Response> {
    let last = audit::queries::last_change(&app.db, layout.user.scope(), "complaints", case.id.get()).await?;
    let last = last.ok_or(AppError::NotFound)?;
    let t = layout.t.complaint_case();
    let fields = [
        Named::choice("class", t.class(), classes(&layout)),
        Named::choice("department_id", t.department(), department_options(departments)),
        Named::text("words", t.words()),
        Named::choice("demand_kind", t.demand_kind(), demands(&layout)),
        Named::text("demand", t.demand()),
        Named::text("claimed", t.claimed()),
        Named::tick("wants_replacement", t.replacement(), &layout),
        Named::text("external_number", t.external()),
        Named::text("external_due_on", t.external_due_label()),
        Named::tick("is_opinion", t.opinion(), &layout),
    ];
    let theirs = EditForm::of(&case, &layout.fmt);
    let comparison = conflict::compare(form, &form.base, &theirs, &fields);
    Ok(ConflictPage {
        layout,
        title: case.number,
        action: format!("/complaints/{}/edit", case.id),
        draft: note_of(case.id),
        version: case.version,
        by: last.by,
        at: last.at,
        comparison,
    }
    .respond())
}
