//! Statements of the dictionary of tags and of who carries them.

use chrono::{DateTime, Utc};
use sqlx::PgExecutor;

use crate::customers::CustomerId;
use crate::customers::tags::model::Tag;
use crate::customers::tags::{TagId, TagKind};
use crate::stores::StoreScope;

/// The dictionary as one customer sees it: what may be chosen and what is chosen, classes first.
pub async fn list(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
) -> sqlx::Result<Vec<Tag>> {
    sqlx::query_as!(
        Tag,
        r#"
        select t.id, t.code, t.name, t.kind, g.tag_id is not null as "is_set!"
        from tags t
        left join customer_tags g on g.store_id = t.store_id and g.customer_id = $2 and g.tag_id = t.id
        where t.store_id = $1
          and (t.is_active or g.tag_id is not null)
        order by t.kind, not t.is_system, t.id
        "#,
        scope.get(),
        customer.get(),
    )
    .fetch_all(db)
    .await
}

/// How many entries the dictionary has.
pub async fn count(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "n!" from tags where store_id = $1"#,
        scope.get()
    )
    .fetch_one(db)
    .await
}

/// The entry of this name, made if there is none; one that was put away comes back.
pub async fn ensure(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    name: &str,
    kind: TagKind,
    now: DateTime<Utc>,
) -> sqlx::Result<TagId> {
    sqlx::query_scalar!(
        r#"
        insert into tags (store_id, name, kind, created_at)
        values ($1, $2, $3, $4)
        on conflict on constraint tags_name_key do update set is_active = true
        returning id
        "#,
        scope.get(),
        name,
        kind.as_str(),
        now,
    )
    .fetch_one(db)
    .await
}

/// Makes these the customer's tags; ids that are no tags of the store are passed over. Returns how many came and went.
pub async fn set(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
    tags: &[i64],
    now: DateTime<Utc>,
) -> sqlx::Result<(i64, i64)> {
    let done = sqlx::query!(
        r#"
        with gone as (
          delete from customer_tags
          where store_id = $1 and customer_id = $2 and tag_id <> all($3)
          returning tag_id
        ), added as (
          insert into customer_tags (store_id, customer_id, tag_id, added_at)
          select t.store_id, $2, t.id, $4
          from tags t
          where t.store_id = $1 and t.id = any($3)
          on conflict do nothing
          returning tag_id
        )
        select (select count(*) from added) as "added!", (select count(*) from gone) as "gone!"
        "#,
        scope.get(),
        customer.get(),
        tags,
        now,
    )
    .fetch_one(db)
    .await?;
    Ok((done.added, done.gone))
}

/// Gives a customer one tag of the store. `false`: there is no such tag, or the customer carries it.
pub async fn add(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    customer: CustomerId,
    tag: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        insert into customer_tags (store_id, customer_id, tag_id, added_at)
        select t.store_id, $2, t.id, $4
        from tags t
        where t.store_id = $1 and t.id = $3
        on conflict do nothing
        "#,
        scope.get(),
        customer.get(),
        tag,
        now,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The entries that a store begins with.
pub async fn insert_defaults(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    (codes, names, kinds): (&[String], &[String], &[String]),
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into tags (store_id, code, name, kind, is_system, created_at)
        select $1, d.code, d.name, d.kind, true, $5
        from unnest($2::text[], $3::text[], $4::text[]) with ordinality d(code, name, kind, position)
        order by d.position
        on conflict do nothing
        "#,
        scope.get(),
        codes,
        names,
        kinds,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}
