//! The life of a case as one table: which act is possible in which state, and who may do it (domain.md §6).
//!
//! 受理 → 已派 → 处理中 ⇄ 待客户 → 已解决 → 关闭; 重开, 撤诉, 无效, 合并 beside it. Who: the role gives the right
//! (`Permission`), the relation to the case narrows it. Pages ask for their buttons, handlers for their answers: the same table.

use crate::auth::permission::{Permission, Role};
use crate::complaints::{ComplaintState, Severity};
use crate::text_enum;

text_enum! {
    /// What can be done to a case; the code is the last part of its address.
    pub enum Action {
        /// 上报: to a department and a named person there.
        Dispatch = "dispatch",
        /// 转派: to another person, with a reason.
        Redispatch = "redispatch",
        /// The named person takes the case on.
        Acknowledge = "acknowledge",
        Note = "note",
        /// 跟踪: talk with the department, with a note.
        FollowUp = "follow_up",
        /// Talk with the customer.
        Contact = "contact",
        /// When the department will be done.
        Plan = "plan",
        /// 经过, 原因, 责任, 措施, cost.
        Investigate = "investigation",
        /// 处理意见: the department has done its part.
        Report = "handling",
        Check = "checks",
        Wait = "wait",
        Resume = "resume",
        Severity = "severity",
        /// 升级: a graver severity, or the manager told.
        Escalate = "escalate",
        /// Class, words, demand as they should have been heard.
        Edit = "edit",
        People = "people",
        /// 处理完毕.
        Resolve = "resolve",
        /// 撤诉.
        Withdraw = "withdraw",
        Invalidate = "invalid",
        Merge = "merge",
        /// The customer's own verdict, in the second callback.
        Verdict = "verdict",
        Close = "close",
        Reopen = "reopen",
    }
}

text_enum! {
    /// What a person has to do with a case. Who is several of them counts as the first.
    pub enum Relation {
        Handler = "handler",
        CoHandler = "co_handler",
        Owner = "owner",
        Watcher = "watcher",
        Stranger = "stranger",
    }
}

/// Why an act is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The role does not have the right, or only the named handler may.
    Role(Permission),
    /// A handler's page knows own cases only.
    NotOwn,
    /// Not in this state.
    State,
}

impl Action {
    /// The rights of which one is needed.
    pub const fn permissions(self) -> &'static [Permission] {
        match self {
            // Whoever hears something about a case may write it down.
            Action::Note => &[Permission::AnswerComplaints, Permission::AcceptComplaints],
            Action::Acknowledge | Action::Plan | Action::Investigate | Action::Report | Action::Check => {
                &[Permission::AnswerComplaints]
            }
            // Waiting stops a clock: not for those whom the clock presses.
            Action::Dispatch
            | Action::Redispatch
            | Action::FollowUp
            | Action::Contact
            | Action::Wait
            | Action::Resume
            | Action::Severity
            | Action::Escalate
            | Action::Edit
            | Action::People
            | Action::Resolve
            | Action::Withdraw
            | Action::Verdict
            | Action::Reopen => &[Permission::WorkComplaints],
            Action::Close | Action::Invalidate | Action::Merge => &[Permission::DecideComplaints],
        }
    }

    /// The states in which it is possible.
    pub const fn states(self) -> &'static [ComplaintState] {
        use ComplaintState::{
            Accepted, Closed, Dispatched, InProgress, Invalid, Resolved, Waiting, Withdrawn,
        };
        match self {
            Action::Dispatch => &[Accepted],
            Action::Redispatch => &[Dispatched, InProgress, Waiting],
            Action::Acknowledge => &[Dispatched],
            // Of a merged case the case it went into goes on.
            Action::Note => &[
                Accepted, Dispatched, InProgress, Waiting, Resolved, Closed, Withdrawn, Invalid,
            ],
            Action::FollowUp => &[Accepted, Dispatched, InProgress, Waiting],
            Action::Contact | Action::People => &[Accepted, Dispatched, InProgress, Waiting, Resolved],
            Action::Plan => &[Dispatched, InProgress, Waiting],
            Action::Investigate | Action::Report | Action::Check | Action::Resolve => &[InProgress, Waiting],
            Action::Wait => &[InProgress],
            Action::Resume => &[Waiting],
            Action::Severity | Action::Escalate | Action::Withdraw | Action::Invalidate | Action::Merge => {
                &[Accepted, Dispatched, InProgress, Waiting]
            }
            Action::Edit => &[Accepted, Dispatched, InProgress, Waiting, Resolved],
            Action::Verdict => &[Resolved],
            // 不满意但终结: also once the customer has reopened it; what was agreed must stand on record (`verdict::model`).
            Action::Close => &[Accepted, Dispatched, InProgress, Waiting, Resolved],
            Action::Reopen => &[Closed],
        }
    }

    /// The state that it leads to; `None`: it stays as it is.
    pub const fn target(self) -> Option<ComplaintState> {
        match self {
            Action::Dispatch | Action::Redispatch => Some(ComplaintState::Dispatched),
            Action::Acknowledge | Action::Resume | Action::Reopen => Some(ComplaintState::InProgress),
            Action::Wait => Some(ComplaintState::Waiting),
            Action::Resolve => Some(ComplaintState::Resolved),
            Action::Close => Some(ComplaintState::Closed),
            Action::Withdraw => Some(ComplaintState::Withdrawn),
            Action::Invalidate => Some(ComplaintState::Invalid),
            Action::Merge => Some(ComplaintState::Merged),
            Action::Note
            | Action::FollowUp
            | Action::Contact
            | Action::Plan
            | Action::Investigate
            | Action::Report
            | Action::Check
            | Action::Severity
            | Action::Escalate
            | Action::Edit
            | Action::People
            | Action::Verdict => None,
        }
    }

    /// Whether this role may do it to some case, in some state.
    pub fn is_for(self, role: Role) -> Result<(), Refusal> {
        let wanted = self.permissions();
        if wanted.iter().any(|permission| permission.roles().contains(&role)) {
            Ok(())
        } else {
            Err(Refusal::Role(wanted[0]))
        }
    }

    /// Whether this person may do it to this case now.
    pub fn check(self, role: Role, relation: Relation, state: ComplaintState) -> Result<(), Refusal> {
        self.is_for(role)?;
        if role == Role::Handler && !relation.is_answering() {
            return Err(Refusal::NotOwn);
        }
        // Whoever is named answers by name: nobody else can say "I have it".
        if self == Action::Acknowledge && relation != Relation::Handler {
            return Err(Refusal::Role(Permission::AnswerComplaints));
        }
        // Nobody judges their own work.
        if matches!(self, Action::Verdict | Action::Close | Action::Reopen) && relation.is_answering() {
            return Err(Refusal::Role(Permission::DecideComplaints));
        }
        if self.states().contains(&state) {
            Ok(())
        } else {
            Err(Refusal::State)
        }
    }
}

