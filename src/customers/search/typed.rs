//! What a typed text can be: read once, then only the look-ups that fit it run.

use crate::customers::phone::Phone;
use crate::customers::search::queries::numbers::VehicleTerms;
use crate::customers::search_keys::{QueryKeys, mixed_keys, query_keys};
use crate::text::clean;
use crate::vehicles::plate::PlateNumber;
use crate::vehicles::vin::Vin;

/// Longer texts are no number and no name of anybody.
const MAX_TYPED: usize = 60;
/// Repair order numbers are shorter than this.
const MAX_RO_NUMBER: usize = 40;
/// A number shorter than this begins too many repair orders to tell one.
const MIN_RO_NUMBER: usize = 4;
/// Policy numbers have at least so many characters.
const MIN_POLICY_NUMBER: usize = 8;

/// A typed text, with everything it can be looked up as. Each absent part is a look-up that does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// Half-width, spaces collapsed.
    pub text: String,
    /// A whole number, with the store's area code where it lacks one.
    pub phone: Option<Phone>,
    /// The last four or the last eight of a number.
    pub phone_tail: Option<String>,
    pub customer_number: Option<i64>,
    pub vehicle: VehicleTerms,
    pub ro_number: Option<String>,
    pub policy: Option<PolicyTerms>,
    /// The beginning of a complaint's number.
    pub complaint: Option<String>,
    pub name: QueryKeys,
    /// Keys of a name typed partly in pinyin: `zhang伟`.
    pub mixed: Option<Vec<String>>,
    /// A piece of a phone number that nobody is looked up by.
    pub is_phone_part: bool,
}

/// What a policy can be found by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyTerms {
    /// As typed and without separators in upper case.
    pub numbers: [String; 2],
    pub tail: Option<String>,
}

impl PolicyTerms {
    /// The number in the two ways it may be stored.
    pub fn spellings(&self) -> [&str; 2] {
        [&self.numbers[0], &self.numbers[1]]
    }
}

impl Typed {
    /// Reads a text as it was typed into the box of a store.
    pub fn read(store_id: i64, typed: &str, area_code: Option<&str>) -> Typed {
        let text: String = clean(typed).chars().take(MAX_TYPED).collect();
        let compact = compact(&text);
        let has_digit = compact.bytes().any(|b| b.is_ascii_digit());
        let is_ascii = compact.is_ascii();
        let is_code = is_ascii && has_digit;
        let is_number = is_number(&text);
        let length = compact.len();
        let phone = Phone::parse(&text, area_code).ok();
        let code = |fits: bool| (is_code && fits).then(|| compact.clone());
        Typed {
            phone_tail: (is_number && matches!(length, 4 | 8)).then(|| compact.clone()),
            is_phone_part: is_number && phone.is_none() && (5..=12).contains(&length) && length != 8,
            customer_number: customer_number(&compact, is_number),
            vehicle: VehicleTerms {
                plate: PlateNumber::parse(&text)
                    .ok()
                    .map(|plate| plate.as_str().to_owned()),
                plate_tail: code((4..=7).contains(&length)),
                vin: code((5..=17).contains(&length)),
                vin_tail: code(matches!(length, 6 | 8)),
            },
            ro_number: (has_digit && (MIN_RO_NUMBER..=MAX_RO_NUMBER).contains(&text.len()))
                .then(|| text.clone()),
            policy: code(length == 6 || length >= MIN_POLICY_NUMBER).map(|compact| PolicyTerms {
                tail: (length == 6).then(|| compact.clone()),
                numbers: [text.clone(), compact],
            }),
            complaint: complaint(&text, &compact),
            name: match query_keys(store_id, &text) {
                // Digits are no pinyin, but a company may be called 4S.
                QueryKeys::Pinyin(_) if !compact.bytes().any(|b| b.is_ascii_alphabetic()) => {
                    QueryKeys::Nothing
                }
                keys @ (QueryKeys::Nothing
                | QueryKeys::Initial(_)
                | QueryKeys::Grams { .. }
                | QueryKeys::Pinyin(_)) => keys,
            },
            mixed: mixed_keys(store_id, &text),
            phone,
            text,
        }
    }

