//! Statements of the files of a case. Only [`find_content`] reads a content.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::complaints::ComplaintId;
use crate::complaints::attachments::receive::File;
use crate::complaints::attachments::{AttachmentId, MediaType};
use crate::stores::StoreScope;
use crate::users::UserId;

/// A file in the list of its case, taken away or not.
pub struct AttachmentRow {
    pub id: AttachmentId,
    pub name: String,
    pub media_type: MediaType,
    pub bytes: i32,
    pub uploaded_by: UserId,
    pub uploader: String,
    pub uploaded_at: DateTime<Utc>,
    pub removed_at: Option<DateTime<Utc>>,
    pub remover: Option<String>,
    pub removed_reason: Option<String>,
}

/// The files of a case in the order in which they came.
pub async fn list(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    case: ComplaintId,
) -> sqlx::Result<Vec<AttachmentRow>> {
    sqlx::query_as!(
        AttachmentRow,
        r#"
        select a.id, a.name, a.media_type, a.bytes, a.uploaded_by, u.display_name as uploader, a.uploaded_at,
               a.removed_at, r.display_name as "remover?", a.removed_reason
        from complaint_attachments a
        join users u on u.id = a.uploaded_by
        left join users r on r.id = a.removed_by
        where a.store_id = $1
          and a.complaint_id = $2
        order by a.id
        "#,
        scope.get(),
        case.get(),
    )
    .fetch_all(db)
    .await
}

/// A case as whoever adds to it must know it.
pub struct CaseRow {
    pub number: String,
    pub is_ended: bool,
}

/// A case that this person may see: any for the desk, for a handler own ones and those that they help with.
pub async fn find_case(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    case: ComplaintId,
    only_of: Option<UserId>,
) -> sqlx::Result<Option<CaseRow>> {
    sqlx::query_as!(
        CaseRow,
        r#"
        select c.number, c.ended_at is not null as "is_ended!"
        from complaints c
        where c.store_id = $1
          and c.id = $2
          and ($3::bigint is null or c.handler_id = $3 or exists (
            select from complaint_people m
            where m.store_id = $1 and m.complaint_id = $2 and m.user_id = $3 and m.part = 'co_handler'))
        "#,
        scope.get(),
        case.get(),
        only_of.map(UserId::get),
    )
    .fetch_optional(db)
    .await
}

/// Lets one at a time add to a case, until the transaction ends.
pub async fn lock_case(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    case: ComplaintId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let locked = sqlx::query!(
        "update complaints set updated_at = $3 where store_id = $1 and id = $2",
        scope.get(),
        case.get(),
        now,
    )
    .execute(db)
    .await?;
    Ok(locked.rows_affected() == 1)
}

/// Files that a case has, those taken away not counted.
pub async fn count_kept(db: impl PgExecutor<'_>, scope: StoreScope, case: ComplaintId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"
        select count(*) as "n!"
        from complaint_attachments
        where store_id = $1
          and complaint_id = $2
          and removed_at is null
        "#,
        scope.get(),
        case.get(),
    )
    .fetch_one(db)
    .await
}

/// Where a new file belongs.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    Case(ComplaintId),
    /// A form that has not made its case yet.
    Form(Uuid),
}

impl Place {
    const fn case(self) -> Option<i64> {
        match self {
            Place::Case(id) => Some(id.get()),
            Place::Form(_) => None,
        }
    }

    const fn form(self) -> Option<Uuid> {
        match self {
            Place::Case(_) => None,
            Place::Form(key) => Some(key),
        }
    }
}

/// A file with its content.
pub async fn insert(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    place: Place,
    file: &File,
    by: UserId,
    now: DateTime<Utc>,
) -> sqlx::Result<AttachmentId> {
    sqlx::query_scalar!(
        r#"
        insert into complaint_attachments (store_id, complaint_id, form_key, name, media_type, bytes, sha256, content,
                                           uploaded_by, uploaded_at)
        values ($1, $2, $3, $4, $5, octet_length($7::bytea), $6, $7, $8, $9)
        returning id
        "#,
        scope.get(),
        place.case(),
        place.form(),
        file.name,
        file.media_type.as_str(),
        &file.sha256[..],
        file.content,
        by.get(),
        now,
    )
    .fetch_one(db)
    .await
}

