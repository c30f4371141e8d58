//! What a manager posts about a person's week and leave.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use crate::calendar::Interval;
use crate::shifts::model::monday_of;
use crate::shifts::queries::{Caller, NewLeave};
use crate::shifts::service::Week;
use crate::stores::hours;
use crate::users::UserId;
use crate::web::form::{FieldError, FormErrors};

/// Most customers a person can be meant to call in a day.
const MAX_CAPACITY: i64 = 500;
/// Longest leave that is entered at once.
const MAX_LEAVE_DAYS: i64 = 400;

/// `POST /shifts`: `user_id`, `week`, `day_1` to `day_7`, `capacity`.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct WeekForm(pub BTreeMap<String, String>);

/// The fields of the days, Monday first.
pub const DAY_FIELDS: [&str; 7] = ["day_1", "day_2", "day_3", "day_4", "day_5", "day_6", "day_7"];

impl WeekForm {
    /// What was typed in a field.
    pub fn value(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// Whose week it is.
    pub fn user(&self) -> Option<UserId> {
        self.value("user_id").parse().ok()
    }

    /// The Monday of the week that was shown.
    pub fn monday(&self) -> Option<NaiveDate> {
        self.value("week").parse().ok().map(monday_of)
    }

    /// Reads the seven days and the capacity. A day whose field is missing is no free day but a broken form.
    pub fn validate(&self, user: UserId, monday: NaiveDate) -> Result<Week, FormErrors> {
        let mut errors = FormErrors::default();
        let mut days: [Vec<Interval>; 7] = Default::default();
        for (field, day) in DAY_FIELDS.into_iter().zip(&mut days) {
            match self.0.get(field).map(|typed| hours::parse(typed)) {
                Some(Ok(intervals)) => *day = intervals,
                Some(Err(error)) => errors.add(field, error.into()),
                None => errors.add(field, FieldError::Required),
            }
        }
        let capacity = errors.number("capacity", self.value("capacity"), 1, MAX_CAPACITY);
        errors.finish(Week {
            user,
            monday,
            days,
            capacity: capacity.and_then(|capacity| i32::try_from(capacity).ok()),
        })
    }
}

/// `POST /shifts/leave`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct LeaveForm {
    pub user_id: String,
    pub from: String,
    pub until: String,
    pub deputy_id: String,
    pub reason: String,
}

impl LeaveForm {
    /// Checks people against the callers of the store; without an end it is a single day.
    pub fn validate(&self, callers: &[Caller]) -> Result<NewLeave, FormErrors> {
        let mut errors = FormErrors::default();
        let known = |id: UserId| callers.iter().any(|caller| caller.id == id);
        let user: Option<UserId> = errors.required_choice("user_id", &self.user_id);
        if user.is_some_and(|user| !known(user)) {
            errors.add("user_id", FieldError::BadChoice);
        }
        let deputy: Option<UserId> = errors.choice("deputy_id", &self.deputy_id);
        if deputy.is_some_and(|deputy| !known(deputy) || Some(deputy) == user) {
            errors.add("deputy_id", FieldError::BadChoice);
        }
        if self.from.trim().is_empty() {
            errors.add("from", FieldError::Required);
        }
        let from = errors.date("from", &self.from);
        let until = errors.date("until", &self.until).or(from);
        if let (Some(from), Some(until)) = (from, until)
            && !(0..MAX_LEAVE_DAYS).contains(&(until - from).num_days())
        {
            errors.add("until", FieldError::BadDate);
        }
        let reason = errors.optional("reason", &self.reason, 60);
        match (user, from, until) {
            (Some(user), Some(from), Some(until)) => errors.finish(NewLeave {
                user,
                from,
                until,
                deputy,
                reason,
            }),
            _ => Err(errors),
        }
    }
}

/// `POST /shifts/copy`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct CopyForm {
    pub week: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::permission::Role;

    fn callers() -> Vec<Caller> {
        let caller = |id, name: &str| Caller {
            id: UserId::new(id),
            name: name.to_owned(),
            role: Role::Specialist,
            daily_capacity: None,
        };
        vec![caller(1, "张可欣"), caller(2, "李晨")]
    }

    #[test]
    fn leave_names_two_people_of_the_store_and_an_order_of_days() {
        for (user, from, until, deputy, wrong) in [
            ("1", "2026-11-24", "2026-11-26", "2", None),
            ("1", "2026-11-24", "", "", None),
            ("", "2026-11-24", "", "", Some("user_id")),
            ("9", "2026-11-24", "", "", Some("user_id")),
            ("1", "2026-11-24", "", "1", Some("deputy_id")),
            ("1", "2026-11-24", "", "9", Some("deputy_id")),
            ("1", "", "2026-11-24", "", Some("from")),
            ("1", "2026-11-24", "2026-11-23", "", Some("until")),
            ("1", "2026-11-24", "2028-11-23", "", Some("until")),
        ] {
            let form = LeaveForm {
                user_id: user.to_owned(),
                from: from.to_owned(),
                until: until.to_owned(),
                deputy_id: deputy.to_owned(),
                reason: String::new(),
            };
            let checked = form.validate(&callers());
            match (checked, wrong) {
                (Ok(leave), None) => assert!(leave.from <= leave.until),
                (Err(errors), Some(field)) => {
                    assert!(errors.get(field).is_some(), "{user} {from} {until} {deputy}")
                }
                (checked, _) => panic!("{user} {from} {until} {deputy}: {}", checked.is_ok()),
            }
        }
    }

    #[test]
    fn a_week_has_seven_fields() {
        let mut form = WeekForm::default();
        for field in DAY_FIELDS {
            form.0
                .insert(field.to_owned(), "09:00-12:00 13:30-24:00".to_owned());
        }
        let monday = "2026-11-23".parse().unwrap();
        let week = form.validate(UserId::new(1), monday).unwrap();
        assert!(week.days.iter().all(|day| day.len() == 2) && week.capacity.is_none());
        form.0.insert("capacity".to_owned(), "0".to_owned());
        form.0.insert("day_3".to_owned(), "nine".to_owned());
        form.0.remove("day_7");
        let errors = form.validate(UserId::new(1), monday).err().unwrap();
        for field in ["capacity", "day_3", "day_7"] {
            assert!(errors.get(field).is_some(), "{field}");
        }
    }
}
