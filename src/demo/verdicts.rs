//! What customers say about how their cases were handled: verdicts of the past, and cases that wait for one today.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{Postgres, Transaction};

use crate::complaints::{ComplaintId, clocks};
use crate::stores::{StoreId, StoreScope};

/// Cases that were dealt with today and wait for their second callback.
const WAITING: i64 = 3;
/// What customers say, by how content they are. Invented.
const SATISFIED: &[&str] = &[
    "处理得挺快的，可以了。",
    "态度很好，问题解决了。",
    "没想到还专门打电话来，谢谢。",
];
const ACCEPTABLE: &[&str] = &[
    "行吧，下次注意就好。",
    "能接受，就是拖得久了点。",
    "道歉了就算了。",
];

/// Gives ended cases the words of their customers, and lets the latest ones wait for theirs.
pub async fn fill(
    tx: &mut Transaction<'_, Postgres>,
    store: StoreId,
    now: DateTime<Utc>,
) -> anyhow::Result<()> {
    let scope = StoreScope::for_job(store);
    let words = json!({ "satisfied": SATISFIED, "acceptable": ACCEPTABLE });
    let waiting = sqlx::query_scalar!(
        r#"
        with latest as (
          select id, number, row_number() over (order by accepted_at desc, number) as place
          from complaints
          where store_id = $1 and state in ('accepted', 'closed') and verdict_at is null and customer_id is not null
            and from_callback_id is not null and accepted_at < $2::timestamptz - interval '8 hours'
          order by place
          limit $3
        ), dealt as (
          update complaints c
          set state = 'resolved', verdict = null, ended_at = null, cause = '流程未按约定执行', measure = '当面致歉，赠送一次精洗', result = '客户同意，约定下次进站优先',
              responsibility = 'partial', resolved_at = $2::timestamptz - make_interval(hours => l.place::int),
              agreed_at = $2::timestamptz - make_interval(hours => l.place::int)
          from latest l
          where c.store_id = $1 and c.id = l.id
          returning c.id, c.owner_id, c.resolved_at, c.result
        )
        insert into complaint_events (store_id, complaint_id, kind, at, by_id, from_state, to_state, body)
        select $1, id, 'resolved', resolved_at, owner_id, 'accepted', 'resolved', result
        from dealt
        returning complaint_id as "id: ComplaintId"
        "#,
        scope.get(),
        now,
        WAITING,
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        r#"
        with judged as (
          update complaints c
          set verdict = r.verdict, verdict_at = c.ended_at, verdict_by = c.owner_id, ended_by = c.owner_id, resolved_at = c.ended_at - interval '2 hours',
              agreed_at = c.ended_at - interval '2 hours', is_solved = true, verdict_score = case r.verdict when 'satisfied' then 9 else 7 end,
              verdict_words = $2::jsonb -> r.verdict ->> (r.roll / 7 % 3)
          from (select x.id, case when f.roll % 5 < 3 then 'satisfied' else 'acceptable' end as verdict, f.roll
                from complaints x
                cross join lateral (select ('x' || substr(md5('verdict' || x.number), 1, 7))::bit(28)::int as roll) f
                where x.store_id = $1) r
          where c.store_id = $1 and c.id = r.id and c.state = 'closed' and c.verdict_at is null and c.ended_at is not null
          returning c.id, c.ended_at, c.owner_id, c.verdict, c.verdict_words, c.verdict_score, c.resolved_at, c.result
        )
        insert into complaint_events (store_id, complaint_id, kind, at, by_id, from_state, to_state, body, data)
        select $1, j.id, e.kind, e.at, j.owner_id, e.from_state, e.to_state, e.body, e.data
        from judged j
        cross join lateral (values
          (1, 'resolved', j.resolved_at, 'in_progress', 'resolved', j.result, '{}'::jsonb),
          (2, 'verdict', j.ended_at, null, null, j.verdict_words,
           jsonb_build_object('verdict', j.verdict, 'score', j.verdict_score, 'is_solved', true, 'channel', 'call')),
          (3, 'closed', j.ended_at, 'resolved', 'closed', null, '{}'::jsonb)) e(position, kind, at, from_state, to_state, body, data)
        order by j.id, e.position
        "#,
        scope.get(),
        words,
    )
    .execute(&mut **tx)
    .await?;
    for case in waiting {
        clocks::sync(&mut *tx, scope, case, now).await?;
    }
    Ok(())
}
