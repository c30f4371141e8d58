//! The list of cases and its board: one filter, its columns and orders, figures that open the rows they count.
//!
//! What a filter means is in the function `complaints_matching`, what a figure counts in `complaint_clocks`: the page, the
//! board, a change of many and an export ask the same two. A handler's list holds own cases only.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use serde_json::{Map, Value, json};

use crate::auth::permission::Role;
use crate::complaints::model::{ComplaintChannel, ComplaintClass, ComplaintState, Severity, Verdict};
use crate::i18n::Texts;
use crate::list_filter;
use crate::obligations::ObligationKind;
use crate::stores::StoreScope;
use crate::text_enum;
use crate::users::UserId;
use crate::web::layout::Layout;
use crate::web::list::{
    Address, Named, Pill, Sort, Window, day, end_of_day, keep_code, keep_days, start_of_day,
};

pub mod board;
pub mod bulk;
mod bulk_queries;
mod cells;
pub mod figures;
pub mod handlers;
pub mod queries;
mod search;
pub mod stage;

pub use cells::{cells, headings};

list_filter! {
    /// `/complaints?…`
    pub struct ComplaintFilter {
        tab, q, department, severity, channel, class, owner, handler, state, verdict, overdue, from, to, closed_from, closed_to,
        clock, clock_from, clock_to, missed,
    }
    tidy(filter, zone) {
        keep::<View>(&mut filter.tab);
        if filter.tab == View::Open.as_str() {
            filter.tab.clear();
        }
        filter.q = search::cut(&filter.q);
        keep_id(&mut filter.department);
        keep_id(&mut filter.owner);
        keep_id(&mut filter.handler);
        keep::<Severity>(&mut filter.severity);
        keep::<ComplaintChannel>(&mut filter.channel);
        keep::<ComplaintClass>(&mut filter.class);
        keep::<ComplaintState>(&mut filter.state);
        keep::<Judged>(&mut filter.verdict);
        keep::<Only>(&mut filter.overdue);
        keep_days([&mut filter.from, &mut filter.to], zone);
        keep_days([&mut filter.closed_from, &mut filter.closed_to], zone);
        keep_days([&mut filter.clock_from, &mut filter.clock_to], zone);
        keep::<Promise>(&mut filter.clock);
        keep::<Only>(&mut filter.missed);
        if filter.clock.is_empty() || filter.clock_from.is_empty() || filter.clock_to.is_empty() {
            for field in [&mut filter.clock, &mut filter.clock_from, &mut filter.clock_to, &mut filter.missed] {
                field.clear();
            }
        }
    }
}

/// The code of *nobody* or *none* where an id may stand.
const NONE: &str = "none";

fn keep_id(field: &mut String) {
    *field = field.trim().to_owned();
    if field != NONE && field.parse::<i64>().is_err() {
        field.clear();
    }
}

fn keep<T: FromStr>(field: &mut String) {
    *field = field.trim().to_owned();
    keep_code::<T>(field);
}

fn monday_of(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}

/// First and last day of a month.
fn month_of(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let first = day - Days::new(u64::from(day.day0()));
    (first, first + Months::new(1) - Days::new(1))
}

text_enum! {
    /// Views of the house, before the saved ones.
    pub enum View {
        Open = "open",
        ToDispatch = "dispatch",
        Progress = "progress",
        /// Dealt with; the customer is to say whether that is so.
        SecondCallback = "second",
        /// Graver than the desk alone may carry: a crisis, or a clock that has run out and gone up the chain (domain.md §6).
        Escalated = "escalated",
        /// Closed in this month of the store.
        Closed = "closed",
        All = "all",
    }
}

text_enum! {
    /// A filter that is set or is not.
    pub enum Only {
        Yes = "yes",
    }
}

text_enum! {
    /// What the customer said in the end, or that they said something.
    pub enum Judged {
        Any = "any",
        Satisfied = "satisfied",
        Acceptable = "acceptable",
        Dissatisfied = "dissatisfied",
    }
}

