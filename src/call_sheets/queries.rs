//! Statements of call sheets.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::call_sheets::CallSheetId;
use crate::call_sheets::model::{LineRefusal, LineState, MAX_LINES};
use crate::callbacks::{CallbackId, Disposition};
use crate::customers::{CustomerId, PhoneId};
use crate::obligations::ObligationId;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::web::pagination::PageParams;

/// A sheet as the list shows it.
pub struct SheetSummary {
    pub id: CallSheetId,
    pub number: String,
    pub on_day: NaiveDate,
    pub person: String,
    pub made_at: DateTime<Utc>,
    pub made_by: String,
    pub prints: i32,
    pub printed_at: Option<DateTime<Utc>>,
    pub lines: i64,
    pub keyed: i64,
    pub refused: i64,
}

/// The latest sheets, of everybody or of one person.
pub async fn page(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    of: Option<UserId>,
    page: PageParams,
) -> sqlx::Result<Vec<SheetSummary>> {
    sqlx::query_as!(
        SheetSummary,
        r#"
        with page as materialized (
          select s.*
          from call_sheets s
          where s.store_id = $1
            and ($2::bigint is null or s.user_id = $2)
          order by s.id desc
          limit $3 offset $4
        )
        select p.id as "id!", p.number as "number!", p.on_day as "on_day!", u.display_name as person, p.made_at as "made_at!",
               m.display_name as made_by, p.prints as "prints!", p.printed_at, l.n as "lines!", l.keyed as "keyed!",
               l.refused as "refused!"
        from page p
        join users u on u.id = p.user_id
        join users m on m.id = p.made_by
        cross join lateral (
          select count(*) as n, count(*) filter (where x.state = 'keyed') as keyed,
                 count(*) filter (where x.state = 'refused') as refused
          from call_sheet_lines x
          where x.store_id = $1
            and x.sheet_id = p.id
        ) l
        order by p.id desc
        "#,
        scope.get(),
        of.map(UserId::get),
        page.limit(),
        page.offset(),
    )
    .fetch_all(db)
    .await
}

/// One sheet.
pub struct Sheet {
    pub id: CallSheetId,
    pub number: String,
    pub on_day: NaiveDate,
    pub user_id: UserId,
    pub person: String,
    pub made_at: DateTime<Utc>,
    pub printed_at: Option<DateTime<Utc>>,
}

/// Sheets by their ids, in the order of their numbers.
pub async fn list(db: impl PgExecutor<'_>, scope: StoreScope, ids: &[i64]) -> sqlx::Result<Vec<Sheet>> {
    sqlx::query_as!(
        Sheet,
        r#"
        select s.id, s.number, s.on_day, s.user_id, u.display_name as person, s.made_at, s.printed_at
        from call_sheets s
        join users u on u.id = s.user_id
        where s.store_id = $1
          and s.id = any($2)
        order by s.id
        "#,
        scope.get(),
        ids,
    )
    .fetch_all(db)
    .await
}

/// A line with what paper and screen need to know of the call.
pub struct Line {
    pub sheet_id: CallSheetId,
    pub position: i32,
    pub callback_id: CallbackId,
    pub idem_key: Uuid,
    pub state: LineState,
    pub keyed_at: Option<DateTime<Utc>>,
    pub keyed_by: Option<String>,
    pub refusal: Option<LineRefusal>,
    pub typed: Option<Value>,
    pub callable_due_at: DateTime<Utc>,
    pub customer_id: CustomerId,
    pub name: Option<String>,
    pub salutation: Option<String>,
    pub phone_id: Option<PhoneId>,
    pub number: Option<String>,
    pub plate: Option<String>,
    pub model: Option<String>,
    pub kinds: Vec<String>,
    pub dials: i32,
    pub summary: Option<String>,
    pub handed_over_at: Option<DateTime<Utc>>,
    /// The dial that the line has become.
    pub result: Option<Disposition>,
    pub called_at: Option<DateTime<Utc>>,
    /// Who has settled the call, whoever it was.
    pub settled_by: Option<String>,
    pub settled_at: Option<DateTime<Utc>>,
}

