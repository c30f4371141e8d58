//! What the call screen posts. The questions differ from call to call, so the form is kept as the pairs that were sent.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Timelike, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::calendar::{StoreCalendar, TimeOfDay};
use crate::callbacks::CallbackId;
use crate::callbacks::follow_ups::{CallCar, FollowUps, NoCalls};
use crate::callbacks::model::{ContactResult, Disposition, Outcome};
use crate::complaints::verdict::calls::asks_about_case;
use crate::complaints::verdict::forms::CaseFields;
use crate::complaints::verdict::model::Given;
use crate::complaints::{ComplaintClass, Severity};
use crate::customers::PhoneId;
use crate::i18n::callbacks as words;
use crate::obligations::ObligationId;
use crate::scripts::model::Raw;
use crate::scripts::{Checked, Questionnaire, ScriptVersionId};
use crate::stores::DepartmentId;
use crate::web::form::{FieldError, FormErrors};

/// Longest note and longest words of a customer, in characters.
const MAX_TEXT: usize = 2000;
/// A time may be agreed this far ahead.
const AGREE_WITHIN: TimeDelta = TimeDelta::days(60);
/// Fields that belong to one showing of the page, not to what is typed.
const NOT_TYPED: &[&str] = &["token", "idem_key", "after", "skip_reason"];

/// Everything typed on the call screen, as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallForm(Vec<(String, String)>);

impl CallForm {
    /// From the posted pairs.
    pub fn new(pairs: Vec<(String, String)>) -> CallForm {
        CallForm(pairs)
    }

    /// From a stored draft; what is no draft of ours is empty.
    pub fn from_draft(body: Value) -> CallForm {
        CallForm(serde_json::from_value(body).unwrap_or_default())
    }

    /// What is worth keeping until the next time.
    pub fn to_draft(&self) -> Value {
        let typed = |(name, _): &&(String, String)| !NOT_TYPED.contains(&name.as_str());
        serde_json::json!(self.0.iter().filter(typed).collect::<Vec<_>>())
    }

