//! The steps of the talk with the customer's own data in them.

use crate::callbacks::call_page::data::CallData;
use crate::callbacks::call_page::items::asking;
use crate::callbacks::forms::CallForm;
use crate::callbacks::queries::call::ItemRow;
use crate::obligations::ObligationId;
use crate::scripts::model::{StepKind, fill};
use crate::scripts::service::talk_for;
use crate::scripts::views::WhenView;
use crate::scripts::{ScriptVersionId, Talk};
use crate::web::form::FormErrors;
use crate::web::layout::Layout;

/// One step of the talk with the customer's data in it.
pub struct StepView {
    pub number: usize,
    pub title: String,
    pub say: String,
    pub kind: StepKind,
    pub when: Option<WhenView>,
    /// Open when the page is shown.
    pub is_open: bool,
    pub is_current: bool,
    /// Something in it must be mended.
    pub has_error: bool,
}

/// Fields of the steps that are no questions.
const REASONS: &[&str] = &["reason", "words"];

/// Fields of the questions, before the id of their item.
const ASKED: &[&str] = &["q", "result", "reason", "solved", "score", "words"];

/// The kind of step in which a field stands; `None`: it stands beside the talk.
fn step_of(field: &str) -> Option<StepKind> {
    let is_of_item = |prefix: &str| {
        let rest = field.strip_prefix(prefix).unwrap_or_default();
        rest.starts_with(|c: char| c.is_ascii_digit())
    };
    if REASONS.contains(&field) {
        Some(StepKind::Reasons)
    } else if is_of_item("km") || is_of_item("plate") || field == "other_phone" {
        Some(StepKind::Check)
    } else if ASKED.iter().any(|prefix| is_of_item(prefix)) {
        Some(StepKind::Ask)
    } else {
        None
    }
}

/// The steps; after a refused save the first one with something to mend is the current one, and every such step is open.
pub(super) fn steps(layout: &Layout, data: &CallData, errors: &FormErrors, is_mine: bool) -> Vec<StepView> {
    let Some(talk) = data.talk() else {
        return Vec::new();
    };
    let values = merge_values(layout, data, None);
    let wrong: Vec<StepKind> = errors.fields().filter_map(step_of).collect();
    let steps = &talk.body.steps;
    let first_wrong = steps.iter().position(|step| wrong.contains(&step.kind));
    let current = first_wrong.unwrap_or(0);
    let surveys: Vec<ObligationId> = data
        .open
        .iter()
        .filter(|item| item.is_survey())
        .map(|item| item.id)
        .collect();
    let views = steps.iter().enumerate();
    views
        .map(|(index, step)| {
            let asks = step.kind != StepKind::Say;
            let has_error = wrong.contains(&step.kind);
            StepView {
                number: index + 1,
                title: step.title.get(layout.lang).to_owned(),
                say: filled(step.say.get(layout.lang), &values),
                kind: step.kind,
                when: step
                    .when
                    .as_ref()
                    .zip(data.questionnaire.as_ref())
                    .filter(|_| !surveys.is_empty())
                    .map(|(when, version)| {
                        let names: Vec<_> = surveys
                            .iter()
                            .map(|id| move |code: &str| CallForm::question(*id, code))
                            .collect();
                        asking(layout, &version.body).when(when, &names)
                    }),
                is_open: !is_mine || index == current || asks || has_error,
                is_current: is_mine && index == current,
                has_error,
            }
        })
        .collect()
}