    /// Whether the text is long enough to name a new customer by.
    pub fn can_be_new(&self) -> bool {
        self.phone.is_some()
            || (self.text.chars().count() > 1 && !self.text.bytes().any(|b| b.is_ascii_digit()))
    }
}

/// Letters and digits alone, upper-case: how plates, VINs and policies are compared.
pub fn compact(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// Nothing but digits and what people write between them.
fn is_number(text: &str) -> bool {
    text.bytes().any(|b| b.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')' | '.' | '*' | '+'))
}

/// `C-204417`, or the number alone.
fn customer_number(compact: &str, is_number: bool) -> Option<i64> {
    let digits = match compact.strip_prefix('C') {
        Some(digits) => digits,
        None if is_number => compact,
        None => return None,
    };
    // Ten digits and more are phones.
    let fits = digits.bytes().all(|b| b.is_ascii_digit()) && digits.len() < 10;
    digits.parse().ok().filter(|_| fits)
}

/// `CP-2611`, `cp261124-03`, `261124-03`: the beginning of `CP-YYMMDD-nn`; other numbers as they are, in upper case.
fn complaint(text: &str, compact: &str) -> Option<String> {
    let day_and_nth = |digits: &str| match digits.split_at_checked(6) {
        Some((day, nth)) if !nth.is_empty() => format!("CP-{day}-{nth}"),
        _ => format!("CP-{digits}"),
    };
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if let Some(digits) = compact.strip_prefix("CP").filter(|rest| is_digits(rest)) {
        return Some(day_and_nth(digits));
    }
    if text.len() >= 8 && text.as_bytes().get(6) == Some(&b'-') && is_digits(compact) {
        return Some(day_and_nth(compact));
    }
    let is_a_number_with_a_mark = text.is_ascii()
        && text.len() > 2
        && text.contains('-')
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.starts_with(|c: char| c.is_ascii_alphabetic());
    is_a_number_with_a_mark.then(|| text.to_uppercase())
}

