//! `/call_sheets/{id}`: what stands on paper, keyed in line by line in one form.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;

use crate::audit::{self, Entry};
use crate::auth::permission::{Can, Permission, WorkCallbacks};
use crate::auth::session::CurrentUser;
use crate::calendar::StoreCalendar;
use crate::call_sheets::CallSheetId;
use crate::call_sheets::forms::LineForm;
use crate::call_sheets::model::{LineRefusal, LineState, line_code};
use crate::call_sheets::queries::{self, Line, LineItem, Sheet};
use crate::callbacks::keyed::{self, Keyed, PaperCall, Refusal};
use crate::callbacks::model::ContactResult;
use crate::callbacks::{CallForm, CallbackId, Disposition};
use crate::complaints::Verdict;
use crate::complaints::verdict::calls::asks_about_case;
use crate::complaints::verdict::forms::NOT_ASKED;
use crate::i18n::flash::Flash;
use crate::scripts::model::{Item, ItemKind, Reason};
use crate::scripts::service as scripts;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// A sheet with a row of fields for every line that is not in yet.
#[derive(Template)]
#[template(path = "call_sheets/show.html")]
struct SheetPage {
    layout: Layout,
    sheet: Sheet,
    /// The day of the calls.
    day: NaiveDate,
    open: Vec<OpenLine>,
    closed: Vec<Line>,
    reasons: Vec<Reason>,
    /// Lines of this post that were taken over.
    settled: usize,
}

/// A line to key in, with what was typed.
struct OpenLine {
    line: Line,
    code: String,
    form: LineForm,
    errors: FormErrors,
    refusal: Option<LineRefusal>,
    items: Vec<ItemFields>,
}

/// What is asked about one open item.
struct ItemFields {
    item: LineItem,
    questions: Vec<Item>,
    /// Codes of what the customer may say, with their words.
    answers: Vec<Choice>,
}

impl OpenLine {
    fn name(&self, field: &str) -> String {
        format!("l{}_{field}", self.line.position)
    }

    fn question(&self, item: &LineItem, code: &str) -> String {
        CallForm::question(item.id, code)
    }

    fn result_of(&self, item: &LineItem) -> String {
        CallForm::result(item.id)
    }

    fn has_survey(&self) -> bool {
        self.items.iter().any(|item| !item.questions.is_empty())
    }

    fn has_error(&self, field: &str) -> bool {
        self.errors.get(field).is_some()
    }

    /// Whether it was posted and is still here.
    fn is_faulty(&self) -> bool {
        !self.errors.is_empty() || self.refusal.is_some()
    }

    fn is_result(&self, result: &Disposition) -> bool {
        self.form.result() == Some(*result)
    }

    /// Everything that is wrong with the line, each sentence once.
    fn problems(&self, layout: &Layout) -> Vec<String> {
        let mut problems: Vec<String> = Vec::new();
        for (field, error) in self.errors.iter() {
            let t = layout.t.call_sheets();
            let text = format!("{}{}", t.field(field), layout.error_text(error));
            if !problems.contains(&text) {
                problems.push(text);
            }
        }
        problems
    }
}

impl SheetPage {
    fn faults(&self) -> usize {
        self.open.iter().filter(|row| row.is_faulty()).count()
    }

    fn has_faults(&self) -> bool {
        self.faults() > 0
    }

    fn is_yes_no(&self, question: &Item) -> bool {
        question.kind == ItemKind::YesNo
    }

    fn code(&self, line: &Line) -> String {
        line_code(&self.sheet.number, line.position)
    }

    fn customer<'a>(&'a self, line: &'a Line) -> &'a str {
        line.name
            .as_deref()
            .unwrap_or(self.layout.t.callbacks().unnamed())
    }

    fn occasions(&self, line: &Line) -> String {
        let t = self.layout.t.callbacks();
        let mut labels: Vec<&str> = line.kinds.iter().map(|kind| t.kind(kind)).collect();
        labels.sort_unstable();
        labels.dedup();
        labels.join(" · ")
    }

