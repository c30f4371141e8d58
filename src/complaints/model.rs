//! Codes of a complaint (domain.md §6).

use crate::text_enum;

text_enum! {
    /// How a complaint reached us.
    pub enum ComplaintChannel {
        Call = "call",
        Visit = "visit",
        /// Found in a callback of ours.
        Callback = "callback",
        Hotline = "hotline",
        Maker = "maker",
        Regulator = "regulator",
        Web = "web",
        Media = "media",
        Letter = "letter",
    }
}

text_enum! {
    /// What it is about, first level.
    pub enum ComplaintClass {
        Product = "product",
        Repair = "repair",
        Attitude = "attitude",
        Efficiency = "efficiency",
        Price = "price",
        Parts = "parts",
        Warranty = "warranty",
        Sales = "sales",
        Finance = "finance",
        Registration = "registration",
        Facility = "facility",
        Privacy = "privacy",
        Other = "other",
    }
}

text_enum! {
    /// How grave it is; A is a crisis, D demands no result.
    pub enum Severity {
        A = "A",
        B = "B",
        C = "C",
        D = "D",
    }
}

text_enum! {
    /// Life of a complaint. Order is the order of the badge legend.
    pub enum ComplaintState {
        Accepted = "accepted",
        Dispatched = "dispatched",
        InProgress = "in_progress",
        /// Waiting for the customer.
        Waiting = "waiting",
        Resolved = "resolved",
        Closed = "closed",
        Withdrawn = "withdrawn",
        Invalid = "invalid",
        Merged = "merged",
    }
}

text_enum! {
    /// 诉求: what the customer wants done.
    pub enum DemandKind {
        Repair = "repair",
        /// 退换: the car or the part taken back or replaced.
        Replace = "replace",
        Compensation = "compensation",
        Apology = "apology",
        Explanation = "explanation",
    }
}

text_enum! {
    /// 责任性质: whose fault it was found to be.
    pub enum Responsibility {
        Responsible = "responsible",
        Partial = "partial",
        None = "none",
        ThirdParty = "third_party",
    }
}

text_enum! {
    /// What the customer says about how the case was handled, in the second callback.
    pub enum Verdict {
        Satisfied = "satisfied",
        Acceptable = "acceptable",
        Dissatisfied = "dissatisfied",
    }
}

impl Severity {
    /// The graver of two: they are declared from the gravest.
    pub fn graver(self, other: Severity) -> Severity {
        let rank = |severity: Severity| Severity::ALL.iter().position(|known| *known == severity);
        if rank(self) <= rank(other) { self } else { other }
    }

    /// Tone of the badge.
    pub const fn tone(self) -> &'static str {
        match self {
            Severity::A => "bad",
            Severity::B => "bad",
            Severity::C => "soon",
            Severity::D => "",
        }
    }
}

impl ComplaintState {
    /// Tone of the badge.
    pub const fn tone(self) -> &'static str {
        match self {
            ComplaintState::Accepted => "soon",
            ComplaintState::Dispatched | ComplaintState::InProgress | ComplaintState::Waiting => "info",
            ComplaintState::Resolved | ComplaintState::Closed => "good",
            ComplaintState::Withdrawn | ComplaintState::Invalid | ComplaintState::Merged => "",
        }
    }
}
