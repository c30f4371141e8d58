//! The page of the severity table and of the chain of its warnings.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::auth::permission::{Can, ManageRules, Permission};
use crate::complaints::Severity;
use crate::complaints::rules::forms::{Column, PeopleForm, TableForm, cell, is_grave};
use crate::complaints::rules::queries::{self, Department, Person};
use crate::complaints::rules::{self, Version, service};
use crate::complaints::sla::{ChainEnd, Limits};
use crate::i18n::flash::Flash;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::error::{AppError, AppResult};
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `complaints/rules.html`
#[derive(Template)]
#[template(path = "complaints/rules.html")]
struct RulesPage {
    layout: Layout,
    /// Newest first.
    versions: Vec<Version>,
    form: TableForm,
    people: Vec<Person>,
    departments: Vec<Department>,
    /// Who stands at the posts above them, or what was typed.
    chosen: PeopleForm,
    errors: FormErrors,
}

/// A cell of the table.
struct Cell {
    column: Column,
    value: String,
    is_used: bool,
    error: Option<String>,
}

/// In what a version differs from the one before it.
struct Difference {
    severity: Severity,
    label: &'static str,
    before: String,
    after: String,
}

impl RulesPage {
    async fn load(app: &AppState, layout: Layout, scope: StoreScope) -> AppResult<RulesPage> {
        let mut db = app.db.acquire().await?;
        let versions = rules::versions(&mut db, scope).await?;
        let form = versions.first().map(|version| TableForm::of(&version.table));
        Ok(RulesPage {
            form: form.unwrap_or_default(),
            versions,
            people: queries::list_people(&mut *db, scope).await?,
            departments: queries::list_departments(&mut *db, scope).await?,
            chosen: PeopleForm::of(&queries::find_posts(&mut *db, scope).await?),
            errors: FormErrors::default(),
            layout,
        })
    }

    fn severities(&self) -> Vec<(usize, Severity)> {
        Severity::ALL.iter().copied().enumerate().collect()
    }

    fn cells(&self, row: &usize, severity: &Severity) -> Vec<Cell> {
        let cells = Column::ALL.into_iter().map(|column| Cell {
            column,
            value: self.form.value(column, *row).to_owned(),
            is_used: column.is_used(*severity),
            error: self.error(&cell(column.field(), *severity)),
        });
        cells.collect()
    }

    fn chains(&self) -> &'static [ChainEnd] {
        ChainEnd::ALL
    }

    fn is_chain(&self, row: &usize, end: &ChainEnd) -> bool {
        self.form.chain(*row) == end.as_str()
    }

    fn is_grave(&self, severity: &Severity) -> bool {
        is_grave(*severity)
    }

    fn error(&self, field: &str) -> Option<String> {
        self.layout.field_error(&self.errors, field)
    }

    fn label(&self, column: Column) -> &'static str {
        self.layout.t.complaint_clocks().column(column)
    }

    /// Everybody who can stand at a post.
    fn options(&self) -> Vec<SelectOption> {
        let people = self.people.iter();
        people
            .map(|person| SelectOption::new(person.id, &person.name))
            .collect()
    }

    fn is_lead(&self, department: &Department, person: &Person) -> bool {
        department.lead_id == Some(person.id)
    }

    fn changed(&self, after: &Version) -> Vec<Difference> {
        let earlier = after.table.version - 1;
        let mut others = self.versions.iter();
        let Some(before) = others.find(|other| other.table.version == earlier) else {
            return Vec::new();
        };
        let t = self.layout.t.complaint_clocks();
        let mut found = Vec::new();
        for (old, new) in before.table.rows().iter().zip(after.table.rows()) {
            let mut add = |label: &'static str, before: String, after: String| {
                if before != after {
                    found.push(Difference {
                        severity: new.severity,
                        label,
                        before,
                        after,
                    });
                }
            };
            for column in Column::ALL {
                add(
                    t.column(column),
                    column.of(old).to_string(),
                    column.of(new).to_string(),
                );
            }
            let wall = |limits: &Limits| t.runs(limits.is_wall_clock).to_owned();
            add(t.while_closed(), wall(old), wall(new));
            let end = |limits: &Limits| t.chain_end(limits.chain_end).to_owned();
            add(t.up_to(), end(old), end(new));
        }
        found
    }
}

pub async fn show(
    layout: Layout,
    user: Can<ManageRules>,
    State(app): State<AppState>,
) -> AppResult<Response> {
    Ok(Page(RulesPage::load(&app, layout, user.scope()).await?).into_response())
}

pub async fn save(
    layout: Layout,
    user: Can<ManageRules>,
    State(app): State<AppState>,
    Form(form): Form<TableForm>,
) -> AppResult<Response> {
    let (rows, reason) = match form.validate() {
        Ok(checked) => checked,
        Err(errors) => {
            let page = RulesPage::load(&app, layout, user.scope()).await?;
            return Page(RulesPage { form, errors, ..page }).invalid();
        }
    };
    let mut tx = app.db.begin().await?;
    let version = form.version.parse().unwrap_or(-1);
    if !service::change(&mut tx, &user, version, &rows, &reason, app.clock.now()).await? {
        return Err(AppError::Conflict("complaint_rules"));
    }
    tx.commit().await?;
    Ok(redirect("/rules/complaints")
        .with_flash(Flash::Saved)
        .into_response())
}

pub async fn save_people(
    layout: Layout,
    user: Can<ManageRules>,
    State(app): State<AppState>,
    Form(form): Form<PeopleForm>,
) -> AppResult<Response> {
    let page = RulesPage::load(&app, layout, user.scope()).await?;
    let people: Vec<UserId> = page.people.iter().map(|person| person.id).collect();
    let posts = match form.validate(&people) {
        Ok(posts) => posts,
        Err(errors) => {
            return Page(RulesPage {
                chosen: form,
                errors,
                ..page
            })
            .invalid();
        }
    };
    let mut tx = app.db.begin().await?;
    let version = form.version.parse().unwrap_or(-1);
    if !service::set_posts(&mut tx, &user, version, &posts, app.clock.now()).await? {
        return Err(AppError::Conflict("stores"));
    }
    tx.commit().await?;
    Ok(redirect("/rules/complaints#chain")
        .with_flash(Flash::Saved)
        .into_response())
}
