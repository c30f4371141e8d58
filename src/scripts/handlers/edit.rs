//! The editor of a draft. Buttons that move, add or take away a part post the whole form, so it works without a script;
//! what they change is on the page and not saved until *save* is pressed.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{Can, ManageScripts, Permission};
use crate::complaints::ComplaintClass;
use crate::drafts::{self, Note, Subject};
use crate::i18n::flash::Flash;
use crate::scripts::forms::{ANY_LOW, Action, ScriptForm};
use crate::scripts::handlers::show::questionnaire_of;
use crate::scripts::handlers::{Body, load, short};
use crate::scripts::model::{ItemKind, MERGE_FIELDS, Questionnaire, StepKind, Test};
use crate::scripts::queries::{Script, VersionRow};
use crate::scripts::service::{self, By};
use crate::scripts::{ScriptId, ScriptKind};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `scripts/edit.html`
#[derive(Template)]
#[template(path = "scripts/edit.html")]
struct EditPage {
    layout: Layout,
    script: Script,
    form: ScriptForm,
    errors: FormErrors,
    parts: Vec<PartView>,
    reasons: Vec<ReasonView>,
    /// What the person must know before going on: not saved yet, or overtaken.
    notice: Option<String>,
    is_overtaken: bool,
    draft: Note,
}

/// A question or a step as it is edited.
struct PartView {
    number: usize,
    code: String,
    kind: String,
    kind_label: &'static str,
    /// What its buttons call it.
    name: String,
    item: Option<ItemKind>,
    step: Option<StepKind>,
    zh: String,
    en: String,
    title_zh: String,
    title_en: String,
    threshold: String,
    choices: String,
    conditions: Vec<SelectOption>,
    if_code: String,
    if_test: String,
    if_value: String,
    is_required: bool,
    is_overall: bool,
    is_first: bool,
    is_last: bool,
}

impl PartView {
    fn is_scale(&self) -> bool {
        self.item.is_some_and(ItemKind::is_scale)
    }

    fn has_choices(&self) -> bool {
        self.item.is_some_and(ItemKind::has_choices)
    }

    /// Steps with something to fill in are there once and stay.
    fn may_go(&self) -> bool {
        matches!(self.step, None | Some(StepKind::Say | StepKind::Check))
    }

    fn may_hang(&self) -> bool {
        self.step != Some(StepKind::Ask)
    }
}

/// A reason as it is edited.
struct ReasonView {
    code: String,
    zh: String,
    en: String,
    class: String,
}

impl EditPage {
    fn error(&self, field: &str, code: &str) -> Option<String> {
        self.layout.field_error(&self.errors, &format!("{field}_{code}"))
    }

    fn general_error(&self, field: &str) -> Option<String> {
        self.layout.field_error(&self.errors, field)
    }

    fn is_talk(&self) -> bool {
        self.script.kind == ScriptKind::Talk
    }

    fn tests(&self) -> Vec<SelectOption> {
        let t = self.layout.t.scripts();
        let tests = Test::ALL.iter();
        tests.map(|test| SelectOption::new(test, t.test(*test))).collect()
    }

    fn item_kinds(&self) -> Vec<SelectOption> {
        let t = self.layout.t.scripts();
        let kinds = ItemKind::ALL.iter();
        kinds
            .map(|kind| SelectOption::new(kind, t.item_kind(*kind)))
            .collect()
    }

    fn classes(&self) -> Vec<SelectOption> {
        let t = self.layout.t.complaints();
        let classes = ComplaintClass::ALL.iter();
        classes
            .map(|class| SelectOption::new(class, t.class_of(*class)))
            .collect()
    }

    fn merge_fields(&self) -> Vec<(String, &'static str)> {
        let t = self.layout.t.scripts();
        let names = MERGE_FIELDS.iter();
        names
            .map(|name| (format!("{{{name}}}"), t.merge_field(name).0))
            .collect()
    }

