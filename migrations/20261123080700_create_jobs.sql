-- Background jobs.

create table job_runs (
  store_id     bigint not null,
  job          text not null,
  day          date not null,
  status       text not null constraint job_runs_status_check check (status in ('running','done','failed','missed')),
  tries        int not null default 1,
  started_at   timestamptz not null,
  finished_at  timestamptz,
  counts       jsonb not null default '{}',
  error        text,
  primary key (store_id, job, day)
);
comment on table job_runs is 'Watermark: the row of a day is written in the transaction of its work, so a day is either wholly there or not at all. store 0 = group-wide jobs.';
create index job_runs_recent_idx on job_runs (started_at desc);
create index job_runs_failed_idx on job_runs (store_id, job, day) where status = 'failed';

create table leases (
  name        text primary key,
  holder      uuid not null,
  term        bigint not null,
  expires_at  timestamptz not null
);
comment on table leases is 'Leader of the scheduler. Time is the database''s; term is the fencing token that every write of a leader carries.';
