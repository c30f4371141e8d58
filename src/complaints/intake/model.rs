//! What the form proposes: how grave, which second level, which department.

use crate::complaints::{ComplaintChannel, ComplaintClass, Severity};
use crate::text_enum;

text_enum! {
    /// What is ticked while the customer talks.
    pub enum Sign {
        /// 人身伤害、起火.
        Injury = "injury",
        /// 媒体、律师、群体、堵门.
        Public = "public",
        /// 要求退换车.
        Replacement = "replacement",
        /// 有安全疑虑.
        Safety = "safety",
        /// 同一问题再次投诉.
        Repeat = "repeat",
        /// 12315、12345、消协或厂家工单.
        Authority = "authority",
    }
}

impl Sign {
    /// The least that a case with this sign is (domain.md §6).
    pub const fn least(self) -> Severity {
        match self {
            Sign::Injury | Sign::Public | Sign::Replacement => Severity::A,
            Sign::Safety | Sign::Repeat | Sign::Authority => Severity::B,
        }
    }
}

/// From this much on a claim makes a case serious, in fen: ¥2,000.
const SERIOUS_FEN: i64 = 200_000;
/// From this much on a claim makes a case a crisis, in fen: ¥20,000.
const CRISIS_FEN: i64 = 2_000_000;

/// Everything that says how grave a complaint is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    pub ticked: Vec<Sign>,
    pub channel: Option<ComplaintChannel>,
    pub claimed_fen: Option<i64>,
    /// Whether the customer wants anything done.
    pub demands: bool,
}

impl Signs {
    /// The signs, and those that the channel brings with it.
    pub fn all(&self) -> Vec<Sign> {
        let brought = match self.channel {
            Some(ComplaintChannel::Maker | ComplaintChannel::Regulator) => Some(Sign::Authority),
            Some(ComplaintChannel::Media) => Some(Sign::Public),
            Some(_) | None => None,
        };
        let mut all = self.ticked.clone();
        all.extend(brought.filter(|sign| !self.ticked.contains(sign)));
        all
    }
}

/// How grave it is at least, by the trade's table (domain.md §6).
pub fn suggested_severity(signs: &Signs) -> Severity {
    let by_claim = match signs.claimed_fen {
        Some(CRISIS_FEN..) => Severity::A,
        Some(SERIOUS_FEN..) => Severity::B,
        Some(1..) => Severity::C,
        Some(_) | None => Severity::D,
    };
    let by_demand = if signs.demands { Severity::C } else { Severity::D };
    signs
        .all()
        .into_iter()
        .map(Sign::least)
        .fold(by_claim.graver(by_demand), Severity::graver)
}

/// A second level of the classes: its code and its words in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minor {
    pub code: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
}

/// The second level of a class (domain.md §6); empty where one level is enough.
pub const fn minors(class: ComplaintClass) -> &'static [Minor] {
    match class {
        ComplaintClass::Product => crate::i18n::complaint_minors::PRODUCT,
        ComplaintClass::Repair => crate::i18n::complaint_minors::REPAIR,
        ComplaintClass::Attitude => crate::i18n::complaint_minors::ATTITUDE,
        ComplaintClass::Efficiency => crate::i18n::complaint_minors::EFFICIENCY,
        ComplaintClass::Price => crate::i18n::complaint_minors::PRICE,
        ComplaintClass::Parts => crate::i18n::complaint_minors::PARTS,
        ComplaintClass::Warranty => crate::i18n::complaint_minors::WARRANTY,
        ComplaintClass::Sales => crate::i18n::complaint_minors::SALES,
        ComplaintClass::Finance => crate::i18n::complaint_minors::FINANCE,
        ComplaintClass::Privacy => crate::i18n::complaint_minors::PRIVACY,
        ComplaintClass::Registration | ComplaintClass::Facility | ComplaintClass::Other => &[],
    }
}

/// The class that a second level belongs to.
pub fn class_of(code: &str) -> Option<ComplaintClass> {
    let has = |class: &&ComplaintClass| minors(**class).iter().any(|minor| minor.code == code);
    ComplaintClass::ALL.iter().find(has).copied()
}

/// Pieces of the names of departments that usually answer, the likeliest first. Departments are named by their store.
const fn usual_names(class: ComplaintClass) -> &'static [&'static str] {
    match class {
        ComplaintClass::Product
        | ComplaintClass::Repair
        | ComplaintClass::Attitude
        | ComplaintClass::Efficiency
        | ComplaintClass::Price
        | ComplaintClass::Warranty
        | ComplaintClass::Facility => &["售后", "服务", "维修"],
        ComplaintClass::Parts => &["配件", "零件", "售后"],
        ComplaintClass::Sales | ComplaintClass::Registration => &["销售"],
        ComplaintClass::Finance => &["保险", "金融", "销售"],
        ComplaintClass::Privacy | ComplaintClass::Other => &["关爱", "客服", "客户"],
    }
}

