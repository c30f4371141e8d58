//! The list of visits: its filter, its order, its columns.

use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::i18n::Texts;
use crate::list_filter;
use crate::stores::StoreScope;
use crate::text_enum;
use crate::visits::model::VisitRow;
use crate::visits::{VisitState, VisitType, list_queries};
use crate::web::layout::Layout;
use crate::web::list::{
    Address, Cell, Filter, Pill, Sort, Window, end_of_day, keep_code, keep_days, start_of_day,
};

list_filter! {
    /// `/visits?…`
    pub struct VisitFilter { from, to, kind, state, shop, advisor, amount_from, amount_to, }
    tidy(filter, zone) {
        keep_days([&mut filter.from, &mut filter.to], zone);
        keep_code::<VisitType>(&mut filter.kind);
        keep_code::<VisitState>(&mut filter.state);
        keep_code::<InShop>(&mut filter.shop);
        for amount in [&mut filter.amount_from, &mut filter.amount_to] {
            if !amount.trim().parse::<i64>().is_ok_and(|yuan| (0..=MAX_YUAN).contains(&yuan)) {
                amount.clear();
            }
        }
        filter.advisor.truncate(filter.advisor.char_indices().nth(MAX_NAME).map_or(filter.advisor.len(), |(at, _)| at));
    }
}

/// No repair costs more.
const MAX_YUAN: i64 = 100_000_000;
/// Longest name that is looked for.
const MAX_NAME: usize = 60;

text_enum! {
    /// Whether the car is still here.
    pub enum InShop {
        Now = "now",
    }
}

text_enum! {
    /// What the list can be ordered by.
    pub enum SortKey {
        Arrived = "arrived",
        Amount = "amount",
    }
}

text_enum! {
    /// What a row can show beside its number.
    pub enum Column {
        Vehicle = "vehicle",
        Customer = "customer",
        Work = "work",
        Type = "type",
        State = "state",
        Amount = "amount",
        Odometer = "odometer",
        Advisor = "advisor",
        Arrived = "arrived",
        HandedOver = "handed_over",
    }
}

/// Columns unless chosen otherwise.
pub const COLUMNS: [Column; 7] = [
    Column::Vehicle,
    Column::Customer,
    Column::Work,
    Column::Amount,
    Column::Advisor,
    Column::Arrived,
    Column::HandedOver,
];
/// Newest first.
pub const ORDER: Sort<SortKey> = Sort {
    key: SortKey::Arrived,
    descending: true,
};

/// The advisors that a typed name means: people of the store, and names that files came with.
pub struct Advisors {
    pub ids: Vec<i64>,
    pub names: Vec<String>,
}

impl VisitFilter {
    /// The filter as `visits_matching` reads it: days as instants of the store, yuan as fen.
    pub fn conditions(&self, zone: Tz, advisors: Option<&Advisors>) -> Value {
        let mut conditions = serde_json::Map::new();
        let fen = |yuan: &str| json!(yuan.parse::<i64>().map(|yuan| yuan * 100).ok());
        for (name, value) in self.pairs() {
            let (name, value) = match name {
                "from" => ("from", json!(start_of_day(value, zone))),
                "to" => ("before", json!(end_of_day(value, zone))),
                "amount_from" | "amount_to" => (name, fen(value)),
                "advisor" => continue,
                other => (other, json!(value)),
            };
            conditions.insert(name.to_owned(), value);
        }
        if let Some(Advisors { ids, names }) = advisors {
            let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
            conditions.insert("advisors".to_owned(), json!(format!("{{{}}}", ids.join(","))));
            conditions.insert("advisor_names".to_owned(), json!(array(names)));
        }
        Value::Object(conditions)
    }

    /// Who is meant by the typed name, if one was typed.
    pub async fn advisors(&self, db: &sqlx::PgPool, scope: StoreScope) -> sqlx::Result<Option<Advisors>> {
        let typed = self.advisor.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        let (ids, names) = list_queries::list_advisors(db, scope, typed).await?;
        Ok(Some(Advisors { ids, names }))
    }

