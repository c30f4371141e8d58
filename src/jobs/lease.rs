//! The lease of the scheduler's leader, on the database's clock (promises R6).

use sqlx::{PgExecutor, PgPool};
use uuid::Uuid;

/// Name of the lease row.
const SCHEDULER: &str = "scheduler";

/// Proof of leadership: whoever takes over raises the term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    pub holder: Uuid,
    pub term: i64,
}

/// Takes the lease if it is free, run out, or this holder's already. It lasts 10 seconds.
pub async fn acquire(db: impl PgExecutor<'_>, holder: Uuid) -> sqlx::Result<Option<Lease>> {
    let term = sqlx::query_scalar!(
        r#"
        insert into leases as l (name, holder, term, expires_at)
        values ($1, $2, 1, clock_timestamp() + interval '10 seconds')
        on conflict (name) do update
          set holder = excluded.holder, expires_at = excluded.expires_at,
              term = case when l.holder = excluded.holder and l.expires_at > clock_timestamp() then l.term else l.term + 1 end
          where l.holder = excluded.holder or l.expires_at <= clock_timestamp()
        returning term
        "#,
        SCHEDULER,
        holder,
    )
    .fetch_optional(db)
    .await?;
    Ok(term.map(|term| Lease { holder, term }))
}

/// Another 10 seconds; `false` when the lease is lost.
pub async fn renew(db: impl PgExecutor<'_>, lease: Lease) -> sqlx::Result<bool> {
    let renewed = sqlx::query!(
        r#"
        update leases
        set expires_at = clock_timestamp() + interval '10 seconds'
        where name = $1 and holder = $2 and term = $3 and expires_at > clock_timestamp()
        "#,
        SCHEDULER,
        lease.holder,
        lease.term,
    )
    .execute(db)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Gives the lease back at once, so that the next process need not wait.
pub async fn resign(db: &PgPool, lease: Lease) -> sqlx::Result<()> {
    sqlx::query!(
        "update leases set expires_at = clock_timestamp() where name = $1 and holder = $2 and term = $3",
        SCHEDULER,
        lease.holder,
        lease.term,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Whether this is still the leader's term; locks the row, so that nobody takes over before the transaction has ended.
pub async fn fence(db: impl PgExecutor<'_>, lease: Lease) -> sqlx::Result<bool> {
    let found = sqlx::query_scalar!(
        "select term from leases where name = $1 and holder = $2 and term = $3 for share",
        SCHEDULER,
        lease.holder,
        lease.term,
    )
    .fetch_optional(db)
    .await?;
    Ok(found.is_some())
}

/// Whether some process leads now.
pub async fn has_leader(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select 1 from leases where name = $1 and expires_at > clock_timestamp()) as "has!""#,
        SCHEDULER,
    )
    .fetch_one(db)
    .await
}