fn filled(sentence: &str, values: &[(&'static str, String)]) -> String {
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    fill(sentence, &values)
}

/// How an item of another occasion than the call's own is put: the asking sentence of its own talk.
pub(super) fn ask_sentence(
    layout: &Layout,
    data: &CallData,
    item: &ItemRow,
    shown: Option<ScriptVersionId>,
) -> Option<String> {
    let is_first = data.items.first().is_some_and(|first| first.id == item.id);
    let talk = talk_for(&data.talks, &item.kind)?;
    if is_first || (Some(talk.id) == shown && item.kind == "post_service") {
        return None;
    }
    let say = asking_step(&talk.body)?;
    Some(filled(
        say.get(layout.lang),
        &merge_values(layout, data, Some(item)),
    ))
}

fn asking_step(talk: &Talk) -> Option<&crate::scripts::model::Words> {
    let step = talk.steps.iter().find(|step| step.kind == StepKind::Ask);
    step.map(|step| &step.say)
}

/// What comes next for the car, if it is known.
pub(super) fn upcoming(layout: &Layout, item: &ItemRow) -> Option<String> {
    let (t, fmt) = (layout.t.callbacks(), &layout.fmt);
    match item.kind.as_str() {
        "warranty_expiry" => item
            .warranty_ends_on
            .map(|day| t.next_warranty(fmt.iso_date(&day))),
        "renewal" | "renewal_contact" => item.policy_ends_on.map(|day| t.next_policy(fmt.iso_date(&day))),
        _ => item
            .next_on
            .or(item.next_due_on)
            .map(|day| t.next_service(fmt.iso_date(&day))),
    }
}

/// What goes into the sentences, about one item or about the whole call. The surname comes alone: the full data is for the
/// customer only.
fn merge_values(layout: &Layout, data: &CallData, of: Option<&ItemRow>) -> Vec<(&'static str, String)> {
    let (t, fmt) = (layout.t.callbacks(), &layout.fmt);
    let name = data.call.name.clone().unwrap_or_default();
    let surname = match &data.call.salutation {
        Some(salutation) => format!("{}{salutation}", crate::customers::person_name::surname(&name)),
        None => name.clone(),
    };
    let with_visit = data.items.iter().find(|item| item.visit_id.is_some());
    let first_case = data.items.first().filter(|item| data.case_of(item).is_some());
    let item = of.or(first_case).or(with_visit).or(data.items.first());
    let case = item.and_then(|item| data.case_of(item));
    let day = case
        .map(|case| case.accepted_at)
        .or(item.and_then(|item| item.handed_over_at))
        .map(|at| fmt.date(&at.with_timezone(&fmt.zone).date_naive()));
    let visit = item
        .and_then(|item| item.visit_type)
        .map(|visit_type| layout.t.visits().visit_type(visit_type).to_owned());
    let car = item
        .and_then(|item| item.model.clone())
        .filter(|model| !model.is_empty())
        .unwrap_or_else(|| t.your_car().to_owned());
    let next = match of {
        Some(item) => upcoming(layout, item),
        None => data.items.iter().find_map(|item| upcoming(layout, item)),
    };
    let text = |value: Option<String>| value.filter(|text| !text.is_empty());
    let day_of = |day: Option<chrono::NaiveDate>| day.map(|day| fmt.iso_date(&day)).unwrap_or_default();
    let visit = visit.unwrap_or_default();
    vec![
        ("store", layout.user.store.name.clone()),
        ("me", layout.user.display_name.clone()),
        ("customer", name),
        ("surname", surname),
        ("day", day.unwrap_or_default()),
        (
            "work",
            text(item.and_then(|item| item.summary.clone())).unwrap_or_else(|| visit.clone()),
        ),
        ("visit", visit),
        ("car", car),
        (
            "advisor",
            text(item.and_then(|item| item.advisor.clone())).unwrap_or_default(),
        ),
        (
            "km",
            item.and_then(|item| item.odometer_km)
                .map(|km| fmt.km(&km))
                .unwrap_or_default(),
        ),
        ("next", next.unwrap_or_else(|| t.next_default().to_owned())),
        ("warranty", day_of(item.and_then(|item| item.warranty_ends_on))),
        ("policy", day_of(item.and_then(|item| item.policy_ends_on))),
        (
            "result",
            text(case.and_then(|case| case.result.clone())).unwrap_or_default(),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_in_its_step() {
        for (field, step) in [
            ("q12_q10", Some(StepKind::Ask)),
            ("result7", Some(StepKind::Ask)),
            ("reason7", Some(StepKind::Ask)),
            ("words7", Some(StepKind::Ask)),
            ("score7", Some(StepKind::Ask)),
            ("reason", Some(StepKind::Reasons)),
            ("words", Some(StepKind::Reasons)),
            ("km3", Some(StepKind::Check)),
            ("plate3", Some(StepKind::Check)),
            ("other_phone", Some(StepKind::Check)),
            ("outcome", None),
            ("agreed_at", None),
            ("question", None),
        ] {
            assert_eq!(step_of(field), step, "{field}");
        }
    }
}