    /// The row of filters above the list.
    pub fn pills(&self, address: &Address, t: Texts) -> Vec<Pill> {
        let (v, l) = (t.visits(), t.lists());
        let kinds = VisitType::ALL
            .iter()
            .map(|kind| (kind.to_string(), v.visit_type(*kind).to_owned()));
        let states = VisitState::ALL
            .iter()
            .map(|state| (state.to_string(), v.visit_state(*state).to_owned()));
        let in_shop = [(InShop::Now.to_string(), v.in_shop().to_owned())];
        let days = (("from", &*self.from), ("to", &*self.to));
        let amounts = (
            ("amount_from", &*self.amount_from),
            ("amount_to", &*self.amount_to),
        );
        vec![
            Pill::range(v.arrived_at(), address, t, "date", days.0, days.1),
            Pill::choice(v.type_label(), address, "kind", &self.kind, kinds),
            Pill::choice(v.state_label(), address, "state", &self.state, states),
            Pill::choice(l.whereabouts(), address, "shop", &self.shop, in_shop),
            Pill::word(v.advisor(), address, "advisor", &self.advisor),
            Pill::range(v.amount(), address, t, "number", amounts.0, amounts.1),
        ]
    }
}

/// Names as the text of an array of PostgreSQL.
fn array(names: &[String]) -> String {
    let quoted = |name: &String| format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
    let names: Vec<String> = names.iter().map(quoted).collect();
    format!("{{{}}}", names.join(","))
}

/// What a column is called.
pub const fn heading(t: Texts, column: Column) -> &'static str {
    let v = t.visits();
    match column {
        Column::Vehicle => v.vehicle(),
        Column::Customer => v.customer(),
        Column::Work => v.summary(),
        Column::Type => v.type_label(),
        Column::State => v.state_label(),
        Column::Amount => v.amount(),
        Column::Odometer => v.odometer(),
        Column::Advisor => v.advisor(),
        Column::Arrived => v.arrived_at(),
        Column::HandedOver => v.handed_over_at(),
    }
}

/// Ids of a page, in order. Few hits are all sorted; of many the order is walked until the page is full.
pub async fn ids(
    db: &sqlx::PgPool,
    scope: StoreScope,
    conditions: &Value,
    sort: Sort<SortKey>,
    window: Window,
) -> sqlx::Result<Vec<i64>> {
    let Window {
        limit,
        offset,
        is_few,
    } = window;
    if is_few {
        return list_queries::few(db, scope, conditions, sort, limit, offset).await;
    }
    use list_queries as q;
    match (sort.key, sort.descending) {
        (SortKey::Arrived, true) => q::by_arrived_desc(db, scope, conditions, limit, offset).await,
        (SortKey::Arrived, false) => q::by_arrived(db, scope, conditions, limit, offset).await,
        (SortKey::Amount, true) => q::by_amount_desc(db, scope, conditions, limit, offset).await,
        (SortKey::Amount, false) => q::by_amount(db, scope, conditions, limit, offset).await,
    }
}

/// What an export writes of a row: the number, then what the columns show, as on the screen.
pub fn cells(layout: &Layout, row: &VisitRow, columns: &[Column]) -> Vec<Cell> {
    let (fmt, t) = (&layout.fmt, layout.t.visits());
    let mut cells = vec![Cell::text(&*row.ro_number)];
    cells.extend(columns.iter().map(|column| {
        match column {
            Column::Vehicle => {
                let plate = row.plate.as_deref().map(|plate| fmt.plate(plate));
                let plate = plate.unwrap_or_else(|| layout.t.vehicles().no_plate().to_owned());
                Cell::text(format!("{plate} {}", row.model).trim())
            }
            Column::Customer => Cell::text(&*row.customer),
            Column::Work => Cell::text(&*row.summary),
            Column::Type => Cell::text(t.visit_type(row.r#type)),
            Column::State => Cell::text(t.visit_state(row.state)),
            Column::Amount => Cell::Number(row.amount_fen as f64 / 100.0),
            Column::Odometer => row
                .odometer_km
                .map_or_else(|| Cell::text(""), |km| Cell::Number(f64::from(km))),
            Column::Advisor => Cell::text(&*row.advisor),
            Column::Arrived => Cell::text(fmt.stamp(&row.arrived_at)),
            Column::HandedOver => Cell::text(row.handed_over_at.map(|at| fmt.stamp(&at)).unwrap_or_default()),
        }
    }));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_an_array_whatever_they_hold() {
        let names = ["李娜", "a\"b", "c\\d", ""].map(str::to_owned);
        assert_eq!(array(&names), r#"{"李娜","a\"b","c\\d",""}"#);
        assert_eq!(array(&[]), "{}");
    }
}
