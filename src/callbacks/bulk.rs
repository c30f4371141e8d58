//! Giving out many calls at once: the ticked ones, or all that the filter lets through.
//!
//! To one person, evenly to everybody, or back to the common queue. The count is shown first (`batches`), who served the
//! customer is passed over, and for a day it can be taken back, call by call, while nobody has touched it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::auth::permission::{AssignCallbacks, Can};
use crate::auth::session::CurrentUser;
use crate::batches::forms::BulkForm;
use crate::batches::queries::{self as batches_queries, NewBatch};
use crate::batches::{self, BatchId, BatchList, Group, LIMIT, Target};
use crate::callbacks::filter::{self, ListQuery};
use crate::callbacks::queries::bulk as q;
use crate::callbacks::queries::list::{self, Colleague};
use crate::callbacks::spread::{Call, Caller, spread};
use crate::i18n::Texts;
use crate::i18n::flash::Flash;
use crate::shifts;
use crate::shifts::model::DutyMoment;
use crate::stores::StoreScope;
use crate::users::UserId;
use crate::views::clean_query;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::form::{Form, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::list::from_query;
use crate::web::page::redirect;
use crate::web::state::AppState;

const LIST: BatchList = BatchList::Callbacks;

/// What can be done to many calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Assign(UserId),
    TakeBack,
    /// Evenly to all who call, without this person if one is named.
    Spread(Option<UserId>),
}

/// Everything that may be chosen.
pub fn offered(t: Texts, callers: &[Colleague]) -> Vec<Group> {
    let t = t.callbacks();
    let people = callers
        .iter()
        .map(|caller| SelectOption::new(format!("assign:{}", caller.id), t.assign_to_person(&caller.name)));
    vec![
        Group {
            label: t.assign_to(),
            options: people.collect(),
        },
        Group {
            label: t.share_out(),
            options: vec![
                SelectOption::new("spread:", t.spread()),
                SelectOption::new("take_back:", t.take_back()),
            ],
        },
    ]
}

impl Change {
    /// A change by the code of its option; people only if they call.
    fn read(code: Option<(&str, &str)>, callers: &[Colleague]) -> Option<Change> {
        let person = |id: &str| -> Option<UserId> {
            let id = id.parse().ok()?;
            callers
                .iter()
                .map(|caller| caller.id)
                .find(|caller| *caller == id)
        };
        match code? {
            ("assign", id) => Some(Change::Assign(person(id)?)),
            ("take_back", "") => Some(Change::TakeBack),
            ("spread", "") => Some(Change::Spread(None)),
            ("spread", id) => Some(Change::Spread(Some(person(id)?))),
            _ => None,
        }
    }

    const fn to(self) -> Option<UserId> {
        match self {
            Change::Assign(to) => Some(to),
            Change::TakeBack | Change::Spread(_) => None,
        }
    }

    fn words(self, t: Texts, callers: &[Colleague]) -> String {
        let t = t.callbacks();
        let name = |id: UserId| {
            let found = callers.iter().find(|caller| caller.id == id);
            found.map_or("", |caller| caller.name.as_str()).to_owned()
        };
        match self {
            Change::Assign(to) => t.assign_to_person(name(to)),
            Change::TakeBack => t.take_back().to_owned(),
            Change::Spread(None) => t.spread().to_owned(),
            Change::Spread(Some(not)) => t.spread_without(name(not)),
        }
    }
}

/// Who would get what.
struct Plan {
    calls: Vec<Call>,
    callers: Vec<(Caller, String)>,
    given: Vec<Option<UserId>>,
}

impl Plan {
    /// Locks the calls and shares them out, on paper.
    async fn draw(
        tx: &mut PgConnection,
        scope: StoreScope,
        target: &Target,
        not: Option<UserId>,
        at: DutyMoment,
    ) -> sqlx::Result<Plan> {
        let calls = q::lock_calls(&mut *tx, scope, target, LIMIT + 1).await?;
        let ids: Vec<_> = calls.iter().map(|call| call.id).collect();
        let callers = q::list_loads(&mut *tx, scope, &ids, not, at).await?;
        let people: Vec<Caller> = callers.iter().map(|(caller, _)| caller.clone()).collect();
        Ok(Plan {
            given: spread(&calls, &people),
            calls,
            callers,
        })
    }

