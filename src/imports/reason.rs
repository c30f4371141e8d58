//! Why a row is refused, or taken with a word of warning: a code with its figures, at a field.

use serde::{Deserialize, Serialize};

use crate::customers::phone::PhoneError;
use crate::imports::mapping::Field;
use crate::imports::values::Refusal;
use crate::vehicles::plate::PlateError;
use crate::vehicles::vin::VinError;

/// A reason; the sentence is in `i18n/imports.rs`. Stored as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    Required,
    BadDate,
    BadDateTime,
    FutureDate,
    BadNumber,
    /// Digits were lost in a spreadsheet: 1.38E+10.
    ScientificNotation,
    TooLong {
        max: usize,
    },
    BadChoice,
    FormulaError,
    /// More kilometres than any car has gone.
    TooFar,
    PhoneLength {
        digits: usize,
    },
    SeveralPhones,
    NoAreaCode,
    NoPersonsPhone,
    BadPhone,
    PlateLength {
        found: usize,
    },
    PlateCharacter {
        found: char,
        position: usize,
    },
    PlateProvince {
        found: char,
    },
    BadPlate,
    VinLength {
        found: usize,
    },
    VinCharacter {
        found: char,
        position: usize,
    },
    /// Neither VIN nor plate.
    NoVehicle,
    /// More cells than the header: the row has slipped.
    Slipped,
    /// Handed over or settled before the car arrived.
    BeforeArrival,
    /// A policy that ends before it begins.
    EndsBeforeStart,
    /// By a person's decision about conflicts: the car has another owner.
    OwnerDiffers,
    NameDiffers,
    /// Another car carries the plate.
    PlateElsewhere,
    /// The same car or repair order stands in an earlier row.
    Doubled {
        row: i32,
    },
    /// A warning: the VIN's check digit does not fit.
    VinCheckDigit {
        expected: char,
        found: char,
    },
    /// A warning: a 维修类型 outside the list counts as a repair.
    UnknownServiceType {
        text: String,
    },
    /// A warning: 被保险人 is nobody of the car's people, and only the name is kept.
    UnknownInsured,
    /// A warning: 建档人 is no one person of the store.
    UnknownKeeper {
        text: String,
    },
}

impl Reason {
    /// The code as scripts see it.
    pub const fn code(&self) -> &'static str {
        match self {
            Reason::Required => "required",
            Reason::BadDate => "bad_date",
            Reason::BadDateTime => "bad_date_time",
            Reason::FutureDate => "future_date",
            Reason::BadNumber => "bad_number",
            Reason::ScientificNotation => "scientific_notation",
            Reason::TooLong { .. } => "too_long",
            Reason::BadChoice => "bad_choice",
            Reason::FormulaError => "formula_error",
            Reason::TooFar => "too_far",
            Reason::PhoneLength { .. } => "phone_length",
            Reason::SeveralPhones => "several_phones",
            Reason::NoAreaCode => "no_area_code",
            Reason::NoPersonsPhone => "no_persons_phone",
            Reason::BadPhone => "bad_phone",
            Reason::PlateLength { .. } => "plate_length",
            Reason::PlateCharacter { .. } => "plate_character",
            Reason::PlateProvince { .. } => "plate_province",
            Reason::BadPlate => "bad_plate",
            Reason::VinLength { .. } => "vin_length",
            Reason::VinCharacter { .. } => "vin_character",
            Reason::NoVehicle => "no_vehicle",
            Reason::Slipped => "slipped",
            Reason::BeforeArrival => "before_arrival",
            Reason::EndsBeforeStart => "ends_before_start",
            Reason::OwnerDiffers => "owner_differs",
            Reason::NameDiffers => "name_differs",
            Reason::PlateElsewhere => "plate_elsewhere",
            Reason::Doubled { .. } => "doubled",
            Reason::VinCheckDigit { .. } => "vin_check_digit",
            Reason::UnknownServiceType { .. } => "unknown_service_type",
            Reason::UnknownInsured => "unknown_insured",
            Reason::UnknownKeeper { .. } => "unknown_keeper",
        }
    }
}

/// A reason at its cell; without a field it concerns the whole row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct At {
    pub field: Option<Field>,
    #[serde(flatten)]
    pub reason: Reason,
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Reason {
        match refusal {
            Refusal::Required => Reason::Required,
            Refusal::BadDate => Reason::BadDate,
            Refusal::BadDateTime => Reason::BadDateTime,
            Refusal::FutureDate => Reason::FutureDate,
            Refusal::BadNumber => Reason::BadNumber,
            Refusal::ScientificNotation => Reason::ScientificNotation,
            Refusal::TooLong { max } => Reason::TooLong { max },
            Refusal::BadChoice => Reason::BadChoice,
            Refusal::FormulaError => Reason::FormulaError,
        }
    }
}

impl From<PhoneError> for Reason {
    fn from(error: PhoneError) -> Reason {
        match error {
            PhoneError::Empty => Reason::Required,
            PhoneError::ScientificNotation => Reason::ScientificNotation,
            PhoneError::SeveralNumbers => Reason::SeveralPhones,
            PhoneError::WrongLength { digits } => Reason::PhoneLength { digits },
            PhoneError::NoAreaCode => Reason::NoAreaCode,
            PhoneError::ServiceNumber | PhoneError::Iot => Reason::NoPersonsPhone,
            PhoneError::NotANumber | PhoneError::NotAPrefix => Reason::BadPhone,
        }
    }
}

impl From<PlateError> for Reason {
    fn from(error: PlateError) -> Reason {
        match error {
            PlateError::Empty | PlateError::NotRegistered => Reason::Required,
            PlateError::Province(found) => Reason::PlateProvince { found },
            PlateError::Length { found } => Reason::PlateLength { found },
            PlateError::Character { found, position } => Reason::PlateCharacter { found, position },
            PlateError::NewEnergy => Reason::BadPlate,
        }
    }
}

impl From<VinError> for Reason {
    fn from(error: VinError) -> Reason {
        match error {
            VinError::Empty => Reason::Required,
            VinError::Length { found } => Reason::VinLength { found },
            VinError::Character { found, position, .. } => Reason::VinCharacter { found, position },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_code_is_the_code_that_scripts_see() {
        for reason in [
            Reason::Required,
            Reason::PhoneLength { digits: 10 },
            Reason::Doubled { row: 7 },
            Reason::VinCheckDigit {
                expected: '8',
                found: '0',
            },
        ] {
            let at = At {
                field: Some(Field::Vin),
                reason: reason.clone(),
            };
            let stored = serde_json::to_value(&at).unwrap();
            assert_eq!(stored["code"], reason.code());
            assert_eq!(stored["field"], "vin");
            assert_eq!(serde_json::from_value::<At>(stored).unwrap(), at);
        }
    }
}
