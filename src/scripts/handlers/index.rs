//! The list of scripts, per occasion.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{Can, ManageScripts, Permission};
use crate::i18n::callbacks::CALL_KINDS;
use crate::i18n::flash::Flash;
use crate::scripts::queries::{self, ScriptRow};
use crate::scripts::service::{self, By};
use crate::scripts::{ScriptKind, defaults};
use crate::web::error::{AppError, AppResult};
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `scripts/index.html`
#[derive(Template)]
#[template(path = "scripts/index.html")]
struct IndexPage {
    layout: Layout,
    rows: Vec<ScriptRow>,
    form: NewTalkForm,
    errors: FormErrors,
}

impl IndexPage {
    /// Occasions that have no talk of their own.
    fn occasions(&self) -> Vec<SelectOption> {
        let t = self.layout.t.scripts();
        let is_talk = |row: &&ScriptRow| row.kind == ScriptKind::Talk;
        let has_one = |kind: &str| self.rows.iter().filter(is_talk).any(|row| row.for_kind == kind);
        CALL_KINDS
            .iter()
            .filter(|kind| !has_one(kind))
            .map(|kind| SelectOption::new(kind, t.for_kind(kind)))
            .collect()
    }

    fn parts(&self, row: &ScriptRow) -> String {
        let t = self.layout.t.scripts();
        match (row.parts, row.kind) {
            (None, _) => String::new(),
            (Some(count), ScriptKind::Talk) => t.parts_talk(count),
            (Some(count), ScriptKind::Questionnaire) => t.parts_questions(count),
        }
    }
}

/// `POST /scripts`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewTalkForm {
    pub for_kind: String,
}

pub async fn index(
    layout: Layout,
    user: Can<ManageScripts>,
    State(app): State<AppState>,
) -> AppResult<Response> {
    let page = IndexPage {
        rows: queries::list(&app.db, user.scope()).await?,
        form: NewTalkForm::default(),
        errors: FormErrors::default(),
        layout,
    };
    Ok(Page(page).into_response())
}

pub async fn create(
    layout: Layout,
    user: Can<ManageScripts>,
    State(app): State<AppState>,
    Form(form): Form<NewTalkForm>,
) -> AppResult<Response> {
    let scope = user.scope();
    let mut errors = FormErrors::default();
    let kind = form.for_kind.trim();
    if kind.is_empty() {
        errors.add("for_kind", FieldError::Required);
    } else if !CALL_KINDS.contains(&kind) {
        errors.add("for_kind", FieldError::BadChoice);
    } else {
        let mut tx = app.db.begin().await?;
        let general = queries::list_current(&mut *tx, scope, ScriptKind::Talk, &[]).await?;
        let general = general.into_iter().find(|talk| talk.for_kind == defaults::ANY);
        let general = general.ok_or(AppError::NotFound)?;
        let by = By {
            user: user.id,
            now: app.clock.now(),
        };
        // The name is the store's own text, in the language of its people.
        let name = crate::i18n::scripts::T(crate::i18n::Lang::Zh).for_kind(kind);
        match service::create_talk(&mut tx, scope, kind, name, &general.body, by).await? {
            Some(id) => {
                tx.commit().await?;
                return Ok(redirect(format!("/scripts/{id}/edit"))
                    .with_flash(Flash::Saved)
                    .into_response());
            }
            None => errors.add("for_kind", crate::i18n::scripts::has_one()),
        }
    }
    let page = IndexPage {
        rows: queries::list(&app.db, scope).await?,
        form,
        errors,
        layout,
    };
    Page(page).invalid()
}
