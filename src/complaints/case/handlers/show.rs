//! The page of a case: its clocks, the words, the findings, the history, and what this person may do now.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::TimeDelta;
use serde::Deserialize;

use crate::auth::permission::{Can, Permission, Role, ViewComplaints};
use crate::auth::session::CurrentUser;
use crate::complaints::attachments::Panel;
use crate::complaints::case::checklist::{self, Item};
use crate::complaints::case::flow::Refusal;
use crate::complaints::case::forms::ActForm;
use crate::complaints::case::handlers::timeline::{self, Shown};
use crate::complaints::case::queries::around::{self, DepartmentLoad, OtherCase, Past};
use crate::complaints::case::queries::people::{self, CasePerson, Colleague};
use crate::complaints::case::queries::{self, Case, Event, Ticked};
use crate::complaints::case::service::CaseError;
use crate::complaints::case::steps::{self, Facts, Step, StepKind, StepState};
use crate::complaints::case::{Action, Part, headline, service};
use crate::complaints::verdict::pane::VerdictPane;
use crate::complaints::{ComplaintId, ComplaintState};
use crate::customers::model::CustomerPhone;
use crate::i18n::complaint_minors;
use crate::scripts;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{FormErrors, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::sla::SlaChip;
use crate::web::state::AppState;

/// Similar cases are looked for this far back.
const SIMILAR: TimeDelta = TimeDelta::days(90);
/// Other cases that the rail shows.
const FEW: i64 = 5;

/// `?show=calls`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct ShowQuery {
    show: String,
}

/// `complaints/show.html`
#[derive(Template)]
#[template(path = "complaints/show.html")]
pub struct CasePage {
    layout: Layout,
    case: Case,
    class_minor: Option<String>,
    steps: [Step; 6],
    events: Vec<Event>,
    shown: Shown,
    ticked: Vec<Ticked>,
    people: Vec<CasePerson>,
    colleagues: Vec<Colleague>,
    possible: Vec<Action>,
    is_reported: bool,
    note: ActForm,
    errors: FormErrors,
    attachments: Panel,
    verdict: VerdictPane,
    /// What only the care desk sees.
    rail: Option<Rail>,
}

/// What stands around the case.
struct Rail {
    phone: Option<CustomerPhone>,
    past: Past,
    loads: Vec<DepartmentLoad>,
    similar: Vec<OtherCase>,
    others: Vec<OtherCase>,
}

/// The buttons of the head: one that is next, a few beside it, the rest in a menu.
struct Bar {
    primary: Option<Action>,
    beside: Vec<Action>,
    more: Vec<Action>,
}

impl Rail {
    async fn load(app: &AppState, layout: &Layout, case: &Case) -> AppResult<Rail> {
        let (db, scope) = (&app.db, layout.user.scope());
        let since = layout.fmt.now - SIMILAR;
        let phones = match case.customer_id {
            Some(id) => crate::customers::queries::list_phones(db, scope, id).await?,
            None => Vec::new(),
        };
        Ok(Rail {
            phone: phones.into_iter().next(),
            past: around::past_of(db, scope, case).await?,
            loads: around::list_loads(db, scope, since).await?,
            similar: around::list_similar(db, scope, case, since, FEW).await?,
            others: around::list_open_of_same(db, scope, case, FEW).await?,
        })
    }
}

impl CasePage {
    /// The page of a case that this person may see.
    pub async fn load(app: &AppState, layout: Layout, id: ComplaintId, show: &str) -> AppResult<CasePage> {
        let (db, scope) = (&app.db, layout.user.scope());
        let case = visible(app, &layout.user, id).await?;
        let clocks = queries::list_clocks(db, scope, id).await?;
        let mut events = queries::list_events(db, scope, id).await?;
        let is_reported = events
            .iter()
            .take_while(|event| !matches!(event.kind.as_str(), "reopened" | "dispatched"))
            .any(timeline::is_opinion);
        let shown = show.parse().unwrap_or(Shown::All);
        events.retain(|event| shown.holds(event));
        let rail = match layout.user.role {
            Role::Handler => None,
            Role::Specialist
            | Role::Receptionist
            | Role::Clerk
            | Role::Manager
            | Role::Admin
            | Role::Group => Some(Rail::load(app, &layout, &case).await?),
        };
        let call = case.from_callback_id.map(|id| id.get());
        let mut conn = db.acquire().await?;
        let minor = scripts::service::reason(&mut conn, scope, call, &case.class_minor).await?;
        drop(conn);
        let possible = service::possible(&case, &layout.user);
        let colleagues = if possible.contains(&Action::People) {
            people::list_colleagues(db, scope).await?
        } else {
            Vec::new()
        };
        // A code of the form of intake, else a reason of the questionnaire that was asked.
        let named = complaint_minors::text(layout.lang, &case.class_minor).map(str::to_owned);
        let verdict = VerdictPane::load(db, &layout.user, id, layout.fmt.now).await?;
        Ok(CasePage {
            class_minor: named.or_else(|| minor.map(|reason| reason.text.get(layout.lang).to_owned())),
            attachments: Panel::load(db, &layout.user, id).await?,
            verdict: verdict.ok_or(AppError::NotFound)?,
            steps: steps::steps(&Facts::of(&case), &clocks, layout.fmt.now),
            shown,
            ticked: queries::list_checks(db, scope, id).await?,
            people: people::list(db, scope, id).await?,
            colleagues,
            possible,
            is_reported,
            note: ActForm {
                idem_key: idempotency::new_key().to_string(),
                ..ActForm::default()
            },
            errors: FormErrors::default(),
            rail,
            events,
            case,
            layout,
        })
    }

