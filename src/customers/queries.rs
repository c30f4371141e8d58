//! Statements of customers and their numbers.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::customers::model::{Customer, CustomerPhone, CustomerRow};
use crate::customers::phone::PhoneKind;
use crate::customers::service::{CustomerInput, PhoneInput};
use crate::customers::{CustomerId, PhoneId, PhoneState};
use crate::stores::StoreScope;
use crate::users::UserId;

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
               c.preferred_channel, c.survey_opt_out, c.merged_into_id, c.erased_at,
               c.version, c.updated_at, f.last_visit_on as "last_visit_on?"
        from customers c
        left join customer_facts f on f.store_id = c.store_id and f.customer_id = c.id
        where c.store_id = $1
          and c.id = $2
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// All numbers of a customer, the main one first.
pub async fn list_phones(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
) -> sqlx::Result<Vec<CustomerPhone>> {
    sqlx::query_as!(
        CustomerPhone,
        r#"
        select id, number, kind, state, is_main
        from phones
        where store_id = $1
          and customer_id = $2
        order by is_main desc, id
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// Customers with this whole number.
pub async fn list_by_phone(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    number: &str,
    limit: i64,
) -> sqlx::Result<Vec<CustomerId>> {
    sqlx::query_scalar!(
        r#"
        select c.id
        from phones h
        join customers c on c.store_id = h.store_id and c.id = h.customer_id
        where h.store_id = $1
          and h.number = $2
          and c.merged_into_id is null
        order by c.id
        limit $3
        "#,
        scope.get(),
        number,
        limit,
    )
    .fetch_all(db)
    .await
}

/// One number of one customer.
pub async fn find_phone(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
    id: PhoneId,
) -> sqlx::Result<Option<CustomerPhone>> {
    sqlx::query_as!(
        CustomerPhone,
        r#"
        select id, number, kind, state, is_main
        from phones
        where store_id = $1
          and customer_id = $2
          and id = $3
        "#,
        scope.get(),
        customer.get(),
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
        insert into customers (store_id, kind, name, salutation, grade, grams, note, preferred_channel, survey_opt_out,
                               created_at, updated_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
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
        input.survey_opt_out,
        now,
    )
    .fetch_one(db)
    .await
}

/// Changes a customer. `false`: somebody else has changed it since `version`, or it was merged or erased.
pub async fn update(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
    version: i32,
    input: &CustomerInput,
    grams: &[String],
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update customers
        set kind = $4, name = $5, salutation = $6, grade = $7, grams = $8, note = $9, preferred_channel = $10,
            survey_opt_out = $11, version = version + 1, updated_at = $12
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
        input.survey_opt_out,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A new number of a customer.
pub async fn insert_phone(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
    phone: &PhoneInput,
    is_main: bool,
) -> sqlx::Result<PhoneId> {
    sqlx::query_scalar!(
        r#"
        insert into phones (store_id, customer_id, number, raw, kind, state, is_main)
        values ($1, $2, $3, $4, $5, $6, $7)
        returning id
        "#,
        scope.get(),
        customer.get(),
        phone.number.as_str(),
        phone.raw,
        phone.number.kind().as_str(),
        phone.state.as_str(),
        is_main,
    )
    .fetch_one(db)
    .await
}

/// Replaces a number and its state.
pub async fn update_phone(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: PhoneId,
    number: &str,
    raw: &str,
    kind: PhoneKind,
    state: PhoneState,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update phones
        set number = $3, raw = $4, kind = $5, state = $6
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        id.get(),
        number,
        raw,
        kind.as_str(),
        state.as_str(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Takes the mark of the main number away, before another one gets it: only one may carry it at any moment.
pub async fn clear_main_phone(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update phones set is_main = false where store_id = $1 and customer_id = $2 and is_main",
        scope.get(),
        customer.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Marks the number that is called first.
pub async fn set_main_phone(db: impl PgExecutor<'_>, scope: StoreScope, id: PhoneId) -> sqlx::Result<()> {
    sqlx::query!(
        "update phones set is_main = true where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Moves a customer to the head of the recently changed, without counting as an edit of its form.
pub async fn touch(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update customers set updated_at = $3 where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The area code that a landline of this store is completed with.
pub async fn area_code(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("select area_code from stores where id = $1", scope.get())
        .fetch_one(db)
        .await
}

/// How many numbers a person has revealed since an instant, and when the first of them was.
pub struct Revealed {
    pub count: i64,
    pub first_at: Option<DateTime<Utc>>,
}

/// For the hourly limit.
pub async fn revealed_since(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    since: DateTime<Utc>,
) -> sqlx::Result<Revealed> {
    sqlx::query_as!(
        Revealed,
        r#"
        select count(*) as "count!", min(at) as first_at
        from reveals
        where store_id = $1
          and user_id = $2
          and at > $3
        "#,
        scope.get(),
        user.get(),
        since,
    )
    .fetch_one(db)
    .await
}

/// Notes that a person has seen a whole number.
pub async fn insert_reveal(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    customer: CustomerId,
    reason: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into reveals (store_id, user_id, at, customer_id, field, reason)
        values ($1, $2, $3, $4, 'phone', $5)
        "#,
        scope.get(),
        user.get(),
        now,
        customer.get(),
        reason,
    )
    .execute(db)
    .await?;
    Ok(())
}
