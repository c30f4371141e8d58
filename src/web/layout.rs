//! What every page of a signed-in person needs: who, where, language, menu, counts, the waiting message.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use chrono::{DateTime, Utc};

use crate::auth::permission::Permission;
use crate::auth::session::{CurrentUser, Visitor};
use crate::callbacks::CallbackId;
use crate::i18n::flash::Flash;
use crate::i18n::format::Formatter;
use crate::i18n::{Lang, Texts};
use crate::stores::StoreId;
use crate::web::assets::Assets;
use crate::web::error::AppError;
use crate::web::form::{FieldError, FormErrors};
use crate::web::nav::{self, NavGroup, NavItem};
use crate::web::sla::SlaChip;
use crate::web::state::AppState;

/// A field of every page; a handler that takes it needs a signed-in person.
#[derive(Clone)]
pub struct Layout {
    pub user: CurrentUser,
    pub lang: Lang,
    pub t: Texts,
    pub fmt: Formatter,
    pub theme: Option<&'static str>,
    pub menu: Vec<NavGroup>,
    /// The pages of this page's section, if there are several.
    pub row: Vec<NavItem>,
    pub counts: DeskCounts,
    pub flash: Option<Flash>,
    /// Stores a group-wide person may choose.
    pub stores: Vec<StoreChoice>,
    /// Path and query of this page, for forms that come back to it.
    pub path: String,
    assets: &'static Assets,
}

/// A store in the switcher of a group-wide person.
#[derive(Clone, Debug)]
pub struct StoreChoice {
    pub id: StoreId,
    pub name: String,
    pub is_current: bool,
}

/// Open work as the frame shows it, of the store's queue for those who work it.
#[derive(Clone, Debug, Default)]
pub struct DeskCounts {
    /// Open callbacks this person may make.
    pub callbacks: i64,
    pub callbacks_overdue: i64,
    pub complaints: i64,
    pub complaints_overdue: i64,
    pub reminders: i64,
    /// Unread notices of this person.
    pub notices: i64,
    /// Cars and customers about to complain.
    pub risks: i64,
    /// Callbacks this person settled today.
    pub done_today: i64,
    /// Callbacks of the queue that are due before the day ends.
    pub due_today: i64,
    pub next_callback_id: Option<CallbackId>,
    pub next_due_at: Option<DateTime<Utc>>,
}

impl Layout {
    /// Address of a static file with its content hash.
    pub fn asset(&self, name: &str) -> String {
        self.assets.url(name)
    }

    /// First character of the person's name, for the round badge.
    pub fn initial(&self) -> String {
        self.user.display_name.chars().take(1).collect()
    }

    /// Whether to show a menu entry or a button: the same table as the handlers ask.
    pub fn can(&self, permission: Permission) -> bool {
        self.user.can(permission)
    }

    /// The sentence of a field's error.
    pub fn field_error(&self, errors: &FormErrors, field: &str) -> Option<String> {
        errors.get(field).map(|error| self.error_text(error))
    }

    /// The sentence of an error.
    pub fn error_text(&self, error: &FieldError) -> String {
        self.t.form().error(error)
    }

    /// The waiting message as `(level, sentence)`.
    pub fn flash_text(&self) -> Option<(&'static str, String)> {
        self.flash
            .as_ref()
            .map(|flash| (flash.level().as_str(), flash.text(self.lang)))
    }

    /// The chip of a deadline at the present instant.
    pub fn sla(&self, due_at: &DateTime<Utc>) -> SlaChip {
        SlaChip::open(&self.fmt, *due_at)
    }

    /// Where `C` leads from here: the form of a new complaint, about whom the page is about.
    pub fn new_complaint(&self) -> String {
        new_complaint(&self.path)
    }

    /// On the call screen a complaint is part of the call: `C` goes to its field there.
    pub fn is_call(&self) -> bool {
        subject_of(&self.path).is_some_and(|(kind, _)| kind == "callbacks")
    }

    /// The earliest deadline of the queue, for the top bar.
    pub fn next_due(&self) -> Option<SlaChip> {
        self.counts.next_due_at.map(|at| SlaChip::open(&self.fmt, at))
    }

    /// Ticks of the day meter: done, then late, then the rest; at most 30, scaled beyond.
    pub fn day_ticks(&self) -> Vec<DayTick> {
        let total = self.counts.done_today + self.counts.due_today + self.counts.callbacks_overdue;
        let shown = total.clamp(0, 30);
        let scaled = |n: i64| {
            if total > 30 {
                (n * 30 + total / 2) / total
            } else {
                n
            }
        };
        let (done, late) = (
            scaled(self.counts.done_today),
            scaled(self.counts.callbacks_overdue),
        );
        (0..shown)
            .map(|i| DayTick {
                x: format!("{:.2}%", (i as f64 + 0.5) / shown as f64 * 100.0),
                y: if i < done { 0 } else { 3 },
                class: if i < done {
                    "t-done"
                } else if i < done + late {
                    "t-bad"
                } else {
                    ""
                },
            })
            .collect()
    }

