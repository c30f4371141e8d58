//! Rows for tests, each with the values that matter and sensible others: `build::visit(&app).handed_over("…").insert()`.

use care_desk::callbacks::CallbackId;
use care_desk::customers::search_keys::search_keys;
use care_desk::customers::{CustomerId, PhoneId};
use care_desk::obligations::ObligationId;
use care_desk::reminders::ReminderId;
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

/// An obligation in any state, for figures and lists: due at the application's present instant unless said otherwise.
pub struct Obligation<'a> {
    app: &'a TestApp,
    person: &'a Person,
    store: StoreId,
    kind: &'a str,
    cycle: String,
    visit: Option<VisitId>,
    cohort_on: NaiveDate,
    due_at: DateTime<Utc>,
    status: &'a str,
    ended_at: Option<DateTime<Utc>>,
    ended_by: Option<UserId>,
    responsible: Option<UserId>,
    is_connected: bool,
    is_satisfied: Option<bool>,
    callback: Option<CallbackId>,
    reminder: Option<ReminderId>,
}

/// An open obligation of a kind about a person's car; `cycle` tells several of one kind apart.
pub fn obligation<'a>(app: &'a TestApp, person: &'a Person, kind: &'a str, cycle: &str) -> Obligation<'a> {
    Obligation {
        app,
        person,
        store: app.store,
        kind,
        cycle: cycle.to_owned(),
        visit: None,
        cohort_on: app.now().with_timezone(&chrono_tz::Asia::Shanghai).date_naive(),
        due_at: app.now(),
        status: "open",
        ended_at: None,
        ended_by: None,
        responsible: None,
        is_connected: false,
        is_satisfied: None,
        callback: None,
        reminder: None,
    }
}

impl<'a> Obligation<'a> {
    /// In another store than the first.
    pub fn store(mut self, store: StoreId) -> Self {
        self.store = store;
        self
    }

    /// The visit of a post-service obligation, which must have one.
    pub fn visit(mut self, visit: VisitId) -> Self {
        self.visit = Some(visit);
        self
    }

    /// The day it counts under, `2026-11-24`.
    pub fn cohort(mut self, day: &str) -> Self {
        self.cohort_on = day.parse().unwrap();
        self
    }

    /// RFC 3339.
    pub fn due(mut self, at: &str) -> Self {
        self.due_at = at.parse().unwrap();
        self
    }

    /// Ended as `done`, `exhausted`, `exempt` or `cancelled` at an instant (RFC 3339).
    pub fn ended(mut self, status: &'a str, at: &str, by: UserId) -> Self {
        self.status = status;
        self.ended_at = Some(at.parse().unwrap());
        self.ended_by = Some(by);
        self
    }

    /// Who held it when it fell due.
    pub fn responsible(mut self, user: UserId) -> Self {
        self.responsible = Some(user);
        self
    }

    /// Somebody was spoken to, and said whether they are satisfied.
    pub fn talked(mut self, is_satisfied: Option<bool>) -> Self {
        self.is_connected = true;
        self.is_satisfied = is_satisfied;
        self
    }

    pub fn callback(mut self, callback: CallbackId) -> Self {
        self.callback = Some(callback);
        self
    }

    pub fn reminder(mut self, reminder: ReminderId) -> Self {
        self.reminder = Some(reminder);
        self
    }

    pub async fn insert(self) -> ObligationId {
        let reason = (self.status == "exempt").then_some("rule:test");
        sqlx::query_scalar(
            "insert into obligations (store_id, kind, cycle_key, visit_id, vehicle_id, customer_id, cohort_on, not_before, strict_due_at,
                                      due_at, callable_due_at, rule_version, channel, callback_id, reminder_id, responsible_id,
                                      status, ended_at, ended_by, ended_reason, is_connected, is_satisfied, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9, 1, case when $2 like '%maintenance' then 'sms' else 'call' end,
                     $10, $11, $12, $13, $14, $15, $16, $17, $18, $8)
             returning id",
        )
        .bind(self.store)
        .bind(self.kind)
        .bind(self.cycle)
        .bind(self.visit)
        .bind(self.person.vehicle)
        .bind(self.person.customer)
        .bind(self.cohort_on)
        .bind(self.app.now())
        .bind(self.due_at)
        .bind(self.callback)
        .bind(self.reminder)
        .bind(self.responsible)
        .bind(self.status)
        .bind(self.ended_at)
        .bind(self.ended_by)
        .bind(reason)
        .bind(self.is_connected)
        .bind(self.is_satisfied)
        .fetch_one(&self.app.db)
        .await
        .unwrap()
    }
}

/// A reminder to a person on a day of the first store, due at an instant (RFC 3339), still to be made; add its obligations.
pub async fn reminder(app: &TestApp, person: &Person, send_on: &str, due_at: &str) -> ReminderId {
    reminder_in(app, app.store, person, send_on, due_at).await
}

/// The same in any store.
pub async fn reminder_in(
    app: &TestApp,
    store: StoreId,
    person: &Person,
    send_on: &str,
    due_at: &str,
) -> ReminderId {
    sqlx::query_scalar(
        "insert into reminders (store_id, customer_id, send_on, due_at, open_count, created_at)
         values ($1, $2, $3, $4, 1, $5) returning id",
    )
    .bind(store)
    .bind(person.customer)
    .bind(send_on.parse::<NaiveDate>().unwrap())
    .bind(due_at.parse::<DateTime<Utc>>().unwrap())
    .bind(app.now())
    .fetch_one(&app.db)
    .await
    .unwrap()
}

/// A call of the past, which new dials may hang on.
pub async fn ended_callback(app: &TestApp, person: &Person) -> CallbackId {
    sqlx::query_scalar(
        "insert into callbacks (store_id, customer_id, status, callable_due_at, due_at, next_at, ended_at, created_at)
         values ($1, $2, 'done', $3, $3, $3, $3, $3)
         returning id",
    )
    .bind(app.store)
    .bind(person.customer)
    .bind(app.now())
    .fetch_one(&app.db)
    .await
    .unwrap()
}
