//! A line that names a case: the beginning of the customer's words, cut where a sentence breathes.

/// Widest line, counted in half widths: 22 Chinese characters.
const WIDEST: usize = 44;
/// A clause narrower than this says too little alone: "你好，".
const NARROWEST: usize = 14;

/// How people begin before they say anything.
const OPENERS: [&str; 9] = [
    "您好",
    "你好",
    "喂",
    "那个",
    "客户反映",
    "客户表示",
    "客户称",
    "hello",
    "hi",
];

/// The line for these words; empty if there are none.
pub fn headline(words: &str) -> String {
    let text = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = without_opener(&text);
    let mut line = String::new();
    for clause in clauses(text) {
        let joined = width(&line) + width(clause);
        if !line.is_empty() && (width(&line) >= NARROWEST || joined > WIDEST) {
            break;
        }
        line.push_str(clause);
        if ends_sentence(clause) && width(&line) >= NARROWEST {
            break;
        }
    }
    let line = line.trim_end_matches(is_stop).trim();
    cut(line)
}

/// Pieces that end with a stop, in order; the stop belongs to its piece. The dot of "1.4T" is none.
fn clauses(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let is_within = chars.peek().is_some_and(|(_, next)| next.is_ascii_alphanumeric());
        if is_stop(c) && !(c.is_ascii() && is_within) {
            let end = at + c.len_utf8();
            pieces.push(&text[start..end]);
            start = end;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

fn is_stop(c: char) -> bool {
    matches!(
        c,
        '，' | '。' | '；' | '！' | '？' | '：' | '、' | ',' | '.' | ';' | '!' | '?' | '…' | '~' | '～'
    )
}

fn ends_sentence(clause: &str) -> bool {
    clause.ends_with(['。', '！', '？', '!', '?', '；'])
}

fn without_opener(text: &str) -> &str {
    let mut rest = text.trim_start_matches(|c: char| is_stop(c) || c == ' ');
    loop {
        let lower = rest.to_lowercase();
        let opener = OPENERS.iter().find(|opener| {
            lower
                .strip_prefix(**opener)
                .is_some_and(|after| after.starts_with(is_stop))
        });
        let Some(opener) = opener else {
            return rest;
        };
        // Openers are written alike in both cases, so their length is the text's own.
        let after = rest.get(opener.len()..).unwrap_or_default();
        let after = after.trim_start_matches(|c: char| is_stop(c) || c == ' ');
        if after.is_empty() {
            return rest;
        }
        rest = after;
    }
}

/// A line that is too wide loses its end: at a space if one is near, else between two characters.
fn cut(line: &str) -> String {
    if width(line) <= WIDEST {
        return line.to_owned();
    }
    let mut taken = 0;
    let mut end = 0;
    for (at, c) in line.char_indices() {
        taken += char_width(c);
        if taken > WIDEST - 2 {
            break;
        }
        end = at + c.len_utf8();
    }
    let head = &line[..end];
    let is_inside_word = line[end..].starts_with(|c: char| c.is_ascii_alphanumeric())
        && head.ends_with(|c: char| c.is_ascii_alphanumeric());
    let space = head
        .rfind(' ')
        .filter(|space| is_inside_word && *space * 2 > head.len());
    format!(
        "{}…",
        head[..space.unwrap_or(head.len())]
            .trim_end_matches(is_stop)
            .trim_end()
    )
}

fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// ASCII is half as wide as everything else.
fn char_width(c: char) -> usize {
    if c.is_ascii() { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_case_is_named_by_how_its_words_begin() {
        for (words, expected) in [
            (
                "上周六做的右后门补漆，白天一看跟前门明显不是一个颜色。我要的是原厂色。",
                "上周六做的右后门补漆",
            ),
            ("异响没有修好，开了两天又响了。", "异响没有修好"),
            ("您好，我的车，空调不冷。", "我的车，空调不冷"),
            ("你好！喂，等了两个小时没人管。", "等了两个小时没人管"),
            ("太慢", "太慢"),
            (
                "报价八百六，结账一千一百四，多出来的项目没有人跟我说过。",
                "报价八百六，结账一千一百四",
            ),
            ("您好。", "您好"),
            ("客户反映：交车时门上多了一道划痕", "交车时门上多了一道划痕"),
            (
                "说好一个半小时，等了快两个小时，也没人过来讲一声。",
                "说好一个半小时",
            ),
            (
                "我去年十二月在你们店买的车到现在不到一年变速箱已经修了三次每次都说修好了",
                "我去年十二月在你们店买的车到现在不到一年变…",
            ),
            (
                "The gearbox was repaired three times and it still jerks when I pull away in the morning",
                "The gearbox was repaired three times and…",
            ),
            (
                "Hi, the price was higher than agreed.",
                "the price was higher than agreed",
            ),
            ("  换行\n后面  还有。", "换行 后面 还有"),
            ("发动机舱异响 1.4T 的车", "发动机舱异响 1.4T 的车"),
            ("", ""),
            ("……", ""),
        ] {
            assert_eq!(headline(words), expected, "{words}");
        }
    }

    proptest! {
        #[test]
        fn a_headline_fits_its_line_and_is_never_lost(words in "\\PC{0,200}") {
            let line = headline(&words);
            prop_assert!(width(&line) <= WIDEST, "{}", line);
            prop_assert!(!line.contains('\n'));
            let says_something = words.chars().any(|c| !is_stop(c) && !c.is_whitespace());
            prop_assert_eq!(line.is_empty(), !says_something, "{:?}", words);
        }
    }
}
