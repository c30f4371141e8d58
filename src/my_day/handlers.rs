//! The page of my day.

use askama::Template;

use crate::auth::permission::{Can, Permission, UseDesk};
use crate::web::error::AppResult;
use crate::web::filters;
use crate::web::layout::Layout;
use crate::web::page::Page;

/// What this person owes today.
#[derive(Template)]
#[template(path = "my_day/index.html")]
pub struct MyDayPage {
    layout: Layout,
}

pub async fn index(layout: Layout, _user: Can<UseDesk>) -> AppResult<Page<MyDayPage>> {
    Ok(Page(MyDayPage { layout }))
}
