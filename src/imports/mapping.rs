//! Column headings → fields, for each kind of file. The headings are those of docs and of the contract.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::values::half_width;
use crate::text_enum;

text_enum! {
    /// What a file holds.
    pub enum ImportKind {
        /// Customers and their cars.
        Roster = "roster",
        /// Workshop visits, one a repair order.
        Visits = "visits",
        Policies = "policies",
    }
}

impl ImportKind {
    fn columns(self) -> &'static [Column] {
        match self {
            ImportKind::Roster => ROSTER,
            ImportKind::Visits => VISITS,
            ImportKind::Policies => POLICIES,
        }
    }

    /// Fields of this kind in the order in which they are offered.
    pub fn fields(self) -> impl Iterator<Item = Field> {
        self.columns().iter().map(|column| column.field)
    }

    /// The heading that templates and messages use for a field of this kind.
    pub fn heading(self, field: Field) -> Option<&'static str> {
        self.columns()
            .iter()
            .find(|column| column.field == field)
            .map(|column| column.headings[0])
    }

    /// What a file of this kind cannot be without.
    pub fn required(self) -> &'static [Requirement] {
        use Requirement::{Either, One};
        const VEHICLE: Requirement = Either(Field::Vin, Field::Plate);
        match self {
            ImportKind::Roster => &[One(Field::Name), One(Field::Phone), VEHICLE],
            ImportKind::Visits => &[One(Field::RoNumber), One(Field::ArrivedAt), VEHICLE],
            ImportKind::Policies => &[
                One(Field::PolicyNumber),
                VEHICLE,
                One(Field::InsuranceKind),
                One(Field::EndsOn),
            ],
        }
    }

    fn find(self, heading: &str) -> Option<Field> {
        FIELDS.get(&(self, normalise(heading))).copied()
    }
}

/// One thing a row can say. Several kinds share a field where it means the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Name,
    Phone,
    Vin,
    Plate,
    Model,
    PurchasedOn,
    FirstServiceDueOn,
    WarrantyEndsOn,
    /// Of the commercial policy.
    InsuranceEndsOn,
    Mileage,
    Grade,
    Note,
    /// Since when the other system knows the customer.
    RegisteredAt,
    /// Who of the store answers for the customer.
    Keeper,
    RoNumber,
    ArrivedAt,
    /// Empty: the car is still in the shop.
    HandedOverAt,
    /// Absent: settled with the hand-over.
    SettledAt,
    SenderName,
    SenderPhone,
    ServiceType,
    Amount,
    Advisor,
    Technician,
    Work,
    NextServiceMileage,
    NextServiceOn,
    PolicyNumber,
    InsuranceKind,
    Insurer,
    StartsOn,
    EndsOn,
    Premium,
    InsuredName,
    SoldHere,
}

struct Column {
    field: Field,
    /// The first is the one we write.
    headings: &'static [&'static str],
}

const fn column(field: Field, headings: &'static [&'static str]) -> Column {
    Column { field, headings }
}

const VIN: Column = column(
    Field::Vin,
    &[
        "VIN",
        "车架号",
        "车辆识别代号",
        "VIN码",
        "VIN号",
        "车架号(VIN)",
        "底盘号",
    ],
);
const PLATE: Column = column(
    Field::Plate,
    &[
        "车牌号",
        "车牌",
        "车牌号码",
        "plate",
        "plate number",
        "license plate",
    ],
);
const MILEAGE: Column = column(
    Field::Mileage,
    &["行驶里程", "里程", "里程数", "mileage", "odometer"],
);

const ROSTER: &[Column] = &[
    column(
        Field::Name,
        &[
            "姓名",
            "客户姓名",
            "车主",
            "客户名称",
            "车主姓名",
            "name",
            "customer name",
            "owner",
        ],
    ),
    column(
        Field::Phone,
        &[
            "手机号",
            "联系电话",
            "电话",
            "手机",
            "手机号码",
            "mobile",
            "phone",
            "mobile phone",
            "phone number",
        ],
    ),
    VIN,
    PLATE,
    column(Field::Model, &["车型", "车系", "model"]),
    column(
        Field::PurchasedOn,
        &["购车日期", "购车日", "purchase date", "purchased on"],
    ),
    column(
        Field::FirstServiceDueOn,
        &["首保到期日", "首保日", "first service due"],
    ),
    column(
        Field::WarrantyEndsOn,
        &["质保到期日", "质保日", "warranty end", "warranty until"],
    ),
    column(
        Field::InsuranceEndsOn,
        &[
            "保险到期日",
            "保险日",
            "商业险到期",
            "商业险到期日",
            "insurance end",
            "insurance until",
        ],
    ),
    MILEAGE,
    column(Field::Grade, &["客户级别", "级别", "grade"]),
    column(Field::Note, &["备注", "note", "notes"]),
    column(
        Field::RegisteredAt,
        &[
            "建档时间",
            "创建时间",
            "登记日期",
            "建档日期",
            "created",
            "created at",
        ],
    ),
    column(
        Field::Keeper,
        &["建档人", "负责人", "专员", "负责专员", "keeper", "account owner"],
    ),
];