/// A file as it is sent back.
pub struct ContentRow {
    pub name: String,
    pub media_type: MediaType,
    pub content: Vec<u8>,
}

/// The content of a file that has not been taken away.
pub async fn find_content(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    case: ComplaintId,
    id: AttachmentId,
) -> sqlx::Result<Option<ContentRow>> {
    sqlx::query_as!(
        ContentRow,
        r#"
        select name, media_type, content as "content!"
        from complaint_attachments
        where store_id = $1
          and complaint_id = $2
          and id = $3
          and removed_at is null
        "#,
        scope.get(),
        case.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// A file that somebody wants to take away.
pub struct Removable {
    pub name: String,
    pub bytes: i32,
    pub uploaded_by: UserId,
}

/// A file that is there, without its content.
pub async fn find_removable(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    case: ComplaintId,
    id: AttachmentId,
) -> sqlx::Result<Option<Removable>> {
    sqlx::query_as!(
        Removable,
        r#"
        select name, bytes, uploaded_by
        from complaint_attachments
        where store_id = $1
          and complaint_id = $2
          and id = $3
          and removed_at is null
        "#,
        scope.get(),
        case.get(),
        id.get(),
    )
    .fetch_optional(db)
    .await
}

/// Takes a file away: its content goes, the row stays. `false`: it was gone before.
pub async fn remove(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    case: ComplaintId,
    id: AttachmentId,
    by: UserId,
    reason: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let removed = sqlx::query!(
        r#"
        update complaint_attachments
        set content = null, removed_by = $4, removed_reason = $5, removed_at = $6
        where store_id = $1
          and complaint_id = $2
          and id = $3
          and removed_at is null
        "#,
        scope.get(),
        case.get(),
        id.get(),
        by.get(),
        reason,
        now,
    )
    .execute(db)
    .await?;
    Ok(removed.rows_affected() == 1)
}

/// A file that waits with its form.
pub struct WaitingRow {
    pub name: String,
    pub bytes: i32,
}

/// Files that came with a form of this person and wait for its case.
pub async fn list_waiting(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    form: Uuid,
    user: UserId,
) -> sqlx::Result<Vec<WaitingRow>> {
    sqlx::query_as!(
        WaitingRow,
        r#"
        select name, bytes
        from complaint_attachments
        where store_id = $1
          and form_key = $2
          and uploaded_by = $3
        order by id
        "#,
        scope.get(),
        form,
        user.get(),
    )
    .fetch_all(db)
    .await
}

/// Gives a case the first `limit` files that waited with its form; their names.
pub async fn move_to_case(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    form: Uuid,
    user: UserId,
    case: ComplaintId,
    limit: i64,
) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"
        update complaint_attachments
        set complaint_id = $4, form_key = null
        where store_id = $1
          and id in (
            select id from complaint_attachments
            where store_id = $1 and form_key = $2 and uploaded_by = $3
            order by id
            limit $5
          )
        returning name
        "#,
        scope.get(),
        form,
        user.get(),
        case.get(),
        limit,
    )
    .fetch_all(db)
    .await
}

/// Drops files whose form never made a case.
pub async fn sweep(db: impl PgExecutor<'_>, scope: StoreScope, before: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from complaint_attachments where store_id = $1 and form_key is not null and uploaded_at < $2",
        scope.get(),
        before,
    )
    .execute(db)
    .await?;
    Ok(())
}

/// A line of the case's history about files.
pub async fn insert_event(
    db: impl PgExecutor<'_>,
    scope: StoreScope,
    case: ComplaintId,
    by: UserId,
    now: DateTime<Utc>,
    body: &str,
    data: &Value,
) -> sqlx::Result<()> {
    sqlx::query!(
        r#"
        insert into complaint_events (store_id, complaint_id, kind, at, by_id, body, data)
        values ($1, $2, 'attachment', $3, $4, $5, $6)
        "#,
        scope.get(),
        case.get(),
        now,
        by.get(),
        body,
        data,
    )
    .execute(db)
    .await?;
    Ok(())
}
