//! Names of people: what is shown where the whole name must not be, and the character they are filed under.

use crate::text::clean;

/// Surnames of two characters in use (复姓); every other Chinese surname has one.
const COMPOUND_SURNAMES: &[&str] = &[
    "欧阳", "上官", "司马", "司徒", "司空", "诸葛", "夏侯", "东方", "皇甫", "尉迟", "公孙", "公羊", "公冶",
    "轩辕", "令狐", "钟离", "宇文", "长孙", "慕容", "鲜于", "闾丘", "百里", "南宫", "端木", "呼延", "独孤",
    "西门", "东郭", "申屠", "太史", "濮阳", "淳于", "单于", "澹台", "赫连", "万俟", "拓跋", "完颜", "耶律",
    "纳兰", "第五", "公西", "乐正", "左丘", "梁丘", "仲孙", "叔孙", "宗政", "巫马", "漆雕",
];

/// More stars than this would tell how long a name is.
const MAX_STARS: usize = 3;

/// Surname and stars: `张*`, `欧阳**`, `J***`.
pub fn masked(name: &str) -> String {
    let name = clean(name);
    let kept = surname(&name);
    let hidden = name[kept.len()..].chars().filter(|c| c.is_alphanumeric()).count();
    let stars = if kept.is_empty() {
        0
    } else {
        hidden.clamp(1, MAX_STARS)
    };
    format!("{kept}{}", "*".repeat(stars))
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
            ("", ""),
        ] {
            assert_eq!(masked(name), expected, "{name}");
        }
    }

    #[test]
    fn a_name_is_filed_under_its_first_character() {
        assert_eq!(initial("　欧阳锋"), Some('欧'));
        assert_eq!(initial(" "), None);
    }
}