/// The text as it may stand in an address: a whole phone, identity or frame number becomes its tail.
pub fn for_address(typed: &str) -> String {
    let text = clean(typed);
    let compact: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let tail = |n: usize| {
        compact
            .chars()
            .skip(compact.chars().count().saturating_sub(n))
            .collect()
    };
    let digits = compact.chars().filter(char::is_ascii_digit).count();
    if let Ok(phone) = Phone::parse(&text, None) {
        return phone.tail4().to_owned();
    }
    if Vin::parse(&text).is_ok() {
        return tail(6);
    }
    // A mistyped or foreign number is still somebody's number. Repair orders are looked up before it comes to this.
    if digits >= 7 && digits * 4 >= compact.chars().count() * 3 {
        return tail(4);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The look-ups of a text, by short names.
    fn kinds(typed: &str) -> Vec<&'static str> {
        let typed = Typed::read(1, typed, Some("0571"));
        let mut kinds = Vec::new();
        let mut add = |is_there: bool, kind| {
            if is_there {
                kinds.push(kind);
            }
        };
        add(typed.phone.is_some(), "phone");
        add(typed.phone_tail.is_some(), "tail");
        add(typed.customer_number.is_some(), "customer");
        add(typed.vehicle.plate.is_some(), "plate");
        add(typed.vehicle.plate_tail.is_some(), "plate tail");
        add(typed.vehicle.vin.is_some(), "vin");
        add(typed.vehicle.vin_tail.is_some(), "vin tail");
        add(typed.ro_number.is_some(), "order");
        add(typed.policy.is_some(), "policy");
        add(typed.complaint.is_some(), "complaint");
        add(
            match typed.name {
                QueryKeys::Nothing => false,
                QueryKeys::Initial(_) | QueryKeys::Grams { .. } | QueryKeys::Pinyin(_) => true,
            },
            "name",
        );
        add(typed.mixed.is_some(), "mixed");
        add(typed.is_phone_part, "part");
        kinds
    }

    #[test]
    fn a_typed_text_is_looked_up_where_it_can_be_found() {
        for (typed, expected) in [
            ("张", vec!["name"]),
            ("张伟", vec!["name"]),
            ("zhangwei", vec!["name"]),
            ("zw", vec!["name"]),
            ("zhang伟", vec!["name", "mixed"]),
            ("2046", vec!["tail", "customer", "plate tail", "order"]),
            ("３０６ ５", vec!["tail", "customer", "plate tail", "order"]),
            ("K2M9", vec!["plate tail", "order", "name"]),
            ("7k2m9", vec!["plate tail", "vin", "order", "name"]),
            (
                "A7K2M9",
                vec!["plate tail", "vin", "vin tail", "order", "policy", "name"],
            ),
            ("浙A·7K2M9", vec!["plate", "order", "name", "mixed"]),
            (
                "014427",
                vec![
                    "customer",
                    "plate tail",
                    "vin",
                    "vin tail",
                    "order",
                    "policy",
                    "part",
                ],
            ),
            ("D2014427", vec!["vin", "vin tail", "order", "policy", "name"]),
            (
                "C-204417",
                vec!["customer", "plate tail", "vin", "order", "complaint", "name"],
            ),
            ("13905717715", vec!["phone", "vin", "order", "policy"]),
            ("1390571", vec!["customer", "plate tail", "vin", "order", "part"]),
            (
                "05717715",
                vec!["tail", "customer", "vin", "vin tail", "order", "policy"],
            ),
            (
                "88886666",
                vec!["phone", "tail", "customer", "vin", "vin tail", "order", "policy"],
            ),
            ("0571-88886666", vec!["phone", "vin", "order", "policy"]),
            ("RO-26112108", vec!["vin", "order", "policy", "complaint", "name"]),
            (
                "CP-2611",
                vec![
                    "plate tail",
                    "vin",
                    "vin tail",
                    "order",
                    "policy",
                    "complaint",
                    "name",
                ],
            ),
            ("  ", vec![]),
            ("·", vec![]),
        ] {
            assert_eq!(kinds(typed), expected, "{typed}");
        }
    }

    #[test]
    fn the_beginning_of_a_complaints_number_is_read_in_any_spelling() {
        for (typed, expected) in [
            ("CP-2611", Some("CP-2611")),
            ("cp2611", Some("CP-2611")),
            ("CP-261124-03", Some("CP-261124-03")),
            ("cp 26112403", Some("CP-261124-03")),
            ("261124-03", Some("CP-261124-03")),
            ("k-1", Some("K-1")),
            ("13905717715", None),
            ("0571-88886666", None),
            ("张-1", None),
        ] {
            assert_eq!(
                Typed::read(1, typed, None).complaint.as_deref(),
                expected,
                "{typed}"
            );
        }
    }

    #[test]
    fn whole_numbers_never_stand_in_an_address() {
        for (typed, expected) in [
            ("13905717715", "7715"),
            ("+86 139 0571 7715", "7715"),
            ("１３９０５７１７７１５", "7715"),
            ("0571-88886666", "6666"),
            ("LSVNV4188D2000001", "000001"),
            ("330106199001011234", "1234"),
            ("1390571771", "1771"),
            ("7715", "7715"),
            ("浙A·7K2M9", "浙A·7K2M9"),
            (" 赵雅楠 ", "赵雅楠"),
            ("RO-26112108", "2108"),
        ] {
            assert_eq!(for_address(typed), expected, "{typed}");
        }
    }
}
