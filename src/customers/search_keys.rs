//! Keys under which a name is found: pieces of the name itself, its pinyin and its initials.
//!
//! They fill the array column `customers.grams`. Every key begins with its store, `17|`, so that one
//! index serves all stores and no hit leaves its own. A query must be cleaned in the same way as a
//! name, which is why both live here.

use pinyin::{ToPinyin, ToPinyinMulti};

use super::person_name::surname;
use crate::text::half_width;

/// Keys of one name at most: a row of the index is written for each.
pub const MAX_KEYS: usize = 60;

/// Characters of a name that are indexed; longer ones are companies, found by their first words.
const MAX_CHARS: usize = 20;

/// Letters of pinyin that are indexed; three syllables have 18 at most.
const MAX_PINYIN: usize = 18;

/// Surnames that are read differently as such: the usual reading would be 单 dan, 曾 ceng, 尉 wei.
const SURNAME_READINGS: &[(&str, &str)] = &[
    ("单", "shan"),
    ("解", "xie"),
    ("查", "zha"),
    ("曾", "zeng"),
    ("仇", "qiu"),
    ("区", "ou"),
    ("尉", "wei"),
    ("朴", "piao"),
    ("盖", "ge"),
    ("任", "ren"),
    ("华", "hua"),
    ("翟", "zhai"),
    ("缪", "miao"),
    ("宁", "ning"),
    ("乐", "yue"),
    ("冼", "xian"),
    ("覃", "qin"),
    ("晁", "chao"),
    ("员", "yun"),
    ("葛", "ge"),
    ("召", "shao"),
    ("折", "she"),
    ("黑", "he"),
    ("种", "chong"),
    ("秘", "bi"),
    ("繁", "po"),
    ("洗", "xian"),
    ("隗", "wei"),
    ("郇", "xun"),
    ("逄", "pang"),
    ("谌", "chen"),
    ("那", "na"),
    ("过", "guo"),
    ("应", "ying"),
    ("纪", "ji"),
    ("柏", "bai"),
    ("卜", "bu"),
    ("车", "che"),
    ("万", "wan"),
    ("重", "chong"),
    ("长", "chang"),
    ("尉迟", "yu chi"),
    ("万俟", "mo qi"),
    ("长孙", "zhang sun"),
    ("澹台", "tan tai"),
    ("单于", "chan yu"),
];

/// What to ask the database for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryKeys {
    /// Nothing that a name could hold was typed.
    Nothing,
    /// One Chinese character: people whose name begins with it.
    Initial(char),
    /// Names that hold all keys; `recheck`, where given, must stand in the name as it is.
    Grams {
        keys: Vec<String>,
        recheck: Option<String>,
    },
    /// A beginning of the pinyin or of the initials.
    Pinyin(String),
}

/// The keys of a name, at most [`MAX_KEYS`], those that matter most first.
pub fn search_keys(store_id: i64, name: &str) -> Vec<String> {
    let letters = letters_of(name);
    let mut keys = Keys {
        store_id,
        keys: Vec::new(),
    };
    for start in 0..letters.len().min(MAX_CHARS) {
        keys.add(&String::from(letters[start]));
        if let Some(pair) = letters[..letters.len().min(MAX_CHARS)].get(start..start + 2) {
            keys.add(&pair.iter().collect::<String>());
        }
    }
    for reading in readings_of(&letters) {
        let initials: String = reading
            .iter()
            .filter_map(|syllable| syllable.chars().next())
            .collect();
        keys.add_beginnings(&initials);
        keys.add_beginnings(&reading.concat());
    }
    keys.keys
}