    /// The same page with a note that could not be added, or a person who cannot be.
    pub fn with_errors(mut self, note: ActForm, errors: FormErrors) -> CasePage {
        let key = std::mem::take(&mut self.note.idem_key);
        self.note = ActForm {
            idem_key: key,
            ..note
        };
        self.errors = errors;
        self
    }

    fn headline(&self) -> String {
        name_of(&self.layout, self.case.words.as_deref(), self.case.class_major)
    }

    fn may(&self, action: Action) -> bool {
        self.possible.contains(&action)
    }

    fn bar(&self) -> Bar {
        bar(&self.possible, self.is_reported)
    }

    fn step_name(&self, step: &Step) -> &'static str {
        let t = self.layout.t.complaint_case();
        match step.kind {
            StepKind::Accepted => t.step_accepted(),
            StepKind::Dispatch => t.step_dispatch(),
            StepKind::FollowUp => t.step_follow_up(),
            StepKind::Resolve => t.step_resolve(),
            StepKind::Callback => t.step_callback(),
            StepKind::Close => t.step_close(),
        }
    }

    fn step_limit(&self, step: &Step) -> String {
        let (t, fmt) = (self.layout.t.complaint_case(), &self.layout.fmt);
        if step.kind == StepKind::Resolve
            && let Some(at) = self.case.promised_at.filter(|_| step.done_at.is_none())
        {
            return t.promised(fmt.near(&at));
        }
        match (step.due_at, step.kind) {
            (Some(at), _) => t.due(fmt.deadline(&at)),
            (None, StepKind::Callback) => t.within_after_resolved().to_owned(),
            (None, StepKind::FollowUp) => t.every_day().to_owned(),
            (None, StepKind::Accepted | StepKind::Dispatch | StepKind::Resolve | StepKind::Close) => {
                String::new()
            }
        }
    }

    fn step_fact(&self, step: &Step) -> String {
        let (t, fmt) = (self.layout.t.complaint_case(), &self.layout.fmt);
        let is_past = step.state == StepState::Ahead && self.case.ended_at.is_some();
        match (step.kind, step.done_at) {
            (StepKind::Accepted, Some(at)) => fmt.datetime(&at),
            (StepKind::Dispatch, Some(at)) => {
                let who = self.case.department.as_deref().unwrap_or_default();
                t.took(fmt.duration(at - self.case.accepted_at), fmt.time(&at), who)
            }
            (StepKind::FollowUp, Some(at)) => t.followed_at(fmt.near(&at)),
            (StepKind::Close, Some(at)) => match self.case.verdict {
                Some(verdict) => format!(
                    "{} · {}",
                    self.layout.t.complaints().verdict_of(verdict),
                    fmt.near(&at)
                ),
                None => fmt.near(&at),
            },
            (_, Some(at)) => t.done_at(fmt.near(&at)),
            (_, None) if is_past => t.skipped().to_owned(),
            (StepKind::Resolve, None) => self.progress(),
            (_, None) => t.not_begun().to_owned(),
        }
    }

    /// What holds a case that is not dealt with yet.
    fn progress(&self) -> String {
        let (t, fmt) = (self.layout.t.complaint_case(), &self.layout.fmt);
        match (self.case.state, self.case.waiting_since) {
            (ComplaintState::Waiting, Some(at)) => t.waiting_since(fmt.near(&at)),
            (ComplaintState::Dispatched, _) => t.waiting_for_department().to_owned(),
            _ if self.is_reported => t.reported().to_owned(),
            _ => match self.case.acknowledged_at {
                Some(at) => t.acknowledged_at(fmt.near(&at)),
                None => t.not_begun().to_owned(),
            },
        }
    }

    /// The deadline that runs now.
    fn step_chip(&self, step: &Step) -> Option<SlaChip> {
        let runs = matches!(step.state, StepState::Now | StepState::Late)
            || (step.kind == StepKind::FollowUp && step.done_at.is_some() && self.case.ended_at.is_none());
        step.due_at.filter(|_| runs).map(|at| self.layout.sla(&at))
    }

    fn act(&self, event: &Event) -> String {
        timeline::act(&self.layout, event)
    }

    fn icon(&self, event: &Event) -> &'static str {
        timeline::mark(event).0
    }

    fn tone(&self, event: &Event) -> &'static str {
        timeline::mark(event).1
    }

    fn is_quote(&self, event: &Event) -> bool {
        timeline::is_quote(event)
    }

    fn shown_links(&self) -> impl Iterator<Item = (Shown, &'static str)> {
        let t = self.layout.t.complaint_case();
        Shown::ALL.iter().map(move |shown| match shown {
            Shown::All => (Shown::All, t.show_all()),
            Shown::Calls => (Shown::Calls, t.show_calls()),
            Shown::Department => (Shown::Department, t.show_department()),
        })
    }

    /// The checklist is shown once the department works on the case.
    fn items(&self) -> &'static [Item] {
        match self.case.acknowledged_at {
            Some(_) => checklist::items(self.case.class_major),
            None => &[],
        }
    }

    fn tick(&self, item: &Item) -> Option<&Ticked> {
        self.ticked.iter().find(|tick| tick.code == item.check)
    }

    fn is_shown(&self, shown: &Shown) -> bool {
        self.shown == *shown
    }

    fn part_labels(&self) -> [(Part, &'static str); 2] {
        let t = self.layout.t.complaint_case();
        [(Part::CoHandler, t.co_handlers()), (Part::Watcher, t.watchers())]
    }

    fn in_part(&self, part: &Part) -> Vec<&CasePerson> {
        self.people.iter().filter(|person| person.part == *part).collect()
    }

    fn parts(&self) -> Vec<SelectOption> {
        let t = self.layout.t.complaint_case();
        Part::ALL
            .iter()
            .map(|part| SelectOption::new(part, t.part(*part)))
            .collect()
    }

    /// Who is not in the case yet.
    fn addable(&self) -> Vec<SelectOption> {
        let common = self.layout.t.common();
        let colleagues = self.colleagues.iter();
        colleagues
            .filter(|one| Some(one.user_id) != self.case.handler_id)
            .filter(|one| self.people.iter().all(|person| person.user_id != one.user_id))
            .map(|one| SelectOption::new(one.user_id, format!("{} · {}", one.name, common.role(one.role))))
            .collect()
    }

    fn load_text(&self, load: &DepartmentLoad) -> String {
        let t = self.layout.t.complaint_case();
        match load.answers_in {
            Some(seconds) => t.load_answer(load.open, t.span(seconds)),
            None => t.load(load.open),
        }
    }

    fn other_name(&self, other: &OtherCase) -> String {
        match other
            .words
            .as_deref()
            .map(headline)
            .filter(|line| !line.is_empty())
        {
            Some(line) => line,
            None => other.number.clone(),
        }
    }

    fn first_char(&self, name: &str) -> String {
        name.chars().take(1).collect()
    }
}

