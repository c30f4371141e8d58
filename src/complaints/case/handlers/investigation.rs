//! 调查与处理: what the department found and does. Two people may write at once: nothing typed is lost.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::audit;
use crate::auth::permission::{AnswerComplaints, Can, Permission};
use crate::complaints::ComplaintId;
use crate::complaints::case::Action;
use crate::complaints::case::forms::FindingsForm;
use crate::complaints::case::handlers::act::responsibilities;
use crate::complaints::case::handlers::show::{gate, name_of, visible};
use crate::complaints::case::queries::Case;
use crate::complaints::case::service::{self, By};
use crate::drafts::{self, Note, Subject};
use crate::i18n::complaint_case::CaseDone;
use crate::i18n::flash::Flash;
use crate::web::conflict::{self, ConflictPage, Named};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `complaints/investigation.html`
#[derive(Template)]
#[template(path = "complaints/investigation.html")]
struct InvestigationPage {
    layout: Layout,
    case: Case,
    form: FindingsForm,
    errors: FormErrors,
    draft: Note,
}

impl InvestigationPage {
    fn headline(&self) -> String {
        name_of(&self.layout, self.case.words.as_deref(), self.case.class_major)
    }

    fn error(&self, field: &str) -> Option<String> {
        self.layout.field_error(&self.errors, field)
    }

    fn responsibilities(&self) -> Vec<SelectOption> {
        responsibilities(&self.layout)
    }
}

fn note_of(id: ComplaintId) -> Note {
    Note::new(
        Subject::edit("complaint_findings", id),
        format!("/complaints/{id}/investigation"),
    )
}

pub async fn edit(
    layout: Layout,
    user: Can<AnswerComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
) -> AppResult<Response> {
    let case = visible(&app, &user, id).await?;
    if let Some(elsewhere) = gate(&case, &user, Action::Investigate)? {
        return Ok(elsewhere);
    }
    let (mut form, mut draft) = (FindingsForm::of(&case, &layout.fmt), note_of(id));
    drafts::service::restore(&app.db, user.scope(), user.id, &mut form, &mut draft).await?;
    Ok(Page(InvestigationPage {
        layout,
        case,
        form,
        errors: FormErrors::default(),
        draft,
    })
    .into_response())
}

pub async fn update(
    layout: Layout,
    user: Can<AnswerComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    Form(form): Form<FindingsForm>,
) -> AppResult<Response> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let case = service::lock(&mut tx, &user, id, Action::Investigate).await?;
    let found = match form.validate(&case, layout.fmt.zone, now) {
        Ok(found) => found,
        Err(errors) => {
            tx.rollback().await?;
            return Page(InvestigationPage {
                layout,
                case,
                form,
                errors,
                draft: note_of(id),
            })
            .invalid();
        }
    };
    if !service::save_findings(&mut tx, By { user: &user, now }, &case, form.version, &found).await? {
        tx.rollback().await?;
        return conflict(&app, layout, case, &form).await;
    }
    drafts::queries::discard(&mut *tx, user.scope(), user.id, &note_of(id).subject).await?;
    tx.commit().await?;
    let done = CaseDone::FindingsSaved;
    Ok(redirect(format!("/complaints/{id}"))
        .with_flash(Flash::CaseDone { done })
        .into_response())
}

/// Somebody saved while the form was open: both versions side by side.
async fn conflict(app: &AppState, layout: Layout, case: Case, form: &FindingsForm) -> AppResult<Response> {
    let last = audit::queries::last_change(&app.db, layout.user.scope(), "complaints", case.id.get()).await?;
    let last = last.ok_or(AppError::NotFound)?;
    let t = layout.t.complaint_case();
    let fields = [
        Named::text("course", t.course()),
        Named::text("cause", t.cause()),
        Named::text("measure", t.measure()),
        Named::choice("responsibility", t.responsibility(), responsibilities(&layout)),
        Named::text("cost", t.cost()),
        Named::text("promised_at", t.promised_at()),
    ];
    let theirs = FindingsForm::of(&case, &layout.fmt);
    let comparison = conflict::compare(form, &form.base, &theirs, &fields);
    Ok(ConflictPage {
        layout,
        title: case.number,
        action: format!("/complaints/{}/investigation", case.id),
        draft: note_of(case.id),
        version: case.version,
        by: last.by,
        at: last.at,
        comparison,
    }
    .respond())
}