    /// What each gets, and what nobody may have, in words.
    fn notes(&self, t: Texts) -> Vec<String> {
        let t = t.callbacks();
        let got = |id: Option<UserId>| self.given.iter().filter(|given| **given == id).count();
        let mut notes: Vec<String> = self
            .callers
            .iter()
            .map(|(caller, name)| t.spread_share(name, got(Some(caller.id)), caller.load))
            .collect();
        if got(None) > 0 {
            notes.push(t.spread_nobody(got(None)));
        }
        notes
    }

    async fn make(&self, tx: &mut PgConnection, scope: StoreScope, batch: BatchId) -> sqlx::Result<i64> {
        let ids: Vec<i64> = self.calls.iter().map(|call| call.id.get()).collect();
        let people: Vec<Option<i64>> = self.given.iter().map(|id| id.map(UserId::get)).collect();
        q::assign_each(&mut *tx, scope, batch, &ids, &people).await
    }
}

/// Shows the count first; posted again with the count that still holds, gives the calls out.
pub async fn change(
    layout: Layout,
    user: Can<AssignCallbacks>,
    State(app): State<AppState>,
    Form(form): Form<BulkForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let back = form.back(LIST.path());
    let callers = list::list_callers(&app.db, scope).await?;
    let ids = form.ids();
    let chosen =
        Change::read(form.change(), &callers).filter(|_| ids.as_ref().is_none_or(|ids| !ids.is_empty()));
    let Some(chosen) = chosen else {
        return Ok(redirect(back).with_flash(Flash::NoChangeChosen).into_response());
    };
    let at = DutyMoment::at(user.store.zone, now);
    if let Some(away) = away(&app, scope, chosen, &callers, at).await? {
        return Ok(redirect(back).with_flash(away).into_response());
    }
    let words = chosen.words(layout.t, &callers);
    let target = target(&app, &user, &layout, &form, ids).await?;
    let mut tx = app.db.begin().await?;
    if let Some(key) = form.idem_key()
        && let Some(first) = idempotency::claim(&mut *tx, user.id, key, &back, now).await?
    {
        return Ok(redirect(first).into_response());
    }
    let plan = match chosen {
        Change::Spread(not) => Some(Plan::draw(&mut tx, scope, &target, not, at).await?),
        Change::Assign(_) | Change::TakeBack => None,
    };
    let (count, notes) = match &plan {
        Some(plan) => (plan.calls.len() as i64, plan.notes(layout.t)),
        None => counted(&mut tx, scope, &layout, &target, chosen).await?,
    };
    if form.idem_key().is_none() || form.expected() != Some(count) || count > LIMIT || count == 0 {
        return Ok(batches::page::confirm_with(
            layout, LIST, form, count, words, notes,
        ));
    }
    let (hit, changed) = made(&mut tx, &user, &form, &target, (chosen, plan.as_ref()), now).await?;
    // Somebody was faster by a moment: nothing is kept, and the page asks with the new count.
    if hit != count {
        return Ok(batches::page::confirm_with(layout, LIST, form, hit, words, notes));
    }
    tx.commit().await?;
    let flash = Flash::ManyChanged {
        changed,
        same: hit - changed,
    };
    Ok(redirect(back).with_flash(flash).into_response())
}

/// Who is on leave or out of shift is given nothing.
async fn away(
    app: &AppState,
    scope: StoreScope,
    chosen: Change,
    callers: &[Colleague],
    at: DutyMoment,
) -> sqlx::Result<Option<Flash>> {
    let Some(caller) = callers.iter().find(|caller| Some(caller.id) == chosen.to()) else {
        return Ok(None);
    };
    let duty = shifts::queries::find_duty(&app.db, scope, caller.id, at).await?;
    let is_away = duty.is_some_and(|duty| duty.off_duty.is_some());
    Ok(is_away.then(|| Flash::PersonAway {
        name: caller.name.clone(),
    }))
}

/// How many, and that some must stay where they are.
async fn counted(
    tx: &mut PgConnection,
    scope: StoreScope,
    layout: &Layout,
    target: &Target,
    chosen: Change,
) -> sqlx::Result<(i64, Vec<String>)> {
    let hit = q::count(&mut *tx, scope, target, chosen.to(), LIMIT + 1).await?;
    let served = (hit.served > 0).then(|| layout.t.callbacks().served_stay(hit.served));
    Ok((hit.count, served.into_iter().collect()))
}

