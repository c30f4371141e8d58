//! Rows of visits: repair orders.

use chrono::{DateTime, NaiveDate, Utc};

use crate::customers::phone::Phone;
use crate::imports::mapping::{Field, Mapping};
use crate::imports::reason::Reason;
use crate::imports::values::{self, ServiceType};
use crate::vehicles::plate::PlateNumber;
use crate::vehicles::vin::Vin;

use super::{Cells, Checked, Context, Name, instant};

/// A repair order; times are instants already.
#[derive(Debug)]
pub struct VisitRow {
    pub ro_number: String,
    pub vin: Option<Vin>,
    pub plate: Option<PlateNumber>,
    pub arrived_at: DateTime<Utc>,
    /// The store's day of `arrived_at`.
    pub arrived_on: NaiveDate,
    /// None: the car is still in the shop.
    pub handed_over_at: Option<DateTime<Utc>>,
    pub handed_over_on: Option<NaiveDate>,
    pub settled_at: Option<DateTime<Utc>>,
    /// 送修人, who brought the car.
    pub sender: Option<Name>,
    pub sender_phone: Option<Phone>,
    pub phone_raw: String,
    pub service_type: Option<ServiceType>,
    pub km: Option<i32>,
    pub amount_fen: Option<i64>,
    pub advisor: Option<String>,
    pub technician: Option<String>,
    pub summary: Option<String>,
    pub next_km: Option<i32>,
    pub next_on: Option<NaiveDate>,
}

/// Checks every cell, so that all reasons of a row are told at once.
pub fn check(mapping: &Mapping, cells: &[String], is_slipped: bool, context: &Context) -> Checked<VisitRow> {
    let mut cells = Cells::new(mapping, cells, is_slipped, context);
    let ro_number = cells.take(Field::RoNumber, |cell| values::identifier(cell, 40));
    let (vin, plate) = cells.vehicle();
    let times = Times::read(&mut cells);
    for (field, is_empty) in [
        (Field::RoNumber, ro_number.is_none()),
        (Field::ArrivedAt, times.arrived.is_none()),
    ] {
        if is_empty && cells.cell(field).trim().is_empty() {
            cells.refuse(field, Reason::Required);
        }
    }
    let phone_raw = cells.cell(Field::SenderPhone).trim().to_owned();
    let sender = cells.name(Field::SenderName);
    let sender_phone = cells.phone(Field::SenderPhone);
    let service_type = cells.take(Field::ServiceType, values::service_type);
    if let Some(ServiceType::Unknown(text)) = &service_type {
        cells.warn(
            Field::ServiceType,
            Reason::UnknownServiceType { text: text.clone() },
        );
    }
    let km = cells.kilometres(Field::Mileage);
    let amount_fen = cells.take(Field::Amount, values::money);
    let advisor = cells.text(Field::Advisor, 40);
    let technician = cells.text(Field::Technician, 40);
    let summary = cells.text(Field::Work, 1000);
    let next_km = cells.kilometres(Field::NextServiceMileage);
    let next_on = cells.day(Field::NextServiceOn);
    let zone = context.zone;
    let row = ro_number.zip(times.arrived).map(|(ro_number, arrived)| VisitRow {
        ro_number,
        vin,
        plate,
        arrived_at: instant(zone, arrived),
        arrived_on: arrived.date(),
        handed_over_at: times.handed_over.map(|at| instant(zone, at)),
        handed_over_on: times.handed_over.map(|at| at.date()),
        settled_at: times.settled.or(times.handed_over).map(|at| instant(zone, at)),
        sender,
        sender_phone,
        phone_raw,
        service_type,
        km,
        amount_fen,
        advisor,
        technician,
        summary,
        next_km,
        next_on,
    });
    cells.finish(row)
}

/// The three times on the store's wall clock.
struct Times {
    arrived: Option<chrono::NaiveDateTime>,
    handed_over: Option<chrono::NaiveDateTime>,
    settled: Option<chrono::NaiveDateTime>,
}

