//! What the admin posts about people, and the filter of the list.

use serde::Deserialize;

use crate::auth::forms::username;
use crate::auth::permission::Role;
use crate::stores::{DepartmentId, StoreId};
use crate::users::model::{GROUP_ROLES, Membership, Place, STORE_ROLES};
use crate::web::error::encode_query;
use crate::web::form::{FieldError, FormErrors};

/// Value of `store_id` for a person who works over all stores.
pub const ALL_STORES: &str = "all";

/// `?tab=&q=` of the list.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PeopleFilter {
    pub q: String,
    pub tab: String,
}

/// One view of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    Active,
    Role(Role),
    Inactive,
}

impl Tab {
    /// The code in the address.
    pub const fn as_str(self) -> &'static str {
        match self {
            Tab::Active => "",
            Tab::Role(role) => role.as_str(),
            Tab::Inactive => "inactive",
        }
    }
}

impl PeopleFilter {
    /// The view asked for; nonsense is everybody active.
    pub fn tab(&self) -> Tab {
        match self.tab.as_str() {
            "inactive" => Tab::Inactive,
            code => code.parse().map_or(Tab::Active, Tab::Role),
        }
    }

    /// The filter as a query string for another view of the same search.
    pub fn query(&self, tab: Tab) -> String {
        let parts = [("tab", tab.as_str()), ("q", self.q.trim())];
        let set = parts.iter().filter(|(_, value)| !value.is_empty());
        set.map(|(name, value)| format!("{name}={}", encode_query(value)))
            .collect::<Vec<_>>()
            .join("&")
    }
}

/// `POST /users` and `POST /users/{id}`.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PersonForm {
    pub idem_key: String,
    pub version: String,
    pub display_name: String,
    pub username: String,
    pub staff_number: String,
    pub role: String,
    pub department_id: String,
    pub store_id: String,
}

/// Name, username and staff number, checked.
#[derive(Clone, Debug)]
pub struct AccountInput {
    pub display_name: String,
    pub username: String,
    pub staff_number: Option<String>,
}

/// A changed person, checked.
pub struct PersonChange {
    pub version: i32,
    pub account: AccountInput,
    pub role: Role,
    pub department: Option<DepartmentId>,
}

impl PersonForm {
    fn account(&self, errors: &mut FormErrors) -> AccountInput {
        let staff_number = errors.optional("staff_number", &self.staff_number, 32);
        AccountInput {
            display_name: errors.required("display_name", &self.display_name, 40),
            username: username(errors, &self.username),
            staff_number: (!staff_number.is_empty()).then_some(staff_number),
        }
    }

    /// Checks a new person. `own_store` is where a store admin's people work; a group-wide admin chooses.
    pub fn validate_new(&self, own_store: Option<StoreId>) -> Result<(AccountInput, Place), FormErrors> {
        let mut errors = FormErrors::default();
        let account = self.account(&mut errors);
        let store = match own_store {
            Some(store) => Some(store),
            None if self.store_id == ALL_STORES => None,
            None => errors.required_choice("store_id", &self.store_id),
        };
        let is_group_wide = own_store.is_none() && self.store_id == ALL_STORES;
        let roles = if is_group_wide { GROUP_ROLES } else { STORE_ROLES };
        let (role, department) = job(&mut errors, &self.role, &self.department_id, roles, is_group_wide);
        let place = match (store, role) {
            (None, Some(role)) => Place::AllStores(role),
            (Some(store), Some(role)) => Place::Store(Membership {
                store,
                role,
                department,
            }),
            (_, None) => return Err(errors),
        };
        errors.finish((account, place))
    }

    /// Checks a change of somebody who can have one of `roles`.
    pub fn validate_change(&self, roles: &[Role], is_group_wide: bool) -> Result<PersonChange, FormErrors> {
        let mut errors = FormErrors::default();
        let account = self.account(&mut errors);
        let (role, department) = job(&mut errors, &self.role, &self.department_id, roles, is_group_wide);
        let Some(role) = role else { return Err(errors) };
        errors.finish(PersonChange {
            version: version(&self.version),
            account,
            role,
            department,
        })
    }
}

