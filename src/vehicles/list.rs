//! The list of cars: its filter, its order, its columns.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::customers::CustomerId;
use crate::i18n::Texts;
use crate::list_filter;
use crate::stores::StoreScope;
use crate::text::clean;
use crate::text_enum;
use crate::vehicles::model::guess;
use crate::vehicles::odometer::{Confidence, DueBy};
use crate::vehicles::{VehicleId, VehicleState, VehicleUsage, list_queries};
use crate::web::layout::Layout;
use crate::web::list::{Address, Cell, Filter, Pill, Sort, Window, keep_code, keep_days};

list_filter! {
    /// `/vehicles?…`
    pub struct VehicleFilter {
        brand, model, usage, state, region, people, visited, visit_from, visit_to, due_from, due_to, warranty_from, warranty_to,
        delivered_from, delivered_to,
    }
    tidy(filter, zone) {
        filter.region = region(&filter.region);
        keep_code::<VehicleUsage>(&mut filter.usage);
        keep_code::<VehicleState>(&mut filter.state);
        keep_code::<People>(&mut filter.people);
        keep_code::<Visited>(&mut filter.visited);
        keep_days([&mut filter.visit_from, &mut filter.visit_to], zone);
        keep_days([&mut filter.due_from, &mut filter.due_to], zone);
        keep_days([&mut filter.warranty_from, &mut filter.warranty_to], zone);
        keep_days([&mut filter.delivered_from, &mut filter.delivered_to], zone);
    }
}

/// Province and letter of a plate, or the province alone, as plates are stored; anything else is no region.
fn region(typed: &str) -> String {
    let region = clean(typed).to_uppercase();
    let mut chars = region.chars();
    let is_province = chars
        .next()
        .is_some_and(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    let is_letter = chars.next().is_none_or(|c| c.is_ascii_uppercase());
    if is_province && is_letter && chars.next().is_none() {
        region
    } else {
        String::new()
    }
}

text_enum! {
    /// Whether there is somebody to call about a car.
    pub enum People {
        Nobody = "nobody",
    }
}

text_enum! {
    /// Whether a car ever came.
    pub enum Visited {
        Never = "never",
    }
}

text_enum! {
    /// What the list can be ordered by.
    pub enum SortKey {
        Updated = "updated",
        Delivered = "delivered",
        Warranty = "warranty",
        NextDue = "next_due",
        LastVisit = "last_visit",
    }
}

text_enum! {
    /// What a row can show beside its plate.
    pub enum Column {
        Vin = "vin",
        Person = "person",
        Usage = "usage",
        State = "state",
        Delivered = "delivered",
        Warranty = "warranty",
        NextDue = "next_due",
        LastVisit = "last_visit",
        Updated = "updated",
    }
}

/// Columns unless chosen otherwise.
pub const COLUMNS: [Column; 6] = [
    Column::Person,
    Column::Usage,
    Column::State,
    Column::Warranty,
    Column::NextDue,
    Column::LastVisit,
];
/// Last changed first.
pub const ORDER: Sort<SortKey> = Sort {
    key: SortKey::Updated,
    descending: true,
};

/// A car in the list, with the person to talk to about it. The VIN is whole: pages print it masked.
pub struct VehicleRow {
    pub id: VehicleId,
    pub vin: Option<String>,
    pub plate: Option<String>,
    pub brand: String,
    pub model: String,
    pub usage: VehicleUsage,
    pub state: VehicleState,
    pub delivered_on: Option<NaiveDate>,
    pub warranty_due_on: Option<NaiveDate>,
    pub next_due_on: Option<NaiveDate>,
    pub next_due_by: Option<DueBy>,
    pub km_confidence: Option<Confidence>,
    pub last_visit_on: Option<NaiveDate>,
    pub customer_id: Option<CustomerId>,
    pub customer: Option<String>,
    pub updated_at: DateTime<Utc>,
}

impl VehicleRow {
    /// How far the predicted day can be trusted, where it rests on kilometres that are a guess.
    pub fn guess(&self) -> Option<Confidence> {
        guess(self.next_due_on, self.next_due_by, self.km_confidence?)
    }

    /// Brand and model as far as they are known.
    pub fn name(&self) -> String {
        format!("{} {}", self.brand, self.model).trim().to_owned()
    }
}

impl VehicleFilter {
    /// The filter as `vehicles_matching` reads it.
    pub fn conditions(&self) -> Value {
        let pairs = self.pairs().into_iter();
        Value::Object(
            pairs
                .map(|(name, value)| (name.to_owned(), json!(value)))
                .collect(),
        )
    }

    /// The row of filters above the list.
    pub fn pills(&self, address: &Address, t: Texts, brands: &[String], models: &[String]) -> Vec<Pill> {
        let (v, l) = (t.vehicles(), t.lists());
        let same = |texts: &[String]| -> Vec<(String, String)> {
            texts.iter().map(|text| (text.clone(), text.clone())).collect()
        };
        let usages = VehicleUsage::ALL
            .iter()
            .map(|usage| (usage.to_string(), v.usage(*usage).to_owned()));
        let states = VehicleState::ALL
            .iter()
            .map(|state| (state.to_string(), v.state(*state).to_owned()));
        let nobody = [(People::Nobody.to_string(), l.nobody().to_owned())];
        let range = |label, from, to| Pill::range(label, address, t, "date", from, to);
        let mut pills = Vec::new();
        // A store of one brand need not choose it.
        if brands.len() > 1 || !self.brand.is_empty() {
            pills.push(Pill::choice(
                v.brand(),
                address,
                "brand",
                &self.brand,
                same(brands),
            ));
        }
        pills.extend([
            Pill::choice(v.model(), address, "model", &self.model, same(models)),
            Pill::choice(v.usage_label(), address, "usage", &self.usage, usages),
            Pill::choice(v.state_label(), address, "state", &self.state, states),
            Pill::word(l.region(), address, "region", &self.region),
            range(
                v.next_due(),
                ("due_from", &self.due_from),
                ("due_to", &self.due_to),
            ),
            range(
                v.warranty_due(),
                ("warranty_from", &self.warranty_from),
                ("warranty_to", &self.warranty_to),
            ),
            self.visits(address, t),
            range(
                v.delivered_on(),
                ("delivered_from", &self.delivered_from),
                ("delivered_to", &self.delivered_to),
            ),
            Pill::choice(l.person(), address, "people", &self.people, nobody),
        ]);
        pills
    }

    /// Days of the last visit, or never: one takes the other away.
    fn visits(&self, address: &Address, t: Texts) -> Pill {
        let never = address.with(&[("visited", "never"), ("visit_from", ""), ("visit_to", "")]);
        let clear = address.with(&[("visited", ""), ("visit_from", ""), ("visit_to", "")]);
        let (from, to) = (("visit_from", &*self.visit_from), ("visit_to", &*self.visit_to));
        Pill::range(t.customers().last_visit(), address, t, "date", from, to)
            .without(&["visited"], clear)
            .or(never, t.customers().never().to_owned(), !self.visited.is_empty())
    }
}

/// What a column is called.
pub const fn heading(t: Texts, column: Column) -> &'static str {
    match column {
        Column::Vin => t.vehicles().vin(),
        Column::Person => t.lists().person(),
        Column::Usage => t.vehicles().usage_label(),
        Column::State => t.vehicles().state_label(),
        Column::Delivered => t.vehicles().delivered_on(),
        Column::Warranty => t.vehicles().warranty_due(),
        Column::NextDue => t.vehicles().next_due(),
        Column::LastVisit => t.customers().last_visit(),
        Column::Updated => t.customers().updated(),
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
        (SortKey::Updated, true) => q::by_updated_desc(db, scope, conditions, limit, offset).await,
        (SortKey::Updated, false) => q::by_updated(db, scope, conditions, limit, offset).await,
        (SortKey::Delivered, true) => q::by_delivered_desc(db, scope, conditions, limit, offset).await,
        (SortKey::Delivered, false) => q::by_delivered(db, scope, conditions, limit, offset).await,
        (SortKey::Warranty, true) => q::by_warranty_desc(db, scope, conditions, limit, offset).await,
        (SortKey::Warranty, false) => q::by_warranty(db, scope, conditions, limit, offset).await,
        (SortKey::NextDue, true) => q::by_next_due_desc(db, scope, conditions, limit, offset).await,
        (SortKey::NextDue, false) => q::by_next_due(db, scope, conditions, limit, offset).await,
        (SortKey::LastVisit, true) => q::by_last_visit_desc(db, scope, conditions, limit, offset).await,
        (SortKey::LastVisit, false) => q::by_last_visit(db, scope, conditions, limit, offset).await,
    }
}

