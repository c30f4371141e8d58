//! Policies: a row is a contract, known by its number. A car that the archive lacks is made with 被保险人 as its customer.
//!
//! - A policy of which only the end was known, from a roster or from a call, is completed by the row that names it.
//! - The file gives no phone, so 被保险人 is looked for among the people of the car only, a company by its name alone. Of a
//!   car that somebody owns an unknown name stays a name: with no phone it would double a customer.

use sqlx::PgConnection;

use super::{Job, Touched, journalled, people, run, run_in_store, visits};

pub(super) const STAGE: &str = "
create temp table stage (
  row_no int primary key,
  name text not null,
  name_key text,
  is_company boolean not null,
  grams text[] not null,
  phone text,
  phone_raw text not null,
  phone_kind text,
  policy_no text not null,
  vin text,
  plate text,
  kind text not null,
  insurer text,
  starts_on date,
  ends_on date not null,
  premium_fen bigint,
  is_ours boolean,
  -- When the row heard of the plate: of several the latest counts.
  arrived_at date generated always as (ends_on) stored,
  warnings jsonb,
  policy_id bigint,
  previous_vehicle_id bigint,
  vehicle_id bigint,
  vehicle_key text,
  is_new_vehicle boolean not null default false,
  owner_id bigint,
  customer_id bigint,
  who text,
  action text,
  changes jsonb
) on commit drop";

pub(super) const COPY: &str = "
copy stage (row_no, name, name_key, is_company, grams, phone, phone_raw, phone_kind, policy_no, vin, plate, kind, insurer,
            starts_on, ends_on, premium_fen, is_ours, warnings) from stdin";

const REFUSE_DOUBLED: &str = "
with doubled as (
  select row_no, first_row
  from (
    select row_no, min(row_no) over (partition by policy_no) as first_row
    from stage
  ) f
  where row_no > first_row
), gone as (
  delete from stage s
  using doubled d
  where d.row_no = s.row_no
  returning s.row_no, d.first_row, s.warnings
)
insert into refused (row_no, refusals, warnings)
select row_no, jsonb_build_array(jsonb_build_object('field', 'policy_number', 'code', 'doubled', 'row', first_row)), warnings
from gone";

const MATCH_POLICIES: &str = "
update stage s
set policy_id = y.id, previous_vehicle_id = y.vehicle_id
from policies y
where y.store_id = $1
  and y.policy_no = s.policy_no";

/// An end within half a year is the same contract's; a row completes one policy, and a policy is completed by one row.
const MATCH_UNNUMBERED: &str = "
update stage s
set policy_id = m.id, previous_vehicle_id = s.vehicle_id
from (
  select distinct on (n.id) n.id, n.row_no
  from (
    select distinct on (s.row_no) s.row_no, y.id, abs(y.ends_on - s.ends_on) as days
    from stage s
    join policies y on y.store_id = $1 and y.vehicle_id = s.vehicle_id and y.kind = s.kind and y.policy_no is null
    where s.policy_id is null
      and abs(y.ends_on - s.ends_on) <= 180
    order by s.row_no, abs(y.ends_on - s.ends_on), y.id
  ) n
  order by n.id, n.days, n.row_no
) m
where m.row_no = s.row_no";

/// A corrected end may come to lie before a beginning that only the archive knows.
const REFUSE_ENDS_BEFORE_START: &str = "
with gone as (
  delete from stage s
  using policies y
  where y.store_id = $1
    and y.id = s.policy_id
    and coalesce(s.starts_on, y.starts_on) > s.ends_on
  returning s.row_no, s.warnings
)
insert into refused (row_no, refusals, warnings)
select row_no, jsonb_build_array(jsonb_build_object('field', 'ends_on', 'code', 'ends_before_start')), warnings
from gone";

/// Of a company the name is enough: its fleet has one customer.
const MATCH_COMPANIES: &str = "
update stage s
set customer_id = m.id
from (
  select lower(regexp_replace(c.name, '\\s+', '', 'g')) as name_key, min(c.id) as id
  from customers c
  where c.store_id = $1
    and c.kind = 'company'
    and c.merged_into_id is null
    and c.erased_at is null
  group by 1
) m
where s.customer_id is null
  and s.is_company
  and m.name_key = s.name_key";

