//! What of a rule can be changed, per kind, within which bounds; how two versions differ (pure).

use crate::rules::RuleKind;
use crate::rules::model::Rule;
use crate::text_enum;

text_enum! {
    /// A part of a rule. The code is the name of the column and of the field.
    pub enum Field {
        IsEnabled = "is_enabled",
        MonthDay = "month_day",
        ThresholdDays = "threshold_days",
        CadenceDays = "cadence_days",
        Codes = "codes",
        VisitTypes = "visit_types",
        Offsets = "offsets",
        HorizonDays = "horizon_days",
        DueDays = "due_days",
        LookbackDays = "lookback_days",
        MessageDays = "message_days",
        MinDials = "min_dials",
        MinDays = "min_days",
        MinDayparts = "min_dayparts",
        RetryMinutes = "retry_minutes",
    }
}

text_enum! {
    /// Groups of the form.
    pub enum Section {
        When = "when",
        Whom = "whom",
        Windows = "windows",
        Retry = "retry",
    }
}

text_enum! {
    /// A gap in a file that a data task is about.
    pub enum Gap {
        NoPhone = "no_phone",
        WrongPhone = "wrong_phone",
        UnknownExpiry = "unknown_expiry",
    }
}

/// Stages of a cadence at most: one more would be called nagging.
pub const MAX_STAGES: usize = 20;
/// A stage is at most a year away from its day.
pub const MAX_STAGE: i32 = 366;

impl Field {
    /// Where it stands in the form.
    pub const fn section(self) -> Section {
        match self {
            Field::IsEnabled
            | Field::MonthDay
            | Field::CadenceDays
            | Field::Offsets
            | Field::HorizonDays
            | Field::DueDays => Section::When,
            Field::ThresholdDays | Field::Codes | Field::VisitTypes => Section::Whom,
            Field::LookbackDays | Field::MessageDays => Section::Windows,
            Field::MinDials | Field::MinDays | Field::MinDayparts | Field::RetryMinutes => Section::Retry,
        }
    }

    /// Smallest and largest value of a number; `None` for what is no number.
    pub const fn bounds(self, kind: RuleKind) -> Option<(i64, i64)> {
        match (self, kind) {
            (Field::IsEnabled | Field::Codes | Field::VisitTypes | Field::Offsets, _) => None,
            (Field::MonthDay, _) => Some((1, 28)),
            (Field::ThresholdDays, _) => Some((90, 730)),
            (Field::CadenceDays, _) => Some((7, 366)),
            (Field::HorizonDays, RuleKind::PeriodicMaintenance) => Some((7, 90)),
            (Field::HorizonDays, RuleKind::LostCustomer) => Some((28, 366)),
            (Field::HorizonDays, _) => Some((1, 180)),
            (Field::DueDays, RuleKind::PostService) => Some((1, 14)),
            (Field::DueDays, _) => Some((0, 60)),
            (Field::LookbackDays, _) => Some((0, 92)),
            (Field::MessageDays, _) => Some((0, 30)),
            (Field::MinDials | Field::MinDays, _) => Some((1, 10)),
            (Field::MinDayparts, _) => Some((1, 3)),
            (Field::RetryMinutes, _) => Some((0, 1_440)),
        }
    }

    /// Its value in a version, if it is a number.
    pub fn number(self, rule: &Rule) -> Option<i32> {
        match self {
            Field::IsEnabled | Field::Codes | Field::VisitTypes | Field::Offsets => None,
            Field::MonthDay => rule.month_day,
            Field::ThresholdDays => rule.threshold_days,
            Field::CadenceDays => rule.cadence_days,
            Field::HorizonDays => Some(rule.horizon_days),
            Field::DueDays => Some(rule.due_days),
            Field::LookbackDays => Some(rule.lookback_days),
            Field::MessageDays => Some(rule.message_days),
            Field::MinDials => Some(rule.min_dials),
            Field::MinDays => Some(rule.min_days),
            Field::MinDayparts => Some(rule.min_dayparts),
            Field::RetryMinutes => Some(rule.retry_minutes),
        }
    }

    /// Writes a number into a version.
    pub fn set_number(self, rule: &mut Rule, value: i32) {
        match self {
            Field::IsEnabled | Field::Codes | Field::VisitTypes | Field::Offsets => {}
            Field::MonthDay => rule.month_day = Some(value),
            Field::ThresholdDays => rule.threshold_days = Some(value),
            Field::CadenceDays => rule.cadence_days = Some(value),
            Field::HorizonDays => rule.horizon_days = value,
            Field::DueDays => rule.due_days = value,
            Field::LookbackDays => rule.lookback_days = value,
            Field::MessageDays => rule.message_days = value,
            Field::MinDials => rule.min_dials = value,
            Field::MinDays => rule.min_days = value,
            Field::MinDayparts => rule.min_dayparts = value,
            Field::RetryMinutes => rule.retry_minutes = value,
        }
    }

    /// Whether two versions say the same.
    pub fn is_same(self, a: &Rule, b: &Rule) -> bool {
        match self {
            Field::IsEnabled => a.is_enabled == b.is_enabled,
            Field::Codes => same_set(&a.codes, &b.codes),
            Field::VisitTypes => same_set(&a.visit_types, &b.visit_types),
            Field::Offsets => a.offsets == b.offsets,
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
            | Field::RetryMinutes => self.number(a) == self.number(b),
        }
    }
}

