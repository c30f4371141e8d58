//! What the browser posts about a new complaint.

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::callbacks::CallbackId;
use crate::callbacks::queries::call::DepartmentRow;
use crate::complaints::intake::around::Around;
use crate::complaints::intake::model::{class_of, suggested_department};
use crate::complaints::intake::queries::Subject;
use crate::complaints::intake::{BACKDATE_DAYS, MAX_WORDS, Sign, Signs, minors, suggested_severity};
use crate::complaints::service::NewComplaint;
use crate::complaints::{ComplaintChannel, ComplaintClass, ComplaintId, DemandKind, Severity};
use crate::customers::CustomerId;
use crate::customers::forms::phone_field;
use crate::customers::service::PhoneInput;
use crate::i18n::complaint_intake as words;
use crate::i18n::format::Formatter;
use crate::i18n::visits::not_yet;
use crate::money::Money;
use crate::stores::DepartmentId;
use crate::text::clean;
use crate::vehicles::VehicleId;
use crate::visits::VisitId;
use crate::web::form::{FieldError, FormErrors};
use crate::web::idempotency;

/// Longest text about what the customer wants.
const MAX_DEMAND: usize = 2000;
/// Longest name of a caller.
const MAX_NAME: usize = 60;
/// Longest number of the maker or an authority.
const MAX_NUMBER: usize = 60;
/// The largest claim, in fen: ¥100,000,000.
const MAX_CLAIM: i64 = 10_000_000_000;
/// What is sent where the customer wants nothing done.
pub const NO_DEMAND: &str = "none";

/// `POST /complaints` and what stands around it
#[derive(Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct IntakeForm {
    /// What was typed to find the customer.
    pub who: String,
    /// Somebody chosen from what was found: customer, and the car they were found by.
    pub pick: String,
    pub customer_id: String,
    pub vehicle_id: String,
    pub visit_id: String,
    pub callback_id: String,
    /// Somebody who is in no file.
    pub name: String,
    pub phone: String,
    pub channel: String,
    pub words: String,
    pub class: String,
    pub minor: String,
    pub demand_kind: String,
    pub demand: String,
    pub sign: Vec<String>,
    pub amount: String,
    /// Empty: as suggested.
    pub severity: String,
    pub department: String,
    /// The department that was suggested last: one that still stands follows the next suggestion.
    pub department_was: String,
    pub external_number: String,
    pub external_due_on: String,
    pub accepted_at: String,
    /// Set by buttons that change whom the form is about, not what it says.
    pub find: String,
    /// Asked about an open case of the same class: its id, or `new`.
    pub twin: String,
    pub idem_key: String,
}

/// What the form is checked against.
pub struct Known<'a> {
    pub fmt: &'a Formatter,
    pub departments: &'a [DepartmentRow],
    pub around: &'a Around,
    pub area_code: Option<&'a str>,
}

/// Somebody who is in no file yet.
pub struct Caller {
    pub name: String,
    pub phone: Option<PhoneInput>,
}

/// A checked form.
pub struct Intake {
    pub new: NewComplaint,
    pub caller: Option<Caller>,
}

/// What becomes of a complaint that an open case is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twin {
    /// Nobody has been asked.
    Ask,
    /// It is something else.
    New,
    /// It is the same: it goes there.
    Into(ComplaintId),
}

impl IntakeForm {
    /// The empty form, about whom the page was about that it was opened from.
    pub fn fresh(subject: Subject, callback: Option<CallbackId>) -> IntakeForm {
        let text = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
        let channel = match callback {
            Some(_) => ComplaintChannel::Callback,
            None => ComplaintChannel::Call,
        };
        IntakeForm {
            customer_id: text(subject.customer_id.map(CustomerId::get)),
            vehicle_id: text(subject.vehicle_id.map(VehicleId::get)),
            visit_id: text(subject.visit_id.map(VisitId::get)),
            callback_id: text(callback.map(CallbackId::get)),
            channel: channel.as_str().to_owned(),
            idem_key: idempotency::new_key().to_string(),
            ..IntakeForm::default()
        }
    }

