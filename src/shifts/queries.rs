//! Statements of shifts and leave.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::auth::permission::Role;
use crate::calendar::Interval;
use crate::shifts::model::DutyMoment;
use crate::shifts::{LeaveId, OffDuty};
use crate::stores::StoreScope;
use crate::users::UserId;

/// A person who makes calls in the store.
#[derive(Clone, Debug)]
pub struct Caller {
    pub id: UserId,
    pub name: String,
    pub role: Role,
    pub daily_capacity: Option<i32>,
}

/// Everybody who makes calls and is active.
pub async fn list_callers(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Caller>> {
    sqlx::query_as!(
        Caller,
        r#"
        select u.id, u.display_name as name, m.role as "role: Role", m.daily_capacity
        from user_stores m
        join users u on u.id = m.user_id and u.is_active
        where m.store_id = $1
          and m.is_active
          and m.role in ('specialist', 'clerk', 'manager')
        order by array_position(array['specialist', 'clerk', 'manager'], m.role), u.display_name, u.id
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// A shift of a person; 24:00 is minute 1440.
#[derive(Clone, Debug)]
pub struct ShiftRow {
    pub user_id: UserId,
    pub day: NaiveDate,
    pub opens_minute: i32,
    pub closes_minute: i32,
}

/// The shifts of days, both included.
pub async fn list(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    from: NaiveDate,
    to: NaiveDate,
) -> sqlx::Result<Vec<ShiftRow>> {
    sqlx::query_as!(
        ShiftRow,
        r#"
        select user_id, day, (extract(epoch from opens) / 60)::int as "opens_minute!", (extract(epoch from closes) / 60)::int as "closes_minute!"
        from shifts
        where store_id = $1
          and day between $2 and $3
        order by user_id, day, opens
        "#,
        scope.get(),
        from,
        to,
    )
    .fetch_all(db)
    .await
}

/// Shifts to be written, column by column; times travel as text because a `time` parameter cannot be 24:00.
#[derive(Default)]
pub struct ShiftRows {
    users: Vec<i64>,
    days: Vec<NaiveDate>,
    opens: Vec<String>,
    closes: Vec<String>,
}

impl ShiftRows {
    /// Adds an interval.
    pub fn push(&mut self, user: UserId, day: NaiveDate, interval: Interval) {
        self.users.push(user.get());
        self.days.push(day);
        self.opens.push(interval.opens().to_string());
        self.closes.push(interval.closes().to_string());
    }
}

/// Empties a person's week.
pub async fn delete_week(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    monday: NaiveDate,
) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from shifts where store_id = $1 and user_id = $2 and day between $3 and $3 + 6",
        scope.get(),
        user.get(),
        monday,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Writes shifts.
pub async fn insert(db: impl PgExecutor<'_>, scope: StoreScope, rows: &ShiftRows) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into shifts (store_id, user_id, day, opens, closes)
        select $1, u.user_id, u.day, u.opens::time, u.closes::time
        from unnest($2::bigint[], $3::date[], $4::text[], $5::text[]) u(user_id, day, opens, closes)
        "#,
        scope.get(),
        &rows.users,
        &rows.days,
        &rows.opens,
        &rows.closes,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The week before, a week on, for everybody whose week is still empty; returns how many shifts.
pub async fn copy_week(db: impl PgExecutor<'_>, scope: StoreScope, monday: NaiveDate) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        r#"
        insert into shifts (store_id, user_id, day, opens, closes)
        select s.store_id, s.user_id, s.day + 7, s.opens, s.closes
        from shifts s
        join user_stores m on m.store_id = s.store_id and m.user_id = s.user_id and m.is_active
        where s.store_id = $1
          and s.day between $2::date - 7 and $2::date - 1
          and not exists (select from shifts t
                          where t.store_id = s.store_id and t.user_id = s.user_id and t.day between $2 and $2 + 6)
        "#,
        scope.get(),
        monday,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}

/// How many customers a person is meant to call in a day; `None`: as many as there are. `false`: not of this store.
pub async fn set_capacity(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    capacity: Option<i32>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update user_stores set daily_capacity = $3 where store_id = $1 and user_id = $2",
        scope.get(),
        user.get(),
        capacity,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Days on which a person does not work.
#[derive(Clone, Debug)]
pub struct LeaveRow {
    pub id: LeaveId,
    pub user_id: UserId,
    pub name: String,
    pub from_on: NaiveDate,
    pub until_on: NaiveDate,
    pub deputy_name: Option<String>,
    pub reason: String,
}

/// Leave that has not ended before a day, the earliest first.
pub async fn list_leaves(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    from: NaiveDate,
) -> sqlx::Result<Vec<LeaveRow>> {
    sqlx::query_as!(
        LeaveRow,
        r#"
        select l.id, l.user_id, u.display_name as name, l.from_on, l.until_on, d.display_name as "deputy_name?", l.reason
        from leaves l
        join users u on u.id = l.user_id
        left join users d on d.id = l.deputy_id
        where l.store_id = $1
          and l.until_on >= $2
        order by l.from_on, l.id
        limit 200
        "#,
        scope.get(),
        from,
    )
    .fetch_all(db)
    .await
}

/// Leave to be entered.
pub struct NewLeave {
    pub user: UserId,
    pub from: NaiveDate,
    pub until: NaiveDate,
    pub deputy: Option<UserId>,
    pub reason: String,
}

/// Enters leave.
pub async fn insert_leave(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    leave: &NewLeave,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> sqlx::Result<LeaveId> {
    sqlx::query_scalar!(
        r#"
        insert into leaves (store_id, user_id, from_on, until_on, deputy_id, reason, created_by, created_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        returning id
        "#,
        scope.get(),
        leave.user.get(),
        leave.from,
        leave.until,
        leave.deputy.map(UserId::get),
        leave.reason,
        by.map(UserId::get),
        now,
    )
    .fetch_one(db)
    .await
}

/// Takes leave back; whose it was.
pub async fn delete_leave(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: LeaveId,
) -> sqlx::Result<Option<UserId>> {
    sqlx::query_scalar!(
        "delete from leaves where store_id = $1 and id = $2 returning user_id",
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Where a person stands towards the queue.
pub struct Duty {
    pub off_duty: Option<OffDuty>,
    pub daily_capacity: Option<i32>,
    /// Customers dialled since the day began.
    pub called: i64,
}

/// Whether a person may be given calls now.
pub async fn find_duty(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    at: DutyMoment,
) -> sqlx::Result<Option<Duty>> {
    sqlx::query_as!(
        Duty,
        r#"
        select off_duty($1, $2, $3, $4) as "off_duty?: OffDuty", m.daily_capacity,
               case when m.daily_capacity is null then 0
                    else (select count(distinct a.callback_id) from attempts a
                          where a.store_id = m.store_id and a.user_id = m.user_id and a.on_day = $3) end as "called!"
        from user_stores m
        where m.store_id = $1
          and m.user_id = $2
        "#,
        scope.get(),
        user.get(),
        at.day,
        at.minute,
    )
    .fetch_optional(db)
    .await
}

/// People of the store who may be given calls now, for whoever hands out work.
pub async fn list_on_duty(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    at: DutyMoment,
) -> sqlx::Result<Vec<UserId>> {
    sqlx::query_scalar!(
        r#"
        select m.user_id
        from user_stores m
        where m.store_id = $1
          and m.is_active
          and m.role in ('specialist', 'clerk', 'manager')
          and off_duty(m.store_id, m.user_id, $2, $3) is null
        order by m.user_id
        "#,
        scope.get(),
        at.day,
        at.minute,
    )
    .fetch_all(db)
    .await
}

/// Work of people on leave goes to their deputy, or back to the queue when there is none who may have it.
///
/// A deputy must be active, not on leave, and not the one who served the customer. Claims end: their drafts stay.
pub async fn hand_over(db: impl PgExecutor<'_>, scope: StoreScope, day: NaiveDate) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        with away as (
          select distinct on (l.user_id) l.user_id,
                 case when d.is_active and off_duty(l.store_id, d.user_id, $2, 0) is distinct from 'leave' then d.user_id end as deputy_id
          from leaves l
          left join user_stores d on d.store_id = l.store_id and d.user_id = l.deputy_id
          where l.store_id = $1
            and $2 between l.from_on and l.until_on
          order by l.user_id, l.deputy_id is null, l.id
        ), theirs as (
          select b.id, a.user_id, case when not b.excluded_ids @> array[a.deputy_id] then a.deputy_id end as deputy_id
          from callbacks b
          join away a on a.user_id in (b.assigned_to, b.claimed_by)
          where b.store_id = $1
            and b.status in ('open', 'claimed')
          order by b.id
          for update of b
        )
        update callbacks b
        set assigned_to = case when b.assigned_to = t.user_id or b.assigned_to is null then t.deputy_id else b.assigned_to end,
            status = case when b.claimed_by = t.user_id then 'open' else b.status end,
            claimed_by = nullif(b.claimed_by, t.user_id),
            claimed_at = case when b.claimed_by = t.user_id then null else b.claimed_at end,
            lease_until = case when b.claimed_by = t.user_id then null else b.lease_until end,
            lease_token = case when b.claimed_by = t.user_id then null else b.lease_token end,
            version = b.version + 1
        from theirs t
        where b.store_id = $1
          and b.id = t.id
          and b.status in ('open', 'claimed')
        returning b.id as "id: i64"
        "#,
        scope.get(),
        day,
    )
    .fetch_all(db)
    .await
}
