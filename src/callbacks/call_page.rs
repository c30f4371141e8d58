//! The call screen: everything about one customer that a call needs, and the form with what was typed.

use askama::Template;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::auth::permission::Permission;
use crate::auth::session::CurrentUser;
use crate::calendar::{Deadline, StoreCalendar};
use crate::callbacks::CallbackId;
use crate::callbacks::forms::{CallForm, Context, FormItem};
use crate::callbacks::model::{
    ContactResult, Dial, Disposition, GivenUp, NextStep, Outcome, RetryPolicy, next_step,
};
use crate::callbacks::queries::call::{self, AttemptRow, Call, DepartmentRow, ItemRow, PhoneRow};
use crate::callbacks::queries::settle;
use crate::callbacks::queue::SkipReason;
use crate::customers::{PhoneId, PhoneState};
use crate::obligations::{ObligationId, why};
use crate::scripts::model::{Item, ItemKind, StepKind, fill};
use crate::scripts::service::{self as scripts, Version};
use crate::scripts::{Questionnaire, Talk};
use crate::stores::{self, DepartmentId};
use crate::web::error::{AppError, AppResult};
use crate::web::filters;
use crate::web::form::FormErrors;
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::Page;
use crate::web::sla::SlaChip;
use crate::web::state::AppState;

/// A call as it stands in the database.
pub struct CallData {
    call: Call,
    items: Vec<ItemRow>,
    open: Vec<FormItem>,
    phones: Vec<PhoneRow>,
    usable: Vec<PhoneId>,
    recent: Vec<AttemptRow>,
    departments: Vec<DepartmentRow>,
    department_ids: Vec<DepartmentId>,
    talk: Option<Version<Talk>>,
    questionnaire: Option<Version<Questionnaire>>,
    calendar: StoreCalendar,
    /// Of the most urgent open item.
    deadline: Option<Deadline>,
    policy: RetryPolicy,
    dials: Vec<Dial>,
    user: CurrentUser,
    now: DateTime<Utc>,
}

impl CallData {
    /// Reads a call of this person's store, or 404.
    pub async fn load(
        app: &AppState,
        user: &CurrentUser,
        id: CallbackId,
        now: DateTime<Utc>,
    ) -> AppResult<CallData> {
        let scope = user.scope();
        let mut db = app.db.acquire().await?;
        let call = call::find(&mut *db, scope, id).await?.ok_or(AppError::NotFound)?;
        let items = call::list_items(&mut *db, scope, id).await?;
        let open: Vec<FormItem> = items
            .iter()
            .filter(|item| item.status == "open")
            .map(|item| FormItem {
                id: item.id,
                kind: item.kind.clone(),
            })
            .collect();
        let kinds: Vec<String> = open.iter().map(|item| item.kind.clone()).collect();
        let occasion = kinds.first().map_or("post_service", String::as_str);
        let phones = call::list_phones(&mut *db, scope, call.customer_id).await?;
        let departments = call::list_departments(&mut *db, scope).await?;
        Ok(CallData {
            recent: call::list_recent_attempts(&mut *db, scope, call.customer_id).await?,
            talk: scripts::current_talk(&mut db, scope, occasion).await?,
            questionnaire: scripts::current_questionnaire(&mut db, scope, "post_service").await?,
            calendar: stores::calendar::load(&mut db, scope).await?,
            deadline: why::find_of_callback(&mut *db, scope, id).await?,
            policy: settle::find_policy(&mut *db, scope, &kinds).await?,
            dials: settle::list_dials(&mut *db, scope, id).await?,
            usable: phones
                .iter()
                .filter(|phone| phone.is_usable())
                .map(|phone| phone.id)
                .collect(),
            department_ids: departments.iter().map(|department| department.id).collect(),
            departments,
            phones,
            open,
            items,
            call,
            user: user.clone(),
            now,
        })
    }

    /// The lease of the person who looks, if they hold one.
    pub fn token(&self) -> Option<Uuid> {
        self.call
            .lease_token
            .filter(|_| self.call.claimed_by == Some(self.user.id))
    }