    /// Key of the form.
    pub fn key(&self) -> Option<Uuid> {
        self.idem_key.parse().ok()
    }

    /// Customer that is chosen.
    pub fn customer(&self) -> Option<CustomerId> {
        self.customer_id.parse().ok()
    }

    /// Car that is chosen.
    pub fn vehicle(&self) -> Option<VehicleId> {
        self.vehicle_id.parse().ok()
    }

    /// Visit that is chosen.
    pub fn visit(&self) -> Option<VisitId> {
        self.visit_id.parse().ok()
    }

    /// Whether a button was pressed that only changes whom the form is about; it changes the form accordingly.
    pub fn turns_to_somebody(&mut self) -> bool {
        if !self.pick.is_empty() {
            let (customer, vehicle) = self.pick.split_once(':').unwrap_or((&self.pick, ""));
            self.customer_id = customer.to_owned();
            if !vehicle.is_empty() {
                self.vehicle_id = vehicle.to_owned();
            }
            self.pick.clear();
            self.find.clear();
            return true;
        }
        match std::mem::take(&mut self.find).as_str() {
            "" => false,
            "clear" => {
                for field in [
                    &mut self.customer_id,
                    &mut self.vehicle_id,
                    &mut self.visit_id,
                    &mut self.callback_id,
                ] {
                    field.clear();
                }
                true
            }
            _ => true,
        }
    }

    /// What is decided about open cases of the same class.
    pub fn twin(&self) -> Twin {
        match self.twin.as_str() {
            "new" => Twin::New,
            id => id.parse().map_or(Twin::Ask, Twin::Into),
        }
    }

    /// The class: as chosen, else the one of the second level.
    pub fn class(&self) -> Option<ComplaintClass> {
        self.class.parse().ok().or_else(|| class_of(&self.minor))
    }

    /// Whether a sign is ticked.
    pub fn has(&self, sign: &Sign) -> bool {
        self.sign.iter().any(|ticked| ticked == sign.as_str())
    }

    /// What the form says about how grave it is.
    pub fn signs(&self) -> Signs {
        let amount = Money::from_str(&self.amount).ok().map(Money::fen);
        Signs {
            ticked: self.sign.iter().filter_map(|code| code.parse().ok()).collect(),
            channel: self.channel.parse().ok(),
            claimed_fen: amount.filter(|fen| *fen > 0),
            demands: !self.demand.trim().is_empty() || self.demand_kind.parse::<DemandKind>().is_ok(),
        }
    }

    /// Puts in the department that the class suggests, unless another one was chosen.
    pub fn suggest_department(&mut self, departments: &[DepartmentRow]) {
        let names: Vec<&str> = departments.iter().map(|row| row.name.as_str()).collect();
        let found = self
            .class()
            .and_then(|class| suggested_department(class, &self.minor, &names));
        let suggested = found.map(|n| departments[n].id.to_string()).unwrap_or_default();
        if self.department.is_empty() || self.department == self.department_was {
            self.department.clone_from(&suggested);
        }
        self.department_was = suggested;
    }

    /// Checks everything.
    pub fn validate(&self, known: &Known<'_>) -> Result<Intake, FormErrors> {
        let mut errors = FormErrors::default();
        let caller = self.caller(known, &mut errors);
        let channel = errors.required_choice("channel", &self.channel);
        let words = errors.required("words", &self.said(), MAX_WORDS);
        let class = self.checked_class(&mut errors);
        let demand_kind = self.demand_kind(&mut errors);
        let demand = errors.optional("demand", &plain(&self.demand), MAX_DEMAND);
        let claimed_fen = self.claimed(&mut errors);
        let severity = self.checked_severity(&mut errors);
        let department_id = self.department(known, &mut errors);
        let new = NewComplaint {
            customer_id: self.customer(),
            vehicle_id: self.vehicle(),
            visit_id: self.visit(),
            from_callback_id: self.callback_id.parse().ok(),
            class_minor: self.minor.clone(),
            department_id,
            demand: (!demand.is_empty()).then_some(demand),
            demand_kind,
            claimed_fen,
            wants_replacement: self.has(&Sign::Replacement),
            external_number: errors.optional("external_number", &clean(&self.external_number), MAX_NUMBER),
            external_due_on: errors.date("external_due_on", &self.external_due_on),
            accepted_at: self.accepted_at(known.fmt, &mut errors),
            signs: self.signs().all(),
            ..NewComplaint::new(
                channel.unwrap_or(ComplaintChannel::Call),
                class.unwrap_or(ComplaintClass::Other),
                severity,
                words,
            )
        };
        errors.finish(Intake { new, caller })
    }

