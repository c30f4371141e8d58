//! The page of my day: one for who works the queue, a shorter one for everybody else.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};

use crate::auth::permission::{Can, Permission, Role, UseDesk};
use crate::complaints;
use crate::my_day::Today;
use crate::my_day::queries::{self, ImportRow, JobRow, OpenCase, OwnWork, StoreWork};
use crate::my_day::ruler::{Item, Lane, Ruler, Tally};
use crate::my_day::tasks::{self, Task};
use crate::obligations::why;
use crate::web::error::AppResult;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// Calls and cases shown; the queue has them all.
const LIST: i64 = 12;

/// What this person owes today.
#[derive(Template)]
#[template(path = "my_day/index.html")]
struct MyDayPage {
    layout: Layout,
    tasks: Vec<Task>,
    /// Calls due today or overdue that the list has no room for.
    more: i64,
    ruler: Option<Ruler>,
    today: OwnWork,
    week: OwnWork,
}

/// The day of those who do not work the queue.
#[derive(Template)]
#[template(path = "my_day/short.html")]
struct ShortDayPage {
    layout: Layout,
    work: Option<StoreWork>,
    cases: Option<Vec<OpenCase>>,
    imports: Option<Vec<ImportRow>>,
    jobs: Option<Vec<JobRow>>,
}

pub async fn index(layout: Layout, user: Can<UseDesk>, State(app): State<AppState>) -> AppResult<Response> {
    let today = Today::at(layout.fmt.now, user.store.zone);
    let (db, scope) = (&app.db, user.scope());
    let mut page = ShortDayPage {
        layout,
        work: None,
        cases: None,
        imports: None,
        jobs: None,
    };
    match user.role {
        Role::Specialist | Role::Clerk => {
            let layout = page.layout;
            return Ok(Page(working_day(layout, &user, &app, today).await?).into_response());
        }
        Role::Handler => return Ok(redirect("/complaints").into_response()),
        Role::Receptionist => page.cases = Some(queries::list_open_cases(db, scope, LIST).await?),
        Role::Manager | Role::Group => page.work = Some(queries::store_work(db, scope, today).await?),
        Role::Admin => {
            page.imports = Some(queries::list_imports(db, scope, 5).await?);
            page.jobs = Some(queries::list_job_runs(db, scope, 5).await?);
        }
    }
    Ok(Page(page).into_response())
}

async fn working_day(
    layout: Layout,
    user: &Can<UseDesk>,
    app: &AppState,
    today: Today,
) -> AppResult<MyDayPage> {
    let (db, scope) = (&app.db, user.scope());
    let calls = queries::list_calls(db, scope, user.id, today, LIST).await?;
    let ids: Vec<_> = calls.iter().map(|call| call.id).collect();
    let whys = why::of_callbacks(db, scope, &ids, &layout.fmt).await?;
    let clocks = queries::list_clocks(db, scope, user.id, today, LIST).await?;
    let cases: Vec<_> = clocks.iter().map(|clock| clock.complaint_id).collect();
    let views = complaints::clocks::view(db, scope, &cases, &layout.fmt).await?;
    let marks = queries::list_marks(db, scope, user.id, today).await?;
    let windows = queries::list_windows(db, scope, today).await?;
    let due = layout.counts.callbacks_overdue + layout.counts.due_today;
    let items: Vec<Item> = marks
        .iter()
        .map(|mark| Item {
            lane: if mark.is_renewal {
                Lane::Renewal
            } else {
                Lane::Callback
            },
            at: mark.at,
            is_done: mark.is_done,
        })
        .chain(clocks.iter().map(|case| Item {
            lane: Lane::Complaint,
            at: case.due_at,
            is_done: false,
        }))
        .collect();
    let tally = Tally::of(&items, today.now);
    let label = match (windows.first(), windows.last()) {
        (Some(first), Some(last)) => {
            let (t, fmt) = (layout.t.my_day(), &layout.fmt);
            let (from, to) = (fmt.time(&first.starts_at), fmt.time(&last.ends_at));
            t.ruler_span(from, to, fmt.time(&today.now))
                + &t.ruler_tally(tally.done, tally.late, tally.soon, tally.later)
        }
        _ => String::new(),
    };
    Ok(MyDayPage {
        more: (due - calls.len() as i64).max(0),
        ruler: Ruler::new(&layout.fmt, &windows, &items, label),
        tasks: tasks::merged(&layout, calls, &whys, clocks, &views),
        today: queries::own_work(db, scope, user.id, today.starts_at).await?,
        week: queries::own_work(db, scope, user.id, today.week_starts_at).await?,
        layout,
    })
}
