//! Telephone numbers of people: mobile, landline, foreign, and the 400/800 lines of companies.
//!
//! Segments of mobile numbers keep growing and numbers move between operators, so nothing but the
//! first two digits is checked.

use std::fmt;

use crate::text::clean;
use crate::text_enum;

/// A number in canonical form: `13812341234`, `0571-88886666-801`, `+85291234567`, `4008001234`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

text_enum! {
    /// What a number can do; only a mobile receives messages. The code is in `phones.kind`.
    pub enum PhoneKind {
        Mobile = "mobile",
        Landline = "landline",
        Foreign = "foreign",
        /// A 400 or 800 line of a company: it is called, it never calls.
        Other = "other",
    }
}

/// Why a text is no number of a person; `digits` is how many were given, 11 are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    #[error("empty")]
    Empty,
    /// Excel turned the number into `1.38E+10`; its digits are lost.
    #[error("scientific notation")]
    ScientificNotation,
    #[error("not a number")]
    NotANumber,
    #[error("several numbers")]
    SeveralNumbers,
    #[error("{digits} digits")]
    WrongLength { digits: usize },
    /// Eleven digits that begin with 10, 11 or 12, or with none of 0, 1, 4 and 8.
    #[error("no such prefix")]
    NotAPrefix,
    /// A local number, and the store has no area code to put before it.
    #[error("no area code")]
    NoAreaCode,
    /// 110, 10086, 118114, 95588, 106…: a service, not a customer.
    #[error("service number")]
    ServiceNumber,
    /// A 13-digit number of a machine (14x).
    #[error("machine number")]
    Iot,
}

impl Phone {
    /// `default_area_code` of the store, `0571`, completes a landline that was written without one.
    pub fn parse(raw: &str, default_area_code: Option<&str>) -> Result<Phone, PhoneError> {
        let text = clean(raw).to_lowercase();
        let text = ["tel:", "电话:", "手机:"]
            .iter()
            .find_map(|mark| text.strip_prefix(mark))
            .unwrap_or(&text)
            .trim();
        // Excel writes a number cell as a float.
        let text = without_zeros(text);
        if text.is_empty() {
            return Err(PhoneError::Empty);
        }
        if is_scientific(text) {
            return Err(PhoneError::ScientificNotation);
        }
        let (text, has_country) = strip_country(text);
        if !has_country && let Some(foreign) = foreign(text)? {
            return Ok(Phone(foreign));
        }
        if let Some((head, extension)) = split_extension(text) {
            let number = landline(&national(&digits_of(head)?, has_country), default_area_code)
                .ok_or(PhoneError::NotANumber)?;
            return Ok(Phone(format!("{number}-{extension}")));
        }
        if holds_several(text) {
            return Err(PhoneError::SeveralNumbers);
        }
        let digits = national(&digits_of(text)?, has_country);
        match mobile_or_service(&digits) {
            Some(known) => known.map(Phone),
            None => landline_or_reason(text, &digits, default_area_code).map(Phone),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn kind(&self) -> PhoneKind {
        kind(&self.0)
    }

    /// `138****1234`, `0571-****1234`: for logs, files and pages of groups.
    pub fn masked(&self) -> String {
        masked(&self.0)
    }

    /// What callers are found by; of a landline without its extension.
    pub fn tail4(&self) -> &str {
        tail4(&self.0)
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

/// [`Phone::masked`] of a canonical number that comes from the database.
pub fn masked(number: &str) -> String {
    let tail = tail4(number);
    match kind(number) {
        PhoneKind::Mobile => format!("{}****{tail}", &number[..3]),
        PhoneKind::Landline => format!("{}-****{tail}", number.split('-').next().unwrap_or_default()),
        PhoneKind::Other => format!("{}***{tail}", number.get(..3).unwrap_or_default()),
        PhoneKind::Foreign => {
            // Two systems of their own with Chinese customers; other country codes cannot be told from the number.
            let code = ["+852", "+853", "+886"]
                .into_iter()
                .find(|code| number.starts_with(code))
                .unwrap_or("+");
            format!("{code}****{tail}")
        }
    }
}

/// [`masked`] as screens show it, in groups: `138 **** 1234`.
pub fn masked_on_screen(number: &str) -> String {
    match kind(number) {
        PhoneKind::Mobile => format!("{} **** {}", &number[..3], tail4(number)),
        PhoneKind::Landline | PhoneKind::Foreign | PhoneKind::Other => masked(number),
    }
}

/// A whole number in groups, for the person who may see it: `138 0000 1234`.
pub fn on_screen(number: &str) -> String {
    match kind(number) {
        PhoneKind::Mobile => format!("{} {} {}", &number[..3], &number[3..7], &number[7..]),
        PhoneKind::Landline | PhoneKind::Foreign | PhoneKind::Other => number.to_owned(),
    }
}

/// [`Phone::tail4`] of a canonical number that comes from the database.
pub fn tail4(number: &str) -> &str {
    let line = match number.match_indices('-').nth(1) {
        Some((extension, _)) => &number[..extension],
        None => number,
    };
    line.len()
        .checked_sub(4)
        .and_then(|start| line.get(start..))
        .unwrap_or_default()
}

fn kind(number: &str) -> PhoneKind {
    if number.starts_with('+') {
        PhoneKind::Foreign
    } else if is_mobile(number) {
        PhoneKind::Mobile
    } else if number.starts_with('0') {
        PhoneKind::Landline
    } else {
        PhoneKind::Other
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && is_digits(digits) && digits.starts_with('1') && digits.as_bytes()[1] >= b'3'
}

/// `13812341234.00` without its point: nothing behind it says anything.
fn without_zeros(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, zeros))
            if is_digits(whole) && is_digits(zeros) && zeros.trim_matches('0').is_empty() =>
        {
            whole
        }
        Some(_) | None => text,
    }
}

/// `1.38E+10`, `1E10`.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return false;
    };
    is_digits(&mantissa.replacen('.', "", 1)) && is_digits(exponent.strip_prefix('+').unwrap_or(exponent))
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '-' | '(' | ')' | '.' | '·' | '–' | '—' | '_' | '[' | ']' | '\''
    )
}