text_enum! {
    /// The three promises of the desk, each with a figure and a bar in the row.
    pub enum Promise {
        Dispatch = "dispatch",
        FollowUp = "follow_up",
        SecondCallback = "second_callback",
    }
}

/// Kinds of obligations that are clocks of a case, in the order of a file.
pub static CLOCKS: [ObligationKind; 8] = [
    ObligationKind::ComplaintDispatch,
    ObligationKind::ComplaintFirstReply,
    ObligationKind::ComplaintFollowUp,
    ObligationKind::ComplaintPlan,
    ObligationKind::ComplaintClose,
    ObligationKind::ComplaintSecondCallback,
    ObligationKind::ComplaintAfter,
    ObligationKind::ComplaintExternal,
];

impl Promise {
    /// The kind of its obligations.
    pub const fn kind(self) -> ObligationKind {
        match self {
            Promise::Dispatch => ObligationKind::ComplaintDispatch,
            Promise::FollowUp => ObligationKind::ComplaintFollowUp,
            Promise::SecondCallback => ObligationKind::ComplaintSecondCallback,
        }
    }
}

text_enum! {
    /// What the list can be ordered by.
    pub enum SortKey {
        /// The nearest deadline that is open, whatever kind.
        Due = "due",
        Dispatch = "dispatch",
        FollowUp = "follow_up",
        SecondCallback = "second_callback",
        Severity = "severity",
        State = "state",
        Accepted = "accepted",
        Updated = "updated",
    }
}

text_enum! {
    /// What a row can show beside its number.
    pub enum Column {
        Severity = "severity",
        Customer = "customer",
        Words = "words",
        Class = "class",
        Channel = "channel",
        Department = "department",
        Clocks = "clocks",
        State = "state",
        Owner = "owner",
        Handler = "handler",
        Verdict = "verdict",
        Accepted = "accepted",
        Updated = "updated",
    }
}

/// Columns unless chosen otherwise.
pub const COLUMNS: [Column; 7] = [
    Column::Severity,
    Column::Customer,
    Column::Words,
    Column::Department,
    Column::Clocks,
    Column::State,
    Column::Owner,
];

/// What is due first; cases without an open clock behind, newest first.
pub const ORDER: Sort<SortKey> = Sort {
    key: SortKey::Due,
    descending: false,
};

/// Who asks, and when: what a filter means depends on both.
#[derive(Clone, Copy, Debug)]
pub struct Asker {
    pub scope: StoreScope,
    pub zone: chrono_tz::Tz,
    pub now: DateTime<Utc>,
    /// A handler, who sees own cases only.
    pub own: Option<UserId>,
}

impl Asker {
    /// Whoever the page is for.
    pub fn of(layout: &Layout) -> Asker {
        Asker {
            scope: layout.user.scope(),
            zone: layout.fmt.zone,
            now: layout.fmt.now,
            own: (layout.user.role == Role::Handler).then_some(layout.user.id),
        }
    }

    fn today(&self) -> NaiveDate {
        self.now.with_timezone(&self.zone).date_naive()
    }

    /// What every question of this person holds.
    fn base(&self) -> Map<String, Value> {
        let mut base = Map::new();
        base.insert("now".to_owned(), json!(self.now));
        if let Some(own) = self.own {
            base.insert("own".to_owned(), json!(own));
        }
        base
    }

    /// What a view of the house lets through, without any filter.
    pub fn view(&self, view: View) -> Value {
        let mut all = self.base();
        all.extend(view.conditions(self.today(), self.zone));
        Value::Object(all)
    }
}

/// An array as PostgreSQL writes it, for codes and numbers.
fn array<T: ToString>(values: impl IntoIterator<Item = T>) -> String {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    format!("{{{}}}", values.join(","))
}

