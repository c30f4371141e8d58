//! Changes of a store: details, departments, hours, days. Each leaves an audit row; hours and days rewrite the calendar.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::audit::{self, Actor, Entry};
use crate::db::OnConstraint;
use crate::stores::forms::{DayHours, DepartmentChange, NewDays, StoreChange};
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
) -> Result<(), StoreError> {
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
    if has_new_zone {
        calendar::rewrite_all(&mut *tx, by.scope, by.now).await?;
    }
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
    Ok(())
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
) -> Result<(), StoreError> {
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
    calendar::rewrite_all(&mut *tx, by.scope, by.now).await?;
    by.log(tx, "stores.hours", by.store(), json!({})).await?;
    Ok(())
}

/// Closes days or gives them special hours, and rewrites the calendar.
pub async fn add_days(tx: &mut PgConnection, by: Change, days: &NewDays) -> Result<(), StoreError> {
    queries::lock(&mut *tx, by.scope).await?;
    queries::upsert_days(&mut *tx, by.scope, days).await?;
    calendar::rewrite_all(&mut *tx, by.scope, by.now).await?;
    let logged = json!({ "from": days.from, "to": days.to, "is_special": days.interval.is_some() });
    by.log(tx, "stores.days_add", by.store(), logged).await?;
    Ok(())
}

/// Makes days ordinary again, and rewrites the calendar.
pub async fn remove_days(
    tx: &mut PgConnection,
    by: Change,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<(), StoreError> {
    queries::lock(&mut *tx, by.scope).await?;
    if queries::delete_days(&mut *tx, by.scope, from, to).await? == 0 {
        return Err(StoreError::NotFound);
    }
    calendar::rewrite_all(&mut *tx, by.scope, by.now).await?;
    by.log(
        tx,
        "stores.days_remove",
        by.store(),
        json!({ "from": from, "to": to }),
    )
    .await?;
    Ok(())
}
