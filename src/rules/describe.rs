//! A rule in words: values of its fields, and the sentence that says when it acts.

use crate::i18n::{Lang, Texts};
use crate::rules::RuleKind;
use crate::rules::fields::{Field, Gap};
use crate::rules::model::{Channel, Rule};

/// The value of a field as people read it.
pub fn value(t: Texts, field: Field, rule: &Rule) -> String {
    let r = t.rules();
    let number = field.number(rule).unwrap_or_default();
    match field {
        Field::IsEnabled if rule.is_enabled => r.enabled().to_owned(),
        Field::IsEnabled => r.disabled().to_owned(),
        Field::Codes => list(t, rule.codes.iter().map(|code| code_text(t, rule.kind, code))),
        Field::VisitTypes => list(t, rule.visit_types.iter().map(|code| visit_type(t, code))),
        Field::Offsets => list(t, rule.offsets.iter().map(|days| stage(*days))),
        Field::MonthDay => r.of_month(number),
        Field::MinDials => r.times(number),
        Field::MinDayparts => r.dayparts(number),
        Field::RetryMinutes if number % 60 == 0 => r.hours(number / 60),
        Field::RetryMinutes => r.minutes(number),
        Field::ThresholdDays
        | Field::CadenceDays
        | Field::HorizonDays
        | Field::DueDays
        | Field::LookbackDays
        | Field::MessageDays
        | Field::MinDays => r.days(number),
    }
}

/// When the rule acts, in one line.
pub fn lead(t: Texts, rule: &Rule) -> String {
    let r = t.rules();
    match rule.kind {
        RuleKind::PostService => r.lead_post_service(rule.due_days),
        RuleKind::WarrantyExpiry => r.lead_ahead(rule.horizon_days),
        RuleKind::FirstMaintenance | RuleKind::RenewalContact => value(t, Field::Offsets, rule),
        RuleKind::PeriodicMaintenance => r.lead_weekly(rule.horizon_days),
        RuleKind::Renewal => r.lead_renewal(rule.horizon_days, rule.due_days),
        RuleKind::LostCustomer => r.lead_monthly(
            rule.month_day.unwrap_or(1),
            rule.threshold_days.unwrap_or_default(),
        ),
        RuleKind::CareVisit => r.lead_cadence(
            rule.cadence_days.unwrap_or_default(),
            value(t, Field::Codes, rule),
        ),
        RuleKind::DataTask => value(t, Field::Codes, rule),
    }
}

/// The retry policy in one line; nothing for what is not called.
pub fn retry(t: Texts, rule: &Rule) -> String {
    match rule.channel {
        Channel::None => t.rules().no_calls().to_owned(),
        Channel::Call | Channel::Sms => {
            t.rules()
                .retry_line(rule.min_dials, rule.min_days, rule.min_dayparts)
        }
    }
}

/// A code of `codes` in words.
pub fn code_text(t: Texts, kind: RuleKind, code: &str) -> String {
    let gap: Option<Gap> = code.parse().ok();
    let tag = code.parse().ok();
    match (kind, gap, tag) {
        (RuleKind::DataTask, Some(gap), _) => t.rules().gap(gap).to_owned(),
        (RuleKind::CareVisit, _, Some(tag)) => t.customers().system_tag(tag).to_owned(),
        (_, _, _) => code.to_owned(),
    }
}

/// A type of visit in words.
pub fn visit_type(t: Texts, code: &str) -> String {
    match code.parse() {
        Ok(visit_type) => t.visits().visit_type(visit_type).to_owned(),
        Err(_) => code.to_owned(),
    }
}

/// `T-30`, `T+7`.
pub fn stage(days: i32) -> String {
    format!("T{days:+}")
}

fn list(t: Texts, parts: impl Iterator<Item = String>) -> String {
    let parts: Vec<String> = parts.collect();
    match t.0 {
        Lang::Zh => parts.join("、"),
        Lang::En => parts.join(", "),
    }
}
