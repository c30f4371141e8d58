//! Statements of numbers: one number may belong to several people.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::customers::model::CustomerPhone;
use crate::customers::phone::PhoneKind;
use crate::customers::service::PhoneInput;
use crate::customers::{CustomerId, PhoneId, PhoneState};
use crate::stores::StoreScope;
use crate::users::UserId;

/// All numbers of a customer, the main one first.
pub async fn list_phones(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: CustomerId,
) -> sqlx::Result<Vec<CustomerPhone>> {
    sqlx::query_as!(
        CustomerPhone,
        r#"
        select id, number, kind, state, is_main, sms_opt_out
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
        select id, number, kind, state, is_main, sms_opt_out
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

/// Replaces a number and its state; a state that changes was found out today.
pub async fn update_phone(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: PhoneId,
    (number, raw, kind): (&str, &str, PhoneKind),
    (state, sms_opt_out): (PhoneState, bool),
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update phones
        set number = $3, raw = $4, kind = $5, state = $6, sms_opt_out = $7,
            checked_on = case when state = $6 then checked_on
                              else ($8 at time zone (select s.time_zone from stores s where s.id = $1))::date end
        where store_id = $1
          and id = $2
        "#,
        scope.get(),
        id.get(),
        number,
        raw,
        kind.as_str(),
        state.as_str(),
        sms_opt_out,
        now,
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
          and sheet_id is null
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
