//! What must have been looked at before a case of a class is dealt with: the trade's usual steps of an investigation.

use crate::complaints::ComplaintClass;
use crate::text_enum;

text_enum! {
    /// A step; its words are in `i18n::complaint_case`.
    pub enum Check {
        CarInspected = "car_inspected",
        FaultConfirmed = "fault_confirmed",
        WarrantyChecked = "warranty_checked",
        MakerInformed = "maker_informed",
        OrderReviewed = "order_reviewed",
        WorkRechecked = "work_rechecked",
        TechnicianHeard = "technician_heard",
        StaffHeard = "staff_heard",
        RecordsReviewed = "records_reviewed",
        Apologised = "apologised",
        TimesChecked = "times_checked",
        InvoiceCompared = "invoice_compared",
        RefundDecided = "refund_decided",
        PartTraced = "part_traced",
        ArrivalTold = "arrival_told",
        ClaimReviewed = "claim_reviewed",
        LawChecked = "law_checked",
        ContractReviewed = "contract_reviewed",
        PartnerAsked = "partner_asked",
        PapersChecked = "papers_checked",
        SiteChecked = "site_checked",
        SourceTraced = "source_traced",
        ContactsStopped = "contacts_stopped",
        FactsChecked = "facts_checked",
    }
}

/// An item of a class's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    pub check: Check,
    /// Without it the case cannot be dealt with.
    pub is_mandatory: bool,
}

const fn must(check: Check) -> Item {
    Item {
        check,
        is_mandatory: true,
    }
}

const fn may(check: Check) -> Item {
    Item {
        check,
        is_mandatory: false,
    }
}

/// The list of a class, in the order of the work.
pub const fn items(class: ComplaintClass) -> &'static [Item] {
    const PRODUCT: [Item; 4] = [
        must(Check::CarInspected),
        must(Check::FaultConfirmed),
        must(Check::WarrantyChecked),
        may(Check::MakerInformed),
    ];
    const REPAIR: [Item; 4] = [
        must(Check::OrderReviewed),
        must(Check::WorkRechecked),
        may(Check::TechnicianHeard),
        may(Check::RefundDecided),
    ];
    const ATTITUDE: [Item; 3] = [
        must(Check::StaffHeard),
        may(Check::RecordsReviewed),
        must(Check::Apologised),
    ];
    const EFFICIENCY: [Item; 3] = [
        must(Check::TimesChecked),
        may(Check::StaffHeard),
        may(Check::Apologised),
    ];
    const PRICE: [Item; 3] = [
        must(Check::InvoiceCompared),
        may(Check::StaffHeard),
        must(Check::RefundDecided),
    ];
    const PARTS: [Item; 3] = [
        must(Check::PartTraced),
        must(Check::ArrivalTold),
        may(Check::MakerInformed),
    ];
    const WARRANTY: [Item; 4] = [
        must(Check::ClaimReviewed),
        must(Check::LawChecked),
        may(Check::CarInspected),
        may(Check::MakerInformed),
    ];
    const SALES: [Item; 3] = [
        must(Check::ContractReviewed),
        must(Check::StaffHeard),
        may(Check::RefundDecided),
    ];
    const FINANCE: [Item; 3] = [
        must(Check::ContractReviewed),
        may(Check::PartnerAsked),
        may(Check::RefundDecided),
    ];
    const REGISTRATION: [Item; 2] = [must(Check::PapersChecked), may(Check::PartnerAsked)];
    const FACILITY: [Item; 1] = [must(Check::SiteChecked)];
    const PRIVACY: [Item; 3] = [
        must(Check::SourceTraced),
        must(Check::ContactsStopped),
        may(Check::Apologised),
    ];
    const OTHER: [Item; 1] = [must(Check::FactsChecked)];
    match class {
        ComplaintClass::Product => &PRODUCT,
        ComplaintClass::Repair => &REPAIR,
        ComplaintClass::Attitude => &ATTITUDE,
        ComplaintClass::Efficiency => &EFFICIENCY,
        ComplaintClass::Price => &PRICE,
        ComplaintClass::Parts => &PARTS,
        ComplaintClass::Warranty => &WARRANTY,
        ComplaintClass::Sales => &SALES,
        ComplaintClass::Finance => &FINANCE,
        ComplaintClass::Registration => &REGISTRATION,
        ComplaintClass::Facility => &FACILITY,
        ComplaintClass::Privacy => &PRIVACY,
        ComplaintClass::Other => &OTHER,
    }
}

/// The mandatory items that are not ticked yet.
pub fn missing(class: ComplaintClass, done: &[Check]) -> Vec<Check> {
    let items = items(class).iter();
    items
        .filter(|item| item.is_mandatory && !done.contains(&item.check))
        .map(|item| item.check)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_list_with_something_mandatory_and_nothing_twice() {
        for class in ComplaintClass::ALL {
            let list = items(*class);
            assert!(list.iter().any(|item| item.is_mandatory), "{class}");
            for (position, item) in list.iter().enumerate() {
                assert!(
                    list[..position].iter().all(|other| other.check != item.check),
                    "{class}"
                );
            }
        }
    }

    #[test]
    fn what_is_missing_is_what_is_mandatory_and_not_ticked() {
        assert_eq!(
            missing(ComplaintClass::Repair, &[Check::OrderReviewed]),
            [Check::WorkRechecked]
        );
        let all = [Check::OrderReviewed, Check::WorkRechecked];
        assert!(missing(ComplaintClass::Repair, &all).is_empty());
        // Ticks of a class that the case had before do not count.
        assert_eq!(
            missing(ComplaintClass::Facility, &[Check::OrderReviewed]),
            [Check::SiteChecked]
        );
    }
}