/// The digits alone; anything but digits and separators is refused.
fn digits_of(text: &str) -> Result<String, PhoneError> {
    let digits: String = text.chars().filter(|c| !is_separator(*c)).collect();
    if is_digits(&digits) {
        Ok(digits)
    } else {
        Err(PhoneError::NotANumber)
    }
}

/// `+CC…` of a number outside the mainland; `None` for one inside it.
fn foreign(text: &str) -> Result<Option<String>, PhoneError> {
    let start = text.trim_start_matches(['(', ' ']);
    let rest = start.strip_prefix('+').or_else(|| start.strip_prefix("00"));
    let Some(rest) = rest else { return Ok(None) };
    let digits = digits_of(rest)?;
    // E.164: at most 15 digits, and no country code begins with 0.
    if digits.starts_with('0') || !(7..=15).contains(&digits.len()) {
        return Err(PhoneError::WrongLength { digits: digits.len() });
    }
    Ok(Some(format!("+{digits}")))
}

/// The text after +86 or 0086, and whether there was one.
fn strip_country(text: &str) -> (&str, bool) {
    let start = text.trim_start_matches(['(', ' ']);
    match ["+86", "0086"]
        .iter()
        .find_map(|prefix| start.strip_prefix(prefix))
    {
        Some(rest) => (rest.trim_start_matches([')', ' ', '-']), true),
        None => (text, false),
    }
}

