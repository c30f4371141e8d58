//! The ledger.

messages! {
    title { "应办台账", "Obligations" }
}
