//! The page that shows how many rows a change is about before it is made.

use askama::Template;
use axum::response::{IntoResponse, Response};

use crate::auth::permission::Permission;
use crate::batches::LIMIT;
use crate::batches::forms::BulkForm;
use crate::web::filters;
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::list::ListName;
use crate::web::page::Page;

/// `batches/confirm.html`
#[derive(Template)]
#[template(path = "batches/confirm.html")]
struct ConfirmPage {
    layout: Layout,
    list: ListName,
    form: BulkForm,
    count: i64,
    /// What is to be done, in words.
    words: String,
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
pub fn confirm(layout: Layout, list: ListName, form: BulkForm, count: i64, words: String) -> Response {
    let page = ConfirmPage {
        layout,
        list,
        back: form.back(list.path()),
        form,
        count,
        words,
        key: idempotency::new_key().to_string(),
    };
    Page(page).into_response()
}
