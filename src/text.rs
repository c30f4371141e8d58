//! Cleaning of typed and imported text; parsers see what a person meant, not how a keyboard wrote it.

/// Full-width letters, digits and signs to ASCII, every kind of space to a plain one, invisible marks dropped.
pub fn half_width(text: &str) -> String {
    text.chars().filter_map(half_width_char).collect()
}

/// [`half_width`], trimmed, and runs of white space collapsed to one space.
pub fn clean(text: &str) -> String {
    half_width(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text as a cell of a file of ours: no spreadsheet calculates it (promises R13), and an import reads it back as it was.
///
/// What begins like a formula gets an apostrophe in front, and so does what would lose one of its own when it is read.
pub fn as_cell(text: &str) -> String {
    let text = text.trim_start_matches('\u{FEFF}');
    let is_quoted = begins_like_formula(text) || text.strip_prefix('\'').is_some_and(is_cell_mark);
    let clean = text.replace('\0', "");
    if is_quoted { format!("'{clean}") } else { clean }
}

/// Whether an apostrophe in front of this is the mark of an export and no part of the text.
pub fn is_cell_mark(rest: &str) -> bool {
    let is_number = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    is_number || begins_like_formula(rest) || rest.strip_prefix('\'').is_some_and(is_cell_mark)
}

fn begins_like_formula(text: &str) -> bool {
    // Excel takes the full-width forms for the others, and skips spaces, a NUL or a line end in front of them.
    const STARTS: [char; 13] = [
        '=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠', '﹣',
    ];
    text.trim_start_matches(' ').starts_with(STARTS)
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

    #[test]
    fn no_cell_begins_like_a_formula() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("+8613905717715", "'+8613905717715"),
            ("-5", "'-5"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\0=1", "'=1"),
            ("＝1", "'＝1"),
            ("＋1", "'＋1"),
            ("－1", "'－1"),
            ("＠x", "'＠x"),
            ("  =1", "'  =1"),
            ("\u{FEFF}=1", "'=1"),
            ("'=1", "''=1"),
            ("'138", "''138"),
            ("'t Hooft", "'t Hooft"),
            ("138 **** 2046", "138 **** 2046"),
            ("张=伟", "张=伟"),
            ("", ""),
        ] {
            assert_eq!(as_cell(text), written, "{text:?}");
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
