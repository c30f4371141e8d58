//! Changing many customers at once: the ticked ones, or all that the filter lets through.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::auth::permission::{Can, ChangeMany};
use crate::auth::session::CurrentUser;
use crate::batches::forms::BulkForm;
use crate::batches::queries::{self as batches_queries, NewBatch};
use crate::batches::{self, BatchId, BatchList, Changed, Group, LIMIT, Target};
use crate::customers::bulk_queries as q;
use crate::customers::facts;
use crate::customers::list::{CustomerFilter, Offers};
use crate::i18n::Texts;
use crate::i18n::flash::Flash;
use crate::stores::StoreScope;
use crate::views::clean_query;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::form::{Form, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::list::{Filter, from_query};
use crate::web::page::redirect;
use crate::web::state::AppState;

const LIST: BatchList = BatchList::Customers;
/// Grades that a store may give though nobody has them yet.
const GRADES: [&str; 4] = ["A", "B", "C", "D"];

/// What can be done to many customers.
enum Change {
    Grade(Option<String>),
    Keeper(Option<i64>),
    AddTag(i64),
    RemoveTag(i64),
}

/// Everything that may be chosen.
pub fn offered(t: Texts, offers: &Offers) -> Vec<Group> {
    let l = t.lists();
    let none = |action: &str| SelectOption::new(format!("{action}:"), l.none());
    let mut grades: Vec<&str> = GRADES.to_vec();
    grades.extend(
        offers
            .grades
            .iter()
            .map(String::as_str)
            .filter(|grade| !GRADES.contains(grade)),
    );
    let grades = grades
        .into_iter()
        .map(|grade| SelectOption::new(format!("grade:{grade}"), grade));
    let keepers = offers.keepers.iter();
    let keepers = keepers.map(|keeper| SelectOption::new(format!("keeper:{}", keeper.id), &*keeper.name));
    let tags = |action: &str| -> Vec<SelectOption> {
        let tags = offers.tags.iter();
        tags.map(|tag| SelectOption::new(format!("{action}:{}", tag.id), t.customers().tag(tag)))
            .collect()
    };
    let group = |label, options| Group { label, options };
    vec![
        group(l.set_grade(), grades.chain([none("grade")]).collect()),
        group(l.add_tag(), tags("add_tag")),
        group(l.remove_tag(), tags("remove_tag")),
        group(l.set_keeper(), keepers.chain([none("keeper")]).collect()),
    ]
}

impl Change {
    /// A change of the offered ones, by the codes of its option.
    fn read(action: &str, value: &str) -> Option<Change> {
        match (action, value) {
            ("grade", "") => Some(Change::Grade(None)),
            ("grade", grade) => Some(Change::Grade(Some(grade.to_owned()))),
            ("keeper", "") => Some(Change::Keeper(None)),
            ("keeper", id) => Some(Change::Keeper(Some(id.parse().ok()?))),
            ("add_tag", id) => Some(Change::AddTag(id.parse().ok()?)),
            ("remove_tag", id) => Some(Change::RemoveTag(id.parse().ok()?)),
            _ => None,
        }
    }

    async fn make(
        &self,
        db: &mut PgConnection,
        scope: StoreScope,
        target: &Target,
        batch: BatchId,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Changed> {
        let done = match self {
            Change::Grade(grade) => {
                q::set_grade(&mut *db, scope, target, batch, grade.as_deref(), now).await?
            }
            Change::Keeper(keeper) => q::set_keeper(&mut *db, scope, target, batch, *keeper, now).await?,
            Change::AddTag(tag) => q::add_tag(&mut *db, scope, target, batch, *tag, now).await?,
            Change::RemoveTag(tag) => q::remove_tag(&mut *db, scope, target, batch, *tag).await?,
        };
        refresh(db, scope, batch).await?;
        Ok(done)
    }

    async fn undo(
        &self,
        db: &mut PgConnection,
        scope: StoreScope,
        batch: BatchId,
        now: DateTime<Utc>,
    ) -> sqlx::Result<u64> {
        let restored = match self {
            Change::Grade(grade) => q::undo_grade(&mut *db, scope, batch, grade.as_deref(), now).await?,
            Change::Keeper(keeper) => q::undo_keeper(&mut *db, scope, batch, *keeper, now).await?,
            Change::AddTag(tag) => q::undo_add_tag(&mut *db, scope, batch, *tag).await?,
            Change::RemoveTag(tag) => q::undo_remove_tag(&mut *db, scope, batch, *tag, now).await?,
        };
        refresh(db, scope, batch).await?;
        Ok(restored)
    }
}

/// A grade or a class is part of a complete file.
async fn refresh(db: &mut PgConnection, scope: StoreScope, batch: BatchId) -> sqlx::Result<()> {
    let changed = batches_queries::list_changed(&mut *db, scope, batch).await?;
    facts::refresh(db, scope, Some(&changed)).await?;
    Ok(())
}

/// The chosen change with its words; `None`: it is not offered.
fn chosen<'a>(form: &'a BulkForm, groups: &[Group]) -> Option<(Change, &'a str, &'a str, String)> {
    let (action, value) = form.change()?;
    let words = groups.iter().find_map(|group| {
        let option = group.options.iter().find(|option| option.value == form.change)?;
        Some(format!("{}{}", group.label, option.label))
    })?;
    Some((Change::read(action, value)?, action, value, words))
}

/// Shows the count first; posted again with the count that still holds, changes the rows.
pub async fn change(
    layout: Layout,
    user: Can<ChangeMany>,
    State(app): State<AppState>,
    Form(form): Form<BulkForm>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let back = form.back(LIST.path());
    let groups = offered(layout.t, &Offers::load(&app.db, scope).await?);
    let ids = form.ids();
    let chosen = chosen(&form, &groups).filter(|_| ids.as_ref().is_none_or(|ids| !ids.is_empty()));
    let Some((change, action, value, words)) = chosen else {
        return Ok(redirect(back).with_flash(Flash::NoChangeChosen).into_response());
    };
    let target = target(&form, &layout, ids);
    let mut tx = app.db.begin().await?;
    if let Some(key) = form.idem_key()
        && let Some(first) = idempotency::claim(&mut *tx, user.id, key, &back, now).await?
    {
        return Ok(redirect(first).into_response());
    }
    let count = q::count(&mut *tx, scope, &target, LIMIT + 1).await?;
    if form.idem_key().is_none() || form.expected() != Some(count) || count > LIMIT || count == 0 {
        return Ok(batches::page::confirm(layout, LIST, form, count, words));
    }
    let done = made(&mut tx, &user, &form, &target, (&change, action, value), now).await?;
    // Somebody was faster by a moment: nothing is kept, and the page asks with the new count.
    if done.hit != count {
        return Ok(batches::page::confirm(layout, LIST, form, done.hit, words));
    }
    tx.commit().await?;
    let flash = Flash::ManyChanged {
        changed: done.changed,
        same: done.hit - done.changed,
    };
    Ok(redirect(back).with_flash(flash).into_response())
}

/// Changes the rows, with the record of it.
async fn made(
    tx: &mut PgConnection,
    user: &CurrentUser,
    form: &BulkForm,
    target: &Target,
    (change, action, value): (&Change, &str, &str),
    now: DateTime<Utc>,
) -> sqlx::Result<Changed> {
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
    let done = change.make(tx, user.scope(), target, batch, now).await?;
    batches_queries::set_count(&mut *tx, user.scope(), batch, done.changed).await?;
    let about = (action, done.changed, filter.as_str());
    batches::record(tx, user, LIST, "customers.change_many", batch, about, now).await?;
    Ok(done)
}

fn target(form: &BulkForm, layout: &Layout, ids: Option<Vec<i64>>) -> Target {
    let mut filter: CustomerFilter = if ids.is_some() {
        CustomerFilter::default()
    } else {
        from_query(&form.filter)
    };
    filter.tidy(layout.fmt.zone);
    Target {
        conditions: filter.conditions(layout.fmt.zone),
        ids,
    }
}

/// Takes a change back: rows that nobody has changed since get what they held.
pub async fn undo(
    user: Can<ChangeMany>,
    State(app): State<AppState>,
    Path(id): Path<BatchId>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let back = redirect(format!("{}?view=all", LIST.path()));
    let mut tx = app.db.begin().await?;
    let batch = batches_queries::lock(&mut *tx, scope, LIST, id).await?;
    let batch = batch.ok_or(AppError::NotFound)?;
    let change = Change::read(&batch.action, &batch.value).filter(|_| batch.undone_at.is_none());
    let Some(change) = change else {
        return Ok(back.with_flash(Flash::UndoneBefore).into_response());
    };
    let restored = change.undo(&mut tx, scope, id, now).await?;
    let restored = i64::try_from(restored).unwrap_or(i64::MAX);
    batches_queries::set_undone(&mut *tx, scope, id, now).await?;
    let about = (batch.action.as_str(), restored, "");
    batches::record(&mut tx, &user, LIST, "customers.undo_many", id, about, now).await?;
    tx.commit().await?;
    Ok(back.with_flash(Flash::ManyUndone { restored }).into_response())
}
