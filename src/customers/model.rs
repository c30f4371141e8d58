//! Kinds of customers and states of their numbers.

use crate::text_enum;

text_enum! {
    /// Who a customer is in law; a company is reached through its drivers and contacts.
    pub enum CustomerKind {
        Person = "person",
        Company = "company",
    }
}

text_enum! {
    /// What is known about a number from using it.
    pub enum PhoneState {
        Ok = "ok",
        /// Never answered yet.
        Unverified = "unverified",
        /// It belongs to somebody else.
        Wrong = "wrong",
        /// Vacant or suspended.
        Dead = "dead",
        /// The customer asked not to be called on it.
        DoNotCall = "do_not_call",
    }
}

text_enum! {
    /// How a customer wants to be reached.
    pub enum ContactChannel {
        Call = "call",
        Sms = "sms",
        Wechat = "wechat",
    }
}
