//! Days out of an iCalendar file: read, shown, and written when the person has said what each of them is.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{Datelike, NaiveDate};

use crate::auth::permission::{Can, ManageStores, Permission};
use crate::calendar::ics::{self, IcsError, IcsEvent};
use crate::i18n::Lang;
use crate::i18n::calendar::T;
use crate::stores::forms::{ExceptionKind, ImportedDays};
use crate::stores::preview::{self, Post};
use crate::stores::settings::{change, managed};
use crate::stores::year::{YearPage, YearQuery};
use crate::stores::{StoreId, changes};
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

/// What a run of days can be imported as.
const KINDS: [ExceptionKind; 3] = [
    ExceptionKind::Holiday,
    ExceptionKind::Workday,
    ExceptionKind::Closed,
];

impl From<IcsError> for FieldError {
    fn from(error: IcsError) -> FieldError {
        let text = |lang: Lang| {
            let t = T(lang);
            match error {
                IcsError::TooLong => t.ics_too_long().to_owned(),
                IcsError::NotText => t.ics_not_text().to_owned(),
                IcsError::NotACalendar => t.ics_not_a_calendar().to_owned(),
                IcsError::CutOff => t.ics_cut_off().to_owned(),
                IcsError::TooManyEvents => t.ics_too_many().to_owned(),
                IcsError::NoEvents => t.ics_no_events().to_owned(),
                IcsError::NoStart { line } => t.ics_no_start(line),
                IcsError::BadDate { line } => t.ics_bad_date(line),
                IcsError::BadSpan { line } => t.ics_bad_span(line),
                IcsError::Repeats { line } => t.ics_repeats(line),
            }
        };
        FieldError::Text {
            zh: text(Lang::Zh),
            en: text(Lang::En),
        }
    }
}

/// What the file holds, each run with the kind that its name suggests.
#[derive(Template)]
#[template(path = "stores/import.html")]
struct ImportPage {
    layout: Layout,
    store: StoreId,
    file_name: String,
    runs: Vec<(IcsEvent, ExceptionKind)>,
}

/// A make-up day calls itself 班, 补班 or 调休上班; anything else in such a calendar is a day off.
fn suggested(name: &str) -> ExceptionKind {
    let lower = name.to_lowercase();
    let is_work = ["班", "workday", "working day", "make-up", "makeup"]
        .iter()
        .any(|word| lower.contains(word));
    if is_work {
        ExceptionKind::Workday
    } else {
        ExceptionKind::Holiday
    }
}

impl ImportPage {
    fn kinds(&self) -> [ExceptionKind; 3] {
        KINDS
    }

    fn is_kind(&self, kind: &ExceptionKind, other: &ExceptionKind) -> bool {
        kind == other
    }
}

pub async fn upload(
    State(app): State<AppState>,
    user: Can<ManageStores>,
    layout: Layout,
    Path(id): Path<StoreId>,
    multipart: Result<Multipart, MultipartRejection>,
) -> AppResult<Response> {
    let scope = managed(&user, id)?;
    let multipart = multipart.map_err(|error| AppError::BadRequest(error.body_text()))?;
    let (file_name, bytes) = receive(multipart).await?;
    let mut errors = FormErrors::default();
    if bytes.is_empty() {
        errors.add("file", FieldError::Required);
    } else {
        match ics::parse(&bytes) {
            Ok(events) => {
                let runs = events.into_iter().map(|event| {
                    let kind = suggested(&event.name);
                    (event, kind)
                });
                let page = ImportPage {
                    store: id,
                    file_name,
                    runs: runs.collect(),
                    layout,
                };
                return Ok(Page(page).with_status(StatusCode::OK));
            }
            Err(error) => errors.add("file", error.into()),
        }
    }
    let mut page = YearPage::load(&app, layout, scope, &YearQuery::default()).await?;
    page.errors = errors;
    Page(page).invalid()
}

async fn receive(mut multipart: Multipart) -> AppResult<(String, Vec<u8>)> {
    let refuse = |error: axum::extract::multipart::MultipartError| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => AppError::TooLarge,
        _ => AppError::BadRequest(error.body_text()),
    };
    while let Some(part) = multipart.next_field().await.map_err(refuse)? {
        if part.name() == Some("file") {
            let name: String = part
                .file_name()
                .unwrap_or_default()
                .chars()
                .filter(|c| !c.is_control())
                .take(80)
                .collect();
            return Ok((name, part.bytes().await.map_err(refuse)?.to_vec()));
        }
    }
    Ok((String::new(), Vec::new()))
}

