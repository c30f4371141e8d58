//! The files of a case as its page shows them; `complaints/attachments.html`.

use sqlx::PgPool;

use crate::auth::permission::{Permission, Role};
use crate::auth::session::CurrentUser;
use crate::complaints::ComplaintId;
use crate::complaints::attachments::MAX_FILES;
use crate::complaints::attachments::queries::{self, AttachmentRow};
use crate::users::UserId;

/// What the part of the page needs.
pub struct Panel {
    pub case: ComplaintId,
    pub rows: Vec<AttachmentRow>,
    /// Whether the person who looks may add one.
    pub can_add: bool,
    user: UserId,
    is_manager: bool,
    is_ended: bool,
}

impl Panel {
    /// The files of a case that this person has been found to see.
    pub async fn load(db: &PgPool, user: &CurrentUser, case: ComplaintId) -> sqlx::Result<Panel> {
        let found = queries::find_case(db, user.scope(), case, None).await?;
        let rows = queries::list(db, user.scope(), case).await?;
        let kept = rows.iter().filter(|row| row.removed_at.is_none()).count();
        Ok(Panel {
            case,
            can_add: user.can(Permission::AnswerComplaints) && kept < MAX_FILES,
            user: user.id,
            is_manager: user.role == Role::Manager,
            is_ended: found.is_none_or(|row| row.is_ended),
            rows,
        })
    }

    /// How many are kept.
    pub fn kept(&self) -> usize {
        self.rows.iter().filter(|row| row.removed_at.is_none()).count()
    }

    /// Whoever put a file in may take it away, and the manager; not from a case that has ended.
    pub fn can_remove(&self, row: &AttachmentRow) -> bool {
        may_remove(self.is_manager, self.user == row.uploaded_by, self.is_ended) && row.removed_at.is_none()
    }
}

/// Who may take a file away from a case.
pub fn may_remove(is_manager: bool, is_own: bool, is_ended: bool) -> bool {
    (is_manager || is_own) && !is_ended
}
