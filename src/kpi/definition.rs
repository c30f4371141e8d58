//! What each figure means: which obligations it counts, what it is divided by, what it should reach. Formulas in words: `i18n/kpi.rs`.

use chrono::NaiveDate;

use crate::obligations::ObligationClass as Class;
use crate::text_enum;
use crate::users::UserId;

text_enum! {
    /// The kinds of obligations that have figures, in the order of the page.
    pub enum Duty {
        PostService = "post_service",
        FirstMaintenance = "first_maintenance",
        PeriodicMaintenance = "periodic_maintenance",
        RenewalContact = "renewal_contact",
        WarrantyExpiry = "warranty_expiry",
        /// Who has not come for long; the list of the 5th.
        LostCustomer = "lost_customer",
        /// Visits to key accounts.
        CareVisit = "care_visit",
        /// No phone, a wrong one, an unknown expiry.
        DataTask = "data_task",
        ComplaintDispatch = "complaint_dispatch",
        ComplaintFirstReply = "complaint_first_reply",
        /// 24h 跟踪率: each period of 24 hours until a case was dealt with.
        ComplaintFollowUp = "complaint_follow_up",
        /// 二次回访率: the customer asked within 24 hours after the case was dealt with.
        ComplaintSecondCallback = "complaint_second_callback",
        /// 投诉关闭率 and 及时关闭率, by the day of the target.
        ComplaintClose = "complaint_close",
        /// 更新率: files looked through in the week they had activity.
        ProfileReview = "profile_review",
    }
}

text_enum! {
    /// What the conversation must have been, beside the class.
    pub enum Only {
        Connected = "connected",
        /// The customer said whether they are satisfied.
        Answered = "answered",
        Satisfied = "satisfied",
    }
}

text_enum! {
    /// A number of obligations.
    pub enum Count {
        /// 应: what has matured and was owed.
        Due = "due",
        /// 实: ended in time.
        InTime = "in_time",
        Late = "late",
        Exhausted = "exhausted",
        Overdue = "overdue",
        /// 成功: done, and somebody was spoken to.
        Connected = "connected",
        Answered = "answered",
        Satisfied = "satisfied",
        NotDue = "not_due",
        Early = "early",
        Exempt = "exempt",
        Cancelled = "cancelled",
        DueOrExempt = "due_or_exempt",
    }
}

text_enum! {
    /// A share: one count of another.
    pub enum Rate {
        /// 及时率; of callbacks the 回访率, in which an exhausted one counts (domain.md §16).
        InTime = "in_time",
        /// 成功率: exhausted ones do not count.
        Success = "success",
        Satisfaction = "satisfaction",
        Exemption = "exemption",
    }
}

/// Which rows of the ledger a count is; the rows of a link are the same set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    pub classes: &'static [Class],
    pub only: Option<Only>,
}

/// What a rate should reach, in whole percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    AtLeast(i64),
    AtMost(i64),
}

/// Whose rows: everybody's, one person's, or nobody's yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Everybody,
    Person(Option<UserId>),
}

/// 接通: results of a dial after which somebody had been spoken to.
pub const CONNECTED_RESULTS: &[&str] = &["completed", "inconvenient", "refused", "not_the_person"];

impl Count {
    /// The set of classes that the count is made of.
    pub const fn rows(self) -> Rows {
        use Class::{Cancelled, Done, DoneLate, Early, Exempt, Exhausted, ExhaustedLate, NotDue, Overdue};
        let (classes, only): (&'static [Class], Option<Only>) = match self {
            Count::Due => (&[Done, DoneLate, Exhausted, ExhaustedLate, Overdue], None),
            Count::InTime => (&[Done, Exhausted], None),
            Count::Late => (&[DoneLate, ExhaustedLate], None),
            Count::Exhausted => (&[Exhausted, ExhaustedLate], None),
            Count::Overdue => (&[Overdue], None),
            Count::Connected => (&[Done, DoneLate], Some(Only::Connected)),
            Count::Answered => (&[Done, DoneLate], Some(Only::Answered)),
            Count::Satisfied => (&[Done, DoneLate], Some(Only::Satisfied)),
            Count::NotDue => (&[NotDue], None),
            Count::Early => (&[Early], None),
            Count::Exempt => (&[Exempt], None),
            Count::Cancelled => (&[Cancelled], None),
            Count::DueOrExempt => (&[Done, DoneLate, Exhausted, ExhaustedLate, Overdue, Exempt], None),
        };
        Rows { classes, only }
    }
}

