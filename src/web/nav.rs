//! The menu: entries with the permission each needs, in the order of design.md §3.

use crate::auth::permission::{Permission, Role};
use crate::i18n::Texts;
use crate::web::layout::DeskCounts;

/// One entry of the menu as the template prints it.
#[derive(Clone, Debug)]
pub struct NavItem {
    pub path: &'static str,
    pub icon: &'static str,
    pub label: &'static str,
    /// Open work of this person, and whether some of it is overdue.
    pub count: Option<i64>,
    pub is_late: bool,
    /// One of the four of the phone's tab bar.
    pub is_tab: bool,
    pub is_current: bool,
}

/// Entries under one heading.
#[derive(Clone, Debug)]
pub struct NavGroup {
    pub label: &'static str,
    pub items: Vec<NavItem>,
}

/// Which entries a role sees: group heading, then pages. The first one is where the role lands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Work,
    Customers,
    Review,
    Data,
    People,
    Settings,
    Page(Place),
}

/// A page that can stand in the menu.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    MyDay,
    Callbacks,
    Complaints,
    Reminders,
    Shifts,
    Archive,
    Vehicles,
    Visits,
    Reviews,
    Kpi,
    MyFigures,
    Floor,
    Obligations,
    Rules,
    Imports,
    Duplicates,
    Users,
    Stores,
    Audit,
    Jobs,
    Scripts,
}

const fn entries(role: Role) -> &'static [Entry] {
    use Entry::{Customers, Data, Page, People, Review, Settings, Work};
    use Place::{
        Archive, Audit, Callbacks, Complaints, Duplicates, Floor, Imports, Jobs, Kpi, MyDay, MyFigures,
        Obligations, Reminders, Reviews, Rules, Scripts, Shifts, Stores, Users, Vehicles, Visits,
    };
    match role {
        Role::Specialist => &[
            Work,
            Page(MyDay),
            Page(Callbacks),
            Page(Complaints),
            Page(Reminders),
            Page(Shifts),
            Customers,
            Page(Archive),
            Page(Vehicles),
            Page(Visits),
            Review,
            Page(MyFigures),
        ],
        Role::Manager => &[
            Review,
            Page(Kpi),
            Page(Floor),
            Work,
            Page(Callbacks),
            Page(Complaints),
            Page(MyDay),
            Page(Reminders),
            Page(Obligations),
            Page(Shifts),
            Customers,
            Page(Archive),
            Page(Vehicles),
            Page(Visits),
            Page(Reviews),
            Page(Duplicates),
            Settings,
            Page(Rules),
            Page(Scripts),
        ],
        Role::Receptionist => &[
            Work,
            Page(MyDay),
            Page(Complaints),
            Customers,
            Page(Archive),
            Page(Vehicles),
            Page(Visits),
        ],
        Role::Clerk => &[
            Work,
            Page(MyDay),
            Page(Callbacks),
            Page(Complaints),
            Page(Reminders),
            Page(Shifts),
            Customers,
            Page(Archive),
            Page(Vehicles),
            Page(Visits),
            Page(Reviews),
            Page(Duplicates),
            Review,
            Page(MyFigures),
        ],
        Role::Handler => &[Work, Page(Complaints)],
        Role::Admin => &[
            Data,
            Page(Imports),
            Page(Duplicates),
            Page(Archive),
            Page(Vehicles),
            Page(Visits),
            Page(Reviews),
            Work,
            Page(MyDay),
            Page(Complaints),
            Page(Floor),
            Page(Kpi),
            People,
            Page(Users),
            Page(Shifts),
            Page(Stores),
            Settings,
            Page(Rules),
            Page(Scripts),
            Page(Audit),
            Page(Jobs),
        ],
        Role::Group => &[
            Review,
            Page(Kpi),
            Page(Floor),
            Page(Obligations),
            Work,
            Page(Callbacks),
            Page(Complaints),
            Customers,
            Page(Archive),
            Page(Vehicles),
            Page(Visits),
        ],
    }
}