const VISITS: &[Column] = &[
    column(
        Field::RoNumber,
        &["工单号", "RO", "结算单号", "RO号", "repair order", "RO number"],
    ),
    column(Field::ArrivedAt, &["进站时间", "arrived", "arrived at"]),
    column(
        Field::HandedOverAt,
        &["交车时间", "handed over", "handed over at"],
    ),
    column(Field::SettledAt, &["结算时间", "settled", "settled at"]),
    VIN,
    PLATE,
    column(
        Field::SenderName,
        &["送修人", "送修人姓名", "brought in by", "sender"],
    ),
    column(
        Field::SenderPhone,
        &["送修人电话", "送修人手机", "送修人手机号", "sender phone"],
    ),
    column(Field::ServiceType, &["维修类型", "service type", "type"]),
    MILEAGE,
    column(Field::Amount, &["金额", "amount"]),
    column(Field::Advisor, &["服务顾问", "advisor", "service advisor"]),
    column(Field::Technician, &["维修技师", "technician"]),
    column(Field::Work, &["维修内容", "work", "work done"]),
    column(
        Field::NextServiceMileage,
        &["下次保养里程", "next service mileage"],
    ),
    column(
        Field::NextServiceOn,
        &["下次保养日期", "next service date", "next service on"],
    ),
];

const POLICIES: &[Column] = &[
    column(
        Field::PolicyNumber,
        &["保单号", "policy number", "policy no", "policy"],
    ),
    VIN,
    PLATE,
    column(Field::InsuranceKind, &["险种", "insurance kind", "coverage"]),
    column(Field::Insurer, &["保险公司", "insurer"]),
    column(Field::StartsOn, &["起保日期", "start date", "starts on"]),
    column(Field::EndsOn, &["到期日期", "end date", "expiry date", "ends on"]),
    column(Field::Premium, &["保费", "premium"]),
    column(Field::InsuredName, &["被保险人", "insured", "insured name"]),
    column(Field::SoldHere, &["本店出单", "sold here"]),
];

/// Normalised heading → field.
static FIELDS: LazyLock<HashMap<(ImportKind, String), Field>> = LazyLock::new(|| {
    let named = |kind: ImportKind| {
        kind.columns().iter().flat_map(move |column| {
            column
                .headings
                .iter()
                .map(move |heading| ((kind, normalise(heading)), column.field))
        })
    };
    ImportKind::ALL.iter().copied().flat_map(named).collect()
});

/// Something that a file must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    One(Field),
    Either(Field, Field),
}

/// Which column gives which field. Kept as JSON with the import, and changed by the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    pub kind: ImportKind,
    pub headings: Vec<String>,
    /// Field → index of its column; the first one where the file repeats a field.
    columns: BTreeMap<Field, usize>,
    /// Fields that more than one column claims: the file is refused until the user chooses.
    repeated: Vec<Field>,
}

impl Mapping {
    pub fn column(&self, field: Field) -> Option<usize> {
        self.columns.get(&field).copied()
    }

    pub fn field(&self, column: usize) -> Option<Field> {
        self.columns
            .iter()
            .find(|(_, of_field)| **of_field == column)
            .map(|(field, _)| *field)
    }

    pub fn repeated(&self) -> &[Field] {
        &self.repeated
    }

