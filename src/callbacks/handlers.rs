//! The call: claim it, keep drafts of it, settle it, give it back.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::auth::permission::{Can, Permission, ViewCallbacks, WorkCallbacks};
use crate::auth::session::CurrentUser;
use crate::callbacks::CallbackId;
use crate::callbacks::call_page::{self, CallData};
use crate::callbacks::forms::CallForm;
use crate::callbacks::queries::follow_ups::PresentRow;
use crate::callbacks::queries::{call, claims, follow_ups};
use crate::callbacks::queue::{self, Claim, SkipReason};
use crate::callbacks::service::{self, Settled, Settler, draft_subject};
use crate::i18n::flash::Flash;
use crate::i18n::format::Formatter;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::form::{Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// Pairs as sent: the fields of a call differ from call to call.
type Pairs = Form<Vec<(String, String)>>;

pub async fn next(user: Can<WorkCallbacks>, State(app): State<AppState>) -> AppResult<Response> {
    lead_to_next(&app, &user, None, None).await
}

/// What comes after a call: the next one, claimed, or why there is none.
enum Following {
    Call(CallbackId),
    Nobody(Flash),
}

impl Following {
    /// Claims the next call that this person may make.
    async fn claim(
        tx: &mut PgConnection,
        user: &CurrentUser,
        skip: Option<CallbackId>,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Following> {
        if let Some(claim) = queue::claim_next(&mut *tx, user, skip, now).await? {
            return Ok(Following::Call(claim.id));
        }
        let off_duty = queue::off_duty(&mut *tx, user, now).await?;
        let why = off_duty.map_or(Flash::NobodyToCall, |reason| Flash::OffDuty { reason });
        Ok(Following::Nobody(why))
    }

    /// Goes there, or back to the list with a word about why not.
    fn lead(self, flash: Option<Flash>) -> Response {
        let (path, flash) = match self {
            Following::Call(id) => (format!("/callbacks/{id}"), flash),
            Following::Nobody(why) => ("/callbacks".to_owned(), flash.or(Some(why))),
        };
        match flash {
            Some(flash) => redirect(path).with_flash(flash).into_response(),
            None => redirect(path).into_response(),
        }
    }
}

async fn lead_to_next(
    app: &AppState,
    user: &CurrentUser,
    skip: Option<CallbackId>,
    flash: Option<Flash>,
) -> AppResult<Response> {
    let mut tx = app.db.begin().await?;
    let following = Following::claim(&mut tx, user, skip, app.clock.now()).await?;
    tx.commit().await?;
    Ok(following.lead(flash))
}

pub async fn claim(
    user: Can<WorkCallbacks>,
    State(app): State<AppState>,
    Path(id): Path<CallbackId>,
) -> AppResult<Response> {
    let may_take = user.can(Permission::AssignCallbacks);
    let mut tx = app.db.begin().await?;
    let claimed = queue::claim(&mut tx, &user, id, may_take, app.clock.now()).await?;
    tx.commit().await?;
    let page = redirect(format!("/callbacks/{id}"));
    match claimed {
        Ok(_) => Ok(page.into_response()),
        Err(queue::Refusal::Gone) if !exists(&app, &user, id).await? => Err(AppError::NotFound),
        Err(reason) => Ok(page.with_flash(Flash::CallRefused { reason }).into_response()),
    }
}

async fn exists(app: &AppState, user: &CurrentUser, id: CallbackId) -> sqlx::Result<bool> {
    Ok(call::find(&app.db, user.scope(), id).await?.is_some())
}

pub async fn show(
    layout: Layout,
    user: Can<ViewCallbacks>,
    State(app): State<AppState>,
    Path(id): Path<CallbackId>,
) -> AppResult<Response> {
    let now = app.clock.now();
    let draft = call::find_draft(&app.db, user.scope(), user.id, &draft_subject(id)).await?;
    let (form, draft_at) = match draft {
        Some((body, at)) => (CallForm::from_draft(body), Some(at)),
        None => (CallForm::default(), None),
    };
    let data = CallData::load(&app, &user, id, &form, now).await?;
    if user.can(Permission::WorkCallbacks) {
        follow_ups::note_presence(&app.db, user.scope(), id, user.id, now).await?;
    }
    let page = call_page::page(layout, data, form, FormErrors::default(), draft_at);
    Ok(page.into_response())
}

pub async fn settle(
    layout: Layout,
    user: Can<WorkCallbacks>,
    State(app): State<AppState>,
    Path(id): Path<CallbackId>,
    Form(pairs): Pairs,
) -> AppResult<Response> {
    let now = app.clock.now();
    let form = CallForm::new(pairs);
    let data = CallData::load(&app, &user, id, &form, now).await?;
    let Some((token, key)) = form.keys() else {
        return Err(AppError::BadRequest("no lease token".to_owned()));
    };
    let by = Settler {
        user: user.id,
        claim: Claim { id, token },
        key,
        now,
        recorded: None,
    };
    let goes_on = form.get("after") != "list";
    if data.token() != Some(token) {
        return not_held(&app, &user, by, &form, goes_on).await;
    }
    let listed = data.listed(&form);
    let input = match form.validate(&data.context(&listed)) {
        Ok(input) => input,
        Err(errors) => return call_page::page(layout, data, form, errors, None).invalid(),
    };
    let mut tx = app.db.begin().await?;
    if goes_on {
        // The person before the call, as a claim locks them: two windows of one person never wait for each other.
        claims::lock_member(&mut *tx, user.scope(), user.id).await?;
    }
    let settled = service::settle(&mut tx, user.scope(), by, &input).await?;
    let flash = match settled {
        Settled::Lost | Settled::Before => {
            drop(tx);
            return not_held(&app, &user, by, &form, goes_on).await;
        }
        Settled::Ended {
            case: Some(effect), ..
        } => Flash::CallJudged { effect },
        Settled::Ended {
            complaint,
            case: None,
        } => Flash::CallSettled { complaint },
        Settled::Message => Flash::CallMessage,
        Settled::RetryAt(at) => Flash::CallRetry {
            at: Formatter::near(&layout.fmt, &at),
        },
    };
    // One transaction: whoever saves has the next call with the same commit.
    if goes_on {
        let following = Following::claim(&mut tx, &user, None, now).await?;
        tx.commit().await?;
        return Ok(following.lead(Some(flash)));
    }
    tx.commit().await?;
    go_on(&app, &user, false, Some(flash)).await
}

async fn go_on(
    app: &AppState,
    user: &CurrentUser,
    goes_on: bool,
    flash: Option<Flash>,
) -> AppResult<Response> {
    if goes_on {
        return lead_to_next(app, user, None, flash).await;
    }
    let page = redirect("/callbacks");
    Ok(match flash {
        Some(flash) => page.with_flash(flash).into_response(),
        None => page.into_response(),
    })
}

/// The lease is not this form's: it was settled by the same form before, or it is lost. Words are kept as a draft.
async fn not_held(
    app: &AppState,
    user: &CurrentUser,
    by: Settler,
    form: &CallForm,
    goes_on: bool,
) -> AppResult<Response> {
    let scope = user.scope();
    if crate::callbacks::queries::settle::is_settled(&app.db, scope, by.claim.id, by.key).await? {
        return go_on(app, user, goes_on, None).await;
    }
    let subject = draft_subject(by.claim.id);
    call::save_draft(&app.db, scope, user.id, &subject, &form.to_draft(), by.now).await?;
    Err(AppError::Conflict("the lease on the call was lost"))
}

/// Keeps what is typed and renews the lease. A script that asks for JSON gets 204 instead of the page.
pub async fn draft(
    user: Can<WorkCallbacks>,
    State(app): State<AppState>,
    Path(id): Path<CallbackId>,
    headers: HeaderMap,
    Form(pairs): Pairs,
) -> AppResult<Response> {
    let (now, form) = (app.clock.now(), CallForm::new(pairs));
    if !exists(&app, &user, id).await? {
        return Err(AppError::NotFound);
    }
    let Some((token, key)) = form.keys() else {
        return Err(AppError::BadRequest("no lease token".to_owned()));
    };
    let scope = user.scope();
    if crate::callbacks::queries::settle::is_settled(&app.db, scope, id, key).await? {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let mut tx = app.db.begin().await?;
    let is_held = claims::extend(&mut *tx, scope, Claim { id, token }, user.id, now).await?;
    call::save_draft(
        &mut *tx,
        scope,
        user.id,
        &draft_subject(id),
        &form.to_draft(),
        now,
    )
    .await?;
    follow_ups::note_presence(&mut *tx, scope, id, user.id, now).await?;
    tx.commit().await?;
    if !is_held {
        return Err(AppError::Conflict("the lease on the call was lost"));
    }
    let is_script = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json"));
    if is_script {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(redirect(format!("/callbacks/{id}"))
        .with_flash(Flash::DraftSaved)
        .into_response())
}

/// Who else has this call open.
#[derive(Template)]
#[template(path = "callbacks/presence.html")]
struct PresencePage {
    layout: Layout,
    present: Vec<PresentRow>,
}

/// A page that is open says so every few seconds, and learns who else is there. Only the script of the page asks.
pub async fn presence(
    layout: Layout,
    user: Can<WorkCallbacks>,
    State(app): State<AppState>,
    Path(id): Path<CallbackId>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    if !exists(&app, &user, id).await? {
        return Err(AppError::NotFound);
    }
    follow_ups::note_presence(&app.db, scope, id, user.id, now).await?;
    let present = follow_ups::list_present(&app.db, scope, id, user.id, now).await?;
    Ok(Page(PresencePage { layout, present }).into_response())
}

/// Gives the call back, keeps the draft, and goes on with another one.
pub async fn skip(
    user: Can<WorkCallbacks>,
    State(app): State<AppState>,
    Path(id): Path<CallbackId>,
    Form(pairs): Pairs,
) -> AppResult<Response> {
    let (now, form) = (app.clock.now(), CallForm::new(pairs));
    if !exists(&app, &user, id).await? {
        return Err(AppError::NotFound);
    }
    let Some((token, _)) = form.keys() else {
        return Err(AppError::BadRequest("no lease token".to_owned()));
    };
    let reason: SkipReason = form
        .get("skip_reason")
        .parse()
        .map_err(|_| AppError::BadRequest("no reason for skipping".to_owned()))?;
    let scope = user.scope();
    let mut tx = app.db.begin().await?;
    call::save_draft(
        &mut *tx,
        scope,
        user.id,
        &draft_subject(id),
        &form.to_draft(),
        now,
    )
    .await?;
    let claim = Claim { id, token };
    let is_skipped = queue::skip(&mut tx, scope, user.id, claim, reason, now).await?;
    tx.commit().await?;
    if !is_skipped {
        return Err(AppError::Conflict("the lease on the call was lost"));
    }
    lead_to_next(&app, &user, Some(id), Some(Flash::CallSkipped)).await
}
