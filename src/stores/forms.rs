//! What admins post about stores, departments, hours and days.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::Deserialize;

use crate::auth::forms::store_code;
use crate::calendar::{Interval, Purpose};
use crate::i18n::Lang;
use crate::i18n::stores::T;
use crate::stores::{StoreId, hours};
use crate::text_enum;
use crate::web::form::{FieldError, FormErrors};

/// Longest run of closed or special days in one go.
const MAX_DAYS: i64 = 366;

/// A sentence of `i18n/stores.rs` as a field's error.
fn sentence(of: impl Fn(T) -> &'static str) -> FieldError {
    FieldError::Text {
        zh: of(T(Lang::Zh)).to_owned(),
        en: of(T(Lang::En)).to_owned(),
    }
}

/// `POST /stores`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewStoreForm {
    pub idem_key: String,
    pub store_code: String,
    pub name: String,
}

/// A new store, checked.
pub struct NewStore {
    pub code: String,
    pub name: String,
}

impl NewStoreForm {
    /// Checks code and name.
    pub fn validate(&self) -> Result<NewStore, FormErrors> {
        let mut errors = FormErrors::default();
        let new = NewStore {
            code: store_code(&mut errors, &self.store_code),
            name: errors.required("name", &self.name, 60),
        };
        errors.finish(new)
    }
}

/// `POST /stores/{id}`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct StoreForm {
    pub version: String,
    pub name: String,
    pub time_zone: String,
    pub area_code: String,
    /// Percent of a 三包 threshold from which a car is warned about; empty keeps it.
    pub watch_margin: String,
    /// Touches of one customer in seven days; empty keeps it.
    pub touch_limit: String,
    /// Hours in which the answer to the last message is awaited; empty keeps it.
    pub answer_hours: String,
    /// `yes` or `no`: whether another visit moves the deadline of the call about the one before; else it stays as it is.
    pub restarts: String,
    /// `1` or absent; asked of group-wide admins only.
    pub is_active: String,
    /// The moved deadlines have been seen.
    pub confirm: String,
}

/// A changed store, checked.
pub struct StoreChange {
    pub version: i32,
    pub name: String,
    pub time_zone: Tz,
    pub area_code: Option<String>,
    pub watch_margin: Option<i16>,
    pub touch_limit: Option<i16>,
    pub answer_hours: Option<i16>,
    pub restarts_on_revisit: Option<bool>,
    pub is_active: bool,
}

impl StoreForm {
    /// The fields as they were posted, for a page that asks once more.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let fields = [
            ("version", &self.version),
            ("name", &self.name),
            ("time_zone", &self.time_zone),
            ("area_code", &self.area_code),
            ("watch_margin", &self.watch_margin),
            ("touch_limit", &self.touch_limit),
            ("answer_hours", &self.answer_hours),
            ("restarts", &self.restarts),
            ("is_active", &self.is_active),
        ];
        fields
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .into()
    }

    /// Checks everything; an area code has three or four digits and begins with 0.
    pub fn validate(&self) -> Result<StoreChange, FormErrors> {
        let mut errors = FormErrors::default();
        let name = errors.required("name", &self.name, 60);
        let time_zone: Option<Tz> = errors.required_choice("time_zone", &self.time_zone);
        let area_code = self.area_code.trim();
        let is_area_code = (3..=4).contains(&area_code.len())
            && area_code.starts_with('0')
            && area_code.bytes().all(|b| b.is_ascii_digit());
        if !area_code.is_empty() && !is_area_code {
            errors.add("area_code", sentence(T::area_code_bad));
        }
        let watch_margin = errors
            .number("watch_margin", &self.watch_margin, 50, 100)
            .and_then(|percent| i16::try_from(percent).ok());
        let touch_limit = errors
            .number("touch_limit", &self.touch_limit, 1, 20)
            .and_then(|touches| i16::try_from(touches).ok());
        let answer_hours = errors
            .number("answer_hours", &self.answer_hours, 0, 168)
            .and_then(|hours| i16::try_from(hours).ok());
        let restarts_on_revisit = match self.restarts.as_str() {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let Some(time_zone) = time_zone else {
            return Err(errors);
        };
        errors.finish(StoreChange {
            version: version(&self.version),
            name,
            time_zone,
            area_code: (!area_code.is_empty()).then(|| area_code.to_owned()),
            watch_margin,
            touch_limit,
            answer_hours,
            restarts_on_revisit,
            is_active: self.is_active == "1",
        })
    }
}

/// The version a form was opened with; nonsense matches no row, which is a conflict.
fn version(text: &str) -> i32 {
    text.trim().parse().unwrap_or(-1)
}

