//! Search: what was typed is recognised first, then only the look-ups that fit it run, each on an index of its own.

use std::collections::BTreeMap;

use sqlx::PgPool;

use crate::customers::phone::Phone;
use crate::customers::search_keys::{QueryKeys, query_keys};
use crate::customers::{CustomerId, queries, search_queries};
use crate::stores::StoreScope;
use crate::text::clean;
use crate::text_enum;
use crate::vehicles::VehicleId;
use crate::vehicles::plate::PlateNumber;
use crate::vehicles::vin::Vin;
use crate::visits::VisitId;

/// Hits of one look-up at most; more calls for a longer text.
pub const LIMIT: i64 = 25;

text_enum! {
    /// Why a customer was found.
    pub enum Reason {
        Phone = "phone",
        Plate = "plate",
        Vin = "vin",
        RepairOrder = "repair_order",
        Name = "name",
        Pinyin = "pinyin",
    }
}

/// One way to look a typed text up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    PhoneTail(String),
    Plate(String),
    PlateTail(String),
    VinTail(String),
    RepairOrder(String),
    Initial(char),
    Grams {
        keys: Vec<String>,
        recheck: Option<String>,
    },
    Pinyin(String),
}

/// A customer that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    pub customer_id: CustomerId,
    pub reason: Reason,
}

/// Where a posted search leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    Customer(CustomerId),
    Vehicle(VehicleId),
    Visit(VisitId),
    /// The list, with a text that may stand in an address.
    List(String),
}

impl Target {
    /// The local path.
    pub fn location(&self) -> String {
        match self {
            Target::Customer(id) => format!("/customers/{id}"),
            Target::Vehicle(id) => format!("/vehicles/{id}"),
            Target::Visit(id) => format!("/visits/{id}"),
            Target::List(text) if text.is_empty() => "/customers".to_owned(),
            Target::List(text) => format!("/customers?q={}", crate::web::error::encode_query(text)),
        }
    }
}

/// The look-ups that fit a typed text; whole numbers are cut to their tails before.
pub fn lookups(store_id: i64, typed: &str) -> Vec<Lookup> {
    let text = clean(typed);
    let compact: String = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect::<String>()
        .to_uppercase();
    let is_ascii = !compact.is_empty() && compact.bytes().all(|b| b.is_ascii_alphanumeric());
    let has_digit = compact.bytes().any(|b| b.is_ascii_digit());
    let mut found = Vec::new();
    if is_ascii && has_digit && compact.len() == 4 {
        if compact.bytes().all(|b| b.is_ascii_digit()) {
            found.push(Lookup::PhoneTail(compact.clone()));
        }
        found.push(Lookup::PlateTail(compact.clone()));
    }
    if let Ok(plate) = PlateNumber::parse(&text) {
        found.push(Lookup::Plate(plate.as_str().to_owned()));
    }
    if is_ascii && has_digit && compact.len() == 6 {
        found.push(Lookup::VinTail(compact.clone()));
    }
    if has_digit && text.len() <= MAX_RO_NUMBER {
        found.push(Lookup::RepairOrder(text.clone()));
    }
    match query_keys(store_id, &text) {
        QueryKeys::Nothing => {}
        QueryKeys::Initial(c) => found.push(Lookup::Initial(c)),
        QueryKeys::Grams { keys, recheck } => found.push(Lookup::Grams { keys, recheck }),
        // Digits are no pinyin, but a company may be called 4S.
        QueryKeys::Pinyin(key) if compact.bytes().any(|b| b.is_ascii_alphabetic()) => {
            found.push(Lookup::Pinyin(key));
        }
        QueryKeys::Pinyin(_) => {}
    }
    found
}

/// Repair order numbers are shorter than this.
const MAX_RO_NUMBER: usize = 40;

/// The text as it may stand in an address: a whole phone, identity or frame number becomes its tail.
pub fn for_address(typed: &str) -> String {
    let text = clean(typed);
    let compact: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    let tail = |n: usize| {
        compact
            .chars()
            .skip(compact.chars().count().saturating_sub(n))
            .collect()
    };
    let digits = compact.chars().filter(char::is_ascii_digit).count();
    if let Ok(phone) = Phone::parse(&text, None) {
        return phone.tail4().to_owned();
    }
    if Vin::parse(&text).is_ok() {
        return tail(6);
    }
    // A mistyped or foreign number is still somebody's number. Repair orders are looked up before it comes to this.
    if digits >= 7 && digits * 4 >= compact.chars().count() * 3 {
        return tail(4);
    }
    text
}

