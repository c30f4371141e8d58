//! The second level of the classes of complaints (domain.md §6): code, Chinese, English. Stored by their codes.

use super::Lang;
use crate::complaints::ComplaintClass;
use crate::complaints::intake::{Minor, minors};

messages! {
    title { "二级分类", "Second level" }
}

const fn minor(code: &'static str, zh: &'static str, en: &'static str) -> Minor {
    Minor { code, zh, en }
}

/// Second level of product.
pub const PRODUCT: &[Minor] = &[
    minor("engine", "发动机", "Engine"),
    minor("gearbox", "变速器", "Gearbox"),
    minor("battery", "电池电机电控", "Battery, motor, control"),
    minor("chassis", "底盘制动转向", "Chassis, brakes, steering"),
    minor("paint", "车身漆面", "Body and paint"),
    minor("electrics", "电器", "Electrics"),
    minor("noise", "异响", "Noise"),
    minor("smell", "异味", "Smell"),
    minor("consumption", "油耗续航", "Consumption, range"),
    minor("infotainment", "车机", "Infotainment"),
    minor("recall", "召回", "Recall"),
];
/// Second level of repair.
pub const REPAIR: &[Minor] = &[
    minor("not_fixed", "未修好", "Not fixed"),
    minor("rework", "返修", "Rework"),
    minor("misdiagnosis", "误诊", "Wrong diagnosis"),
    minor("damaged", "损伤车辆", "Car damaged"),
    minor("omitted", "漏项", "Work left out"),
    minor("workmanship", "施工规范", "Workmanship"),
];
/// Second level of attitude.
pub const ATTITUDE: &[Minor] = &[
    minor("reception", "接待", "Reception"),
    minor("advisor", "顾问", "Adviser"),
    minor("technician", "技师", "Technician"),
    minor("on_the_phone", "电话", "On the phone"),
    minor("passing_on", "推诿", "Passed on"),
];
/// Second level of efficiency.
pub const EFFICIENCY: &[Minor] = &[
    minor("waiting", "等待时间", "Waiting time"),
    minor("late_hand_over", "交车延误", "Late hand-over"),
    minor("booking", "预约", "Booking"),
];
/// Second level of price.
pub const PRICE: &[Minor] = &[
    minor("quote", "报价不符", "Other than quoted"),
    minor("expensive", "收费高", "Expensive"),
    minor("undisclosed", "未告知", "Not told before"),
    minor("added_items", "乱加项目", "Items added"),
];
/// Second level of parts.
pub const PARTS: &[Minor] = &[
    minor("part_missing", "缺件等待", "Part not there"),
    minor("part_quality", "配件质量", "Quality of a part"),
    minor("part_fake", "假件", "Not genuine"),
    minor("part_price", "配件价格", "Price of a part"),
];
/// Second level of warranty.
pub const WARRANTY: &[Minor] = &[
    minor("claim_refused", "拒赔", "Claim refused"),
    minor("three_guarantees", "三包", "Three guarantees"),
    minor("claim_blame", "判责", "Who is to blame"),
];
/// Second level of sales.
pub const SALES: &[Minor] = &[
    minor("delivery_delay", "交车延期", "Delivery late"),
    minor("deposit", "合同订金退还", "Contract, deposit"),
    minor("price_gap", "价差", "Price difference"),
    minor("advertising", "宣传不符", "Other than advertised"),
    minor("bundling", "加价搭售", "Extras forced on"),
    minor("stock_car", "库存车、PDI", "Stock car, PDI"),
];
/// Second level of finance.
pub const FINANCE: &[Minor] = &[
    minor("loan", "贷款", "Loan"),
    minor("service_fee", "服务费", "Service fee"),
    minor("renewal", "续保", "Renewal"),
    minor("insurance_claim", "理赔", "Insurance claim"),
];
/// Second level of privacy.
pub const PRIVACY: &[Minor] = &[
    minor("messages", "短信骚扰", "Messages"),
    minor("calls", "电话骚扰", "Calls"),
    minor("leak", "信息泄露", "Data leaked"),
];

impl Minor {
    /// Its words.
    pub const fn text(self, lang: Lang) -> &'static str {
        match lang {
            Lang::Zh => self.zh,
            Lang::En => self.en,
        }
    }
}

/// The words of a second level by its code; `None` for the reasons of a questionnaire, which has words of its own.
pub fn text(lang: Lang, code: &str) -> Option<&'static str> {
    let all = ComplaintClass::ALL.iter().flat_map(|class| minors(*class));
    let found = all.into_iter().find(|minor| minor.code == code)?;
    Some(found.text(lang))
}
