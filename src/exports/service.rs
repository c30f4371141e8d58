//! Writing a list to a file: ids first, in order, then their rows in pieces, just as the page reads them.

use std::path::PathBuf;

use sqlx::PgPool;
use tokio::sync::mpsc::{self, Sender};

use crate::complaints::ComplaintId;
use crate::complaints::list as complaint_list;
use crate::complaints::list::stage::{self, Clock};
use crate::customers::{self, list as customer_list};
use crate::exports::file::{self, Head};
use crate::exports::forms::NewExport;
use crate::exports::{Format, LIMIT};
use crate::stores::StoreScope;
use crate::vehicles::{self, list as vehicle_list};
use crate::visits::{self, list as visit_list};
use crate::web::layout::Layout;
use crate::web::list::{Asked, Cell, Filter, ListName, Sort, Window, from_query};

/// Rows read at a time.
const PIECE: usize = 500;
/// Rows on their way to the file.
const BUFFER: usize = 256;

/// A list that is about to be written: which rows, in which order, with which columns.
pub struct Selection {
    pub ids: Vec<i64>,
    pub headings: Vec<String>,
    columns: Columns,
}

/// The shown columns of a list.
enum Columns {
    Customers(Vec<customer_list::Column>),
    Vehicles(Vec<vehicle_list::Column>),
    Visits(Vec<visit_list::Column>),
    /// Everything about a case, whatever is shown.
    Complaints,
}

/// All of an order, one more than may be taken out; sorted after it is found, as there is no page to fill.
const WHOLE: Window = Window {
    limit: LIMIT + 1,
    offset: 0,
    is_few: true,
};

/// Finds the rows that the list shows.
pub async fn select(
    db: &PgPool,
    scope: StoreScope,
    layout: &Layout,
    export: &NewExport,
) -> sqlx::Result<Selection> {
    let (zone, t) = (layout.fmt.zone, layout.t);
    let asked: Asked = from_query(&export.query);
    let mut headings = vec![t.lists().first_column(export.list).to_owned()];
    let (ids, columns) = match export.list {
        ListName::Customers => {
            let mut filter: customer_list::CustomerFilter = from_query(&export.query);
            filter.tidy(zone);
            let columns: Vec<customer_list::Column> = known(&export.columns);
            headings.extend(
                columns
                    .iter()
                    .map(|column| customer_list::heading(t, *column).to_owned()),
            );
            let sort = Sort::parse(&asked.sort, customer_list::ORDER);
            let ids = customer_list::ids(db, scope, &filter.conditions(zone), sort, WHOLE).await?;
            (ids, Columns::Customers(columns))
        }
        ListName::Vehicles => {
            let mut filter: vehicle_list::VehicleFilter = from_query(&export.query);
            filter.tidy(zone);
            let columns: Vec<vehicle_list::Column> = known(&export.columns);
            headings.extend(
                columns
                    .iter()
                    .map(|column| vehicle_list::heading(t, *column).to_owned()),
            );
            let sort = Sort::parse(&asked.sort, vehicle_list::ORDER);
            let ids = vehicle_list::ids(db, scope, &filter.conditions(), sort, WHOLE).await?;
            (ids, Columns::Vehicles(columns))
        }
        ListName::Visits => {
            let mut filter: visit_list::VisitFilter = from_query(&export.query);
            filter.tidy(zone);
            let columns: Vec<visit_list::Column> = known(&export.columns);
            headings.extend(
                columns
                    .iter()
                    .map(|column| visit_list::heading(t, *column).to_owned()),
            );
            let sort = Sort::parse(&asked.sort, visit_list::ORDER);
            let advisors = filter.advisors(db, scope).await?;
            let conditions = filter.conditions(zone, advisors.as_ref());
            let ids = visit_list::ids(db, scope, &conditions, sort, WHOLE).await?;
            (ids, Columns::Visits(columns))
        }
        ListName::Complaints => {
            let mut filter: complaint_list::ComplaintFilter = from_query(&export.query);
            filter.q.clone_from(&export.search);
            filter.tidy(zone);
            headings = complaint_list::headings(t);
            let sort = Sort::parse(&asked.sort, complaint_list::ORDER);
            let conditions = filter.conditions(db, complaint_list::Asker::of(layout)).await?;
            let ids = complaint_list::ids(db, scope, &conditions, sort, WHOLE).await?;
            (ids, Columns::Complaints)
        }
    };
    Ok(Selection {
        ids,
        headings,
        columns,
    })
}

/// Columns that the list has, in the order they were shown.
fn known<T: std::str::FromStr>(codes: &[String]) -> Vec<T> {
    codes.iter().filter_map(|code| code.parse().ok()).collect()
}

/// Writes the rows; returns how many there were, for one may have gone since it was found.
pub async fn write(
    db: &PgPool,
    scope: StoreScope,
    layout: &Layout,
    selection: &Selection,
    format: Format,
    path: PathBuf,
    head: Head,
) -> anyhow::Result<i32> {
    let (sender, receiver) = mpsc::channel(BUFFER);
    let writer = tokio::task::spawn_blocking(move || file::write(&path, format, &head, receiver));
    let sent = send(db, scope, layout, selection, &sender).await;
    drop(sender);
    writer.await??;
    sent
}

async fn send(
    db: &PgPool,
    scope: StoreScope,
    layout: &Layout,
    selection: &Selection,
    sender: &Sender<Vec<Cell>>,
) -> anyhow::Result<i32> {
    let mut sent = 0;
    for ids in selection.ids.chunks(PIECE) {
        for cells in piece(db, scope, layout, ids, &selection.columns).await? {
            // The writer gave up: its own error says why.
            if sender.send(cells).await.is_err() {
                return Ok(sent);
            }
            sent += 1;
        }
    }
    Ok(sent)
}

async fn piece(
    db: &PgPool,
    scope: StoreScope,
    layout: &Layout,
    ids: &[i64],
    columns: &Columns,
) -> sqlx::Result<Vec<Vec<Cell>>> {
    Ok(match columns {
        Columns::Customers(columns) => {
            let rows = customers::list::rows(db, scope, ids).await?;
            rows.iter()
                .map(|row| customer_list::cells(layout, row, columns))
                .collect()
        }
        Columns::Vehicles(columns) => {
            let rows = vehicles::list_queries::list_rows(db, scope, ids).await?;
            rows.iter()
                .map(|row| vehicle_list::cells(layout, row, columns))
                .collect()
        }
        Columns::Visits(columns) => {
            let rows = visits::list_queries::list_rows(db, scope, ids).await?;
            rows.iter()
                .map(|row| visit_list::cells(layout, row, columns))
                .collect()
        }
        Columns::Complaints => {
            let rows = complaint_list::queries::list_rows(db, scope, ids).await?;
            let clocks = stage::load(db, scope, ids, &layout.fmt).await?;
            rows.iter()
                .map(|row| complaint_list::cells(layout, row, &of(row.id, &clocks)))
                .collect()
        }
    })
}

/// The clocks of one case, which are sorted by it.
fn of(id: ComplaintId, clocks: &[Clock]) -> Vec<&Clock> {
    let first = clocks.partition_point(|clock| clock.complaint_id < id);
    clocks[first..]
        .iter()
        .take_while(|clock| clock.complaint_id == id)
        .collect()
}