    fn new(
        layout: Layout,
        script: Script,
        form: ScriptForm,
        errors: FormErrors,
        questionnaire: Option<&Questionnaire>,
    ) -> EditPage {
        let draft = Note::new(
            Subject::edit("script", script.id),
            format!("/scripts/{}/edit", script.id),
        );
        let text = |column: &Vec<String>, index: usize| column.get(index).cloned().unwrap_or_default();
        let reasons = form.reason.iter().enumerate();
        EditPage {
            parts: parts(&layout, script.kind, &form, questionnaire),
            reasons: reasons
                .map(|(index, code)| ReasonView {
                    code: code.clone(),
                    zh: text(&form.reason_zh, index),
                    en: text(&form.reason_en, index),
                    class: text(&form.reason_class, index),
                })
                .collect(),
            layout,
            script,
            form,
            errors,
            notice: None,
            is_overtaken: false,
            draft,
        }
    }
}

fn parts(
    layout: &Layout,
    kind: ScriptKind,
    form: &ScriptForm,
    questionnaire: Option<&Questionnaire>,
) -> Vec<PartView> {
    let t = layout.t.scripts();
    let text = |column: &Vec<String>, index: usize| column.get(index).cloned().unwrap_or_default();
    let typed = form.questionnaire();
    let parts = form.code.iter().enumerate();
    parts
        .map(|(index, code)| {
            let raw_kind = text(&form.kind, index);
            let is_talk = kind == ScriptKind::Talk;
            let step: Option<StepKind> = raw_kind.parse().ok().filter(|_| is_talk);
            let item: Option<ItemKind> = raw_kind.parse().ok().filter(|_| !is_talk);
            let label = step.map(|step| t.step_kind(step));
            let label = label.or(item.map(|item| t.item_kind(item))).unwrap_or("");
            // A step hangs on any question of its occasion, a question on one above it.
            let askable = match (is_talk, questionnaire) {
                (true, Some(questionnaire)) => &questionnaire.items[..],
                (true, None) => &[],
                (false, _) => &typed.items[..index],
            };
            let mut conditions = vec![SelectOption::new("", t.always())];
            if !askable.is_empty() {
                conditions.push(SelectOption::new(ANY_LOW, t.any_low()));
            }
            conditions.extend(askable.iter().map(|item| {
                let words = short(item.text.get(layout.lang), layout.lang);
                SelectOption::new(&item.code, format!("{} {words}", item.code))
            }));
            let (zh, title_zh) = (text(&form.zh, index), text(&form.title_zh, index));
            let name = if is_talk { &title_zh } else { &zh };
            PartView {
                number: index + 1,
                code: code.clone(),
                kind: raw_kind,
                kind_label: label,
                name: if name.is_empty() {
                    code.clone()
                } else {
                    short(name, layout.lang)
                },
                item,
                step,
                en: text(&form.en, index),
                title_en: text(&form.title_en, index),
                threshold: text(&form.threshold, index),
                choices: text(&form.choices, index),
                conditions,
                if_code: text(&form.if_code, index),
                if_test: text(&form.if_test, index),
                if_value: text(&form.if_value, index),
                is_required: form.required.contains(code),
                is_overall: form.overall == *code,
                is_first: index == 0,
                is_last: index + 1 == form.code.len(),
                zh,
                title_zh,
            }
        })
        .collect()
}

/// `?from=` begins the draft with an older version.
#[derive(Deserialize)]
pub struct EditQuery {
    from: Option<i32>,
}

fn form_of(kind: ScriptKind, version: &VersionRow, revision: i32) -> AppResult<ScriptForm> {
    Ok(match Body::of(kind, version)? {
        Body::Talk(talk) => ScriptForm::of_talk(&talk, revision),
        Body::Questionnaire(questionnaire) => ScriptForm::of_questionnaire(&questionnaire, revision),
    })
}