/// Lines of sheets in their order, with the number that reaches the customer first.
pub async fn list_lines(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    sheets: &[i64],
) -> sqlx::Result<Vec<Line>> {
    sqlx::query_as!(
        Line,
        r#"
        select l.sheet_id, l.position, l.callback_id, l.idem_key, l.state, l.keyed_at, k.display_name as "keyed_by?",
               l.refusal as "refusal?: LineRefusal", l.typed, b.callable_due_at, b.customer_id, c.name, c.salutation,
               h.id as "phone_id?", h.number as "number?", v.plate as "plate?", v.model as "model?", b.kinds, b.dials,
               w.summary as "summary?", w.handed_over_at as "handed_over_at?",
               a.result as "result?: Disposition", a.at as "called_at?", t.display_name as "settled_by?", t.at as "settled_at?"
        from call_sheet_lines l
        join callbacks b on b.store_id = l.store_id and b.id = l.callback_id
        join customers c on c.store_id = b.store_id and c.id = b.customer_id
        left join users k on k.id = l.keyed_by
        left join attempts a on a.store_id = l.store_id and a.idem_key = l.idem_key
        left join lateral (
          select x.id, x.number
          from phones x
          where x.store_id = b.store_id and x.customer_id = b.customer_id and x.state not in ('dead', 'wrong', 'do_not_call')
          order by x.is_main desc, x.id
          limit 1
        ) h on true
        left join lateral (
          select o.visit_id, o.vehicle_id
          from obligations o
          where o.store_id = b.store_id and o.callback_id = b.id
          order by o.status <> 'open', o.callable_due_at, o.id
          limit 1
        ) o on true
        left join vehicles v on v.store_id = b.store_id and v.id = o.vehicle_id
        left join visits w on w.store_id = b.store_id and w.id = o.visit_id
        left join lateral (
          select u.display_name, x.at
          from attempts x
          join users u on u.id = x.user_id
          where x.store_id = b.store_id and x.callback_id = b.id
          order by x.at desc, x.id desc
          limit 1
        ) t on true
        where l.store_id = $1
          and l.sheet_id = any($2)
        order by l.sheet_id, l.position
        "#,
        scope.get(),
        sheets,
    )
    .fetch_all(db)
    .await
}

/// An open item of a line's call.
pub struct LineItem {
    pub callback_id: CallbackId,
    pub id: ObligationId,
    pub kind: String,
}

/// Open items of the calls of a sheet.
pub async fn list_items(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    sheet: CallSheetId,
) -> sqlx::Result<Vec<LineItem>> {
    sqlx::query_as!(
        LineItem,
        r#"
        select o.callback_id as "callback_id!: CallbackId", o.id, o.kind as "kind: String"
        from call_sheet_lines l
        join obligations o on o.store_id = l.store_id and o.callback_id = l.callback_id
        where l.store_id = $1
          and l.sheet_id = $2
          and l.state = 'open'
          and o.status = 'open'
        order by l.position, o.callable_due_at, o.id
        "#,
        scope.get(),
        sheet.get(),
    )
    .fetch_all(db)
    .await
}

/// What a person would get on paper.
pub struct Share {
    pub id: UserId,
    pub name: String,
    pub calls: i64,
}

/// People who call, with how many of the calls that match are theirs.
pub async fn list_shares(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
) -> sqlx::Result<Vec<Share>> {
    sqlx::query_as!(
        Share,
        r#"
        select u.id, u.display_name as name, count(b.id) as "calls!"
        from user_stores m
        join users u on u.id = m.user_id and u.is_active
        left join (
          select b.id, b.assigned_to
          from callbacks_matching($1, $2) x
          join callbacks b on b.store_id = $1 and b.id = x.id
          where b.status = 'open'
            and b.held_reason is null
            and not exists (
              select from call_sheet_lines l
              where l.store_id = b.store_id and l.callback_id = b.id and l.state = 'open')
        ) b on b.assigned_to = u.id
        where m.store_id = $1
          and m.is_active
          and m.role in ('specialist', 'clerk', 'manager')
        group by u.id, u.display_name
        order by u.display_name, u.id
        "#,
        scope.get(),
        conditions,
    )
    .fetch_all(db)
    .await
}

/// Calls that match and are nobody's.
pub async fn count_unassigned(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    conditions: &Value,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "count!"
        from callbacks_matching($1, $2) x
        join callbacks b on b.store_id = $1 and b.id = x.id
        where b.status = 'open'
          and b.assigned_to is null
          and b.held_reason is null
        "#,
        scope.get(),
        conditions,
    )
    .fetch_one(db)
    .await
}

/// Makes numbering one at a time in a store, until the transaction ends.
pub async fn lock_numbers(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!(
        "select id from stores where id = $1 for no key update",
        scope.get()
    )
    .fetch_one(db)
    .await?;
    Ok(())
}

/// How many sheets a day has so far.
pub async fn count_of_day(db: impl PgExecutor<'_>, scope: StoreScope, day: NaiveDate) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from call_sheets where store_id = $1 and on_day = $2"#,
        scope.get(),
        day,
    )
    .fetch_one(db)
    .await
}

/// A sheet about to be made.
pub struct NewSheet<'a> {
    pub number: &'a str,
    pub on_day: NaiveDate,
    pub user: UserId,
    pub made_by: UserId,
    pub made_at: DateTime<Utc>,
}

