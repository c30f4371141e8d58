//! What a change of the calendar does to open deadlines, shown before it is saved: the change itself, rolled back.

use askama::Template;
use axum::response::{IntoResponse, Response};
use sqlx::{Postgres, Transaction};

use crate::auth::permission::Permission;
use crate::i18n::flash::Flash;
use crate::obligations::redate::Moved;
use crate::web::error::AppResult;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};

/// A form of the calendar as it was posted.
pub struct Post {
    /// Where it was posted to, and is once more when confirmed.
    pub action: String,
    /// Where the person is sent when it is saved, or takes it back.
    pub back: String,
    pub is_confirmed: bool,
    pub fields: Vec<(String, String)>,
}

/// How many deadlines would move.
#[derive(Template)]
#[template(path = "stores/preview.html")]
struct PreviewPage {
    layout: Layout,
    moved: Moved,
    post: Post,
}

/// Saves a change that moves no deadline or that was confirmed; else takes it back and asks.
pub async fn settle(
    tx: Transaction<'_, Postgres>,
    layout: Layout,
    moved: Moved,
    post: Post,
) -> AppResult<Response> {
    if moved.is_any() && !post.is_confirmed {
        tx.rollback().await?;
        return Ok(Page(PreviewPage { layout, moved, post }).into_response());
    }
    tx.commit().await?;
    let flash = if moved.is_any() {
        Flash::DeadlinesMoved {
            earlier: moved.earlier,
            later: moved.later,
        }
    } else {
        Flash::Saved
    };
    Ok(redirect(post.back).with_flash(flash).into_response())
}