/// What an act is called.
fn label_of(layout: &Layout, action: &Action) -> &'static str {
    layout.t.complaint_case().action(*action)
}

/// Icon of an act.
fn icon_of(action: &Action) -> &'static str {
    match action {
        Action::Dispatch | Action::Redispatch => "route",
        Action::Acknowledge | Action::Resolve => "check",
        Action::Note | Action::Investigate | Action::Edit => "edit",
        Action::FollowUp => "phone-out",
        Action::Contact => "phone",
        Action::Plan => "calendar",
        Action::Report => "wrench",
        Action::Check => "rows",
        Action::Wait => "pause",
        Action::Resume => "play",
        Action::Severity => "flag",
        Action::Escalate => "arrow-up",
        Action::People => "users",
        Action::Withdraw | Action::Invalidate => "x",
        Action::Merge => "link",
        Action::Verdict => "quote",
        Action::Close => "lock",
        Action::Reopen => "undo",
    }
}

/// The key that opens an act; empty for most.
const fn key_of(action: &Action) -> &'static str {
    match action {
        Action::FollowUp => "F",
        Action::Dispatch | Action::Redispatch => "R",
        Action::Acknowledge
        | Action::Note
        | Action::Contact
        | Action::Plan
        | Action::Investigate
        | Action::Report
        | Action::Check
        | Action::Wait
        | Action::Resume
        | Action::Severity
        | Action::Escalate
        | Action::Edit
        | Action::People
        | Action::Resolve
        | Action::Withdraw
        | Action::Invalidate
        | Action::Merge
        | Action::Verdict
        | Action::Close
        | Action::Reopen => "",
    }
}

