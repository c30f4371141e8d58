//! The list of risks, the page of one, and what people do about it.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use sqlx::PgConnection;

use crate::audit::{self, Entry};
use crate::auth::permission::{Can, Permission, ViewRisks, WorkComplaints};
use crate::auth::session::CurrentUser;
use crate::complaints::risks::forms::{SettleForm, Settlement};
use crate::complaints::risks::model::RiskTab;
use crate::complaints::risks::queries::{self, ActionRow, KindCount, Locked, NewAction, RiskFilter, RiskRow};
use crate::complaints::risks::{RiskAction, RiskId, RiskKind, RiskState};
use crate::i18n::flash::Flash;
use crate::users::UserId;
use crate::vehicles::warranty_watch::CounterKind;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::pagination::{PageLink, PageParams, Paged, Pager};
use crate::web::state::AppState;

/// `?tab=…&kind=…`; unknown words mean all open ones.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ListQuery {
    tab: String,
    kind: String,
}

/// `complaints/risks/index.html`
#[derive(Template)]
#[template(path = "complaints/risks/index.html")]
pub struct IndexPage {
    layout: Layout,
    tab: RiskTab,
    kind: Option<RiskKind>,
    counts: Vec<KindCount>,
    rows: Vec<RiskRow>,
    pager: Pager,
    me: UserId,
}

impl IndexPage {
    fn kinds(&self) -> &'static [RiskKind] {
        RiskKind::ALL
    }

    /// How many risks a tab holds, of the kind that is shown; what has ended is not counted.
    fn count(&self, tab: RiskTab) -> Option<i64> {
        if tab == RiskTab::Done {
            return None;
        }
        let kinds = self
            .counts
            .iter()
            .filter(|count| self.kind.is_none_or(|kind| count.kind == kind));
        kinds.map(|count| in_tab(count, tab)).sum()
    }

    /// How many of a kind the open tab holds.
    fn kind_count(&self, kind: &RiskKind) -> i64 {
        let found = self.counts.iter().find(|count| count.kind == *kind);
        found.and_then(|count| in_tab(count, self.tab)).unwrap_or(0)
    }

    fn is_kind(&self, kind: &RiskKind) -> bool {
        self.kind.as_ref() == Some(kind)
    }

    fn is_mine(&self, row: &RiskRow) -> bool {
        row.taken_by == Some(self.me)
    }
}

fn in_tab(count: &KindCount, tab: RiskTab) -> Option<i64> {
    match tab {
        RiskTab::Open => Some(count.open),
        RiskTab::Mine => Some(count.mine),
        RiskTab::Snoozed => Some(count.snoozed),
        RiskTab::Done => None,
    }
}

pub async fn index(
    layout: Layout,
    user: Can<ViewRisks>,
    State(app): State<AppState>,
    Query(query): Query<ListQuery>,
    Query(params): Query<PageParams>,
) -> AppResult<Page<IndexPage>> {
    let (scope, today) = (user.scope(), layout.fmt.today());
    let filter = RiskFilter {
        tab: query.tab.parse().unwrap_or(RiskTab::Open),
        kind: query.kind.parse().ok(),
        me: user.id,
        today,
    };
    let rows = queries::list(&app.db, scope, filter, params).await?;
    let counts = queries::counts(&app.db, scope, user.id, today).await?;
    let mut page = IndexPage {
        layout,
        tab: filter.tab,
        kind: filter.kind,
        counts,
        rows: Vec::new(),
        pager: Paged::<RiskRow>::new(Vec::new(), params, None).pager("", ""),
        me: user.id,
    };
    let paged = Paged::new(rows, params, page.count(filter.tab));
    let kind = filter
        .kind
        .map(|kind| format!("&kind={kind}"))
        .unwrap_or_default();
    page.pager = paged.pager("/complaints/risks", &format!("tab={}{kind}", filter.tab));
    page.rows = paged.rows;
    Ok(Page(page))
}

/// `complaints/risks/show.html`
#[derive(Template)]
#[template(path = "complaints/risks/show.html")]
pub struct ShowPage {
    layout: Layout,
    risk: RiskRow,
    actions: Vec<ActionRow>,
    me: UserId,
    form: SettleForm,
    errors: FormErrors,
}

impl ShowPage {
    async fn load(app: &AppState, layout: Layout, user: &CurrentUser, id: RiskId) -> AppResult<ShowPage> {
        let risk = queries::find(&app.db, user.scope(), id)
            .await?
            .ok_or(AppError::NotFound)?;
        let form = SettleForm {
            version: risk.version.to_string(),
            outcome: RiskAction::Handled.to_string(),
            until: (layout.fmt.today() + chrono::Days::new(1)).to_string(),
            ..SettleForm::default()
        };
        Ok(ShowPage {
            actions: queries::list_actions(&app.db, user.scope(), id).await?,
            me: user.id,
            errors: FormErrors::default(),
            risk,
            layout,
            form,
        })
    }

    fn is_open(&self) -> bool {
        self.risk.state == RiskState::Open
    }

