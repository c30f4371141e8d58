//! The board: open cases by state, and what was closed this week. A case moves when somebody opens it and says what happened.

use askama::Template;
use axum::extract::State;

use crate::auth::permission::{Can, Permission, ViewComplaints};
use crate::complaints::list::queries::{self, ComplaintRow, Place};
use crate::complaints::list::stage::{self, Clock};
use crate::complaints::list::{Asker, ComplaintFilter, handlers::tone, monday_of};
use crate::complaints::model::ComplaintState;
use crate::obligations::ObligationKind;
use crate::views::{Opening, Parts};
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::list::{Address, Asked, Filter, ListFrame, ListName};
use crate::web::page::Page;
use crate::web::pagination::{PageParams, Paged};
use crate::web::sla::SlaChip;
use crate::web::state::AppState;

/// Cards of a column; a link opens the others in the list.
const CARDS: i64 = 50;

/// The path of the board.
pub const PATH: &str = "/complaints/board";

/// The columns, from left to right.
const COLUMNS: [ComplaintState; 6] = [
    ComplaintState::Accepted,
    ComplaintState::Dispatched,
    ComplaintState::InProgress,
    ComplaintState::Waiting,
    ComplaintState::Resolved,
    ComplaintState::Closed,
];

/// One case on the board.
struct Card {
    row: ComplaintRow,
    /// The clock that is due first.
    clock: Option<(ObligationKind, SlaChip)>,
}

impl Card {
    /// Class of its edge: red is over, amber is near or grave.
    fn edge(&self) -> &'static str {
        match self.clock.as_ref().map_or("", |(_, chip)| chip.tone) {
            "bad" => "deal--bad",
            "soon" => "deal--soon",
            _ if self.row.state == ComplaintState::Closed => "deal--good",
            _ => "",
        }
    }

    fn tone(&self) -> u32 {
        tone(self.row.owner.as_deref().unwrap_or_default())
    }

    fn initial(&self) -> String {
        self.row
            .owner
            .iter()
            .flat_map(|name| name.chars())
            .take(1)
            .collect()
    }
}

/// One column.
struct Lane {
    state: ComplaintState,
    label: &'static str,
    total: i64,
    cards: Vec<Card>,
    /// The column in the list.
    href: String,
}

impl Lane {
    fn hidden(&self) -> i64 {
        self.total - self.cards.len() as i64
    }
}

/// `complaints/board.html`
#[derive(Template)]
#[template(path = "complaints/board.html")]
pub struct BoardPage {
    layout: Layout,
    filter: ComplaintFilter,
    lanes: Vec<Lane>,
    list: ListFrame,
    is_own: bool,
}

impl BoardPage {
    /// The same filter as a list.
    fn list_href(&self) -> String {
        self.list
            .address
            .clone()
            .on(ListName::Complaints.path())
            .with(&[])
    }

    /// Fields of the search's form.
    fn hidden(&self) -> Vec<(&'static str, String)> {
        self.list.address.hidden(&["q"])
    }
}

pub async fn board(
    layout: Layout,
    _user: Can<ViewComplaints>,
    State(app): State<AppState>,
    Query(mut filter): Query<ComplaintFilter>,
) -> AppResult<Page<BoardPage>> {
    filter.tab.clear();
    filter.state.clear();
    filter.tidy(layout.fmt.zone);
    let (db, asker) = (&app.db, Asker::of(&layout));
    let params = PageParams::default();
    let address = Address::new(ListName::Complaints, &filter, &Asked::default(), params).on(PATH);
    let monday = monday_of(asker.today());
    let conditions = filter.board(db, asker, monday).await?;
    let places = queries::list_places(db, asker.scope, &conditions, CARDS).await?;
    let ids: Vec<i64> = places.iter().map(|place| place.id).collect();
    let rows = queries::list_rows(db, asker.scope, &ids).await?;
    let clocks = stage::load(db, asker.scope, &ids, &layout.fmt).await?;
    let offers = queries::offers(db, asker.scope).await?;
    let parts = Parts {
        pills: filter.pills(&address, layout.t, &offers, asker),
        ..Parts::default()
    };
    let lanes = lanes(&layout, &address, &places, rows, &clocks, monday);
    let opening = Opening {
        tabs: Vec::new(),
        view: None,
        columns: Vec::new(),
        is_dense: false,
    };
    let total: i64 = lanes.iter().map(|lane| lane.total).sum();
    let page = Paged::new(Vec::<i64>::new(), params, Some(total));
    Ok(Page(BoardPage {
        list: opening.frame(&layout.user, address, &page, params, parts),
        is_own: asker.own.is_some(),
        layout,
        filter,
        lanes,
    }))
}

fn lanes(
    layout: &Layout,
    address: &Address,
    places: &[Place],
    rows: Vec<ComplaintRow>,
    clocks: &[Clock],
    monday: chrono::NaiveDate,
) -> Vec<Lane> {
    let t = layout.t.complaints();
    let list = address.clone().on(ListName::Complaints.path());
    let mut lanes: Vec<Lane> = COLUMNS
        .iter()
        .map(|state| Lane {
            state: *state,
            label: t.lane(*state),
            total: places
                .iter()
                .find(|place| place.state == *state)
                .map_or(0, |place| place.total),
            cards: Vec::new(),
            href: if *state == ComplaintState::Closed {
                list.with(&[
                    ("tab", "all"),
                    ("state", state.as_str()),
                    ("closed_from", &monday.to_string()),
                ])
            } else {
                list.with(&[("state", state.as_str())])
            },
        })
        .collect();
    for row in rows {
        let own: Vec<&Clock> = clocks
            .iter()
            .filter(|clock| clock.complaint_id == row.id)
            .collect();
        let clock = stage::worst(&layout.fmt, &own);
        if let Some(lane) = lanes.iter_mut().find(|lane| lane.state == row.state) {
            lane.cards.push(Card { row, clock });
        }
    }
    lanes
}
