//! Cells on screen: phones and VINs masked where they are what they claim to be.

use crate::customers::phone::{Phone, PhoneKind};
use crate::i18n::format::Formatter;
use crate::imports::mapping::Field;
use crate::vehicles::plate::PlateNumber;
use crate::vehicles::vin::Vin;
use crate::web::layout::Layout;

/// A cell of a column that nobody has matched yet: what can only be a mobile or a VIN is masked all the same.
pub(super) fn shown_unmatched(fmt: &Formatter, cell: &str) -> String {
    let is_mobile = Phone::parse(cell, None).is_ok_and(|phone| phone.kind() == PhoneKind::Mobile);
    if is_mobile {
        shown(fmt, Field::Phone, cell)
    } else {
        shown(fmt, Field::Vin, cell)
    }
}

/// A value of the archive or of the file as a change names it: codes in words.
pub(super) fn stored(layout: &Layout, field: Field, value: &str) -> String {
    let common = layout.t.common();
    match (field, value) {
        (Field::InsuranceKind, code) => match code.parse() {
            Ok(kind) => layout.t.vehicles().policy(kind).to_owned(),
            Err(_) => code.to_owned(),
        },
        (Field::SoldHere, "true") => common.yes().to_owned(),
        (Field::SoldHere, "false") => common.no().to_owned(),
        _ => shown(&layout.fmt, field, value),
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
        Field::PolicyNumber => fmt.policy_number(cell),
        Field::Name
        | Field::Model
        | Field::PurchasedOn
        | Field::FirstServiceDueOn
        | Field::WarrantyEndsOn
        | Field::InsuranceEndsOn
        | Field::Mileage
        | Field::Grade
        | Field::Note
        | Field::RegisteredAt
        | Field::Keeper
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
        | Field::InsuranceKind
        | Field::Insurer
        | Field::StartsOn
        | Field::EndsOn
        | Field::Premium
        | Field::InsuredName
        | Field::SoldHere => cell.to_owned(),
    }
}
