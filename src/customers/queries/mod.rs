//! Statements of customers and their numbers, cut by what they are about.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::customers::completeness::Field;
use crate::customers::model::{Customer, CustomerRow, Keeper};
use crate::customers::service::CustomerInput;
use crate::customers::{CustomerId, CustomerSource, Daypart};
use crate::stores::StoreScope;
use crate::users::UserId;

mod phones;

pub use phones::{
    Revealed, area_code, clear_main_phone, find_phone, insert_phone, insert_reveal, list_by_phone,
    list_phones, revealed_since, set_main_phone, update_phone,
};

/// One customer; merged and erased ones too, the page says so.
pub async fn find(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
) -> sqlx::Result<Option<Customer>> {
    sqlx::query_as!(
        Customer,
        r#"
        select c.id, c.kind, coalesce(c.name, '') as "name!", c.salutation, c.grade, c.note,
               c.preferred_channel, c.preferred_days, c.preferred_daypart, c.birth_year, c.birth_month, c.birth_day,
               c.district, c.address, c.source, c.source_note, c.habits,
               c.parent_id, p.name as "parent_name?", c.keeper_id, k.display_name as "keeper_name?",
               c.survey_opt_out, c.marketing_opt_out, c.created_at, c.reviewed_at,
               coalesce(f.score, 0::smallint) as "score!", coalesce(f.missing, '{}') as "missing!: Vec<Field>",
               c.merged_into_id, c.erased_at, c.version, c.updated_at, f.last_visit_on as "last_visit_on?"
        from customers c
        left join customer_facts f on f.store_id = c.store_id and f.customer_id = c.id
        left join customers p on p.store_id = c.store_id and p.id = c.parent_id
        left join users k on k.id = c.keeper_id
        where c.store_id = $1
          and c.id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Rows of the list for customers that a search has found; the caller restores their order.
pub async fn list_rows(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
) -> sqlx::Result<Vec<CustomerRow>> {
    sqlx::query_as!(
        CustomerRow,
        r#"
        select c.id, c.kind, c.name as "name!", c.salutation, c.grade, h.id as "phone_id?", h.number as "number?",
               f.last_visit_on as "last_visit_on?", c.updated_at
        from customers c
        left join customer_facts f on f.store_id = c.store_id and f.customer_id = c.id
        left join phones h on h.store_id = c.store_id and h.customer_id = c.id and h.is_main
        where c.store_id = $1
          and c.id = any($2)
          and c.erased_at is null
        "#,
        scope.get(),
        ids,
    )
    .fetch_all(db)
    .await
}

/// A new customer.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    input: &CustomerInput,
    grams: &[String],
    now: DateTime<Utc>,
) -> sqlx::Result<CustomerId> {
    sqlx::query_scalar!(
        r#"
        insert into customers (store_id, kind, name, salutation, grade, grams, note, preferred_channel, preferred_days, preferred_daypart,
                               birth_year, birth_month, birth_day, district, address, source, source_note, habits, parent_id,
                               keeper_id, created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $21)
        returning id
        "#,
        scope.get(),
        input.kind.as_str(),
        input.name,
        input.salutation.as_deref(),
        input.grade.as_deref(),
        grams,
        input.note,
        input.preferred_channel.as_str(),
        input.preferred_days.as_str(),
        input.preferred_daypart.map(Daypart::as_str),
        input.birthday.and_then(|birthday| birthday.year),
        input.birthday.map(|birthday| birthday.month),
        input.birthday.map(|birthday| birthday.day),
        input.district,
        input.address.as_deref().unwrap_or_default(),
        input.source.map(CustomerSource::as_str),
        input.source_note,
        input.habits,
        input.parent_id.map(CustomerId::get),
        input.keeper_id.map(UserId::get),
        now,
    )
    .fetch_one(db)
    .await
}

/// Changes a customer, which counts as looking it through. `false`: somebody else has changed it since `version`, or it was
/// merged or erased.
#[expect(
    clippy::too_many_arguments,
    reason = "one row with its version, its keys, who and when"
)]
pub async fn update(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
    version: i32,
    input: &CustomerInput,
    grams: &[String],
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update customers
        set kind = $4, name = $5, salutation = $6, grade = $7, grams = $8, note = $9, preferred_channel = $10,
            preferred_days = $11, preferred_daypart = $12, birth_year = $13, birth_month = $14, birth_day = $15,
            district = $16, address = coalesce($17, address), source = $18, source_note = $19, habits = $20,
            parent_id = $21, keeper_id = $22,
            reviewed_at = case when $24::bigint is null then reviewed_at else $23 end, reviewed_by = coalesce($24, reviewed_by),
            version = version + 1, updated_at = $23
        where store_id = $1
          and id = $2
          and version = $3
          and merged_into_id is null
          and erased_at is null
        "#,
        scope.get(),
        id.get(),
        version,
        input.kind.as_str(),
        input.name,
        input.salutation.as_deref(),
        input.grade.as_deref(),
        grams,
        input.note,
        input.preferred_channel.as_str(),
        input.preferred_days.as_str(),
        input.preferred_daypart.map(Daypart::as_str),
        input.birthday.and_then(|birthday| birthday.year),
        input.birthday.map(|birthday| birthday.month),
        input.birthday.map(|birthday| birthday.day),
        input.district,
        input.address.as_deref(),
        input.source.map(CustomerSource::as_str),
        input.source_note,
        input.habits,
        input.parent_id.map(CustomerId::get),
        input.keeper_id.map(UserId::get),
        now,
        by.map(UserId::get),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes that somebody has looked a file through and found nothing to change.
pub async fn set_reviewed(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update customers set reviewed_at = $3, reviewed_by = $4 where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
        now,
        by.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// People of the store who can keep customers' files.
pub async fn list_keepers(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Keeper>> {
    sqlx::query_as!(
        Keeper,
        r#"
        select u.id, u.display_name as name
        from user_stores m
        join users u on u.id = m.user_id
        where m.store_id = $1
          and m.is_active
          and u.is_active
          and m.role in ('specialist', 'clerk', 'manager')
        order by u.display_name, u.id
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// Whether this is a company of the store that people can belong to.
pub async fn is_company(db: impl PgExecutor<'_>, scope: StoreScope, id: CustomerId) -> sqlx::Result<bool> {
    let found = sqlx::query_scalar!(
        r#"
        select id
        from customers
        where store_id = $1
          and id = $2
          and kind = 'company'
          and merged_into_id is null
          and erased_at is null
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await?;
    Ok(found.is_some())
}

/// Moves a customer to the head of the recently changed, looked through by this person, without counting as an edit of its form.
pub async fn touch(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
    by: Option<UserId>,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update customers
        set updated_at = $3,
            reviewed_at = case when $4::bigint is null then reviewed_at else $3 end, reviewed_by = coalesce($4, reviewed_by)
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        id.get(),
        now,
        by.map(UserId::get),
    )
    .execute(db)
    .await?;
    Ok(())
}