/// What a case is called: by its words, else by its class.
pub fn name_of(layout: &Layout, words: Option<&str>, class: crate::complaints::ComplaintClass) -> String {
    match words.map(headline).filter(|line| !line.is_empty()) {
        Some(line) => line,
        None => layout.t.complaints().class_of(class).to_owned(),
    }
}

/// The case, if this person may see it.
pub async fn visible(app: &AppState, user: &CurrentUser, id: ComplaintId) -> AppResult<Case> {
    let found = queries::find(&app.db, user.scope(), id, user.id).await?;
    found
        .filter(|case| service::may_see(case, user))
        .ok_or(AppError::NotFound)
}

/// `None`: the form of an act can be shown. In another state the page of the case says what can be done now.
pub fn gate(case: &Case, user: &CurrentUser, action: Action) -> AppResult<Option<Response>> {
    match action.check(user.role, case.relation(user.id), case.state) {
        Ok(()) => Ok(None),
        Err(Refusal::State) => Ok(Some(redirect(format!("/complaints/{}", case.id)).into_response())),
        Err(refusal @ (Refusal::Role(_) | Refusal::NotOwn)) => Err(CaseError::Refused(refusal).into()),
    }
}

/// Puts the possible acts where they belong. A department's report makes dealing with the case the next step.
fn bar(possible: &[Action], is_reported: bool) -> Bar {
    const NEXT: [Action; 4] = [
        Action::Acknowledge,
        Action::Dispatch,
        Action::FollowUp,
        Action::Report,
    ];
    const BESIDE: [Action; 6] = [
        Action::Redispatch,
        Action::Escalate,
        Action::FollowUp,
        Action::Resolve,
        Action::Contact,
        Action::Plan,
    ];
    /// Inline on the page, or on a page of their own.
    const ELSEWHERE: [Action; 8] = [
        Action::Note,
        Action::Check,
        Action::People,
        Action::Investigate,
        Action::Edit,
        Action::Verdict,
        Action::Close,
        Action::Reopen,
    ];
    let has = |action: &Action| possible.contains(action);
    let primary = match (is_reported, has(&Action::Resolve)) {
        (true, true) => Some(Action::Resolve),
        _ => NEXT.into_iter().find(has),
    };
    let mut beside: Vec<Action> = BESIDE
        .into_iter()
        .filter(|action| has(action) && Some(*action) != primary)
        .collect();
    beside.truncate(3);
    let more = possible
        .iter()
        .copied()
        .filter(|action| Some(*action) != primary && !beside.contains(action) && !ELSEWHERE.contains(action))
        .collect();
    Bar {
        primary,
        beside,
        more,
    }
}

pub async fn show(
    layout: Layout,
    _user: Can<ViewComplaints>,
    State(app): State<AppState>,
    Path(id): Path<ComplaintId>,
    Query(query): Query<ShowQuery>,
) -> AppResult<Response> {
    let page = CasePage::load(&app, layout, id, &query.show).await?;
    Ok(Page(page).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_step_is_the_button_and_nothing_is_offered_twice() {
        let all = Action::ALL;
        for (possible, is_reported, primary) in [
            (
                &[Action::Acknowledge, Action::FollowUp][..],
                false,
                Some(Action::Acknowledge),
            ),
            (
                &[Action::Note, Action::Dispatch, Action::FollowUp][..],
                false,
                Some(Action::Dispatch),
            ),
            (
                &[Action::FollowUp, Action::Resolve][..],
                false,
                Some(Action::FollowUp),
            ),
            (
                &[Action::FollowUp, Action::Resolve][..],
                true,
                Some(Action::Resolve),
            ),
            (&[Action::Report, Action::Plan][..], true, Some(Action::Report)),
            (&[Action::Note][..], false, None),
        ] {
            assert_eq!(bar(possible, is_reported).primary, primary, "{possible:?}");
        }
        let bar = bar(all, true);
        let mut shown: Vec<Action> = bar
            .beside
            .iter()
            .chain(&bar.more)
            .chain(&bar.primary)
            .copied()
            .collect();
        let count = shown.len();
        shown.sort();
        shown.dedup();
        assert_eq!(shown.len(), count);
        assert_eq!(count, all.len() - 8);
    }
}
