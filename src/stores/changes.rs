//! Changes of a store: details, departments, hours, days. Each leaves an audit row; hours and days rewrite the calendar.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::audit::{self, Actor, Entry};
use crate::calendar::{NationalYear, national_days};
use crate::db::OnConstraint;
use crate::obligations::redate::{self, Moved};
use crate::stores::forms::{DayHours, DepartmentChange, ExceptionKind, ImportedDays, NewDays, StoreChange};
use crate::stores::queries::Store;
use crate::stores::{DepartmentId, StoreScope, calendar, queries};

/// Why a change of a store was not made.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("somebody changed it meanwhile")]
    Conflict,
    #[error("not found")]
    NotFound,
    /// The code of a store or the name of a department is in use.
    #[error("taken")]
    Taken,
    /// The last store in which anybody could work.
    #[error("the last active store")]
    LastStore,
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
}

/// Who changes which store when.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    pub scope: StoreScope,
    pub actor: Actor,
    pub now: DateTime<Utc>,
}

impl Change {
    async fn log(
        self,
        tx: &mut PgConnection,
        action: &'static str,
        subject: (&'static str, i64),
        change: Value,
    ) -> sqlx::Result<()> {
        let entry = Entry {
            store: Some(self.scope.store_id()),
            actor: self.actor,
            action,
            subject: subject.0,
            subject_id: Some(subject.1),
            change: &change,
        };
        audit::record(tx, self.now, entry).await
    }

    const fn store(self) -> (&'static str, i64) {
        ("stores", self.scope.get())
    }
}

/// Writes name, time zone, area code and state; a new time zone rewrites the calendar.
pub async fn update(
    tx: &mut PgConnection,
    by: Change,
    before: &Store,
    change: &StoreChange,
    may_close: bool,
) -> Result<Moved, StoreError> {
    let is_active = if may_close {
        change.is_active
    } else {
        before.is_active
    };
    if before.is_active && !is_active && !queries::has_other_active_any_store(&mut *tx, before.id).await? {
        return Err(StoreError::LastStore);
    }
    if !queries::update(&mut *tx, by.scope, change, is_active).await? {
        return Err(StoreError::Conflict);
    }
    let has_new_zone = before.time_zone != change.time_zone.name();
    let moved = if has_new_zone {
        rewrite(&mut *tx, by).await?
    } else {
        Moved::default()
    };
    let fields: Vec<&str> = [
        ("name", before.name != change.name),
        ("time_zone", has_new_zone),
        ("area_code", before.area_code != change.area_code),
        (
            "watch_margin",
            change
                .watch_margin
                .is_some_and(|margin| margin != before.watch_margin),
        ),
        (
            "touch_limit",
            change
                .touch_limit
                .is_some_and(|limit| limit != before.touch_limit),
        ),
        (
            "answer_hours",
            change
                .answer_hours
                .is_some_and(|hours| hours != before.answer_hours),
        ),
        (
            "restarts_on_revisit",
            change
                .restarts_on_revisit
                .is_some_and(|restarts| restarts != before.restarts_on_revisit),
        ),
        ("is_active", before.is_active != is_active),
    ]
    .into_iter()
    .filter_map(|(name, is_changed)| is_changed.then_some(name))
    .collect();
    by.log(tx, "stores.update", by.store(), json!({ "fields": fields }))
        .await?;
    Ok(moved)
}

/// The derived days anew, and with them every deadline that is still to come.
async fn rewrite(tx: &mut PgConnection, by: Change) -> sqlx::Result<Moved> {
    calendar::rewrite_all(&mut *tx, by.scope, by.now).await?;
    redate::follow_calendar(tx, by.scope, by.now).await
}

/// Adds a department.
pub async fn add_department(tx: &mut PgConnection, by: Change, name: &str) -> Result<(), StoreError> {
    let id = queries::insert_department(&mut *tx, by.scope, name)
        .await
        .on_constraint("departments_name_key", |_| StoreError::Taken)?;
    by.log(
        tx,
        "departments.create",
        ("departments", id.get()),
        json!({ "name": name }),
    )
    .await?;
    Ok(())
}

/// Renames a department, or takes it out of the choices and back.
pub async fn update_department(
    tx: &mut PgConnection,
    by: Change,
    id: DepartmentId,
    change: &DepartmentChange,
) -> Result<(), StoreError> {
    let before = queries::find_department(&mut *tx, by.scope, id)
        .await?
        .ok_or(StoreError::NotFound)?;
    let is_current = queries::update_department(&mut *tx, by.scope, id, change)
        .await
        .on_constraint("departments_name_key", |_| StoreError::Taken)?;
    if !is_current {
        return Err(StoreError::Conflict);
    }
    let logged = json!({ "name": change.name, "is_active": change.is_active.unwrap_or(before.is_active) });
    by.log(tx, "departments.update", ("departments", id.get()), logged)
        .await?;
    Ok(())
}

/// Replaces the whole weekly pattern and rewrites the calendar.
pub async fn update_hours(
    tx: &mut PgConnection,
    by: Change,
    version: i32,
    week: &[DayHours],
) -> Result<Moved, StoreError> {
    if !queries::touch(&mut *tx, by.scope, version).await? {
        return Err(StoreError::Conflict);
    }
    let mut rows = calendar::queries::HourRows::default();
    for (purpose, weekday, intervals) in week {
        for interval in intervals {
            rows.push(*purpose, *weekday, *interval);
        }
    }
    queries::delete_hours(&mut *tx, by.scope).await?;
    calendar::queries::insert_hours(&mut *tx, by.scope, &rows).await?;
    let moved = rewrite(&mut *tx, by).await?;
    let logged = json!({ "earlier": moved.earlier, "later": moved.later });
    by.log(tx, "stores.hours", by.store(), logged).await?;
    Ok(moved)
}

/// Makes days closed, special, holidays or make-up days, and rewrites the calendar.
pub async fn add_days(tx: &mut PgConnection, by: Change, days: &NewDays) -> Result<Moved, StoreError> {
    queries::lock(&mut *tx, by.scope).await?;
    queries::upsert_days(&mut *tx, by.scope, days).await?;
    let moved = rewrite(&mut *tx, by).await?;
    let logged = json!({ "from": days.from, "to": days.to, "kind": days.kind, "earlier": moved.earlier, "later": moved.later });
    by.log(tx, "stores.days_add", by.store(), logged).await?;
    Ok(moved)
}

/// Makes days ordinary again, and rewrites the calendar. A national holiday that was closed is a holiday again.
pub async fn remove_days(
    tx: &mut PgConnection,
    by: Change,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Moved, StoreError> {
    queries::lock(&mut *tx, by.scope).await?;
    let shut = queries::list_shut_days(&mut *tx, by.scope, from, to).await?;
    if queries::delete_days(&mut *tx, by.scope, from, to).await? == 0 {
        return Err(StoreError::NotFound);
    }
    let mut again = calendar::queries::DatedRows::default();
    for (day, is_provisional) in national_days(from, to) {
        if shut.contains(&day.date) {
            again.push(day.date, day.kind.as_str(), &day.name, is_provisional);
        }
    }
    calendar::queries::upsert_dated(&mut *tx, by.scope, &again).await?;
    let moved = rewrite(&mut *tx, by).await?;
    let logged = json!({ "from": from, "to": to, "earlier": moved.earlier, "later": moved.later });
    by.log(tx, "stores.days_remove", by.store(), logged).await?;
    Ok(moved)
}

/// Writes a year's national holidays and make-up days; returns how many days changed.
pub async fn load_national(
    tx: &mut PgConnection,
    by: Change,
    year: &NationalYear,
) -> Result<u64, StoreError> {
    queries::lock(&mut *tx, by.scope).await?;
    let changed = calendar::load_national(&mut *tx, by.scope, year).await?;
    by.log(
        tx,
        "stores.days_national",
        by.store(),
        json!({ "year": year.year }),
    )
    .await?;
    Ok(changed)
}

/// Writes the days of an imported calendar: holidays and make-up days as information, closed ones as closed.
pub async fn import_days(
    tx: &mut PgConnection,
    by: Change,
    days: &[ImportedDays],
) -> Result<Moved, StoreError> {
    queries::lock(&mut *tx, by.scope).await?;
    let mut rows = calendar::queries::DatedRows::default();
    let mut announced = Vec::new();
    for run in days {
        for day in run.from.iter_days().take_while(|day| *day <= run.to) {
            rows.push(day, run.kind.as_str(), &run.name, false);
            if run.kind != ExceptionKind::Closed && announced.last() != Some(&day.year()) {
                announced.push(day.year());
            }
        }
    }
    // A notice replaces what the statute alone had said about its year.
    calendar::queries::delete_provisional(&mut *tx, by.scope, &announced).await?;
    calendar::queries::upsert_dated(&mut *tx, by.scope, &rows.unique()).await?;
    let moved = rewrite(&mut *tx, by).await?;
    let logged = json!({ "runs": days.len(), "earlier": moved.earlier, "later": moved.later });
    by.log(tx, "stores.days_import", by.store(), logged).await?;
    Ok(moved)
}