/// Decides where a search from the top bar leads: to the one row it names, else to the list.
pub async fn resolve(
    db: &PgPool,
    scope: StoreScope,
    typed: &str,
    area_code: Option<&str>,
) -> sqlx::Result<Target> {
    let text = clean(typed);
    if let Some(visit) = search_queries::find_visit(db, scope, &text).await? {
        return Ok(Target::Visit(visit));
    }
    if let Ok(phone) = Phone::parse(&text, area_code) {
        let hits = queries::list_by_phone(db, scope, phone.as_str(), LIMIT).await?;
        return Ok(match hits[..] {
            [customer] => Target::Customer(customer),
            _ => Target::List(phone.tail4().to_owned()),
        });
    }
    if let Ok((vin, _)) = Vin::parse(&text)
        && let Some(vehicle) = search_queries::find_vehicle_by_vin(db, scope, vin.as_str()).await?
    {
        return Ok(Target::Vehicle(vehicle));
    }
    Ok(Target::List(for_address(&text)))
}

/// Customers that fit a typed text, each once with the strongest reason, in the order of the look-ups.
pub async fn find(db: &PgPool, scope: StoreScope, typed: &str) -> sqlx::Result<Vec<Hit>> {
    let mut hits: Vec<Hit> = Vec::new();
    let mut seen: BTreeMap<CustomerId, ()> = BTreeMap::new();
    for lookup in lookups(scope.get(), typed) {
        let (reason, found) = run(db, scope, &lookup).await?;
        for customer_id in found {
            if seen.insert(customer_id, ()).is_none() {
                hits.push(Hit { customer_id, reason });
            }
        }
    }
    hits.truncate(LIMIT as usize);
    Ok(hits)
}

async fn run(db: &PgPool, scope: StoreScope, lookup: &Lookup) -> sqlx::Result<(Reason, Vec<CustomerId>)> {
    use search_queries as q;
    let found = match lookup {
        Lookup::PhoneTail(tail) => (Reason::Phone, q::by_phone_tail(db, scope, tail, LIMIT).await?),
        Lookup::Plate(plate) => (Reason::Plate, q::by_plate(db, scope, plate, LIMIT).await?),
        Lookup::PlateTail(tail) => (Reason::Plate, q::by_plate_tail(db, scope, tail, LIMIT).await?),
        Lookup::VinTail(tail) => (Reason::Vin, q::by_vin_tail(db, scope, tail, LIMIT).await?),
        Lookup::RepairOrder(number) => (Reason::RepairOrder, q::by_ro_number(db, scope, number).await?),
        Lookup::Initial(c) => (
            Reason::Name,
            q::by_initial(db, scope, &c.to_string(), LIMIT).await?,
        ),
        Lookup::Grams { keys, recheck } => (
            Reason::Name,
            q::by_grams(db, scope, keys, recheck.as_deref(), LIMIT).await?,
        ),
        Lookup::Pinyin(key) => (
            Reason::Pinyin,
            q::by_grams(db, scope, std::slice::from_ref(key), None, LIMIT).await?,
        ),
    };
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_text_is_looked_up_where_it_can_be_found() {
        let kinds = |typed: &str| -> Vec<&'static str> {
            let name = |lookup: &Lookup| match lookup {
                Lookup::PhoneTail(_) => "phone",
                Lookup::Plate(_) => "plate",
                Lookup::PlateTail(_) => "plate tail",
                Lookup::VinTail(_) => "vin",
                Lookup::RepairOrder(_) => "order",
                Lookup::Initial(_) => "initial",
                Lookup::Grams { .. } => "grams",
                Lookup::Pinyin(_) => "pinyin",
            };
            lookups(1, typed).iter().map(name).collect()
        };
        for (typed, expected) in [
            ("张", vec!["initial"]),
            ("张伟", vec!["grams"]),
            ("zhangwei", vec!["pinyin"]),
            ("zw", vec!["pinyin"]),
            ("2046", vec!["phone", "plate tail", "order"]),
            ("K2M9", vec!["plate tail", "order", "pinyin"]),
            ("浙A·7K2M9", vec!["plate", "order", "grams"]),
            ("014427", vec!["vin", "order"]),
            ("RO-26112108", vec!["order", "pinyin"]),
            ("  ", vec![]),
        ] {
            assert_eq!(kinds(typed), expected, "{typed}");
        }
    }

    #[test]
    fn whole_numbers_never_stand_in_an_address() {
        for (typed, expected) in [
            ("13905717715", "7715"),
            ("+86 139 0571 7715", "7715"),
            ("１３９０５７１７７１５", "7715"),
            ("0571-88886666", "6666"),
            ("LSVNV4188D2000001", "000001"),
            ("330106199001011234", "1234"),
            ("1390571771", "1771"),
            ("7715", "7715"),
            ("浙A·7K2M9", "浙A·7K2M9"),
            (" 赵雅楠 ", "赵雅楠"),
            ("RO-26112108", "2108"),
        ] {
            assert_eq!(for_address(typed), expected, "{typed}");
        }
    }
}
