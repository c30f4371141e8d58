//! The list of people, by role and state.

use askama::Template;
use axum::extract::State;

use crate::auth::permission::{Can, ManageUsers, Permission, Role};
use crate::auth::session::IDLE;
use crate::i18n::Texts;
use crate::users::forms::{PeopleFilter, Tab};
use crate::users::model::{PersonState, Reach};
use crate::users::queries::{self, PersonRow, RoleCount};
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// The list of people.
#[derive(Template)]
#[template(path = "users/index.html")]
pub struct IndexPage {
    layout: Layout,
    filter: PeopleFilter,
    tabs: Vec<TabLink>,
    rows: Vec<PersonRow>,
    pager: Pager,
    active: i64,
    inactive: i64,
}

/// A view of the list with its count.
pub struct TabLink {
    href: String,
    label: &'static str,
    count: i64,
    is_current: bool,
}

impl PersonRow {
    /// The badge of the row.
    pub fn state(&self) -> PersonState {
        PersonState::of(self.is_active, self.has_password, self.is_online)
    }

    /// One of the four colours of the round badge.
    pub fn tone(&self) -> i64 {
        self.id.get() % 4 + 1
    }

    /// First character of the name.
    pub fn initial(&self) -> String {
        self.display_name.chars().take(1).collect()
    }
}

fn tabs(counts: &[RoleCount], filter: &PeopleFilter, t: Texts) -> Vec<TabLink> {
    let count = |tab: Tab| {
        let of_tab = counts.iter().filter(|row| match tab {
            Tab::Active => row.is_active,
            Tab::Role(role) => row.is_active && row.role == role,
            Tab::Inactive => !row.is_active,
        });
        of_tab.map(|row| row.count).sum()
    };
    let link = |tab: Tab, label| TabLink {
        href: format!("/users?{}", filter.query(tab)),
        label,
        count: count(tab),
        is_current: filter.tab() == tab,
    };
    let mut tabs = vec![link(Tab::Active, t.common().all())];
    for role in [
        Role::Group,
        Role::Admin,
        Role::Manager,
        Role::Specialist,
        Role::Clerk,
    ] {
        tabs.push(link(Tab::Role(role), t.common().role(role)));
    }
    for role in [Role::Receptionist, Role::Handler] {
        tabs.push(link(Tab::Role(role), t.common().role(role)));
    }
    tabs.push(link(Tab::Inactive, t.users().inactive()));
    tabs.retain(|tab| tab.count > 0 || tab.is_current);
    tabs
}

pub async fn index(
    layout: Layout,
    user: Can<ManageUsers>,
    State(app): State<AppState>,
    Query(filter): Query<PeopleFilter>,
    Query(params): Query<PageParams>,
) -> AppResult<Page<IndexPage>> {
    let reach = Reach::of(&user);
    let seen_after = app.clock.now() - IDLE;
    let rows = queries::list(&app.db, reach, &filter, seen_after, params).await?;
    let counts = queries::count_by_role(&app.db, reach, &filter.q).await?;
    let of = |is_active: bool| {
        let rows = counts.iter().filter(|row| row.is_active == is_active);
        rows.map(|row| row.count).sum()
    };
    let tabs = tabs(&counts, &filter, layout.t);
    let total = tabs.iter().find(|tab| tab.is_current).map(|tab| tab.count);
    let paged = Paged::new(rows, params, total);
    let pager = paged.pager("/users", &filter.query(filter.tab()));
    Ok(Page(IndexPage {
        active: of(true),
        inactive: of(false),
        tabs,
        pager,
        rows: paged.rows,
        filter,
        layout,
    }))
}
