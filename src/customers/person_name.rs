//! Names of people: what is shown where the whole name must not be, and the character they are filed under.

use crate::text::clean;

/// Surnames of two characters in use (复姓); every other Chinese surname has one.
const COMPOUND_SURNAMES: &[&str] = &[
    "欧阳", "上官", "司马", "司徒", "司空", "诸葛", "夏侯", "东方", "皇甫", "尉迟", "公孙", "公羊", "公冶",
    "轩辕", "令狐", "钟离", "宇文", "长孙", "慕容", "鲜于", "闾丘", "百里", "南宫", "端木", "呼延", "独孤",
    "西门", "东郭", "申屠", "太史", "濮阳", "淳于", "单于", "澹台", "赫连", "万俟", "拓跋", "完颜", "耶律",
    "纳兰", "第五", "公西", "乐正", "左丘", "梁丘", "仲孙", "叔孙", "宗政", "巫马", "漆雕",
];

/// Courtesy titles that stand behind a name in lists of other systems.
const TITLES: [&str; 6] = ["先生", "女士", "小姐", "太太", "老师", "师傅"];

/// More stars than this would tell how long a name is.
const MAX_STARS: usize = 3;

/// Surname and stars: `张*`, `欧阳**`, `J***`.
pub fn masked(name: &str) -> String {
    let name = clean(name);
    let (name, _) = split_title(&name);
    let kept = surname(name);
    let hidden = name[kept.len()..].chars().filter(|c| c.is_alphanumeric()).count();
    let stars = if kept.is_empty() {
        0
    } else {
        hidden.clamp(1, MAX_STARS)
    };
    format!("{kept}{}", "*".repeat(stars))
}

/// The name and the title behind it: `张伟 先生` is `张伟` and `先生`.
///
/// One character keeps its title: 张先生 is all that is known of him.
pub fn split_title(name: &str) -> (&str, Option<&'static str>) {
    let found = TITLES.iter().find_map(|title| {
        let bare = name.strip_suffix(title)?.trim_end();
        (bare.chars().count() > 1).then_some((bare, Some(*title)))
    });
    found.unwrap_or((name, None))
}

/// Two spellings of one name have one key: without spaces, case, width and title.
pub fn key(name: &str) -> String {
    let name = clean(name);
    let (name, _) = split_title(&name);
    name.to_lowercase().replace(' ', "")
}

/// The first character, by which one-character searches find a person; `None` of an empty name.
pub fn initial(name: &str) -> Option<char> {
    clean(name).chars().next()
}

/// The surname, or the first character where none can be told.
pub fn surname(name: &str) -> &str {
    // A name of two characters has room for a surname of one only.
    let compound = COMPOUND_SURNAMES
        .iter()
        .find(|surname| name.starts_with(**surname) && name.chars().count() > 2);
    let first = name.chars().next().map_or(0, char::len_utf8);
    compound.copied().unwrap_or(&name[..first])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_masked_name_keeps_the_surname() {
        for (name, expected) in [
            ("张伟", "张*"),
            ("张伟强", "张**"),
            ("欧阳建国", "欧阳**"),
            ("欧阳锋", "欧阳*"),
            ("司马", "司*"),
            (" 张　伟 ", "张*"),
            ("张", "张*"),
            ("John Smith", "J***"),
            ("买买提·吐尔逊", "买***"),
            ("诸葛亮", "诸葛*"),
            ("司马相如", "司马**"),
            ("尉迟恭", "尉迟*"),
            ("东方不败", "东方**"),
            ("令狐冲", "令狐*"),
            ("张伟先生", "张*"),
            ("欧阳建国女士", "欧阳**"),
            ("张先生", "张**"),
            ("张伟强 先生", "张**"),
            ("２号客户", "2***"),
            ("", ""),
        ] {
            assert_eq!(masked(name), expected, "{name}");
        }
    }

    #[test]
    fn a_title_behind_a_name_is_not_part_of_it() {
        for (name, bare, title) in [
            ("张伟先生", "张伟", Some("先生")),
            ("张伟 先生", "张伟", Some("先生")),
            ("欧阳锋女士", "欧阳锋", Some("女士")),
            ("李娜小姐", "李娜", Some("小姐")),
            ("王芳太太", "王芳", Some("太太")),
            ("张先生", "张先生", None),
            ("欧阳先生", "欧阳", Some("先生")),
            ("先生", "先生", None),
            ("张伟", "张伟", None),
            ("", "", None),
        ] {
            assert_eq!(split_title(name), (bare, title), "{name}");
        }
    }

    #[test]
    fn spellings_of_one_name_have_one_key() {
        for (name, expected) in [
            (" 张　伟 ", "张伟"),
            ("张伟先生", "张伟"),
            ("张伟 女士", "张伟"),
            ("张先生", "张先生"),
            ("JOHN Smith", "johnsmith"),
            ("Ｊｏｈｎ　Ｓｍｉｔｈ", "johnsmith"),
            ("", ""),
        ] {
            assert_eq!(key(name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_is_filed_under_its_first_character() {
        assert_eq!(initial("　欧阳锋"), Some('欧'));
        assert_eq!(initial(" "), None);
    }

    proptest! {
        #[test]
        fn a_key_is_its_own_key_and_no_spelling_changes_it(
            name in "[\u{4e00}-\u{9fa5}]{2,5}|[A-Za-z]{1,8} [A-Za-z]{1,8}",
            title in "|先生|女士",
        ) {
            let expected = key(&name);
            prop_assert_eq!(key(&expected), expected.clone());
            prop_assert_eq!(key(&format!("\u{3000}{} ", name.to_uppercase())), expected.clone());
            let spaced: String = name.chars().flat_map(|c| [c, '\u{3000}']).collect();
            prop_assert_eq!(key(&spaced), expected.clone());
            let (bare, _) = split_title(&name);
            prop_assume!(bare == name);
            prop_assert_eq!(key(&format!("{name}{title}")), expected);
        }
    }
}