impl Place {
    const fn path(self) -> &'static str {
        match self {
            Place::MyDay => "/",
            Place::Callbacks => "/callbacks",
            Place::Complaints => "/complaints",
            Place::Reminders => "/reminders",
            Place::Shifts => "/shifts",
            Place::Archive => "/customers",
            Place::Vehicles => "/vehicles",
            Place::Visits => "/visits",
            Place::Reviews => "/reviews",
            Place::Kpi | Place::MyFigures => "/kpi",
            Place::Floor => "/floor",
            Place::Obligations => "/obligations",
            Place::Rules => "/rules",
            Place::Imports => "/imports",
            Place::Duplicates => "/duplicates",
            Place::Users => "/users",
            Place::Stores => "/stores",
            Place::Audit => "/audit",
            Place::Jobs => "/jobs",
            Place::Scripts => "/scripts",
        }
    }

    const fn icon(self) -> &'static str {
        match self {
            Place::MyDay => "day",
            Place::Callbacks => "queue",
            Place::Complaints => "complaint",
            Place::Reminders => "wrench",
            Place::Shifts => "calendar",
            Place::Archive => "users",
            Place::Vehicles => "car",
            Place::Visits => "door",
            Place::Reviews => "id",
            Place::Kpi | Place::MyFigures => "gauge",
            Place::Floor => "board",
            Place::Obligations => "table",
            Place::Rules => "sliders",
            Place::Imports => "upload",
            Place::Duplicates => "swap",
            Place::Users => "user",
            Place::Stores => "store",
            Place::Audit => "lock",
            Place::Jobs => "clock",
            Place::Scripts => "book",
        }
    }

    const fn label(self, t: Texts) -> &'static str {
        let t = t.common();
        match self {
            Place::MyDay => t.my_day(),
            Place::Callbacks => t.callbacks(),
            Place::Complaints => t.complaints(),
            Place::Reminders => t.reminders(),
            Place::Shifts => t.shifts(),
            Place::Archive => t.customers(),
            Place::Vehicles => t.vehicles(),
            Place::Visits => t.visits(),
            Place::Reviews => t.reviews(),
            Place::Kpi => t.kpi(),
            Place::MyFigures => t.my_figures(),
            Place::Floor => t.floor(),
            Place::Obligations => t.obligations(),
            Place::Rules => t.rules(),
            Place::Imports => t.imports(),
            Place::Duplicates => t.duplicates(),
            Place::Users => t.users(),
            Place::Stores => t.stores(),
            Place::Audit => t.audit(),
            Place::Jobs => t.jobs(),
            Place::Scripts => t.scripts(),
        }
    }

    const fn permission(self) -> Permission {
        match self {
            Place::MyDay => Permission::UseDesk,
            Place::Callbacks => Permission::ViewCallbacks,
            Place::Complaints => Permission::ViewComplaints,
            Place::Reminders => Permission::WorkReminders,
            Place::Shifts => Permission::ViewShifts,
            Place::Archive | Place::Vehicles | Place::Visits => Permission::ViewArchive,
            Place::Reviews => Permission::ReviewFiles,
            Place::Kpi => Permission::ViewKpi,
            Place::MyFigures => Permission::ViewOwnKpi,
            Place::Floor => Permission::ViewFloor,
            Place::Obligations => Permission::ViewObligations,
            Place::Rules => Permission::ManageRules,
            Place::Imports => Permission::ImportFiles,
            Place::Duplicates => Permission::ViewDuplicates,
            Place::Users => Permission::ManageUsers,
            Place::Stores => Permission::ManageStores,
            Place::Audit => Permission::ViewAudit,
            Place::Jobs => Permission::ManageJobs,
            Place::Scripts => Permission::ManageScripts,
        }
    }

    fn count(self, counts: &DeskCounts) -> Option<(i64, bool)> {
        match self {
            Place::Callbacks => Some((counts.callbacks, counts.callbacks_overdue > 0)),
            Place::Complaints => Some((counts.complaints, counts.complaints_overdue > 0)),
            Place::Reminders => Some((counts.reminders, false)),
            Place::MyDay
            | Place::Shifts
            | Place::Archive
            | Place::Vehicles
            | Place::Visits
            | Place::Reviews
            | Place::Kpi
            | Place::MyFigures
            | Place::Floor
            | Place::Obligations
            | Place::Rules
            | Place::Imports
            | Place::Duplicates
            | Place::Users
            | Place::Stores
            | Place::Audit
            | Place::Jobs
            | Place::Scripts => None,
        }
        .filter(|(count, _)| *count > 0)
    }
}

/// The page a role lands on after signing in.
pub fn landing(role: Role) -> &'static str {
    entries(role)
        .iter()
        .find_map(|entry| match entry {
            Entry::Page(place) => Some(place.path()),
            Entry::Work
            | Entry::Customers
            | Entry::Review
            | Entry::Data
            | Entry::People
            | Entry::Settings => None,
        })
        .unwrap_or("/")
}

/// The menu of a role, with counts, on the page at `path`.
pub fn menu(role: Role, t: Texts, counts: &DeskCounts, path: &str) -> Vec<NavGroup> {
    let mut groups: Vec<NavGroup> = Vec::new();
    let mut tabs = 0;
    for entry in entries(role) {
        let heading = match entry {
            Entry::Work => t.common().nav_work(),
            Entry::Customers => t.common().nav_customers(),
            Entry::Review => t.common().nav_review(),
            Entry::Data => t.common().nav_data(),
            Entry::People => t.common().nav_people(),
            Entry::Settings => t.common().nav_settings(),
            Entry::Page(place) if !place.permission().roles().contains(&role) => continue,
            Entry::Page(place) => {
                tabs += 1;
                let item = item(*place, t, counts, path, tabs <= 4);
                if let Some(group) = groups.last_mut() {
                    group.items.push(item);
                }
                continue;
            }
        };
        groups.push(NavGroup {
            label: heading,
            items: Vec::new(),
        });
    }
    groups
}

fn item(place: Place, t: Texts, counts: &DeskCounts, path: &str, is_tab: bool) -> NavItem {
    let count = place.count(counts);
    NavItem {
        path: place.path(),
        icon: place.icon(),
        label: place.label(t),
        count: count.map(|(count, _)| count),
        is_late: count.is_some_and(|(_, late)| late),
        is_tab,
        is_current: is_current(place.path(), path),
    }
}

/// A page belongs to the entry that its first path segment names.
fn is_current(entry: &str, path: &str) -> bool {
    let first = |path: &str| path.split(['/', '?']).nth(1).unwrap_or("").to_owned();
    first(entry) == first(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_lands_on_a_page_it_may_open() {
        for role in Role::ALL {
            let groups = menu(*role, Texts(crate::i18n::Lang::Zh), &DeskCounts::default(), "/");
            let first = &groups[0].items[0];
            assert_eq!(first.path, landing(*role), "{role}");
        }
    }

    #[test]
    fn a_page_marks_its_entry() {
        for (entry, path, current) in [
            ("/", "/", true),
            ("/callbacks", "/callbacks/42", true),
            ("/callbacks", "/callbacks?status=open", true),
            ("/vehicles", "/vehicles/7", true),
            ("/", "/callbacks", false),
        ] {
            assert_eq!(is_current(entry, path), current, "{entry} {path}");
        }
    }
}