/// What to send for a typed text: one Chinese character, several, or Latin letters.
pub fn query_keys(store_id: i64, typed: &str) -> QueryKeys {
    let letters = letters_of(typed);
    match letters[..] {
        [] => QueryKeys::Nothing,
        [single] if !is_latin(single) => QueryKeys::Initial(single),
        _ if letters.iter().copied().all(is_latin) => {
            let text: String = letters.into_iter().map(v_for_u).collect();
            QueryKeys::Pinyin(search_key(store_id, beginning(&text, MAX_PINYIN)))
        }
        _ => {
            let pairs = letters[..letters.len().min(MAX_CHARS)].windows(2);
            let mut keys: Vec<String> = pairs
                .map(|pair| search_key(store_id, &pair.iter().collect::<String>()))
                .collect();
            keys.sort();
            keys.dedup();
            // Two characters are one key; a name may spell Latin letters in another case than was typed.
            let has_latin = letters.iter().copied().any(is_latin);
            let recheck = (letters.len() > 2 && !has_latin).then(|| letters.iter().collect());
            QueryKeys::Grams { keys, recheck }
        }
    }
}

/// Keys of a name typed partly in pinyin, partly in characters, `zhang伟` or `张wei`: the pinyin of the whole and each
/// character. `None` of a text that is not mixed.
pub fn mixed_keys(store_id: i64, typed: &str) -> Option<Vec<String>> {
    let letters = letters_of(typed);
    let is_mixed = letters.iter().any(|c| c.is_ascii_alphabetic() || *c == 'ü')
        && !letters.iter().copied().all(is_latin);
    if !is_mixed {
        return None;
    }
    let likeliest = readings_of(&letters).swap_remove(0).concat();
    let mut keys = vec![search_key(store_id, beginning(&likeliest, MAX_PINYIN))];
    for c in letters.iter().copied().filter(|c| !is_latin(*c)) {
        keys.push(search_key(store_id, &String::from(c)));
    }
    Some(keys)
}

/// How many characters of a name the typed pinyin or initials stand for; 0 where they do not fit.
pub fn covered(name: &str, typed: &str) -> usize {
    let typed: String = letters_of(typed).into_iter().map(v_for_u).collect();
    let fits = |reading: &Vec<String>| {
        let initials: String = reading
            .iter()
            .filter_map(|syllable| syllable.chars().next())
            .collect();
        if initials.starts_with(&typed) {
            return Some(typed.chars().count());
        }
        if !reading.concat().starts_with(&typed) {
            return None;
        }
        let mut length = 0;
        let before = reading.iter().take_while(|syllable| {
            length += syllable.len();
            length < typed.len()
        });
        Some(before.count() + 1)
    };
    if typed.is_empty() {
        return 0;
    }
    readings_of(&letters_of(name)).iter().find_map(fits).unwrap_or(0)
}

/// How many characters a name has whose whole pinyin or whose initials these letters are: `zhangwei` 2, `zwq` 3.
pub fn syllables(typed: &str) -> i32 {
    let letters = letters_of(typed);
    let is_vowel = |c: &char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'v' | 'ü');
    let groups = letters
        .split(|c| !is_vowel(c))
        .filter(|vowels| !vowels.is_empty())
        .count();
    let count = if groups == 0 { letters.len() } else { groups };
    i32::try_from(count).unwrap_or(i32::MAX)
}

struct Keys {
    store_id: i64,
    keys: Vec<String>,
}

impl Keys {
    fn add(&mut self, text: &str) {
        let key = search_key(self.store_id, text);
        if self.keys.len() < MAX_KEYS && !self.keys.contains(&key) {
            self.keys.push(key);
        }
    }

    fn add_beginnings(&mut self, text: &str) {
        for length in 1..=text.chars().count().min(MAX_PINYIN) {
            self.add(beginning(text, length));
        }
    }
}

/// The key of a piece of a name as the index holds it.
pub fn search_key(store_id: i64, text: &str) -> String {
    format!("{store_id}|{text}")
}

fn beginning(text: &str, chars: usize) -> &str {
    text.char_indices()
        .nth(chars)
        .map_or(text, |(end, _)| &text[..end])
}

/// Letters and digits, lower-case; spaces, dots and apostrophes are not part of a name's key.
fn letters_of(text: &str) -> Vec<char> {
    half_width(text)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == 'ü'
}

fn v_for_u(c: char) -> char {
    if c == 'ü' { 'v' } else { c }
}

