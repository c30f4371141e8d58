//! All rules of the store, and from which share of exempt entries on it is warned.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::auth::permission::{Can, ManageRules, Permission};
use crate::i18n::flash::Flash;
use crate::rules::describe;
use crate::rules::forms::SettingsForm;
use crate::rules::queries::{self, RuleVersion};
use crate::rules::{RuleKind, service};
use crate::stores::StoreScope;
use crate::web::error::AppResult;
use crate::web::filters;
use crate::web::form::{Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// One kind: the version in force, and the one that waits for its day.
struct Line {
    kind: RuleKind,
    current: RuleVersion,
    waiting: Option<RuleVersion>,
}

/// `rules/index.html`
#[derive(Template)]
#[template(path = "rules/index.html")]
struct IndexPage {
    layout: Layout,
    lines: Vec<Line>,
    settings: SettingsForm,
    errors: FormErrors,
}

impl IndexPage {
    async fn load(app: &AppState, layout: Layout, scope: StoreScope) -> AppResult<IndexPage> {
        let today = layout.fmt.today();
        let mut versions = queries::list_versions(&app.db, scope, None, today).await?;
        let mut lines = Vec::new();
        for kind in RuleKind::ALL {
            let (of_kind, others) = versions
                .into_iter()
                .partition(|version| version.rule.kind == *kind);
            versions = others;
            let (waiting, mut running): (Vec<RuleVersion>, Vec<RuleVersion>) =
                Vec::into_iter(of_kind).partition(|version| version.rule.valid_from > today);
            let mut waiting = waiting.into_iter();
            // A rule whose first version is still to come shows that one.
            let current = running.pop().or_else(|| waiting.next());
            if let Some(current) = current {
                lines.push(Line {
                    kind: *kind,
                    current,
                    waiting: waiting.next(),
                });
            }
        }
        let limit = queries::exempt_limit(&app.db, scope).await?;
        Ok(IndexPage {
            layout,
            lines,
            settings: SettingsForm {
                exempt_limit: limit.to_string(),
            },
            errors: FormErrors::default(),
        })
    }

    fn lead(&self, line: &Line) -> String {
        describe::lead(self.layout.t, &line.current.rule)
    }

    fn retry(&self, line: &Line) -> String {
        describe::retry(self.layout.t, &line.current.rule)
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ManageRules>,
    State(app): State<AppState>,
) -> AppResult<Response> {
    let page = IndexPage::load(&app, layout, user.scope()).await?;
    Ok(Page(page).into_response())
}

pub async fn update_settings(
    layout: Layout,
    user: Can<ManageRules>,
    State(app): State<AppState>,
    Form(form): Form<SettingsForm>,
) -> AppResult<Response> {
    let percent = match form.validate() {
        Ok(percent) => percent,
        Err(errors) => {
            let page = IndexPage::load(&app, layout, user.scope()).await?;
            return Page(IndexPage {
                settings: form,
                errors,
                ..page
            })
            .invalid();
        }
    };
    let mut tx = app.db.begin().await?;
    service::set_exempt_limit(&mut tx, &user, percent, app.clock.now()).await?;
    tx.commit().await?;
    Ok(redirect("/rules").with_flash(Flash::Saved).into_response())
}