/// Changes the rows, with the record of it: rows that it was about, and rows that changed hands.
async fn made(
    tx: &mut PgConnection,
    user: &CurrentUser,
    form: &BulkForm,
    target: &Target,
    (chosen, plan): (Change, Option<&Plan>),
    now: DateTime<Utc>,
) -> sqlx::Result<(i64, i64)> {
    let (action, value) = form.change().unwrap_or_default();
    // What was searched may be a name: it is kept nowhere.
    let filter = if target.ids.is_some() {
        String::new()
    } else {
        clean_query(&form.filter)
    };
    let new = NewBatch {
        list: LIST,
        action,
        value,
        filter: &filter,
        user: user.id,
    };
    let batch = batches_queries::insert(&mut *tx, user.scope(), &new, now).await?;
    let (hit, changed) = match plan {
        Some(plan) => (plan.calls.len() as i64, plan.make(tx, user.scope(), batch).await?),
        None => {
            let done = q::assign(&mut *tx, user.scope(), target, batch, chosen.to()).await?;
            (done.hit, done.changed)
        }
    };
    batches_queries::set_count(&mut *tx, user.scope(), batch, changed).await?;
    let about = (action, changed, filter.as_str());
    batches::record(tx, user, LIST, "callbacks.change_many", batch, about, now).await?;
    Ok((hit, changed))
}

async fn target(
    app: &AppState,
    user: &CurrentUser,
    layout: &Layout,
    form: &BulkForm,
    ids: Option<Vec<i64>>,
) -> sqlx::Result<Target> {
    let query: ListQuery = if ids.is_some() {
        ListQuery::default()
    } else {
        from_query(&form.filter)
    };
    let bounds = filter::bounds(&layout.fmt);
    Ok(Target {
        conditions: filter::conditions(app, user, &query, bounds).await?,
        ids,
    })
}

/// Takes a change back: calls that nobody has touched since belong again to whom they belonged.
pub async fn undo(
    user: Can<AssignCallbacks>,
    State(app): State<AppState>,
    Path(id): Path<BatchId>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let back = redirect(LIST.path());
    let mut tx = app.db.begin().await?;
    let batch = batches_queries::lock(&mut *tx, scope, LIST, id).await?;
    let batch = batch.ok_or(AppError::NotFound)?;
    if batch.undone_at.is_some() {
        return Ok(back.with_flash(Flash::UndoneBefore).into_response());
    }
    let changed = batches_queries::list_changed(&mut *tx, scope, id).await?.len();
    let restored = i64::try_from(q::undo(&mut *tx, scope, id).await?).unwrap_or(i64::MAX);
    batches_queries::set_undone(&mut *tx, scope, id, now).await?;
    let about = (batch.action.as_str(), restored, "");
    batches::record(&mut tx, &user, LIST, "callbacks.undo_many", id, about, now).await?;
    tx.commit().await?;
    let flash = Flash::CallsReturned {
        restored,
        left: changed as i64 - restored,
    };
    Ok(back.with_flash(flash).into_response())
}

/// Shares out what is nobody's to some people, as a change that can be taken back; how many calls changed hands.
pub async fn share(
    tx: &mut PgConnection,
    user: &CurrentUser,
    mut conditions: Value,
    people: &[UserId],
    now: DateTime<Utc>,
) -> sqlx::Result<i64> {
    conditions["unassigned"] = json!(true);
    let target = Target {
        conditions,
        ids: None,
    };
    let at = DutyMoment::at(user.store.zone, now);
    let mut plan = Plan::draw(&mut *tx, user.scope(), &target, None, at).await?;
    plan.callers.retain(|(caller, _)| people.contains(&caller.id));
    let callers: Vec<Caller> = plan.callers.iter().map(|(caller, _)| caller.clone()).collect();
    plan.given = spread(&plan.calls, &callers);
    let new = NewBatch {
        list: LIST,
        action: "spread",
        value: "",
        filter: "",
        user: user.id,
    };
    let batch = batches_queries::insert(&mut *tx, user.scope(), &new, now).await?;
    let changed = plan.make(&mut *tx, user.scope(), batch).await?;
    batches_queries::set_count(&mut *tx, user.scope(), batch, changed).await?;
    let about = ("spread", changed, "");
    batches::record(tx, user, LIST, "callbacks.change_many", batch, about, now).await?;
    Ok(changed)
}