/// Syllables of the name: the likeliest reading first, then each with one syllable read otherwise.
fn readings_of(letters: &[char]) -> Vec<Vec<String>> {
    let mut syllables: Vec<Vec<String>> = letters.iter().take(MAX_CHARS).map(|c| syllables_of(*c)).collect();
    let name: String = letters.iter().collect();
    let surname = surname(&name);
    let (_, reading) = SURNAME_READINGS
        .iter()
        .find(|(known, _)| *known == surname)
        .unwrap_or(&("", ""));
    for (choices, syllable) in syllables.iter_mut().zip(reading.split_whitespace()) {
        choices.retain(|choice| choice != syllable);
        choices.insert(0, syllable.to_owned());
    }
    // Characters without a reading (rare ones) are passed over.
    syllables.retain(|choices| !choices.is_empty());
    let likeliest: Vec<String> = syllables.iter().map(|choices| choices[0].clone()).collect();
    let mut readings = vec![likeliest.clone()];
    for (position, choices) in syllables.iter().enumerate() {
        for other in &choices[1..] {
            let mut reading = likeliest.clone();
            reading[position].clone_from(other);
            readings.push(reading);
        }
    }
    readings
}

/// All readings of a character without tones, ü as v and as u; a Latin letter reads as itself.
fn syllables_of(c: char) -> Vec<String> {
    if is_latin(c) {
        return vec![String::from(v_for_u(c))];
    }
    let multi = c
        .to_pinyin_multi()
        .into_iter()
        .flatten()
        .map(|reading| reading.plain());
    let mut syllables: Vec<String> = Vec::new();
    for plain in c
        .to_pinyin()
        .map(|reading| reading.plain())
        .into_iter()
        .chain(multi)
    {
        for spelling in [plain.replace('ü', "v"), plain.replace('ü', "u")] {
            if spelling.is_ascii() && !syllables.contains(&spelling) {
                syllables.push(spelling);
            }
        }
    }
    syllables
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_found(name: &str, typed: &str) -> bool {
        let keys = search_keys(17, name);
        match query_keys(17, typed) {
            QueryKeys::Nothing => false,
            QueryKeys::Initial(c) => super::super::person_name::initial(name) == Some(c),
            QueryKeys::Grams {
                keys: wanted,
                recheck,
            } => {
                wanted.iter().all(|key| keys.contains(key)) && recheck.is_none_or(|text| name.contains(&text))
            }
            QueryKeys::Pinyin(key) => keys.contains(&key),
        }
    }

    #[test]
    fn a_name_has_the_keys_of_its_characters_pinyin_and_initials() {
        let expected = [
            "张",
            "张芳",
            "芳",
            "z",
            "zf",
            "zh",
            "zha",
            "zhan",
            "zhang",
            "zhangf",
            "zhangfa",
            "zhangfan",
            "zhangfang",
        ];
        let expected: Vec<String> = expected.iter().map(|text| format!("17|{text}")).collect();
        assert_eq!(search_keys(17, "张芳"), expected);
    }

    #[test]
    fn a_person_is_found_by_what_people_type() {
        for (name, typed) in [
            ("张伟强", "张"),
            ("张伟强", "伟强"),
            ("张伟强", "张伟强"),
            ("张伟强", "zhangwei"),
            ("张伟强", "ZHANG Wei"),
            ("张伟强", "zhang'weiq"),
            ("张伟强", "zwq"),
            ("张伟强", "ｚｗ"),
            ("吕洞宾", "lv"),
            ("吕洞宾", "lu"),
            ("吕洞宾", "lüdong"),
            ("单雄信", "shanx"),
            ("单雄信", "dan"),
            ("曾国藩", "zengguo"),
            ("仇英", "qiuy"),
            ("区志强", "ouzhiq"),
            ("区志强", "ozq"),
            ("解晓东", "xie"),
            ("查良镛", "zhal"),
            ("朴树", "piao"),
            ("盖叫天", "ge"),
            ("尉迟恭", "yuchig"),
            ("万俟卨", "moqi"),
            ("长孙无忌", "zhangsun"),
            ("重庆长安汽车", "chongqing"),
            ("王乐", "wangyue"),
            ("王乐", "wangle"),
            ("A强", "aqiang"),
            ("A强", "A强"),
            ("A强B", "a强b"),
            ("张伟强", "张 伟强"),
            ("John Smith", "john s"),
            ("买买提·吐尔逊", "提吐"),
        ] {
            assert!(
                is_found(name, typed),
                "{typed} must find {name}: {:?}",
                search_keys(17, name)
            );
        }
    }

    #[test]
    fn a_person_is_not_found_by_anything_else() {
        for (name, typed) in [
            ("张伟强", "强"),
            ("张伟强", "张强"),
            ("张伟强", "wei"),
            ("张伟强", "·"),
            ("张伟张强", "伟张伟"),
        ] {
            assert!(!is_found(name, typed), "{typed} must not find {name}");
        }
    }

    #[test]
    fn a_name_typed_partly_in_pinyin_is_found() {
        for (name, typed, is_there) in [
            ("张伟强", "zhang伟", true),
            ("张伟强", "张wei", true),
            ("张伟强", "张w", true),
            ("张伟强", "ZHANG 伟强", true),
            ("单雄信", "shan雄", true),
            ("吕洞宾", "lv洞", true),
            ("吕洞宾", "吕dong", true),
            ("章伟强", "张wei", false),
            ("张强", "zhang伟", false),
        ] {
            let keys = mixed_keys(17, typed).unwrap();
            let held = search_keys(17, name);
            assert_eq!(
                keys.iter().all(|key| held.contains(key)),
                is_there,
                "{typed} and {name}"
            );
        }
        assert_eq!(mixed_keys(17, "张伟"), None);
        assert_eq!(mixed_keys(17, "zhangwei"), None);
    }

    #[test]
    fn typed_pinyin_covers_the_characters_it_stands_for() {
        for (name, typed, count) in [
            ("张伟强", "zhang", 1),
            ("张伟强", "zha", 1),
            ("张伟强", "zhangw", 2),
            ("张伟强", "zhangweiq", 3),
            ("张伟强", "z", 1),
            ("张伟强", "zw", 2),
            ("张伟强", "zwq", 3),
            ("吕洞宾", "lv", 1),
            ("吕洞宾", "lud", 2),
            ("重庆长安汽车", "chongqing", 2),
            ("张伟强", "li", 0),
            ("张伟强", " ", 0),
        ] {
            assert_eq!(covered(name, typed), count, "{typed} in {name}");
        }
        for (typed, count) in [
            ("zhangwei", 2),
            ("zw", 2),
            ("zwq", 3),
            ("lv", 1),
            ("ouyangfeng", 3),
        ] {
            assert_eq!(syllables(typed), count, "{typed}");
        }
    }

    #[test]
    fn a_query_becomes_the_cheapest_question() {
        let gram = |text: &str| format!("17|{text}");
        assert_eq!(query_keys(17, " 张 "), QueryKeys::Initial('张'));
        assert_eq!(
            query_keys(17, "张伟"),
            QueryKeys::Grams {
                keys: vec![gram("张伟")],
                recheck: None
            }
        );
        let three = QueryKeys::Grams {
            keys: vec![gram("伟强"), gram("张伟")],
            recheck: Some("张伟强".to_owned()),
        };
        assert_eq!(query_keys(17, "张伟强"), three);
        assert_eq!(query_keys(17, "Zhang W"), QueryKeys::Pinyin(gram("zhangw")));
        assert_eq!(query_keys(17, " ·"), QueryKeys::Nothing);
    }

    proptest! {
        #[test]
        fn keys_are_few_and_carry_their_store(name in "[\u{4e00}-\u{9fa5}a-zA-Z ]{0,40}") {
            let keys = search_keys(42, &name);
            prop_assert!(keys.len() <= MAX_KEYS);
            prop_assert!(keys.iter().all(|key| key.starts_with("42|") && key.len() > 3));
        }

        #[test]
        fn two_neighbouring_characters_find_a_name(name in "[\u{4e00}-\u{9fa5}]{2,18}", at in 0..17_usize) {
            let letters: Vec<char> = name.chars().collect();
            let at = at.min(letters.len() - 2);
            let typed: String = letters[at..at + 2].iter().collect();
            prop_assert!(is_found(&name, &typed));
        }
    }
}
