//! What a car came for, and how far its repair order has got.

use crate::text_enum;

text_enum! {
    /// Why the car came. Wash, PDI and internal work owe no callback.
    pub enum VisitType {
        Maintenance = "maintenance",
        Repair = "repair",
        Body = "body",
        Warranty = "warranty",
        /// Work done again because the first time failed.
        Rework = "rework",
        Wash = "wash",
        /// Inspection of a new car before delivery.
        Pdi = "pdi",
        Internal = "internal",
        Decoration = "decoration",
    }
}

text_enum! {
    /// How far a repair order has got. Only a closed one was handed over and owes a callback.
    pub enum VisitState {
        Open = "open",
        Settled = "settled",
        Closed = "closed",
        Cancelled = "cancelled",
    }
}
