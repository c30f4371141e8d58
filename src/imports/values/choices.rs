//! Cells that choose one of a few words.

use super::{Refusal, Value, filled, half_width};

/// The two policies a car can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsuranceKind {
    /// 交强险, which the law demands.
    Compulsory,
    Commercial,
}

impl InsuranceKind {
    pub fn as_str(self) -> &'static str {
        match self {
            InsuranceKind::Compulsory => "compulsory",
            InsuranceKind::Commercial => "commercial",
        }
    }
}

/// What was done to a car; whether a callback is owed depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceType {
    Maintenance,
    Repair,
    /// 钣喷, accidents.
    Body,
    Warranty,
    Rework,
    Wash,
    Pdi,
    Internal,
    Decoration,
    /// Kept as written, counts as a repair, and is named in the preview.
    Unknown(String),
}

impl ServiceType {
    /// Code of the type it counts as.
    pub fn code(&self) -> &'static str {
        match self {
            ServiceType::Maintenance => "maintenance",
            ServiceType::Repair | ServiceType::Unknown(_) => "repair",
            ServiceType::Body => "body",
            ServiceType::Warranty => "warranty",
            ServiceType::Rework => "rework",
            ServiceType::Wash => "wash",
            ServiceType::Pdi => "pdi",
            ServiceType::Internal => "internal",
            ServiceType::Decoration => "decoration",
        }
    }
}

/// 是/否 and the other words for them.
pub fn yes_no(cell: &str) -> Value<bool> {
    choose(cell, |word| match word {
        "是" | "y" | "yes" | "true" | "1" | "√" | "对" | "有" => Some(true),
        "否" | "n" | "no" | "false" | "0" | "×" | "不是" | "无" => Some(false),
        _ => None,
    })
}

/// 险种. A cell that names both is refused: one row is one policy.
pub fn insurance_kind(cell: &str) -> Value<InsuranceKind> {
    choose(cell, |word| match word {
        "交强险"
        | "交强"
        | "强制险"
        | "强险"
        | "交通强制险"
        | "机动车交通事故责任强制保险"
        | "compulsory" => Some(InsuranceKind::Compulsory),
        "商业险" | "商业" | "商业车险" | "商业保险" | "机动车商业保险" | "commercial" => {
            Some(InsuranceKind::Commercial)
        }
        _ => None,
    })
}

/// 维修类型, by the words of dealer systems.
pub fn service_type(cell: &str) -> Value<ServiceType> {
    let Some(written) = filled(cell)? else {
        return Ok(None);
    };
    let known = match word(written).as_str() {
        "保养" | "首保" | "首次保养" | "定期保养" | "常规保养" | "日常保养" | "小保养" | "大保养"
        | "二保" | "免费保养" | "维护保养" | "保养维护" | "maintenance" => {
            ServiceType::Maintenance
        }
        "一般维修" | "维修" | "普通维修" | "机修" | "机电" | "机电维修" | "机电修理" | "小修" | "大修"
        | "客户付费" | "自费" | "自费维修" | "检修" | "repair" => ServiceType::Repair,
        "钣喷" | "钣金" | "喷漆" | "钣金喷漆" | "钣喷维修" | "事故" | "事故车" | "事故维修"
        | "事故车维修" | "事故/钣喷" | "事故钣喷" | "保险事故" | "保险维修" | "body" | "accident" => {
            ServiceType::Body
        }
        "索赔" | "质保" | "质保索赔" | "保修" | "三包" | "三包索赔" | "厂家索赔" | "保修索赔"
        | "warranty" => ServiceType::Warranty,
        "返修" | "返工" | "外返" | "返修车" | "rework" => ServiceType::Rework,
        "洗车" | "免费洗车" | "清洗" | "wash" => ServiceType::Wash,
        "pdi" | "pdi检测" | "pdi检查" | "售前检查" | "售前检测" | "新车检查" | "新车检测" => {
            ServiceType::Pdi
        }
        "内部" | "内部维修" | "内部返工" | "内部用车" | "内部工单" | "自用车" | "试驾车" | "商品车"
        | "公务车" | "internal" => ServiceType::Internal,
        "装潢" | "美容" | "美容装潢" | "装饰" | "汽车美容" | "精品" | "精品加装" | "加装" | "改装"
        | "装具" | "decoration" => ServiceType::Decoration,
        _ => ServiceType::Unknown(written.to_owned()),
    };
    Ok(Some(known))
}

fn choose<T>(cell: &str, choice: impl Fn(&str) -> Option<T>) -> Value<T> {
    match filled(cell)? {
        None => Ok(None),
        Some(cell) => choice(&word(cell)).map(Some).ok_or(Refusal::BadChoice),
    }
}

/// Half-width, lower case, without spaces.
fn word(cell: &str) -> String {
    let mut text = half_width(cell).to_lowercase();
    text.retain(|c| !c.is_whitespace());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_have_many_words() {
        let cases = [
            ("是", Ok(Some(true))),
            ("Ｙ", Ok(Some(true))),
            ("1", Ok(Some(true))),
            ("TRUE", Ok(Some(true))),
            ("否", Ok(Some(false))),
            ("n", Ok(Some(false))),
            ("0", Ok(Some(false))),
            ("", Ok(None)),
            ("也许", Err(Refusal::BadChoice)),
            ("2", Err(Refusal::BadChoice)),
            ("#N/A", Err(Refusal::FormulaError)),
        ];
        for (cell, expected) in cases {
            assert_eq!(yes_no(cell), expected, "{cell}");
        }
    }

    #[test]
    fn a_row_is_one_policy_of_one_kind() {
        for (cell, expected) in [
            ("交强险", "compulsory"),
            ("交强", "compulsory"),
            ("商业 险", "commercial"),
        ] {
            assert_eq!(
                insurance_kind(cell).unwrap().unwrap().as_str(),
                expected,
                "{cell}"
            );
        }
        for cell in ["交强险+商业险", "玻璃险", "商"] {
            assert_eq!(insurance_kind(cell), Err(Refusal::BadChoice), "{cell}");
        }
    }

    #[test]
    fn service_types_are_known_by_the_words_of_dealer_systems() {
        let cases = [
            ("首保", "maintenance"),
            ("定期保养", "maintenance"),
            ("一般维修", "repair"),
            ("机修", "repair"),
            ("钣金喷漆", "body"),
            ("事故／钣喷", "body"),
            ("质保", "warranty"),
            ("返修", "rework"),
            ("洗车", "wash"),
            ("ＰＤＩ", "pdi"),
            ("内部", "internal"),
            ("美容装潢", "decoration"),
        ];
        for (cell, expected) in cases {
            let found = service_type(cell).unwrap().unwrap();
            assert_eq!(found.code(), expected, "{cell}");
            assert!(!matches!(found, ServiceType::Unknown(_)), "{cell}");
        }
    }

    #[test]
    fn an_unknown_service_type_is_kept_and_counts_as_a_repair() {
        let found = service_type(" 客户关爱 活动 ").unwrap().unwrap();
        assert_eq!(found, ServiceType::Unknown("客户关爱 活动".to_owned()));
        assert_eq!(found.code(), "repair");
        assert_eq!(service_type(""), Ok(None));
    }
}
