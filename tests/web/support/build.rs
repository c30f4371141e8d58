//! Rows for tests, each with the values that matter and sensible others: `build::visit(&app).handed_over("…").insert()`.

use care_desk::callbacks::CallbackId;
use care_desk::customers::search_keys::search_keys;
use care_desk::customers::{CustomerId, PhoneId};
use care_desk::stores::StoreId;
use care_desk::users::UserId;
use care_desk::vehicles::VehicleId;
use care_desk::visits::VisitId;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::app::TestApp;

/// A customer with one phone, and a car that they own.
pub struct Person {
    pub customer: CustomerId,
    pub phone: PhoneId,
    pub vehicle: VehicleId,
}

/// A person in the first store, with a car.
pub async fn person(app: &TestApp, name: &str, phone: &str, plate: &str) -> Person {
    person_in(app, app.store, name, phone, plate).await
}

/// A person in any store, with a car.
pub async fn person_in(app: &TestApp, store: StoreId, name: &str, phone: &str, plate: &str) -> Person {
    let now = app.now();
    let customer: CustomerId = sqlx::query_scalar(
        "insert into customers (store_id, name, grams, created_at, updated_at) values ($1, $2, $3, $4, $4) returning id",
    )
    .bind(store)
    .bind(name)
    .bind(search_keys(store.get(), name))
    .bind(now)
    .fetch_one(&app.db)
    .await
    .unwrap();
    let phone: PhoneId = sqlx::query_scalar(
        "insert into phones (store_id, customer_id, number, raw, is_main) values ($1, $2, $3, $3, true) returning id",
    )
    .bind(store)
    .bind(customer)
    .bind(phone)
    .fetch_one(&app.db)
    .await
    .unwrap();
    let vehicle: VehicleId = sqlx::query_scalar(
        "insert into vehicles (store_id, plate, model, created_at, updated_at) values ($1, $2, '轿车', $3, $3) returning id",
    )
    .bind(store)
    .bind(plate)
    .bind(now)
    .fetch_one(&app.db)
    .await
    .unwrap();
    sqlx::query(
        "insert into vehicle_people (store_id, vehicle_id, customer_id, role) values ($1, $2, $3, 'owner')",
    )
    .bind(store)
    .bind(vehicle)
    .bind(customer)
    .execute(&app.db)
    .await
    .unwrap();
    Person {
        customer,
        phone,
        vehicle,
    }
}

/// A service visit of a person's car, settled and handed over unless said otherwise.
pub struct Visit<'a> {
    app: &'a TestApp,
    person: &'a Person,
    store: StoreId,
    ro_number: String,
    kind: &'a str,
    handed_over_at: Option<DateTime<Utc>>,
    odometer_km: Option<i32>,
    advisor: Option<UserId>,
}

/// A maintenance visit handed over at the application's present instant.
pub fn visit<'a>(app: &'a TestApp, person: &'a Person, ro_number: &str) -> Visit<'a> {
    Visit {
        app,
        person,
        store: app.store,
        ro_number: ro_number.to_owned(),
        kind: "maintenance",
        handed_over_at: Some(app.now()),
        odometer_km: None,
        advisor: None,
    }
}

impl<'a> Visit<'a> {
    /// In another store than the first.
    pub fn store(mut self, store: StoreId) -> Self {
        self.store = store;
        self
    }

    /// Code of the visit's type, for example `repair`.
    pub fn kind(mut self, kind: &'a str) -> Self {
        self.kind = kind;
        self
    }

    /// RFC 3339.
    pub fn handed_over(mut self, at: &str) -> Self {
        self.handed_over_at = Some(at.parse().unwrap());
        self
    }

    /// The car is still in the shop.
    pub fn in_shop(mut self) -> Self {
        self.handed_over_at = None;
        self
    }

    pub fn odometer(mut self, km: i32) -> Self {
        self.odometer_km = Some(km);
        self
    }

    /// Who served the customer, and so must not call.
    pub fn advisor(mut self, user: UserId) -> Self {
        self.advisor = Some(user);
        self
    }

    pub async fn insert(self) -> VisitId {
        let arrived_at = self.handed_over_at.unwrap_or(self.app.now()) - TimeDelta::hours(2);
        let day: Option<NaiveDate> = self
            .handed_over_at
            .map(|at| at.with_timezone(&chrono_tz::Asia::Shanghai).date_naive());
        sqlx::query_scalar(
            "insert into visits (store_id, ro_number, vehicle_id, customer_id, type, state, arrived_at, settled_at,
                                 handed_over_at, handed_over_on, odometer_km, advisor_id, created_at, updated_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, $12)
             returning id",
        )
        .bind(self.store)
        .bind(self.ro_number)
        .bind(self.person.vehicle)
        .bind(self.person.customer)
        .bind(self.kind)
        .bind(if self.handed_over_at.is_some() { "closed" } else { "open" })
        .bind(arrived_at)
        .bind(self.handed_over_at)
        .bind(day)
        .bind(self.odometer_km)
        .bind(self.advisor)
        .bind(self.app.now())
        .fetch_one(&self.app.db)
        .await
        .unwrap()
    }
}

/// An open post-service obligation about a visit, bundled into an open callback that is due at `due_at` (RFC 3339).
pub async fn callback(app: &TestApp, person: &Person, visit: VisitId, due_at: &str) -> CallbackId {
    callback_in(app, app.store, person, visit, due_at).await
}

/// The same in any store. Who served the customer on the visit is excluded, as the generator does it.
pub async fn callback_in(
    app: &TestApp,
    store: StoreId,
    person: &Person,
    visit: VisitId,
    due_at: &str,
) -> CallbackId {
    let due_at: DateTime<Utc> = due_at.parse().unwrap();
    let callback: CallbackId = sqlx::query_scalar(
        "insert into callbacks (store_id, customer_id, callable_due_at, due_at, next_at, kinds, excluded_ids, open_count, created_at)
         select $1, $2, $3, $3, $4, array['post_service'], array_remove(array[v.advisor_id, v.technician_id], null), 1, $4
         from visits v where v.store_id = $1 and v.id = $5
         returning id",
    )
    .bind(store)
    .bind(person.customer)
    .bind(due_at)
    .bind(app.now())
    .bind(visit)
    .fetch_one(&app.db)
    .await
    .unwrap();
    sqlx::query(
        "insert into obligations (store_id, kind, cycle_key, visit_id, vehicle_id, customer_id, cohort_on, not_before, strict_due_at,
                                  due_at, callable_due_at, rule_version, channel, callback_id, created_at)
         select $1, 'post_service', '1', v.id, v.vehicle_id, v.customer_id, coalesce(v.handed_over_on, $2::date), $3, $4, $4, $4, 1, 'call', $5, $3
         from visits v where v.store_id = $1 and v.id = $6",
    )
    .bind(store)
    .bind(app.now().date_naive())
    .bind(app.now())
    .bind(due_at)
    .bind(callback)
    .bind(visit)
    .execute(&app.db)
    .await
    .unwrap();
    callback
}