/// Only a car that nobody owns asks for somebody new; its rows without 被保险人 mean the first who is named.
const NAME_PEOPLE: &str = "
update stage s
set who = coalesce('#' || s.customer_id,
                   case when s.is_company then s.name_key end,
                   case when s.name_key is not null then s.vehicle_key || ' ' || s.name_key end,
                   k.who,
                   s.vehicle_key || ' ')
from stage x
left join (
  select vehicle_key,
         (array_agg(coalesce('#' || customer_id, case when is_company then name_key else vehicle_key || ' ' || name_key end)
            order by row_no))[1] as who
  from stage
  where name_key is not null
  group by vehicle_key
) k on k.vehicle_key = x.vehicle_key
where x.row_no = s.row_no
  and (s.customer_id is not null or s.owner_id is null)";

const GATHER_PEOPLE: &str = "
insert into people (who, row_no, customer_id, is_new, name, is_company, grams)
select distinct on (who) who, row_no, customer_id, customer_id is null, name, is_company, grams
from stage
where who is not null
order by who, name_key is null, row_no";

const WARN_UNKNOWN_INSURED: &str = r#"
update stage
set warnings = coalesce(warnings, '[]') || '[{"field": "insured_name", "code": "unknown_insured"}]'
where who is null
  and name_key is not null"#;

const COMPARE: &str = "
update stage s
set changes = d.changes,
    action = case when s.policy_id is null then 'new' when d.changes is null then 'unchanged' else 'changed' end
from (
  select s.row_no, (
    select jsonb_agg(jsonb_build_object('field', f.field, 'from', f.before, 'to', f.after))
    from (values
      ('policy_number', y.policy_no, s.policy_no, s.policy_no is distinct from y.policy_no),
      ('vehicle', coalesce(w.plate, w.vin), coalesce(s.plate, s.vin), s.vehicle_id is distinct from y.vehicle_id),
      ('insurance_kind', y.kind, s.kind, s.kind <> y.kind),
      ('insurer', nullif(y.insurer, ''), s.insurer, s.insurer <> y.insurer),
      ('starts_on', y.starts_on::text, s.starts_on::text, s.starts_on is not null and s.starts_on is distinct from y.starts_on),
      ('ends_on', y.ends_on::text, s.ends_on::text, s.ends_on <> y.ends_on),
      ('premium', to_char(y.premium_fen / 100.0, 'FM999999990.00'), to_char(s.premium_fen / 100.0, 'FM999999990.00'),
         s.premium_fen is not null and s.premium_fen is distinct from y.premium_fen),
      ('insured_name', coalesce(nullif(y.insured_name, ''), c.name), s.name,
         s.name_key is not null and (s.name <> y.insured_name or (s.who is not null and s.customer_id is distinct from y.insured_id)
                                     or (s.who is not null and s.customer_id is null))),
      ('sold_here', y.is_ours::text, s.is_ours::text, s.is_ours <> y.is_ours)
    ) f (field, before, after, differs)
    where f.differs
  ) as changes
  from stage s
  left join policies y on y.store_id = $1 and y.id = s.policy_id
  left join vehicles w on w.store_id = y.store_id and w.id = y.vehicle_id
  left join customers c on c.store_id = y.store_id and c.id = y.insured_id
) d
where d.row_no = s.row_no";

const INSERT_INSURED: &str = "
insert into vehicle_people (store_id, vehicle_id, customer_id, role, from_on, import_id, import_row)
select distinct on (s.vehicle_id, s.customer_id) $1::bigint, s.vehicle_id, s.customer_id, 'insured', $3::date, $2, s.row_no
from stage s
where s.customer_id is not null
  and s.action <> 'unchanged'
  and not exists (
    select from vehicle_people e
    where e.store_id = $1 and e.vehicle_id = s.vehicle_id and e.customer_id = s.customer_id and e.until_on is null
  )
