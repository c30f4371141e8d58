//! Nightly proof that the ledger is whole. Both statements must come back empty.

use chrono::NaiveDate;
use sqlx::PgExecutor;

use crate::obligations::ObligationKind;
use crate::rules::RuleKind;
use crate::stores::StoreScope;

/// A candidate that the ledger lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    pub kind: ObligationKind,
    /// Id of the visit, car or policy that the kind is about.
    pub subject_id: i64,
    pub cycle_key: String,
}

/// An entry, or a callback or reminder (`kind` absent), that does not fit the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loose {
    pub finding: Finding,
    pub kind: Option<ObligationKind>,
    /// Id of the entry, or of the callback or reminder whose count is wrong.
    pub id: i64,
    pub cohort_on: Option<NaiveDate>,
}

crate::text_enum! {
    /// What is loose about it.
    pub enum Finding {
        AttachedToNothing = "attached_to_nothing",
        CallbackEnded = "callback_ended",
        ReminderEnded = "reminder_ended",
        CallbackCount = "callback_count",
        ReminderCount = "reminder_count",
    }
}

/// Candidates of the window of a run without an entry.
pub async fn missing(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    kind: RuleKind,
    (from, to): (NaiveDate, NaiveDate),
) -> sqlx::Result<Vec<Missing>> {
    // EXCEPT, not an anti-join: it hashes or sorts whatever the statistics say. The window arrives as parameters: taken
    // from a joined rule it is not pushed into the view. A maintenance cycle may have been listed long before its forecast
    // moved, hence the 400 days.
    sqlx::query_as!(
        Missing,
        r#"
        select c.kind as "kind!: ObligationKind", c.subject_id as "subject_id!", c.cycle_key as "cycle_key!"
        from candidates c
        where c.kind = $1 and c.store_id = $2 and c.event_on between $3 and $4
        except
        select o.kind, o.subject_id, o.cycle_key
        from obligations o
        where o.kind = $1 and o.store_id = $2 and o.cohort_on > $3::date - 400
        "#,
        kind.as_str(),
        scope.get(),
        from,
        to,
    )
    .fetch_all(db)
    .await
}

/// Files that the days up to this one owe a look, without an entry. Reviews have a view and a job of their own.
pub async fn missing_reviews(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    (from, to): (NaiveDate, NaiveDate),
) -> sqlx::Result<Vec<Missing>> {
    sqlx::query_as!(
        Missing,
        r#"
        select 'profile_review' as "kind!: ObligationKind", c.customer_id as "subject_id!: i64", c.cycle_key as "cycle_key!"
        from review_candidates c
        where c.store_id = $1 and c.event_on between $2 and $3
        except
        select o.kind, o.subject_id, o.cycle_key
        from obligations o
        where o.kind = 'profile_review' and o.store_id = $1 and o.cohort_on > $2::date - 15
        "#,
        scope.get(),
        from,
        to,
    )
    .fetch_all(db)
    .await
}

/// Open complaints that lack a clock which every case in their state has. Complaints write their clocks themselves.
pub async fn missing_complaints(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Missing>> {
    sqlx::query_as!(
        Missing,
        r#"
        select l.kind as "kind!: ObligationKind", l.complaint_id as "subject_id!: i64", coalesce(l.cycle_key, '') as "cycle_key!"
        from lacking_clocks l
        where l.store_id = $1
        order by l.complaint_id, l.kind
        limit 200
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}

/// Loose ends. An entry that waits because its caller in possession served the visit is none.
pub async fn loose(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Loose>> {
    sqlx::query_as!(
        Loose,
        r#"
        select 'attached_to_nothing' as "finding!: Finding", o.kind as "kind?: ObligationKind", o.id as "id!: i64", o.cohort_on as "cohort_on?"
        from obligations o
        left join visits v on v.store_id = o.store_id and v.id = o.visit_id
        where o.store_id = $1 and o.status = 'open' and o.channel <> 'none' and o.callback_id is null and o.reminder_id is null
          and not exists (select 1 from callbacks c
                          where c.store_id = o.store_id and c.customer_id = o.customer_id and c.status = 'claimed'
                            and (c.claimed_by in (v.advisor_id, v.technician_id)
                                 or o.complaint_id is not null and complaint_handled_by(o.store_id, o.complaint_id) @> array[c.claimed_by]))
        union all
        select 'callback_ended', o.kind, o.id, o.cohort_on
        from obligations o
        join callbacks c on c.store_id = o.store_id and c.id = o.callback_id
        where o.store_id = $1 and o.status = 'open' and c.status not in ('open', 'claimed')
        union all
        select 'reminder_ended', o.kind, o.id, o.cohort_on
        from obligations o
        join reminders r on r.store_id = o.store_id and r.id = o.reminder_id
        where o.store_id = $1 and o.status = 'open' and o.callback_id is null and r.status in ('delivered', 'cancelled')
        union all
        select 'callback_count', null, c.id, null
        from callbacks c
        left join (select o.callback_id, count(*) as n
                   from obligations o
                   where o.store_id = $1 and o.status = 'open' and o.callback_id is not null
                   group by o.callback_id) o on o.callback_id = c.id
        where c.store_id = $1 and c.status in ('open', 'claimed') and c.open_count <> coalesce(o.n, 0)
        union all
        select 'reminder_count', null, r.id, null
        from reminders r
        left join (select o.reminder_id, count(*) as n
                   from obligations o
                   where o.store_id = $1 and o.status = 'open' and o.reminder_id is not null
                   group by o.reminder_id) o on o.reminder_id = r.id
        where r.store_id = $1 and r.status = 'pending' and r.open_count <> coalesce(o.n, 0)
        limit 200
        "#,
        scope.get(),
    )
    .fetch_all(db)
    .await
}
