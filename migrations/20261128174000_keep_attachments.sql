-- Pictures and papers of a case. The content is a column of its own width: no list reads it.

create table complaint_attachments (
  store_id       bigint not null references stores,
  id             bigint generated always as identity,
  complaint_id   bigint,
  form_key       uuid,
  name           text not null constraint complaint_attachments_name_check check (length(name) between 1 and 120),
  media_type     text not null constraint complaint_attachments_media_type_check check (media_type in
                   ('image/jpeg','image/png','image/webp','application/pdf')),
  bytes          int not null constraint complaint_attachments_bytes_check check (bytes between 1 and 10485760),
  sha256         bytea not null constraint complaint_attachments_sha256_check check (octet_length(sha256) = 32),
  content        bytea,
  uploaded_by    bigint not null references users,
  uploaded_at    timestamptz not null,
  removed_by     bigint references users,
  removed_at     timestamptz,
  removed_reason text,
  primary key (store_id, id),
  constraint complaint_attachments_complaint_fkey foreign key (store_id, complaint_id) references complaints (store_id, id),
  constraint complaint_attachments_belongs_check check ((complaint_id is null) <> (form_key is null)),
  constraint complaint_attachments_removed_check check (
    (removed_at is null) = (removed_by is null) and (removed_at is null) = (removed_reason is null)
    and (removed_at is null) = (content is not null))
);
comment on table complaint_attachments is 'Pictures and PDF of a case. What was taken away stays as a trace without its content.';
comment on column complaint_attachments.form_key is 'Came with a form that had to be shown again: waits for the case that the form makes. Swept after two days.';
comment on column complaint_attachments.media_type is 'As the content says, whatever the name and the browser said.';
comment on column complaint_attachments.sha256 is 'Of the content as it is kept: without place, camera and comments.';
alter table complaint_attachments alter column content set storage external;
create index complaint_attachments_complaint_idx on complaint_attachments (store_id, complaint_id, id) where complaint_id is not null;
create index complaint_attachments_form_idx on complaint_attachments (store_id, form_key) where form_key is not null;
