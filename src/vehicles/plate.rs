//! Number plates (GA 36-2018): ordinary, new-energy, special ones.

use std::fmt;

use crate::text::clean;

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼";

/// Last characters of trailers, driving schools, police, Hong Kong and Macau, consulates, oversize, test cars.
const TAILS: &str = "挂学警港澳领超试";

/// Letters that mark a new-energy car: D A B C E drive on electricity alone, F G H J K do not.
const NEW_ENERGY: &str = "DABCEFGHJK";

/// First letters of military plates, which are not published in full and hence not checked.
const MILITARY: &str = "VKHBSLJNGCEZ";

/// A plate in canonical form, upper-case without dot or space: `京A12345`, `京AD12345`, `使014578`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PlateNumber(String);

/// Why a text is no plate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlateError {
    #[error("empty")]
    Empty,
    /// 临牌, 未上牌: the car has no plate yet; a temporary number belongs in a field of its own.
    #[error("not registered yet")]
    NotRegistered,
    #[error("no such province: {0}")]
    Province(char),
    /// Seven characters, eight of a new-energy car.
    #[error("{found} characters")]
    Length { found: usize },
    /// `position` counts from 1; I and O do not occur in plates.
    #[error("{found} at {position}")]
    Character { found: char, position: usize },
    /// Eight characters in none of the two orders of a new-energy plate.
    #[error("not a new-energy plate")]
    NewEnergy,
}

impl PlateNumber {
    pub fn parse(raw: &str) -> Result<PlateNumber, PlateError> {
        let text: String = clean(raw)
            .chars()
            .filter(|c| !is_separator(*c))
            .flat_map(char::to_uppercase)
            .collect();
        if text.is_empty() {
            return Err(PlateError::Empty);
        }
        if is_placeholder(&text) {
            return Err(PlateError::NotRegistered);
        }
        let chars: Vec<char> = text.chars().collect();
        if !is_out_of_series(&chars) {
            check_series(&chars)?;
        }
        Ok(PlateNumber(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `京A·12345`.
    pub fn display(&self) -> String {
        display(&self.0)
    }

    /// `京A·**345`: for files, logs and other people than the store's own.
    pub fn masked(&self) -> String {
        masked(&self.0)
    }

    /// The last four characters, by which staff look cars up.
    pub fn tail4(&self) -> &str {
        let start = self.0.char_indices().rev().nth(3).map_or(0, |(start, _)| start);
        &self.0[start..]
    }

    /// Eight characters: a green plate.
    pub fn is_new_energy(&self) -> bool {
        let chars: Vec<char> = self.0.chars().collect();
        chars.len() == 8 && is_new_energy(&chars)
    }
}

impl fmt::Debug for PlateNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlateNumber({})", self.masked())
    }
}

/// [`PlateNumber::display`] of a canonical plate that comes from the database.
pub fn display(plate: &str) -> String {
    let (head, rest) = head_and_rest(plate);
    if head.is_empty() {
        rest.to_owned()
    } else {
        format!("{head}·{rest}")
    }
}

/// [`PlateNumber::masked`] of a canonical plate that comes from the database.
pub fn masked(plate: &str) -> String {
    let (head, rest) = head_and_rest(plate);
    let hidden = rest.chars().count().saturating_sub(3);
    let tail: String = rest.chars().skip(hidden).collect();
    let dot = if head.is_empty() { "" } else { "·" };
    format!("{head}{dot}{}{tail}", "*".repeat(hidden))
}

/// Province and letter, and the rest; plates outside the series have no head.
fn head_and_rest(plate: &str) -> (&str, &str) {
    match plate.char_indices().nth(2) {
        Some((end, _)) if plate.starts_with(is_province) => plate.split_at(end),
        Some(_) | None => ("", plate),
    }
}

fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '.' | '·' | '•' | '・' | '‧' | '∙' | '●' | '-' | '_' | '—'
    )
}

/// 临牌 with or without its number, and what people write where there is no plate.
fn is_placeholder(text: &str) -> bool {
    ["临", "未上", "未挂", "待上"]
        .iter()
        .any(|mark| text.contains(mark))
        || [
            "无",
            "没有",
            "无牌",
            "无牌照",
            "无车牌",
            "新车",
            "暂无",
            "/",
            "N/A",
        ]
        .contains(&text)
}

fn is_province(c: char) -> bool {
    PROVINCES.contains(c)
}

fn is_letter(c: char) -> bool {
    c.is_ascii_uppercase() && c != 'I' && c != 'O'
}

fn is_serial(c: char) -> bool {
    is_letter(c) || c.is_ascii_digit()
}

