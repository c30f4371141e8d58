//! Invented people whose names are as frequent as in life: 王 is 7 % of all, the hundred commonest surnames are 85 %.

/// Numbers that look random and are the same every time (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to `below` - 1.
    pub fn below(&mut self, below: u64) -> u64 {
        self.next() % below
    }

    pub fn is_percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }
}

/// Surnames with how many of 10,000 people bear them; what is missing to 10,000 is spread over [`RARE`].
const SURNAMES: &[(&str, u64)] = &[
    ("王", 715),
    ("李", 710),
    ("张", 674),
    ("刘", 530),
    ("陈", 452),
    ("杨", 310),
    ("黄", 222),
    ("赵", 205),
    ("吴", 200),
    ("周", 190),
    ("徐", 145),
    ("孙", 138),
    ("马", 130),
    ("朱", 126),
    ("胡", 116),
    ("郭", 114),
    ("何", 106),
    ("林", 106),
    ("高", 100),
    ("罗", 95),
    ("郑", 93),
    ("梁", 86),
    ("谢", 76),
    ("宋", 70),
    ("唐", 69),
    ("许", 66),
    ("韩", 64),
    ("邓", 62),
    ("冯", 60),
    ("曹", 57),
    ("彭", 56),
    ("曾", 55),
    ("肖", 54),
    ("田", 50),
    ("董", 50),
    ("潘", 45),
    ("袁", 44),
    ("蔡", 43),
    ("蒋", 43),
    ("余", 42),
    ("于", 41),
    ("杜", 41),
    ("叶", 40),
    ("程", 39),
    ("魏", 37),
    ("苏", 36),
    ("吕", 36),
    ("丁", 35),
    ("任", 33),
    ("卢", 33),
    ("姚", 31),
    ("沈", 31),
    ("钟", 30),
    ("姜", 30),
    ("崔", 29),
    ("谭", 28),
    ("陆", 27),
    ("范", 26),
    ("汪", 26),
    ("廖", 25),
    ("石", 24),
    ("金", 24),
    ("韦", 23),
    ("贾", 23),
    ("夏", 22),
    ("付", 22),
    ("方", 21),
    ("邹", 20),
    ("熊", 20),
    ("白", 20),
    ("孟", 19),
    ("秦", 19),
    ("邱", 19),
    ("侯", 18),
    ("江", 18),
    ("尹", 17),
    ("薛", 17),
    ("闫", 16),
    ("段", 16),
    ("雷", 16),
    ("龙", 15),
    ("黎", 14),
    ("史", 14),
    ("陶", 14),
    ("贺", 14),
    ("毛", 13),
    ("郝", 13),
    ("顾", 13),
    ("龚", 13),
    ("邵", 13),
    ("万", 12),
    ("覃", 12),
    ("武", 12),
    ("钱", 12),
    ("戴", 12),
    ("严", 12),
    ("莫", 11),
    ("孔", 11),
    ("向", 11),
    ("常", 11),
    ("欧阳", 6),
    ("单", 4),
    ("解", 3),
    ("区", 2),
    ("仇", 2),
    ("查", 2),
    ("上官", 1),
    ("司马", 1),
];

const RARE: &[&str] = &[
    "安", "毕", "卞", "柴", "车", "成", "褚", "窦", "樊", "费", "丰", "甘", "葛", "耿", "宫", "古", "关",
    "管", "桂", "洪", "华", "霍", "吉", "季", "简", "焦", "柯", "匡", "赖", "蓝", "乐", "冷", "李", "梅",
    "苗", "牟", "穆", "倪", "聂", "宁", "牛", "欧", "庞", "裴", "蒲", "祁", "齐", "乔", "屈", "瞿", "饶",
    "阮", "芮", "商", "尚", "申", "盛", "施", "舒", "涂", "屠", "温", "文", "翁", "巫", "伍", "奚", "席",
    "项", "邢", "宣", "晏", "易", "殷", "应", "尤", "游", "俞", "虞", "喻", "詹", "湛", "章", "甄", "支",
    "祝", "庄", "卓", "宗", "左",
];

/// Characters of given names; the first are far more frequent than the last.
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰建国文志红梅秀春海燕晓云佳宇欣怡子涵浩然雨桐俊思远婷鑫\
    鹏飞辉凤玲淑珍亚楠永福庆荣成龙家豪德生金宝东旭阳晨博轩睿嘉琪梦瑶诗语可馨一诺若曦振宁光耀学良义仁忠信礼智民新兴旺\
    卫国防爱党荷莲菊竹松柏林森焱淼岩峰岭川江河湖泊波浪潮汐";

const COMPANIES: &[&str] = &[
    "云桥物流",
    "江南食品",
    "同心装饰",
    "新程科技",
    "百川贸易",
    "清和医疗",
    "锦程租赁",
    "远山文化",
];

/// The name of one customer, and whether it is a company.
pub fn name(dice: &mut Dice) -> (String, bool) {
    if dice.is_percent(3) {
        let number = dice.below(9_000) + 1_000;
        return (format!("{}{number}有限公司", dice.pick(COMPANIES)), true);
    }
    let given = if dice.is_percent(18) {
        String::from(given(dice))
    } else {
        format!("{}{}", given(dice), given(dice))
    };
    (format!("{}{given}", surname(dice)), false)
}

fn surname(dice: &mut Dice) -> &'static str {
    let mut left = dice.below(10_000);
    for (surname, of_10000) in SURNAMES {
        match left.checked_sub(*of_10000) {
            Some(rest) => left = rest,
            None => return surname,
        }
    }
    dice.pick::<&str>(RARE)
}

/// The square of a chance below one leans to the beginning of the list.
fn given(dice: &mut Dice) -> char {
    let count = GIVEN.chars().count() as f64;
    let chance = dice.below(1 << 20) as f64 / f64::from(1 << 20);
    GIVEN
        .chars()
        .nth((chance * chance * count) as usize)
        .unwrap_or('伟')
}
