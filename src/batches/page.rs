//! The page that shows how many rows a change is about before it is made.

use askama::Template;
use axum::response::{IntoResponse, Response};

use crate::auth::permission::Permission;
use crate::batches::forms::BulkForm;
use crate::batches::{BatchList, LIMIT};
use crate::web::filters;
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::Page;

/// `batches/confirm.html`
#[derive(Template)]
#[template(path = "batches/confirm.html")]
struct ConfirmPage {
    layout: Layout,
    list: BatchList,
    form: BulkForm,
    count: i64,
    /// What is to be done, in words.
    words: String,
    /// What else is to be known before.
    notes: Vec<String>,
    back: String,
    key: String,
}

impl ConfirmPage {
    /// The count that was shown before, if it was another one.
    fn was(&self) -> Option<i64> {
        self.form.expected().filter(|expected| *expected != self.count)
    }

    fn is_too_many(&self) -> bool {
        self.count > LIMIT
    }
}

/// Asks whether to go on, with the count as it is now.
pub fn confirm(layout: Layout, list: BatchList, form: BulkForm, count: i64, words: String) -> Response {
    confirm_with(layout, list, form, count, words, Vec::new())
}

/// The same with a few words on what will happen.
pub fn confirm_with(
    layout: Layout,
    list: BatchList,
    form: BulkForm,
    count: i64,
    words: String,
    notes: Vec<String>,
) -> Response {
    let page = ConfirmPage {
        layout,
        list,
        back: form.back(list.path()),
        form,
        count,
        words,
        notes,
        key: idempotency::new_key().to_string(),
    };
    Page(page).into_response()
}
