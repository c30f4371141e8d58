//! Small pages of their own: the verdict told by another way than a callback, closing without one, reopening.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::auth::permission::{Can, DecideComplaints, Permission, WorkComplaints};
use crate::auth::session::CurrentUser;
use crate::complaints::verdict::forms::JudgeForm;
use crate::complaints::verdict::model::{Effect, Refusal, Standing, VerdictChannel};
use crate::complaints::verdict::queries::{self, Ending};
use crate::complaints::verdict::service;
use crate::complaints::{ComplaintId, Verdict};
use crate::i18n::flash::Flash;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Verdict,
    Close,
    Reopen,
}

/// One of the three questions, with what the case is about.
#[derive(Template)]
#[template(path = "complaints/judge.html")]
struct JudgePage {
    layout: Layout,
    id: ComplaintId,
    ask: Ask,
    case: Ending,
    form: JudgeForm,
    errors: FormErrors,
}

impl JudgePage {
    async fn load(
        app: &AppState,
        layout: Layout,
        id: ComplaintId,
        ask: Ask,
        form: JudgeForm,
        errors: FormErrors,
    ) -> AppResult<JudgePage> {
        let scope = layout.user.scope();
        let case = queries::find_ending(&app.db, scope, id)
            .await?
            .ok_or(AppError::NotFound)?;
        Ok(JudgePage {
            layout,
            id,
            ask,
            case,
            form,
            errors,
        })
    }

    fn error(&self, field: &str) -> Option<String> {
        self.layout.field_error(&self.errors, field)
    }

    fn title(&self) -> &'static str {
        let t = self.layout.t.complaint_verdict();
        match self.ask {
            Ask::Verdict => t.give_title(),
            Ask::Close => t.close_title(),
            Ask::Reopen => t.reopen_title(),
        }
    }

    fn action(&self) -> &'static str {
        match self.ask {
            Ask::Verdict => "verdict",
            Ask::Close => "close",
            Ask::Reopen => "reopen",
        }
    }

    fn verdicts(&self) -> &'static [Verdict] {
        Verdict::ALL
    }

    fn channels(&self) -> Vec<SelectOption> {
        let t = self.layout.t.complaint_verdict();
        let channels = VerdictChannel::ALL.iter();
        channels
            .map(|channel| SelectOption::new(channel, t.channel(*channel)))
            .collect()
    }
}

/// The case of this store, or 404; who answered for it may do nothing here.
async fn find(app: &AppState, user: &CurrentUser, id: ComplaintId) -> AppResult<Standing> {
    let case = queries::find(&app.db, user.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    if case.was_handled_by(user.id) {
        return Err(AppError::Forbidden(Permission::DecideComplaints));
    }
    Ok(case)
}

fn back(id: ComplaintId) -> String {
    format!("/complaints/{id}")
}

/// The question, if it can be asked of the case as it stands; else the case.
async fn question(
    app: &AppState,
    user: &CurrentUser,
    layout: Layout,
    id: ComplaintId,
    ask: Ask,
) -> AppResult<Response> {
    let case = find(app, user, id).await?;
    let can_be_asked = match ask {
        Ask::Verdict => case.awaits_verdict(),
        Ask::Close => case.may_close(),
        Ask::Reopen => case.may_reopen(app.clock.now()),
    };
    if !can_be_asked {
        return Ok(redirect(back(id)).into_response());
    }
    let form = JudgeForm {
        version: case.version.to_string(),
        ..JudgeForm::default()
    };
    let page = JudgePage::load(app, layout, id, ask, form, FormErrors::default()).await?;
    Ok(Page(page).into_response())
}

fn answer(id: ComplaintId, done: Result<Effect, Refusal>) -> AppResult<Response> {
    match done {
        Ok(effect) => Ok(redirect(back(id))
            .with_flash(Flash::CaseJudged { effect })
            .into_response()),
        Err(Refusal::Gone) => Err(AppError::NotFound),
        Err(Refusal::Handler) => Err(AppError::Forbidden(Permission::DecideComplaints)),
        Err(Refusal::Changed | Refusal::NotNow) => Err(AppError::Conflict("the case has changed")),
    }
}

pub async fn ask_verdict(
    layout: Layout,
    user: Can<WorkComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
) -> AppResult<Response> {
    question(&app, &user, layout, id, Ask::Verdict).await
}

pub async fn give_verdict(
    layout: Layout,
    user: Can<WorkComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    Form(form): Form<JudgeForm>,
) -> AppResult<Response> {
    find(&app, &user, id).await?;
    let given = match form.given() {
        Ok(given) => given,
        Err(errors) => {
            let page = JudgePage::load(&app, layout, id, Ask::Verdict, form, errors).await?;
            return Page(page).invalid();
        }
    };
    let version = form.version().unwrap_or_default();
    let mut tx = app.db.begin().await?;
    let done = service::give_verdict(
        &mut tx,
        user.scope(),
        user.actor(),
        app.clock.now(),
        id,
        Some(version),
        &given,
    )
    .await?;
    if done.is_ok() {
        tx.commit().await?;
    }
    answer(id, done)
}

pub async fn ask_close(
    layout: Layout,
    user: Can<DecideComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
) -> AppResult<Response> {
    question(&app, &user, layout, id, Ask::Close).await
}

pub async fn close(
    layout: Layout,
    user: Can<DecideComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    Form(form): Form<JudgeForm>,
) -> AppResult<Response> {
    end(&app, &user, layout, id, Ask::Close, form).await
}

pub async fn ask_reopen(
    layout: Layout,
    user: Can<WorkComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
) -> AppResult<Response> {
    question(&app, &user, layout, id, Ask::Reopen).await
}

pub async fn reopen(
    layout: Layout,
    user: Can<WorkComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    Form(form): Form<JudgeForm>,
) -> AppResult<Response> {
    end(&app, &user, layout, id, Ask::Reopen, form).await
}

/// Closes or reopens a case for a reason.
async fn end(
    app: &AppState,
    user: &CurrentUser,
    layout: Layout,
    id: ComplaintId,
    ask: Ask,
    form: JudgeForm,
) -> AppResult<Response> {
    find(app, user, id).await?;
    let reason = match form.reason() {
        Ok(reason) => reason,
        Err(errors) => {
            let page = JudgePage::load(app, layout, id, ask, form, errors).await?;
            return Page(page).invalid();
        }
    };
    let (scope, actor, now) = (user.scope(), user.actor(), app.clock.now());
    let version = Some(form.version().unwrap_or_default());
    let mut tx = app.db.begin().await?;
    let done = match ask {
        Ask::Reopen => service::reopen(&mut tx, scope, actor, now, id, version, &reason).await?,
        Ask::Close | Ask::Verdict => service::close(&mut tx, scope, actor, now, id, version, &reason).await?,
    };
    if done.is_ok() {
        tx.commit().await?;
    }
    answer(id, done)
}
