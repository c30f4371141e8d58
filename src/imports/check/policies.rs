//! Rows of policies: one insurance contract of one car.

use chrono::NaiveDate;

use crate::imports::mapping::{Field, Mapping};
use crate::imports::reason::Reason;
use crate::imports::values::{self, InsuranceKind};
use crate::vehicles::plate::PlateNumber;
use crate::vehicles::vin::Vin;

use super::{Cells, Checked, Context, Name};

/// A policy, known by its number.
#[derive(Debug)]
pub struct PolicyRow {
    /// Upper case, without spaces: two spellings of one number.
    pub policy_number: String,
    pub vin: Option<Vin>,
    pub plate: Option<PlateNumber>,
    pub kind: InsuranceKind,
    pub insurer: Option<String>,
    pub starts_on: Option<NaiveDate>,
    /// The last covered day.
    pub ends_on: NaiveDate,
    pub premium_fen: Option<i64>,
    pub insured: Option<Name>,
    pub is_ours: Option<bool>,
}

/// Checks every cell, so that all reasons of a row are told at once.
pub fn check(mapping: &Mapping, cells: &[String], is_slipped: bool, context: &Context) -> Checked<PolicyRow> {
    let mut cells = Cells::new(mapping, cells, is_slipped, context);
    let number = cells.take(Field::PolicyNumber, |cell| values::identifier(cell, 40));
    let (vin, plate) = cells.vehicle();
    let kind = cells.take(Field::InsuranceKind, values::insurance_kind);
    let insurer = cells.text(Field::Insurer, 60);
    let starts_on = cells.day(Field::StartsOn);
    let ends_on = cells.day(Field::EndsOn);
    for (field, is_empty) in [
        (Field::PolicyNumber, number.is_none()),
        (Field::InsuranceKind, kind.is_none()),
        (Field::EndsOn, ends_on.is_none()),
    ] {
        if is_empty && cells.cell(field).trim().is_empty() {
            cells.refuse(field, Reason::Required);
        }
    }
    if starts_on.zip(ends_on).is_some_and(|(starts, ends)| ends < starts) {
        cells.refuse(Field::EndsOn, Reason::EndsBeforeStart);
    }
    let premium_fen = cells.take(Field::Premium, values::money);
    let insured = cells.name(Field::InsuredName);
    let is_ours = cells.take(Field::SoldHere, values::yes_no);
    let row = number
        .zip(kind)
        .zip(ends_on)
        .map(|((number, kind), ends_on)| PolicyRow {
            policy_number: canonical(&number),
            vin,
            plate,
            kind,
            insurer,
            starts_on,
            ends_on,
            premium_fen,
            insured,
            is_ours,
        });
    cells.finish(row)
}

fn canonical(number: &str) -> String {
    let mut number = number.to_uppercase();
    number.retain(|c| !c.is_whitespace());
    number
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::mapping::{ImportKind, recognise};
    use crate::stores::StoreId;

    fn checked(cells: &[&str]) -> Checked<PolicyRow> {
        let headings = ImportKind::Policies
            .fields()
            .filter_map(|field| ImportKind::Policies.heading(field));
        let headings: Vec<String> = headings.map(str::to_owned).collect();
        let mapping = recognise(ImportKind::Policies, &headings);
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        let context = Context {
            store: StoreId::new(1),
            zone: chrono_tz::Asia::Shanghai,
            area_code: None,
            today: "2026-11-24".parse().unwrap(),
        };
        check(&mapping, &cells, false, &context)
    }

    #[test]
    fn dirty_cells_become_a_policy() {
        let row = checked(&[
            " pdza 3301 ",
            "",
            "浙a·12345",
            "商业 险",
            " 平安 ",
            "2026/2/27",
            "2027年2月26日",
            "¥3,250.50",
            "王 建国",
            "是",
        ]);
        let row = row.row.unwrap();
        assert_eq!(row.policy_number, "PDZA3301");
        assert_eq!(
            (row.kind, row.insurer.as_deref()),
            (InsuranceKind::Commercial, Some("平安"))
        );
        assert_eq!(
            (row.starts_on.unwrap().to_string(), row.ends_on.to_string()),
            ("2026-02-27".to_owned(), "2027-02-26".to_owned())
        );
        assert_eq!((row.premium_fen, row.is_ours), (Some(325_050), Some(true)));
        assert_eq!(row.insured.unwrap().key, "王建国");
        let bare = checked(&[
            "P1",
            "LSVNV4188D2000001",
            "",
            "交强",
            "",
            "",
            "2027-02-26",
            "",
            "",
            "",
        ]);
        let bare = bare.row.unwrap();
        assert_eq!((bare.kind, bare.is_ours), (InsuranceKind::Compulsory, None));
    }

    #[test]
    fn every_reason_is_told_at_its_cell() {
        let told = |cells: &[&str]| -> Vec<(Option<Field>, &'static str)> {
            let reasons = checked(cells).row.unwrap_err();
            reasons.iter().map(|at| (at.field, at.reason.code())).collect()
        };
        assert_eq!(
            told(&[
                "",
                "",
                "",
                "玻璃险",
                "",
                "2027-02-27",
                "2027-02-26",
                "many",
                "",
                "也许"
            ]),
            [
                (Some(Field::Vin), "no_vehicle"),
                (Some(Field::InsuranceKind), "bad_choice"),
                (Some(Field::PolicyNumber), "required"),
                (Some(Field::EndsOn), "ends_before_start"),
                (Some(Field::Premium), "bad_number"),
                (Some(Field::SoldHere), "bad_choice"),
            ]
        );
        assert_eq!(
            told(&["1.23E+17", "", "浙A12345", "", "", "", "", "", "", ""]),
            [
                (Some(Field::PolicyNumber), "scientific_notation"),
                (Some(Field::InsuranceKind), "required"),
                (Some(Field::EndsOn), "required"),
            ]
        );
        let day = checked(&[
            "P1",
            "",
            "浙A12345",
            "交强险",
            "",
            "2027-02-26",
            "2027-02-26",
            "",
            "",
            "",
        ]);
        assert!(day.row.is_ok(), "a policy of one day");
    }
}
