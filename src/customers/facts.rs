//! What the machine derives about customers: the character they are filed under and their last visit.

use sqlx::PgExecutor;

use crate::stores::StoreScope;

/// Derives the facts of these customers, or of all of the store. Rows whose values stand are left alone.
pub async fn refresh(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customers: Option<&[i64]>,
) -> sqlx::Result<u64> {
    let lowest = customers.map_or(0, |ids| ids.iter().copied().min().unwrap_or(0));
    let highest = customers.map_or(i64::MAX, |ids| ids.iter().copied().max().unwrap_or(0));
    // The range of ids keeps a generic plan on the key: "$2 is null or id = any($2)" alone reads every customer of the store.
    let done = sqlx::query!(
        r#"
        insert into customer_facts as f (store_id, customer_id, initial, last_visit_on)
        select c.store_id, c.id,
               case when c.merged_into_id is null and c.erased_at is null then left(c.name, 1) end,
               l.last_visit_on
        from customers c
        left join lateral (
          select max(v.handed_over_on) as last_visit_on
          from visits v
          where v.store_id = c.store_id
            and v.customer_id = c.id
            and v.handed_over_on is not null
            and v.state <> 'cancelled'
        ) l on true
        where c.store_id = $1
          and c.id between $3 and $4
          and ($2::bigint[] is null or c.id = any($2))
        on conflict (store_id, customer_id) do update
        set initial = excluded.initial, last_visit_on = excluded.last_visit_on
        where (f.initial, f.last_visit_on) is distinct from (excluded.initial, excluded.last_visit_on)
        "#,
        scope.get(),
        customers,
        lowest,
        highest,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected())
}
