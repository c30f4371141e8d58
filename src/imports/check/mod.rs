//! Cells of one row → typed values, or the reasons at its cells. The rules are those of `values` and of the domain types.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::customers::phone::Phone;
use crate::imports::mapping::{Field, Mapping};
use crate::imports::reason::{At, Reason};
use crate::imports::values::{self, Value};
use crate::stores::StoreId;
use crate::text::clean;
use crate::vehicles::plate::{PlateError, PlateNumber};
use crate::vehicles::vin::Vin;

mod policies;
mod roster;
mod visits;

pub use policies::{PolicyRow, check as check_policy};
pub use roster::{RosterRow, check as check_roster};
pub use visits::{VisitRow, check as check_visit};

/// Names of companies and people.
const NAME_CHARS: usize = 60;
/// The check of `odometer_readings.km`.
const MOST_KM: i32 = 3_000_000;
/// Words that only names of organisations hold.
const COMPANY_WORDS: [&str; 20] = [
    "公司",
    "有限",
    "集团",
    "厂",
    "局",
    "院",
    "银行",
    "学校",
    "大学",
    "中心",
    "委员会",
    "政府",
    "合作社",
    "租赁",
    "事务所",
    "协会",
    "工作室",
    "商行",
    "经营部",
    "支队",
];

/// What the checks need to know about the store and the day.
#[derive(Clone, Debug)]
pub struct Context {
    pub store: StoreId,
    pub zone: Tz,
    pub area_code: Option<String>,
    /// The store's day.
    pub today: NaiveDate,
}

/// A row's outcome: values with warnings, or the reasons.
pub struct Checked<T> {
    pub row: Result<T, Vec<At>>,
    pub warnings: Vec<At>,
}

/// A person or company as a row names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    pub name: String,
    /// Without spaces and case: two spellings of one name.
    pub key: String,
    pub is_company: bool,
}

/// Reads the cells of one row and gathers what is wrong with them.
pub(super) struct Cells<'a> {
    mapping: &'a Mapping,
    cells: &'a [String],
    context: &'a Context,
    reasons: Vec<At>,
    warnings: Vec<At>,
}

