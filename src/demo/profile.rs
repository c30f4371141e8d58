//! What files hold beside names and cars, and how people look them through. Read from hashes of ids: the same every time.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgExecutor;

use crate::stores::StoreScope;

/// Districts that customers live in.
const DISTRICTS: [&str; 8] = [
    "杭州市滨江区",
    "杭州市上城区",
    "杭州市西湖区",
    "杭州市拱墅区",
    "杭州市萧山区",
    "杭州市余杭区",
    "绍兴市柯桥区",
    "嘉兴市海宁市",
];
/// What specialists noted about how somebody spends.
const HABITS: [&str; 5] = [
    "只做原厂保养，配件要原厂件",
    "周末到店，喜欢提前两天约好",
    "关注优惠，先比价再决定",
    "保养顺带做养护，愿意听建议",
    "长途多，里程涨得快",
];

/// Birthdays, districts, sources, preferences, habits, keepers; about a third of the files lack each.
pub async fn describe_people(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    let districts: Vec<String> = DISTRICTS.iter().map(|&text| text.to_owned()).collect();
    let habits: Vec<String> = HABITS.iter().map(|&text| text.to_owned()).collect();
    sqlx::query!(
        r#"
        with keepers as materialized (
          select m.user_id, row_number() over (order by m.user_id) - 1 as position, count(*) over () as people
          from user_stores m
          where m.store_id = $1 and m.role = 'specialist' and m.is_active
        ), rolls as materialized (
          select c.id, c.kind, ('x' || substr(md5(c.id::text), 1, 7))::bit(28)::int as roll from customers c where c.store_id = $1
        )
        update customers c
        set birth_month = case when has.birthday then 1 + r.roll % 12 end, birth_day = case when has.birthday then 1 + r.roll / 12 % 28 end,
            birth_year = case when has.birthday and r.roll % 2 = 0 then 1960 + r.roll / 7 % 42 end,
            district = case when r.roll / 3 % 100 < 72 then ($2::text[])[1 + r.roll / 5 % cardinality($2)] else '' end,
            address = case when r.roll / 3 % 100 < 55 then '江晖路 ' || 1 + r.roll % 800 || ' 号' else '' end,
            source = (array['sale', 'sale', 'sale', 'walk_in', 'referral', 'online', 'activity'])[1 + r.roll / 11 % 7],
            preferred_channel = case when r.roll / 13 % 100 < 12 then 'wechat' else 'call' end,
            preferred_days = (array['any', 'any', 'workday', 'weekend'])[1 + r.roll / 17 % 4],
            preferred_daypart = case when r.roll / 19 % 100 < 58 then (array['morning', 'afternoon', 'evening'])[1 + r.roll % 3] end,
            habits = case when r.roll / 23 % 100 < 30 then ($3::text[])[1 + r.roll / 29 % cardinality($3)] else '' end,
            keeper_id = k.user_id
        from rolls r
        cross join lateral (select r.kind = 'person' and r.roll / 31 % 100 < 60 as birthday) has
        left join keepers k on k.position = r.roll / 37 % k.people and r.roll / 41 % 100 < 70
        where c.store_id = $1
          and c.id = r.id
        "#,
        scope.get(),
        &districts,
        &habits,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Consents as they are signed with a purchase.
pub async fn agree(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into consents (store_id, customer_id, purpose, basis, text_version, channel, given_at, evidence, created_at)
        select c.store_id, c.id, p.purpose, p.basis, 'v3', 'paper', c.created_at, '个人信息处理告知书', c.created_at
        from customers c
        cross join (values (1, 'service', 'contract', 78), (2, 'survey', 'consent', 74), (3, 'recording', 'consent', 70),
                           (4, 'marketing', 'consent', 40), (5, 'insurance', 'consent', 35)) p(position, purpose, basis, share)
        where c.store_id = $1
          and ('x' || substr(md5('consent' || c.id), 1, 7))::bit(28)::int % 100 < p.share
        order by c.id, p.position
        "#,
        scope.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Some consents were taken back later; the opt-outs follow.
pub async fn withdraw(db: impl PgExecutor<'_>, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with refusing as materialized (
          select c.id, r.roll % 2 = 0 as is_all, c.created_at + ($2 - c.created_at) / 3 as at
          from customers c
          cross join lateral (select ('x' || substr(md5('refusal' || c.id), 1, 7))::bit(28)::int as roll) r
          where c.store_id = $1 and r.roll / 100 % 100 < 4
        ), said as (
          insert into consents (store_id, customer_id, purpose, text_version, channel, withdrawn_at, evidence, created_at)
          select $1, r.id, p.purpose, 'v3', 'call', r.at, '客户来电要求停止', r.at
          from refusing r
          cross join (values ('marketing'), ('survey')) p(purpose)
          where p.purpose = 'marketing' or r.is_all
          order by r.id, p.purpose
        )
        update customers c
        set marketing_opt_out = true, survey_opt_out = r.is_all
        from refusing r
        where c.store_id = $1
          and c.id = r.id
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Classes and tags.
pub async fn tag(db: impl PgExecutor<'_>, scope: StoreScope, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into customer_tags (store_id, customer_id, tag_id, added_at)
        select c.store_id, c.id, t.id, least(c.created_at, $2)
        from customers c
        join tags t on t.store_id = c.store_id
        cross join lateral (select ('x' || substr(md5(t.code || c.id), 1, 7))::bit(28)::int % 100 as roll) r
        where c.store_id = $1
          and r.roll < case t.code when 'vip' then 6 when 'key_account' then 2 when 'employee' then 1 when 'commercial_use' then 2
                                   when 'company_customer' then case c.kind when 'company' then 100 else 0 end
                                   when 'price_sensitive' then 18 when 'wechat_work' then 30 when 'child_seat' then 9
                                   when 'referrer' then 7 when 'self_driving' then 12 else 0 end
        "#,
        scope.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// Second numbers, some of them out of service, and numbers that get no messages.
pub async fn add_numbers(db: impl PgExecutor<'_>, scope: StoreScope) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into phones (store_id, customer_id, number, raw, kind, state, is_main, sms_opt_out)
        select c.store_id, c.id, '0571-' || 20000000 + c.id, '0571' || 20000000 + c.id, 'landline',
               case when c.id % 3 = 0 then 'dead' else 'unverified' end, false, true
        from customers c
        where c.store_id = $1
          and ('x' || substr(md5('phone' || c.id), 1, 7))::bit(28)::int % 100 < 22
        order by c.id
        "#,
        scope.get(),
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A day of looking files through: four of five are saved by evening.
pub async fn review_files(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    day: NaiveDate,
    until: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        with due as materialized (
          select o.id, o.customer_id, u.user_id, d.starts_at + make_interval(mins => 600 + (o.id % 400)::int) as at
          from obligations o
          join store_days d on d.store_id = o.store_id and d.day = $2
          cross join lateral (select m.user_id from user_stores m
                              where m.store_id = $1 and m.role = 'clerk' and m.is_active
                              order by m.user_id limit 1) u
          where o.store_id = $1
            and o.kind = 'profile_review'
            and o.status = 'open'
            and ('x' || substr(md5(o.id::text || $2::date::text), 1, 7))::bit(28)::int % 100 < 45
        ), looked as (
          update customers c
          set reviewed_at = greatest(d.at, c.reviewed_at), reviewed_by = d.user_id
          from (select distinct on (customer_id) customer_id, user_id, at from due order by customer_id, at desc) d
          where c.store_id = $1 and c.id = d.customer_id and d.at < $3
        )
        update obligations o
        set status = 'done', ended_at = d.at, ended_by = d.user_id, responsible_id = d.user_id, ended_reason = 'reviewed'
        from due d
        where o.store_id = $1
          and o.id = d.id
          and d.at < $3
        "#,
        scope.get(),
        day,
        until,
    )
    .execute(db)
    .await?;
    Ok(())
}