fn all_digits(chars: &[char]) -> bool {
    chars.iter().all(char::is_ascii_digit)
}

/// Embassies (使014578), rescue services (京X1234应急) and the army (VA12345, WJ…): taken as they are.
fn is_out_of_series(chars: &[char]) -> bool {
    match chars {
        ['使', number @ ..] => number.len() == 6 && all_digits(number),
        [province, 'X' | 'S', number @ .., '应', '急'] => {
            is_province(*province) && number.len() == 4 && all_digits(number)
        }
        ['W', 'J', rest @ ..] => {
            (5..=7).contains(&rest.len()) && rest.iter().all(|c| is_province(*c) || is_serial(*c))
        }
        [first, second, number @ ..] => {
            MILITARY.contains(*first) && is_letter(*second) && number.len() == 5 && all_digits(number)
        }
        [_] | [] => false,
    }
}

fn check_series(chars: &[char]) -> Result<(), PlateError> {
    let [province, rest @ ..] = chars else {
        return Err(PlateError::Empty);
    };
    if !is_province(*province) {
        return Err(PlateError::Province(*province));
    }
    if !(7..=8).contains(&chars.len()) {
        return Err(PlateError::Length { found: chars.len() });
    }
    let is_tail = |index: usize, c: char| chars.len() == 7 && index == 5 && TAILS.contains(c);
    let wrong = rest.iter().enumerate().find(|(index, c)| match index {
        0 => !is_letter(**c),
        _ => !is_serial(**c) && !is_tail(*index, **c),
    });
    if let Some((index, found)) = wrong {
        return Err(PlateError::Character {
            found: *found,
            position: index + 2,
        });
    }
    if chars.len() == 8 && !is_new_energy(chars) {
        return Err(PlateError::NewEnergy);
    }
    Ok(())
}

