//! Words of reminders, and the text that is sent. Pure.

use chrono::{Datelike, NaiveDate};

use crate::i18n::{Lang, Texts};
use crate::text_enum;

text_enum! {
    /// How a reminder stands.
    pub enum Status {
        Pending = "pending",
        Delivered = "delivered",
        Failed = "failed",
        /// Nobody was reached: a callback goes on with it.
        FellBack = "fell_back",
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// How a customer was reminded.
    pub enum Method {
        Sms = "sms",
        Wechat = "wechat",
        Phone = "phone",
        InPerson = "in_person",
    }
}

text_enum! {
    /// What a specialist records: a way of reminding, or that nobody was reached.
    pub enum Outcome {
        Sms = "sms",
        Wechat = "wechat",
        Phone = "phone",
        InPerson = "in_person",
        NotReached = "not_reached",
    }
}

text_enum! {
    /// Tabs of the list.
    pub enum Tab {
        /// Everything to be made by today.
        Today = "today",
        /// Of it, what is past its deadline.
        Overdue = "overdue",
        Done = "done",
        All = "all",
    }
}

impl Outcome {
    /// The way of reminding; `None`: nobody was reached.
    pub const fn method(self) -> Option<Method> {
        match self {
            Outcome::Sms => Some(Method::Sms),
            Outcome::Wechat => Some(Method::Wechat),
            Outcome::Phone => Some(Method::Phone),
            Outcome::InPerson => Some(Method::InPerson),
            Outcome::NotReached => None,
        }
    }
}

impl Method {
    /// Whether somebody was spoken to, as the figures count it.
    pub const fn is_connected(self) -> bool {
        match self {
            Method::Phone | Method::InPerson => true,
            Method::Sms | Method::Wechat => false,
        }
    }
}

/// A car of a message: what the customer is told about it.
#[derive(Clone, Debug)]
pub struct MessageCar {
    pub model: String,
    /// As on the screen: `浙A·7K2M9`.
    pub plate: Option<String>,
    pub is_first: bool,
    pub due_on: Option<NaiveDate>,
}

/// The text a customer gets, in Chinese whatever the language of the screen.
pub fn message(store: &str, addressee: &str, cars: &[MessageCar]) -> String {
    let t = Texts(Lang::Zh).reminders();
    let parts: Vec<String> = cars
        .iter()
        .map(|car| {
            let name = match &car.plate {
                Some(plate) => t.message_car(&car.model, plate),
                None => car.model.clone(),
            };
            let what = if car.is_first {
                t.message_first()
            } else {
                t.message_periodic()
            };
            match car.due_on {
                Some(day) => t.message_due(name, format!("{}月{}日", day.month(), day.day()), what),
                None => t.message_soon(name, what),
            }
        })
        .collect();
    t.message(store, addressee, parts.join("；"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_every_car_once() {
        let day = NaiveDate::from_ymd_opt(2026, 12, 8);
        let car = |model: &str, plate: Option<&str>, is_first, due_on| MessageCar {
            model: model.to_owned(),
            plate: plate.map(str::to_owned),
            is_first,
            due_on,
        };
        assert_eq!(
            message(
                "滨江店",
                "朱婷婷女士",
                &[car("明锐", Some("浙A·J0257"), true, day)]
            ),
            "【滨江店】朱婷婷女士您好，您的明锐（浙A·J0257）预计 12月8日 前后到首次保养时间。请提前预约到店，如已保养请忽略。"
        );
        let two = [
            car("明锐", Some("浙A·J0257"), false, day),
            car("速派", None, false, None),
        ];
        assert_eq!(
            message("滨江店", "朱婷婷", &two),
            "【滨江店】朱婷婷您好，您的明锐（浙A·J0257）预计 12月8日 前后到定期保养时间；您的速派近期到定期保养时间。请提前预约到店，如已保养请忽略。"
        );
    }

    #[test]
    fn every_way_of_reminding_but_not_reaching_anybody_is_a_method() {
        for outcome in Outcome::ALL {
            let method = outcome.method().map(Method::as_str);
            assert_eq!(method.unwrap_or("not_reached"), outcome.as_str());
        }
    }
}
