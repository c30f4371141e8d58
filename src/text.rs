//! Cleaning of typed and imported text; parsers see what a person meant, not how a keyboard wrote it.

/// Full-width letters, digits and signs to ASCII, every kind of space to a plain one, invisible marks dropped.
pub fn half_width(text: &str) -> String {
    text.chars().filter_map(half_width_char).collect()
}

/// [`half_width`], trimmed, and runs of white space collapsed to one space.
pub fn clean(text: &str) -> String {
    half_width(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn half_width_char(c: char) -> Option<char> {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0),
        '\u{FFE5}' => Some('¥'),
        // Zero-width and direction marks: phone books and chat programs put them round numbers.
        '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}'
        | '\u{00AD}' => None,
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_read_as_it_was_meant() {
        for (raw, expected) in [
            ("  张　伟\t强 \n", "张 伟 强"),
            ("１３８（０００）１２３４＋ＡＢｃ～", "138(000)1234+ABc~"),
            ("\u{202D}138 0013 8000\u{202C}\u{FEFF}", "138 0013 8000"),
            ("￥１，２８６．００", "¥1,286.00"),
            ("a\u{00A0}b\u{0007}", "a b"),
            ("“好”，。", "“好”,。"),
            ("　", ""),
        ] {
            assert_eq!(clean(raw), expected, "{raw:?}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in "\\PC*") {
            let once = clean(&text);
            prop_assert_eq!(clean(&once), once);
        }
    }
}
