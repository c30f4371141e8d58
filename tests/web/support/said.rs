//! What customers say: two hundred texts of every length and kind, the same in every run.

/// Pieces that somebody or something may stumble over.
const PIECES: [&str; 25] = [
    "右后门补漆色差明显，白天一看跟前门不是一个颜色。",
    "The brake squeals since the last service, and nobody called me back.",
    "说好一个半小时，等了快两个小时😡🚗💥",
    "👨‍👩‍👧‍👦 一家人在路上抛锚了 🇨🇳",
    "السيارة لا تعمل منذ الصيانة الأخيرة",
    "הרכב הוחזר עם שריטה בדלת",
    "<script>alert('x')</script><b>加粗</b> &amp; &lt;",
    "</textarea></blockquote><img src=x onerror=alert(1)>",
    "'; drop table complaints; -- \" or 1=1",
    "=HYPERLINK(\"http://evil.example\";\"点这里\")",
    "+8613800001234 打了三次没人接",
    "ＦＵＬＬ　ＷＩＤＴＨ　１２３４，全角标点！",
    "e\u{301}a\u{308}o\u{302}\u{323} 组合字符 Z\u{351}\u{310}a\u{34d}lgo",
    "\u{202E}反过来写的字\u{202C} 和零宽\u{200B}字符",
    "第一行\n第二行\n\n隔一行\t制表",
    "{{ name }} {% raw %} ${HOME} %s %n \\x41 \\",
    "𠮷野家 𡈽 㐂 罕用字",
    "Ünïcödé Straße İstanbul ﬁ ligature",
    "工时费 1,286.00 元，报价是 ¥980，差了 306 元",
    "https://example.com/?a=1&b=2#c 里写着三年质保",
    "维修后第2天水温报警，CP-261124-01 已经反映过",
    "ไทย हिन्दी 한국어 日本語の苦情です",
    "NULL null undefined NaN true 0 -1",
    "……——“”‘’《》【】、。？！",
    "a",
];

/// Two hundred texts, all different: from one character to 5,000, in many scripts, with what could be taken for HTML,
/// SQL, a formula or a template.
pub fn complaint_texts() -> Vec<String> {
    (0..200).map(text).collect()
}

fn text(n: usize) -> String {
    match n {
        0 => "慢".to_owned(),
        1 => "😡".to_owned(),
        2 => "长".repeat(5000),
        3 => "🚗".repeat(5000),
        4 => "x".repeat(5000),
        5 => "<&\"'>".repeat(1000),
        6 => "e\u{301}".repeat(2500),
        _ => {
            let first = PIECES[n % PIECES.len()];
            let second = PIECES[(n * 7 + 3) % PIECES.len()];
            let times = 1 + n % 9;
            format!("{n}、{first}{}", second.repeat(times))
        }
    }
}