    /// Open obligations that were on the page of this form; what was bundled since stays open.
    pub fn listed(&self, form: &CallForm) -> Vec<FormItem> {
        let is_listed = |item: &&FormItem| form.has("item", &item.id.to_string());
        self.open.iter().filter(is_listed).cloned().collect()
    }

    /// What the form is checked against.
    pub fn context<'a>(&'a self, items: &'a [FormItem]) -> Context<'a> {
        Context {
            now: self.now,
            calendar: &self.calendar,
            items,
            questionnaire: self
                .questionnaire
                .as_ref()
                .map(|version| (version.id, &version.body)),
            phones: &self.usable,
            departments: &self.department_ids,
        }
    }

    /// Why the call is due when it is; empty once it has ended.
    fn why(&self, layout: &Layout) -> String {
        let told = self.deadline.map(|deadline| self.calendar.reasons(&deadline));
        told.map_or_else(String::new, |reasons| {
            layout.t.calendar().why(&layout.fmt, &reasons)
        })
    }

    fn dial(&self, result: Disposition) -> NextStep {
        let dial = Dial { at: self.now, result };
        let has_other = self.usable.len() > 1;
        next_step(&self.dials, dial, None, has_other, &self.calendar, &self.policy)
    }
}

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
    departments: Vec<DepartmentRow>,
    script_name: String,
    steps: Vec<StepView>,
    reasons: Vec<(String, String, bool)>,
    outcomes: Vec<OutcomeView>,
    retry: String,
    number: String,
    ticks: Vec<bool>,
    outside_hours: Option<String>,
}

/// One step of the talk with the customer's data in it.
pub struct StepView {
    pub number: usize,
    pub title: String,
    pub say: String,
    pub kind: StepKind,
    /// Open when the page is shown.
    pub is_open: bool,
    pub is_current: bool,
}

/// One obligation with its questions.
pub struct ItemView {
    pub id: ObligationId,
    pub kind: &'static str,
    pub status: &'static str,
    pub is_open: bool,
    pub line: String,
    pub is_survey: bool,
    pub first: Vec<QuestionView>,
    pub more: Vec<QuestionView>,
    pub has_more_typed: bool,
    pub result_name: String,
    pub result_error: Option<String>,
    pub results: Vec<(&'static str, &'static str, bool)>,
}

/// One question with its answer.
pub struct QuestionView {
    pub name: String,
    pub text: String,
    pub kind: ItemKind,
    pub required: bool,
    pub value: String,
    pub choices: Vec<(String, String)>,
    pub error: Option<String>,
}

/// One outcome card.
pub struct OutcomeView {
    pub value: &'static str,
    pub label: &'static str,
    pub icon: &'static str,
    pub key: usize,
    pub is_checked: bool,
    pub codes: Vec<(&'static str, &'static str, bool)>,
}

