//! The piece of a shown text that was typed.

use crate::customers::search::typed::compact;
use crate::customers::search_keys::covered;

/// A text in three parts; the middle one was typed, and is empty where nothing of it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    pub before: String,
    pub hit: String,
    pub after: String,
}

impl Marked {
    /// Marks the typed piece, whatever its case and however it is divided; a shown text may end in a piece of it only,
    /// because the rest is masked.
    pub fn of(text: &str, typed: &str) -> Marked {
        let letters: Vec<(usize, char)> = text.char_indices().filter(|(_, c)| c.is_alphanumeric()).collect();
        let shown: Vec<char> = letters
            .iter()
            .flat_map(|(_, c)| c.to_uppercase().next())
            .collect();
        let wanted: Vec<char> = compact(typed).chars().collect();
        let at = |from: usize, count: usize| {
            let start = letters[from].0;
            let (last, c) = letters[from + count - 1];
            Marked::cut(text, start, last + c.len_utf8())
        };
        if !wanted.is_empty()
            && let Some(from) = shown.windows(wanted.len()).position(|piece| piece == wanted)
        {
            return at(from, wanted.len());
        }
        let tail = (1..wanted.len())
            .rev()
            .find(|count| shown.ends_with(&wanted[wanted.len() - count..]));
        match tail {
            Some(count) if count >= 4 => at(shown.len() - count, count),
            Some(_) | None => Marked::plain(text),
        }
    }

    /// Marks the characters of a name that typed pinyin or initials stand for.
    pub fn of_pinyin(name: &str, typed: &str) -> Marked {
        let end = name
            .char_indices()
            .nth(covered(name, typed))
            .map_or(name.len(), |(end, _)| end);
        Marked::cut(name, 0, end)
    }

    pub fn plain(text: &str) -> Marked {
        Marked {
            before: text.to_owned(),
            ..Marked::default()
        }
    }

    fn cut(text: &str, start: usize, end: usize) -> Marked {
        Marked {
            before: text[..start].to_owned(),
            hit: text[start..end].to_owned(),
            after: text[end..].to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_marked_however_it_was_written() {
        for (text, typed, expected) in [
            ("赵雅楠", "雅楠", ("赵", "雅楠", "")),
            ("浙A·7K2M9", "k2m9", ("浙A·7", "K2M9", "")),
            ("浙A·7K2M9", "浙a7k2m9", ("", "浙A·7K2M9", "")),
            ("139 **** 7715", "7715", ("139 **** ", "7715", "")),
            ("139 **** 7715", "13905717715", ("139 **** ", "7715", "")),
            (
                "LSV*******014427",
                "LSVNV4188D2014427",
                ("LSV*******", "014427", ""),
            ),
            ("RO-26112108", "ro-2611", ("", "RO-2611", "2108")),
            ("John Smith", "john s", ("", "John S", "mith")),
            ("赵雅楠", "zyn", ("赵雅楠", "", "")),
            ("", "x", ("", "", "")),
        ] {
            let marked = Marked::of(text, typed);
            let parts = (marked.before.as_str(), marked.hit.as_str(), marked.after.as_str());
            assert_eq!(parts, expected, "{typed} in {text}");
        }
        let pinyin = Marked::of_pinyin("赵雅楠", "zhaoy");
        assert_eq!((pinyin.hit.as_str(), pinyin.after.as_str()), ("赵雅", "楠"));
        assert_eq!(Marked::of_pinyin("赵雅楠", "li").after, "赵雅楠");
    }
}
