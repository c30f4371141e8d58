//! The columns that a person chose last: the same headings come up with the same choice the next time.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::imports::mapping::{Field, Mapping, normalise};

/// One heading and what it gave; no field: left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    heading: String,
    field: Option<Field>,
}

/// Name of a set of headings: their order and spelling do not tell two files apart.
pub fn key(headings: &[String]) -> [u8; 32] {
    let mut headings: Vec<String> = headings.iter().map(|heading| normalise(heading)).collect();
    headings.sort_unstable();
    Sha256::digest(headings.join("\u{1F}")).into()
}

/// What was chosen, heading by heading.
pub fn choices(mapping: &Mapping) -> Vec<Choice> {
    let choice = |(column, heading): (usize, &String)| Choice {
        heading: normalise(heading),
        field: mapping.field(column),
    };
    mapping.headings.iter().enumerate().map(choice).collect()
}

/// Puts what was chosen into the mapping of a file with the same set of headings.
pub fn apply(mapping: &mut Mapping, choices: &[Choice]) {
    let mut left: Vec<&Choice> = choices.iter().collect();
    let mut columns = Vec::new();
    for (column, heading) in mapping.headings.iter().enumerate() {
        let heading = normalise(heading);
        // Of columns with one heading the first is the first again.
        if let Some(at) = left.iter().position(|choice| choice.heading == heading) {
            columns.extend(left.remove(at).field.map(|field| (field, column)));
        }
    }
    for field in mapping.kind.fields() {
        let column = columns.iter().find(|(chosen, _)| *chosen == field);
        mapping.assign(field, column.map(|(_, column)| *column));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::mapping::{ImportKind, recognise};

    fn mapping(text: &str) -> Mapping {
        let headings: Vec<String> = text.split(',').map(str::to_owned).collect();
        recognise(ImportKind::Roster, &headings)
    }

    #[test]
    fn a_set_of_headings_has_one_name_in_any_order_and_spelling() {
        let of = |text: &str| key(&mapping(text).headings);
        assert_eq!(of("姓名,手机号,VIN"), of("ｖｉｎ,姓名（必填）,手 机 号"));
        assert_ne!(of("姓名,手机号,VIN"), of("姓名,手机号"));
        assert_ne!(of("姓名,手机号,手机号"), of("姓名,手机号"));
        assert_ne!(of("姓名手机号"), of("姓名,手机号"));
    }

    #[test]
    fn a_choice_comes_back_with_what_was_left_out_and_which_of_two_columns_counts() {
        let mut chosen = mapping("客户,电话,手机,备注,VIN");
        assert_eq!(chosen.repeated(), [Field::Phone]);
        chosen.assign(Field::Name, Some(0));
        chosen.assign(Field::Phone, Some(2));
        chosen.assign(Field::Note, None);
        let mut next = mapping("VIN,手机,客户,备注,电话");
        apply(&mut next, &choices(&chosen));
        let column = |field| next.column(field);
        assert_eq!(
            [Field::Vin, Field::Phone, Field::Name, Field::Note].map(column),
            [Some(0), Some(1), Some(2), None]
        );
        assert!(next.repeated().is_empty());
    }

    #[test]
    fn of_two_columns_with_one_heading_the_first_is_the_first_again() {
        let mut chosen = mapping("姓名,电话,电话,VIN");
        chosen.assign(Field::Phone, Some(2));
        let mut next = mapping("姓名,电话,电话,VIN");
        apply(&mut next, &choices(&chosen));
        assert_eq!(next.column(Field::Phone), Some(2));
    }
}
