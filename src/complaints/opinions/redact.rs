//! Covers what names a person in the words of a case (pure).

/// What stands in the place of what is covered, in the language of the file.
#[derive(Clone, Copy, Debug)]
pub struct Covers {
    pub number: &'static str,
    pub plate: &'static str,
    pub name: &'static str,
    pub mail: &'static str,
}

/// The first characters of plates.
const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领";
/// Fewer digits than this are a price, a mileage, a date without a year.
const DIGITS: usize = 7;

/// The words without numbers of telephones and papers, plates, addresses of mail and the customer's own name.
///
/// It covers rather too much than too little: a mileage of seven digits goes, too.
pub fn redact(words: &str, name: Option<&str>, covers: Covers) -> String {
    let mut text = words.to_owned();
    if let Some(name) = name.map(str::trim).filter(|name| name.chars().count() > 1) {
        text = text.replace(name, covers.name);
    }
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let (length, cover) = if let Some(length) = mail(rest) {
            (length, covers.mail)
        } else if let Some(length) = plate(rest) {
            (length, covers.plate)
        } else if let Some(length) = number(rest) {
            (length, covers.number)
        } else {
            out.push(chars[at]);
            at += 1;
            continue;
        };
        out.push_str(cover);
        at += length;
    }
    out
}

/// Full-width forms as their plain ones.
fn plain(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c => c,
    }
}

/// The length of a number of seven digits or more that begins here, with the signs that people write into it.
fn number(chars: &[char]) -> Option<usize> {
    let is_digit = |c: char| plain(c).is_ascii_digit();
    let first = plain(*chars.first()?);
    if !(first.is_ascii_digit() || (first == '+' && chars.get(1).is_some_and(|c| is_digit(*c)))) {
        return None;
    }
    let (mut digits, mut length) = (0, 0);
    for (i, c) in chars.iter().enumerate() {
        match plain(*c) {
            c if c.is_ascii_digit() => {
                digits += 1;
                length = i + 1;
            }
            // The last sign of an identity number.
            'x' | 'X' if digits == 17 => {
                length = i + 1;
                break;
            }
            ' ' | '-' | '(' | ')' | '+' | '.' | '\u{2014}' | '\u{2013}' if i < length + 2 => {}
            _ => break,
        }
    }
    (digits >= DIGITS).then_some(length)
}

/// The length of a plate that begins here: province, letter, five or six signs, with a dot or a space between.
fn plate(chars: &[char]) -> Option<usize> {
    if !PROVINCES.contains(*chars.first()?) || !plain(*chars.get(1)?).is_ascii_alphabetic() {
        return None;
    }
    let mut at = 2;
    while chars
        .get(at)
        .is_some_and(|c| matches!(plain(*c), '\u{B7}' | '\u{2022}' | '\u{30FB}' | ' ' | '-' | '.'))
    {
        at += 1;
    }
    let signs = chars[at..]
        .iter()
        .take_while(|c| plain(**c).is_ascii_alphanumeric() || matches!(c, '学' | '警' | '挂' | '港' | '澳'))
        .count();
    (5..=6).contains(&signs).then_some(at + signs)
}

/// The length of an address of mail that begins here.
fn mail(chars: &[char]) -> Option<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let before = chars.iter().take_while(|c| is_part(plain(**c))).count();
    if before == 0 || plain(*chars.get(before)?) != '@' {
        return None;
    }
    let after = chars[before + 1..]
        .iter()
        .take_while(|c| is_part(plain(**c)))
        .count();
    (after > 2).then_some(before + 1 + after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COVERS: Covers = Covers {
        number: "#",
        plate: "P",
        name: "N",
        mail: "@",
    };

    #[test]
    fn numbers_plates_and_names_are_covered_and_little_else() {
        for (words, expected) in [
            ("变速箱顿挫，电话13905717715请回电", "变速箱顿挫，电话#请回电"),
            ("电话 139 0571 7715。", "电话 #。"),
            ("打 0571-8812 3456 找我", "打 # 找我"),
            ("＋86 １３９０５７１７７１５", "#"),
            ("车牌浙A7K2M9异响", "车牌P异响"),
            ("浙A·D12345 掉电", "P 掉电"),
            ("身份证33010619900101123X", "身份证#"),
            ("我是王建国，王建国的车", "我是N，N的车"),
            ("发到 wang.jg@example.com 吧", "发到 @ 吧"),
            (
                "61,280 公里换过 2 次，花了 3800 元",
                "61,280 公里换过 2 次，花了 3800 元",
            ),
            ("2026-11-24 修的", "# 修的"),
            ("60000公里", "60000公里"),
            ("川流不息的路上A柱异响", "川流不息的路上A柱异响"),
            ("", ""),
        ] {
            assert_eq!(redact(words, Some("王建国"), COVERS), expected, "{words}");
        }
        assert_eq!(
            redact("王女士说", Some("王"), COVERS),
            "王女士说",
            "one character is no name"
        );
    }

    proptest! {
        #[test]
        fn no_telephone_is_left(before in "[\\p{Han} ]{0,6}", number in "1[3-9][0-9]{9}", after in "[\\p{Han}，]{0,6}") {
            let covered = redact(&format!("{before}{number}{after}"), None, COVERS);
            prop_assert!(!covered.contains(&number), "{}", covered);
        }

        #[test]
        fn any_text_is_taken(words in "\\PC{0,60}") {
            redact(&words, Some("王建国"), COVERS);
        }
    }
}
