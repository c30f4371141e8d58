//! A trial run: a script is filled in as on a call, and nothing is saved.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{Can, ManageScripts, Permission};
use crate::scripts::ScriptId;
use crate::scripts::handlers::{Body, SampleStep, asking, load, sample, trial_field};
use crate::scripts::model::{Checked, ItemKind, Questionnaire, Raw, StepKind, Talk};
use crate::scripts::queries::{Script, VersionRow};
use crate::scripts::service;
use crate::scripts::views::QuestionView;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

/// `scripts/trial.html`
#[derive(Template)]
#[template(path = "scripts/trial.html")]
struct TrialPage {
    layout: Layout,
    script: Script,
    version: VersionRow,
    steps: Vec<SampleStep>,
    questions: Vec<QuestionView>,
    errors: FormErrors,
    result: Option<TrialResult>,
}

/// What the answers come to.
struct TrialResult {
    checked: Checked,
    /// Questions that their conditions have left out.
    skipped: usize,
}

/// `?version=` tries that one; else the draft, else the one in use.
#[derive(Deserialize)]
pub struct TrialQuery {
    version: Option<i32>,
}

/// A script with what it is tried with: a talk with the questionnaire in use, a questionnaire with the talk.
struct Trial {
    script: Script,
    version: VersionRow,
    talk: Option<Talk>,
    questionnaire: Option<Questionnaire>,
}

async fn load_trial(
    app: &AppState,
    user: &Can<ManageScripts>,
    id: ScriptId,
    number: Option<i32>,
) -> AppResult<Trial> {
    let (script, versions) = load(app, user, id).await?;
    let version = match number {
        Some(number) => versions.into_iter().find(|version| version.version == number),
        // The draft is the newest version, if there is one.
        None => versions.into_iter().next(),
    };
    let version = version.ok_or(AppError::NotFound)?;
    let mut db = app.db.acquire().await?;
    let scope = user.scope();
    let (talk, questionnaire) = match Body::of(script.kind, &version)? {
        Body::Talk(talk) => {
            let asked = service::current_questionnaire(&mut db, scope, &script.for_kind).await?;
            (Some(talk), asked.map(|version| version.body))
        }
        Body::Questionnaire(questionnaire) => {
            let for_kinds = [script.for_kind.clone()];
            let talks = service::current_talks(&mut db, scope, &for_kinds).await?;
            let talk = talks.into_iter().next().map(|version| version.body);
            (talk, Some(questionnaire))
        }
    };
    Ok(Trial {
        script,
        version,
        talk,
        questionnaire,
    })
}

impl Trial {
    fn page(
        self,
        layout: Layout,
        answers: &Raw,
        errors: FormErrors,
        result: Option<TrialResult>,
    ) -> TrialPage {
        let questions = self.questionnaire.iter().flat_map(|questionnaire| {
            let asking = asking(&layout, questionnaire);
            let view = |item: &crate::scripts::model::Item| {
                let error = layout.field_error(&errors, &trial_field(&item.code));
                asking.question(item, trial_field, answers, error)
            };
            questionnaire.items.iter().map(view).collect::<Vec<_>>()
        });
        TrialPage {
            questions: questions.collect(),
            steps: self
                .talk
                .as_ref()
                .map(|talk| sample(&layout, talk, self.questionnaire.as_ref()))
                .unwrap_or_default(),
            script: self.script,
            version: self.version,
            errors,
            result,
            layout,
        }
    }
}

pub async fn trial(
    layout: Layout,
    user: Can<ManageScripts>,
    State(app): State<AppState>,
    Path(id): Path<ScriptId>,
    Query(query): Query<TrialQuery>,
) -> AppResult<Response> {
    let trial = load_trial(&app, &user, id, query.version).await?;
    let page = trial.page(layout, &Raw::new(), FormErrors::default(), None);
    Ok(Page(page).into_response())
}

/// Says what the answers come to. A post because answers are no address; it writes nothing.
pub async fn evaluate(
    layout: Layout,
    user: Can<ManageScripts>,
    State(app): State<AppState>,
    Path(id): Path<ScriptId>,
    Query(query): Query<TrialQuery>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> AppResult<Response> {
    let trial = load_trial(&app, &user, id, query.version).await?;
    let mut answers = Raw::new();
    for (name, value) in pairs {
        if let Some(code) = name.strip_prefix("q_") {
            answers.entry(code.to_owned()).or_default().push(value);
        }
    }
    let mut errors = FormErrors::default();
    let Some(questionnaire) = &trial.questionnaire else {
        return Ok(Page(trial.page(layout, &answers, errors, None)).into_response());
    };
    let asked = questionnaire.asked(&answers);
    let skipped = questionnaire.items.len() - asked.len();
    match questionnaire.check(&answers) {
        Ok(checked) => {
            let result = Some(TrialResult { checked, skipped });
            Ok(Page(trial.page(layout, &answers, errors, result)).into_response())
        }
        Err(found) => {
            for (code, error) in found {
                errors.add(trial_field(&code), error);
            }
            Page(trial.page(layout, &answers, errors, None)).invalid()
        }
    }
}