impl Rate {
    pub const fn numerator(self) -> Count {
        match self {
            Rate::InTime => Count::InTime,
            Rate::Success => Count::Connected,
            Rate::Satisfaction => Count::Satisfied,
            Rate::Exemption => Count::Exempt,
        }
    }

    pub const fn denominator(self) -> Count {
        match self {
            Rate::InTime | Rate::Success => Count::Due,
            Rate::Satisfaction => Count::Answered,
            Rate::Exemption => Count::DueOrExempt,
        }
    }

    /// The seed's duties ask for 100 %; more than 5 % exempt is an alarm (domain.md §1).
    pub const fn target(self) -> Option<Target> {
        match self {
            Rate::InTime => Some(Target::AtLeast(100)),
            Rate::Exemption => Some(Target::AtMost(5)),
            Rate::Success | Rate::Satisfaction => None,
        }
    }
}

impl Rows {
    /// The page of the ledger that lists exactly these rows.
    pub fn link(self, duties: &[Duty], whose: Whose, from: NaiveDate, to: NaiveDate) -> String {
        let kinds = duties.iter().map(|duty| format!("kind={duty}"));
        let classes = self.classes.iter().map(|class| format!("class={class}"));
        let only = self.only.map(|only| format!("only={only}"));
        let person = match whose {
            Whose::Everybody => None,
            // The ledger calls nobody 0.
            Whose::Person(person) => Some(format!("person={}", person.map_or(0, UserId::get))),
        };
        let days = [format!("from={from}"), format!("to={to}")];
        let parts: Vec<String> = kinds
            .chain(classes)
            .chain(only)
            .chain(person)
            .chain(days)
            .collect();
        format!("/obligations?{}", parts.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::obligations::ObligationKind;

    #[test]
    fn every_class_is_due_or_one_of_the_counts_beside_it() {
        let beside = [
            Count::Due,
            Count::NotDue,
            Count::Early,
            Count::Exempt,
            Count::Cancelled,
        ];
        for class in Class::ALL {
            let holders = beside
                .iter()
                .filter(|count| count.rows().classes.contains(class))
                .count();
            assert_eq!(holders, 1, "{class}");
        }
    }

    #[test]
    fn every_duty_is_a_kind_of_the_ledger() {
        for duty in Duty::ALL {
            assert!(duty.as_str().parse::<ObligationKind>().is_ok(), "{duty}");
        }
    }

    #[test]
    fn a_numerator_lies_within_its_denominator() {
        for rate in Rate::ALL {
            let whole = rate.denominator().rows().classes;
            for class in rate.numerator().rows().classes {
                assert!(whole.contains(class), "{rate}: {class}");
            }
        }
    }

    #[test]
    fn what_is_early_is_on_neither_side_of_a_rate() {
        for rate in Rate::ALL {
            for count in [rate.numerator(), rate.denominator()] {
                assert!(!count.rows().classes.contains(&Class::Early), "{rate}");
            }
        }
    }

    #[test]
    fn a_link_names_kind_classes_person_and_days() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 11, d).unwrap();
        assert_eq!(
            Count::InTime
                .rows()
                .link(&[Duty::PostService], Whose::Everybody, day(1), day(30)),
            "/obligations?kind=post_service&class=done&class=exhausted&from=2026-11-01&to=2026-11-30"
        );
        let both = [Duty::FirstMaintenance, Duty::PeriodicMaintenance];
        assert_eq!(
            Count::Overdue
                .rows()
                .link(&both, Whose::Person(Some(UserId::new(7))), day(1), day(2)),
            "/obligations?kind=first_maintenance&kind=periodic_maintenance&class=overdue&person=7&from=2026-11-01&to=2026-11-02"
        );
        assert_eq!(
            Count::Satisfied
                .rows()
                .link(&both, Whose::Everybody, day(1), day(2)),
            "/obligations?kind=first_maintenance&kind=periodic_maintenance&class=done&class=done_late&only=satisfied&from=2026-11-01&to=2026-11-02"
        );
    }
}