/// Points of a scale.
const POINTS: [&str; 11] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];
/// Questions that are shown before "more questions".
const FIRST_QUESTIONS: usize = 3;

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
    let items: Vec<ItemView> = data
        .items
        .iter()
        .map(|item| item_view(&layout, &data, item, &form, &errors))
        .collect();
    let steps = steps(&layout, &data, &errors, token.is_some());
    let (why_not, may_claim) = why_not(&layout, &data);
    let key = form.keys().map_or_else(idempotency::new_key, |(_, key)| key);
    let mut kinds: Vec<&'static str> = data.items.iter().map(|item| t.kind(&item.kind)).collect();
    kinds.dedup();
    let lang = layout.lang;
    let reasons = data
        .questionnaire
        .iter()
        .flat_map(|version| &version.body.reasons);
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
        items,
        phone: chosen_phone(&data, &form),
        script_name: data
            .talk
            .as_ref()
            .map(|talk| t.script_version(&talk.name, talk.version))
            .unwrap_or_default(),
        steps,
        reasons: reasons
            .map(|reason| {
                let checked = form.has("reason", &reason.code);
                (reason.code.clone(), reason.text.get(lang).to_owned(), checked)
            })
            .collect(),
        outcomes: outcomes(&layout, &form),
        retry: retry_text(&layout, &data),
        number: match data.dial(Disposition::Vacant) {
            NextStep::Exhausted(GivenUp::NoValidPhone) => t.number_last().to_owned(),
            NextStep::Exhausted(GivenUp::Unreachable | GivenUp::Refused)
            | NextStep::Done
            | NextStep::RetryAt(_) => t.number_next().to_owned(),
        },
        ticks: ticks(&data),
        outside_hours: data
            .calendar
            .first_callable_from(data.now)
            .filter(|at| *at != data.now)
            .map(|at| t.outside_hours(layout.fmt.near(&at))),
        about: about(data.items),
        recent: data.recent,
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

    fn is_department(&self, id: &DepartmentId) -> bool {
        self.form.get("department") == id.to_string()
    }

    fn is_phone(&self, index: &usize) -> bool {
        self.phone == Some(*index)
    }

    fn skip_reasons(&self) -> &'static [SkipReason] {
        SkipReason::ALL
    }

    /// Obligations that the form speaks about.
    fn listed(&self) -> Vec<ObligationId> {
        let open = self.items.iter().filter(|item| item.is_open);
        open.map(|item| item.id).collect()
    }

    fn points(&self) -> [&'static str; 11] {
        POINTS
    }
}

/// The item whose car and visit the left pane shows: the first with a visit, else the first.
fn about(items: Vec<ItemRow>) -> Option<ItemRow> {
    let with_visit = items.iter().position(|item| item.visit_id.is_some());
    items.into_iter().nth(with_visit.unwrap_or(0))
}

fn chosen_phone(data: &CallData, form: &CallForm) -> Option<usize> {
    let typed: Option<PhoneId> = form.get("phone_id").parse().ok();
    let wanted = typed.or(data.usable.first().copied());
    data.phones.iter().position(|phone| Some(phone.id) == wanted)
}

fn ticks(data: &CallData) -> Vec<bool> {
    let done = usize::try_from(data.call.dials).unwrap_or(0);
    (0..data.policy.min_dials.max(done)).map(|i| i < done).collect()
}

fn retry_text(layout: &Layout, data: &CallData) -> String {
    let t = layout.t.callbacks();
    match data.dial(Disposition::NoAnswer) {
        NextStep::RetryAt(at) => t.retry_at(layout.fmt.near(&at)),
        NextStep::Exhausted(_) | NextStep::Done => t.retry_over().to_owned(),
    }
}

