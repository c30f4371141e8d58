//! A call as it stands in the database, with the scripts that are asked on it.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::appointments;
use crate::appointments::queries::UpcomingRow;
use crate::auth::session::CurrentUser;
use crate::calendar::{Deadline, StoreCalendar};
use crate::callbacks::CallbackId;
use crate::callbacks::call_page::items::asking_order;
use crate::callbacks::follow_ups::CallCar;
use crate::callbacks::forms::{CallForm, Context, FormItem};
use crate::callbacks::model::{Dial, Disposition, NextStep, RetryPolicy, Situation, next_step};
use crate::callbacks::queries::call::{
    self, AttemptRow, Call, ComplaintRow, DepartmentRow, ItemRow, PhoneRow,
};
use crate::callbacks::queries::follow_ups::{self, PresentRow};
use crate::callbacks::queries::{messages, settle};
use crate::callbacks::side::{self, Side};
use crate::complaints::verdict;
use crate::complaints::verdict::calls::asks_about_case;
use crate::complaints::verdict::queries::CaseRow;
use crate::customers::{self, PhoneId};
use crate::obligations::why;
use crate::scripts::service::{self as scripts, Version};
use crate::scripts::{Questionnaire, Talk};
use crate::stores::{self, DepartmentId};
use crate::web::error::{AppError, AppResult};
use crate::web::layout::Layout;
use crate::web::state::AppState;

/// A call as it stands in the database.
pub struct CallData {
    pub(super) call: Call,
    /// In the order in which they are asked.
    pub(super) items: Vec<ItemRow>,
    pub(super) open: Vec<FormItem>,
    /// Those that items are about.
    pub(super) cases: Vec<CaseRow>,
    pub(super) phones: Vec<PhoneRow>,
    pub(super) usable: Vec<PhoneId>,
    pub(super) recent: Vec<AttemptRow>,
    pub(super) departments: Vec<DepartmentRow>,
    pub(super) department_ids: Vec<DepartmentId>,
    /// Of every occasion on the call, and the one for any.
    pub(super) talks: Vec<Version<Talk>>,
    pub(super) questionnaire: Option<Version<Questionnaire>>,
    pub(super) cars: Vec<CallCar>,
    pub(super) area_code: Option<String>,
    /// Appointments that lie ahead.
    pub(super) upcoming: Vec<UpcomingRow>,
    pub(super) complaints: Vec<ComplaintRow>,
    pub(super) present: Vec<PresentRow>,
    pub(super) calendar: StoreCalendar,
    /// Of the most urgent open item.
    deadline: Option<Deadline>,
    pub(super) policy: RetryPolicy,
    pub(super) dials: Vec<Dial>,
    pub(super) side: Side,
    can_write: bool,
    /// The address that people type, for links in messages.
    pub(super) origin: String,
    pub(super) user: CurrentUser,
    pub(super) now: DateTime<Utc>,
}