    /// The customer's words as they were typed: line ends of one kind, and no characters that nobody can see.
    pub fn said(&self) -> String {
        plain(&self.words)
    }

    fn caller(&self, known: &Known<'_>, errors: &mut FormErrors) -> Option<Caller> {
        if self.customer().is_some() {
            return None;
        }
        let name = errors.optional("name", &clean(&self.name), MAX_NAME);
        let phone = phone_field(errors, "phone", &self.phone, false, known.area_code);
        if !name.is_empty() {
            return Some(Caller { name, phone });
        }
        if phone.is_some() {
            errors.add("name", FieldError::Required);
        } else if !self.who.trim().is_empty() && self.phone.trim().is_empty() {
            errors.add("who", words::choose_somebody());
        }
        None
    }

    fn checked_class(&self, errors: &mut FormErrors) -> Option<ComplaintClass> {
        let class = match self.class() {
            Some(class) => class,
            None => errors.required_choice("class", &self.class)?,
        };
        let is_known = self.minor.is_empty() || minors(class).iter().any(|minor| minor.code == self.minor);
        if !is_known {
            errors.add("minor", FieldError::BadChoice);
        }
        Some(class)
    }

    fn demand_kind(&self, errors: &mut FormErrors) -> Option<DemandKind> {
        if self.demand_kind == NO_DEMAND {
            return None;
        }
        errors.required_choice("demand_kind", &self.demand_kind)
    }

    fn claimed(&self, errors: &mut FormErrors) -> Option<i64> {
        if self.amount.trim().is_empty() {
            return None;
        }
        match Money::from_str(&self.amount).map(Money::fen) {
            Ok(fen @ 0..=MAX_CLAIM) => (fen > 0).then_some(fen),
            Ok(_) => {
                errors.add("amount", FieldError::OutOfRange(0, MAX_CLAIM / 100));
                None
            }
            Err(_) => {
                errors.add("amount", FieldError::BadNumber);
                None
            }
        }
    }

    /// As suggested, or graver. A case is made less grave on its own page, with a reason.
    fn checked_severity(&self, errors: &mut FormErrors) -> Severity {
        let least = suggested_severity(&self.signs());
        let chosen = errors.choice("severity", &self.severity).unwrap_or(least);
        if chosen.graver(least) != chosen {
            errors.add("severity", words::not_so_grave(least));
        }
        chosen.graver(least)
    }

    fn department(&self, known: &Known<'_>, errors: &mut FormErrors) -> Option<DepartmentId> {
        if known.departments.is_empty() {
            return None;
        }
        let id = errors.required_choice("department", &self.department)?;
        if !known.departments.iter().any(|row| row.id == id) {
            errors.add("department", FieldError::BadChoice);
        }
        Some(id)
    }

    fn accepted_at(&self, fmt: &Formatter, errors: &mut FormErrors) -> Option<DateTime<Utc>> {
        let local = errors.local_datetime("accepted_at", &self.accepted_at)?;
        let at = fmt.zone.from_local_datetime(&local).earliest();
        let Some(at) = at.map(|at| at.with_timezone(&Utc)) else {
            errors.add("accepted_at", FieldError::BadDateTime);
            return None;
        };
        if at > fmt.now {
            errors.add("accepted_at", not_yet());
        } else if at < fmt.now - TimeDelta::days(BACKDATE_DAYS) {
            errors.add("accepted_at", words::too_long_ago());
        }
        Some(at)
    }
}

fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect()
}
