-- A special day may open several times: 09:00-12:00 and 14:00-16:00.

alter table calendar_days
  add column more_hours text not null default '',
  add constraint calendar_days_more_hours_check
    check (more_hours = '' or (kind = 'special' and more_hours ~ '^([0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9])( [0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9])*$'));
comment on column calendar_days.more_hours is 'Intervals of a special day after its first one, in order, as people type them.';
