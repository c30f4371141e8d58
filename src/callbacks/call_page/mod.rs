//! The call screen: everything about one customer that a call needs, and the form with what was typed.

use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::appointments::queries::UpcomingRow;
use crate::auth::permission::Permission;
use crate::callbacks::follow_ups::NoCalls;
use crate::callbacks::forms::CallForm;
use crate::callbacks::queries::call::{AttemptRow, Call, ComplaintRow, DepartmentRow, ItemRow, PhoneRow};
use crate::callbacks::queries::follow_ups::PresentRow;
use crate::callbacks::queue::SkipReason;
use crate::callbacks::side::{self, SideView};
use crate::complaints::Severity;
use crate::customers::PhoneState;
use crate::obligations::ObligationId;
use crate::scripts::model::{ItemKind, StepKind};
use crate::stores::DepartmentId;
use crate::web::filters;
use crate::web::form::FormErrors;
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::sla::SlaChip;

mod cases;
mod data;
mod items;
mod panel;
mod talk;

pub use data::CallData;
pub use items::ItemView;
pub use panel::{CarView, OutcomeView};
pub use talk::StepView;

/// The call screen.
#[derive(Template)]
#[template(path = "callbacks/call.html")]
pub struct CallPage {
    layout: Layout,
    call: Call,
    name: String,
    chip: Option<SlaChip>,
    /// Why it is due then.
    why: String,
    kinds: Vec<&'static str>,
    /// Set while the person holds the lease; only then there is a form.
    token: Option<Uuid>,
    key: Uuid,
    why_not: Option<String>,
    may_claim: bool,
    form: CallForm,
    errors: FormErrors,
    draft_at: Option<DateTime<Utc>>,
    items: Vec<ItemView>,
    about: Option<ItemRow>,
    phones: Vec<PhoneRow>,
    phone: Option<usize>,
    recent: Vec<AttemptRow>,
    complaints: Vec<ComplaintRow>,
    upcoming: Vec<UpcomingRow>,
    present: Vec<PresentRow>,
    cars: Vec<CarView>,
    /// Whether the talk has a step in which the data is checked; else it is asked beside the talk.
    checks_in_talk: bool,
    departments: Vec<DepartmentRow>,
    script_name: String,
    /// The version of the questionnaire whose questions stand here; the answers belong to it.
    asked: Option<i64>,
    steps: Vec<StepView>,
    reasons: Vec<(String, String, bool)>,
    outcomes: Vec<OutcomeView>,
    retry: String,
    number: String,
    ticks: Vec<bool>,
    outside_hours: Option<String>,
    side: SideView,
}

/// The page with what was typed.
pub fn page(
    layout: Layout,
    data: CallData,
    form: CallForm,
    errors: FormErrors,
    draft_at: Option<DateTime<Utc>>,
) -> Page<CallPage> {
    let t = layout.t.callbacks();
    let token = data.token();
    let items = items::views(&layout, &data, &form, &errors);
    let steps = talk::steps(&layout, &data, &errors, token.is_some());
    let (why_not, may_claim) = panel::why_not(&layout, &data);
    let key = form.keys().map_or_else(idempotency::new_key, |(_, key)| key);
    let mut kinds: Vec<&'static str> = data.items.iter().map(|item| t.kind(&item.kind)).collect();
    kinds.dedup();
    let why = data.why(&layout);
    let page = CallPage {
        name: data.call.name.clone().unwrap_or_else(|| t.unnamed().to_owned()),
        chip: data
            .call
            .ended_at
            .is_none()
            .then(|| layout.sla(&data.call.callable_due_at).because(Some(&why))),
        why,
        kinds,
        token,
        key,
        why_not,
        may_claim,
        phone: panel::chosen_phone(&data, &form),
        script_name: data
            .talk()
            .map(|talk| t.script_version(&talk.name, talk.version))
            .unwrap_or_default(),
        asked: data.questionnaire.as_ref().map(|version| version.id.get()),
        cars: panel::cars(&layout, &data, &form, &errors),
        checks_in_talk: steps.iter().any(|step| step.kind == StepKind::Check),
        steps,
        reasons: call_reasons(&layout, &data, &items, &form),
        items,
        outcomes: panel::outcomes(&layout, &form),
        retry: panel::retry_text(&layout, &data),
        number: panel::number_text(&layout, &data),
        ticks: panel::ticks(&data),
        outside_hours: data
            .calendar
            .first_callable_from(data.now)
            .filter(|at| *at != data.now)
            .map(|at| t.outside_hours(layout.fmt.near(&at))),
        side: side::view(&layout, &data.call, data.side, &data.origin),
        about: about(data.items),
        recent: data.recent,
        complaints: data.complaints,
        upcoming: data.upcoming,
        present: data.present,
        departments: data.departments,
        phones: data.phones,
        call: data.call,
        form,
        errors,
        draft_at: draft_at.filter(|_| token.is_some()),
        layout,
    };
    Page(page)
}

impl CallPage {
    fn initial(&self) -> String {
        self.name.chars().take(1).collect()
    }

    fn value(&self, field: &str) -> &str {
        self.form.get(field)
    }

    fn error(&self, field: &str) -> Option<String> {
        self.layout.field_error(&self.errors, field)
    }

    fn is_set(&self, field: &str, value: &str) -> bool {
        self.form.has(field, value)
    }

    fn severities(&self) -> &'static [Severity] {
        Severity::ALL
    }

    fn is_department(&self, id: &DepartmentId) -> bool {
        self.form.get("department") == id.to_string()
    }

    fn is_phone(&self, index: &usize) -> bool {
        self.phone == Some(*index)
    }

    fn skip_reasons(&self) -> &'static [SkipReason] {
        SkipReason::ALL
    }

    fn no_calls(&self) -> &'static [NoCalls] {
        NoCalls::ALL
    }

    /// A wished day and time, and what has become of the wish.
    fn appointment(&self, row: &UpcomingRow) -> String {
        let (t, fmt) = (self.layout.t.callbacks(), &self.layout.fmt);
        let mut day = fmt.iso_date(&row.wished_on);
        if let Some(at) = row.wished_at {
            day.push_str(&at.format(" %H:%M").to_string());
        }
        t.booked(day, t.appointment_state(row.state))
    }

    /// Whether a verdict on a case is asked for.
    fn has_case(&self) -> bool {
        self.items.iter().any(|item| item.is_open && item.case.is_some())
    }

    /// Obligations that the form speaks about.
    fn listed(&self) -> Vec<ObligationId> {
        let open = self.items.iter().filter(|item| item.is_open);
        open.map(|item| item.id).collect()
    }
}

/// Reasons of a complaint that a call without a questionnaire brings; each visit that is asked about has its own.
fn call_reasons(
    layout: &Layout,
    data: &CallData,
    items: &[ItemView],
    form: &CallForm,
) -> Vec<(String, String, bool)> {
    if items.iter().any(|item| item.is_survey && item.is_open) {
        return Vec::new();
    }
    let reasons = data
        .questionnaire
        .iter()
        .flat_map(|version| &version.body.reasons);
    reasons
        .map(|reason| {
            let is_checked = form.has("reason", &reason.code);
            (
                reason.code.clone(),
                reason.text.get(layout.lang).to_owned(),
                is_checked,
            )
        })
        .collect()
}

/// The item whose car and visit the left pane shows: the first with a visit, else the first.
fn about(items: Vec<ItemRow>) -> Option<ItemRow> {
    let with_visit = items.iter().position(|item| item.visit_id.is_some());
    items.into_iter().nth(with_visit.unwrap_or(0))
}
