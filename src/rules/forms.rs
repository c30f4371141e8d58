//! What the browser posts about a rule.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::customers::tags::model::SystemTag;
use crate::i18n::Lang;
use crate::i18n::rules::T;
use crate::rules::RuleKind;
use crate::rules::fields::{self, Field, Gap};
use crate::rules::model::Rule;
use crate::visits::VisitType;
use crate::web::form::{FieldError, FormErrors};

/// Longest reason.
const MAX_REASON: usize = 200;

/// `POST /rules/{id}/preview` and `POST /rules/{id}`: every field that the kind has.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct RuleForm {
    /// Of the version that the form was filled from.
    pub version: String,
    pub valid_from: String,
    pub reason: String,
    /// `1` or absent.
    pub is_enabled: String,
    pub visit_types: Vec<String>,
    pub codes: Vec<String>,
    pub offsets: String,
    pub month_day: String,
    pub threshold_days: String,
    pub cadence_days: String,
    pub horizon_days: String,
    pub due_days: String,
    pub lookback_days: String,
    pub message_days: String,
    pub min_dials: String,
    pub min_days: String,
    pub min_dayparts: String,
    pub retry_minutes: String,
}

/// A change, checked.
pub struct Change {
    pub rule: Rule,
    pub reason: String,
}

impl RuleForm {
    /// The form of a version, valid from tomorrow.
    pub fn of(rule: &Rule, tomorrow: NaiveDate) -> RuleForm {
        let mut form = RuleForm {
            version: rule.version.to_string(),
            valid_from: tomorrow.to_string(),
            is_enabled: if rule.is_enabled { "1" } else { "" }.to_owned(),
            visit_types: rule.visit_types.clone(),
            codes: rule.codes.clone(),
            offsets: fields::print_offsets(&rule.offsets),
            ..RuleForm::default()
        };
        for field in Field::ALL {
            if let (Some(text), Some(value)) = (form.text_mut(*field), field.number(rule)) {
                *text = value.to_string();
            }
        }
        form
    }

    /// The version that the form was filled from; nonsense is none.
    pub fn version(&self) -> i32 {
        self.version.parse().unwrap_or(-1)
    }

    /// What was typed into a field that holds a text.
    pub fn text(&self, field: Field) -> &str {
        match field {
            Field::IsEnabled => &self.is_enabled,
            Field::Codes | Field::VisitTypes => "",
            Field::Offsets => &self.offsets,
            Field::MonthDay => &self.month_day,
            Field::ThresholdDays => &self.threshold_days,
            Field::CadenceDays => &self.cadence_days,
            Field::HorizonDays => &self.horizon_days,
            Field::DueDays => &self.due_days,
            Field::LookbackDays => &self.lookback_days,
            Field::MessageDays => &self.message_days,
            Field::MinDials => &self.min_dials,
            Field::MinDays => &self.min_days,
            Field::MinDayparts => &self.min_dayparts,
            Field::RetryMinutes => &self.retry_minutes,
        }
    }

    fn text_mut(&mut self, field: Field) -> Option<&mut String> {
        Some(match field {
            Field::IsEnabled | Field::Codes | Field::VisitTypes | Field::Offsets => return None,
            Field::MonthDay => &mut self.month_day,
            Field::ThresholdDays => &mut self.threshold_days,
            Field::CadenceDays => &mut self.cadence_days,
            Field::HorizonDays => &mut self.horizon_days,
            Field::DueDays => &mut self.due_days,
            Field::LookbackDays => &mut self.lookback_days,
            Field::MessageDays => &mut self.message_days,
            Field::MinDials => &mut self.min_dials,
            Field::MinDays => &mut self.min_days,
            Field::MinDayparts => &mut self.min_dayparts,
            Field::RetryMinutes => &mut self.retry_minutes,
        })
    }

