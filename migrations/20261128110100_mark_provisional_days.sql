-- National holidays come from yearly files; a year that is not announced yet has the days of the statute only.
alter table calendar_days add column is_provisional boolean not null default false;
comment on column calendar_days.is_provisional is 'From the statute alone: replaced when the notice of the year is loaded or imported.';