impl Times {
    fn read(cells: &mut Cells<'_>) -> Times {
        // An arrival without a time is the opening of that day at the latest.
        let arrived = cells.past_moment(Field::ArrivedAt).map(|at| {
            if values::has_clock(cells.cell(Field::ArrivedAt)) {
                at
            } else {
                at.date().into()
            }
        });
        let mut later = |field| {
            let at = cells.past_moment(field)?;
            let Some(arrived) = arrived else { return Some(at) };
            if at >= arrived {
                return Some(at);
            }
            // A day alone stands for noon, which may be before an afternoon's arrival.
            if at.date() == arrived.date() && !values::has_clock(cells.cell(field)) {
                return Some(arrived);
            }
            cells.refuse(field, Reason::BeforeArrival);
            None
        };
        let handed_over = later(Field::HandedOverAt);
        let settled = later(Field::SettledAt);
        Times {
            arrived,
            handed_over,
            settled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::mapping::{ImportKind, recognise};
    use crate::stores::StoreId;

    fn checked(cells: &[&str]) -> Checked<VisitRow> {
        let headings = ["工单号", "车牌号", "进站时间", "交车时间", "维修类型"].map(str::to_owned);
        let mapping = recognise(ImportKind::Visits, &headings);
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
    fn times_are_the_stores_and_a_day_alone_is_noon() {
        let cases = [
            (
                "2026-11-20 08:30",
                "2026-11-20 17:05",
                "2026-11-20T00:30:00Z",
                Some("2026-11-20T09:05:00Z"),
            ),
            (
                "2026-11-20 08:30",
                "2026-11-20",
                "2026-11-20T00:30:00Z",
                Some("2026-11-20T04:00:00Z"),
            ),
            (
                "2026-11-20 14:30",
                "2026-11-20",
                "2026-11-20T06:30:00Z",
                Some("2026-11-20T06:30:00Z"),
            ),
            (
                "2026-11-20",
                "2026-11-20",
                "2026-11-19T16:00:00Z",
                Some("2026-11-20T04:00:00Z"),
            ),
            ("2026-11-20", "", "2026-11-19T16:00:00Z", None),
        ];
        for (arrived, handed_over, arrived_at, handed_over_at) in cases {
            let row = checked(&["RO1", "浙A12345", arrived, handed_over]).row.unwrap();
            assert_eq!(
                row.arrived_at,
                arrived_at.parse::<DateTime<Utc>>().unwrap(),
                "{arrived}"
            );
            let expected = handed_over_at.map(|at| at.parse::<DateTime<Utc>>().unwrap());
            assert_eq!(row.handed_over_at, expected, "{handed_over}");
            assert_eq!(row.settled_at, expected, "settled with the hand-over");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_at_its_cell() {
        let cases = [
            (
                ["RO1", "浙A12345", "2026-11-20 10:00", "2026-11-19 10:00"],
                Field::HandedOverAt,
                "before_arrival",
            ),
            (
                ["RO1", "浙A12345", "2026-11-25", ""],
                Field::ArrivedAt,
                "future_date",
            ),
            (["", "浙A12345", "2026-11-20", ""], Field::RoNumber, "required"),
            (["RO1", "", "2026-11-20", ""], Field::Plate, "no_vehicle"),
            (["RO1", "浙A12345", "", ""], Field::ArrivedAt, "required"),
        ];
        for (cells, field, code) in cases {
            let reasons = checked(&cells).row.unwrap_err();
            assert_eq!(reasons.len(), 1, "{cells:?}");
            assert_eq!((reasons[0].field, reasons[0].reason.code()), (Some(field), code));
        }
    }

    #[test]
    fn an_unknown_type_is_a_warning_and_counts_as_a_repair() {
        let odd = checked(&["RO1", "浙A12345", "2026-11-20", "", "客户关爱活动"]);
        assert_eq!(odd.row.unwrap().service_type.unwrap().code(), "repair");
        assert_eq!(odd.warnings[0].reason.code(), "unknown_service_type");
    }
}
