//! What is typed into the search box of the list: a number, a customer, a plate, or any of the customer's words.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::callbacks::queries::list::{SearchTerms, search_customers};
use crate::complaints::list::{array, queries};
use crate::customers::search_keys::{QueryKeys, query_keys};
use crate::stores::StoreScope;
use crate::text::{clean, half_width};
use crate::vehicles::plate::PlateNumber;

/// Longest search: a sentence or two, copied out of a message.
const MAX_TYPED: usize = 300;

/// The typed text without its edges, and not longer than anybody searches.
pub fn cut(typed: &str) -> String {
    typed.trim().chars().take(MAX_TYPED).collect()
}

/// What `complaints_matching` is asked for a typed text: a case that fits in any of the four ways is found.
pub async fn conditions(db: &PgPool, scope: StoreScope, typed: &str) -> sqlx::Result<Value> {
    let typed = half_width(typed);
    let customers = search_customers(
        db,
        scope,
        SearchTerms {
            keys: &name_keys(scope, &typed),
            plate: "",
            ro_number: "",
        },
    )
    .await?;
    let vehicles = match plate(&typed) {
        Some(plate) => queries::find_vehicles(db, scope, &plate).await?,
        None => Vec::new(),
    };
    let pieces: Vec<String> = typed.split_whitespace().map(str::to_owned).collect();
    let words = queries::word_keys(db, scope, &pieces).await?;
    Ok(json!({
        "search": true,
        "number": number(&typed).map(|beginning| format!("{beginning}%")),
        "customers": array(customers),
        "vehicles": array(vehicles),
        "grams": words.grams,
        "pieces": words.pieces,
    }))
}

fn name_keys(scope: StoreScope, typed: &str) -> Vec<String> {
    match query_keys(scope.get(), typed) {
        QueryKeys::Nothing => Vec::new(),
        QueryKeys::Initial(letter) => vec![format!("{}|{letter}", scope.get())],
        QueryKeys::Pinyin(key) => vec![key],
        QueryKeys::Grams { keys, recheck: _ } => keys,
    }
}

/// The beginning of a number, with or without its letters. Nothing else of it may stand in a pattern.
fn number(typed: &str) -> Option<String> {
    let typed = typed.trim().to_uppercase();
    let digits = typed
        .strip_prefix("CP")
        .map_or(typed.as_str(), |rest| rest.strip_prefix('-').unwrap_or(rest));
    let is_number = digits.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let is_long = digits.len() >= 4 || typed.starts_with("CP");
    (is_number && is_long && !typed.is_empty()).then(|| format!("CP-{digits}"))
}

/// A whole plate, or its last four.
fn plate(typed: &str) -> Option<String> {
    let plate = match PlateNumber::parse(typed) {
        Ok(plate) => plate.as_str().to_owned(),
        Err(_) => clean(typed).to_uppercase(),
    };
    (plate.chars().count() >= 4 && !plate.contains(' ')).then_some(plate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_by_its_beginning_and_is_no_pattern() {
        for (typed, beginning) in [
            ("CP-261124-01", Some("CP-261124-01")),
            (" cp-2611", Some("CP-2611")),
            ("cp2611", Some("CP-2611")),
            ("CP", Some("CP-")),
            ("261124", Some("CP-261124")),
            ("12", None),
            ("CP-%", None),
            ("CP-26_", None),
            ("刹车", None),
            ("", None),
        ] {
            assert_eq!(number(&half_width(typed)).as_deref(), beginning, "{typed:?}");
        }
    }

    #[test]
    fn a_plate_is_whole_or_its_last_four() {
        for (typed, found) in [
            ("浙A7K2M9", Some("浙A7K2M9")),
            ("浙a·7k2m9", Some("浙A7K2M9")),
            ("k2m9", Some("K2M9")),
            ("2M9", None),
            ("brake noise", None),
        ] {
            assert_eq!(plate(typed).as_deref(), found, "{typed:?}");
        }
    }
}