order by s.vehicle_id, s.customer_id, s.row_no";

const INSERT_POLICIES: &str = "
insert into policies (store_id, policy_no, vehicle_id, insured_id, insured_name, kind, insurer, starts_on, ends_on, premium_fen,
                      is_ours, import_id, import_row, created_at)
select $1, s.policy_no, s.vehicle_id, s.customer_id, case when s.name_key is null then '' else s.name end, s.kind,
       coalesce(s.insurer, ''), s.starts_on, s.ends_on, s.premium_fen, coalesce(s.is_ours, false),
       $2, s.row_no, $3
from stage s
where s.policy_id is null
order by s.row_no";

/// The new numbers: an undo asks for the policy of a row.
const TELL_STAGE_POLICIES: &str = "
update stage s
set policy_id = y.id
from policies y
where y.store_id = $1
  and y.policy_no = s.policy_no
  and s.policy_id is null";

const UPDATE_POLICIES: &str = journalled!(
    "policies",
    "
update policies t
set policy_no = s.policy_no,
    vehicle_id = s.vehicle_id,
    insured_id = case when s.name_key is null or (s.customer_id is null and s.name = o.insured_name) then o.insured_id
                      else s.customer_id end,
    insured_name = case when s.name_key is null then o.insured_name else s.name end,
    kind = s.kind,
    insurer = coalesce(s.insurer, o.insurer),
    starts_on = coalesce(s.starts_on, o.starts_on),
    ends_on = s.ends_on,
    premium_fen = coalesce(s.premium_fen, o.premium_fen),
    is_ours = coalesce(s.is_ours, o.is_ours),
    version = o.version + 1
from stage s
join policies o on o.store_id = $1 and o.id = s.policy_id
where t.store_id = o.store_id
  and t.id = o.id
  and s.action = 'changed'"
);

pub(super) async fn classify(db: &mut PgConnection, job: &Job) -> sqlx::Result<()> {
    let scope = job.scope;
    run(db, REFUSE_DOUBLED, &[]).await?;
    run_in_store(
        db,
        scope,
        &[MATCH_POLICIES, visits::MATCH_VIN, visits::MATCH_PLATE],
    )
    .await?;
    run(db, visits::MATCH_WITHIN_FILE, &[]).await?;
    run(db, visits::KEY_VEHICLES, &[]).await?;
    run_in_store(db, scope, &[MATCH_UNNUMBERED, REFUSE_ENDS_BEFORE_START]).await?;
    people::find_known(db, scope).await?;
    run(db, visits::MATCH_NAME_AROUND, &[]).await?;
    run_in_store(db, scope, &[MATCH_COMPANIES]).await?;
    for sql in [NAME_PEOPLE, GATHER_PEOPLE, WARN_UNKNOWN_INSURED] {
        run(db, sql, &[]).await?;
    }
    run_in_store(db, scope, &[COMPARE]).await
}

pub(super) async fn apply(db: &mut PgConnection, job: &Job) -> sqlx::Result<Touched> {
    run(db, visits::NEW_CARS, &[]).await?;
    run(db, visits::TELL_STAGE_CARS, &[]).await?;
    run(db, visits::INSERT_VEHICLES, &job.at()).await?;
    run(db, visits::FILL_VEHICLES, &job.at()).await?;
    run(db, visits::INSERT_OWNERS, &job.ids()).await?;
    run(db, INSERT_INSURED, &job.on()).await?;
    run(db, UPDATE_POLICIES, &job.ids()).await?;
    run(db, INSERT_POLICIES, &job.at()).await?;
    run_in_store(db, job.scope, &[TELL_STAGE_POLICIES]).await?;
    Touched::of(
        db,
        "select vehicle_id from stage where action <> 'unchanged'
         union
         select previous_vehicle_id from stage where action <> 'unchanged' and previous_vehicle_id is not null",
        "select distinct customer_id from stage where action <> 'unchanged' and customer_id is not null",
    )
    .await
}