impl View {
    fn conditions(self, today: NaiveDate, zone: chrono_tz::Tz) -> Map<String, Value> {
        use ComplaintState::{Accepted, Closed, Dispatched, InProgress, Resolved, Waiting};
        let states = |states: &[ComplaintState]| json!(array(states));
        let conditions = match self {
            View::Open => json!({ "open": true }),
            View::ToDispatch => json!({ "open": true, "states": states(&[Accepted]) }),
            View::Progress => json!({ "open": true, "states": states(&[Dispatched, InProgress, Waiting]) }),
            View::SecondCallback => json!({ "open": true, "states": states(&[Resolved]) }),
            View::Escalated => json!({ "open": true, "escalated": true }),
            View::Closed => {
                let (first, last) = month_of(today);
                json!({
                    "states": states(&[Closed]),
                    "ended_from": start_of_day(&first.to_string(), zone),
                    "ended_before": end_of_day(&last.to_string(), zone),
                })
            }
            View::All => json!({}),
        };
        object(conditions)
    }
}

/// The pairs of an object that have a value.
fn object(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else {
        return Map::new();
    };
    map.into_iter().filter(|(_, value)| !value.is_null()).collect()
}

impl ComplaintFilter {
    /// The view that the filter starts from.
    pub fn view(&self) -> View {
        self.tab.parse().unwrap_or(View::Open)
    }

    /// The filter as `complaints_matching` reads it: the view, and what narrows it.
    pub async fn conditions(&self, db: &sqlx::PgPool, asker: Asker) -> sqlx::Result<Value> {
        let mut all = asker.base();
        all.extend(self.view().conditions(asker.today(), asker.zone));
        all.extend(self.narrowed(db, asker).await?);
        Ok(Value::Object(all))
    }

    /// The same over what the board shows: everything open, and what was closed since a day.
    pub async fn board(
        &self,
        db: &sqlx::PgPool,
        asker: Asker,
        closed_since: NaiveDate,
    ) -> sqlx::Result<Value> {
        let mut all = asker.base();
        all.extend(object(json!({
            "board_from": start_of_day(&closed_since.to_string(), asker.zone),
        })));
        all.extend(self.narrowed(db, asker).await?);
        Ok(Value::Object(all))
    }

    async fn narrowed(&self, db: &sqlx::PgPool, asker: Asker) -> sqlx::Result<Map<String, Value>> {
        let zone = asker.zone;
        let id = |text: &str| text.parse::<i64>().ok();
        let none = |text: &str| (text == NONE).then_some(true);
        let code = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let judged = self.verdict.parse::<Judged>().ok();
        let mut all = object(json!({
            "department": id(&self.department),
            "no_department": none(&self.department),
            "owner": id(&self.owner),
            "no_owner": none(&self.owner),
            "handler": id(&self.handler),
            "no_handler": none(&self.handler),
            "severity": code(&self.severity),
            "channel": code(&self.channel),
            "class": code(&self.class),
            "state": code(&self.state),
            "verdict": judged.filter(|judged| *judged != Judged::Any),
            "judged": judged.map(|_| true),
            "overdue": (!self.overdue.is_empty()).then_some(true),
            "from": start_of_day(&self.from, zone),
            "before": end_of_day(&self.to, zone),
        }));
        // A view of closed cases has borders of its own: the narrower ones hold.
        let closed = object(json!({
            "ended_from": start_of_day(&self.closed_from, zone),
            "ended_before": end_of_day(&self.closed_to, zone),
        }));
        all.extend(closed);
        if let (Ok(promise), Some(from), Some(to)) = (
            self.clock.parse::<Promise>(),
            day(&self.clock_from),
            day(&self.clock_to),
        ) {
            let missed = !self.missed.is_empty();
            let ids = queries::clock_cases(db, asker, promise.kind(), (from, to), missed).await?;
            all.insert("ids".to_owned(), json!(array(ids)));
        }
        if !self.q.is_empty() {
            all.extend(object(search::conditions(db, asker.scope, &self.q).await?));
        }
        Ok(all)
    }
}