    /// Who may take it from somebody: its own taker, or a manager.
    fn may_release(&self) -> bool {
        may_release(
            self.risk.taken_by,
            self.me,
            self.layout.can(Permission::DecideComplaints),
        )
    }

    fn outcomes(&self) -> [RiskAction; 3] {
        [RiskAction::Handled, RiskAction::Snoozed, RiskAction::Dismissed]
    }

    fn counter_text(&self, counter: &CounterKind) -> &'static str {
        self.layout.t.vehicles().counter_law(*counter)
    }
}

/// Whether a person may take a risk from who has it.
fn may_release(taken_by: Option<UserId>, me: UserId, is_manager: bool) -> bool {
    taken_by.is_some_and(|taker| taker == me || is_manager)
}

pub async fn show(
    layout: Layout,
    user: Can<ViewRisks>,
    State(app): State<AppState>,
    Path(id): Path<RiskId>,
) -> AppResult<Page<ShowPage>> {
    Ok(Page(ShowPage::load(&app, layout, &user, id).await?))
}

pub async fn take(
    user: Can<WorkComplaints>,
    State(app): State<AppState>,
    Path(id): Path<RiskId>,
) -> AppResult<Response> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let locked = lock(&mut tx, &user, id).await?;
    let flash = match locked.taken_by {
        Some(taker) if taker != user.id => Flash::RiskTakenBefore,
        Some(_) => Flash::RiskTaken,
        None if locked.state != RiskState::Open => Flash::RiskTakenBefore,
        None => {
            queries::set_taker(&mut *tx, user.scope(), id, Some(user.id), now).await?;
            record(&mut tx, &user, id, (RiskAction::Taken, "", None), now).await?;
            Flash::RiskTaken
        }
    };
    tx.commit().await?;
    Ok(redirect(format!("/complaints/risks/{id}"))
        .with_flash(flash)
        .into_response())
}

pub async fn release(
    user: Can<WorkComplaints>,
    State(app): State<AppState>,
    Path(id): Path<RiskId>,
) -> AppResult<Response> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let locked = lock(&mut tx, &user, id).await?;
    let flash = if may_release(locked.taken_by, user.id, user.can(Permission::DecideComplaints)) {
        queries::set_taker(&mut *tx, user.scope(), id, None, now).await?;
        record(&mut tx, &user, id, (RiskAction::Released, "", None), now).await?;
        Flash::RiskReleased
    } else {
        Flash::RiskTakenBefore
    };
    tx.commit().await?;
    Ok(redirect(format!("/complaints/risks/{id}"))
        .with_flash(flash)
        .into_response())
}

pub async fn settle(
    layout: Layout,
    user: Can<WorkComplaints>,
    State(app): State<AppState>,
    Path(id): Path<RiskId>,
    Form(form): Form<SettleForm>,
) -> AppResult<Response> {
    let page = ShowPage::load(&app, layout, &user, id).await?;
    let settlement = match form.validate(page.layout.fmt.today()) {
        Ok(settlement) => settlement,
        Err(errors) => return Page(ShowPage { form, errors, ..page }).invalid(),
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let locked = lock(&mut tx, &user, id).await?;
    if locked.version != settlement.version {
        return Err(AppError::Conflict("complaints.risk"));
    }
    apply(&mut tx, &user, id, &settlement, now).await?;
    tx.commit().await?;
    Ok(redirect("/complaints/risks")
        .with_flash(Flash::RiskSettled {
            action: settlement.action,
        })
        .into_response())
}

async fn apply(
    tx: &mut PgConnection,
    user: &CurrentUser,
    id: RiskId,
    settlement: &Settlement,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let state = match settlement.action {
        RiskAction::Handled => RiskState::Handled,
        RiskAction::Dismissed => RiskState::Dismissed,
        RiskAction::Snoozed | RiskAction::Reopened | RiskAction::Taken | RiskAction::Released => {
            RiskState::Open
        }
    };
    queries::set_state(
        &mut *tx,
        user.scope(),
        id,
        (state, settlement.until),
        user.id,
        now,
    )
    .await?;
    record(
        tx,
        user,
        id,
        (settlement.action, &settlement.note, settlement.until),
        now,
    )
    .await
}

async fn lock(tx: &mut PgConnection, user: &CurrentUser, id: RiskId) -> AppResult<Locked> {
    let locked = queries::lock(tx, user.scope(), id).await?;
    locked.ok_or(AppError::NotFound)
}

/// The line of the risk's history and the entry of the audit log; no words in the latter.
async fn record(
    tx: &mut PgConnection,
    user: &CurrentUser,
    id: RiskId,
    (action, note, until_on): (RiskAction, &str, Option<chrono::NaiveDate>),
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let new = NewAction {
        action,
        note,
        until_on,
        by: user.id,
        at: now,
    };
    queries::insert_action(&mut *tx, user.scope(), id, new).await?;
    let change = json!({ "action": action, "until": until_on });
    let entry = Entry {
        store: Some(user.store.id),
        actor: user.actor(),
        action: "complaints.risk",
        subject: "risks",
        subject_id: Some(id.get()),
        change: &change,
    };
    audit::record(tx, now, entry).await
}
