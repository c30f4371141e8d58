//! Saved views: a name for a filter, a sort and columns of a list; a tab above it.
//!
//! A view is one's own, or shared in the store; what is shared only those change who may manage views. At most one view of
//! a list opens by itself for the people of a role, when they come without a filter. Also here: the columns and the
//! density that a person has chosen for a list.

use sqlx::PgPool;

use crate::auth::permission::Permission;
use crate::auth::session::CurrentUser;
use crate::web::error::{AppError, AppResult};
use crate::web::list::{Address, Asked, ColumnChoice, ListFrame, ListName, Pill, Tab, Undo};
use crate::web::pagination::{PageParams, Paged};
use crate::web::routes::Routes;

mod forms;
mod handlers;
pub mod queries;

pub use forms::query as clean_query;
pub use queries::View;

/// Routes of `/views`.
pub fn routes() -> Routes {
    Routes::new()
        .post("/views", handlers::create)
        .post("/views/columns", handlers::choose_columns)
        .get("/views/{id}/edit", handlers::edit)
        .post("/views/{id}", handlers::update)
        .post("/views/{id}/query", handlers::update_query)
        .post("/views/{id}/delete", handlers::delete)
}

crate::id_type! {
    /// A saved view.
    ViewId
}

/// What a person's list opens with: the views beside it, the one that is open, and the columns.
pub struct Opening {
    pub tabs: Vec<Tab>,
    pub view: Option<View>,
    /// Codes as chosen; empty: the list's own.
    pub columns: Vec<String>,
    pub is_dense: bool,
}

/// What a list itself puts into its frame.
#[derive(Default)]
pub struct Parts {
    pub pills: Vec<Pill>,
    pub columns: Vec<ColumnChoice>,
    pub undo: Option<Undo>,
}

impl Opening {
    /// The columns of a list with those marked that are shown; the ones it starts with, where nothing was chosen.
    pub fn columns(&self, all: &[(&'static str, &'static str)], first: &[&str]) -> Vec<ColumnChoice> {
        let is_shown = |code: &str| {
            if self.columns.is_empty() {
                first.contains(&code)
            } else {
                self.columns.iter().any(|chosen| chosen == code)
            }
        };
        let columns = all.iter().map(|(code, label)| ColumnChoice {
            code,
            label,
            is_shown: is_shown(code),
        });
        columns.collect()
    }

    /// The frame around the rows of a page.
    pub fn frame<T>(
        self,
        user: &CurrentUser,
        address: Address,
        page: &Paged<T>,
        params: PageParams,
        parts: Parts,
    ) -> ListFrame {
        let Parts { pills, columns, undo } = parts;
        let is_kept = self.view.as_ref().is_some_and(|view| view.is_kept_by(user));
        ListFrame {
            pager: page.pager(address.list().path(), &address.pager_query()),
            total: page.total.unwrap_or(0),
            sizes: ListFrame::sizes(&address, params),
            is_filtered: pills.iter().any(|pill| pill.value.is_some()),
            has_fixed_columns: self.view.as_ref().is_some_and(|view| !view.columns.is_empty()) && !is_kept,
            view: self.view.as_ref().map(|view| (view.id.get(), is_kept)),
            has_changed: self
                .view
                .as_ref()
                .is_some_and(|view| view.query != address.saved()),
            tabs: self.tabs,
            is_dense: self.is_dense,
            idem_key: crate::web::idempotency::new_key().to_string(),
            address,
            pills,
            columns,
            undo,
        }
    }
}

impl View {
    /// The address of its tab.
    pub fn href(&self) -> String {
        let separator = if self.query.is_empty() { "" } else { "&" };
        format!("{}?{}{separator}view={}", self.list.path(), self.query, self.id)
    }

    /// Whether this person may change it: one's own unless it is shared, what is shared by those who keep views.
    pub fn is_kept_by(&self, user: &CurrentUser) -> bool {
        if self.is_shared {
            user.can(Permission::ManageViews)
        } else {
            self.owner_id == user.id
        }
    }
}

/// Where a list leads that is opened without a query: to the view of the person's role, if there is one.
pub async fn default_address(
    db: &PgPool,
    user: &CurrentUser,
    list: ListName,
) -> sqlx::Result<Option<String>> {
    let view = queries::find_default(db, user.scope(), list, user.role).await?;
    Ok(view.map(|view| view.href()))
}

/// The tabs of a list and what is open in it. A view that is not there for this person is a 404.
pub async fn open(
    db: &PgPool,
    user: &CurrentUser,
    list: ListName,
    asked: &Asked,
    all: &str,
) -> AppResult<Opening> {
    let views = queries::list_visible(db, user.scope(), list, user.id).await?;
    let choice = queries::find_choice(db, user.id, list).await?.unwrap_or_default();
    let asked_id: Option<ViewId> = match asked.view.as_str() {
        "" | "all" => None,
        id => Some(id.parse().map_err(|_| AppError::NotFound)?),
    };
    let mut tabs = vec![Tab {
        href: format!("{}?view=all", list.path()),
        label: all.to_owned(),
        is_current: asked_id.is_none(),
        ..Tab::default()
    }];
    tabs.extend(views.iter().map(|view| Tab {
        href: view.href(),
        label: view.name.clone(),
        is_current: asked_id == Some(view.id),
        is_shared: view.is_shared,
        ..Tab::default()
    }));
    let view = match asked_id {
        None => None,
        Some(id) => Some(
            views
                .into_iter()
                .find(|view| view.id == id)
                .ok_or(AppError::NotFound)?,
        ),
    };
    let columns = match &view {
        Some(view) if !view.columns.is_empty() => view.columns.clone(),
        Some(_) | None => choice.columns,
    };
    Ok(Opening {
        tabs,
        view,
        columns,
        is_dense: choice.is_dense,
    })
}
