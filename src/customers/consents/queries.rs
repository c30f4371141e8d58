//! Statements of the ledger of consents.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::customers::CustomerId;
use crate::customers::consents::Purpose;
use crate::customers::consents::model::{Consent, Decision, TEXT_VERSION};
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::pagination::PageParams;

/// The last row about each purpose.
pub async fn list_current(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<Vec<Consent>> {
    sqlx::query_as!(
        Consent,
        r#"
        select distinct on (k.purpose) k.purpose, k.basis, k.text_version, k.channel, k.given_at is not null as "is_given!",
               coalesce(k.given_at, k.withdrawn_at) as "at!", k.evidence, u.display_name as "by_name?"
        from consents k
        left join users u on u.id = k.by_id
        where k.store_id = $1
          and k.customer_id = $2
        order by k.purpose, k.id desc
        "#,
        scope.get(),
        customer.get(),
    )
    .fetch_all(db)
    .await
}

/// The whole ledger of a customer, the newest row first.
pub async fn page(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
    params: PageParams,
) -> sqlx::Result<Vec<Consent>> {
    sqlx::query_as!(
        Consent,
        r#"
        select k.purpose, k.basis, k.text_version, k.channel, k.given_at is not null as "is_given!",
               coalesce(k.given_at, k.withdrawn_at) as "at!", k.evidence, u.display_name as "by_name?"
        from consents k
        left join users u on u.id = k.by_id
        where k.store_id = $1
          and k.customer_id = $2
        order by k.id desc
        limit $3
        offset $4
        "#,
        scope.get(),
        customer.get(),
        params.limit(),
        params.offset(),
    )
    .fetch_all(db)
    .await
}

/// Adds a row per purpose, unless its last one says the same: a second click changes nothing. Returns the purposes it did.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
    decision: &Decision,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Purpose>> {
    let purposes = decision.purposes.iter();
    let (codes, bases): (Vec<String>, Vec<String>) = purposes
        .map(|purpose| (purpose.to_string(), purpose.basis().to_string()))
        .unzip();
    sqlx::query_scalar!(
        r#"
        insert into consents (store_id, customer_id, purpose, basis, text_version, channel, given_at, withdrawn_at, evidence, by_id, created_at)
        select $1, $2, d.purpose, d.basis, $5, $6, case when $7 then $8::timestamptz end, case when not $7 then $8::timestamptz end, $9, $10, $8
        from unnest($3::text[], $4::text[]) d(purpose, basis)
        where (select k.given_at is not null
               from consents k
               where k.store_id = $1 and k.customer_id = $2 and k.purpose = d.purpose
               order by k.id desc
               limit 1) is distinct from $7
        returning purpose
        "#,
        scope.get(),
        customer.get(),
        &codes,
        &bases,
        TEXT_VERSION,
        decision.channel.as_str(),
        decision.is_given,
        now,
        decision.evidence,
        by.map(UserId::get),
    )
    .fetch_all(db)
    .await
}

/// Locks a customer, so that two people who decide at once write one after the other. `false`: no such customer.
pub async fn lock_customer(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<bool> {
    let found = sqlx::query_scalar!(
        "select id from customers where store_id = $1 and id = $2 and merged_into_id is null and erased_at is null for update",
        scope.get(),
        customer.get(),
    )
    .fetch_optional(db)
    .await?;
    Ok(found.is_some())
}

/// Sets what the queue reads to what the ledger says. A purpose without a row leaves its column alone.
pub async fn sync_customer(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update customers c
        set survey_opt_out = coalesce(x.survey, c.survey_opt_out), marketing_opt_out = coalesce(x.marketing, c.marketing_opt_out),
            insurance_opt_out = coalesce(x.insurance, c.insurance_opt_out)
        from (select bool_or(k.is_withdrawn) filter (where k.purpose = 'survey') as survey,
                     bool_or(k.is_withdrawn) filter (where k.purpose = 'marketing') as marketing,
                     bool_or(k.is_withdrawn) filter (where k.purpose = 'insurance') as insurance
              from (select distinct on (purpose) purpose, withdrawn_at is not null as is_withdrawn
                    from consents
                    where store_id = $1 and customer_id = $2
                    order by purpose, id desc) k) x
        where c.store_id = $1
          and c.id = $2
        "#,
        scope.get(),
        customer.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}