/// What the filters of a store can be set to.
pub struct Offers {
    pub departments: Vec<Named>,
    pub owners: Vec<Named>,
    pub handlers: Vec<Named>,
}

impl ComplaintFilter {
    /// The row of filters above the list.
    pub fn pills(&self, address: &Address, t: Texts, offers: &Offers, asker: Asker) -> Vec<Pill> {
        let (c, l) = (t.complaints(), t.lists());
        let named = |people: &[Named], none: &'static str| -> Vec<(String, String)> {
            let known = people
                .iter()
                .map(|named| (named.id.to_string(), named.name.clone()));
            known.chain([(NONE.to_owned(), none.to_owned())]).collect()
        };
        let severities = Severity::ALL
            .iter()
            .map(|code| (code.to_string(), c.severity_of(*code).to_owned()));
        let channels = ComplaintChannel::ALL
            .iter()
            .map(|code| (code.to_string(), c.channel(*code).to_owned()));
        let classes = ComplaintClass::ALL
            .iter()
            .map(|code| (code.to_string(), c.class_of(*code).to_owned()));
        let overdue = [(Only::Yes.to_string(), c.overdue_only().to_owned())];
        let mut pills = vec![
            Pill::choice(
                c.department(),
                address,
                "department",
                &self.department,
                named(&offers.departments, c.undecided()),
            ),
            Pill::choice(c.severity(), address, "severity", &self.severity, severities),
            Pill::choice(c.channel_label(), address, "channel", &self.channel, channels),
            Pill::choice(c.class(), address, "class", &self.class, classes),
        ];
        if asker.own.is_none() {
            pills.push(Pill::choice(
                c.owner(),
                address,
                "owner",
                &self.owner,
                named(&offers.owners, c.nobody()),
            ));
            pills.push(Pill::choice(
                c.handler(),
                address,
                "handler",
                &self.handler,
                named(&offers.handlers, c.nobody()),
            ));
        }
        pills.push(Pill::choice(
            c.clock_label(),
            address,
            "overdue",
            &self.overdue,
            overdue,
        ));
        pills.push(Pill::range(
            c.accepted_label(),
            address,
            t,
            "date",
            ("from", &self.from),
            ("to", &self.to),
        ));
        // What only figures and the board lead to is shown once it is set, and can be cleared.
        if !self.state.is_empty() {
            let states = ComplaintState::ALL
                .iter()
                .map(|code| (code.to_string(), c.state_of(*code).to_owned()));
            pills.push(Pill::choice(c.state(), address, "state", &self.state, states));
        }
        if !self.closed_from.is_empty() || !self.closed_to.is_empty() {
            let (from, to) = (
                ("closed_from", &*self.closed_from),
                ("closed_to", &*self.closed_to),
            );
            pills.push(Pill::range(c.closed_label(), address, t, "date", from, to));
        }
        if !self.verdict.is_empty() {
            let verdicts = Verdict::ALL
                .iter()
                .map(|code| (code.to_string(), c.verdict_of(*code).to_owned()));
            let any = [(Judged::Any.to_string(), c.judged().to_owned())];
            pills.push(Pill::choice(
                c.verdict(),
                address,
                "verdict",
                &self.verdict,
                any.into_iter().chain(verdicts),
            ));
        }
        if let Ok(promise) = self.clock.parse::<Promise>() {
            pills.push(self.clock_pill(promise, address, t));
        }
        if !self.q.is_empty() {
            pills.push(Pill::word(l.searched(), address, "q", &self.q));
        }
        pills
    }

    /// Cases whose clock of a kind matured in some days: all of them, or those that missed it.
    fn clock_pill(&self, promise: Promise, address: &Address, t: Texts) -> Pill {
        let c = t.complaints();
        let days = t.lists().between(&self.clock_from, &self.clock_to);
        let missed = !self.missed.is_empty();
        let cleared = address.with(&[
            ("clock", ""),
            ("clock_from", ""),
            ("clock_to", ""),
            ("missed", ""),
        ]);
        let mut pill = Pill::choice(c.promise(promise), address, "clock", "", [])
            .or(
                address.with(&[("missed", "")]),
                c.all_of_them().to_owned(),
                !missed,
            )
            .or(
                address.with(&[("missed", "yes")]),
                c.missed_only().to_owned(),
                missed,
            );
        let which = if missed { c.missed_only() } else { c.all_of_them() };
        pill.value = Some(format!("{days} · {which}"));
        pill.clear = cleared;
        pill
    }
}

