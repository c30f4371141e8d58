//! Statements of the list and the board. What a filter means is in the function `complaints_matching`.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgExecutor;

use crate::complaints::ComplaintId;
use crate::complaints::list::{Asker, Offers, SortKey, View};
use crate::complaints::model::{
    ComplaintChannel, ComplaintClass, ComplaintState, Responsibility, Severity, Verdict,
};
use crate::customers::CustomerId;
use crate::obligations::ObligationKind;
use crate::stores::StoreScope;
use crate::web::list::{Named, Sort};
use crate::web::pagination::COUNT_LIMIT;

/// How many cases the filter lets through, counted no further than `limit`.
pub async fn count(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from (
          select id
          from complaints_matching($1, $2)
          limit $3
        ) counted
        "#,
        scope.get(),
        conditions,
        limit,
    )
    .fetch_one(db)
    .await
}

/// How many cases each view of the house holds, and whether one waits too long for its dispatch.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    pub open: i64,
    pub to_dispatch: i64,
    pub progress: i64,
    pub second_callback: i64,
    pub escalated: i64,
    pub closed: i64,
    pub all: i64,
    pub is_late: bool,
}

impl Counts {
    /// The count of one view.
    pub const fn of(&self, view: View) -> i64 {
        match view {
            View::Open => self.open,
            View::ToDispatch => self.to_dispatch,
            View::Progress => self.progress,
            View::SecondCallback => self.second_callback,
            View::Escalated => self.escalated,
            View::Closed => self.closed,
            View::All => self.all,
        }
    }
}

/// Counts of the views, each by the conditions that it opens with.
pub async fn counts(db: impl PgExecutor<'_>, asker: Asker) -> sqlx::Result<Counts> {
    sqlx::query_as!(
        Counts,
        r#"
        select (select count(*) from complaints_matching($1, $2)) as "open!",
               (select count(*) from complaints_matching($1, $3)) as "to_dispatch!",
               (select count(*) from complaints_matching($1, $4)) as "progress!",
               (select count(*) from complaints_matching($1, $5)) as "second_callback!",
               (select count(*) from complaints_matching($1, $6)) as "escalated!",
               (select count(*) from complaints_matching($1, $7)) as "closed!",
               (select count(*) from (select from complaints_matching($1, $8) limit $9) seen) as "all!",
               exists (
                 select from complaints_matching($1, $3) m
                 join obligations o on o.store_id = $1 and o.complaint_id = m.id and o.kind = 'complaint_dispatch'
                 where o.status = 'open' and o.due_at < $10
               ) as "is_late!"
        "#,
        asker.scope.get(),
        asker.view(View::Open),
        asker.view(View::ToDispatch),
        asker.view(View::Progress),
        asker.view(View::SecondCallback),
        asker.view(View::Escalated),
        asker.view(View::Closed),
        asker.view(View::All),
        COUNT_LIMIT + 1,
        asker.now,
    )
    .fetch_one(db)
    .await
}

