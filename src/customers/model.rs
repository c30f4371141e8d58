//! Customers, their numbers, and how both appear in lists.

use chrono::{DateTime, NaiveDate, Utc};

use crate::customers::phone::PhoneKind;
use crate::customers::{CustomerId, PhoneId};
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

/// A customer as the pages and forms know it. `name` is empty once erased.
#[derive(Clone)]
pub struct Customer {
    pub id: CustomerId,
    pub kind: CustomerKind,
    pub name: String,
    pub salutation: Option<String>,
    pub grade: Option<String>,
    pub note: String,
    pub preferred_channel: ContactChannel,
    pub survey_opt_out: bool,
    pub merged_into_id: Option<CustomerId>,
    pub erased_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
    pub last_visit_on: Option<NaiveDate>,
}

/// One number of a customer, whole: pages print it masked.
#[derive(Clone)]
pub struct CustomerPhone {
    pub id: PhoneId,
    pub number: String,
    pub kind: PhoneKind,
    pub state: PhoneState,
    pub is_main: bool,
}

/// A customer as a form offers them among others.
pub struct CustomerRow {
    pub id: CustomerId,
    pub kind: CustomerKind,
    pub name: String,
    pub salutation: Option<String>,
    pub grade: Option<String>,
    pub phone_id: Option<PhoneId>,
    pub number: Option<String>,
    pub last_visit_on: Option<NaiveDate>,
    pub updated_at: DateTime<Utc>,
}
