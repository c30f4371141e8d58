//! The page of the figures.

use askama::Template;
use axum::extract::State;
use chrono::Days;
use serde::Deserialize;

use crate::auth::permission::{Can, Permission, ViewOwnKpi};
use crate::kpi::Period;
use crate::kpi::cube::{Cube, Dials};
use crate::kpi::definition::{Count, Duty, Rate, Whose};
use crate::kpi::queries::{self, Span};
use crate::kpi::view::{self, Board, Figure, Line, TREND_DAYS, Tile, Trend};
use crate::users::UserId;
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::state::AppState;

/// `?period=` of the page; unknown words mean the running month.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct KpiQuery {
    period: String,
}

/// Figures of the store, or of the person who asks.
#[derive(Template)]
#[template(path = "kpi/index.html")]
pub struct KpiPage {
    layout: Layout,
    /// Code, label, whether it is the one shown.
    periods: Vec<(Period, &'static str, bool)>,
    from: String,
    to: String,
    /// Only the person's own figures.
    is_own: bool,
    met: (i64, i64),
    tiles: Vec<Tile>,
    trend: Trend,
    dials: (i64, i64),
    open_complaints: Option<i64>,
    columns: Vec<(&'static str, &'static str)>,
    duties: Vec<Line>,
    people: Vec<PersonLine>,
    total: PersonLine,
    definitions: Vec<(&'static str, &'static str)>,
}

/// A line of the table of people.
struct PersonLine {
    name: String,
    figures: Vec<Figure>,
    dials: i64,
    connect_rate: String,
}

pub async fn index(
    layout: Layout,
    user: Can<ViewOwnKpi>,
    State(app): State<AppState>,
    Query(query): Query<KpiQuery>,
) -> AppResult<Page<KpiPage>> {
    let period = query.period.parse().unwrap_or(Period::Month);
    let today = layout.fmt.today();
    let (from, to) = period.range(today);
    let person = view::own(user.id, user.can(Permission::ViewKpi));
    let span = Span {
        from,
        to,
        now: layout.fmt.now,
        person,
    };
    let trend_span = Span {
        from: today - Days::new(TREND_DAYS - 1),
        to: today,
        ..span
    };
    let cube = Cube::new(queries::count(&app.db, user.scope(), span).await?);
    let dials = queries::count_dials(&app.db, user.scope(), span).await?;
    let days = queries::count_by_day(&app.db, user.scope(), Duty::PostService, trend_span).await?;
    let open_complaints = match person {
        None => Some(queries::count_open_complaints(&app.db, user.scope()).await?),
        Some(_) => None,
    };
    let board = Board {
        layout: &layout,
        cube: &cube,
        range: (from, to),
    };
    Ok(Page(KpiPage {
        periods: Period::ALL
            .iter()
            .map(|option| (*option, layout.t.kpi().period(*option), *option == period))
            .collect(),
        from: layout.fmt.short_date(&from),
        to: layout.fmt.short_date(&to),
        is_own: person.is_some(),
        met: board.met(),
        tiles: board.tiles(),
        trend: Trend::new(&layout, trend_span.from, &days),
        dials: sum(&dials),
        open_complaints,
        columns: view::duty_columns(layout.lang),
        duties: board.duties(),
        people: people(&board, &dials),
        total: person_line(&board, layout.t.kpi().total(), Whose::Everybody, sum(&dials)),
        definitions: view::definitions(layout.lang),
        layout,
    }))
}

fn sum(dials: &[Dials]) -> (i64, i64) {
    dials.iter().fold((0, 0), |(connected, all), person| {
        (connected + person.connected, all + person.dials)
    })
}

/// Everybody with obligations or dials; who dialled without owing anything still has a line.
fn people(board: &Board<'_>, dials: &[Dials]) -> Vec<PersonLine> {
    let mut people: Vec<(Option<UserId>, String)> = board
        .cube
        .people()
        .into_iter()
        .map(|(person, name)| {
            let nobody = board.layout.t.kpi().nobody();
            (person, name.unwrap_or_else(|| nobody.to_owned()))
        })
        .collect();
    for person in dials {
        if !people.iter().any(|(id, _)| *id == Some(person.person)) {
            people.insert(0, (Some(person.person), person.person_name.clone()));
        }
    }
    people
        .into_iter()
        .map(|(id, name)| {
            let own = dials.iter().find(|dials| Some(dials.person) == id);
            let share = own.map_or((0, 0), |dials| (dials.connected, dials.dials));
            person_line(board, &name, Whose::Person(id), share)
        })
        .collect()
}

fn person_line(board: &Board<'_>, name: &str, whose: Whose, (connected, dials): (i64, i64)) -> PersonLine {
    PersonLine {
        name: name.to_owned(),
        figures: board.person(whose),
        dials,
        connect_rate: board.layout.fmt.percent(connected, dials),
    }
}