/// A page in any order: what is let through is found first and then sorted, its open clocks beside it.
pub async fn sorted(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    sort: Sort<SortKey>,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    // A key in each direction; what has none stands behind, whichever way it is sorted.
    sqlx::query_scalar!(
        r#"
        with due as materialized (
          select complaint_id,
                 extract(epoch from case $3
                   when 'dispatch' then min(due_at) filter (where kind = 'complaint_dispatch')
                   when 'follow_up' then min(due_at) filter (where kind = 'complaint_follow_up')
                   when 'second_callback' then min(due_at) filter (where kind = 'complaint_second_callback')
                   else min(due_at)
                 end) as at
          from obligations
          where store_id = $1
            and status = 'open'
            and complaint_id is not null
          group by complaint_id
        ),
        matches as materialized (
          select m.id, m.accepted_at,
                 case $3
                   when 'severity' then ascii(m.severity)
                   when 'state' then array_position(array['accepted','dispatched','in_progress','waiting','resolved','closed','withdrawn','invalid','merged'], m.state)
                   when 'accepted' then extract(epoch from m.accepted_at)
                   when 'updated' then extract(epoch from m.updated_at)
                   else d.at
                 end as key
          from complaints_matching($1, $2) m
          left join due d on d.complaint_id = m.id
        )
        select id as "id!"
        from matches
        order by case when $4 then key end desc nulls last,
                 case when not $4 then key end nulls last,
                 accepted_at desc,
                 id desc
        limit $5
        offset $6
        "#,
        scope.get(),
        conditions,
        sort.key.as_str(),
        sort.descending,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// Last accepted first.
pub async fn by_accepted_desc(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from complaints_matching($1, $2)
        order by accepted_at desc, id
        limit $3
        offset $4
        "#,
        scope.get(),
        conditions,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// First accepted first.
pub async fn by_accepted(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
    offset: i64,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!"
        from complaints_matching($1, $2)
        order by accepted_at, id desc
        limit $3
        offset $4
        "#,
        scope.get(),
        conditions,
        limit,
        offset,
    )
    .fetch_all(db)
    .await
}

/// A case as lists, cards and files show it. Its clocks are read beside it.
pub struct ComplaintRow {
    pub id: ComplaintId,
    pub number: String,
    pub severity: Severity,
    pub class_major: ComplaintClass,
    pub channel: ComplaintChannel,
    pub state: ComplaintState,
    pub words: Option<String>,
    pub demand: Option<String>,
    pub customer_id: Option<CustomerId>,
    pub customer_name: Option<String>,
    pub plate: Option<String>,
    pub department: Option<String>,
    pub owner: Option<String>,
    pub handler: Option<String>,
    pub cause: Option<String>,
    pub measure: Option<String>,
    pub result: Option<String>,
    pub responsibility: Option<Responsibility>,
    pub verdict: Option<Verdict>,
    pub verdict_words: Option<String>,
    pub accepted_at: DateTime<Utc>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub verdict_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

/// Rows of these cases, in the order of the ids.
pub async fn list_rows(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    ids: &[i64],
) -> sqlx::Result<Vec<ComplaintRow>> {
    sqlx::query_as!(
        ComplaintRow,
        r#"
        select p.id, p.number, p.severity, p.class_major, p.channel, p.state, p.words, p.demand, p.customer_id,
               u.name as "customer_name?", v.plate as "plate?", d.name as "department?",
               w.display_name as "owner?", h.display_name as "handler?",
               p.cause, p.measure, p.result, p.responsibility, p.verdict, p.verdict_words,
               p.accepted_at, p.resolved_at, p.verdict_at, p.ended_at, p.updated_at
        from unnest($2::bigint[]) with ordinality x(id, place)
        join complaints p on p.store_id = $1 and p.id = x.id
        left join customers u on u.store_id = p.store_id and u.id = p.customer_id
        left join vehicles v on v.store_id = p.store_id and v.id = p.vehicle_id
        left join departments d on d.store_id = p.store_id and d.id = p.department_id
        left join users w on w.id = p.owner_id
        left join users h on h.id = p.handler_id
        order by x.place
        "#,
        scope.get(),
        ids,
    )
    .fetch_all(db)
    .await
}

/// A card's place on the board: its column, and how many the column holds.
pub struct Place {
    pub id: i64,
    pub state: ComplaintState,
    pub total: i64,
}

/// Places of the board, column by column, each cut at `limit`: what is due first, of the closed what was closed last.
pub async fn list_places(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
    limit: i64,
) -> sqlx::Result<Vec<Place>> {
    sqlx::query_as!(
        Place,
        r#"
        with due as materialized (
          select complaint_id, min(due_at) as at
          from obligations
          where store_id = $1
            and status = 'open'
            and complaint_id is not null
          group by complaint_id
        ),
        places as (
          select m.id, m.state, count(*) over (partition by m.state) as total,
                 row_number() over (
                   partition by m.state
                   order by case when m.state <> 'closed' then d.at end nulls last,
                            case when m.state = 'closed' then m.updated_at end desc nulls last,
                            m.accepted_at desc, m.id desc) as place
          from complaints_matching($1, $2) m
          left join due d on d.complaint_id = m.id
        )
        select id as "id!", state as "state!: ComplaintState", total as "total!"
        from places
        where place <= $3
        order by state, place
        "#,
        scope.get(),
        conditions,
        limit,
    )
    .fetch_all(db)
    .await
}

/// What the words of a search are looked up by.
pub struct WordKeys {
    /// An array as PostgreSQL writes it; none if nothing was typed that words could hold.
    pub grams: Option<String>,
    /// The pieces as they must stand in the words; none where the pairs of characters say it all.
    pub pieces: Option<String>,
}

/// Pieces of a search folded as the words are, and the keys of the index.
pub async fn word_keys(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    pieces: &[String],
) -> sqlx::Result<WordKeys> {
    sqlx::query_as!(
        WordKeys,
        r#"
        select case when count(*) > 0 then complaint_query_grams($1, array_agg(piece))::text end as grams,
               case when bool_or(char_length(piece) > 2) then array_agg(piece)::text end as pieces
        from (select complaint_fold(typed) as piece from unnest($2::text[]) typed) folded
        where piece <> ''
        "#,
        scope.get(),
        pieces,
    )
    .fetch_one(db)
    .await
}

/// Cars of a plate, or of its last four characters.
pub async fn find_vehicles(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    plate: &str,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select id as "id!: i64"
        from vehicles
        where store_id = $1
          and (plate = $2 or right(plate, 4) = $2)
        limit 500
        "#,
        scope.get(),
        plate,
    )
    .fetch_all(db)
    .await
}

/// Cases whose clock of a kind matured in some days; with `missed` those that did not keep it.
pub async fn clock_cases(
    db: impl PgExecutor<'_>,
    asker: Asker,
    kind: ObligationKind,
    (from, to): (NaiveDate, NaiveDate),
    missed: bool,
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"
        select complaint_id as "id!"
        from complaint_clocks($1, $2, $3, $4)
        where kind = $5
          and (not $6 or is_missed)
        "#,
        asker.scope.get(),
        from,
        to,
        asker.now,
        kind.as_str(),
        missed,
    )
    .fetch_all(db)
    .await
}

/// Cases of a kind of clock: all, and those that kept it.
pub struct Kept {
    pub kind: ObligationKind,
    pub due: i64,
    pub kept: i64,
}

/// The promises of some days, by kind.
pub async fn count_kept(
    db: impl PgExecutor<'_>,
    asker: Asker,
    (from, to): (NaiveDate, NaiveDate),
) -> sqlx::Result<Vec<Kept>> {
    sqlx::query_as!(
        Kept,
        r#"
        select kind as "kind!: ObligationKind", count(*) as "due!", count(*) filter (where not is_missed) as "kept!"
        from complaint_clocks($1, $2, $3, $4)
        group by kind
        "#,
        asker.scope.get(),
        from,
        to,
        asker.now,
    )
    .fetch_all(db)
    .await
}

/// What customers said of cases that were closed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Verdicts {
    pub satisfied: i64,
    pub acceptable: i64,
    pub dissatisfied: i64,
}

