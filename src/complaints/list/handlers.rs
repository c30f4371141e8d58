//! The page of the list of cases.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;

use crate::auth::permission::{Can, Permission, Role, ViewComplaints};
use crate::batches::{BatchList, Group, UNDO_HOURS, queries as batches};
use crate::complaints::case;
use crate::complaints::list::figures::{self, Figure};
use crate::complaints::list::queries::{self, ComplaintRow, Counts};
use crate::complaints::list::stage::{self, Clock, Stage, stages};
use crate::complaints::list::{
    self, Asker, COLUMNS, Column, ComplaintFilter, ORDER, Promise, SortKey, View, bulk,
};
use crate::views::{self, Opening, Parts};
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::list::{
    Address, Asked, Filter, ListFrame, ListName, Sort, SortLink, Tab, Undo, Window, sort_link,
};
use crate::web::page::{Page, redirect};
use crate::web::pagination::{COUNT_LIMIT, PageLink, PageParams, Paged};
use crate::web::state::AppState;

/// `complaints/index.html`
#[derive(Template)]
#[template(path = "complaints/index.html")]
struct ListPage {
    layout: Layout,
    filter: ComplaintFilter,
    figures: Vec<Figure>,
    rows: Vec<ComplaintRow>,
    clocks: Vec<Clock>,
    list: ListFrame,
    sort: Sort<SortKey>,
    changes: Vec<Group>,
    /// A handler's list, which holds own cases only.
    is_own: bool,
}

impl ListPage {
    fn may_change(&self) -> bool {
        self.layout.can(Permission::DecideComplaints)
    }

    fn stages(&self, row: &ComplaintRow) -> Vec<Stage> {
        let own: Vec<&Clock> = self
            .clocks
            .iter()
            .filter(|clock| clock.complaint_id == row.id)
            .collect();
        stages(&self.layout.fmt, &own)
    }

    /// What is due begins with the nearest deadline, what is grave with the gravest, the rest with the latest.
    fn sorted(&self, key: SortKey) -> SortLink {
        let descends_first = matches!(key, SortKey::Accepted | SortKey::Updated);
        sort_link(&self.list.address, self.sort, key, descends_first)
    }

    fn promise_key(&self, promise: Promise) -> SortKey {
        match promise {
            Promise::Dispatch => SortKey::Dispatch,
            Promise::FollowUp => SortKey::FollowUp,
            Promise::SecondCallback => SortKey::SecondCallback,
        }
    }

    /// Which way the column of clocks is sorted, by whichever of them.
    fn clocks_aria(&self) -> Option<&'static str> {
        self.promises()
            .iter()
            .find_map(|promise| self.sorted(self.promise_key(*promise)).aria)
    }

    /// The three clocks, which are the head of one column.
    fn promises(&self) -> &'static [Promise] {
        Promise::ALL
    }

    /// The same search in all cases, where only some were looked through.
    fn wider_search(&self) -> Option<String> {
        let is_narrow = !self.filter.q.is_empty() && self.filter.view() != View::All;
        is_narrow.then(|| self.list.address.with(&[("tab", "all"), ("view", "")]))
    }

    fn is_filtered(&self) -> bool {
        self.list.is_filtered
    }

    /// The same filter on the board.
    fn board_href(&self) -> String {
        self.list
            .address
            .clone()
            .on("/complaints/board")
            .with(&[("tab", ""), ("sort", ""), ("view", "")])
    }

    /// Fields of the search's form.
    fn hidden(&self) -> Vec<(&'static str, String)> {
        self.list.address.hidden(&["q"])
    }

    fn tone_of(&self, name: &str) -> u32 {
        tone(name)
    }
}

/// One of the tones of round badges, the same for a name each time.
pub fn tone(name: &str) -> u32 {
    name.chars().map(u32::from).fold(0, u32::wrapping_add) % 4 + 1
}

