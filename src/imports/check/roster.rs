//! Rows of a roster: customers and their cars.

use chrono::{DateTime, NaiveDate, Utc};

use crate::customers::phone::Phone;
use crate::imports::mapping::{Field, Mapping};
use crate::imports::reason::Reason;
use crate::vehicles::plate::PlateNumber;
use crate::vehicles::vin::Vin;

use super::{Cells, Checked, Context, Name, instant};

/// A customer with a car.
#[derive(Debug)]
pub struct RosterRow {
    pub name: Name,
    pub phone: Phone,
    pub phone_raw: String,
    pub vin: Option<Vin>,
    pub plate: Option<PlateNumber>,
    pub model: Option<String>,
    pub delivered_on: Option<NaiveDate>,
    pub first_maintenance_due_on: Option<NaiveDate>,
    pub warranty_ends_on: Option<NaiveDate>,
    /// Of the commercial policy.
    pub insured_until: Option<NaiveDate>,
    pub km: Option<i32>,
    pub grade: Option<String>,
    pub note: Option<String>,
    /// 建档时间: since when the other system knows the customer.
    pub registered_at: Option<DateTime<Utc>>,
    /// 建档人, by name or staff number.
    pub keeper: Option<String>,
}

/// Checks every cell, so that all reasons of a row are told at once.
pub fn check(mapping: &Mapping, cells: &[String], is_slipped: bool, context: &Context) -> Checked<RosterRow> {
    let mut cells = Cells::new(mapping, cells, is_slipped, context);
    let phone_raw = cells.cell(Field::Phone).trim().to_owned();
    let name = required(&mut cells, Field::Name, Cells::name);
    let phone = required(&mut cells, Field::Phone, Cells::phone);
    let (vin, plate) = cells.vehicle();
    let model = cells.text(Field::Model, 60);
    let delivered_on = cells.past_day(Field::PurchasedOn);
    let first_maintenance_due_on = cells.day(Field::FirstServiceDueOn);
    let warranty_ends_on = cells.day(Field::WarrantyEndsOn);
    let insured_until = cells.day(Field::InsuranceEndsOn);
    let km = cells.kilometres(Field::Mileage);
    let grade = cells.text(Field::Grade, 20);
    let note = cells.text(Field::Note, 500);
    let registered_at = cells.past_moment(Field::RegisteredAt);
    let keeper = cells.text(Field::Keeper, 40);
    let row = name.zip(phone).map(|(name, phone)| RosterRow {
        name,
        phone,
        phone_raw,
        vin,
        plate,
        model,
        delivered_on,
        first_maintenance_due_on,
        warranty_ends_on,
        insured_until,
        km,
        grade,
        note,
        registered_at: registered_at.map(|at| instant(context.zone, at)),
        keeper,
    });
    cells.finish(row)
}

/// Refuses an empty cell, unless the cell was refused already.
fn required<'a, T>(
    cells: &mut Cells<'a>,
    field: Field,
    read: impl FnOnce(&mut Cells<'a>, Field) -> Option<T>,
) -> Option<T> {
    let value = read(cells, field);
    if value.is_none() && cells.cell(field).trim().is_empty() {
        cells.refuse(field, Reason::Required);
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::mapping::{ImportKind, recognise};
    use crate::stores::StoreId;

    fn checked(cells: &[&str]) -> Checked<RosterRow> {
        let headings = ["姓名", "手机号", "VIN", "车牌号", "购车日期", "行驶里程"].map(str::to_owned);
        let mapping = recognise(ImportKind::Roster, &headings);
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        let context = Context {
            store: StoreId::new(1),
            zone: chrono_tz::Asia::Shanghai,
            area_code: Some("0571".to_owned()),
            today: "2026-11-24".parse().unwrap(),
        };
        check(&mapping, &cells, false, &context)
    }

    #[test]
    fn dirty_cells_become_canonical_values() {
        let row = checked(&[
            "张　伟",
            "+86 138-0001-1111",
            "",
            "浙a·12345",
            "2024年3月5日",
            "6.1万公里",
        ])
        .row
        .unwrap();
        assert_eq!(row.name.key, "张伟");
        assert_eq!(row.phone.as_str(), "13800011111");
        assert_eq!(row.plate.unwrap().as_str(), "浙A12345");
        assert_eq!(
            (row.delivered_on.unwrap().to_string().as_str(), row.km),
            ("2024-03-05", Some(61_000))
        );
        let landline = checked(&["张伟", "88886666", "", "浙A12345"]).row.unwrap();
        assert_eq!(landline.phone.as_str(), "0571-88886666");
    }

    #[test]
    fn every_reason_of_a_row_is_told_at_its_cell() {
        let told = |cells: &[&str]| -> Vec<(Option<Field>, Reason)> {
            let reasons = checked(cells).row.unwrap_err();
            reasons.into_iter().map(|at| (at.field, at.reason)).collect()
        };
        assert_eq!(
            told(&["", "1380001111", "LSV123", "浙A1234", "2062-08-14", "9999999"]),
            [
                (Some(Field::Name), Reason::Required),
                (Some(Field::Phone), Reason::PhoneLength { digits: 10 }),
                (Some(Field::Vin), Reason::VinLength { found: 6 }),
                (Some(Field::Plate), Reason::PlateLength { found: 6 }),
                (Some(Field::PurchasedOn), Reason::FutureDate),
                (Some(Field::Mileage), Reason::TooFar),
            ]
        );
        assert_eq!(
            told(&["张伟", "1.38E+10", "", "未上牌"]),
            [
                (Some(Field::Phone), Reason::ScientificNotation),
                (Some(Field::Vin), Reason::NoVehicle)
            ]
        );
    }

    #[test]
    fn a_wrong_check_digit_is_a_warning() {
        let odd = checked(&["张伟", "13800011111", "LSVNV4180D2000001", ""]);
        assert!(odd.row.is_ok());
        assert_eq!(odd.warnings.len(), 1);
        assert_eq!(odd.warnings[0].reason.code(), "vin_check_digit");
    }
}