    /// The cell of a field in a row; empty where the file has no such column.
    pub fn cell<'a>(&self, field: Field, cells: &'a [String]) -> &'a str {
        self.column(field)
            .and_then(|column| cells.get(column))
            .map_or("", String::as_str)
    }

    /// Headings that give no field and are left out; unnamed columns are not named here either.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        let is_left_out = |column: &usize| self.field(*column).is_none();
        (0..self.headings.len())
            .filter(is_left_out)
            .map(|column| self.headings[column].as_str())
            .filter(|heading| !heading.is_empty())
    }

    /// The user's choice: `field` comes from `column`, or from none. A column gives one field only.
    ///
    /// False, and nothing changed, for a column or field that the file or the kind does not have.
    pub fn assign(&mut self, field: Field, column: Option<usize>) -> bool {
        let is_possible = column.is_none_or(|column| column < self.headings.len());
        if !is_possible || self.kind.heading(field).is_none() {
            return false;
        }
        self.repeated.retain(|repeated| *repeated != field);
        self.columns.remove(&field);
        if let Some(column) = column {
            self.columns.retain(|_, taken| *taken != column);
            self.columns.insert(field, column);
        }
        true
    }

    /// What the file lacks.
    pub fn missing_required(&self) -> Vec<Requirement> {
        let has = |field| self.columns.contains_key(&field);
        let is_missing = |requirement: &Requirement| match *requirement {
            Requirement::One(field) => !has(field),
            Requirement::Either(one, other) => !has(one) && !has(other),
        };
        self.kind.required().iter().copied().filter(is_missing).collect()
    }
}

/// Finds the fields of `kind` among the headings of a file.
pub fn recognise(kind: ImportKind, headings: &[String]) -> Mapping {
    let mut columns = BTreeMap::new();
    let mut repeated = Vec::new();
    for (index, heading) in headings.iter().enumerate() {
        let Some(mut field) = kind.find(heading) else {
            continue;
        };
        if is_keeper(heading, field, columns.contains_key(&field)) {
            field = Field::Keeper;
        }
        let first = *columns.entry(field).or_insert(index);
        if first != index && !repeated.contains(&field) {
            repeated.push(field);
        }
    }
    Mapping {
        kind,
        headings: headings.to_vec(),
        columns,
        repeated,
    }
}

/// `owner` is the car's owner, but where another column gives the name it is who owns the record.
fn is_keeper(heading: &str, field: Field, has_name: bool) -> bool {
    field == Field::Name && has_name && normalise(heading) == "owner"
}

/// Whether any kind of file has a column of this name.
pub fn is_known(heading: &str) -> bool {
    ImportKind::ALL.iter().any(|kind| kind.find(heading).is_some())
}

/// The kind whose own number the file has, else a roster if it can be one.
pub fn guess_kind(headings: &[String]) -> Option<ImportKind> {
    let has = |kind, field| recognise(kind, headings).column(field).is_some();
    if has(ImportKind::Visits, Field::RoNumber) {
        return Some(ImportKind::Visits);
    }
    if has(ImportKind::Policies, Field::PolicyNumber) {
        return Some(ImportKind::Policies);
    }
    (has(ImportKind::Roster, Field::Name) && has(ImportKind::Roster, Field::Phone))
        .then_some(ImportKind::Roster)
}

/// Marks that templates add to a heading and that say nothing about its meaning.
const MARKS: [&str; 14] = [
    "(必填)",
    "(选填)",
    "(必须)",
    "(可选)",
    "[必填]",
    "[选填]",
    "【必填】",
    "【选填】",
    "(required)",
    "(optional)",
    "(公里)",
    "(km)",
    "(元)",
    "(yyyy-mm-dd)",
];