/// Why there is no form, and whether a claim would help.
fn why_not(layout: &Layout, data: &CallData) -> (Option<String>, bool) {
    let t = layout.t.callbacks();
    let (call, me) = (&data.call, data.user.id);
    let works = layout.can(Permission::WorkCallbacks);
    let is_live = call.lease_until.is_some_and(|until| until >= data.now);
    let takes = layout.can(Permission::AssignCallbacks);
    if data.token().is_some() {
        (None, false)
    } else if call.ended_at.is_some() {
        (Some(t.has_ended().to_owned()), false)
    } else if let Some(name) = call.claimed_name.as_ref().filter(|_| is_live) {
        (Some(t.claimed_by(name)), false)
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

fn outcomes(layout: &Layout, form: &CallForm) -> Vec<OutcomeView> {
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

fn item_view(
    layout: &Layout,
    data: &CallData,
    item: &ItemRow,
    form: &CallForm,
    errors: &FormErrors,
) -> ItemView {
    let t = layout.t.callbacks();
    let questionnaire = data
        .questionnaire
        .as_ref()
        .filter(|_| item.kind == "post_service");
    let view = |question: &Item| {
        let name = CallForm::question(item.id, &question.code);
        QuestionView {
            text: question.text.get(layout.lang).to_owned(),
            kind: question.kind,
            required: question.required,
            value: form.get(&name).to_owned(),
            choices: question
                .choices
                .iter()
                .map(|choice| (choice.code.clone(), choice.text.get(layout.lang).to_owned()))
                .collect(),
            error: layout.field_error(errors, &name),
            name,
        }
    };
    let mut first: Vec<QuestionView> = questionnaire
        .iter()
        .flat_map(|version| &version.body.items)
        .map(view)
        .collect();
    let more = first.split_off(first.len().min(FIRST_QUESTIONS));
    let result_name = CallForm::result(item.id);
    ItemView {
        id: item.id,
        kind: t.kind(&item.kind),
        status: t.item_status(&item.status),
        is_open: item.status == "open",
        line: item_line(layout, item),
        is_survey: questionnaire.is_some(),
        has_more_typed: more
            .iter()
            .any(|question| !question.value.is_empty() || question.error.is_some()),
        first,
        more,
        result_error: layout.field_error(errors, &result_name),
        results: ContactResult::for_kind(&item.kind)
            .iter()
            .map(|result| {
                let is_checked = form.has(&result_name, result.as_str());
                (result.as_str(), t.contact_result(*result), is_checked)
            })
            .collect(),
        result_name,
    }
}

/// What an item is about in one line: the visit, or the day on which something ends.
fn item_line(layout: &Layout, item: &ItemRow) -> String {
    let (t, fmt) = (layout.t.callbacks(), &layout.fmt);
    let mut parts: Vec<String> = Vec::new();
    parts.extend(item.plate.as_deref().map(|plate| fmt.plate(plate)));
    match item.kind.as_str() {
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

/// What comes next for the car, if it is known.
fn upcoming(layout: &Layout, item: &ItemRow) -> Option<String> {
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

fn steps(layout: &Layout, data: &CallData, errors: &FormErrors, is_mine: bool) -> Vec<StepView> {
    let Some(talk) = &data.talk else {
        return Vec::new();
    };
    let values = merge_values(layout, data);
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let has_errors = !errors.is_empty();
    let steps = talk.body.steps.iter().enumerate();
    steps
        .map(|(index, step)| {
            let asks = matches!(step.kind, StepKind::Ask | StepKind::Reasons);
            let is_current = if has_errors {
                step.kind == StepKind::Ask
            } else {
                index == 0
            };
            StepView {
                number: index + 1,
                title: step.title.get(layout.lang).to_owned(),
                say: fill(step.say.get(layout.lang), &values),
                kind: step.kind,
                is_open: !is_mine || is_current || asks,
                is_current: is_mine && is_current,
            }
        })
        .collect()
}

/// What goes into the sentences. The surname comes alone: the full data is for the customer only (domain.md §13).
fn merge_values(layout: &Layout, data: &CallData) -> Vec<(&'static str, String)> {
    let (t, fmt) = (layout.t.callbacks(), &layout.fmt);
    let name = data.call.name.clone().unwrap_or_default();
    let surname = match &data.call.salutation {
        Some(salutation) => format!("{}{salutation}", crate::customers::person_name::surname(&name)),
        None => name.clone(),
    };
    let item = data
        .items
        .iter()
        .find(|item| item.visit_id.is_some())
        .or(data.items.first());
    let day = item
        .and_then(|item| item.handed_over_at)
        .map(|at| fmt.date(&at.with_timezone(&fmt.zone).date_naive()));
    let visit = item
        .and_then(|item| item.visit_type)
        .map(|visit_type| layout.t.visits().visit_type(visit_type).to_owned());
    let car = item
        .and_then(|item| item.model.clone())
        .filter(|model| !model.is_empty())
        .unwrap_or_else(|| t.your_car().to_owned());
    let next = data.items.iter().find_map(|item| upcoming(layout, item));
    vec![
        ("store", layout.user.store.name.clone()),
        ("me", layout.user.display_name.clone()),
        ("customer", name),
        ("surname", surname),
        ("day", day.unwrap_or_default()),
        ("visit", visit.unwrap_or_default()),
        ("car", car),
        ("next", next.unwrap_or_else(|| t.next_default().to_owned())),
    ]
}