impl CallData {
    /// Reads a call of this person's store, or 404. The questions are those of the version that the form was shown with,
    /// however old: what was asked is what is answered.
    pub async fn load(
        app: &AppState,
        user: &CurrentUser,
        id: CallbackId,
        form: &CallForm,
        now: DateTime<Utc>,
    ) -> AppResult<CallData> {
        let scope = user.scope();
        let mut db = app.db.acquire().await?;
        let call = call::find(&mut *db, scope, id).await?.ok_or(AppError::NotFound)?;
        let mut items = call::list_items(&mut *db, scope, id).await?;
        items.sort_by_key(|item| (asking_order(&item.kind), item.callable_due_at, item.id));
        let open: Vec<FormItem> = items
            .iter()
            .filter(|item| item.status == "open")
            .map(|item| FormItem {
                id: item.id,
                kind: item.kind.clone(),
            })
            .collect();
        let kinds: Vec<String> = open.iter().map(|item| item.kind.clone()).collect();
        let cases = match items.iter().any(|item| asks_about_case(&item.kind)) {
            true => verdict::queries::list_of_call(&mut *db, scope, id).await?,
            false => Vec::new(),
        };
        let asked = match form.questionnaire() {
            Some(id) => scripts::asked_questionnaire(&mut db, scope, id).await?,
            None => None,
        };
        let questionnaire = match asked {
            Some(asked) => Some(asked),
            None => scripts::current_questionnaire(&mut db, scope, "post_service").await?,
        };
        let phones = call::list_phones(&mut *db, scope, call.customer_id).await?;
        let departments = call::list_departments(&mut *db, scope).await?;
        let calendar = stores::calendar::load(&mut db, scope).await?;
        let today = calendar.local_day(now);
        let customer = call.customer_id;
        // Only a number that was typed needs the area code to be read.
        let area_code = match form.get("other_phone").trim() {
            "" => None,
            _ => customers::queries::area_code(&mut *db, scope).await?,
        };
        let mobile = messages::find_mobile(&mut *db, scope, customer).await?;
        Ok(CallData {
            side: side::load(&mut db, scope, &call, &calendar, now).await?,
            can_write: mobile.is_some(),
            origin: app.public_url.origin().to_owned(),
            cars: cars(&items),
            area_code,
            upcoming: appointments::queries::list_upcoming(&mut *db, scope, customer, today).await?,
            complaints: call::list_complaints(&mut *db, scope, customer).await?,
            present: follow_ups::list_present(&mut *db, scope, id, user.id, now).await?,
            recent: call::list_recent_attempts(&mut *db, scope, call.customer_id).await?,
            talks: scripts::current_talks(&mut db, scope, &kinds).await?,
            questionnaire,
            calendar,
            deadline: why::find_of_callback(&mut *db, scope, id).await?,
            policy: settle::find_policy(&mut *db, scope, &kinds, today).await?,
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
            cases,
            items,
            call,
            user: user.clone(),
            now,
        })
    }

    /// Why the call is due when it is; empty once it has ended.
    pub(super) fn why(&self, layout: &Layout) -> String {
        let told = self.deadline.map(|deadline| self.calendar.reasons(&deadline));
        told.map_or_else(String::new, |reasons| {
            layout.t.calendar().why(&layout.fmt, &reasons)
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
            callback: self.call.id,
            now: self.now,
            calendar: &self.calendar,
            items,
            questionnaire: self
                .questionnaire
                .as_ref()
                .map(|version| (version.id, &version.body)),
            phones: &self.usable,
            departments: &self.department_ids,
            cars: &self.cars,
            area_code: self.area_code.as_deref(),
        }
    }

    /// The talk of the call: that of the first thing it is about.
    pub(super) fn talk(&self) -> Option<&Version<Talk>> {
        let first = self.open.first().map(|item| item.kind.as_str());
        let first = first.or(self.items.first().map(|item| item.kind.as_str()));
        scripts::talk_for(&self.talks, first.unwrap_or("post_service"))
    }

    /// The case that an item is about.
    pub(super) fn case_of(&self, item: &ItemRow) -> Option<&CaseRow> {
        self.cases.iter().find(|case| case.obligation_id == item.id)
    }

    pub(super) fn dial(&self, result: Disposition) -> NextStep {
        let dial = Dial { at: self.now, result };
        let situation = Situation {
            earlier: &self.dials,
            agreed_at: None,
            has_other_phone: self.usable.len() > 1,
            can_write: self.can_write,
            best: self.side.best.map(|best| best.daypart()),
            callable_due_at: Some(self.call.callable_due_at),
            calendar: &self.calendar,
            policy: self.policy,
        };
        next_step(&situation, dial)
    }
}

/// The cars of the call, each once, in the order in which they are talked about.
fn cars(items: &[ItemRow]) -> Vec<CallCar> {
    let mut cars: Vec<CallCar> = Vec::new();
    for item in items {
        if let Some(id) = item.car_id
            && !cars.iter().any(|car| car.id == id)
        {
            let plate = item.plate.clone();
            cars.push(CallCar { id, plate });
        }
    }
    cars
}
