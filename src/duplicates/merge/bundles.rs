//! What cannot simply move: bundles of the daily desk, twins in the ledger, main numbers, owners.
//!
//! A person has one open callback, one reminder a day, one main number; a car has one owner. Where both files have one, the
//! survivor's takes the other's in. Deadlines and counts are then derived anew as the desk itself does it.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::{AssertSqlSafe, PgConnection, PgExecutor};

use crate::duplicates::RecordKind;
use crate::duplicates::merge::relations;
use crate::obligations::supersede;
use crate::stores::StoreScope;

/// Rows that the steps here may change, for the picture before and after.
#[derive(Default)]
pub struct Touched {
    pub callbacks: Vec<i64>,
    pub reminders: Vec<i64>,
    pub obligations: Vec<i64>,
    pub phones: Vec<i64>,
    pub people: Vec<i64>,
}

/// Locks the open callbacks around both files; `true`: one of them is on the line.
pub async fn lock_callbacks(
    db: &mut PgConnection,
    scope: StoreScope,
    kind: RecordKind,
    ids: [i64; 2],
) -> sqlx::Result<bool> {
    let callbacks = open_callbacks(&mut *db, scope, kind, ids).await?;
    crate::callbacks::queries::lock(&mut *db, scope, &callbacks).await?;
    sqlx::query_scalar!(
        r#"
        select exists (select from callbacks where store_id = $1 and id = any($2) and status = 'claimed') as "busy!"
        "#,
        scope.get(),
        &callbacks,
    )
    .fetch_one(db)
    .await
}

/// Open and claimed callbacks of both people, or with something open about either car.
async fn open_callbacks(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: RecordKind,
    ids: [i64; 2],
) -> sqlx::Result<Vec<i64>> {
    match kind {
        RecordKind::Customer => {
            sqlx::query_scalar!(
                r#"
                select c.id as "id: i64"
                from callbacks c
                where c.store_id = $1 and c.customer_id = any($2) and c.status in ('open', 'claimed')
                order by c.id
                "#,
                scope.get(),
                &ids[..],
            )
            .fetch_all(db)
            .await
        }
        RecordKind::Vehicle => {
            sqlx::query_scalar!(
                r#"
                select distinct c.id as "id: i64"
                from obligations o
                join callbacks c on c.store_id = o.store_id and c.id = o.callback_id and c.status in ('open', 'claimed')
                where o.store_id = $1 and o.vehicle_id = any($2) and o.status = 'open'
                order by 1
                "#,
                scope.get(),
                &ids[..],
            )
            .fetch_all(db)
            .await
        }
    }
}

/// Which rows the steps here may change.
pub async fn touched(
    db: &mut PgConnection,
    scope: StoreScope,
    kind: RecordKind,
    ids: [i64; 2],
) -> sqlx::Result<Touched> {
    let column = match kind {
        RecordKind::Customer => "customer_id",
        RecordKind::Vehicle => "vehicle_id",
    };
    let obligations = format!(
        "select id from obligations where store_id = $1 and {column} = any($2) and status = 'open' order by id"
    );
    let mut found = Touched {
        callbacks: open_callbacks(&mut *db, scope, kind, ids).await?,
        obligations: ids_of(&mut *db, scope, obligations, ids).await?,
        ..Touched::default()
    };
    if kind == RecordKind::Customer {
        let reminders = "select id from reminders where store_id = $1 and customer_id = any($2) order by id";
        found.reminders = ids_of(&mut *db, scope, reminders.to_owned(), ids).await?;
        let phones = "select id from phones where store_id = $1 and customer_id = any($2) order by id";
        found.phones = ids_of(db, scope, phones.to_owned(), ids).await?;
    } else {
        let reminders = "select distinct r.id from obligations o
             join reminders r on r.store_id = o.store_id and r.id = o.reminder_id and r.status = 'pending'
             where o.store_id = $1 and o.vehicle_id = any($2) and o.status = 'open' order by 1";
        found.reminders = ids_of(&mut *db, scope, reminders.to_owned(), ids).await?;
        let people = "select id from vehicle_people
             where store_id = $1 and vehicle_id = any($2) and until_on is null order by id";
        found.people = ids_of(db, scope, people.to_owned(), ids).await?;
    }
    Ok(found)
}