    /// The first value of a field; empty if it was not sent.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value)
    }

    /// Every value of a field.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a radio button or a check box was set.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|sent| sent == value)
    }

    /// Name of the field of a question about an obligation.
    pub fn question(id: ObligationId, code: &str) -> String {
        format!("q{id}_{code}")
    }

    /// Name of the field of the reasons for being dissatisfied with what an obligation is about.
    pub fn reason(id: ObligationId) -> String {
        format!("reason{id}")
    }

    /// The version of the questionnaire that the page was shown with.
    pub fn questionnaire(&self) -> Option<ScriptVersionId> {
        self.get("questionnaire").parse().ok()
    }

    /// What was answered about an obligation, by the codes of the questions.
    pub fn answers(&self, id: ObligationId, questionnaire: &Questionnaire) -> Raw {
        let codes = questionnaire.items.iter().map(|item| item.code.clone());
        codes
            .map(|code| {
                let name = CallForm::question(id, &code);
                let values = self.all(&name).map(str::to_owned).collect();
                (code, values)
            })
            .collect()
    }

    /// Name of the field of the result of an obligation that has no questionnaire.
    pub fn result(id: ObligationId) -> String {
        format!("result{id}")
    }

    /// Lease token and idempotency key; `None` when the page was not ours.
    pub fn keys(&self) -> Option<(Uuid, Uuid)> {
        Some((
            self.get("token").parse().ok()?,
            self.get("idem_key").parse().ok()?,
        ))
    }

    /// Checks everything against the call as it stands.
    pub fn validate(&self, context: &Context<'_>) -> Result<SettleInput, FormErrors> {
        let mut errors = FormErrors::default();
        let result = self.disposition(&mut errors);
        let mut input = SettleInput {
            result: result.unwrap_or(Disposition::Completed),
            phone: self.phone(context, &mut errors),
            agreed_at: None,
            wants_no_calls: false,
            note: non_empty(errors.optional("note", self.get("note"), MAX_TEXT)),
            words: non_empty(errors.optional("words", self.get("words"), MAX_TEXT)),
            listed: context.items.iter().map(|item| item.id).collect(),
            surveys: Vec::new(),
            contacts: Vec::new(),
            cases: Vec::new(),
            reasons: Vec::new(),
            complaint: None,
            follow_ups: FollowUps::default(),
        };
        match result {
            Some(Disposition::Completed) => self.take_answers(context, &mut input, &mut errors),
            Some(Disposition::Inconvenient) => input.agreed_at = self.agreed(context, &mut errors),
            Some(Disposition::Other) if input.note.is_none() => errors.add("note", FieldError::Required),
            Some(_) | None => {}
        }
        input.follow_ups = FollowUps::read(self, context, input.result.is_connected(), &mut errors);
        input.wants_no_calls = input.follow_ups.no_calls == Some(NoCalls::All);
        self.take_complaint(context, &mut input, &mut errors);
        errors.finish(input)
    }

    fn disposition(&self, errors: &mut FormErrors) -> Option<Disposition> {
        let card: Outcome = errors.required_choice("outcome", self.get("outcome"))?;
        let codes = card.dispositions();
        let raw = self.get(&format!("code_{card}"));
        if raw.is_empty() {
            return codes.first().copied();
        }
        let code = raw.parse().ok().filter(|code| codes.contains(code));
        if code.is_none() {
            errors.add("outcome", FieldError::BadChoice);
        }
        code
    }

    fn phone(&self, context: &Context<'_>, errors: &mut FormErrors) -> Option<PhoneId> {
        match context.phones {
            [] => None,
            [only] if self.get("phone_id").is_empty() => Some(*only),
            phones => {
                let phone: PhoneId = errors.required_choice("phone_id", self.get("phone_id"))?;
                if !phones.contains(&phone) {
                    errors.add("phone_id", FieldError::BadChoice);
                }
                Some(phone)
            }
        }
    }

    fn agreed(&self, context: &Context<'_>, errors: &mut FormErrors) -> Option<DateTime<Utc>> {
        let raw = self.get("agreed_at");
        if raw.trim().is_empty() {
            errors.add("agreed_at", FieldError::Required);
            return None;
        }
        let at = instant(context.calendar, errors.local_datetime("agreed_at", raw)?);
        let callable = context.calendar.first_callable_from(at);
        if at <= context.now {
            errors.add("agreed_at", FieldError::InThePast);
        } else if at > context.now + AGREE_WITHIN {
            errors.add("agreed_at", words::agreed_too_far());
        } else if callable != Some(at) {
            let next = callable.map(|at| at.with_timezone(&context.calendar.zone).naive_local());
            errors.add("agreed_at", words::not_callable(next));
        }
        Some(at)
    }

    fn take_answers(&self, context: &Context<'_>, input: &mut SettleInput, errors: &mut FormErrors) {
        for item in context.items {
            if item.is_case() {
                let fields = CaseFields::of(item.id);
                let given = fields.read(self, context.callback, errors);
                input.cases.extend(given.map(|given| (item.id, given)));
                continue;
            }
            match context.questionnaire.filter(|_| item.is_survey()) {
                Some((version, questionnaire)) => {
                    match questionnaire.check(&self.answers(item.id, questionnaire)) {
                        Ok(checked) => input.surveys.push(Survey {
                            reasons: self.reasons(&CallForm::reason(item.id), context),
                            obligation: item.id,
                            version,
                            checked,
                        }),
                        Err(found) => {
                            for (code, error) in found {
                                errors.add(CallForm::question(item.id, &code), error);
                            }
                        }
                    }
                }
                None => {
                    let name = CallForm::result(item.id);
                    let raw = self.get(&name);
                    let known = ContactResult::for_kind(&item.kind);
                    match raw.parse().ok().filter(|result| known.contains(result)) {
                        Some(result) => input.contacts.push((item.id, result)),
                        None if raw.is_empty() => errors.add(name, FieldError::Required),
                        None => errors.add(name, FieldError::BadChoice),
                    }
                }
            }
        }
    }

    /// The reasons ticked in a field that the questionnaire knows.
    fn reasons(&self, field: &str, context: &Context<'_>) -> Vec<String> {
        let known = |code: &&str| {
            context
                .questionnaire
                .is_some_and(|(_, questionnaire)| questionnaire.reason(code).is_some())
        };
        self.all(field).filter(known).map(str::to_owned).collect()
    }

    /// A dissatisfied answer makes a complaint in any case; so does the tick of whoever spoke to the customer.
    fn take_complaint(&self, context: &Context<'_>, input: &mut SettleInput, errors: &mut FormErrors) {
        let is_dissatisfied = input.surveys.iter().any(|survey| survey.checked.is_dissatisfied);
        for survey in &input.surveys {
            if survey.checked.is_dissatisfied && survey.reasons.is_empty() {
                errors.add(CallForm::reason(survey.obligation), FieldError::Required);
            }
        }
        input.reasons = input.all_reasons(self.reasons("reason", context));
        let is_wanted = is_dissatisfied || (self.has("complaint", "1") && input.result.is_connected());
        if !is_wanted {
            return;
        }
        if input.words.is_none() {
            errors.add("words", FieldError::Required);
        }
        let demand = non_empty(errors.optional("demand", self.get("demand"), MAX_TEXT));
        let department: Option<DepartmentId> = errors.choice("department", self.get("department"));
        if department.is_some_and(|id| !context.departments.contains(&id)) {
            errors.add("department", FieldError::BadChoice);
        }
        let first = context
            .questionnaire
            .and_then(|(_, questionnaire)| questionnaire.reason(input.reasons.first()?));
        // Whoever hears it may call it graver than the least that it is.
        let least = if demand.is_some() {
            Severity::C
        } else {
            Severity::D
        };
        let chosen: Option<Severity> = errors.choice("severity", self.get("severity"));
        input.complaint = Some(ComplaintInput {
            class: first.map_or(ComplaintClass::Other, |reason| reason.class),
            class_minor: first.map(|reason| reason.code.clone()).unwrap_or_default(),
            severity: chosen.map_or(least, |severity| severity.graver(least)),
            department,
            words: input.words.clone().unwrap_or_default(),
            demand,
        });
    }
}

fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// A time of the store's wall clock, to the minute.
pub(super) fn instant(calendar: &StoreCalendar, local: NaiveDateTime) -> DateTime<Utc> {
    let minutes = local.time().num_seconds_from_midnight() / 60;
    let clock = i32::try_from(minutes)
        .ok()
        .and_then(|minutes| TimeOfDay::from_minutes(minutes).ok());
    calendar.instant(local.date(), clock.unwrap_or(TimeOfDay::MIDNIGHT))
}

/// An open obligation that the form speaks about.
#[derive(Clone, Debug)]
pub struct FormItem {
    pub id: ObligationId,
    pub kind: String,
}

impl FormItem {
    /// Whether the questionnaire is asked about it.
    pub fn is_survey(&self) -> bool {
        self.kind == "post_service"
    }

    /// Whether the customer is asked about a case.
    pub fn is_case(&self) -> bool {
        asks_about_case(&self.kind)
    }
}

/// What the form is checked against.
pub struct Context<'a> {
    pub callback: CallbackId,
    pub now: DateTime<Utc>,
    pub calendar: &'a StoreCalendar,
    pub items: &'a [FormItem],
    pub questionnaire: Option<(ScriptVersionId, &'a Questionnaire)>,
    pub phones: &'a [PhoneId],
    pub departments: &'a [DepartmentId],
    /// Cars that the call is about.
    pub cars: &'a [CallCar],
    pub area_code: Option<&'a str>,
}

/// Answers about one visit.
pub struct Survey {
    pub obligation: ObligationId,
    pub version: ScriptVersionId,
    pub checked: Checked,
    /// Why the customer is dissatisfied with this visit.
    pub reasons: Vec<String>,
}

/// A complaint that the call has brought to light.
pub struct ComplaintInput {
    pub class: ComplaintClass,
    pub class_minor: String,
    pub severity: Severity,
    pub department: Option<DepartmentId>,
    pub words: String,
    pub demand: Option<String>,
}

/// A checked result of a call.
pub struct SettleInput {
    pub result: Disposition,
    pub phone: Option<PhoneId>,
    pub agreed_at: Option<DateTime<Utc>>,
    /// 以后不要再打.
    pub wants_no_calls: bool,
    pub note: Option<String>,
    pub words: Option<String>,
    /// What was on the screen; anything bundled later stays open.
    pub listed: Vec<ObligationId>,
    pub surveys: Vec<Survey>,
    pub contacts: Vec<(ObligationId, ContactResult)>,
    /// Verdicts on cases.
    pub cases: Vec<(ObligationId, Given)>,
    /// Of every dissatisfied visit, and of the call itself.
    pub reasons: Vec<String>,
    pub complaint: Option<ComplaintInput>,
    pub follow_ups: FollowUps,
}

impl SettleInput {
    /// Reasons of the dissatisfied visits first: the first one gives a complaint its class.
    fn all_reasons(&self, of_the_call: Vec<String>) -> Vec<String> {
        let low = self
            .surveys
            .iter()
            .filter(|survey| survey.checked.is_dissatisfied);
        let rest = self
            .surveys
            .iter()
            .filter(|survey| !survey.checked.is_dissatisfied);
        let mut all: Vec<String> = Vec::new();
        for reason in low
            .chain(rest)
            .flat_map(|survey| &survey.reasons)
            .chain(&of_the_call)
        {
            if !all.contains(reason) {
                all.push(reason.clone());
            }
        }
        all
    }
}
