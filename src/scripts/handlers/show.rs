//! One script: what is said with a sample customer, its draft, and its versions with what each has changed.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{Can, ManageScripts, Permission};
use crate::i18n::flash::Flash;
use crate::scripts::handlers::{Body, SampleStep, asking, load, sample, trial_field};
use crate::scripts::model::{Change, Questionnaire, Raw, questionnaire_changes, talk_changes};
use crate::scripts::queries::{Script, VersionRow};
use crate::scripts::service::{self, By};
use crate::scripts::views::QuestionView;
use crate::scripts::{ScriptId, ScriptKind};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::Form;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `scripts/show.html`
#[derive(Template)]
#[template(path = "scripts/show.html")]
struct ShowPage {
    layout: Layout,
    script: Script,
    /// The version that is shown.
    shown: VersionRow,
    draft: Option<VersionRow>,
    history: Vec<HistoryRow>,
    steps: Vec<SampleStep>,
    questions: Vec<QuestionView>,
    reasons: Vec<String>,
}

/// A version in the history, with what it has changed.
struct HistoryRow {
    version: VersionRow,
    changes: Vec<String>,
    is_first: bool,
}

/// `?version=` shows an older one.
#[derive(Deserialize)]
pub struct ShowQuery {
    version: Option<i32>,
}

pub async fn show(
    layout: Layout,
    user: Can<ManageScripts>,
    State(app): State<AppState>,
    Path(id): Path<ScriptId>,
    Query(query): Query<ShowQuery>,
) -> AppResult<Response> {
    let (script, versions) = load(&app, &user, id).await?;
    let shown = match query.version {
        Some(number) => versions.iter().find(|version| version.version == number),
        None => versions
            .iter()
            .find(|version| version.is_current())
            .or(versions.first()),
    };
    let shown = shown.cloned().ok_or(AppError::NotFound)?;
    let (mut steps, mut questions, mut reasons) = (Vec::new(), Vec::new(), Vec::new());
    match Body::of(script.kind, &shown)? {
        Body::Talk(talk) => {
            let questionnaire = questionnaire_of(&app, &user, &script.for_kind).await?;
            steps = sample(&layout, &talk, questionnaire.as_ref());
        }
        Body::Questionnaire(body) => {
            let asking = asking(&layout, &body);
            let view = |item| asking.question(item, trial_field, &Raw::new(), None);
            questions = body.items.iter().map(view).collect();
            let texts = body.reasons.iter().map(|reason| reason.text.get(layout.lang));
            reasons = texts.map(str::to_owned).collect();
        }
    }
    let page = ShowPage {
        draft: versions.iter().find(|version| version.is_draft()).cloned(),
        history: history(&layout, script.kind, &versions)?,
        layout,
        script,
        shown,
        steps,
        questions,
        reasons,
    };
    Ok(Page(page).into_response())
}

/// The questionnaire in use for an occasion.
pub async fn questionnaire_of(
    app: &AppState,
    user: &Can<ManageScripts>,
    for_kind: &str,
) -> AppResult<Option<Questionnaire>> {
    let mut db = app.db.acquire().await?;
    let found = service::current_questionnaire(&mut db, user.scope(), for_kind).await?;
    Ok(found.map(|version| version.body))
}

fn history(layout: &Layout, kind: ScriptKind, versions: &[VersionRow]) -> AppResult<Vec<HistoryRow>> {
    let mut rows = Vec::new();
    for (index, version) in versions.iter().enumerate() {
        let before = versions.get(index + 1);
        let changes = match before {
            None => Vec::new(),
            Some(before) => match (Body::of(kind, before)?, Body::of(kind, version)?) {
                (Body::Talk(before), Body::Talk(after)) => talk_changes(&before, &after),
                (Body::Questionnaire(before), Body::Questionnaire(after)) => {
                    questionnaire_changes(&before, &after)
                }
                (Body::Talk(_) | Body::Questionnaire(_), _) => Vec::new(),
            },
        };
        rows.push(HistoryRow {
            changes: changes.iter().map(|change| change_text(layout, change)).collect(),
            is_first: before.is_none(),
            version: version.clone(),
        });
    }
    Ok(rows)
}

fn change_text(layout: &Layout, change: &Change) -> String {
    let (t, lang) = (layout.t.scripts(), layout.lang);
    match change {
        Change::Added(words) => t.change_added(words.get(lang)),
        Change::Removed(words) => t.change_removed(words.get(lang)),
        Change::Changed(words) => t.change_changed(words.get(lang)),
        Change::Reordered => t.change_order().to_owned(),
        Change::Threshold(was, is) => t.change_threshold(was, is),
    }
}

/// `POST /scripts/{id}/publish` and `/discard`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct RevisionForm {
    /// Of the draft that was on the page.
    pub revision: i32,
}

pub async fn publish(
    user: Can<ManageScripts>,
    State(app): State<AppState>,
    Path(id): Path<ScriptId>,
    Form(form): Form<RevisionForm>,
) -> AppResult<Response> {
    load(&app, &user, id).await?;
    let by = By {
        user: user.id,
        now: app.clock.now(),
    };
    let mut tx = app.db.begin().await?;
    let published = service::publish(&mut tx, user.scope(), id, form.revision, by).await?;
    let Some(version) = published else {
        return Err(AppError::Conflict("the draft was changed meanwhile"));
    };
    tx.commit().await?;
    Ok(redirect(format!("/scripts/{id}"))
        .with_flash(Flash::ScriptPublished { version })
        .into_response())
}

pub async fn discard(
    user: Can<ManageScripts>,
    State(app): State<AppState>,
    Path(id): Path<ScriptId>,
) -> AppResult<Response> {
    let (_, versions) = load(&app, &user, id).await?;
    let by = By {
        user: user.id,
        now: app.clock.now(),
    };
    let mut tx = app.db.begin().await?;
    let is_gone = service::discard(&mut tx, user.scope(), id, by).await?;
    tx.commit().await?;
    // A script that was never published stays with nothing to show: its page is the list.
    let is_shown = versions.iter().any(|version| !version.is_draft());
    let page = redirect(if is_shown {
        format!("/scripts/{id}")
    } else {
        "/scripts".to_owned()
    });
    Ok(if is_gone {
        page.with_flash(Flash::ScriptDiscarded).into_response()
    } else {
        page.into_response()
    })
}