impl<'a> Cells<'a> {
    pub fn new(
        mapping: &'a Mapping,
        cells: &'a [String],
        is_slipped: bool,
        context: &'a Context,
    ) -> Cells<'a> {
        let slipped = At {
            field: None,
            reason: Reason::Slipped,
        };
        Cells {
            mapping,
            cells,
            context,
            reasons: if is_slipped { vec![slipped] } else { Vec::new() },
            warnings: Vec::new(),
        }
    }

    pub fn cell(&self, field: Field) -> &'a str {
        self.mapping.cell(field, self.cells)
    }

    pub fn refuse(&mut self, field: Field, reason: impl Into<Reason>) {
        self.reasons.push(At {
            field: Some(field),
            reason: reason.into(),
        });
    }

    pub fn warn(&mut self, field: Field, reason: Reason) {
        self.warnings.push(At {
            field: Some(field),
            reason,
        });
    }

    /// The value, or none after a noted refusal.
    pub fn take<T>(&mut self, field: Field, read: impl FnOnce(&str) -> Value<T>) -> Option<T> {
        match read(self.cell(field)) {
            Ok(value) => value,
            Err(refusal) => {
                self.refuse(field, refusal);
                None
            }
        }
    }

    pub fn text(&mut self, field: Field, max: usize) -> Option<String> {
        let text = self.take(field, |cell| values::text(cell, max))?;
        Some(clean(&text)).filter(|text| !text.is_empty())
    }

    pub fn day(&mut self, field: Field) -> Option<NaiveDate> {
        self.take(field, values::date)
    }

    pub fn past_day(&mut self, field: Field) -> Option<NaiveDate> {
        let today = self.context.today;
        self.take(field, |cell| values::not_after(values::date(cell), today))
    }

    /// Wall clock of the store. A day alone is noon: neither early nor late within its day.
    pub fn past_moment(&mut self, field: Field) -> Option<NaiveDateTime> {
        let moment = self.take(field, values::date_time)?;
        if moment.date() > self.context.today {
            self.refuse(field, Reason::FutureDate);
            return None;
        }
        Some(if values::has_clock(self.cell(field)) {
            moment
        } else {
            moment.date().and_time(NOON)
        })
    }

    pub fn kilometres(&mut self, field: Field) -> Option<i32> {
        let km = self.take(field, values::mileage)?;
        if km > MOST_KM {
            self.refuse(field, Reason::TooFar);
            return None;
        }
        Some(km)
    }

    pub fn name(&mut self, field: Field) -> Option<Name> {
        let name = self.text(field, NAME_CHARS)?;
        Some(Name {
            key: name.to_lowercase().replace(' ', ""),
            is_company: is_company(&name),
            name,
        })
    }

    pub fn phone(&mut self, field: Field) -> Option<Phone> {
        if self.cell(field).trim().is_empty() {
            return None;
        }
        let number = self.take(field, |cell| values::identifier(cell, 60))?;
        match Phone::parse(&number, self.context.area_code.as_deref()) {
            Ok(phone) => Some(phone),
            Err(error) => {
                self.refuse(field, error);
                None
            }
        }
    }

    /// VIN and plate; a row needs one of them. "未上牌" counts as no plate.
    pub fn vehicle(&mut self) -> (Option<Vin>, Option<PlateNumber>) {
        let before = self.reasons.len();
        let vin = self.vin();
        let plate = self.plate();
        if vin.is_none() && plate.is_none() && self.reasons.len() == before {
            let field = if self.mapping.column(Field::Vin).is_some() {
                Field::Vin
            } else {
                Field::Plate
            };
            self.refuse(field, Reason::NoVehicle);
        }
        (vin, plate)
    }

    fn vin(&mut self) -> Option<Vin> {
        let text = self.take(Field::Vin, |cell| values::identifier(cell, 60))?;
        match Vin::parse(&text) {
            Ok((vin, warning)) => {
                if let Some(warning) = warning {
                    let reason = Reason::VinCheckDigit {
                        expected: warning.expected,
                        found: warning.found,
                    };
                    self.warn(Field::Vin, reason);
                }
                Some(vin)
            }
            Err(error) => {
                self.refuse(Field::Vin, error);
                None
            }
        }
    }

    fn plate(&mut self) -> Option<PlateNumber> {
        let text = self.take(Field::Plate, |cell| values::identifier(cell, 60))?;
        match PlateNumber::parse(&text) {
            Ok(plate) => Some(plate),
            Err(PlateError::Empty | PlateError::NotRegistered) => None,
            Err(
                error @ (PlateError::Province(_)
                | PlateError::Length { .. }
                | PlateError::Character { .. }
                | PlateError::NewEnergy),
            ) => {
                self.refuse(Field::Plate, error);
                None
            }
        }
    }

    pub fn finish<T>(self, row: Option<T>) -> Checked<T> {
        let row = match row {
            Some(row) if self.reasons.is_empty() => Ok(row),
            Some(_) | None => Err(self.reasons),
        };
        Checked {
            row,
            warnings: self.warnings,
        }
    }
}

const NOON: NaiveTime = NaiveTime::from_hms_opt(12, 0, 0).expect("noon is a time");

/// The instant of a wall clock; a time that a change of clocks skips is the one an hour later.
fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let found = local.and_local_timezone(zone).earliest();
    let found = found.or_else(|| (local + TimeDelta::hours(1)).and_local_timezone(zone).earliest());
    found.map_or_else(|| local.and_utc(), |at| at.to_utc())
}

fn is_company(name: &str) -> bool {
    name.chars().count() > 3 && COMPANY_WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn companies_are_told_by_the_words_of_their_names() {
        for (name, expected) in [
            ("杭州云桥汽车租赁有限公司", true),
            ("滨江区公安局", true),
            ("第一人民医院", true),
            ("张伟", false),
            ("厉厂", false),
            ("局长", false),
            ("欧阳建国", false),
        ] {
            assert_eq!(is_company(name), expected, "{name}");
        }
    }

    #[test]
    fn a_wall_clock_is_placed_into_the_zone() {
        let local = "2026-11-24T14:30:00".parse().unwrap();
        assert_eq!(
            instant(chrono_tz::Asia::Shanghai, local),
            "2026-11-24T06:30:00Z".parse::<DateTime<Utc>>().unwrap()
        );
        // Berlin skips 02:30 on this night.
        let skipped = "2026-03-29T02:30:00".parse().unwrap();
        assert_eq!(
            instant(chrono_tz::Europe::Berlin, skipped),
            "2026-03-29T01:30:00Z".parse::<DateTime<Utc>>().unwrap()
        );
    }
}