/// What a column is called.
pub const fn heading(t: Texts, column: Column) -> &'static str {
    let c = t.complaints();
    match column {
        Column::Severity => c.severity(),
        Column::Customer => c.customer(),
        Column::Words => c.words_short(),
        Column::Class => c.class(),
        Column::Channel => c.channel_label(),
        Column::Department => c.department(),
        Column::Clocks => c.clock_label(),
        Column::State => c.state(),
        Column::Owner => c.owner(),
        Column::Handler => c.handler(),
        Column::Verdict => c.verdict(),
        Column::Accepted => c.accepted_label(),
        Column::Updated => t.customers().updated(),
    }
}

/// Ids of a page, in order. Of many rows the order of acceptance is walked along its index; every other order sorts them.
pub async fn ids(
    db: &sqlx::PgPool,
    scope: StoreScope,
    conditions: &Value,
    sort: Sort<SortKey>,
    window: Window,
) -> sqlx::Result<Vec<i64>> {
    let Window {
        limit,
        offset,
        is_few,
    } = window;
    match (is_few, sort.key, sort.descending) {
        (false, SortKey::Accepted, true) => {
            queries::by_accepted_desc(db, scope, conditions, limit, offset).await
        }
        (false, SortKey::Accepted, false) => queries::by_accepted(db, scope, conditions, limit, offset).await,
        (true, SortKey::Accepted, _)
        | (
            _,
            SortKey::Due
            | SortKey::Dispatch
            | SortKey::FollowUp
            | SortKey::SecondCallback
            | SortKey::Severity
            | SortKey::State
            | SortKey::Updated,
            _,
        ) => queries::sorted(db, scope, conditions, sort, limit, offset).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::list::{Filter, from_query};

    fn tidied(query: &str) -> ComplaintFilter {
        let mut filter: ComplaintFilter = from_query(query);
        filter.tidy(chrono_tz::Asia::Shanghai);
        filter
    }

    #[test]
    fn an_address_is_read_and_nonsense_filters_nothing() {
        for (query, kept) in [
            ("", ""),
            ("tab=open", ""),
            ("tab=everything&severity=E&department=x&owner=none", "owner=none"),
            ("tab=all&q=%20%20", "tab=all"),
            ("overdue=yes&missed=yes", "overdue=yes"),
            ("clock=dispatch&clock_from=2026-11-23", ""),
            (
                "clock=dispatch&clock_from=2026-11-23&clock_to=2026-11-29&missed=yes",
                "clock=dispatch&clock_from=2026-11-23&clock_to=2026-11-29&missed=yes",
            ),
        ] {
            let filter = tidied(query);
            let pairs: Vec<String> = filter
                .pairs()
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            assert_eq!(pairs.join("&"), kept, "{query}");
        }
    }

    #[test]
    fn a_view_says_which_states_it_holds() {
        let asker = Asker {
            scope: StoreScope::for_job(crate::stores::StoreId::new(1)),
            zone: chrono_tz::Asia::Shanghai,
            now: "2026-11-30T16:30:00Z".parse().unwrap(),
            own: Some(UserId::new(7)),
        };
        assert_eq!(
            asker.view(View::Progress)["states"],
            "{dispatched,in_progress,waiting}"
        );
        // The store's month, not that of UTC.
        assert_eq!(asker.view(View::Closed)["ended_from"], "2026-11-30T16:00:00Z");
        for view in View::ALL {
            assert_eq!(asker.view(*view)["own"], 7, "{view}");
        }
    }
}
