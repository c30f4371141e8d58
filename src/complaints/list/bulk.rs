//! Sharing out many cases at once: the ticked ones, or all that the filter lets through.
//!
//! Who leads a case, or who answers for its department. The count is shown first (`batches`), each case writes it into its
//! history, and for a day it can be taken back, case by case, while nobody has touched it. No clock hangs on a person.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::auth::permission::{Can, DecideComplaints};
use crate::auth::session::CurrentUser;
use crate::batches::forms::BulkForm;
use crate::batches::queries::{self as batches_queries, NewBatch};
use crate::batches::{self, BatchId, BatchList, Changed, Group, LIMIT, Target};
use crate::complaints::list::bulk_queries::{self as q, By};
use crate::complaints::list::queries::{self, Person};
use crate::complaints::list::{Asker, ComplaintFilter, View};
use crate::i18n::Texts;
use crate::i18n::flash::Flash;
use crate::stores::DepartmentId;
use crate::users::UserId;
use crate::views::clean_query;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::form::{Form, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::list::{Filter, from_query};
use crate::web::page::redirect;
use crate::web::state::AppState;

const LIST: BatchList = BatchList::Complaints;

/// What can be done to many cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Owner(UserId),
    /// Somebody of a department, in cases of this department that have reached it.
    Handler(UserId, DepartmentId),
}

/// Everything that may be chosen.
pub fn offered(t: Texts, people: &[Person]) -> Vec<Group> {
    let c = t.complaints();
    let owners = people.iter().filter(|person| person.is_owner);
    let handlers = people
        .iter()
        .filter_map(|person| Some((person, person.department.as_deref()?)));
    vec![
        Group {
            label: c.set_owner(),
            options: owners
                .map(|person| SelectOption::new(format!("owner:{}", person.id), &person.name))
                .collect(),
        },
        Group {
            label: c.set_handler(),
            options: handlers
                .map(|(person, department)| {
                    let name = c.person_of(&person.name, department);
                    SelectOption::new(format!("handler:{}", person.id), name)
                })
                .collect(),
        },
    ]
}

impl Change {
    /// A change of the offered ones, by the codes of its option.
    fn read(code: Option<(&str, &str)>, people: &[Person]) -> Option<Change> {
        let (action, id) = code?;
        let id: i64 = id.parse().ok()?;
        let person = people.iter().find(|person| person.id == id)?;
        match action {
            "owner" if person.is_owner => Some(Change::Owner(UserId::new(id))),
            "handler" => Some(Change::Handler(
                UserId::new(id),
                DepartmentId::new(person.department_id?),
            )),
            _ => None,
        }
    }

    async fn make(self, tx: &mut PgConnection, target: &Target, by: By) -> sqlx::Result<Changed> {
        match self {
            Change::Owner(to) => q::set_owner(tx, target, by, to).await,
            Change::Handler(to, department) => q::set_handler(tx, target, by, to, department).await,
        }
    }
}

/// Shows the count first; posted again with the count that still holds, shares the cases out.
pub async fn change(
    layout: Layout,
    user: Can<DecideComplaints>,
    State(app): State<AppState>,
    Form(form): Form<BulkForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let back = form.back(LIST.path());
    let people = queries::list_people(&app.db, scope).await?;
    let groups = offered(layout.t, &people);
    let ids = form.ids();
    let chosen =
        Change::read(form.change(), &people).filter(|_| ids.as_ref().is_none_or(|ids| !ids.is_empty()));
    let (Some(chosen), Some(words)) = (chosen, words(&form, &groups)) else {
        return Ok(redirect(back).with_flash(Flash::NoChangeChosen).into_response());
    };
    let target = target(&app, &layout, &form, ids).await?;
    let mut tx = app.db.begin().await?;
    if let Some(key) = form.idem_key()
        && let Some(first) = idempotency::claim(&mut *tx, user.id, key, &back, now).await?
    {
        return Ok(redirect(first).into_response());
    }
    let count = q::count(&mut *tx, scope, &target, LIMIT + 1).await?;
    let notes = notes(&mut tx, &layout, &target, chosen).await?;
    if form.idem_key().is_none() || form.expected() != Some(count) || count > LIMIT || count == 0 {
        return Ok(batches::page::confirm_with(
            layout, LIST, form, count, words, notes,
        ));
    }
    let done = made(&mut tx, &user, &form, &target, chosen, now).await?;
    // Somebody was faster by a moment: nothing is kept, and the page asks with the new count.
    if done.hit != count {
        return Ok(batches::page::confirm_with(
            layout, LIST, form, done.hit, words, notes,
        ));
    }
    tx.commit().await?;
    let flash = Flash::ManyChanged {
        changed: done.changed,
        same: done.hit - done.changed,
    };
    Ok(redirect(back).with_flash(flash).into_response())
}

