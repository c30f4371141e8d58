//! What a pair is, why it was found, and what has been decided about it.

use crate::text_enum;

text_enum! {
    /// What the two files are of.
    pub enum RecordKind {
        Customer = "customer",
        Vehicle = "vehicle",
    }
}

impl RecordKind {
    /// Its table, which is its address too.
    pub const fn table(self) -> &'static str {
        match self {
            RecordKind::Customer => "customers",
            RecordKind::Vehicle => "vehicles",
        }
    }
}

text_enum! {
    /// Why two files may be one.
    pub enum Reason {
        /// The same number.
        Phone = "phone",
        /// The same VIN once O, I and Q are read as 0, 1 and 0, or the short number of an old car.
        Vin = "vin",
        /// One character of the plate differs, and they have a person or a person's name in common.
        Plate = "plate",
        /// The names sound the same, and the numbers end alike.
        Sound = "sound",
    }
}

text_enum! {
    /// What has been decided.
    pub enum PairState {
        Open = "open",
        /// Two different ones.
        Dismissed = "dismissed",
        Merged = "merged",
    }
}