/// As dialled within the country: without 86, the IP prefixes 17951 and 12593, and a 0 before a mobile.
fn national(digits: &str, has_country: bool) -> String {
    if digits.len() > 11 {
        let carrier = ["17951", "12593"]
            .iter()
            .find_map(|prefix| digits.strip_prefix(prefix));
        if let Some(rest) = carrier {
            return national(rest, has_country);
        }
        if let Some(rest) = digits.strip_prefix("86").filter(|_| !has_country) {
            return national(rest, true);
        }
    }
    if let Some(mobile) = digits.strip_prefix('0').filter(|rest| is_mobile(rest)) {
        return mobile.to_owned();
    }
    // "+86 571 8888 6666" leaves out the 0 of the area code; "+86 400 800 1234" has none.
    let with_zero = format!("0{digits}");
    if has_country
        && !matches!(mobile_or_service(digits), Some(Ok(_)))
        && landline(&with_zero, None).is_some()
    {
        return with_zero;
    }
    digits.to_owned()
}

/// Decides numbers that are complete in themselves; `None` leaves landlines and errors.
fn mobile_or_service(digits: &str) -> Option<Result<String, PhoneError>> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|prefix| digits.starts_with(prefix));
    match digits.len() {
        11 if is_mobile(digits) => Some(Ok(digits.to_owned())),
        10 if starts(&["400", "800"]) => Some(Ok(digits.to_owned())),
        13 if starts(&["14"]) => Some(Err(PhoneError::Iot)),
        3 | 5 if starts(&["1"]) => Some(Err(PhoneError::ServiceNumber)),
        4..=8 if starts(&["10", "11", "12"]) => Some(Err(PhoneError::ServiceNumber)),
        5..=8 if starts(&["95", "96"]) => Some(Err(PhoneError::ServiceNumber)),
        9.. if starts(&["106"]) => Some(Err(PhoneError::ServiceNumber)),
        _ => None,
    }
}

fn landline_or_reason(text: &str, digits: &str, area_code: Option<&str>) -> Result<String, PhoneError> {
    // "0571-8888666-1": written in groups, the last of them is an extension, not an eighth digit.
    let groups: Vec<&str> = text
        .split(is_separator)
        .filter(|group| !group.is_empty())
        .collect();
    if let [area, local, extension] = groups[..]
        && landline(&format!("{area}{local}"), None).is_some_and(|line| line == format!("{area}-{local}"))
        && extension.len() <= 6
    {
        return Ok(format!("{area}-{local}-{extension}"));
    }
    if let Some(number) = landline(digits, area_code) {
        return Ok(number);
    }
    if let Some((head, extension)) = text.rsplit_once(is_separator)
        && (1..=6).contains(&extension.len())
        && is_digits(extension)
        // Without an area code "852 9123 4567" is a number of Hong Kong rather than a line and its extension.
        && (head.starts_with(['0', '(']) || !head.contains(is_separator))
        && let Some(number) = landline(&national(&digits_of(head)?, false), area_code)
    {
        return Ok(format!("{number}-{extension}"));
    }
    if is_local(digits) {
        return Err(PhoneError::NoAreaCode);
    }
    match digits.len() {
        11 => Err(PhoneError::NotAPrefix),
        digits => Err(PhoneError::WrongLength { digits }),
    }
}

/// Seven or eight digits, the first of them 2 to 8.
fn is_local(digits: &str) -> bool {
    matches!(digits.len(), 7 | 8) && is_digits(digits) && (b'2'..=b'8').contains(&digits.as_bytes()[0])
}

/// `0571-88886666`, from digits with or without the area code.
fn landline(digits: &str, default_area_code: Option<&str>) -> Option<String> {
    let Some(after_zero) = digits.strip_prefix('0') else {
        let area = default_area_code.filter(|_| is_local(digits))?;
        return landline(&format!("{area}{digits}"), None);
    };
    // 010 and 02x are the three-digit area codes; the others have four, 03xx to 09xx.
    let length = match after_zero.as_bytes() {
        [b'1', b'0', ..] | [b'2', b'0'..=b'9', ..] => 3,
        [b'3'..=b'9', ..] => 4,
        _ => return None,
    };
    let (area, local) = digits.split_at_checked(length)?;
    is_local(local).then(|| format!("{area}-{local}"))
}