/// What an export writes of a row: plate and model, then what the columns show, masked as on the screen.
pub fn cells(layout: &Layout, row: &VehicleRow, columns: &[Column]) -> Vec<Cell> {
    let (fmt, t) = (&layout.fmt, layout.t.vehicles());
    let plate = row.plate.as_deref().map(|plate| fmt.plate(plate));
    let plate = plate.unwrap_or_else(|| t.no_plate().to_owned());
    let mut cells = vec![Cell::text(format!("{plate} {}", row.name()).trim())];
    cells.extend(columns.iter().map(|column| match column {
        Column::Vin => Cell::text(row.vin.as_deref().map(|vin| fmt.vin(vin)).unwrap_or_default()),
        Column::Person => Cell::text(row.customer.clone().unwrap_or_default()),
        Column::Usage => Cell::text(t.usage(row.usage)),
        Column::State => Cell::text(t.state(row.state)),
        Column::Delivered => Cell::day(row.delivered_on),
        Column::Warranty => Cell::day(row.warranty_due_on),
        Column::NextDue => Cell::day(row.next_due_on),
        Column::LastVisit => Cell::day(row.last_visit_on),
        Column::Updated => Cell::text(fmt.stamp(&row.updated_at)),
    }));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_a_province_with_or_without_its_letter() {
        for (typed, kept) in [
            ("浙A", "浙A"),
            (" 浙a ", "浙A"),
            ("浙", "浙"),
            ("A", ""),
            ("浙A7", ""),
            ("浙%", ""),
            ("", ""),
        ] {
            assert_eq!(region(typed), kept, "{typed}");
        }
    }
}