/// Small cars carry the letter in front (D12345, DF1234), large ones behind (12345D).
fn is_new_energy(chars: &[char]) -> bool {
    match chars {
        [_, _, mark, second, number @ ..] if NEW_ENERGY.contains(*mark) => {
            is_serial(*second) && number.len() == 4 && all_digits(number)
        }
        [_, _, number @ .., mark] => number.len() == 5 && all_digits(number) && NEW_ENERGY.contains(*mark),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plates_are_read_as_people_write_them() {
        for (raw, canonical, shown, masked) in [
            ("京A12345", "京A12345", "京A·12345", "京A·**345"),
            ("京a·12345", "京A12345", "京A·12345", "京A·**345"),
            (" 浙 Ａ．７Ｋ２Ｍ９ ", "浙A7K2M9", "浙A·7K2M9", "浙A·**2M9"),
            ("京AD12345", "京AD12345", "京A·D12345", "京A·***345"),
            ("粤B-DF1234", "粤BDF1234", "粤B·DF1234", "粤B·***234"),
            ("沪A12345D", "沪A12345D", "沪A·12345D", "沪A·***45D"),
            ("沪B1234挂", "沪B1234挂", "沪B·1234挂", "沪B·**34挂"),
            ("粤Z1234港", "粤Z1234港", "粤Z·1234港", "粤Z·**34港"),
            ("浙A0012警", "浙A0012警", "浙A·0012警", "浙A·**12警"),
            ("粤Z1234澳", "粤Z1234澳", "粤Z·1234澳", "粤Z·**34澳"),
            ("浙A1234学", "浙A1234学", "浙A·1234学", "浙A·**34学"),
            ("沪A0023领", "沪A0023领", "沪A·0023领", "沪A·**23领"),
            ("苏A1234超", "苏A1234超", "苏A·1234超", "苏A·**34超"),
            ("沪A1234试", "沪A1234试", "沪A·1234试", "沪A·**34试"),
            ("使014578", "使014578", "使014578", "****578"),
            ("使 014·578", "使014578", "使014578", "****578"),
            ("京S0234应急", "京S0234应急", "京S·0234应急", "京S·***4应急"),
            ("京X1234应急", "京X1234应急", "京X·1234应急", "京X·***4应急"),
            ("VA12345", "VA12345", "VA12345", "****345"),
            ("ｋ·ａ１２３４５", "KA12345", "KA12345", "****345"),
            ("WJ京12345", "WJ京12345", "WJ京12345", "*****345"),
        ] {
            let plate = PlateNumber::parse(raw).unwrap_or_else(|error| panic!("{raw}: {error}"));
            assert_eq!(
                (plate.as_str(), plate.display().as_str(), plate.masked().as_str()),
                (canonical, shown, masked)
            );
        }
    }

    #[test]
    fn what_is_no_plate_is_refused_by_name() {
        for (raw, error) in [
            ("", PlateError::Empty),
            ("·", PlateError::Empty),
            ("未上牌", PlateError::NotRegistered),
            ("浙A临12345", PlateError::NotRegistered),
            ("临牌", PlateError::NotRegistered),
            ("新车未上牌", PlateError::NotRegistered),
            ("待上牌", PlateError::NotRegistered),
            ("无", PlateError::NotRegistered),
            ("/", PlateError::NotRegistered),
            ("—", PlateError::Empty),
            ("台A12345", PlateError::Province('台')),
            ("A12345", PlateError::Province('A')),
            ("京A1234", PlateError::Length { found: 6 }),
            ("京A1234567", PlateError::Length { found: 9 }),
            (
                "京I12345",
                PlateError::Character {
                    found: 'I',
                    position: 2,
                },
            ),
            (
                "京112345",
                PlateError::Character {
                    found: '1',
                    position: 2,
                },
            ),
            (
                "京A1O345",
                PlateError::Character {
                    found: 'O',
                    position: 4,
                },
            ),
            (
                "京A挂1234",
                PlateError::Character {
                    found: '挂',
                    position: 3,
                },
            ),
            (
                "京A12345挂",
                PlateError::Character {
                    found: '挂',
                    position: 8,
                },
            ),
            (
                "京O12345",
                PlateError::Character {
                    found: 'O',
                    position: 2,
                },
            ),
            (
                "京A1234I",
                PlateError::Character {
                    found: 'I',
                    position: 7,
                },
            ),
            (
                "京A1234使",
                PlateError::Character {
                    found: '使',
                    position: 7,
                },
            ),
            ("使01457", PlateError::Province('使')),
            (
                "京X123应急",
                PlateError::Character {
                    found: '应',
                    position: 6,
                },
            ),
            ("京AL12345", PlateError::NewEnergy),
            (
                "京ADI1234",
                PlateError::Character {
                    found: 'I',
                    position: 4,
                },
            ),
            ("京AD1234F", PlateError::NewEnergy),
            ("京A1234DF", PlateError::NewEnergy),
        ] {
            assert_eq!(PlateNumber::parse(raw), Err(error), "{raw}");
        }
    }

    #[test]
    fn every_province_letter_and_energy_has_its_plates() {
        for province in PROVINCES.chars() {
            for letter in ('A'..='Z').filter(|c| !"IO".contains(*c)) {
                let blue = format!("{province}{letter}1{letter}2Z3");
                assert_eq!(
                    PlateNumber::parse(&blue).map(|plate| plate.is_new_energy()),
                    Ok(false),
                    "{blue}"
                );
            }
        }
        for mark in ('A'..='Z').filter(|c| !"IO".contains(*c)) {
            let is_green = "DABCEFGHJK".contains(mark);
            for green in [
                format!("浙A{mark}12345"),
                format!("浙A{mark}Z2345"),
                format!("浙A12345{mark}"),
            ] {
                let read = PlateNumber::parse(&green).map(|plate| plate.is_new_energy());
                assert_eq!(
                    read,
                    if is_green {
                        Ok(true)
                    } else {
                        Err(PlateError::NewEnergy)
                    },
                    "{green}"
                );
            }
        }
    }

    #[test]
    fn cars_are_looked_up_by_four_characters() {
        for (raw, tail, green) in [
            ("京A12345", "2345", false),
            ("沪B1234挂", "234挂", false),
            ("京AD12345", "2345", true),
            ("京X1234应急", "34应急", false),
        ] {
            let plate = PlateNumber::parse(raw).unwrap();
            assert_eq!((plate.tail4(), plate.is_new_energy()), (tail, green), "{raw}");
            assert_eq!(format!("{plate:?}"), format!("PlateNumber({})", plate.masked()));
        }
    }

    proptest! {
        #[test]
        fn a_plate_reads_back_however_it_is_shown(
            text in "[京沪浙粤琼][A-HJ-NP-Z]([A-HJ-NP-Z0-9]{5}|[A-HJ-NP-Z0-9]{4}[挂学警港澳领超试]|[DABCEFGHJK][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[DABCEFGHJK])"
        ) {
            let plate = PlateNumber::parse(&text).unwrap();
            prop_assert_eq!(plate.as_str(), &text);
            prop_assert_eq!(PlateNumber::parse(&plate.display().to_lowercase()), Ok(plate));
        }

        #[test]
        fn nothing_that_is_typed_panics(text in "\\PC{0,12}") {
            if let Ok(plate) = PlateNumber::parse(&text) {
                prop_assert_eq!(PlateNumber::parse(plate.as_str()), Ok(plate.clone()));
            }
            let _ = (display(&text), masked(&text));
        }
    }
}
