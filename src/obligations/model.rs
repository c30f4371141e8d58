//! Kinds, endings and classes of ledger entries (pure).

use chrono::{DateTime, Utc};

use crate::text_enum;

text_enum! {
    /// What is owed; those of care rules first, then the clocks of complaints.
    pub enum ObligationKind {
        PostService = "post_service",
        WarrantyExpiry = "warranty_expiry",
        FirstMaintenance = "first_maintenance",
        PeriodicMaintenance = "periodic_maintenance",
        Renewal = "renewal",
        RenewalContact = "renewal_contact",
        LostCustomer = "lost_customer",
        DataTask = "data_task",
        CareVisit = "care_visit",
        /// 档案核对: a customer's file is to be looked through this week.
        ProfileReview = "profile_review",
        ComplaintDispatch = "complaint_dispatch",
        ComplaintFirstReply = "complaint_first_reply",
        ComplaintFollowUp = "complaint_follow_up",
        /// 重大抱怨的处理方案: within a day the customer hears what is going to be done and by when.
        ComplaintPlan = "complaint_plan",
        ComplaintClose = "complaint_close",
        ComplaintSecondCallback = "complaint_second_callback",
        ComplaintAfter = "complaint_after",
        /// What the law or an authority demands by a day of its own.
        ComplaintExternal = "complaint_external",
    }
}

text_enum! {
    /// Life of an entry: open, then exactly one ending.
    pub enum ObligationStatus {
        Open = "open",
        Done = "done",
        /// 尽责未达: tried as often as the rule asks, without success.
        Exhausted = "exhausted",
        Exempt = "exempt",
        /// Its reason has gone (superseded) before anybody acted.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// Where an entry stands at an instant; every entry is in exactly one class, and a figure is a set of classes.
    pub enum ObligationClass {
        NotDue = "not_due",
        /// Ended before its due time came: counted when it matures, else a running month would count successes only.
        Early = "early",
        Done = "done",
        DoneLate = "done_late",
        Exhausted = "exhausted",
        ExhaustedLate = "exhausted_late",
        Overdue = "overdue",
        Exempt = "exempt",
        Cancelled = "cancelled",
    }
}

impl ObligationClass {
    /// The same table as the SQL function `obligation_class`, which figures and lists use; a test compares the two.
    pub fn of(
        status: ObligationStatus,
        due_at: DateTime<Utc>,
        ended_at: Option<DateTime<Utc>>,
        at: DateTime<Utc>,
    ) -> ObligationClass {
        let in_time = ended_at.is_some_and(|ended_at| ended_at <= due_at);
        match (status, due_at > at) {
            (ObligationStatus::Cancelled, _) => ObligationClass::Cancelled,
            (ObligationStatus::Exempt, _) => ObligationClass::Exempt,
            (ObligationStatus::Open, true) => ObligationClass::NotDue,
            (ObligationStatus::Open, false) => ObligationClass::Overdue,
            (ObligationStatus::Done | ObligationStatus::Exhausted, true) => ObligationClass::Early,
            (ObligationStatus::Done, false) if in_time => ObligationClass::Done,
            (ObligationStatus::Done, false) => ObligationClass::DoneLate,
            (ObligationStatus::Exhausted, false) if in_time => ObligationClass::Exhausted,
            (ObligationStatus::Exhausted, false) => ObligationClass::ExhaustedLate,
        }
    }

    /// The badge's colour in the design.
    pub const fn tone(self) -> &'static str {
        match self {
            ObligationClass::Done | ObligationClass::Early => "good",
            ObligationClass::Overdue => "bad",
            ObligationClass::DoneLate | ObligationClass::ExhaustedLate => "soon",
            ObligationClass::NotDue
            | ObligationClass::Exhausted
            | ObligationClass::Exempt
            | ObligationClass::Cancelled => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn an_entry_is_in_one_class_at_each_instant() {
        use ObligationClass as Class;
        use ObligationStatus as Status;
        let due: DateTime<Utc> = "2026-11-24T12:00:00Z".parse().unwrap();
        let hour = TimeDelta::hours(1);
        for (status, ended, at, class) in [
            (Status::Open, None, due - hour, Class::NotDue),
            (Status::Open, None, due, Class::Overdue),
            (Status::Done, Some(due - hour), due - hour, Class::Early),
            (Status::Done, Some(due), due, Class::Done),
            (Status::Done, Some(due + hour), due + hour, Class::DoneLate),
            (Status::Exhausted, Some(due - hour), due - hour, Class::Early),
            (Status::Exhausted, Some(due - hour), due, Class::Exhausted),
            (
                Status::Exhausted,
                Some(due + hour),
                due + hour,
                Class::ExhaustedLate,
            ),
            (Status::Exempt, Some(due), due - hour, Class::Exempt),
            (Status::Cancelled, Some(due), due + hour, Class::Cancelled),
        ] {
            assert_eq!(Class::of(status, due, ended, at), class, "{status} at {at}");
        }
    }
}
