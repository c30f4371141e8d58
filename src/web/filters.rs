//! Template filters. Dates, money and masks are methods of `layout.fmt`; here is what is markup.

use askama::filters::Safe;

use crate::web::assets::Assets;

/// An icon of the sprite: `{{ "phone"|icon }}`. Decoration: the text beside it says the same.
#[askama::filter_fn]
pub fn icon(name: &str, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
    Ok(Safe(svg(name, "icon")))
}

/// A small icon of the sprite.
#[askama::filter_fn]
pub fn icon_s(name: &str, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
    Ok(Safe(svg(name, "icon icon--s")))
}

/// Names come from templates, never from data.
fn svg(name: &str, class: &str) -> String {
    let sprite = Assets::get().url("icons.svg");
    format!(r##"<svg class="{class}" aria-hidden="true"><use href="{sprite}#i-{name}"/></svg>"##)
}