    /// What stood on paper of a refused line.
    fn typed(&self, line: &Line) -> String {
        let Some(typed) = &line.typed else {
            return String::new();
        };
        let text = |key: &str| typed[key].as_str().unwrap_or_default().to_owned();
        let result = text("result").parse::<Disposition>();
        let result = result.map_or("", |result| self.layout.t.callbacks().disposition(result));
        let parts = [
            text("day"),
            text("at"),
            result.to_owned(),
            text("words"),
            text("note"),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(" · ")
    }

    /// Why a refused line was refused, with who was faster.
    fn refusal(&self, line: &Line, refusal: &LineRefusal) -> String {
        let t = self.layout.t.call_sheets();
        match (refusal, &line.settled_by, &line.settled_at) {
            (LineRefusal::Settled, Some(name), Some(at)) => t.settled_by(name, self.layout.fmt.datetime(at)),
            (refusal, _, _) => t.refusal(*refusal).to_owned(),
        }
    }
}

/// Who may see a sheet: whose it is, and who makes sheets.
fn is_visible(user: &CurrentUser, sheet: &Sheet) -> bool {
    sheet.user_id == user.id || user.can(Permission::PrintSheets)
}

async fn find(app: &AppState, user: &CurrentUser, id: CallSheetId) -> AppResult<Sheet> {
    let found = queries::list(&app.db, user.scope(), &[id.get()]).await?.pop();
    found
        .filter(|sheet| is_visible(user, sheet))
        .ok_or(AppError::NotFound)
}

/// What was posted and not taken over, by position.
#[derive(Default)]
struct Posted {
    day: Option<NaiveDate>,
    lines: HashMap<i32, (LineForm, FormErrors, Option<LineRefusal>)>,
    settled: usize,
}

async fn page(
    app: &AppState,
    user: &CurrentUser,
    layout: Layout,
    sheet: Sheet,
    mut posted: Posted,
) -> AppResult<SheetPage> {
    let scope = user.scope();
    let mut db = app.db.acquire().await?;
    let lines = queries::list_lines(&mut *db, scope, &[sheet.id.get()]).await?;
    let mut items: HashMap<CallbackId, Vec<LineItem>> = HashMap::new();
    for item in queries::list_items(&mut *db, scope, sheet.id).await? {
        items.entry(item.callback_id).or_default().push(item);
    }
    let questionnaire = scripts::current_questionnaire(&mut db, scope, "post_service").await?;
    let (questions, reasons) = questionnaire.map_or_else(Default::default, |version| {
        let body = version.body;
        let required: Vec<Item> = body
            .items
            .into_iter()
            .filter(|question| question.required && question.kind != ItemKind::Text)
            .collect();
        (required, body.reasons)
    });
    let (open, closed): (Vec<Line>, Vec<Line>) =
        lines.into_iter().partition(|line| line.state == LineState::Open);
    let open = open.into_iter().map(|line| {
        let (form, errors, refusal) = posted.lines.remove(&line.position).unwrap_or_default();
        let fields = items.remove(&line.callback_id).unwrap_or_default().into_iter();
        OpenLine {
            code: line_code(&sheet.number, line.position),
            items: fields
                .map(|item| ItemFields {
                    questions: if item.kind == "post_service" {
                        questions.clone()
                    } else {
                        Vec::new()
                    },
                    answers: answers(&layout, &item.kind),
                    item,
                })
                .collect(),
            line,
            form,
            errors,
            refusal,
        }
    });
    Ok(SheetPage {
        open: open.collect(),
        closed,
        reasons,
        day: posted.day.unwrap_or(sheet.on_day),
        settled: posted.settled,
        sheet,
        layout,
    })
}

/// A code and its words.
pub(super) type Choice = (&'static str, &'static str);

/// What a customer may say about an occasion: nothing of these where the questionnaire is asked, a verdict about a case.
pub(super) fn answers(layout: &Layout, kind: &str) -> Vec<Choice> {
    let t = layout.t.callbacks();
    if kind == "post_service" {
        Vec::new()
    } else if asks_about_case(kind) {
        let verdicts = Verdict::ALL.iter();
        let verdicts = verdicts.map(|verdict| (verdict.as_str(), layout.t.complaints().verdict_of(*verdict)));
        verdicts
            .chain([(NOT_ASKED, layout.t.complaint_verdict().not_asked())])
            .collect()
    } else {
        let results = ContactResult::for_kind(kind).iter();
        results
            .map(|result| (result.as_str(), t.contact_result(*result)))
            .collect()
    }
}

pub async fn show(
    layout: Layout,
    user: Can<WorkCallbacks>,
    State(app): State<AppState>,
    Path(id): Path<CallSheetId>,
) -> AppResult<Response> {
    let sheet = find(&app, &user, id).await?;
    let page = page(&app, &user, layout, sheet, Posted::default()).await?;
    Ok(Page(page).into_response())
}

/// Pairs as sent: the fields of a sheet differ from sheet to sheet.
type Pairs = Form<Vec<(String, String)>>;

pub async fn key(
    layout: Layout,
    user: Can<WorkCallbacks>,
    State(app): State<AppState>,
    Path(id): Path<CallSheetId>,
    Form(pairs): Pairs,
) -> AppResult<Response> {
    let sheet = find(&app, &user, id).await?;
    let day = pairs.iter().find(|(name, _)| name == "day");
    let day = day.and_then(|(_, day)| day.parse().ok()).unwrap_or(sheet.on_day);
    let forms = LineForm::read(&pairs);
    if forms.is_empty() {
        let back = redirect(format!("/call_sheets/{id}"));
        return Ok(back.with_flash(Flash::NothingKeyed).into_response());
    }
    let lines = queries::list_lines(&app.db, user.scope(), &[id.get()]).await?;
    let mut posted = Posted {
        day: Some(day),
        ..Posted::default()
    };
    let mut refused = 0;
    for form in forms {
        let Some(line) = lines.iter().find(|line| line.position == form.position) else {
            continue;
        };
        match take(&app, &user, &sheet, line, &form, (day, layout.fmt.now)).await? {
            Taken::In => posted.settled += 1,
            Taken::Closed => refused += 1,
            Taken::Left(errors, refusal) => {
                posted.lines.insert(form.position, (form, errors, refusal));
            }
        }
    }
    if posted.lines.is_empty() {
        let flash = Flash::LinesKeyed {
            settled: posted.settled,
            refused,
        };
        return Ok(redirect(format!("/call_sheets/{id}"))
            .with_flash(flash)
            .into_response());
    }
    page(&app, &user, layout, sheet, posted)
        .await
        .map(Page)?
        .invalid()
}

/// What became of one line.
enum Taken {
    In,
    /// Refused for good; what stood on paper is kept with it.
    Closed,
    /// Still to be keyed in.
    Left(FormErrors, Option<LineRefusal>),
}

async fn take(
    app: &AppState,
    user: &CurrentUser,
    sheet: &Sheet,
    line: &Line,
    form: &LineForm,
    (day, now): (NaiveDate, DateTime<Utc>),
) -> AppResult<Taken> {
    if line.state == LineState::Keyed {
        return Ok(Taken::In);
    }
    if line.state == LineState::Refused {
        return Ok(Taken::Closed);
    }
    let mut errors = FormErrors::default();
    if form.result().is_none() {
        errors.add("result", FieldError::Required);
    }
    let calendar = StoreCalendar::new(user.store.zone);
    // To the minute, as the wall clock shows it.
    let earliest = sheet.made_at - chrono::TimeDelta::minutes(1);
    let called_at = form.called_at(&calendar, day, (earliest, now), &mut errors);
    let (Some(called_at), true) = (called_at, errors.is_empty()) else {
        return Ok(Taken::Left(errors, None));
    };
    let paper = PaperCall {
        id: line.callback_id,
        caller: sheet.user_id,
        called_at,
        key: line.idem_key,
        pairs: form.pairs(),
    };
    let refusal = match keyed::settle(app, user, paper, now).await? {
        Keyed::Settled | Keyed::Before => None,
        Keyed::Invalid(errors) => return Ok(Taken::Left(errors, None)),
        Keyed::Refused(Refusal::Ended) if line.settled_at.is_some() => Some(LineRefusal::Settled),
        Keyed::Refused(Refusal::Ended) => Some(LineRefusal::Gone),
        Keyed::Refused(Refusal::Busy) => Some(LineRefusal::Busy),
        Keyed::Refused(Refusal::Served) => Some(LineRefusal::Served),
    };
    if let Some(refusal) = refusal
        && !refusal.is_final()
    {
        return Ok(Taken::Left(FormErrors::default(), Some(refusal)));
    }
    close(app, user, line, refusal, &form.on_paper(day), now).await?;
    Ok(if refusal.is_some() {
        Taken::Closed
    } else {
        Taken::In
    })
}

/// Closes the line, with the record of who keyed it in.
async fn close(
    app: &AppState,
    user: &CurrentUser,
    line: &Line,
    refusal: Option<LineRefusal>,
    on_paper: &serde_json::Value,
    now: DateTime<Utc>,
) -> AppResult<()> {
    let mut tx = app.db.begin().await?;
    let keyed = queries::Keyed {
        sheet: line.sheet_id,
        position: line.position,
        refusal,
        typed: refusal.map(|_| on_paper),
        by: user.id,
        at: now,
    };
    if queries::close_line(&mut *tx, user.scope(), &keyed).await? {
        let change = json!({
            "callback_id": line.callback_id,
            "position": line.position,
            "refusal": refusal.map(LineRefusal::as_str),
        });
        let entry = Entry {
            store: Some(user.store.id),
            actor: user.actor(),
            action: "call_sheets.key",
            subject: "call_sheets",
            subject_id: Some(line.sheet_id.get()),
            change: &change,
        };
        audit::record(&mut *tx, now, entry).await?;
    }
    tx.commit().await?;
    Ok(())
}
