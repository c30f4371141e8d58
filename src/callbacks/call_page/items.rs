//! What a call is about, in the order in which it is asked, each with its own questions.

use crate::callbacks::call_page::cases::{self, CaseView};
use crate::callbacks::call_page::data::CallData;
use crate::callbacks::call_page::talk::{ask_sentence, upcoming};
use crate::callbacks::forms::{CallForm, FormItem};
use crate::callbacks::model::ContactResult;
use crate::callbacks::queries::call::ItemRow;
use crate::obligations::ObligationId;
use crate::scripts::views::{Asking, QuestionView};
use crate::scripts::{ItemKind, Questionnaire};
use crate::web::form::FormErrors;
use crate::web::layout::Layout;

/// Place of a kind of obligation in a call that bundles several, the trade's order: complaint, post-service, safety,
/// warranty, maintenance, renewal, data. What is added later stands before the data.
pub fn asking_order(kind: &str) -> usize {
    const ORDER: &[&[&str]] = &[
        &["post_service"],
        &["recall", "safety"],
        &["warranty_expiry"],
        &["first_maintenance", "periodic_maintenance", "lost_customer"],
        &["renewal", "renewal_contact"],
        &["care_visit"],
    ];
    match kind {
        kind if kind.starts_with("complaint") => 0,
        "data_task" | "profile_review" => ORDER.len() + 2,
        kind => {
            ORDER
                .iter()
                .position(|group| group.contains(&kind))
                .unwrap_or(ORDER.len())
                + 1
        }
    }
}

/// Questions that are shown before "more questions", with those that hang on them.
const FIRST_QUESTIONS: usize = 3;

/// One obligation with its questions.
pub struct ItemView {
    pub id: ObligationId,
    pub kind: &'static str,
    pub status: &'static str,
    pub is_open: bool,
    pub line: String,
    /// What is said before its questions, if another item's sentence stands above them.
    pub say: Option<String>,
    pub is_survey: bool,
    pub first: Vec<QuestionView>,
    pub more: Vec<QuestionView>,
    pub has_more_typed: bool,
    /// No question of the questionnaire asks why the customer would not recommend us: a hint does.
    pub hints_low_nps: bool,
    pub reason_name: String,
    pub reason_error: Option<String>,
    pub reasons: Vec<(String, String, bool)>,
    pub result_name: String,
    pub result_error: Option<String>,
    pub results: Vec<(&'static str, &'static str, bool)>,
    /// The case that it is about, with its own questions.
    pub case: Option<CaseView>,
}

/// Every item of the call.
pub(super) fn views(layout: &Layout, data: &CallData, form: &CallForm, errors: &FormErrors) -> Vec<ItemView> {
    let talk = data.talk().map(|talk| talk.id);
    let rows = data.items.iter();
    rows.map(|row| {
        let mut view = view(layout, data, row, form, errors);
        view.say = ask_sentence(layout, data, row, talk);
        view
    })
    .collect()
}

fn view(layout: &Layout, data: &CallData, row: &ItemRow, form: &CallForm, errors: &FormErrors) -> ItemView {
    let t = layout.t.callbacks();
    let item = FormItem {
        id: row.id,
        kind: row.kind.clone(),
    };
    let questionnaire = data.questionnaire.as_ref().filter(|_| item.is_survey());
    let (mut first, mut reasons) = (Vec::new(), Vec::new());
    let reason_name = CallForm::reason(row.id);
    let mut cut = 0;
    if let Some(version) = questionnaire {
        let asking = asking(layout, &version.body);
        let answers = form.answers(row.id, &version.body);
        let name = |code: &str| CallForm::question(row.id, code);
        for question in &version.body.items {
            let error = layout.field_error(errors, &name(&question.code));
            first.push(asking.question(question, name, &answers, error));
        }
        cut = first_cut(first.iter().map(|question| question.when.is_none()));
        for reason in &version.body.reasons {
            let is_checked = form.has(&reason_name, &reason.code);
            reasons.push((
                reason.code.clone(),
                reason.text.get(layout.lang).to_owned(),
                is_checked,
            ));
        }
    }
    let more = first.split_off(cut);
    let is_typed = |question: &QuestionView| {
        let is_chosen = question.choices.iter().any(|choice| choice.is_checked)
            || question.points.iter().any(|point| point.is_checked);
        is_chosen || !question.value.is_empty() || question.error.is_some()
    };
    let result_name = CallForm::result(row.id);
    ItemView {
        id: row.id,
        kind: t.kind(&row.kind),
        status: t.item_status(&row.status),
        is_open: row.status == "open",
        line: line(layout, data, row),
        say: None,
        is_survey: questionnaire.is_some(),
        hints_low_nps: questionnaire.is_some_and(|version| !asks_low_nps(&version.body)),
        has_more_typed: more.iter().any(is_typed),
        first,
        more,
        reason_error: layout.field_error(errors, &reason_name),
        reason_name,
        reasons,
        result_error: layout.field_error(errors, &result_name),
        results: ContactResult::for_kind(&row.kind)
            .iter()
            .map(|result| {
                let is_checked = form.has(&result_name, result.as_str());
                (result.as_str(), t.contact_result(*result), is_checked)
            })
            .collect(),
        case: data
            .case_of(row)
            .map(|case| cases::view(layout, row, case, form, errors)),
        result_name,
    }
}

