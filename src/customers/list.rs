//! The list of customers: its filter, its order, its columns.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use crate::auth::permission::Permission;
use crate::customers::search::Reason;
use crate::customers::tags::model::Tag;
use crate::customers::{CustomerId, CustomerKind, PhoneId, PhoneState, list_queries};
use crate::i18n::Texts;
use crate::list_filter;
use crate::stores::StoreScope;
use crate::text_enum;
use crate::users::UserId;
use crate::vehicles::VehicleId;
use crate::web::layout::Layout;
use crate::web::list::{
    Address, Cell, Filter, Named, Pill, Sort, Window, end_of_day, keep_code, keep_days, start_of_day,
};

list_filter! {
    /// `/customers?…`
    pub struct CustomerFilter {
        kind, grade, tag, keeper, phone, visited, visit_from, visit_to, created_from, created_to, changed_from, changed_to,
    }
    tidy(filter, zone) {
        keep_code::<CustomerKind>(&mut filter.kind);
        keep_code::<i64>(&mut filter.tag);
        keep_code::<UserId>(&mut filter.keeper);
        keep_code::<PhoneFilter>(&mut filter.phone);
        keep_code::<Visited>(&mut filter.visited);
        keep_days([&mut filter.visit_from, &mut filter.visit_to], zone);
        keep_days([&mut filter.created_from, &mut filter.created_to], zone);
        keep_days([&mut filter.changed_from, &mut filter.changed_to], zone);
    }
}

text_enum! {
    /// State of the main number as a filter, or that there is none.
    pub enum PhoneFilter {
        None = "none",
        Ok = "ok",
        Unverified = "unverified",
        Wrong = "wrong",
        Dead = "dead",
        DoNotCall = "do_not_call",
    }
}

impl PhoneFilter {
    /// The state, unless there is no number.
    pub fn state(self) -> Option<PhoneState> {
        match self {
            PhoneFilter::None => None,
            PhoneFilter::Ok => Some(PhoneState::Ok),
            PhoneFilter::Unverified => Some(PhoneState::Unverified),
            PhoneFilter::Wrong => Some(PhoneState::Wrong),
            PhoneFilter::Dead => Some(PhoneState::Dead),
            PhoneFilter::DoNotCall => Some(PhoneState::DoNotCall),
        }
    }
}

text_enum! {
    /// Whether somebody ever came.
    pub enum Visited {
        Never = "never",
    }
}

text_enum! {
    /// What the list can be ordered by.
    pub enum SortKey {
        Updated = "updated",
        Created = "created",
        LastVisit = "last_visit",
        Name = "name",
    }
}

text_enum! {
    /// What a row can show beside its name.
    pub enum Column {
        Phone = "phone",
        Cars = "cars",
        Kind = "kind",
        Grade = "grade",
        Tags = "tags",
        Keeper = "keeper",
        LastVisit = "last_visit",
        Created = "created",
        Updated = "updated",
    }
}

/// Columns unless chosen otherwise.
pub const COLUMNS: [Column; 4] = [Column::Phone, Column::Cars, Column::LastVisit, Column::Updated];
/// Last changed first.
pub const ORDER: Sort<SortKey> = Sort {
    key: SortKey::Updated,
    descending: true,
};