pub async fn edit(
    layout: Layout,
    user: Can<ManageScripts>,
    State(app): State<AppState>,
    Path(id): Path<ScriptId>,
    Query(query): Query<EditQuery>,
) -> AppResult<Response> {
    let (script, versions) = load(&app, &user, id).await?;
    let draft = versions.iter().find(|version| version.is_draft());
    let revision = draft.map_or(0, |draft| draft.revision);
    let base = match query.from {
        Some(number) => versions.iter().find(|version| version.version == number),
        None => draft.or(versions.iter().find(|version| version.is_current())),
    };
    let base = base.ok_or(AppError::NotFound)?;
    let form = form_of(script.kind, base, revision)?;
    let questionnaire = questionnaire_of(&app, &user, &script.for_kind).await?;
    let mut page = EditPage::new(
        layout,
        script,
        form,
        FormErrors::default(),
        questionnaire.as_ref(),
    );
    let (scope, me) = (user.scope(), user.id);
    drafts::service::restore(&app.db, scope, me, &mut page.form, &mut page.draft).await?;
    if page.draft.restored_at.is_some() {
        let (note, typed) = (page.draft, page.form);
        page = EditPage::new(
            page.layout,
            page.script,
            typed,
            FormErrors::default(),
            questionnaire.as_ref(),
        );
        page.draft = note;
    }
    Ok(Page(page).into_response())
}

pub async fn save(
    layout: Layout,
    user: Can<ManageScripts>,
    State(app): State<AppState>,
    Path(id): Path<ScriptId>,
    Form(mut form): Form<ScriptForm>,
) -> AppResult<Response> {
    let (script, versions) = load(&app, &user, id).await?;
    if form.is_forged() {
        return Err(AppError::BadRequest("no form of a script".to_owned()));
    }
    let questionnaire = questionnaire_of(&app, &user, &script.for_kind).await?;
    let action = form.action();
    if action != Action::Save {
        form.apply(&action);
        let notice = layout.t.scripts().not_saved().to_owned();
        let mut page = EditPage::new(
            layout,
            script,
            form,
            FormErrors::default(),
            questionnaire.as_ref(),
        );
        page.notice = Some(notice);
        return Ok(Page(page).into_response());
    }
    let checked = match script.kind {
        ScriptKind::Talk => form
            .validate_talk(questionnaire.as_ref())
            .map(serde_json::to_value),
        ScriptKind::Questionnaire => form.validate_questionnaire().map(serde_json::to_value),
    };
    let body = match checked {
        Ok(body) => body.map_err(|error| AppError::Internal(error.into()))?,
        Err(errors) => {
            return Page(EditPage::new(
                layout,
                script,
                form,
                errors,
                questionnaire.as_ref(),
            ))
            .invalid();
        }
    };
    let by = By {
        user: user.id,
        now: app.clock.now(),
    };
    let mut tx = app.db.begin().await?;
    let saved = service::save_draft(&mut tx, user.scope(), id, form.revision, &body, by).await?;
    let Some(version) = saved else {
        drop(tx);
        return overtaken(layout, script, &versions, form, questionnaire.as_ref());
    };
    drafts::queries::discard(&mut *tx, user.scope(), user.id, &Subject::edit("script", id)).await?;
    tx.commit().await?;
    Ok(redirect(format!("/scripts/{id}?version={version}"))
        .with_flash(Flash::Saved)
        .into_response())
}

/// Somebody else saved, published or discarded the draft: nothing typed is lost, and saving again is a decision.
fn overtaken(
    layout: Layout,
    script: Script,
    versions: &[VersionRow],
    mut form: ScriptForm,
    questionnaire: Option<&Questionnaire>,
) -> AppResult<Response> {
    let t = layout.t.scripts();
    let draft = versions.iter().find(|version| version.is_draft());
    let notice = match draft {
        Some(draft) => {
            let name = draft.changed_by.clone().unwrap_or_default();
            let at = draft
                .changed_at
                .map(|at| layout.fmt.near(&at))
                .unwrap_or_default();
            t.overtaken(name, at)
        }
        None => t.overtaken_gone().to_owned(),
    };
    form.revision = draft.map_or(0, |draft| draft.revision);
    let mut page = EditPage::new(layout, script, form, FormErrors::default(), questionnaire);
    (page.notice, page.is_overtaken) = (Some(notice), true);
    Ok(Page(page).with_status(StatusCode::CONFLICT))
}