/// Makes a sheet of the open calls of a person that match, the first deadlines first.
///
/// Those that are on another open
/// line, held back or without a number that can be dialled stay away. `None`: there is nothing to put on it.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    new: &NewSheet<'_>,
    conditions: &Value,
) -> sqlx::Result<Option<CallSheetId>> {
    sqlx::query_scalar!(
        r#"
        with picked as materialized (
          select b.id, row_number() over (order by b.callable_due_at, b.id)::int as position
          from callbacks_matching($1, $7) x
          join callbacks b on b.store_id = $1 and b.id = x.id
          where b.status = 'open'
            and b.assigned_to = $4
            and b.held_reason is null
            and exists (
              select from phones h
              where h.store_id = b.store_id and h.customer_id = b.customer_id and h.state not in ('dead', 'wrong', 'do_not_call'))
            and not exists (
              select from call_sheet_lines l
              where l.store_id = b.store_id and l.callback_id = b.id and l.state = 'open')
          order by b.callable_due_at, b.id
          limit $8
        ),
        sheet as (
          insert into call_sheets (store_id, number, on_day, user_id, made_by, made_at)
          select $1, $2, $3, $4, $5, $6
          where exists (select from picked)
          returning id
        ),
        lines as (
          insert into call_sheet_lines (store_id, sheet_id, position, callback_id)
          select $1, s.id, p.position, p.id
          from sheet s
          cross join picked p
        )
        select id as "id!: CallSheetId" from sheet
        "#,
        scope.get(),
        new.number,
        new.on_day,
        new.user.get(),
        new.made_by.get(),
        new.made_at,
        conditions,
        MAX_LINES,
    )
    .fetch_optional(db)
    .await
}

/// Numbers that this person has printed on sheets since an instant, and when the first of them was.
pub async fn printed_since(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    since: DateTime<Utc>,
) -> sqlx::Result<(i64, Option<DateTime<Utc>>)> {
    let row = sqlx::query!(
        r#"
        select count(*) as "count!", min(at) as first_at
        from reveals
        where store_id = $1
          and user_id = $2
          and at > $3
          and sheet_id is not null
        "#,
        scope.get(),
        user.get(),
        since,
    )
    .fetch_one(db)
    .await?;
    Ok((row.count, row.first_at))
}

/// Numbers on their way to paper, as columns of equal length.
#[derive(Default)]
pub struct Prints {
    pub sheets: Vec<i64>,
    pub customers: Vec<i64>,
    pub phones: Vec<i64>,
}

/// Notes every number as seen, each with an entry in the audit log like that of the eye; how many.
pub async fn record_prints(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    user: UserId,
    prints: &Prints,
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        with printed as materialized (
          select p.sheet_id, p.customer_id, p.phone_id, p.n
          from unnest($4::bigint[], $5::bigint[], $6::bigint[]) with ordinality p(sheet_id, customer_id, phone_id, n)
        ),
        seen as (
          insert into reveals (store_id, user_id, at, customer_id, field, reason, sheet_id)
          select $1, $2, $3, p.customer_id, 'phone', 'call_sheet', p.sheet_id
          from printed p
        ),
        counted as (
          update call_sheets s
          set prints = s.prints + 1, printed_at = $3
          where s.store_id = $1
            and s.id in (select p.sheet_id from printed p)
        )
        select count(audit_append($1, $3, $2, 'customers.reveal_phone', 'customers', p.customer_id,
                 jsonb_build_object('phone_id', p.phone_id, 'reason', 'call_sheet', 'sheet_id', p.sheet_id))) as "count!"
        from (select * from printed order by n) p
        "#,
        scope.get(),
        user.get(),
        now,
        &prints.sheets,
        &prints.customers,
        &prints.phones,
    )
    .fetch_one(db)
    .await
}

/// What became of a line.
pub struct Keyed<'a> {
    pub sheet: CallSheetId,
    pub position: i32,
    pub refusal: Option<LineRefusal>,
    pub typed: Option<&'a Value>,
    pub by: UserId,
    pub at: DateTime<Utc>,
}

/// Closes a line that is still open.
pub async fn close_line(db: impl PgExecutor<'_>, scope: StoreScope, keyed: &Keyed<'_>) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"
        update call_sheet_lines
        set state = case when $4::text is null then 'keyed' else 'refused' end,
            refusal = $4, typed = $5, keyed_by = $6, keyed_at = $7
        where store_id = $1
          and sheet_id = $2
          and position = $3
          and state = 'open'
        "#,
        scope.get(),
        keyed.sheet.get(),
        keyed.position,
        keyed.refusal.map(LineRefusal::as_str),
        keyed.typed,
        keyed.by.get(),
        keyed.at,
    )
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
