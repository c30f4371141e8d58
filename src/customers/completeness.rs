//! What a complete file holds: the mandatory fields and what each weighs (pure).
//!
//! Whether a field is filled is asked by the statement of [`facts`](super::facts), under these codes and with these weights;
//! a test compares the two.

use crate::text_enum;

text_enum! {
    /// A mandatory field. Order: the heaviest first, as lists of what is missing show them.
    pub enum Field {
        /// A number that is not known to be wrong, dead or forbidden.
        Phone = "phone",
        /// A car of the customer with both VIN and plate.
        Car = "car",
        /// The end of some insurance of a car of the customer.
        Insurance = "insurance",
        Name = "name",
        /// The day a car was delivered, or bought.
        Delivery = "delivery",
        /// A reading of a car that is not refused.
        Odometer = "odometer",
        /// At least one row in the ledger of consents, given or withdrawn.
        Consent = "consent",
        /// When or how the customer wants to be reached.
        Preference = "preference",
        /// A class, or a grade.
        Class = "class",
    }
}

impl Field {
    /// Share of the score; all together 100 (domain.md §1 row 14 [A]).
    pub const fn weight(self) -> i32 {
        match self {
            Field::Phone => 20,
            Field::Car | Field::Insurance => 15,
            Field::Name | Field::Delivery | Field::Odometer | Field::Consent => 10,
            Field::Preference | Field::Class => 5,
        }
    }

    /// Where on the page that edits the customer the field is, or the page where it is filled.
    pub const fn anchor(self) -> &'static str {
        match self {
            Field::Phone => "edit#phones",
            Field::Name => "edit#name",
            Field::Preference => "edit#preferred_daypart",
            Field::Class | Field::Consent => "#tags",
            Field::Car | Field::Insurance | Field::Delivery | Field::Odometer => "#cars",
        }
    }
}

/// All weights in the order of [`Field::ALL`], as the statement takes them.
pub fn weights() -> Vec<i32> {
    Field::ALL.iter().map(|field| field.weight()).collect()
}

/// The score of a file that lacks these fields.
pub fn score(missing: &[Field]) -> i32 {
    100 - missing.iter().map(|field| field.weight()).sum::<i32>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_everything_scores_100_and_one_with_nothing_0() {
        assert_eq!(score(&[]), 100);
        assert_eq!(score(Field::ALL), 0);
        assert_eq!(score(&[Field::Phone, Field::Class]), 75);
    }

    #[test]
    fn the_heaviest_field_comes_first() {
        assert!(weights().is_sorted_by(|a, b| a >= b), "{:?}", weights());
    }
}