/// Whether a question hangs on the willingness to recommend.
fn asks_low_nps(questionnaire: &Questionnaire) -> bool {
    let hangs_on = questionnaire.items.iter().filter_map(|item| item.when.as_ref());
    hangs_on
        .filter_map(|when| questionnaire.item(&when.code))
        .any(|item| item.kind == ItemKind::Nps)
}

/// How a questionnaire is asked in the language of the page.
pub(super) fn asking<'a>(layout: &Layout, questionnaire: &'a Questionnaire) -> Asking<'a> {
    let t = layout.t.common();
    Asking {
        questionnaire,
        lang: layout.lang,
        yes_no: (t.yes(), t.no()),
    }
}

/// Where the first questions end: before the one that is always asked and has as many of its like before it.
fn first_cut(is_always: impl ExactSizeIterator<Item = bool>) -> usize {
    let all = is_always.len();
    let mut always = is_always.enumerate().filter(|(_, is_always)| *is_always);
    always.nth(FIRST_QUESTIONS).map_or(all, |(index, _)| index)
}

/// What an item is about in one line: the visit, or the day on which something ends.
fn line(layout: &Layout, data: &CallData, item: &ItemRow) -> String {
    let (t, fmt) = (layout.t.callbacks(), &layout.fmt);
    let mut parts: Vec<String> = Vec::new();
    parts.extend(item.plate.as_deref().map(|plate| fmt.plate(plate)));
    match item.kind.as_str() {
        _ if data.case_of(item).is_some() => {
            parts.extend(data.case_of(item).map(|case| case.number.clone()));
        }
        "post_service" => {
            parts.extend(
                item.visit_type
                    .map(|visit_type| layout.t.visits().visit_type(visit_type).to_owned()),
            );
            parts.extend(item.handed_over_at.map(|at| t.handed_over(fmt.datetime(&at))));
        }
        _ => parts.extend(upcoming(layout, item)),
    }
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundled_items_are_asked_in_the_order_of_the_trade() {
        let mut kinds = [
            "data_task",
            "renewal_contact",
            "post_service",
            "care_visit",
            "lost_customer",
            "periodic_maintenance",
            "warranty_expiry",
            "something_new",
            "complaint_after",
            "recall",
        ];
        kinds.sort_by_key(|kind| asking_order(kind));
        assert_eq!(
            kinds,
            [
                "complaint_after",
                "post_service",
                "recall",
                "warranty_expiry",
                "lost_customer",
                "periodic_maintenance",
                "renewal_contact",
                "care_visit",
                "something_new",
                "data_task",
            ]
        );
    }

    #[test]
    fn questions_that_hang_on_the_first_ones_stay_with_them() {
        for (always, cut) in [
            (&[][..], 0),
            (&[true, true], 2),
            (&[true, true, true], 3),
            (&[true, true, true, true], 3),
            (&[true, true, false, true, false, true, true], 5),
            (&[true, true, true, false], 4),
        ] {
            assert_eq!(first_cut(always.iter().copied()), cut, "{always:?}");
        }
    }
}
