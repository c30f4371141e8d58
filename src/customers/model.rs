//! Customers, their numbers, and how both appear in lists.

use chrono::{DateTime, NaiveDate, Utc};

use crate::customers::completeness::Field;
use crate::customers::phone::PhoneKind;
use crate::customers::{CustomerId, PhoneId};
use crate::text_enum;
use crate::users::UserId;

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

text_enum! {
    /// Days on which a customer likes to be called.
    pub enum PreferredDays {
        Any = "any",
        Workday = "workday",
        Weekend = "weekend",
    }
}

text_enum! {
    /// The part of the day at which a customer likes to be called: 09–12, 13:30–17:30, 17:30–20:00.
    pub enum Daypart {
        Morning = "morning",
        Afternoon = "afternoon",
        Evening = "evening",
    }
}

text_enum! {
    /// How the customer came to the store.
    pub enum CustomerSource {
        Sale = "sale",
        WalkIn = "walk_in",
        Referral = "referral",
        Hotline = "hotline",
        Online = "online",
        Activity = "activity",
        Maker = "maker",
        Import = "import",
        Other = "other",
    }
}

text_enum! {
    /// How near a customer is to being lost, from the days since the last visit (domain.md §7).
    pub enum ChurnRisk {
        Low = "low",
        Warning = "warning",
        High = "high",
        Lost = "lost",
        LongLost = "long_lost",
        /// Never came: nothing can be said.
        Unknown = "unknown",
    }
}

impl ChurnRisk {
    /// 180, 270, 365 and 730 days are the borders.
    pub fn of(last_visit_on: Option<NaiveDate>, today: NaiveDate) -> ChurnRisk {
        match last_visit_on.map(|day| (today - day).num_days()) {
            None => ChurnRisk::Unknown,
            Some(..=180) => ChurnRisk::Low,
            Some(..=270) => ChurnRisk::Warning,
            Some(..=365) => ChurnRisk::High,
            Some(..=730) => ChurnRisk::Lost,
            Some(_) => ChurnRisk::LongLost,
        }
    }

    /// The colour of its word in the design.
    pub const fn class(self) -> &'static str {
        match self {
            ChurnRisk::Low => "t-good",
            ChurnRisk::Warning | ChurnRisk::High => "t-soon",
            ChurnRisk::Lost | ChurnRisk::LongLost => "t-bad",
            ChurnRisk::Unknown => "mute",
        }
    }
}

/// A birthday; many people do not tell the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Birthday {
    pub year: Option<i16>,
    pub month: i16,
    pub day: i16,
}

impl Birthday {
    /// A day that the calendar has; without a year the 29th of February is one.
    pub fn new(year: Option<i16>, month: i16, day: i16) -> Option<Birthday> {
        /// A leap year, for birthdays that have no year.
        const LEAP: i16 = 2024;
        let (month_no, day_no) = (u32::try_from(month).ok()?, u32::try_from(day).ok()?);
        NaiveDate::from_ymd_opt(i32::from(year.unwrap_or(LEAP)), month_no, day_no)?;
        Some(Birthday { year, month, day })
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
    pub preferred_days: PreferredDays,
    pub preferred_daypart: Option<Daypart>,
    pub birth_year: Option<i16>,
    pub birth_month: Option<i16>,
    pub birth_day: Option<i16>,
    pub district: String,
    /// The rest of the address, whole: pages print stars.
    pub address: String,
    pub source: Option<CustomerSource>,
    pub source_note: String,
    pub habits: String,
    pub parent_id: Option<CustomerId>,
    pub parent_name: Option<String>,
    pub keeper_id: Option<UserId>,
    pub keeper_name: Option<String>,
    pub survey_opt_out: bool,
    pub marketing_opt_out: bool,
    pub created_at: DateTime<Utc>,
    pub reviewed_at: Option<DateTime<Utc>>,
    pub score: i16,
    pub missing: Vec<Field>,
    pub merged_into_id: Option<CustomerId>,
    pub erased_at: Option<DateTime<Utc>>,
    pub version: i32,
    pub updated_at: DateTime<Utc>,
    pub last_visit_on: Option<NaiveDate>,
}

impl Customer {
    /// The birthday, if it is known.
    pub fn birthday(&self) -> Option<Birthday> {
        let (month, day) = (self.birth_month?, self.birth_day?);
        Birthday::new(self.birth_year, month, day)
    }

    /// Whether people may still change it: signposts and empty carriers stay as they are.
    pub fn is_live(&self) -> bool {
        self.merged_into_id.is_none() && self.erased_at.is_none()
    }
}

/// One number of a customer, whole: pages print it masked.
#[derive(Clone)]
pub struct CustomerPhone {
    pub id: PhoneId,
    pub number: String,
    pub kind: PhoneKind,
    pub state: PhoneState,
    pub is_main: bool,
    /// No messages to this number.
    pub sms_opt_out: bool,
}

/// A person of the store who can keep customers' files.
pub struct Keeper {
    pub id: UserId,
    pub name: String,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_is_lost_by_degrees() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        for (days, risk) in [
            (0, ChurnRisk::Low),
            (180, ChurnRisk::Low),
            (181, ChurnRisk::Warning),
            (270, ChurnRisk::Warning),
            (271, ChurnRisk::High),
            (365, ChurnRisk::High),
            (366, ChurnRisk::Lost),
            (730, ChurnRisk::Lost),
            (731, ChurnRisk::LongLost),
        ] {
            let last = today - chrono::TimeDelta::days(days);
            assert_eq!(ChurnRisk::of(Some(last), today), risk, "{days}");
        }
        assert_eq!(ChurnRisk::of(None, today), ChurnRisk::Unknown);
    }

    #[test]
    fn a_birthday_is_a_day_of_the_calendar() {
        for (year, month, day, is_one) in [
            (None, 2, 29, true),
            (None, 2, 30, false),
            (Some(2023), 2, 29, false),
            (Some(2024), 2, 29, true),
            (None, 13, 1, false),
            (None, 4, 31, false),
            (Some(1988), 4, 16, true),
        ] {
            assert_eq!(
                Birthday::new(year, month, day).is_some(),
                is_one,
                "{year:?} {month} {day}"
            );
        }
    }
}