/// `POST /stores/{id}/departments` and `POST /stores/{id}/departments/{department_id}`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct DepartmentForm {
    pub version: String,
    pub department_name: String,
    /// `active` or `inactive`; absent keeps it as it is.
    pub state: String,
}

/// A changed department, checked.
pub struct DepartmentChange {
    pub version: i32,
    pub name: String,
    pub is_active: Option<bool>,
}

impl DepartmentForm {
    /// Checks the name.
    pub fn validate(&self) -> Result<DepartmentChange, FormErrors> {
        let mut errors = FormErrors::default();
        let change = DepartmentChange {
            version: version(&self.version),
            name: errors.required("department_name", &self.department_name, 30),
            is_active: match self.state.as_str() {
                "active" => Some(true),
                "inactive" => Some(false),
                _ => None,
            },
        };
        errors.finish(change)
    }
}

/// The fields of the hours form: one text per purpose and weekday, Monday first.
pub const HOUR_FIELDS: [(Purpose, [&str; 7]); 4] = [
    (
        Purpose::Open,
        [
            "open_1", "open_2", "open_3", "open_4", "open_5", "open_6", "open_7",
        ],
    ),
    (
        Purpose::Call,
        [
            "call_1", "call_2", "call_3", "call_4", "call_5", "call_6", "call_7",
        ],
    ),
    (
        Purpose::Sms,
        ["sms_1", "sms_2", "sms_3", "sms_4", "sms_5", "sms_6", "sms_7"],
    ),
    (
        Purpose::Marketing,
        [
            "marketing_1",
            "marketing_2",
            "marketing_3",
            "marketing_4",
            "marketing_5",
            "marketing_6",
            "marketing_7",
        ],
    ),
];

/// `POST /stores/{id}/hours`
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub struct HoursForm(pub BTreeMap<String, String>);

/// The hours of a purpose on an ISO weekday.
pub type DayHours = (Purpose, u8, Vec<Interval>);

impl HoursForm {
    /// What was typed in a field.
    pub fn value(&self, field: &str) -> &str {
        self.0.get(field).map_or("", String::as_str)
    }

    /// Whether the moved deadlines have been seen.
    pub fn is_confirmed(&self) -> bool {
        self.value("confirm") == "1"
    }

    /// Everything typed, to be posted once more from the preview.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let typed = self.0.iter().filter(|(name, _)| *name != "confirm");
        typed.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The store's version when the form was opened.
    pub fn version(&self) -> i32 {
        version(self.value("version"))
    }

    /// Reads all 28 fields. A field that is not there at all is no closed day but a broken form.
    pub fn validate(&self) -> Result<Vec<DayHours>, FormErrors> {
        let mut errors = FormErrors::default();
        let mut week = Vec::new();
        for (purpose, fields) in HOUR_FIELDS {
            for (field, weekday) in fields.into_iter().zip(1..) {
                match self.0.get(field).map(|typed| hours::parse(typed)) {
                    Some(Ok(intervals)) => week.push((purpose, weekday, intervals)),
                    Some(Err(error)) => errors.add(field, error.into()),
                    None => errors.add(field, FieldError::Required),
                }
            }
        }
        let is_never_open = week
            .iter()
            .all(|(purpose, _, intervals)| *purpose != Purpose::Open || intervals.is_empty());
        if errors.is_empty() && is_never_open {
            errors.add("open_1", sentence(T::hours_never_open));
        }
        errors.finish(week)
    }
}

text_enum! {
    /// What a date is that is no ordinary day; only the first two change opening.
    pub enum ExceptionKind {
        Closed = "closed",
        Special = "special",
        Holiday = "holiday",
        /// A make-up working day (调休).
        Workday = "workday",
    }
}

/// `POST /stores/{id}/calendar`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct DaysForm {
    pub from: String,
    pub to: String,
    pub kind: String,
    pub hours_special: String,
    pub day_name: String,
    /// `1` once the moved deadlines have been seen.
    pub confirm: String,
}

/// A run of days of one kind, checked.
pub struct NewDays {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub kind: ExceptionKind,
    /// Opening hours of special days.
    pub intervals: Vec<Interval>,
    pub name: String,
}