impl RuleKind {
    /// What can be changed of a rule of this kind; the rest has no meaning for it.
    pub const fn fields(self) -> &'static [Field] {
        use Field::{
            CadenceDays, Codes, DueDays, HorizonDays, IsEnabled, LookbackDays, MessageDays, MinDayparts,
            MinDays, MinDials, MonthDay, Offsets, RetryMinutes, ThresholdDays, VisitTypes,
        };
        match self {
            RuleKind::PostService => &[
                IsEnabled,
                DueDays,
                VisitTypes,
                LookbackDays,
                MinDials,
                MinDays,
                MinDayparts,
                RetryMinutes,
            ],
            RuleKind::WarrantyExpiry => &[
                IsEnabled,
                HorizonDays,
                LookbackDays,
                MinDials,
                MinDays,
                MinDayparts,
                RetryMinutes,
            ],
            RuleKind::FirstMaintenance => &[
                IsEnabled,
                Offsets,
                LookbackDays,
                MessageDays,
                MinDials,
                MinDays,
                MinDayparts,
                RetryMinutes,
            ],
            RuleKind::PeriodicMaintenance => &[
                IsEnabled,
                HorizonDays,
                LookbackDays,
                MessageDays,
                MinDials,
                MinDays,
                MinDayparts,
                RetryMinutes,
            ],
            RuleKind::Renewal => &[IsEnabled, HorizonDays, DueDays, LookbackDays],
            RuleKind::RenewalContact => &[
                IsEnabled,
                Offsets,
                DueDays,
                LookbackDays,
                MinDials,
                MinDays,
                MinDayparts,
                RetryMinutes,
            ],
            RuleKind::LostCustomer => &[
                IsEnabled,
                MonthDay,
                DueDays,
                ThresholdDays,
                HorizonDays,
                LookbackDays,
                MinDials,
                MinDays,
                MinDayparts,
                RetryMinutes,
            ],
            RuleKind::CareVisit => &[
                IsEnabled,
                CadenceDays,
                DueDays,
                Codes,
                LookbackDays,
                MinDials,
                MinDays,
                MinDayparts,
                RetryMinutes,
            ],
            RuleKind::DataTask => &[IsEnabled, DueDays, Codes, LookbackDays],
        }
    }
}

fn same_set(a: &[String], b: &[String]) -> bool {
    a.iter().all(|code| b.contains(code)) && b.iter().all(|code| a.contains(code))
}

/// In what two versions differ.
pub fn changes(before: &Rule, after: &Rule) -> Vec<Field> {
    let fields = before.kind.fields().iter();
    fields
        .copied()
        .filter(|field| !field.is_same(before, after))
        .collect()
}

/// Stages as they are typed and shown: `-30, -15, 7`.
pub fn print_offsets(offsets: &[i32]) -> String {
    let texts: Vec<String> = offsets.iter().map(i32::to_string).collect();
    texts.join(", ")
}

/// Reads stages in any order, with any separator; `None` if something is no day or too far away.
pub fn parse_offsets(text: &str) -> Option<Vec<i32>> {
    let text = crate::text::half_width(text).replace('−', "-");
    let parts = text
        .split([',', '、', ';', ' ', '\t', '\n'])
        .map(|part| part.trim_start_matches(['T', 't']));
    let mut offsets = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let days: i32 = part.parse().ok().filter(|days: &i32| days.abs() <= MAX_STAGE)?;
        offsets.push(days);
    }
    offsets.sort_unstable();
    offsets.dedup();
    (1..=MAX_STAGES).contains(&offsets.len()).then_some(offsets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_in_any_order_and_with_any_separator() {
        for (text, expected) in [
            ("-30, -15, 7", Some(vec![-30, -15, 7])),
            ("7 -15 -30 -15", Some(vec![-30, -15, 7])),
            ("T-90、T-30，+8", Some(vec![-90, -30, 8])),
            ("－７", Some(vec![-7])),
            ("0", Some(vec![0])),
            ("", None),
            ("soon", None),
            ("-400", None),
        ] {
            assert_eq!(parse_offsets(text), expected, "{text}");
        }
        let many: Vec<String> = (1..=21).map(|n| n.to_string()).collect();
        assert_eq!(parse_offsets(&many.join(" ")), None);
        assert_eq!(print_offsets(&[-30, 7]), "-30, 7");
    }

    #[test]
    fn every_number_has_bounds_that_hold_its_default() {
        for default in crate::rules::model::DEFAULTS {
            let rule = default.version_one();
            for field in default.kind.fields() {
                let Some((min, max)) = field.bounds(default.kind) else {
                    assert_eq!(field.number(&rule), None, "{} {field}", default.kind);
                    continue;
                };
                let value = i64::from(field.number(&rule).unwrap());
                assert!((min..=max).contains(&value), "{} {field} {value}", default.kind);
            }
        }
    }

    #[test]
    fn what_was_changed_is_named() {
        let before = crate::rules::model::DEFAULTS[0].version_one();
        let mut after = before.clone();
        assert_eq!(changes(&before, &after), []);
        after.is_enabled = false;
        Field::DueDays.set_number(&mut after, 2);
        after.visit_types.pop();
        // Of no meaning for this kind.
        after.month_day = Some(7);
        assert_eq!(
            changes(&before, &after),
            [Field::IsEnabled, Field::DueDays, Field::VisitTypes]
        );
    }
}
