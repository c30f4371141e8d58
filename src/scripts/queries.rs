//! Statements of scripts and their versions.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::scripts::ScriptVersionId;
use crate::stores::StoreScope;

/// Scripts of a new store as columns of equal length.
#[derive(Default)]
pub struct NewScripts {
    pub kinds: Vec<String>,
    pub for_kinds: Vec<String>,
    pub names: Vec<String>,
    pub bodies: Vec<Value>,
}

/// Writes scripts with their published first version.
pub async fn insert_first_versions(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    new: &NewScripts,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with given as materialized (
          select g.kind, g.for_kind, g.name, g.body
          from unnest($2::text[], $3::text[], $4::text[], $5::jsonb[]) g(kind, for_kind, name, body)
        ), written as (
          insert into scripts (store_id, kind, for_kind, name)
          select $1, kind, for_kind, name
          from given
          returning id, name
        )
        insert into script_versions (store_id, script_id, version, body, published_at)
        select $1, w.id, 1, g.body, $6
        from written w
        join given g on g.name = w.name
        "#,
        scope.get(),
        &new.kinds,
        &new.for_kinds,
        &new.names,
        &new.bodies,
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// The version of a script that is in use.
pub struct CurrentVersion {
    pub id: ScriptVersionId,
    pub name: String,
    pub version: i32,
    pub body: Value,
}

/// The published version for an occasion, else the one for any occasion; `kind` is `talk` or `questionnaire`.
pub async fn find_current(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: &str,
    for_kind: &str,
) -> sqlx::Result<Option<CurrentVersion>> {
    sqlx::query_as!(
        CurrentVersion,
        r#"
        select v.id, s.name, v.version, v.body
        from scripts s
        join script_versions v on v.store_id = s.store_id and v.script_id = s.id
          and v.published_at is not null and v.retired_at is null
        where s.store_id = $1
          and s.kind = $2
          and s.for_kind in ($3, '*')
        order by (s.for_kind = $3) desc, s.id
        limit 1
        "#,
        scope.get(),
        kind,
        for_kind,
    )
    .fetch_optional(db)
    .await
}

/// The body of one version, published or retired.
pub async fn find_body(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ScriptVersionId,
) -> sqlx::Result<Option<Value>> {
    let body = sqlx::query_scalar!(
        "select body from script_versions where store_id = $1 and id = $2",
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await?;
    Ok(body)
}