impl Relation {
    /// Whether the case is one of the person's own to answer.
    pub const fn is_answering(self) -> bool {
        matches!(self, Relation::Handler | Relation::CoHandler)
    }
}

/// Whether this role may change the severity so: lowering is for who decides, since it loosens what was promised.
pub fn may_change_severity(role: Role, from: Severity, to: Severity) -> bool {
    let wanted = if is_graver(to, from) {
        Permission::WorkComplaints
    } else {
        Permission::DecideComplaints
    };
    to != from && wanted.roles().contains(&role)
}

/// A is graver than B, and so on.
pub fn is_graver(one: Severity, other: Severity) -> bool {
    one < other
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEADS: [Role; 3] = [Role::Specialist, Role::Clerk, Role::Manager];

    /// The table as a person would write it: act, letters of the states (受理 A, 已派 D, 处理中 P, 待客户 W, 已解决 R, 关闭 C,
    /// 撤诉 X, 无效 I, 合并 M), whether leads may, whether a handler may in own cases, whether only the manager may, what it leads to.
    const TABLE: [(Action, &str, Who, &str); 23] = [
        (Action::Dispatch, "A", Who::Leads, "D"),
        (Action::Redispatch, "DPW", Who::Leads, "D"),
        (Action::Acknowledge, "D", Who::Named, "P"),
        (Action::Note, "ADPWRCXI", Who::Everybody, "-"),
        (Action::FollowUp, "ADPW", Who::Leads, "-"),
        (Action::Contact, "ADPWR", Who::Leads, "-"),
        (Action::Plan, "DPW", Who::Department, "-"),
        (Action::Investigate, "PW", Who::Department, "-"),
        (Action::Report, "PW", Who::Department, "-"),
        (Action::Check, "PW", Who::Department, "-"),
        (Action::Wait, "P", Who::Leads, "W"),
        (Action::Resume, "W", Who::Leads, "P"),
        (Action::Severity, "ADPW", Who::Leads, "-"),
        (Action::Escalate, "ADPW", Who::Leads, "-"),
        (Action::Edit, "ADPWR", Who::Leads, "-"),
        (Action::People, "ADPWR", Who::Leads, "-"),
        (Action::Resolve, "PW", Who::Leads, "R"),
        (Action::Withdraw, "ADPW", Who::Leads, "X"),
        (Action::Invalidate, "ADPW", Who::Manager, "I"),
        (Action::Merge, "ADPW", Who::Manager, "M"),
        (Action::Verdict, "R", Who::OtherLeads, "-"),
        (Action::Close, "ADPWR", Who::OtherManager, "C"),
        (Action::Reopen, "C", Who::OtherLeads, "P"),
    ];

    #[derive(Clone, Copy, PartialEq)]
    enum Who {
        /// Care desk: specialist, clerk, manager.
        Leads,
        /// Leads, and the department's handler or co-handler.
        Department,
        /// Only who is named as handler.
        Named,
        Manager,
        /// Leads who do not answer for the case.
        OtherLeads,
        /// A manager who does not answer for the case.
        OtherManager,
        /// Who hears complaints: leads, receptionist, admin, and the department in own cases.
        Everybody,
    }

    fn letter(state: ComplaintState) -> char {
        match state {
            ComplaintState::Accepted => 'A',
            ComplaintState::Dispatched => 'D',
            ComplaintState::InProgress => 'P',
            ComplaintState::Waiting => 'W',
            ComplaintState::Resolved => 'R',
            ComplaintState::Closed => 'C',
            ComplaintState::Withdrawn => 'X',
            ComplaintState::Invalid => 'I',
            ComplaintState::Merged => 'M',
        }
    }

    fn may(who: Who, role: Role, relation: Relation) -> bool {
        let is_lead = LEADS.contains(&role);
        let is_own = role == Role::Handler && relation.is_answering();
        match who {
            Who::Leads => is_lead,
            Who::Department => is_lead || is_own,
            Who::Named => (is_lead || role == Role::Handler) && relation == Relation::Handler,
            Who::Manager => role == Role::Manager,
            Who::OtherLeads => is_lead && !relation.is_answering(),
            Who::OtherManager => role == Role::Manager && !relation.is_answering(),
            Who::Everybody => is_lead || is_own || matches!(role, Role::Receptionist | Role::Admin),
        }
    }

    #[test]
    fn every_act_in_every_state_by_every_role_and_relation() {
        let mut allowed = 0;
        for (action, states, who, target) in TABLE {
            let leads_to = action.target().map_or('-', letter).to_string();
            assert_eq!(leads_to, target, "{action} leads to");
            for role in Role::ALL {
                for relation in Relation::ALL {
                    for state in ComplaintState::ALL {
                        let expected = states.contains(letter(*state)) && may(who, *role, *relation);
                        let found = action.check(*role, *relation, *state);
                        assert_eq!(
                            found.is_ok(),
                            expected,
                            "{action} as {role}, {relation}, in {state}: {found:?}"
                        );
                        allowed += usize::from(expected);
                    }
                }
            }
        }
        assert_eq!(Action::ALL.len(), TABLE.len(), "an act is missing in the table");
        assert!(allowed > 500, "{allowed}");
    }

    #[test]
    fn a_refusal_says_why_and_the_role_comes_first() {
        use ComplaintState::{Accepted, Closed, Dispatched, InProgress};
        for (action, role, relation, state, expected) in [
            (
                Action::Dispatch,
                Role::Handler,
                Relation::Handler,
                Accepted,
                Some(Refusal::Role(Permission::WorkComplaints)),
            ),
            (
                Action::Dispatch,
                Role::Receptionist,
                Relation::Stranger,
                Closed,
                Some(Refusal::Role(Permission::WorkComplaints)),
            ),
            (
                Action::Dispatch,
                Role::Specialist,
                Relation::Stranger,
                Closed,
                Some(Refusal::State),
            ),
            (
                Action::Investigate,
                Role::Handler,
                Relation::Watcher,
                InProgress,
                Some(Refusal::NotOwn),
            ),
            (
                Action::Investigate,
                Role::Handler,
                Relation::Stranger,
                Closed,
                Some(Refusal::NotOwn),
            ),
            (
                Action::Acknowledge,
                Role::Manager,
                Relation::Owner,
                Dispatched,
                Some(Refusal::Role(Permission::AnswerComplaints)),
            ),
            (
                Action::Acknowledge,
                Role::Handler,
                Relation::CoHandler,
                Dispatched,
                Some(Refusal::Role(Permission::AnswerComplaints)),
            ),
            (
                Action::Acknowledge,
                Role::Handler,
                Relation::Handler,
                Dispatched,
                None,
            ),
            (
                Action::Merge,
                Role::Specialist,
                Relation::Owner,
                InProgress,
                Some(Refusal::Role(Permission::DecideComplaints)),
            ),
        ] {
            assert_eq!(
                action.check(role, relation, state).err(),
                expected,
                "{action} {role} {relation} {state}"
            );
        }
    }

    #[test]
    fn who_ends_never_comes_back_but_by_reopening() {
        for action in Action::ALL {
            for state in [
                ComplaintState::Withdrawn,
                ComplaintState::Invalid,
                ComplaintState::Merged,
            ] {
                let moves = action.states().contains(&state) && action.target().is_some();
                assert!(!moves, "{action} moves a case that is {state}");
            }
        }
    }

    #[test]
    fn severity_is_raised_by_who_leads_and_lowered_by_who_decides() {
        for (role, from, to, expected) in [
            (Role::Specialist, Severity::C, Severity::B, true),
            (Role::Specialist, Severity::D, Severity::A, true),
            (Role::Specialist, Severity::B, Severity::C, false),
            (Role::Clerk, Severity::A, Severity::D, false),
            (Role::Manager, Severity::B, Severity::C, true),
            (Role::Manager, Severity::C, Severity::C, false),
            (Role::Handler, Severity::C, Severity::B, false),
            (Role::Admin, Severity::C, Severity::B, false),
        ] {
            assert_eq!(
                may_change_severity(role, from, to),
                expected,
                "{role} {from} to {to}"
            );
        }
    }
}
