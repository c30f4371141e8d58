//! Cells on screen: phones and VINs masked where they are what they claim to be.

use crate::customers::phone::{Phone, PhoneKind};
use crate::i18n::format::Formatter;
use crate::imports::mapping::Field;
use crate::vehicles::plate::PlateNumber;
use crate::vehicles::vin::Vin;

/// A cell of a column that nobody has matched yet: what can only be a mobile or a VIN is masked all the same.
pub(super) fn shown_unmatched(fmt: &Formatter, cell: &str) -> String {
    let is_mobile = Phone::parse(cell, None).is_ok_and(|phone| phone.kind() == PhoneKind::Mobile);
    if is_mobile {
        shown(fmt, Field::Phone, cell)
    } else {
        shown(fmt, Field::Vin, cell)
    }
}

/// A refused cell is shown as it is, or nobody could mend it.
pub(super) fn shown(fmt: &Formatter, field: Field, cell: &str) -> String {
    match field {
        Field::Phone | Field::SenderPhone => match Phone::parse(cell, Some("0000")) {
            Ok(phone) => fmt.phone(phone.as_str()),
            Err(_) => cell.to_owned(),
        },
        Field::Vin => match Vin::parse(cell) {
            Ok((vin, _)) => fmt.vin(vin.as_str()),
            Err(_) => cell.to_owned(),
        },
        Field::Plate => match PlateNumber::parse(cell) {
            Ok(plate) => plate.display(),
            Err(_) => cell.to_owned(),
        },
        Field::Name
        | Field::Model
        | Field::PurchasedOn
        | Field::FirstServiceDueOn
        | Field::WarrantyEndsOn
        | Field::InsuranceEndsOn
        | Field::Mileage
        | Field::Grade
        | Field::Note
        | Field::RoNumber
        | Field::ArrivedAt
        | Field::HandedOverAt
        | Field::SettledAt
        | Field::SenderName
        | Field::ServiceType
        | Field::Amount
        | Field::Advisor
        | Field::Technician
        | Field::Work
        | Field::NextServiceMileage
        | Field::NextServiceOn
        | Field::PolicyNumber
        | Field::InsuranceKind
        | Field::Insurer
        | Field::StartsOn
        | Field::EndsOn
        | Field::Premium
        | Field::InsuredName
        | Field::SoldHere => cell.to_owned(),
    }
}
