//! Rules about people: whom an admin reaches, which roles go where, what is refused.

use crate::auth::permission::Role;
use crate::auth::session::CurrentUser;
use crate::stores::{DepartmentId, StoreId, StoreScope};
use crate::text_enum;
use crate::users::UserId;

/// Whom an admin sees and manages: the people of the store they work in, a group-wide admin group-wide people too.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    pub scope: StoreScope,
    pub is_group_wide: bool,
}

impl Reach {
    /// The reach of the signed-in admin.
    pub fn of(user: &CurrentUser) -> Reach {
        Reach {
            scope: user.scope(),
            is_group_wide: user.is_group_wide,
        }
    }
}

/// A person as the admin's pages show and change them.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub staff_number: Option<String>,
    pub role: Role,
    pub is_group_wide: bool,
    pub department_id: Option<DepartmentId>,
    /// In this store; a group-wide person everywhere.
    pub is_active: bool,
    /// Has used a one-time link at least once.
    pub has_password: bool,
    /// Belongs to another store as well.
    pub is_shared: bool,
    pub version: i32,
}

impl Person {
    /// Whether name, username and password are this admin's business: who also works elsewhere is the group's.
    pub fn account_is_in(&self, reach: Reach) -> bool {
        reach.is_group_wide || !self.is_shared
    }

    /// Roles that this person can be given; group-wide and store roles do not mix.
    pub const fn possible_roles(&self) -> &'static [Role] {
        if self.is_group_wide {
            GROUP_ROLES
        } else {
            STORE_ROLES
        }
    }
}

/// Roles of one store, in the order of the lists.
pub const STORE_ROLES: &[Role] = &[
    Role::Specialist,
    Role::Receptionist,
    Role::Clerk,
    Role::Handler,
    Role::Manager,
    Role::Admin,
];

/// Roles over all stores.
pub const GROUP_ROLES: &[Role] = &[Role::Admin, Role::Group];

/// Where a new person works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    AllStores(Role),
    Store(Membership),
}

/// A role in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    pub store: StoreId,
    pub role: Role,
    pub department: Option<DepartmentId>,
}

/// Why a change of a person is refused although the form is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody changes the own role or makes the own account inactive.
    Yourself,
    /// Nobody would be left who may manage people.
    LastAdmin,
    /// The account also belongs to another store.
    Shared,
    /// An inactive person gets no link.
    Inactive,
}

text_enum! {
    /// What the list says about a person's account.
    pub enum PersonState {
        Online = "online",
        Offline = "offline",
        /// Has not used the first link yet.
        Invited = "invited",
        Inactive = "inactive",
    }
}

impl PersonState {
    /// Inactive wins over invited, which wins over the session.
    pub const fn of(is_active: bool, has_password: bool, is_online: bool) -> PersonState {
        match (is_active, has_password, is_online) {
            (false, _, _) => PersonState::Inactive,
            (true, false, _) => PersonState::Invited,
            (true, true, true) => PersonState::Online,
            (true, true, false) => PersonState::Offline,
        }
    }
}

/// An admin who can sign in, as the rule of the last one sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActiveAdmin {
    pub id: UserId,
    pub is_group_wide: bool,
}

/// Whether enough admins remain when `leaving` is none any more: a store needs any, the group one of its own.
pub fn leaves_an_admin(admins: &[ActiveAdmin], leaving: UserId) -> bool {
    let was_group_wide = admins
        .iter()
        .any(|admin| admin.id == leaving && admin.is_group_wide);
    admins
        .iter()
        .any(|admin| admin.id != leaving && (admin.is_group_wide || !was_group_wide))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_admin_stays() {
        let store = |id| ActiveAdmin {
            id: UserId::new(id),
            is_group_wide: false,
        };
        let group = |id| ActiveAdmin {
            id: UserId::new(id),
            is_group_wide: true,
        };
        for (admins, leaving, enough) in [
            (vec![store(1)], 1, false),
            (vec![store(1), store(2)], 1, true),
            (vec![store(1), group(2)], 1, true),
            (vec![store(1), group(2)], 2, false),
            (vec![group(1), group(2)], 2, true),
        ] {
            assert_eq!(
                leaves_an_admin(&admins, UserId::new(leaving)),
                enough,
                "{admins:?} without {leaving}"
            );
        }
    }

    #[test]
    fn the_state_says_the_most_important_thing() {
        assert_eq!(PersonState::of(false, false, true), PersonState::Inactive);
        assert_eq!(PersonState::of(true, false, true), PersonState::Invited);
        assert_eq!(PersonState::of(true, true, true), PersonState::Online);
        assert_eq!(PersonState::of(true, true, false), PersonState::Offline);
    }
}