    /// What the day meter counts to.
    pub fn day_total(&self) -> i64 {
        self.counts.done_today + self.counts.due_today + self.counts.callbacks_overdue
    }

    async fn load(
        visitor: Visitor,
        user: CurrentUser,
        path: String,
        app: &AppState,
    ) -> Result<Layout, AppError> {
        let now = app.clock.now();
        let t = Texts(visitor.lang);
        let counts = crate::my_day::desk_counts(&app.db, &user, now).await?;
        let stores = if user.is_group_wide {
            crate::stores::choices(&app.db, user.store.id).await?
        } else {
            Vec::new()
        };
        Ok(Layout {
            menu: nav::menu(user.role, t, &counts, &path),
            row: nav::row(user.role, t, &path),
            lang: visitor.lang,
            t,
            fmt: Formatter {
                lang: visitor.lang,
                zone: user.store.zone,
                now,
            },
            theme: visitor.theme,
            counts,
            flash: visitor.flash,
            stores,
            path,
            assets: app.assets,
            user,
        })
    }
}

/// The row that a page is about, by its address: the first two pieces of it.
fn subject_of(path: &str) -> Option<(&str, i64)> {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut pieces = path.trim_start_matches('/').split('/');
    let (kind, id) = (pieces.next()?, pieces.next()?);
    Some((kind, id.parse().ok()?))
}

fn new_complaint(path: &str) -> String {
    let name = match subject_of(path) {
        Some(("customers", id)) => format!("?customer={id}"),
        Some(("vehicles", id)) => format!("?vehicle={id}"),
        Some(("visits", id)) => format!("?visit={id}"),
        Some(("callbacks", id)) => format!("?callback={id}"),
        Some(_) | None => String::new(),
    };
    format!("/complaints/new{name}")
}

/// One tick of the day meter.
#[derive(Clone, Debug)]
pub struct DayTick {
    pub x: String,
    pub y: u8,
    pub class: &'static str,
}

impl FromRequestParts<AppState> for Layout {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, AppError> {
        let user = CurrentUser::from_request_parts(parts, state).await?;
        let visitor = Visitor::from_request_parts(parts, state).await?;
        let path = parts
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned();
        Layout::load(visitor, user, path, state).await
    }
}

impl OptionalFromRequestParts<AppState> for Layout {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Option<Self>, AppError> {
        match <Layout as FromRequestParts<AppState>>::from_request_parts(parts, state).await {
            Ok(layout) => Ok(Some(layout)),
            Err(AppError::SignInRequired { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The frame of pages without a session: sign-in, one-time links, error pages.
#[derive(Clone)]
pub struct Plain {
    pub lang: Lang,
    pub t: Texts,
    pub theme: Option<&'static str>,
    assets: &'static Assets,
}

impl Plain {
    /// The frame for whoever asks.
    pub fn of(visitor: &Visitor, assets: &'static Assets) -> Plain {
        Plain {
            lang: visitor.lang,
            t: Texts(visitor.lang),
            theme: visitor.theme,
            assets,
        }
    }

    /// Address of a static file with its content hash.
    pub fn asset(&self, name: &str) -> String {
        self.assets.url(name)
    }

    /// The sentence of a field's error.
    pub fn field_error(&self, errors: &FormErrors, field: &str) -> Option<String> {
        errors.get(field).map(|error| self.t.form().error(error))
    }
}

impl FromRequestParts<AppState> for Plain {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, AppError> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        Ok(Plain::of(&visitor, state.assets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complaint_is_about_whom_the_page_is_about() {
        for (path, expected) in [
            ("/", "/complaints/new"),
            ("/customers", "/complaints/new"),
            ("/customers?q=7", "/complaints/new"),
            ("/customers/new", "/complaints/new"),
            ("/customers/42", "/complaints/new?customer=42"),
            ("/customers/42/edit?x=1", "/complaints/new?customer=42"),
            ("/vehicles/7?page=2", "/complaints/new?vehicle=7"),
            ("/visits/9", "/complaints/new?visit=9"),
            ("/callbacks/3", "/complaints/new?callback=3"),
            ("/complaints/3", "/complaints/new"),
        ] {
            assert_eq!(new_complaint(path), expected, "{path}");
        }
    }
}