/// Case, width, spaces, underscores and marks do not tell headings apart.
pub(super) fn normalise(heading: &str) -> String {
    let mut text = half_width(heading).to_lowercase();
    text.retain(|c| !c.is_whitespace() && !matches!(c, '_' | '-' | '*' | '\u{FEFF}'));
    for mark in MARKS {
        let mark: String = mark.chars().filter(|c| *c != '-').collect();
        if text.contains(&mark) {
            text = text.replace(&mark, "");
        }
    }
    text.trim_end_matches(':').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    fn recognised(kind: ImportKind, text: &str) -> Mapping {
        recognise(kind, &headings(text))
    }

    #[test]
    fn every_heading_names_one_field_of_its_kind() {
        for kind in ImportKind::ALL.iter().copied() {
            for column in kind.columns() {
                for heading in column.headings {
                    assert_eq!(
                        kind.find(heading),
                        Some(column.field),
                        "{} {heading}",
                        kind.as_str()
                    );
                    let owners = kind.columns().iter().filter(|other| {
                        other
                            .headings
                            .iter()
                            .any(|known| normalise(known) == normalise(heading))
                    });
                    assert_eq!(owners.count(), 1, "{} {heading}", kind.as_str());
                }
            }
        }
    }

    #[test]
    fn headings_are_told_apart_by_meaning_and_not_by_spelling() {
        let cases = [
            ("姓名（必填）", Some(Field::Name)),
            ("＊ 手 机 号：", Some(Field::Phone)),
            ("*客户姓名", Some(Field::Name)),
            ("ｖｉｎ", Some(Field::Vin)),
            ("车架号（VIN）", Some(Field::Vin)),
            ("Purchase_Date", Some(Field::PurchasedOn)),
            ("购车日期(YYYY-MM-DD)", Some(Field::PurchasedOn)),
            ("行驶里程(KM)", Some(Field::Mileage)),
            ("商业险到期", Some(Field::InsuranceEndsOn)),
            ("电话（备用）", None),
            ("", None),
            ("*", None),
            ("工单号", None),
        ];
        for (heading, field) in cases {
            assert_eq!(ImportKind::Roster.find(heading), field, "{heading}");
        }
        assert!(is_known("工单号") && is_known("险种") && !is_known("客户资料"));
    }

    #[test]
    fn a_file_is_missing_what_its_kind_cannot_be_without() {
        use Requirement::{Either, One};
        let vehicle = Either(Field::Vin, Field::Plate);
        let cases = [
            (ImportKind::Roster, "姓名,手机号,VIN", vec![]),
            (ImportKind::Roster, "name,mobile,plate", vec![]),
            (ImportKind::Roster, "姓名,VIN", vec![One(Field::Phone)]),
            (
                ImportKind::Roster,
                "备注",
                vec![One(Field::Name), One(Field::Phone), vehicle],
            ),
            (ImportKind::Visits, "结算单号,进站时间,车牌", vec![]),
            (
                ImportKind::Visits,
                "工单号,交车时间",
                vec![One(Field::ArrivedAt), vehicle],
            ),
            (ImportKind::Policies, "保单号,车架号,险种,到期日期", vec![]),
            (
                ImportKind::Policies,
                "保单号,VIN,保费",
                vec![One(Field::InsuranceKind), One(Field::EndsOn)],
            ),
        ];
        for (kind, text, expected) in cases {
            assert_eq!(recognised(kind, text).missing_required(), expected, "{text}");
        }
    }

    #[test]
    fn repeated_and_unknown_columns_are_named() {
        let mapping = recognised(ImportKind::Roster, "姓名,电话,手机,颜色,,VIN,手机号");
        assert_eq!(mapping.repeated(), [Field::Phone]);
        assert_eq!(mapping.column(Field::Phone), Some(1));
        assert_eq!(mapping.unknown().collect::<Vec<_>>(), ["手机", "颜色", "手机号"]);
    }

    #[test]
    fn the_user_may_change_the_mapping() {
        let mut mapping = recognised(ImportKind::Roster, "姓名,电话,手机,颜色");
        assert!(mapping.assign(Field::Phone, Some(2)));
        assert_eq!(
            (mapping.column(Field::Phone), mapping.repeated()),
            (Some(2), &[][..])
        );
        assert!(mapping.assign(Field::Note, Some(0)));
        assert_eq!(mapping.column(Field::Name), None);
        assert!(mapping.assign(Field::Note, None));
        assert_eq!(mapping.field(0), None);
        let before = mapping.clone();
        assert!(!mapping.assign(Field::Name, Some(4)) && !mapping.assign(Field::RoNumber, Some(0)));
        assert_eq!(mapping, before);
    }

    #[test]
    fn a_mapping_survives_json_and_gives_cells() {
        let mapping = recognised(ImportKind::Visits, "工单号,进站时间,VIN");
        let text = serde_json::to_string(&mapping).unwrap();
        assert!(text.contains(r#""ro_number":0"#), "{text}");
        let mapping: Mapping = serde_json::from_str(&text).unwrap();
        let cells = headings("RO1,2024-03-05,");
        assert_eq!(mapping.cell(Field::ArrivedAt, &cells), "2024-03-05");
        assert_eq!(mapping.cell(Field::Amount, &cells), "");
    }

    #[test]
    fn the_kind_is_guessed_by_what_only_it_has() {
        let cases = [
            ("姓名,电话,VIN", Some(ImportKind::Roster)),
            ("姓名,电话,VIN,RO,进站时间", Some(ImportKind::Visits)),
            ("保单号,VIN,险种", Some(ImportKind::Policies)),
            ("姓名,VIN", None),
            ("a,b", None),
        ];
        for (text, expected) in cases {
            assert_eq!(guess_kind(&headings(text)), expected, "{text}");
        }
        for kind in ImportKind::ALL.iter().copied() {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert!(kind.fields().all(|field| kind.heading(field).is_some()));
        }
    }
}
