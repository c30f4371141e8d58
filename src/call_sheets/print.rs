//! `POST /call_sheets/print`: sheets with the whole numbers, each of them a reveal on record.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::auth::permission::{Can, Permission, PrintSheets};
use crate::auth::session::CurrentUser;
use crate::call_sheets::key::{self, Choice};
use crate::call_sheets::model::{LIMITS, LineState, line_code};
use crate::call_sheets::queries::{self, Line, Prints, Sheet};
use crate::callbacks::Disposition;
use crate::customers::phone;
use crate::i18n::flash::Flash;
use crate::scripts::model::{Item, fill};
use crate::scripts::service as scripts;
use crate::web::error::{AppError, AppResult};
use crate::web::filters;
use crate::web::form::Form;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// Ticked sheets.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct PrintForm {
    sheet: Vec<String>,
}

/// Paper.
#[derive(Template)]
#[template(path = "call_sheets/print.html")]
struct PrintPage {
    layout: Layout,
    sheets: Vec<Paper>,
    /// What is said first in a call about each occasion, in the order of the sheets.
    sentences: Vec<(&'static str, String)>,
    questions: Vec<Item>,
    results: &'static [Disposition],
}

/// One sheet with its lines.
struct Paper {
    sheet: Sheet,
    lines: Vec<PaperLine>,
}

/// A line as it is printed.
struct PaperLine {
    line: Line,
    code: String,
    /// Whole.
    number: String,
    occasions: String,
    /// The questionnaire is asked.
    has_survey: bool,
    /// What the customer may say about the other occasions.
    answers: Vec<Choice>,
}

/// The answers of all occasions without a questionnaire, each once.
fn answers(layout: &Layout, kinds: &[String]) -> Vec<Choice> {
    let mut answers: Vec<Choice> = Vec::new();
    for answer in kinds.iter().flat_map(|kind| key::answers(layout, kind)) {
        if !answers.contains(&answer) {
            answers.push(answer);
        }
    }
    answers
}

/// The occasion that is asked about with the questionnaire.
const SURVEY: &str = "post_service";

pub async fn print(
    layout: Layout,
    user: Can<PrintSheets>,
    State(app): State<AppState>,
    Form(form): Form<PrintForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), layout.fmt.now);
    let ids: Vec<i64> = form.sheet.iter().filter_map(|id| id.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(redirect("/call_sheets")
            .with_flash(Flash::NoSheetChosen)
            .into_response());
    }
    let sheets = queries::list(&app.db, scope, &ids).await?;
    if sheets.len() != ids.len() {
        return Err(AppError::NotFound);
    }
    let mut lines = queries::list_lines(&app.db, scope, &ids).await?;
    lines.retain(|line| line.state == LineState::Open);
    let mut prints = Prints::default();
    for line in &lines {
        if let Some(phone) = line.phone_id {
            prints.sheets.push(line.sheet_id.get());
            prints.customers.push(line.customer_id.get());
            prints.phones.push(phone.get());
        }
    }
    may_print(&app, &user, prints.phones.len() as i64, now).await?;
    let mut tx = app.db.begin().await?;
    queries::record_prints(&mut *tx, scope, user.id, &prints, now).await?;
    tx.commit().await?;
    Ok(Page(paper(&app, &user, layout, sheets, lines).await?).into_response())
}

/// So many numbers more within the limits, or too many.
async fn may_print(app: &AppState, user: &CurrentUser, more: i64, now: DateTime<Utc>) -> AppResult<()> {
    for (window, limit) in LIMITS {
        let (count, first_at) = queries::printed_since(&app.db, user.scope(), user.id, now - window).await?;
        if count + more > limit {
            let free_at = first_at.unwrap_or(now) + window;
            let wait = (free_at - now).to_std().unwrap_or(Duration::from_secs(1));
            return Err(AppError::TooMany(wait));
        }
    }
    Ok(())
}

async fn paper(
    app: &AppState,
    user: &CurrentUser,
    layout: Layout,
    sheets: Vec<Sheet>,
    lines: Vec<Line>,
) -> AppResult<PrintPage> {
    let t = layout.t.callbacks();
    let occasions = |kinds: &[String]| {
        let mut labels: Vec<&str> = kinds.iter().map(|kind| t.kind(kind)).collect();
        labels.sort_unstable();
        labels.dedup();
        labels.join(" · ")
    };
    let mut kinds: Vec<String> = lines.iter().flat_map(|line| line.kinds.clone()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut db = app.db.acquire().await?;
    let mut sentences: Vec<(&'static str, String)> = Vec::new();
    let talks = scripts::current_talks(&mut db, user.scope(), &kinds).await?;
    for kind in &kinds {
        if let Some(step) = scripts::talk_for(&talks, kind).and_then(|talk| talk.body.steps.first()) {
            let values = [
                ("store", user.store.name.as_str()),
                ("me", "________"),
                ("surname", "____"),
            ];
            sentences.push((t.kind(kind), fill(step.say.get(layout.lang), &values)));
        }
    }
    let questionnaire = scripts::current_questionnaire(&mut db, user.scope(), SURVEY).await?;
    let questions = questionnaire.map_or_else(Vec::new, |version| version.body.items);
    let mut lines = lines.into_iter().peekable();
    let mut papers = Vec::new();
    for sheet in sheets {
        let mut own = Vec::new();
        while let Some(line) = lines.next_if(|line| line.sheet_id == sheet.id) {
            own.push(PaperLine {
                code: line_code(&sheet.number, line.position),
                number: line.number.as_deref().map(phone::on_screen).unwrap_or_default(),
                occasions: occasions(&line.kinds),
                has_survey: line.kinds.iter().any(|kind| kind == SURVEY),
                answers: answers(&layout, &line.kinds),
                line,
            });
        }
        papers.push(Paper { sheet, lines: own });
    }
    Ok(PrintPage {
        sheets: papers,
        sentences,
        questions: questions
            .into_iter()
            .filter(|question| question.required)
            .collect(),
        results: Disposition::ALL,
        layout,
    })
}