/// A role of the list, and the department that answers complaints; the responsible department's people need one.
fn job(
    errors: &mut FormErrors,
    role: &str,
    department: &str,
    roles: &[Role],
    is_group_wide: bool,
) -> (Option<Role>, Option<DepartmentId>) {
    let role: Option<Role> = errors.required_choice("role", role);
    if role.is_some_and(|role| !roles.contains(&role)) {
        errors.add("role", FieldError::BadChoice);
    }
    if is_group_wide {
        return (role, None);
    }
    let department = errors.choice("department_id", department);
    if role == Some(Role::Handler) && department.is_none() {
        errors.add("department_id", FieldError::Required);
    }
    (role, department)
}

/// The version a form was opened with; nonsense matches no row, which is a conflict.
pub fn version(text: &str) -> i32 {
    text.trim().parse().unwrap_or(-1)
}

/// `POST /users/{id}/state`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct StateForm {
    pub version: String,
    /// `active` or `inactive`.
    pub state: String,
}

/// `POST /users/{id}/stores`
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct MembershipForm {
    pub store_id: String,
    pub member_role: String,
}

impl MembershipForm {
    /// Checks the store and the role there. Departments are chosen on the person's page in that store.
    pub fn validate(&self) -> Result<Membership, FormErrors> {
        let mut errors = FormErrors::default();
        let store: Option<StoreId> = errors.required_choice("store_id", &self.store_id);
        let role: Option<Role> = errors.required_choice("member_role", &self.member_role);
        if role.is_some_and(|role| !STORE_ROLES.contains(&role)) {
            errors.add("member_role", FieldError::BadChoice);
        }
        match (store, role) {
            (Some(store), Some(role)) => errors.finish(Membership {
                store,
                role,
                department: None,
            }),
            (None, _) | (_, None) => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn form(store: &str, role: &str, department: &str) -> PersonForm {
        PersonForm {
            display_name: "林晓芸".to_owned(),
            username: "lin".to_owned(),
            store_id: store.to_owned(),
            role: role.to_owned(),
            department_id: department.to_owned(),
            ..PersonForm::default()
        }
    }

    #[test]
    fn roles_and_places_belong_together() {
        let own = Some(StoreId::new(1));
        for (own, store, role, department, field) in [
            (own, "", "specialist", "", None),
            (own, "all", "group", "", Some("role")),
            (own, "9", "manager", "", None),
            (own, "", "handler", "", Some("department_id")),
            (own, "", "handler", "3", None),
            (own, "", "", "", Some("role")),
            (None, "all", "group", "", None),
            (None, "all", "admin", "", None),
            (None, "all", "clerk", "", Some("role")),
            (None, "2", "clerk", "", None),
            (None, "", "clerk", "", Some("store_id")),
            (None, "2", "group", "", Some("role")),
        ] {
            let checked = form(store, role, department).validate_new(own);
            match (checked, field) {
                (Ok((_, Place::Store(member))), None) => {
                    assert_eq!(member.store.get(), own.map_or(2, StoreId::get))
                }
                (Ok((_, Place::AllStores(_))), None) => assert_eq!((own, store), (None, "all")),
                (Err(errors), Some(field)) => assert!(errors.get(field).is_some(), "{store} {role}"),
                (checked, _) => panic!("{store} {role} {department}: {}", checked.is_ok()),
            }
        }
    }

    #[test]
    fn the_filter_prints_itself_back() {
        let filter = PeopleFilter {
            q: " 林 ".to_owned(),
            tab: "nonsense".to_owned(),
        };
        assert_eq!(filter.tab(), Tab::Active);
        assert_eq!(filter.query(Tab::Inactive), "tab=inactive&q=%E6%9E%97");
        assert_eq!(PeopleFilter::default().query(Tab::Active), "");
    }

    proptest! {
        #[test]
        fn the_search_reads_back_from_the_address_of_every_tab(q in "[&=+%#张a-z]{1,8}( [a-z]{1,3})?") {
            let tabs = Role::ALL.iter().copied().map(Tab::Role);
            for tab in tabs.chain([Tab::Active, Tab::Inactive]) {
                let filter = PeopleFilter { q: q.clone(), tab: String::new() };
                let read: PeopleFilter = serde_html_form::from_str(&filter.query(tab)).unwrap();
                prop_assert_eq!((read.tab(), &read.q), (tab, &q));
            }
        }
    }
}
