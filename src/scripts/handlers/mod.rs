//! The pages of `/scripts`, one file each.

use crate::auth::session::CurrentUser;
use crate::i18n::Lang;
use crate::scripts::model::{MERGE_FIELDS, Questionnaire, StepKind, Talk, fill};
use crate::scripts::queries::{self, Script, VersionRow};
use crate::scripts::views::WhenView;
use crate::scripts::{ScriptId, ScriptKind, service};
use crate::web::error::{AppError, AppResult};
use crate::web::layout::Layout;
use crate::web::state::AppState;

pub mod edit;
pub mod index;
pub mod show;
pub mod trial;

/// The body of a version, read.
pub enum Body {
    Talk(Talk),
    Questionnaire(Questionnaire),
}

impl Body {
    /// Reads the body of a version of this script.
    pub fn of(kind: ScriptKind, version: &VersionRow) -> AppResult<Body> {
        Ok(match kind {
            ScriptKind::Talk => Body::Talk(service::body(version.body.clone())?),
            ScriptKind::Questionnaire => Body::Questionnaire(service::body(version.body.clone())?),
        })
    }
}

/// A script of this person's store with its versions, newest first; else 404.
async fn load(app: &AppState, user: &CurrentUser, id: ScriptId) -> AppResult<(Script, Vec<VersionRow>)> {
    let script = queries::find(&app.db, user.scope(), id).await?;
    let script = script.ok_or(AppError::NotFound)?;
    let versions = queries::list_versions(&app.db, user.scope(), id).await?;
    Ok((script, versions))
}

/// A step with the data of a customer who does not exist.
pub struct SampleStep {
    pub number: usize,
    pub title: String,
    pub say: String,
    pub kind: StepKind,
    pub when: Option<WhenView>,
}

/// The talk as a sample customer hears it; conditions stand on the fields of one questionnaire.
fn sample(layout: &Layout, talk: &Talk, questionnaire: Option<&Questionnaire>) -> Vec<SampleStep> {
    let t = layout.t.scripts();
    let (store, me) = (&layout.user.store.name, &layout.user.display_name);
    let values: Vec<(&str, &str)> = MERGE_FIELDS
        .iter()
        .map(|name| match *name {
            "store" => ("store", store.as_str()),
            "me" => ("me", me.as_str()),
            name => (name, t.merge_field(name).1),
        })
        .collect();
    let steps = talk.steps.iter().enumerate();
    steps
        .map(|(index, step)| SampleStep {
            number: index + 1,
            title: step.title.get(layout.lang).to_owned(),
            say: fill(step.say.get(layout.lang), &values),
            kind: step.kind,
            when: step
                .when
                .as_ref()
                .zip(questionnaire)
                .map(|(when, questionnaire)| {
                    let asking = asking(layout, questionnaire);
                    asking.when(when, &[trial_field])
                }),
        })
        .collect()
}

/// Name of the field of a question in a trial.
fn trial_field(code: &str) -> String {
    format!("q_{code}")
}

fn asking<'a>(layout: &Layout, questionnaire: &'a Questionnaire) -> crate::scripts::views::Asking<'a> {
    let t = layout.t.common();
    crate::scripts::views::Asking {
        questionnaire,
        lang: layout.lang,
        yes_no: (t.yes(), t.no()),
    }
}

/// The first characters of a sentence, for a list.
fn short(text: &str, lang: Lang) -> String {
    let most = match lang {
        Lang::Zh => 18,
        Lang::En => 36,
    };
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most).chain(['…']).collect()
}