    /// Checks every field that the kind has; the others stay as the version in force has them.
    pub fn validate(&self, before: &Rule, today: NaiveDate) -> Result<Change, FormErrors> {
        let mut errors = FormErrors::default();
        let mut rule = before.clone();
        for field in before.kind.fields() {
            self.read(&mut errors, *field, &mut rule);
        }
        if rule.min_days > rule.min_dials {
            errors.add("min_days", sentence(T::days_within_dials));
        }
        if rule.min_dayparts > rule.min_dials {
            errors.add("min_dayparts", sentence(T::dayparts_within_dials));
        }
        match errors.date("valid_from", &self.valid_from) {
            Some(day) if day <= today || day <= before.valid_from => {
                errors.add("valid_from", sentence(T::from_tomorrow))
            }
            Some(day) if (day - today).num_days() > 366 => {
                errors.add("valid_from", sentence(T::within_a_year))
            }
            Some(day) => rule.valid_from = day,
            None if self.valid_from.trim().is_empty() => errors.add("valid_from", FieldError::Required),
            None => {}
        }
        let reason = errors.required("reason", &self.reason, MAX_REASON);
        if errors.is_empty() && fields::changes(before, &rule).is_empty() {
            errors.add("reason", sentence(T::nothing_changed));
        }
        errors.finish(Change { rule, reason })
    }

    fn read(&self, errors: &mut FormErrors, field: Field, rule: &mut Rule) {
        match field {
            Field::IsEnabled => rule.is_enabled = self.is_enabled == "1",
            Field::Codes => {
                rule.codes = known(&self.codes, |code| is_code(rule.kind, code));
                if rule.codes.is_empty() {
                    errors.add("codes", sentence(T::choose_one));
                }
            }
            Field::VisitTypes => {
                rule.visit_types = known(&self.visit_types, |code| code.parse::<VisitType>().is_ok());
                if rule.visit_types.is_empty() {
                    errors.add("visit_types", sentence(T::choose_one));
                }
            }
            Field::Offsets => match fields::parse_offsets(&self.offsets) {
                Some(offsets) => rule.offsets = offsets,
                None => errors.add("offsets", sentence(T::offsets_bad)),
            },
            Field::MonthDay
            | Field::ThresholdDays
            | Field::CadenceDays
            | Field::HorizonDays
            | Field::DueDays
            | Field::LookbackDays
            | Field::MessageDays
            | Field::MinDials
            | Field::MinDays
            | Field::MinDayparts
            | Field::RetryMinutes => {
                let Some((min, max)) = field.bounds(rule.kind) else {
                    return;
                };
                let text = self.text(field);
                if text.trim().is_empty() {
                    errors.add(field.as_str(), FieldError::Required);
                }
                let value = errors.number(field.as_str(), text, min, max);
                if let Some(value) = value.and_then(|value| i32::try_from(value).ok()) {
                    field.set_number(rule, value);
                }
            }
        }
    }
}

/// Codes that a kind knows, each once, in their own order.
fn known(codes: &[String], is_known: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found: Vec<String> = codes.iter().filter(|code| is_known(code)).cloned().collect();
    found.dedup();
    found
}

fn is_code(kind: RuleKind, code: &str) -> bool {
    match kind {
        RuleKind::CareVisit => code.parse::<SystemTag>().is_ok(),
        RuleKind::DataTask => code.parse::<Gap>().is_ok(),
        RuleKind::PostService
        | RuleKind::WarrantyExpiry
        | RuleKind::FirstMaintenance
        | RuleKind::PeriodicMaintenance
        | RuleKind::Renewal
        | RuleKind::RenewalContact
        | RuleKind::LostCustomer => false,
    }
}

/// A sentence of `i18n/rules.rs` as a field's error.
fn sentence(of: impl Fn(T) -> &'static str) -> FieldError {
    FieldError::Text {
        zh: of(T(Lang::Zh)).to_owned(),
        en: of(T(Lang::En)).to_owned(),
    }
}

/// `POST /rules/settings`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    pub exempt_limit: String,
}

impl SettingsForm {
    /// A whole percentage.
    pub fn validate(&self) -> Result<i16, FormErrors> {
        let mut errors = FormErrors::default();
        let percent = errors.number("exempt_limit", &self.exempt_limit, 0, 100);
        match percent.and_then(|percent| i16::try_from(percent).ok()) {
            Some(percent) => Ok(percent),
            None if errors.is_empty() => {
                errors.add("exempt_limit", FieldError::Required);
                Err(errors)
            }
            None => Err(errors),
        }
    }
}
