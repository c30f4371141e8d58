//! The pane beside the talk: who has the call, the outcome cards, what a dial without an answer leads to.

use crate::auth::permission::Permission;
use crate::callbacks::call_page::data::CallData;
use crate::callbacks::follow_ups;
use crate::callbacks::forms::CallForm;
use crate::callbacks::model::{Disposition, GivenUp, NextStep, Outcome};
use crate::customers::PhoneId;
use crate::vehicles::VehicleId;
use crate::web::form::FormErrors;
use crate::web::layout::Layout;

/// One outcome card.
pub struct OutcomeView {
    pub value: &'static str,
    pub label: &'static str,
    pub icon: &'static str,
    pub key: usize,
    pub is_checked: bool,
    pub codes: Vec<(&'static str, &'static str, bool)>,
}

/// A car of the call with what is asked about it.
pub struct CarView {
    pub id: VehicleId,
    pub label: String,
    pub km_name: String,
    pub km: String,
    pub km_hint: String,
    pub km_error: Option<String>,
    pub plate_name: String,
    pub plate: String,
    pub plate_hint: String,
    pub plate_error: Option<String>,
}

/// Every car of the call; its plate tells it apart where there are several.
pub(super) fn cars(layout: &Layout, data: &CallData, form: &CallForm, errors: &FormErrors) -> Vec<CarView> {
    let (t, fmt) = (layout.t.callbacks(), &layout.fmt);
    let is_one = data.cars.len() == 1;
    let cars = data.cars.iter();
    cars.map(|car| {
        let plate = car.plate.as_deref().map(|plate| fmt.plate(plate));
        let known = data.items.iter().filter(|item| item.car_id == Some(car.id));
        let km = known.filter_map(|item| item.odometer_km).max();
        let (km_name, plate_name) = (follow_ups::km_name(car.id), follow_ups::plate_name(car.id));
        CarView {
            id: car.id,
            label: plate.clone().filter(|_| !is_one).unwrap_or_default(),
            km: form.get(&km_name).to_owned(),
            km_hint: km.map_or_else(|| t.km_hint_unknown().to_owned(), |km| t.km_hint(fmt.km(&km))),
            km_error: layout.field_error(errors, &km_name),
            km_name,
            plate: form.get(&plate_name).to_owned(),
            plate_hint: plate.map_or_else(|| t.plate_hint_none().to_owned(), |plate| t.plate_hint(plate)),
            plate_error: layout.field_error(errors, &plate_name),
            plate_name,
        }
    })
    .collect()
}

pub(super) fn chosen_phone(data: &CallData, form: &CallForm) -> Option<usize> {
    let typed: Option<PhoneId> = form.get("phone_id").parse().ok();
    let wanted = typed.or(data.usable.first().copied());
    data.phones.iter().position(|phone| Some(phone.id) == wanted)
}

pub(super) fn ticks(data: &CallData) -> Vec<bool> {
    let done = usize::try_from(data.call.dials).unwrap_or(0);
    (0..data.policy.min_dials.max(done)).map(|i| i < done).collect()
}

pub(super) fn retry_text(layout: &Layout, data: &CallData) -> String {
    let t = layout.t.callbacks();
    match data.dial(Disposition::NoAnswer) {
        NextStep::RetryAt(at) => t.retry_at(layout.fmt.near(&at)),
        NextStep::Message => t.retry_message().to_owned(),
        NextStep::Exhausted(_) | NextStep::Done => t.retry_over().to_owned(),
    }
}

/// What becomes of a number that can reach nobody.
pub(super) fn number_text(layout: &Layout, data: &CallData) -> String {
    let t = layout.t.callbacks();
    match data.dial(Disposition::Vacant) {
        NextStep::Exhausted(GivenUp::NoValidPhone) => t.number_last().to_owned(),
        NextStep::Exhausted(GivenUp::Unreachable | GivenUp::Refused)
        | NextStep::Done
        | NextStep::Message
        | NextStep::RetryAt(_) => t.number_next().to_owned(),
    }
}

/// Why there is no form, and whether a claim would help.
pub(super) fn why_not(layout: &Layout, data: &CallData) -> (Option<String>, bool) {
    let t = layout.t.callbacks();
    let (call, me) = (&data.call, data.user.id);
    let works = layout.can(Permission::WorkCallbacks);
    let is_live = call.lease_until.is_some_and(|until| until >= data.now);
    let takes = layout.can(Permission::AssignCallbacks);
    // Who has it in hand is said by the presence below.
    let is_in_hand = call.claimed_by.is_some() && is_live;
    if data.token().is_some() || is_in_hand {
        (None, false)
    } else if call.ended_at.is_some() {
        (Some(t.has_ended().to_owned()), false)
    } else if call.excluded_ids.contains(&me.get()) {
        (works.then(|| t.you_served().to_owned()), false)
    } else if let Some(name) = call
        .assigned_name
        .as_ref()
        .filter(|_| call.assigned_to != Some(me))
    {
        (Some(t.assigned_to(name)), works && takes)
    } else {
        (None, works)
    }
}

pub(super) fn outcomes(layout: &Layout, form: &CallForm) -> Vec<OutcomeView> {
    let t = layout.t.callbacks();
    let cards = Outcome::ALL.iter().enumerate();
    cards
        .map(|(index, card)| {
            let field = format!("code_{card}");
            let codes = card.dispositions();
            let typed = form.get(&field);
            OutcomeView {
                value: card.as_str(),
                label: t.outcome(*card),
                icon: card.icon(),
                key: index + 1,
                is_checked: form.has("outcome", card.as_str()),
                codes: codes
                    .iter()
                    .enumerate()
                    .filter(|_| codes.len() > 1)
                    .map(|(i, code)| {
                        let is_checked = typed == code.as_str() || (typed.is_empty() && i == 0);
                        (code.as_str(), t.disposition(*code), is_checked)
                    })
                    .collect(),
            }
        })
        .collect()
}
