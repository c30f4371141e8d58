//! What the days leave in the ledger beside calls: files that were mended, wishes for exemptions, a rule that was changed.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;

use crate::obligations::supersede;
use crate::stores::StoreScope;

/// Wishes and a change of a rule. Read from hashes of ids: the same every time.
pub async fn fill(tx: &mut PgConnection, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    ask_exemptions(&mut *tx, scope, now).await?;
    change_rule(tx, scope, now).await
}

/// A day of asking: a third of the customers say until when they are insured, half a year from now and somewhere else.
pub async fn mend_files(
    tx: &mut PgConnection,
    scope: StoreScope,
    day: NaiveDate,
    until: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into policies (store_id, vehicle_id, kind, ends_on, created_at)
        select o.store_id, o.vehicle_id, 'commercial', $2::date + 120 + r.roll / 100 % 200, $3
        from obligations o
        cross join lateral (select ('x' || substr(md5(o.id || $2::date::text), 1, 7))::bit(28)::int as roll) r
        where o.store_id = $1 and o.kind = 'data_task' and o.status = 'open' and o.cycle_key like 'expiry:%' and r.roll % 100 < 34
        order by o.id
        on conflict do nothing
        "#,
        scope.get(),
        day,
        until,
    )
    .execute(&mut *tx)
    .await?;
    supersede::settle_data_tasks(tx, scope, until).await?;
    Ok(())
}

/// A few wishes: some decided by the manager, some that wait.
async fn ask_exemptions(tx: &mut PgConnection, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with asked as materialized (
          select o.id, row_number() over (order by o.id) as number
          from obligations o
          where o.store_id = $1 and o.status = 'open' and o.kind in ('renewal', 'data_task')
            and ('x' || substr(md5('exempt' || o.id), 1, 7))::bit(28)::int % 5 = 0
          order by o.id
          limit 6
        ), people as materialized (
          select (select min(user_id) from user_stores where store_id = $1 and role = 'specialist' and is_active) as specialist_id,
                 (select min(user_id) from user_stores where store_id = $1 and role = 'manager' and is_active) as manager_id
        ), written as (
          insert into exemptions (store_id, obligation_id, reason, note, status, requested_by, requested_at, decided_by, decided_at, answer)
          select $1, a.id, case when a.number % 2 = 0 then 'vehicle_gone' else 'handled_elsewhere' end,
                 case when a.number % 2 = 0 then '客户来电说车已过户' else '总部统一续保' end,
                 case a.number when 1 then 'approved' when 2 then 'approved' when 3 then 'refused' else 'open' end,
                 p.specialist_id, $2::timestamptz - interval '20 hours' - make_interval(mins => a.number::int * 7),
                 case when a.number <= 3 then p.manager_id end, case when a.number <= 3 then $2::timestamptz - interval '18 hours' end,
                 case a.number when 3 then '保单仍在本店，继续联系' else '' end
          from asked a, people p
          where p.specialist_id is not null and p.manager_id is not null
          returning obligation_id, reason, status, requested_by, decided_by, decided_at
        )
        update obligations o
        set status = 'exempt', ended_at = w.decided_at, ended_by = w.requested_by, approved_by = w.decided_by, ended_reason = w.reason
        from written w
        where o.store_id = $1 and o.id = w.obligation_id and w.status = 'approved'
        "#,
        scope.get(),
        now,
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}

/// Care visits will be more frequent from next week on: a version that waits for its day.
async fn change_rule(tx: &mut PgConnection, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with ended as (
          update rules
          set valid_until = ($2::timestamptz)::date + 7
          where store_id = $1 and kind = 'care_visit' and version = 1 and valid_until is null
          returning *
        )
        insert into rules (store_id, kind, version, valid_from, channel, due_days, offsets, lookback_days, horizon_days, visit_types,
                           cadence_days, codes, reason, created_by, created_at)
        select store_id, kind, 2, ($2::timestamptz)::date + 7, channel, due_days, offsets, lookback_days, horizon_days, visit_types,
               60, codes, '大客户流失偏高，先加密探望', (select min(user_id) from user_stores where store_id = $1 and role = 'manager' and is_active), $2
        from ended
        "#,
        scope.get(),
        now,
    )
    .execute(&mut *tx)
    .await?;
    Ok(())
}
