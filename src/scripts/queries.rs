//! Statements of scripts and their versions.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::scripts::{ScriptId, ScriptKind, ScriptVersionId};
use crate::stores::StoreScope;
use crate::users::UserId;

/// Scripts of a new store as columns of equal length.
#[derive(Default)]
pub struct NewScripts {
    pub kinds: Vec<String>,
    pub for_kinds: Vec<String>,
    pub names: Vec<String>,
    pub bodies: Vec<Value>,
}

/// The version of a script that is in use, or was.
pub struct CurrentVersion {
    pub id: ScriptVersionId,
    /// The occasion; `*` for any.
    pub for_kind: String,
    pub name: String,
    pub version: i32,
    pub body: Value,
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

/// The published versions for these occasions, else those for any occasion; the occasion's own first.
pub async fn list_current(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: ScriptKind,
    for_kinds: &[String],
) -> sqlx::Result<Vec<CurrentVersion>> {
    sqlx::query_as!(
        CurrentVersion,
        r#"
        select v.id, s.for_kind, s.name, v.version, v.body
        from scripts s
        join script_versions v on v.store_id = s.store_id and v.script_id = s.id
          and v.published_at is not null and v.retired_at is null
        where s.store_id = $1
          and s.kind = $2
          and (s.for_kind = any($3) or s.for_kind = '*')
        order by s.for_kind = '*', s.id
        "#,
        scope.get(),
        kind.as_str(),
        for_kinds,
    )
    .fetch_all(db)
    .await
}

/// One published or retired version of a questionnaire; never a draft.
pub async fn find_asked(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ScriptVersionId,
) -> sqlx::Result<Option<CurrentVersion>> {
    sqlx::query_as!(
        CurrentVersion,
        r#"
        select v.id, s.for_kind, s.name, v.version, v.body
        from script_versions v
        join scripts s on s.store_id = v.store_id and s.id = v.script_id
        where v.store_id = $1
          and v.id = $2
          and s.kind = 'questionnaire'
          and v.published_at is not null
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// A reason's words in the version of the questionnaire that was asked in the call that led to a complaint; else in the
/// newest version that knows it.
pub async fn find_reason(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    callback: Option<i64>,
    code: &str,
) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!(
        r#"
        select reason.value as "reason!"
        from scripts s
        join script_versions v on v.store_id = s.store_id and v.script_id = s.id and v.published_at is not null
        cross join lateral jsonb_array_elements(v.body -> 'reasons') reason(value)
        where s.store_id = $1
          and s.kind = 'questionnaire'
          and reason.value ->> 'code' = $3
        order by exists (
                   select from obligations o
                   join responses r on r.store_id = o.store_id and r.obligation_id = o.id
                   where o.store_id = $1 and o.callback_id = $2 and r.script_version_id = v.id
                 ) desc,
                 v.retired_at is null desc, v.id desc
        limit 1
        "#,
        scope.get(),
        callback,
        code,
    )
    .fetch_optional(db)
    .await
}

/// A script in the list.
pub struct ScriptRow {
    pub id: ScriptId,
    pub kind: ScriptKind,
    pub for_kind: String,
    pub name: String,
    pub version: Option<i32>,
    pub published_at: Option<DateTime<Utc>>,
    pub published_by: Option<String>,
    pub parts: Option<i32>,
    pub draft_version: Option<i32>,
    pub draft_changed_at: Option<DateTime<Utc>>,
}

/// Every script of the store: what is in use, and whether a draft waits.
pub async fn list(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<ScriptRow>> {
    sqlx::query_as!(
        ScriptRow,
        r#"
        select s.id, s.kind, s.for_kind, s.name, v.version as "version?", v.published_at,
               p.display_name as "published_by?",
               jsonb_array_length(coalesce(v.body -> 'steps', v.body -> 'items')) as parts,
               d.version as "draft_version?", d.changed_at as draft_changed_at
        from scripts s
        left join script_versions v on v.store_id = s.store_id and v.script_id = s.id
          and v.published_at is not null and v.retired_at is null
        left join script_versions d on d.store_id = s.store_id and d.script_id = s.id and d.published_at is null
        left join users p on p.id = v.published_by
        where s.store_id = $1
        order by s.kind desc, s.for_kind = '*', s.id
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// A script.
#[derive(Clone)]
pub struct Script {
    pub id: ScriptId,
    pub kind: ScriptKind,
    pub for_kind: String,
    pub name: String,
}

/// A script of this store.
pub async fn find(db: impl PgExecutor<'_>, scope: StoreScope, id: ScriptId) -> sqlx::Result<Option<Script>> {
    sqlx::query_as!(
        Script,
        r#"select id, kind, for_kind, name from scripts where store_id = $1 and id = $2"#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Locks a script, so that two who edit it take turns; nothing if it is not there.
pub async fn lock(db: impl PgExecutor<'_>, scope: StoreScope, id: ScriptId) -> sqlx::Result<Option<Script>> {
    sqlx::query_as!(
        Script,
        r#"select id, kind, for_kind, name from scripts where store_id = $1 and id = $2 for update"#,
        scope.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// A version with its life.
#[derive(Clone)]
pub struct VersionRow {
    pub id: ScriptVersionId,
    pub version: i32,
    pub revision: i32,
    pub body: Value,
    pub published_at: Option<DateTime<Utc>>,
    pub published_by: Option<String>,
    pub retired_at: Option<DateTime<Utc>>,
    pub changed_at: Option<DateTime<Utc>>,
    pub changed_by: Option<String>,
    /// Answers that were given to it.
    pub answers: i64,
}

impl VersionRow {
    /// Not published yet.
    pub const fn is_draft(&self) -> bool {
        self.published_at.is_none()
    }

    /// The one that is asked now.
    pub const fn is_current(&self) -> bool {
        self.published_at.is_some() && self.retired_at.is_none()
    }
}

/// The latest versions of a script, newest first.
pub async fn list_versions(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ScriptId,
) -> sqlx::Result<Vec<VersionRow>> {
    sqlx::query_as!(
        VersionRow,
        r#"
        select v.id, v.version, v.revision, v.body, v.published_at, p.display_name as "published_by?", v.retired_at,
               v.changed_at, c.display_name as "changed_by?",
               (select count(*) from responses r where r.store_id = v.store_id and r.script_version_id = v.id) as "answers!"
        from script_versions v
        left join users p on p.id = v.published_by
        left join users c on c.id = v.changed_by
        where v.store_id = $1
          and v.script_id = $2
        order by v.version desc
        limit 50
        "#,
        scope.get(),
        id.get(),
    )
    .fetch_all(db)
    .await
}

/// Writes a new script without any version.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: ScriptKind,
    for_kind: &str,
    name: &str,
) -> sqlx::Result<Option<ScriptId>> {
    sqlx::query_scalar!(
        r#"
        insert into scripts (store_id, kind, for_kind, name)
        values ($1, $2, $3, $4)
        on conflict (store_id, kind, for_kind) do nothing
        returning id
        "#,
        scope.get(),
        kind.as_str(),
        for_kind,
        name,
    )
    .fetch_optional(db)
    .await
}

/// Whether a draft waits.
pub async fn has_draft(db: impl PgExecutor<'_>, scope: StoreScope, id: ScriptId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from script_versions where store_id = $1 and script_id = $2 and published_at is null) as "is_there!""#,
        scope.get(),
        id.get(),
    )
    .fetch_one(db)
    .await
}

/// Writes the next version as a draft.
pub async fn insert_draft(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ScriptId,
    body: &Value,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<i32> {
    sqlx::query_scalar!(
        r#"
        insert into script_versions (store_id, script_id, version, body, created_by, changed_at, changed_by)
        select $1, $2, coalesce(max(v.version), 0) + 1, $3, $4, $5, $4
        from script_versions v
        where v.store_id = $1 and v.script_id = $2
        returning version
        "#,
        scope.get(),
        id.get(),
        body,
        by.get(),
        now,
    )
    .fetch_one(db)
    .await
}

/// Saves the draft over the revision it was loaded with; its number, `None` if there is none of it any more.
pub async fn update_draft(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ScriptId,
    revision: i32,
    body: &Value,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        r#"
        update script_versions
        set body = $4, revision = revision + 1, changed_at = $6, changed_by = $5
        where store_id = $1
          and script_id = $2
          and published_at is null
          and revision = $3
        returning version
        "#,
        scope.get(),
        id.get(),
        revision,
        body,
        by.get(),
        now,
    )
    .fetch_optional(db)
    .await
}

/// Ends the version in use.
pub async fn retire_current(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ScriptId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        update script_versions
        set retired_at = $3
        where store_id = $1
          and script_id = $2
          and published_at is not null
          and retired_at is null
        "#,
        scope.get(),
        id.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Publishes the draft as it stands at this revision; its number.
pub async fn publish_draft(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    id: ScriptId,
    revision: i32,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        r#"
        update script_versions
        set published_at = $5, published_by = $4
        where store_id = $1
          and script_id = $2
          and published_at is null
          and revision = $3
        returning version
        "#,
        scope.get(),
        id.get(),
        revision,
        by.get(),
        now,
    )
    .fetch_optional(db)
    .await
}

/// Throws the draft away.
pub async fn delete_draft(db: impl PgExecutor<'_>, scope: StoreScope, id: ScriptId) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "delete from script_versions where store_id = $1 and script_id = $2 and published_at is null",
        scope.get(),
        id.get(),
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() > 0)
}