/// A customer in the list.
pub struct ListedCustomer {
    pub id: CustomerId,
    pub kind: CustomerKind,
    pub name: String,
    pub salutation: Option<String>,
    pub grade: Option<String>,
    pub phone_id: Option<PhoneId>,
    pub number: Option<String>,
    pub keeper: Option<String>,
    /// Names as the store wrote them, and the codes of those that are translated, else empty.
    pub tags: Vec<String>,
    pub tag_codes: Vec<String>,
    pub last_visit_on: Option<NaiveDate>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl ListedCustomer {
    /// Classes and tags in the language of the page.
    pub fn tag_names(&self, t: &Texts) -> Vec<String> {
        let tags = self.tags.iter().zip(&self.tag_codes);
        tags.map(|(name, code)| {
            code.parse()
                .map_or_else(|_| name.clone(), |code| t.customers().system_tag(code).to_owned())
        })
        .collect()
    }
}

/// A car beside a customer in the list.
pub struct RowCar {
    pub customer_id: CustomerId,
    pub vehicle_id: VehicleId,
    pub plate: Option<String>,
    pub model: String,
}

/// A customer in the list with their cars and, after a search, why they are there.
pub struct ListRow {
    pub customer: ListedCustomer,
    pub cars: Vec<RowCar>,
    pub reason: Option<Reason>,
}

/// What the filters of the list offer.
pub struct Offers {
    pub grades: Vec<String>,
    pub tags: Vec<Tag>,
    pub keepers: Vec<Named>,
}

impl Offers {
    /// Reads them.
    pub async fn load(db: &sqlx::PgPool, scope: StoreScope) -> sqlx::Result<Offers> {
        Ok(Offers {
            grades: list_queries::list_grades(db, scope).await?,
            tags: list_queries::list_tags(db, scope).await?,
            keepers: list_queries::list_keepers(db, scope).await?,
        })
    }
}

impl CustomerFilter {
    /// The filter as `customers_matching` reads it: keys that are set, days as instants of the store.
    pub fn conditions(&self, zone: Tz) -> Value {
        let mut conditions = serde_json::Map::new();
        for (name, value) in self.pairs() {
            let (name, value) = match name {
                "created_from" => ("created_from", json!(start_of_day(value, zone))),
                "created_to" => ("created_before", json!(end_of_day(value, zone))),
                "changed_from" => ("changed_from", json!(start_of_day(value, zone))),
                "changed_to" => ("changed_before", json!(end_of_day(value, zone))),
                other => (other, json!(value)),
            };
            conditions.insert(name.to_owned(), value);
        }
        Value::Object(conditions)
    }

    /// The row of filters above the list.
    pub fn pills(&self, address: &Address, t: Texts, offers: &Offers) -> Vec<Pill> {
        let (c, l) = (t.customers(), t.lists());
        let kinds = CustomerKind::ALL
            .iter()
            .map(|kind| (kind.to_string(), c.customer_kind(*kind).to_owned()));
        let grades = offers.grades.iter().map(|grade| (grade.clone(), grade.clone()));
        let named = |named: &Named| (named.id.to_string(), named.name.clone());
        let tags = offers.tags.iter().map(|tag| (tag.id.to_string(), c.tag(tag)));
        let phones = PhoneFilter::ALL.iter().map(|filter| {
            let text = filter.state().map_or(l.no_phone(), |state| c.phone_state(state));
            (filter.to_string(), text.to_owned())
        });
        let range = |label, from, to| Pill::range(label, address, t, "date", from, to);
        vec![
            Pill::choice(c.kind(), address, "kind", &self.kind, kinds),
            Pill::choice(c.grade(), address, "grade", &self.grade, grades),
            Pill::choice(l.tag(), address, "tag", &self.tag, tags),
            Pill::choice(c.phone(), address, "phone", &self.phone, phones),
            self.visits(address, t),
            Pill::choice(
                l.keeper(),
                address,
                "keeper",
                &self.keeper,
                offers.keepers.iter().map(named),
            ),
            range(
                l.created(),
                ("created_from", &self.created_from),
                ("created_to", &self.created_to),
            ),
            range(
                c.updated(),
                ("changed_from", &self.changed_from),
                ("changed_to", &self.changed_to),
            ),
        ]
    }