async fn ids_of(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    sql: String,
    ids: [i64; 2],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(scope.get())
        .bind(ids)
        .fetch_all(db)
        .await
}

/// Obligations that both files owe; they stay with the signpost, and those still open end as superseded.
pub async fn end_twins(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: RecordKind,
    survivor: i64,
    loser: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<i64>> {
    let column = match kind {
        RecordKind::Customer => "customer_id",
        RecordKind::Vehicle => "vehicle_id",
    };
    let sql = format!(
        "with twins as (
           select o.id
           from obligations o
           join obligations k on k.store_id = o.store_id and k.kind = o.kind and k.cycle_key = o.cycle_key and k.subject_id = $2
           where o.store_id = $1 and o.{column} = $3 and o.kind = any($4)
         ), ended as (
           update obligations o
           set status = 'cancelled', ended_at = $5, ended_reason = 'superseded'
           from twins t
           where o.store_id = $1 and o.id = t.id and o.status = 'open'
         )
         select id from twins order by id"
    );
    sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(scope.get())
        .bind(survivor)
        .bind(loser)
        .bind(relations::own_obligations(kind))
        .bind(now)
        .fetch_all(db)
        .await
}

/// Cases of policies that stay with the signpost, because the survivor has the same term: superseded.
pub async fn end_cases_left(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    loser: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update obligations o
        set status = 'cancelled', ended_at = $3, ended_reason = 'superseded'
        from policies p
        where o.store_id = $1 and o.status = 'open' and p.store_id = o.store_id and p.id = o.policy_id and p.vehicle_id = $2
        "#,
        scope.get(),
        loser,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One open callback per person: the survivor's takes the other's entries in, with whoever must not call.
pub async fn unite_callbacks(
    db: &mut PgConnection,
    scope: StoreScope,
    survivor: i64,
    loser: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with pair as (
          select k.id as kept, d.id as other, k.last_attempt_at
          from callbacks k
          join callbacks d on d.store_id = k.store_id and d.customer_id = $3 and d.status = 'open'
          where k.store_id = $1 and k.customer_id = $2 and k.status = 'open'
        )
        update obligations o
        -- The dials of the kept call were not about it.
        set callback_id = p.kept, bundled_at = coalesce(p.last_attempt_at, o.bundled_at)
        from pair p
        where o.store_id = $1 and o.callback_id = p.other and o.status = 'open'
        "#,
        scope.get(),
        survivor,
        loser,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        update callbacks k
        set excluded_ids = (select coalesce(array_agg(distinct u order by u), '{}') from unnest(k.excluded_ids || d.excluded_ids) u),
            assigned_to = case when d.excluded_ids @> array[k.assigned_to] then null else k.assigned_to end,
            -- A time that was agreed with the person goes before any other.
            next_at = case when k.agreed_at is not null then k.next_at when d.agreed_at is not null then d.next_at
                           else least(k.next_at, d.next_at) end,
            agreed_at = coalesce(k.agreed_at, d.agreed_at)
        from callbacks d
        where k.store_id = $1 and k.customer_id = $2 and k.status = 'open'
          and d.store_id = $1 and d.customer_id = $3 and d.status = 'open'
        "#,
        scope.get(),
        survivor,
        loser,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// One reminder per person and day. Entries of a second one join the first while it waits; when that has gone out already,
/// they wait for the next run, which takes the next free day. Returns the reminders that stay with the signpost.
pub async fn unite_reminders(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    survivor: i64,
    loser: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        with pair as (
          select k.id as kept, d.id as other, k.status as kept_status
          from reminders d
          join reminders k on k.store_id = d.store_id and k.customer_id = $2 and k.send_on = d.send_on
          where d.store_id = $1 and d.customer_id = $3
        ), joined as (
          update obligations o
          set reminder_id = case when p.kept_status = 'pending' then p.kept end
          from pair p
          where o.store_id = $1 and o.reminder_id = p.other and o.status = 'open'
        )
        select other as "other!: i64" from pair order by other
        "#,
        scope.get(),
        survivor,
        loser,
    )
    .fetch_all(db)
    .await
}

/// Counts and deadlines of bundles, from what is open in them.
pub async fn refresh(
    db: &mut PgConnection,
    scope: StoreScope,
    callbacks: &[i64],
    reminders: &[i64],
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    supersede::refresh_callbacks(&mut *db, scope, callbacks, now).await?;
    supersede::refresh_reminders(db, scope, reminders, now).await
}

/// What is known about a number that both have is known about the one that stays; and the survivor's main number stays.
pub async fn unite_phones(
    db: &mut PgConnection,
    scope: StoreScope,
    survivor: i64,
    loser: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update phones k
        set state = d.state
        from phones d
        where k.store_id = $1 and k.customer_id = $2 and d.store_id = $1 and d.customer_id = $3 and d.number = k.number
          and array_position(array['unverified','ok','dead','wrong','do_not_call'], d.state)
            > array_position(array['unverified','ok','dead','wrong','do_not_call'], k.state)
        "#,
        scope.get(),
        survivor,
        loser,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        update phones d
        set is_main = false
        where d.store_id = $1 and d.customer_id = $3 and d.is_main
          and exists (select from phones k where k.store_id = $1 and k.customer_id = $2 and k.is_main)
        "#,
        scope.get(),
        survivor,
        loser,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Makes this number the main one.
pub async fn set_main_number(
    db: &mut PgConnection,
    scope: StoreScope,
    customer: i64,
    number: &str,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update phones
        set is_main = false
        where store_id = $1 and customer_id = $2 and is_main
          and exists (select from phones k where k.store_id = $1 and k.customer_id = $2 and k.number = $3)
        "#,
        scope.get(),
        customer,
        number,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "update phones set is_main = true where store_id = $1 and customer_id = $2 and number = $3",
        scope.get(),
        customer,
        number,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Numbers that the merge made main ones are none again, and the former ones are, unless somebody has chosen another since.
pub async fn restore_main_numbers(
    db: &mut PgConnection,
    scope: StoreScope,
    former: &[i64],
    new: &[i64],
) -> sqlx::Result<()> {
    sqlx::query!(
        "update phones set is_main = false where store_id = $1 and id = any($2) and is_main",
        scope.get(),
        new,
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        update phones p
        set is_main = true
        where p.store_id = $1 and p.id = any($2)
          and not exists (select from phones m where m.store_id = p.store_id and m.customer_id = p.customer_id and m.is_main)
        "#,
        scope.get(),
        former,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Who has numbers has a main one.
pub async fn ensure_main_numbers(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customers: [i64; 2],
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update phones p
        set is_main = true
        where p.store_id = $1 and p.customer_id = any($2)
          and p.id = (select min(q.id) from phones q where q.store_id = p.store_id and q.customer_id = p.customer_id)
          and not exists (select from phones m where m.store_id = p.store_id and m.customer_id = p.customer_id and m.is_main)
        "#,
        scope.get(),
        &customers[..],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A car has one owner: another one of the second file was one until today.
pub async fn end_second_owner(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    survivor: i64,
    loser: i64,
    today: NaiveDate,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update vehicle_people d
        set until_on = $4
        from vehicle_people k
        where d.store_id = $1 and d.vehicle_id = $3 and d.role = 'owner' and d.until_on is null
          and k.store_id = $1 and k.vehicle_id = $2 and k.role = 'owner' and k.until_on is null
          and k.customer_id <> d.customer_id
        "#,
        scope.get(),
        survivor,
        loser,
        today,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// After rows went back: open entries that sit in a bundle of the other person leave it, and wait for the next run.
pub async fn detach_strays(
    db: &mut PgConnection,
    scope: StoreScope,
    customers: [i64; 2],
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update obligations o
        set callback_id = null
        from callbacks c
        where o.store_id = $1 and o.customer_id = any($2) and o.status = 'open'
          and c.store_id = o.store_id and c.id = o.callback_id and c.customer_id <> o.customer_id
        "#,
        scope.get(),
        &customers[..],
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        r#"
        update obligations o
        set reminder_id = null
        from reminders r
        where o.store_id = $1 and o.customer_id = any($2) and o.status = 'open'
          and r.store_id = o.store_id and r.id = o.reminder_id and r.customer_id <> o.customer_id
        "#,
        scope.get(),
        &customers[..],
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Cars with these people around them: whom to talk to is derived anew.
pub async fn cars_of(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customers: [i64; 2],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select distinct vehicle_id as "vehicle_id: i64"
        from vehicle_people
        where store_id = $1 and customer_id = any($2)
        order by 1
        "#,
        scope.get(),
        &customers[..],
    )
    .fetch_all(db)
    .await
}
