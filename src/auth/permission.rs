//! Who may do what: one table. Handlers ask with `Can<Marker>`, menus and buttons with `layout.can(…)`.

use std::marker::PhantomData;
use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::auth::session::CurrentUser;
use crate::text_enum;
use crate::web::error::AppError;
use crate::web::state::AppState;

text_enum! {
    /// Roles of contract.md. A person has one role per store; `group` and a group-wide `admin` work over all stores.
    pub enum Role {
        Specialist = "specialist",
        Receptionist = "receptionist",
        Clerk = "clerk",
        Handler = "handler",
        Manager = "manager",
        Admin = "admin",
        Group = "group",
    }
}

/// A permission as a type: the parameter of `Can`.
pub trait Marker: Send + Sync + 'static {
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($( $(#[$doc:meta])* $name:ident = $code:literal [ $($role:ident)* ] )+) => {
        /// Every right there is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Permission { $( $(#[$doc])* $name, )+ }

        impl Permission {
            /// Every permission, in the order of the table.
            pub const ALL: &'static [Permission] = &[ $( Permission::$name, )+ ];

            /// `area.verb`, as in logs.
            pub const fn as_str(self) -> &'static str {
                match self { $( Permission::$name => $code, )+ }
            }

            /// The roles that have it.
            pub const fn roles(self) -> &'static [Role] {
                match self { $( Permission::$name => &[ $( Role::$role, )* ], )+ }
            }
        }

        $( $(#[$doc])* pub struct $name; impl Marker for $name { const PERMISSION: Permission = Permission::$name; } )+
    };
}

permissions! {
    /// My day, account menu: everybody who is signed in.
    UseDesk = "desk.use" [Specialist Receptionist Clerk Handler Manager Admin Group]
    /// Read customers, vehicles, visits; phones masked.
    ViewArchive = "archive.view" [Specialist Receptionist Clerk Manager Admin Group]
    /// Create and change customers, vehicles, visits.
    EditArchive = "archive.edit" [Specialist Receptionist Clerk Manager Admin]
    /// See pairs of files that may be one, and the history of merges.
    ViewDuplicates = "duplicates.view" [Clerk Manager Admin]
    /// Merge two files, take a merge back, call a pair different.
    MergeArchive = "archive.merge" [Manager Admin]
    /// Change many customers or vehicles at once.
    ChangeMany = "archive.bulk" [Clerk Manager Admin]
    /// Take a list out as a file; leaves a record.
    ExportArchive = "archive.export" [Manager Admin]
    /// Share saved views and make them a role's default.
    ManageViews = "views.manage" [Manager Admin]
    /// See one whole phone number; leaves an audit row.
    RevealPhone = "archive.reveal" [Specialist Clerk Manager Admin]
    /// See the callback queue and open a call.
    ViewCallbacks = "callbacks.view" [Specialist Clerk Manager Group]
    /// Claim, call, settle.
    WorkCallbacks = "callbacks.work" [Specialist Clerk Manager]
    /// Give work to others and take it back.
    AssignCallbacks = "callbacks.assign" [Manager]
    /// Make call sheets and print them with whole numbers; each number leaves an audit row.
    PrintSheets = "callbacks.print" [Manager]
    /// See who works when.
    ViewShifts = "shifts.view" [Specialist Clerk Manager Admin]
    /// Enter shifts, leave, deputies and capacity.
    ManageShifts = "shifts.manage" [Manager Admin]
    /// Watch the board of the call floor.
    ViewFloor = "floor.view" [Manager Admin Group]
    /// See and record maintenance reminders.
    WorkReminders = "reminders.work" [Specialist Clerk Manager]
    /// Look customers' files through, one after the other.
    ReviewFiles = "reviews.work" [Clerk Manager Admin]
    /// See appointments.
    ViewAppointments = "appointments.view" [Specialist Receptionist Clerk Manager Group]
    /// Note, confirm, move and cancel appointments.
    WorkAppointments = "appointments.work" [Specialist Receptionist Clerk Manager]
    /// See complaints; a handler sees own cases only.
    ViewComplaints = "complaints.view" [Specialist Receptionist Clerk Handler Manager Admin Group]
    /// Take a complaint in.
    AcceptComplaints = "complaints.accept" [Specialist Receptionist Clerk Manager Admin]
    /// Lead a case: dispatch, follow up, change, settle with the customer, call back.
    WorkComplaints = "complaints.work" [Specialist Clerk Manager]
    /// Answer for the department: acknowledge, investigate, report; a handler in own cases only.
    AnswerComplaints = "complaints.answer" [Specialist Clerk Handler Manager]
    /// What one person alone must not decide: close a case against the customer's verdict, call it invalid, merge, share out.
    DecideComplaints = "complaints.decide" [Manager]
    /// Take complaints out as a file; leaves a record.
    ExportComplaints = "complaints.export" [Manager Admin]
    /// See what complaints are about, whose they are and how they end.
    AnalyseComplaints = "complaints.analyse" [Manager Admin Group]
    /// See cars and customers who are about to complain.
    ViewRisks = "complaints.risks" [Specialist Receptionist Clerk Manager Admin Group]
    /// See figures of the whole store.
    ViewKpi = "kpi.view" [Manager Admin Group]
    /// See one's own figures.
    ViewOwnKpi = "kpi.view_own" [Specialist Clerk Manager Admin Group]
    /// See the ledger and its reconciliation.
    ViewObligations = "obligations.view" [Manager Admin Group]
    /// See requests for exemptions: own ones, or those to decide.
    ViewExemptions = "exemptions.view" [Specialist Clerk Manager Admin]
    /// Ask for an exemption.
    RequestExemptions = "exemptions.request" [Specialist Clerk Manager]
    /// Approve or refuse what others ask for.
    DecideExemptions = "exemptions.decide" [Manager Admin]
    /// Import rosters, visits, policies.
    ImportFiles = "imports.run" [Admin]
    /// Create people, change roles, hand out one-time links.
    ManageUsers = "users.manage" [Admin]
    /// Change stores, departments, hours, closed days.
    ManageStores = "stores.manage" [Admin]
    /// Change the care rules.
    ManageRules = "rules.manage" [Manager Admin]
    /// Change call scripts and questionnaires.
    ManageScripts = "scripts.manage" [Manager Admin]
    /// See background jobs and run them now.
    ManageJobs = "jobs.manage" [Admin]
    /// Read the audit log.
    ViewAudit = "audit.view" [Admin]
    /// Work in any store of the group.
    SwitchStore = "stores.switch" [Admin Group]
}

/// Proof that the signed-in person has a permission; derefs to the person.
pub struct Can<P> {
    user: CurrentUser,
    marker: PhantomData<P>,
}

impl<P> Deref for Can<P> {
    type Target = CurrentUser;

    fn deref(&self) -> &CurrentUser {
        &self.user
    }
}

impl<P: Marker> FromRequestParts<AppState> for Can<P> {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, AppError> {
        let user = CurrentUser::from_request_parts(parts, state).await?;
        if !user.can(P::PERMISSION) {
            return Err(AppError::Forbidden(P::PERMISSION));
        }
        Ok(Can {
            user,
            marker: PhantomData,
        })
    }
}