    /// Days of the last visit, or never: one takes the other away.
    fn visits(&self, address: &Address, t: Texts) -> Pill {
        let c = t.customers();
        let never = address.with(&[("visited", "never"), ("visit_from", ""), ("visit_to", "")]);
        let clear = address.with(&[("visited", ""), ("visit_from", ""), ("visit_to", "")]);
        Pill::range(
            c.last_visit(),
            address,
            t,
            "date",
            ("visit_from", &self.visit_from),
            ("visit_to", &self.visit_to),
        )
        .without(&["visited"], clear)
        .or(never, c.never().to_owned(), !self.visited.is_empty())
    }
}

/// What a column is called.
pub const fn heading(t: Texts, column: Column) -> &'static str {
    match column {
        Column::Phone => t.customers().phone(),
        Column::Cars => t.customers().cars(),
        Column::Kind => t.customers().kind(),
        Column::Grade => t.customers().grade(),
        Column::Tags => t.lists().tag(),
        Column::Keeper => t.lists().keeper(),
        Column::LastVisit => t.customers().last_visit(),
        Column::Created => t.lists().created(),
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
        (SortKey::Created, true) => q::by_created_desc(db, scope, conditions, limit, offset).await,
        (SortKey::Created, false) => q::by_created(db, scope, conditions, limit, offset).await,
        (SortKey::LastVisit, true) => q::by_last_visit_desc(db, scope, conditions, limit, offset).await,
        (SortKey::LastVisit, false) => q::by_last_visit(db, scope, conditions, limit, offset).await,
        (SortKey::Name, true) => q::by_name_desc(db, scope, conditions, limit, offset).await,
        (SortKey::Name, false) => q::by_name(db, scope, conditions, limit, offset).await,
    }
}

/// Rows of these ids with their cars, in the order of the ids.
pub async fn rows(db: &sqlx::PgPool, scope: StoreScope, ids: &[i64]) -> sqlx::Result<Vec<ListRow>> {
    let found = list_queries::list_rows(db, scope, ids).await?;
    let mut cars = list_queries::list_row_cars(db, scope, ids).await?;
    let rows = found.into_iter().map(|customer| {
        let own = cars
            .extract_if(.., |car| car.customer_id == customer.id)
            .collect();
        ListRow {
            customer,
            cars: own,
            reason: None,
        }
    });
    Ok(rows.collect())
}

/// What an export writes of a row: the name, then what the columns show, masked as on the screen.
pub fn cells(layout: &Layout, row: &ListRow, columns: &[Column]) -> Vec<Cell> {
    let (fmt, c) = (&layout.fmt, &row.customer);
    let t = layout.t.customers();
    let mut cells = vec![Cell::text(t.addressed(&c.name, c.salutation.as_deref()))];
    cells.extend(columns.iter().map(|column| match column {
        Column::Phone => Cell::text(c.number.as_deref().map_or_else(String::new, |number| {
            if layout.can(Permission::RevealPhone) {
                fmt.phone(number)
            } else {
                fmt.phone_tail(number)
            }
        })),
        Column::Cars => {
            let cars: Vec<String> = row.cars.iter().map(|car| car_text(layout, car)).collect();
            Cell::text(cars.join("; "))
        }
        Column::Kind => Cell::text(t.customer_kind(c.kind)),
        Column::Grade => Cell::text(c.grade.clone().unwrap_or_default()),
        Column::Tags => Cell::text(c.tag_names(&layout.t).join(", ")),
        Column::Keeper => Cell::text(c.keeper.clone().unwrap_or_default()),
        Column::LastVisit => Cell::day(c.last_visit_on),
        Column::Created => Cell::text(fmt.stamp(&c.created_at)),
        Column::Updated => Cell::text(fmt.stamp(&c.updated_at)),
    }));
    cells
}

fn car_text(layout: &Layout, car: &RowCar) -> String {
    let plate = car.plate.as_deref().map(|plate| layout.fmt.plate(plate));
    let plate = plate.unwrap_or_else(|| layout.t.vehicles().no_plate().to_owned());
    format!("{plate} {}", car.model).trim().to_owned()
}
