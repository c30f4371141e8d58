//! Texts as people write them: short and long, in several languages and scripts, and some that try to be formulas.

const PIECES: [&str; 24] = [
    "更换变速箱油后仍有顿挫",
    "要求书面答复",
    "右后门补漆色差明显，拒绝签字",
    "说好一个半小时，等了快两个小时",
    "电话多次转接才有人处理",
    "ＢＲＡＫＥ　ｎｏｉｓｅ",
    "Brake noise was NOT fixed after three visits",
    "The advisor said “tomorrow”, twice",
    "1,286.00 元对 1,026.00 元，多收 260 元",
    "100% 没有修好",
    "底盘_异响_左前",
    "ブレーキの音がまだします",
    "엔진 경고등이 다시 켜졌습니다",
    "السيارة لا تزال تهتز",
    "Машина снова в ремонте",
    "Größe der Räder stimmt nicht",
    "車內有異味，清洗後一週復發",
    "😡😡 太慢了 🚗💨",
    "<script>alert('x')</script> & \"quotes\"",
    "C:\\temp\\报价单.xlsx",
    "发动机故障灯亮\n第二天又亮",
    "订单号 RO-20261124-0012",
    "销售承诺的保养券未到账",
    "洗车后留有水渍…",
];

const STARTS: [&str; 10] = [
    "",
    "=",
    "+",
    "-",
    "@",
    "＝",
    "＠",
    "'",
    "=HYPERLINK(\"http://x\",\"y\")",
    "  ",
];

/// Text number `n`: from one character to some thousands, each different from every other.
pub fn text(n: usize) -> String {
    let words = match n % 20 {
        0 => 1,
        19 => 120,
        17 | 18 => 30,
        other => 1 + other / 4,
    };
    let separator = [" ", "，", "。\n", " / "][n / 3 % 4];
    let pieces: Vec<&str> = (0..words)
        .map(|i| PIECES[(n * 7 + i * 5) % PIECES.len()])
        .collect();
    let mark = char::from_u32(0x4E00 + n as u32 * 37).unwrap_or('一');
    match n {
        0 => "慢".to_owned(),
        1 => "?".to_owned(),
        _ => format!("{}{}{mark}{n}", STARTS[n % STARTS.len()], pieces.join(separator)),
    }
}
