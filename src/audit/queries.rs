//! Statements of the audit log's page and of its verification.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgExecutor};

use crate::audit::Chain;
use crate::stores::StoreScope;
use crate::users::UserId;

/// An entry of a chain; the actor's name is as it is now.
pub struct EntryRow {
    pub seq: i64,
    pub at: DateTime<Utc>,
    pub actor_name: Option<String>,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: Option<i64>,
    pub change: Value,
}

/// What to show of a chain.
pub struct Wanted<'a> {
    /// Entries before this one; the newest ones when absent.
    pub before: Option<i64>,
    pub action: Option<&'a str>,
    pub actor: Option<UserId>,
    pub limit: i64,
}

/// Entries of a chain, newest first.
pub async fn list(db: impl PgExecutor<'_>, chain: Chain, wanted: Wanted<'_>) -> sqlx::Result<Vec<EntryRow>> {
    sqlx::query_as!(
        EntryRow,
        r#"
        select a.seq, a.at, u.display_name as "actor_name?", a.action, a.subject_kind, a.subject_id, a.change
        from audit a
        left join users u on u.id = a.actor_id
        where a.store_id = $1
          and ($2::bigint is null or a.seq < $2)
          and ($3::text is null or a.action = $3)
          and ($4::bigint is null or a.actor_id = $4)
        order by a.seq desc
        limit $5
        "#,
        chain.get(),
        wanted.before,
        wanted.action,
        wanted.actor.map(UserId::get),
        wanted.limit,
    )
    .fetch_all(db)
    .await
}

/// Who has acted in a chain, by name; each found with one probe of the index.
pub async fn list_actors(db: impl PgExecutor<'_>, chain: Chain) -> sqlx::Result<Vec<(UserId, String)>> {
    let rows = sqlx::query!(
        r#"
        select u.id, u.display_name
        from users u
        where exists (select from audit a where a.store_id = $1 and a.actor_id = u.id)
        order by u.display_name, u.id
        "#,
        chain.get(),
    )
    .fetch_all(db)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.display_name)).collect())
}

/// The first entry of a chain that is not what was written.
#[derive(Debug, PartialEq, Eq)]
pub struct BadEntry {
    /// 0 is the group's chain.
    pub store_id: i64,
    pub seq: i64,
    pub reason: String,
}

/// Recomputes every hash as `audit_append` made it; the first bad entry of each chain that has one.
///
/// What a chain cannot show is a tail cut off together with its head.
pub async fn list_bad_any_store(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<BadEntry>> {
    sqlx::query_as!(
        BadEntry,
        r#"
        with walked as (
          select a.store_id, a.seq, a.prev_hash, a.hash,
                 row_number() over chain as number,
                 lag(a.hash, 1, sha256(convert_to(a.store_id::text, 'UTF8'))) over chain as expected_prev,
                 sha256(a.prev_hash || convert_to(jsonb_build_array(a.store_id, a.seq, extract(epoch from a.at), a.actor_id,
                                                                    a.action, a.subject_kind, a.subject_id, a.change)::text, 'UTF8')) as computed
          from audit a
          window chain as (partition by a.store_id order by a.seq)
        ), bad as (
          select w.store_id, w.seq,
                 case when w.seq <> w.number then 'an entry before it is missing'
                      when w.prev_hash <> w.expected_prev then 'does not follow the entry before it'
                      else 'was changed' end as reason
          from walked w
          where w.seq <> w.number or w.prev_hash <> w.expected_prev or w.hash <> w.computed
          union all
          select h.store_id, h.seq, 'the end of the chain is not the one recorded'
          from audit_heads h
          left join audit a on a.store_id = h.store_id and a.seq = h.seq
          where h.seq > 0 and a.hash is distinct from h.hash
          union all
          select a.store_id, max(a.seq), 'the end of the chain is not the one recorded'
          from audit a
          left join audit_heads h on h.store_id = a.store_id
          group by a.store_id, h.seq
          having max(a.seq) is distinct from h.seq
        )
        select distinct on (store_id) store_id as "store_id!", seq as "seq!", reason as "reason!"
        from bad
        order by store_id, seq
        "#,
    )
    .fetch_all(db)
    .await
}

/// How many entries in how many chains there are.
pub async fn count_any_store(db: impl PgExecutor<'_>) -> sqlx::Result<(i64, i64)> {
    let row =
        sqlx::query!(r#"select count(*) as "entries!", count(distinct store_id) as "chains!" from audit"#)
            .fetch_one(db)
            .await?;
    Ok((row.entries, row.chains))
}

/// When a row was saved last, and by whom; `None` where no person's act was recorded at that instant: an import, a job.
pub struct LastChange {
    pub at: DateTime<Utc>,
    pub by: Option<String>,
}

/// The last change of a row of the archive, which has `updated_at`.
pub async fn last_change(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    table: &'static str,
    id: i64,
) -> sqlx::Result<Option<LastChange>> {
    let sql = format!(
        "select t.updated_at, u.display_name
         from {table} t
         left join audit a on a.store_id = t.store_id and a.subject_kind = '{table}' and a.subject_id = t.id and a.at = t.updated_at
         left join users u on u.id = a.actor_id
         where t.store_id = $1 and t.id = $2
         order by a.seq desc nulls last
         limit 1"
    );
    let row: Option<(DateTime<Utc>, Option<String>)> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.get())
        .bind(id)
        .fetch_optional(db)
        .await?;
    Ok(row.map(|(at, by)| LastChange { at, by }))
}
