//! Reasons and states of requests, and when a share of exempt entries is too large (pure).

use crate::text_enum;

text_enum! {
    /// Why an obligation need not be met. The code becomes its `ended_reason`.
    pub enum ExemptionReason {
        VehicleGone = "vehicle_gone",
        Duplicate = "duplicate",
        NotEligible = "not_eligible",
        HandledElsewhere = "handled_elsewhere",
        CustomerAsked = "customer_asked",
        LongAbsence = "long_absence",
        Other = "other",
    }
}

text_enum! {
    /// Where a request stands.
    pub enum ExemptionStatus {
        Open = "open",
        Approved = "approved",
        Refused = "refused",
        Withdrawn = "withdrawn",
        /// The obligation ended before anybody decided.
        Lapsed = "lapsed",
    }
}

text_enum! {
    /// What somebody decides.
    pub enum Verdict {
        Approve = "approve",
        Refuse = "refuse",
    }
}

impl ExemptionStatus {
    /// The badge's colour in the design.
    pub const fn tone(self) -> &'static str {
        match self {
            ExemptionStatus::Open => "info",
            ExemptionStatus::Approved => "good",
            ExemptionStatus::Refused => "bad",
            ExemptionStatus::Withdrawn | ExemptionStatus::Lapsed => "",
        }
    }
}

/// Whether more than `limit` percent of what was owed is exempt. Nothing owed is no share at all.
pub const fn is_too_many(exempt: i64, whole: i64, limit: i16) -> bool {
    exempt * 100 > whole * limit as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_above_the_limit_is_too_large() {
        for (exempt, whole, limit, expected) in [
            (0, 0, 5, false),
            (5, 100, 5, false),
            (6, 100, 5, true),
            (1, 19, 5, true),
            (1, 20, 5, false),
            (1, 1, 0, true),
            (3, 3, 100, false),
        ] {
            assert_eq!(
                is_too_many(exempt, whole, limit),
                expected,
                "{exempt} of {whole} at {limit} %"
            );
        }
    }
}