/// The department that usually answers such a complaint, by its place in the list.
pub fn suggested_department(class: ComplaintClass, minor: &str, names: &[&str]) -> Option<usize> {
    let paint: &[&str] = if minor == "paint" {
        &["钣喷", "钣金", "喷漆"]
    } else {
        &[]
    };
    let mut pieces = paint.iter().chain(usual_names(class));
    pieces.find_map(|piece| names.iter().position(|name| name.contains(piece)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_gravest_sign_says_how_grave_it_is() {
        use ComplaintChannel as Ch;
        type Heard<'a> = (&'a [Sign], Option<Ch>, Option<i64>, bool, Severity);
        let cases: [Heard<'_>; 24] = [
            (&[], Some(Ch::Call), None, false, Severity::D),
            (&[], Some(Ch::Call), None, true, Severity::C),
            (&[], None, Some(0), false, Severity::D),
            (&[], None, Some(1), false, Severity::C),
            (&[], None, Some(199_999), true, Severity::C),
            (&[], None, Some(200_000), false, Severity::B),
            (&[], None, Some(1_999_999), true, Severity::B),
            (&[], None, Some(2_000_000), true, Severity::A),
            (&[], None, Some(i64::MAX), false, Severity::A),
            (&[Sign::Safety], None, None, false, Severity::B),
            (&[Sign::Repeat], None, None, true, Severity::B),
            (&[Sign::Authority], None, None, false, Severity::B),
            (&[Sign::Injury], None, None, false, Severity::A),
            (&[Sign::Public], None, None, true, Severity::A),
            (&[Sign::Replacement], None, None, true, Severity::A),
            (&[Sign::Safety, Sign::Repeat], None, None, true, Severity::B),
            (&[Sign::Repeat, Sign::Injury], None, Some(5), true, Severity::A),
            (&[Sign::Safety], None, Some(2_000_000), true, Severity::A),
            // The channel is a sign by itself.
            (&[], Some(Ch::Regulator), None, false, Severity::B),
            (&[], Some(Ch::Maker), None, false, Severity::B),
            (&[], Some(Ch::Media), None, false, Severity::A),
            (&[Sign::Authority], Some(Ch::Regulator), None, true, Severity::B),
            (&[], Some(Ch::Callback), None, true, Severity::C),
            (&[], Some(Ch::Letter), None, false, Severity::D),
        ];
        for (ticked, channel, claimed_fen, demands, expected) in cases {
            let signs = Signs {
                ticked: ticked.to_vec(),
                channel,
                claimed_fen,
                demands,
            };
            assert_eq!(suggested_severity(&signs), expected, "{signs:?}");
        }
    }

    #[test]
    fn a_second_level_belongs_to_one_class_and_has_both_languages() {
        let mut codes = BTreeSet::new();
        for class in ComplaintClass::ALL {
            for minor in minors(*class) {
                assert!(codes.insert(minor.code), "{} stands twice", minor.code);
                assert_eq!(class_of(minor.code), Some(*class));
                assert!(!minor.zh.is_empty() && !minor.en.is_empty());
            }
        }
        assert!(codes.len() > 40);
        assert_eq!(
            class_of("hand_over"),
            None,
            "a reason of the questionnaire is none of ours"
        );
    }

    #[test]
    fn the_department_that_usually_answers_comes_first() {
        let names = [
            "售后服务部",
            "钣喷车间",
            "配件部",
            "销售部",
            "保险金融部",
            "客户关爱部",
        ];
        for (class, minor, expected) in [
            (ComplaintClass::Repair, "", "售后服务部"),
            (ComplaintClass::Repair, "not_fixed", "售后服务部"),
            (ComplaintClass::Product, "paint", "钣喷车间"),
            (ComplaintClass::Parts, "", "配件部"),
            (ComplaintClass::Sales, "deposit", "销售部"),
            (ComplaintClass::Registration, "", "销售部"),
            (ComplaintClass::Finance, "", "保险金融部"),
            (ComplaintClass::Privacy, "", "客户关爱部"),
        ] {
            let found = suggested_department(class, minor, &names).map(|n| names[n]);
            assert_eq!(found, Some(expected), "{class} {minor}");
        }
        assert_eq!(
            suggested_department(ComplaintClass::Sales, "", &["Workshop"]),
            None
        );
        assert_eq!(suggested_department(ComplaintClass::Sales, "", &[]), None);
    }
}