pub async fn index(
    layout: Layout,
    user: Can<ViewComplaints>,
    State(app): State<AppState>,
    Query(filter): Query<ComplaintFilter>,
    Query(asked): Query<Asked>,
    Query(params): Query<PageParams>,
) -> AppResult<Response> {
    // A handler has a desk of their own; a search looks through the list, which holds own cases only.
    if user.role == Role::Handler && filter.pairs().iter().all(|(name, _)| *name == "tab") {
        return case::handler_desk(layout, &app, filter.view() != View::All, params).await;
    }
    if !layout.path.contains('?')
        && let Some(address) = views::default_address(&app.db, &user, ListName::Complaints).await?
    {
        return Ok(redirect(address).into_response());
    }
    let page = listed(&app, layout, filter, &asked, params).await?;
    Ok(page.into_response())
}

/// The list as its address says.
async fn listed(
    app: &AppState,
    layout: Layout,
    mut filter: ComplaintFilter,
    asked: &Asked,
    params: PageParams,
) -> AppResult<Page<ListPage>> {
    filter.tidy(layout.fmt.zone);
    let (db, t, asker) = (&app.db, layout.t, Asker::of(&layout));
    let address = Address::new(ListName::Complaints, &filter, asked, params);
    let mut opening = views::open(db, &layout.user, ListName::Complaints, asked, t.common().all()).await?;
    let counts = queries::counts(db, asker).await?;
    house_views(&mut opening, &layout, &filter, &counts);
    let sort = Sort::parse(&asked.sort, ORDER);
    let conditions = filter.conditions(db, asker).await?;
    let total = queries::count(db, asker.scope, &conditions, COUNT_LIMIT + 1).await?;
    let ids = list::ids(
        db,
        asker.scope,
        &conditions,
        sort,
        Window::page(params, true, total),
    )
    .await?;
    let page = Paged::new(ids, params, Some(total));
    let rows = queries::list_rows(db, asker.scope, &page.rows).await?;
    let clocks = stage::load(db, asker.scope, &page.rows, &layout.fmt).await?;
    let offers = queries::offers(db, asker.scope).await?;
    let headings: Vec<_> = Column::ALL
        .iter()
        .map(|column| (column.as_str(), list::heading(t, *column)))
        .collect();
    let parts = Parts {
        pills: filter.pills(&address, t, &offers, asker),
        columns: opening.columns(&headings, &COLUMNS.map(Column::as_str)),
        undo: undo(app, &layout).await?,
    };
    let (figures, changes) = match asker.own {
        Some(_) => (Vec::new(), Vec::new()),
        None => (
            figures::load(db, &layout, asker, &counts).await?,
            bulk::offered(t, &queries::list_people(db, asker.scope).await?),
        ),
    };
    Ok(Page(ListPage {
        list: opening.frame(&layout.user, address, &page, params, parts),
        is_own: asker.own.is_some(),
        layout,
        filter,
        figures,
        rows,
        clocks,
        sort,
        changes,
    }))
}

/// Puts the views of the house in front of the saved ones. A view of the house stands for itself: it takes no filter along.
fn house_views(opening: &mut Opening, layout: &Layout, filter: &ComplaintFilter, counts: &Counts) {
    let t = layout.t.complaints();
    let is_saved = opening.view.is_some();
    let house = View::ALL.iter().map(|view| Tab {
        href: if *view == View::Open {
            "/complaints?view=all".to_owned()
        } else {
            format!("/complaints?tab={view}")
        },
        label: t.view(*view).to_owned(),
        is_current: !is_saved && filter.view() == *view,
        is_shared: false,
        count: Some(counts.of(*view)),
        is_late: *view == View::ToDispatch && counts.is_late,
    });
    // The first of the others is the list without any view.
    let saved = opening.tabs.drain(..).skip(1).collect::<Vec<_>>();
    opening.tabs = house.chain(saved).collect();
}

async fn undo(app: &AppState, layout: &Layout) -> sqlx::Result<Option<Undo>> {
    if !layout.can(Permission::DecideComplaints) {
        return Ok(None);
    }
    let since = layout.fmt.now - TimeDelta::hours(UNDO_HOURS);
    let (scope, user) = (layout.user.scope(), layout.user.id);
    batches::find_undoable(&app.db, scope, BatchList::Complaints, user, since).await
}
