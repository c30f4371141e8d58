//! Vehicle identification numbers (GB 16735, ISO 3779).

use std::fmt;

use crate::text::clean;

const LENGTH: usize = 17;

/// Model years A = 1980 or 2010 onwards, thirty to a round: no I, O, Q, U, Z and 0.
const MODEL_YEARS: &str = "ABCDEFGHJKLMNPRSTVWXY123456789";

/// Weight of each position in the check sum; the check digit itself weighs nothing.
const WEIGHTS: [u32; LENGTH] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/// Seventeen characters, upper-case; or, made by [`Vin::legacy`], a short number from before 1997.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Vin(String);

/// The check digit (position 9) does not fit: a typing mistake, unless the person insists.
///
/// Only for cars built in China (L, H) and North America (1 to 5), where it is mandatory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VinWarning {
    pub expected: char,
    pub found: char,
}

/// Why a text is no VIN.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VinError {
    #[error("empty")]
    Empty,
    #[error("{found} characters")]
    Length { found: usize },
    /// `position` counts from 1; `offer` is the whole number with O read as 0, I as 1, Q as 0.
    #[error("{found} at {position}")]
    Character {
        found: char,
        position: usize,
        offer: Option<Vin>,
    },
}

impl Vin {
    /// A warning is to be shown and may be overridden; the VIN is valid all the same.
    pub fn parse(raw: &str) -> Result<(Vin, Option<VinWarning>), VinError> {
        let text = normalised(raw)?;
        let found = text.chars().count();
        if found != LENGTH {
            return Err(VinError::Length { found });
        }
        if let Some((index, found)) = text.chars().enumerate().find(|(_, c)| value(*c).is_none()) {
            return Err(VinError::Character {
                found,
                position: index + 1,
                offer: offer(&text),
            });
        }
        let vin = Vin(text);
        let warning = vin.warning();
        Ok((vin, warning))
    }

    /// A frame number of 5 to 16 letters and digits, of a car older than the rule (before 1997).
    pub fn legacy(raw: &str) -> Result<Vin, VinError> {
        let text = normalised(raw)?;
        if let Some((index, found)) = text.chars().enumerate().find(|(_, c)| !c.is_ascii_alphanumeric()) {
            return Err(VinError::Character {
                found,
                position: index + 1,
                offer: None,
            });
        }
        let found = text.len();
        if (5..LENGTH).contains(&found) {
            Ok(Vin(text))
        } else {
            Err(VinError::Length { found })
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Maker and tail, `LSV*******014427`; the number of stars says nothing.
    pub fn masked(&self) -> String {
        masked(&self.0)
    }

    /// The serial number, by which staff look cars up.
    pub fn tail6(&self) -> &str {
        &self.0[self.0.len().saturating_sub(6)..]
    }

    /// Model year by position 10, the latest round that is at most the year after `this_year`.
    pub fn model_year(&self, this_year: i32) -> Option<i32> {
        let code = self.0.chars().nth(9).filter(|_| self.0.len() == LENGTH)?;
        let offset = i32::try_from(MODEL_YEARS.find(code)?).ok()?;
        [2040, 2010, 1980]
            .into_iter()
            .map(|round| round + offset)
            .find(|year| *year <= this_year + 1)
    }

    fn warning(&self) -> Option<VinWarning> {
        if !self.0.starts_with(['L', 'H', '1', '2', '3', '4', '5']) {
            return None;
        }
        let sum: u32 = self
            .0
            .chars()
            .filter_map(value)
            .zip(WEIGHTS)
            .map(|(value, weight)| value * weight)
            .sum();
        let expected = char::from_digit(sum % 11, 10).unwrap_or('X');
        let found = self.0.chars().nth(8)?;
        (expected != found).then_some(VinWarning { expected, found })
    }
}

impl fmt::Debug for Vin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vin({})", self.masked())
    }
}

/// [`Vin::masked`] of a VIN that comes from the database.
pub fn masked(vin: &str) -> String {
    match (
        vin.get(..3),
        vin.len().checked_sub(6).and_then(|start| vin.get(start..)),
    ) {
        (Some(maker), Some(tail)) if vin.len() == LENGTH => format!("{maker}*******{tail}"),
        // A short number would be given away by nine of its characters.
        _ => {
            let tail = vin
                .len()
                .checked_sub(4)
                .and_then(|start| vin.get(start..))
                .unwrap_or_default();
            format!("*******{tail}")
        }
    }
}