/// Verdicts of the cases that the conditions let through.
pub async fn count_verdicts(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
) -> sqlx::Result<Verdicts> {
    sqlx::query_as!(
        Verdicts,
        r#"
        select count(*) filter (where p.verdict = 'satisfied') as "satisfied!",
               count(*) filter (where p.verdict = 'acceptable') as "acceptable!",
               count(*) filter (where p.verdict = 'dissatisfied') as "dissatisfied!"
        from complaints_matching($1, $2) m
        join complaints p on p.store_id = $1 and p.id = m.id
        "#,
        scope.get(),
        conditions,
    )
    .fetch_one(db)
    .await
}

/// Departments, those who lead cases and those who answer for a department, by name.
pub async fn offers(db: &sqlx::PgPool, scope: StoreScope) -> sqlx::Result<Offers> {
    let departments = sqlx::query_as!(
        Named,
        r#"select id as "id!: i64", name from departments where store_id = $1 and is_active order by name, id"#,
        scope.get(),
    )
    .fetch_all(db)
    .await?;
    let people = list_people(db, scope).await?;
    let (mut owners, mut handlers) = (Vec::new(), Vec::new());
    for person in people {
        let named = || Named {
            id: person.id,
            name: person.name.clone(),
        };
        if person.is_owner {
            owners.push(named());
        }
        if person.department_id.is_some() {
            handlers.push(named());
        }
    }
    Ok(Offers {
        departments,
        owners,
        handlers,
    })
}

/// Somebody of the store who may be given cases.
pub struct Person {
    pub id: i64,
    pub name: String,
    /// May lead cases.
    pub is_owner: bool,
    /// Answers for this department.
    pub department_id: Option<i64>,
    pub department: Option<String>,
}

/// Everybody of the store who may lead cases or answer for a department, by name.
pub async fn list_people(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<Vec<Person>> {
    let owners = roles(crate::auth::permission::Permission::WorkComplaints);
    let handlers = roles(crate::auth::permission::Permission::AnswerComplaints);
    sqlx::query_as!(
        Person,
        r#"
        select u.id as "id!: i64", u.display_name as name, m.role = any($2) as "is_owner!",
               d.id as "department_id?: i64", d.name as "department?"
        from user_stores m
        join users u on u.id = m.user_id and u.is_active
        left join departments d on d.store_id = m.store_id and d.id = m.department_id and m.role = any($3)
        where m.store_id = $1
          and m.is_active
          and (m.role = any($2) or d.id is not null)
        order by u.display_name, u.id
        "#,
        scope.get(),
        &owners,
        &handlers,
    )
    .fetch_all(db)
    .await
}

fn roles(permission: crate::auth::permission::Permission) -> Vec<String> {
    permission.roles().iter().map(ToString::to_string).collect()
}