/// An extension that is marked as one: 转801, ext 801, x801, #801.
fn split_extension(text: &str) -> Option<(&str, &str)> {
    ["转", "分机", "ext.", "ext", "x", "#"].iter().find_map(|mark| {
        let (head, extension) = text.split_once(mark)?;
        let extension = extension.trim_matches(|c| is_separator(c) || c == ':');
        let head = head.trim_end_matches([',', ' ']);
        (extension.len() <= 6 && is_digits(extension)).then_some((head, extension))
    })
}

/// "13812341234/0571-88886666": two numbers in one cell.
fn holds_several(text: &str) -> bool {
    let parts = text.split(['/', '、', ',', ';', '；', '|', '或', '&']);
    let long = |part: &str| part.chars().filter(char::is_ascii_digit).count() >= 7;
    let spaced = text.split(' ').filter(|part| is_mobile(part)).count();
    parts.filter(|part| long(part)).count() > 1 || spaced > 1
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(raw: &str) -> Result<Phone, PhoneError> {
        Phone::parse(raw, Some("0571"))
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (raw, canonical, kind) in [
            ("13812341234", "13812341234", PhoneKind::Mobile),
            ("１３８ １２３４－１２３４", "13812341234", PhoneKind::Mobile),
            ("+86 (138) 1234-1234", "13812341234", PhoneKind::Mobile),
            ("008613812341234", "13812341234", PhoneKind::Mobile),
            ("8613812341234", "13812341234", PhoneKind::Mobile),
            ("+86 013812341234", "13812341234", PhoneKind::Mobile),
            ("013812341234", "13812341234", PhoneKind::Mobile),
            ("1795113812341234", "13812341234", PhoneKind::Mobile),
            ("12593 013812341234", "13812341234", PhoneKind::Mobile),
            ("17951138123", "17951138123", PhoneKind::Mobile),
            ("13812341234.0", "13812341234", PhoneKind::Mobile),
            ("13812341234.00", "13812341234", PhoneKind::Mobile),
            ("0086-138-1234-1234", "13812341234", PhoneKind::Mobile),
            ("86 138 1234 1234", "13812341234", PhoneKind::Mobile),
            ("＋８６１３８１２３４１２３４", "13812341234", PhoneKind::Mobile),
            ("（０１３８）１２３４１２３４", "13812341234", PhoneKind::Mobile),
            ("1259313812341234", "13812341234", PhoneKind::Mobile),
            ("17951 8613812341234", "13812341234", PhoneKind::Mobile),
            ("+86 17951 13812341234", "13812341234", PhoneKind::Mobile),
            ("手机：13812341234", "13812341234", PhoneKind::Mobile),
            ("\u{202D}19912341234\u{202C}", "19912341234", PhoneKind::Mobile),
            ("0571-88886666", "0571-88886666", PhoneKind::Landline),
            ("17951 0571-88886666", "0571-88886666", PhoneKind::Landline),
            ("+86 10 6288 8666", "010-62888666", PhoneKind::Landline),
            ("0086 10 88886666", "010-88886666", PhoneKind::Landline),
            ("０２０－８８８８６６６６", "020-88886666", PhoneKind::Landline),
            ("0571—88886666—801", "0571-88886666-801", PhoneKind::Landline),
            ("8888666", "0571-8888666", PhoneKind::Landline),
            ("88886666转801", "0571-88886666-801", PhoneKind::Landline),
            ("88886666分机：801", "0571-88886666-801", PhoneKind::Landline),
            ("021-68886666x12", "021-68886666-12", PhoneKind::Landline),
            ("(010)8888 6666", "010-88886666", PhoneKind::Landline),
            ("+86 571 8888 6666", "0571-88886666", PhoneKind::Landline),
            ("86-10-88886666", "010-88886666", PhoneKind::Landline),
            ("88886666", "0571-88886666", PhoneKind::Landline),
            ("(+86)13812341234", "13812341234", PhoneKind::Mobile),
            (
                "+86(0)571-88886666转801",
                "0571-88886666-801",
                PhoneKind::Landline,
            ),
            ("+86 88886666", "0571-88886666", PhoneKind::Landline),
            ("86123456", "0571-86123456", PhoneKind::Landline),
            ("0571-88886666转801", "0571-88886666-801", PhoneKind::Landline),
            ("0571-8888-6666", "0571-88886666", PhoneKind::Landline),
            ("0571 8888 6666 801", "0571-88886666-801", PhoneKind::Landline),
            ("88886666-801", "0571-88886666-801", PhoneKind::Landline),
            ("0912-8888666-1", "0912-8888666-1", PhoneKind::Landline),
            ("021-68886666 ext. 12", "021-68886666-12", PhoneKind::Landline),
            ("+852 9123 4567", "+85291234567", PhoneKind::Foreign),
            ("0085366123456", "+85366123456", PhoneKind::Foreign),
            ("+1 (212) 555-0123", "+12125550123", PhoneKind::Foreign),
            ("(+852) 9123 4567", "+85291234567", PhoneKind::Foreign),
            ("+853 6612 3456", "+85366123456", PhoneKind::Foreign),
            ("+886 912 345 678", "+886912345678", PhoneKind::Foreign),
            ("００４９ ３０ １２３４５６", "+4930123456", PhoneKind::Foreign),
            ("400-800-1234", "4008001234", PhoneKind::Other),
            ("800 820 1234", "8008201234", PhoneKind::Other),
            ("+86 400 800 1234", "4008001234", PhoneKind::Other),
        ] {
            let phone = parse(raw).unwrap_or_else(|error| panic!("{raw}: {error}"));
            assert_eq!((phone.as_str(), phone.kind()), (canonical, kind), "{raw}");
        }
    }

    #[test]
    fn no_segment_of_mobiles_is_left_out() {
        for segment in 130..=199 {
            let raw = format!("+86 0{segment}-1234-1234");
            let phone = parse(&raw).unwrap_or_else(|error| panic!("{raw}: {error}"));
            assert_eq!(
                (phone.as_str(), phone.kind()),
                (&*format!("{segment}12341234"), PhoneKind::Mobile)
            );
        }
        for segment in (100..=129).chain(200..=399) {
            let raw = format!("{segment}12341234");
            assert!(parse(&raw).is_err(), "{raw}");
        }
    }

    #[test]
    fn every_area_code_takes_seven_and_eight_digits() {
        for area in ["010", "020", "021", "029", "0310", "0571", "0755", "0898", "0991"] {
            for local in ["2888666", "88886666"] {
                for raw in [
                    format!("{area}{local}"),
                    format!("({area}){local}"),
                    format!("+86{}{local}", &area[1..]),
                ] {
                    assert_eq!(
                        parse(&raw).map(|phone| phone.0),
                        Ok(format!("{area}-{local}")),
                        "{raw}"
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_no_number_of_a_person_is_refused_by_name() {
        for (raw, error) in [
            ("", PhoneError::Empty),
            ("　", PhoneError::Empty),
            ("1.38E+10", PhoneError::ScientificNotation),
            ("1.38123412E10", PhoneError::ScientificNotation),
            ("1.23E+17", PhoneError::ScientificNotation),
            ("１．３８Ｅ＋１０", PhoneError::ScientificNotation),
            ("无", PhoneError::NotANumber),
            ("138****1234", PhoneError::NotANumber),
            ("1381234123", PhoneError::WrongLength { digits: 10 }),
            ("138123412345", PhoneError::WrongLength { digits: 12 }),
            ("1381234", PhoneError::WrongLength { digits: 7 }),
            ("0571-98886666", PhoneError::WrongLength { digits: 12 }),
            ("0571-188866661", PhoneError::WrongLength { digits: 13 }),
            ("852 9123 4567", PhoneError::NotAPrefix),
            ("12812341234", PhoneError::NotAPrefix),
            ("99912341234", PhoneError::NotAPrefix),
            ("13812341234/0571-88886666", PhoneError::SeveralNumbers),
            ("13812341234、13912341234", PhoneError::SeveralNumbers),
            ("13812341234 13912341234", PhoneError::SeveralNumbers),
            ("1440012345678", PhoneError::Iot),
            ("14400 1234 5678", PhoneError::Iot),
            ("+86 1410123456789", PhoneError::Iot),
            ("110", PhoneError::ServiceNumber),
            ("114", PhoneError::ServiceNumber),
            ("12345", PhoneError::ServiceNumber),
            ("12593", PhoneError::ServiceNumber),
            ("118114", PhoneError::ServiceNumber),
            ("1008611", PhoneError::ServiceNumber),
            ("955889", PhoneError::ServiceNumber),
            ("0086 95588", PhoneError::ServiceNumber),
            ("1064812345678", PhoneError::ServiceNumber),
            ("10086", PhoneError::ServiceNumber),
            ("+86 10086", PhoneError::ServiceNumber),
            ("+86 1381234123", PhoneError::WrongLength { digits: 10 }),
            ("95588", PhoneError::ServiceNumber),
            ("106575123456", PhoneError::ServiceNumber),
            ("+123456", PhoneError::WrongLength { digits: 6 }),
        ] {
            assert_eq!(parse(raw), Err(error), "{raw}");
        }
        assert_eq!(Phone::parse("88886666", None), Err(PhoneError::NoAreaCode));
    }

    #[test]
    fn a_masked_number_keeps_its_area_and_its_tail() {
        for (raw, masked, tail) in [
            ("13812341234", "138****1234", "1234"),
            ("0571-88881234", "0571-****1234", "1234"),
            ("010-88881234-801", "010-****1234", "1234"),
            ("+85291234567", "+852****4567", "4567"),
            ("+12125550123", "+****0123", "0123"),
            ("+85366123456", "+853****3456", "3456"),
            ("+886912345678", "+886****5678", "5678"),
            ("0571-8888123", "0571-****8123", "8123"),
            ("4008001234", "400***1234", "1234"),
        ] {
            let phone = parse(raw).unwrap();
            assert_eq!((phone.masked().as_str(), phone.tail4()), (masked, tail), "{raw}");
            assert_eq!(format!("{phone:?}"), format!("Phone({masked})"));
        }
        assert_eq!(masked_on_screen("13812341234"), "138 **** 1234");
        assert_eq!(masked_on_screen("0571-88881234"), "0571-****1234");
    }

    proptest! {
        #[test]
        fn a_canonical_number_reads_back(
            text in "1[3-9][0-9]{9}|0(10|2[0-9]|[3-9][0-9]{2})-[2-8][0-9]{6,7}(-[0-9]{1,6})?|[48]00[0-9]{7}|\\+[1-79][0-9]{6,14}"
        ) {
            prop_assume!(!text.starts_with("+86"));
            let phone = Phone::parse(&text, None);
            prop_assert_eq!(phone.as_ref().map(Phone::as_str), Ok(text.as_str()));
        }

        #[test]
        fn a_mobile_reads_back_however_it_is_written(
            number in "1[3-9][0-9]{9}",
            prefix in "(\\+86|0086|86|\\(\\+86\\))?[ -]?(17951|12593)?0?",
            separator in "[ -]?",
            is_wide in any::<bool>(),
        ) {
            let shown = on_screen(&number).replace(' ', &separator);
            let mut text = format!("{prefix}{shown}");
            if is_wide {
                text = text.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).filter(|_| c != ' ').unwrap_or('\u{3000}')).collect();
            }
            let phone = Phone::parse(&text, None);
            prop_assert_eq!(phone.as_ref().map(Phone::as_str), Ok(number.as_str()), "{}", text);
        }

        #[test]
        fn whatever_is_typed_parses_to_itself_or_is_refused(text in "[0-9+() #x转/.-]{0,20}|\\PC{0,20}") {
            if let Ok(phone) = Phone::parse(&text, Some("0571")) {
                prop_assert_eq!(Phone::parse(phone.as_str(), None), Ok(phone.clone()));
                prop_assert!(!phone.masked().contains(phone.as_str()));
            }
        }
    }
}