impl DaysForm {
    /// Checks the range, and the hours that special days have. Without an end it is a single day.
    pub fn validate(&self) -> Result<NewDays, FormErrors> {
        let mut errors = FormErrors::default();
        let from = errors.date("from", &self.from);
        if self.from.trim().is_empty() {
            errors.add("from", FieldError::Required);
        }
        let to = errors.date("to", &self.to).or(from);
        if let (Some(from), Some(to)) = (from, to) {
            if to < from {
                errors.add("to", sentence(T::range_backwards));
            } else if (to - from).num_days() >= MAX_DAYS {
                errors.add("to", sentence(T::range_too_long));
            }
        }
        let kind: Option<ExceptionKind> = errors.required_choice("kind", &self.kind);
        let intervals = match kind {
            Some(ExceptionKind::Special) => self.special_hours(&mut errors),
            Some(ExceptionKind::Closed | ExceptionKind::Holiday | ExceptionKind::Workday) | None => {
                Vec::new()
            }
        };
        let name = errors.optional("day_name", &self.day_name, 30);
        match (from, to, kind) {
            (Some(from), Some(to), Some(kind)) => errors.finish(NewDays {
                from,
                to,
                kind,
                intervals,
                name,
            }),
            (None, ..) | (_, None, _) | (.., None) => Err(errors),
        }
    }

    /// Everything typed, to be posted once more from the preview.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let fields = [
            ("from", &self.from),
            ("to", &self.to),
            ("kind", &self.kind),
            ("hours_special", &self.hours_special),
            ("day_name", &self.day_name),
        ];
        fields
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .to_vec()
    }

    fn special_hours(&self, errors: &mut FormErrors) -> Vec<Interval> {
        let read = hours::parse(&self.hours_special).unwrap_or_else(|error| {
            errors.add("hours_special", error.into());
            Vec::new()
        });
        if read.is_empty() {
            errors.add("hours_special", sentence(T::special_needs_hours));
        }
        read
    }
}

/// `POST /stores/{id}/calendar/remove`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct RemoveDaysForm {
    pub from: String,
    pub to: String,
    pub confirm: String,
}

/// A run of days out of an imported calendar, checked.
pub struct ImportedDays {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub kind: ExceptionKind,
    pub name: String,
}

/// `POST /stores/{id}/calendar/national`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct NationalForm {
    pub year: String,
}

/// `POST /stores/enter`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct EnterForm {
    pub store_id: String,
    pub next: String,
}

impl EnterForm {
    /// The store chosen, if it is a number at all.
    pub fn store(&self) -> Option<StoreId> {
        self.store_id.trim().parse().ok()
    }

    /// The list of the page the switch was made on: its rows belong to the store that was left.
    pub fn next(&self) -> String {
        let local = crate::auth::forms::local_path(&self.next).unwrap_or("/");
        let first = local.split(['/', '?', '#']).nth(1).unwrap_or("");
        format!("/{first}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switching_leads_to_the_list() {
        for (next, path) in [
            ("/customers/42?tab=cars", "/customers"),
            ("/callbacks?tab=mine", "/callbacks"),
            ("/", "/"),
            ("", "/"),
            ("//evil.example/x", "/"),
            ("https://evil.example", "/"),
        ] {
            let form = EnterForm {
                next: next.to_owned(),
                ..EnterForm::default()
            };
            assert_eq!(form.next(), path, "{next}");
        }
    }

    #[test]
    fn a_range_of_days_has_an_order_and_an_end() {
        for (from, to, kind, hours, field) in [
            ("2027-02-05", "2027-02-12", "closed", "", None),
            ("2027-02-05", "", "closed", "nonsense is not read", None),
            ("2027-02-05", "", "special", "10:00-16:00", None),
            ("2027-02-05", "", "special", "", Some("hours_special")),
            ("2027-02-05", "", "special", "10:00-12:00 14:00-16:00", None),
            (
                "2027-02-05",
                "",
                "special",
                "10:00-12:00 11:00-16:00",
                Some("hours_special"),
            ),
            ("2027-02-05", "2027-02-04", "closed", "", Some("to")),
            ("2027-02-05", "2028-02-06", "closed", "", Some("to")),
            ("", "2027-02-05", "closed", "", Some("from")),
            ("2027-02-05", "", "", "", Some("kind")),
        ] {
            let form = DaysForm {
                from: from.to_owned(),
                to: to.to_owned(),
                kind: kind.to_owned(),
                hours_special: hours.to_owned(),
                day_name: "春节".to_owned(),
                confirm: String::new(),
            };
            match (form.validate(), field) {
                (Ok(days), None) => assert_eq!(days.intervals.is_empty(), kind != "special"),
                (Err(errors), Some(field)) => assert!(errors.get(field).is_some(), "{from} {to} {kind}"),
                (checked, _) => panic!("{from} {to} {kind} {hours}: {}", checked.is_ok()),
            }
        }
    }
}