/// `from_N`, `to_N`, `name_N`, `kind_N` for each run of the preview.
type ImportForm = BTreeMap<String, String>;

/// The runs that are to be written; anything but what the preview offered is a broken form.
fn runs_of(form: &ImportForm) -> Option<Vec<ImportedDays>> {
    let mut runs = Vec::new();
    for (field, kind) in form {
        let Some(number) = field.strip_prefix("kind_") else {
            continue;
        };
        if kind.is_empty() {
            continue;
        }
        let value = |name: &str| form.get(&format!("{name}_{number}"));
        let from: NaiveDate = value("from")?.parse().ok()?;
        let to: NaiveDate = value("to")?.parse().ok()?;
        let kind: ExceptionKind = kind.parse().ok()?;
        let is_sound = from <= to && (to - from).num_days() < 366 && (2000..=2100).contains(&from.year());
        if !is_sound || !KINDS.contains(&kind) {
            return None;
        }
        let name = value("name")?
            .chars()
            .filter(|c| !c.is_control())
            .take(30)
            .collect();
        runs.push(ImportedDays { from, to, kind, name });
    }
    runs.sort_by_key(|run| (run.from, run.to));
    Some(runs)
}

pub async fn import(
    layout: Layout,
    user: Can<ManageStores>,
    State(app): State<AppState>,
    Path(id): Path<StoreId>,
    Form(form): Form<ImportForm>,
) -> AppResult<Response> {
    let scope = managed(&user, id)?;
    let runs = runs_of(&form).ok_or_else(|| AppError::BadRequest("kind_N".to_owned()))?;
    let year = runs
        .first()
        .map_or(layout.fmt.today().year(), |run| run.from.year());
    let mut tx = app.db.begin().await?;
    let moved = changes::import_days(&mut tx, change(&user, scope, &app), &runs).await?;
    let is_confirmed = form.get("confirm").is_some_and(|confirm| confirm == "1");
    let fields = form.into_iter().filter(|(name, _)| name != "confirm");
    let post = Post {
        action: format!("/stores/{id}/calendar/import"),
        back: format!("/stores/{id}/calendar?year={year}"),
        is_confirmed,
        fields: fields.collect(),
    };
    preview::settle(tx, layout, moved, post).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_taken_for_what_its_name_says() {
        for (name, kind) in [
            ("春节", ExceptionKind::Holiday),
            ("春节 假期 第1天/共8天", ExceptionKind::Holiday),
            ("春节 补班 第1天/共2天", ExceptionKind::Workday),
            ("国庆节调休上班", ExceptionKind::Workday),
            ("Special Working Day", ExceptionKind::Workday),
            ("", ExceptionKind::Holiday),
        ] {
            assert_eq!(suggested(name), kind, "{name}");
        }
    }

    #[test]
    fn only_what_the_preview_offers_is_written() {
        let run = |from: &str, to: &str, kind: &str| {
            ImportForm::from([
                ("from_0".to_owned(), from.to_owned()),
                ("to_0".to_owned(), to.to_owned()),
                ("name_0".to_owned(), "春节".to_owned()),
                ("kind_0".to_owned(), kind.to_owned()),
            ])
        };
        let count = |form: &ImportForm| runs_of(form).map(|runs| runs.len());
        assert_eq!(count(&run("2027-02-05", "2027-02-08", "holiday")), Some(1));
        assert_eq!(count(&run("2027-02-05", "2027-02-08", "")), Some(0), "left out");
        assert_eq!(count(&run("2027-02-05", "2027-02-08", "special")), None);
        assert_eq!(count(&run("2027-02-08", "2027-02-05", "holiday")), None);
        assert_eq!(count(&run("2027-02-05", "2029-02-05", "closed")), None);
        assert_eq!(count(&run("nonsense", "2027-02-05", "closed")), None);
        assert_eq!(count(&ImportForm::new()), Some(0));
    }
}