fn words(form: &BulkForm, groups: &[Group]) -> Option<String> {
    groups.iter().find_map(|group| {
        let option = group.options.iter().find(|option| option.value == form.change)?;
        Some(format!("{}{}", group.label, option.label))
    })
}

/// That some cases are another department's, or nobody's yet, and stay as they are.
async fn notes(
    tx: &mut PgConnection,
    layout: &Layout,
    target: &Target,
    chosen: Change,
) -> sqlx::Result<Vec<String>> {
    let Change::Handler(_, department) = chosen else {
        return Ok(Vec::new());
    };
    let others = q::count_others(tx, layout.user.scope(), target, department).await?;
    let note = (others > 0).then(|| layout.t.complaints().others_stay(layout.fmt.number(others)));
    Ok(note.into_iter().collect())
}

/// Changes the cases, with the record of it.
async fn made(
    tx: &mut PgConnection,
    user: &CurrentUser,
    form: &BulkForm,
    target: &Target,
    chosen: Change,
    now: DateTime<Utc>,
) -> sqlx::Result<Changed> {
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
    let scope = user.scope();
    let batch = batches_queries::insert(&mut *tx, scope, &new, now).await?;
    let by = By {
        scope,
        user: user.id,
        batch,
        now,
    };
    let done = chosen.make(&mut *tx, target, by).await?;
    batches_queries::set_count(&mut *tx, scope, batch, done.changed).await?;
    let about = (action, done.changed, filter.as_str());
    batches::record(tx, user, LIST, "complaints.change_many", batch, about, now).await?;
    Ok(done)
}

async fn target(
    app: &AppState,
    layout: &Layout,
    form: &BulkForm,
    ids: Option<Vec<i64>>,
) -> sqlx::Result<Target> {
    let mut filter: ComplaintFilter = if ids.is_some() {
        ComplaintFilter {
            tab: View::All.to_string(),
            ..ComplaintFilter::default()
        }
    } else {
        from_query(&form.filter)
    };
    filter.tidy(layout.fmt.zone);
    Ok(Target {
        conditions: filter.conditions(&app.db, Asker::of(layout)).await?,
        ids,
    })
}

/// Takes a change back: cases that nobody has touched since are again with whom they were.
pub async fn undo(
    user: Can<DecideComplaints>,
    State(app): State<AppState>,
    Path(id): Path<BatchId>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let back = redirect(format!("{}?view=all", LIST.path()));
    let mut tx = app.db.begin().await?;
    let batch = batches_queries::lock(&mut *tx, scope, LIST, id).await?;
    let batch = batch.ok_or(AppError::NotFound)?;
    if batch.undone_at.is_some() {
        return Ok(back.with_flash(Flash::UndoneBefore).into_response());
    }
    let by = By {
        scope,
        user: user.id,
        batch: id,
        now,
    };
    let restored = match batch.action.as_str() {
        "handler" => q::undo_handler(&mut *tx, by).await?,
        _ => q::undo_owner(&mut *tx, by).await?,
    };
    batches_queries::set_undone(&mut *tx, scope, id, now).await?;
    let about = (batch.action.as_str(), restored, "");
    batches::record(&mut tx, &user, LIST, "complaints.undo_many", id, about, now).await?;
    tx.commit().await?;
    Ok(back.with_flash(Flash::ManyUndone { restored }).into_response())
}