fn normalised(raw: &str) -> Result<String, VinError> {
    let text = clean(raw);
    // The stars of a bar code stand round the number; within it they hide what it is.
    let text: String = text
        .trim_matches(['*', ' '])
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '.'))
        .collect();
    if text.is_empty() {
        Err(VinError::Empty)
    } else {
        Ok(text.to_uppercase())
    }
}

/// The digit that a letter is mistaken for, of the three letters that VINs avoid.
pub fn looks_like(letter: char) -> Option<char> {
    match letter {
        'O' | 'Q' => Some('0'),
        'I' => Some('1'),
        _ => None,
    }
}

/// The number with the three letters that VINs avoid read as the digits they look like.
fn offer(text: &str) -> Option<Vin> {
    let fixed: String = text.chars().map(|c| looks_like(c).unwrap_or(c)).collect();
    fixed.chars().all(|c| value(c).is_some()).then_some(Vin(fixed))
}

/// What a character counts in the check sum; `None` of one that VINs do not use.
fn value(c: char) -> Option<u32> {
    match c {
        '0'..='9' => c.to_digit(10),
        'A'..='H' => Some(u32::from(c) - u32::from('A') + 1),
        'J'..='N' => Some(u32::from(c) - u32::from('J') + 1),
        'P' => Some(7),
        'R' => Some(9),
        'S'..='Z' => Some(u32::from(c) - u32::from('S') + 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_wrong_check_digit_warns_where_it_is_mandatory() {
        for (raw, warning) in [
            ("1M8GDM9AXKP042788", None),
            ("11111111111111111", None),
            ("LSVNV4188D2000001", None),
            (
                "LSVNV4180D2000001",
                Some(VinWarning {
                    expected: '8',
                    found: '0',
                }),
            ),
            (
                "1M8GDM9A1KP042788",
                Some(VinWarning {
                    expected: 'X',
                    found: '1',
                }),
            ),
            ("WVWZZZ1JZ3W386752", None),
            ("JHMCM56557C404453", None),
            ("JHMCM56507C404453", None),
            (
                "HSVNV4180D2000001",
                Some(VinWarning {
                    expected: '4',
                    found: '0',
                }),
            ),
        ] {
            let (vin, found) = Vin::parse(raw).unwrap();
            assert_eq!((vin.as_str(), found), (raw, warning));
        }
    }

    #[test]
    fn the_check_digit_is_strict_for_makers_that_must_have_it() {
        for first in ('0'..='9').chain('A'..='Z').filter(|c| !"IOQ".contains(*c)) {
            let is_strict = "LH12345".contains(first);
            let warnings = "0123456789X"
                .chars()
                .filter(|digit| {
                    Vin::parse(&format!("{first}SVNV418{digit}D2000001"))
                        .unwrap()
                        .1
                        .is_some()
                })
                .count();
            assert_eq!(warnings, if is_strict { 10 } else { 0 }, "{first}");
        }
    }

    #[test]
    fn a_vin_is_read_however_it_was_typed() {
        for raw in [
            "lsvnv4188d2000001",
            "*LSVNV4188D2000001*",
            "LSV NV4188 D2 000001",
            "LSV-NV4188-D2.000001",
            "\u{FEFF}LSVNV4188D2000001\u{200B}",
        ] {
            assert_eq!(Vin::parse(raw).unwrap().0.as_str(), "LSVNV4188D2000001", "{raw}");
        }
        let (vin, _) = Vin::parse(" ｌｓｖNV418 8d2-000001").unwrap();
        assert_eq!(vin.as_str(), "LSVNV4188D2000001");
        assert_eq!(
            (vin.masked().as_str(), vin.tail6()),
            ("LSV*******000001", "000001")
        );
        assert_eq!(format!("{vin:?}"), "Vin(LSV*******000001)");
    }

    #[test]
    fn what_is_no_vin_is_refused_by_name() {
        assert_eq!(Vin::parse("　"), Err(VinError::Empty));
        assert_eq!(
            Vin::parse("LSVNV4188D200001"),
            Err(VinError::Length { found: 16 })
        );
        let refused = |raw: &str, found, position, offer: Option<&str>| {
            let offer = offer.map(|text| Vin(text.to_owned()));
            assert_eq!(
                Vin::parse(raw),
                Err(VinError::Character {
                    found,
                    position,
                    offer
                }),
                "{raw}"
            );
        };
        refused("LSVNV4188D2OOO0QI", 'O', 12, Some("LSVNV4188D2000001"));
        refused("LSVNV4188D2I00001", 'I', 12, Some("LSVNV4188D2100001"));
        refused("LSVNV4188D2Q00001", 'Q', 12, Some("LSVNV4188D2000001"));
        refused("LSVNV4188D2#O0001", '#', 12, None);
        refused("LSV********000001", '*', 4, None);
    }

    #[test]
    fn an_old_frame_number_is_kept_as_it_is() {
        let old = Vin::legacy("ae86-5012345").unwrap();
        assert_eq!(
            (old.as_str(), old.masked().as_str(), old.model_year(2026)),
            ("AE865012345", "*******2345", None)
        );
        for raw in ["HT1234567890", "12345", "VF1-1234567890123"] {
            assert!(Vin::legacy(raw).is_ok(), "{raw}");
        }
        assert_eq!(
            Vin::legacy("LSV*******000001"),
            Err(VinError::Character {
                found: '*',
                position: 4,
                offer: None
            }),
            "a masked number is no number"
        );
        assert_eq!(Vin::legacy("1234"), Err(VinError::Length { found: 4 }));
        assert_eq!(
            Vin::legacy("LSVNV4188D2000001"),
            Err(VinError::Length { found: 17 })
        );
    }

    #[test]
    fn the_model_year_is_the_latest_that_can_be() {
        for (code, this_year, expected) in [
            ('D', 2026, 2013),
            ('A', 2026, 2010),
            ('R', 2026, 2024),
            ('S', 2026, 2025),
            ('T', 2026, 2026),
            ('1', 2026, 2001),
            ('Y', 2026, 2000),
            ('9', 2039, 2039),
            ('B', 2039, 2011),
            ('V', 2026, 2027),
            ('W', 2026, 1998),
            ('9', 2026, 2009),
            ('A', 2039, 2040),
        ] {
            let (vin, _) = Vin::parse(&format!("WSVNV4188{code}2000001")).unwrap();
            assert_eq!(vin.model_year(this_year), Some(expected), "{code} in {this_year}");
        }
    }

    #[test]
    fn letters_that_no_model_year_has_tell_none() {
        for code in ['U', 'Z', '0'] {
            let (vin, _) = Vin::parse(&format!("WSVNV4188{code}2000001")).unwrap();
            assert_eq!(vin.model_year(2026), None, "{code}");
        }
        let codes: Vec<char> = MODEL_YEARS.chars().collect();
        for (code, year) in codes.iter().zip(2010..) {
            let (vin, _) = Vin::parse(&format!("WSVNV4188{code}2000001")).unwrap();
            assert_eq!(vin.model_year(2038), Some(year), "{code}");
        }
    }

    proptest! {
        #[test]
        fn a_vin_reads_back(text in "[A-HJ-NPR-Z0-9]{17}") {
            let (vin, _) = Vin::parse(&text).unwrap();
            prop_assert_eq!(vin.as_str(), text.as_str());
            prop_assert!(!vin.masked().contains(&text[3..11]));
        }

        #[test]
        fn exactly_one_check_digit_fits(text in "L[A-HJ-NPR-Z0-9]{16}") {
            let fits = "0123456789X".chars().filter(|digit| {
                let candidate = format!("{}{digit}{}", &text[..8], &text[9..]);
                Vin::parse(&candidate).unwrap().1.is_none()
            });
            prop_assert_eq!(fits.count(), 1);
        }

        #[test]
        fn nothing_that_is_typed_panics(text in "\\PC{0,20}") {
            let _ = (Vin::parse(&text), Vin::legacy(&text), masked(&text));
        }
    }
}
