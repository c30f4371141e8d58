//! Writes of shifts and leave, and what they mean for work that is given out already.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::{self, Actor, Entry};
use crate::calendar::Interval;
use crate::shifts::model::DutyMoment;
use crate::shifts::queries::{self, NewLeave, ShiftRows};
use crate::shifts::{LeaveId, OffDuty};
use crate::stores::StoreScope;
use crate::users::UserId;

/// Why the queue gives a person nothing now; `None`: it may.
pub async fn off_duty(
    db: &mut PgConnection,
    scope: StoreScope,
    user: UserId,
    at: DutyMoment,
) -> sqlx::Result<Option<OffDuty>> {
    let Some(duty) = queries::find_duty(db, scope, user, at).await? else {
        return Ok(None);
    };
    let is_full = duty
        .daily_capacity
        .is_some_and(|capacity| duty.called >= i64::from(capacity));
    Ok(duty.off_duty.or(is_full.then_some(OffDuty::Capacity)))
}

/// A person's week and capacity as the form has them.
pub struct Week {
    pub user: UserId,
    pub monday: NaiveDate,
    pub days: [Vec<Interval>; 7],
    pub capacity: Option<i32>,
}

/// Replaces a person's week. `false`: nobody of this store.
pub async fn save_week(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    week: &Week,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    if !queries::set_capacity(&mut *tx, scope, week.user, week.capacity).await? {
        return Ok(false);
    }
    let mut rows = ShiftRows::default();
    for (day, intervals) in week.monday.iter_days().zip(&week.days) {
        for interval in intervals {
            rows.push(week.user, day, *interval);
        }
    }
    queries::delete_week(&mut *tx, scope, week.user, week.monday).await?;
    queries::insert(&mut *tx, scope, &rows).await?;
    let change = json!({ "user_id": week.user, "week": week.monday });
    record(
        tx,
        scope,
        actor,
        "shifts.save",
        Some(week.user.get()),
        &change,
        now,
    )
    .await?;
    Ok(true)
}

/// Takes over the week before for everybody without shifts in this one; how many shifts.
pub async fn copy_week(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    monday: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<u64> {
    let copied = queries::copy_week(&mut *tx, scope, monday).await?;
    let change = json!({ "week": monday, "shifts": copied });
    record(tx, scope, actor, "shifts.copy", None, &change, now).await?;
    Ok(copied)
}

/// Enters leave; what the person holds goes to the deputy or back to the queue at once if it begins today. How many calls.
pub async fn enter_leave(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    leave: &NewLeave,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let id = queries::insert_leave(&mut *tx, scope, leave, actor.user_id(), now).await?;
    let change =
        json!({ "leave_id": id, "from": leave.from, "until": leave.until, "deputy_id": leave.deputy });
    record(
        tx,
        scope,
        actor,
        "shifts.leave",
        Some(leave.user.get()),
        &change,
        now,
    )
    .await?;
    hand_over(tx, scope, actor, today, now).await
}

/// Takes leave back. `false`: there is none.
pub async fn cancel_leave(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    id: LeaveId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let Some(user) = queries::delete_leave(&mut *tx, scope, id).await? else {
        return Ok(false);
    };
    let change = json!({ "leave_id": id });
    record(
        tx,
        scope,
        actor,
        "shifts.leave_cancel",
        Some(user.get()),
        &change,
        now,
    )
    .await?;
    Ok(true)
}

/// Hands over the work of everybody who is on leave on a day; runs again without harm. How many calls.
pub async fn hand_over(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    let moved = queries::hand_over(&mut *tx, scope, day).await?;
    if !moved.is_empty() {
        let change = json!({ "ids": moved });
        let entry = Entry {
            store: Some(scope.store_id()),
            actor,
            action: "callbacks.hand_over",
            subject: "callbacks",
            subject_id: None,
            change: &change,
        };
        audit::record(tx, now, entry).await?;
    }
    Ok(moved.len() as i64)
}

async fn record(
    tx: &mut PgConnection,
    scope: StoreScope,
    actor: Actor,
    action: &'static str,
    user: Option<i64>,
    change: &serde_json::Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let entry = Entry {
        store: Some(scope.store_id()),
        actor,
        action,
        subject: "users",
        subject_id: user,
        change,
    };
    audit::record(tx, now, entry).await
}
