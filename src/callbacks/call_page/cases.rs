//! A case on the call: what the customer had said, what was done, and the questions about it.

use crate::callbacks::forms::CallForm;
use crate::callbacks::queries::call::ItemRow;
use crate::complaints::ComplaintId;
use crate::complaints::Verdict;
use crate::complaints::verdict::calls::is_after;
use crate::complaints::verdict::forms::{CaseFields, NOT_ASKED};
use crate::complaints::verdict::queries::CaseRow;
use crate::web::form::FormErrors;
use crate::web::layout::Layout;

/// `templates/callbacks/case.html`
pub struct CaseView {
    pub id: ComplaintId,
    pub number: String,
    pub severity: (&'static str, &'static str),
    pub class: &'static str,
    pub accepted_at: String,
    /// From the second round on.
    pub round: Option<String>,
    pub said: Option<String>,
    pub wanted: Option<String>,
    pub done: Option<String>,
    pub result: Option<String>,
    /// The words of the dissatisfied verdict before.
    pub before: Option<String>,
    pub question: &'static str,
    pub names: CaseFields,
    /// Value, text, whether it is chosen, whether it is a bad one.
    pub verdicts: Vec<(&'static str, &'static str, bool, bool)>,
    pub verdict_error: Option<String>,
    pub solved: [(&'static str, &'static str, bool); 2],
    pub points: Vec<(i16, bool)>,
    pub score_error: Option<String>,
    pub words: String,
    pub words_error: Option<String>,
}

pub(super) fn view(
    layout: &Layout,
    item: &ItemRow,
    case: &CaseRow,
    form: &CallForm,
    errors: &FormErrors,
) -> CaseView {
    let (t, words) = (layout.t.complaint_verdict(), layout.t.complaints());
    let names = CaseFields::of(item.id);
    let verdicts = Verdict::ALL.iter().map(|verdict| {
        let is_bad = *verdict == Verdict::Dissatisfied;
        (verdict.as_str(), words.verdict_of(*verdict), is_bad)
    });
    let verdicts = verdicts.chain([(NOT_ASKED, t.not_asked(), false)]);
    let text = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
    let is_after = is_after(&item.kind);
    CaseView {
        id: case.id,
        number: case.number.clone(),
        severity: (case.severity.tone(), words.severity_of(case.severity)),
        class: words.class_of(case.class_major),
        accepted_at: layout.fmt.datetime(&case.accepted_at),
        round: (case.cycle > 1).then(|| t.round(case.cycle)),
        said: text(&case.words),
        wanted: text(&case.demand),
        done: text(&case.measure),
        result: text(&case.result),
        before: text(&case.verdict_words)
            .filter(|_| !is_after && case.verdict == Some(Verdict::Dissatisfied)),
        question: if is_after { t.ask_after() } else { t.ask_second() },
        verdicts: verdicts
            .map(|(value, label, is_bad)| (value, label, form.has(&names.verdict, value), is_bad))
            .collect(),
        verdict_error: layout.field_error(errors, &names.verdict),
        solved: [("yes", t.yes()), ("no", t.no())]
            .map(|(value, label)| (value, label, form.has(&names.solved, value))),
        points: (0..=10)
            .map(|point: i16| (point, form.has(&names.score, &point.to_string())))
            .collect(),
        score_error: layout.field_error(errors, &names.score),
        words: form.get(&names.words).to_owned(),
        words_error: layout.field_error(errors, &names.words),
        names,
    }
}
