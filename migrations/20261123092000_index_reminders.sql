-- The lists of reminders that are done, newest day first.

create index reminders_day_idx on reminders (store_id, send_on desc, id desc);
