//! The menu: entries with the permission each needs, in the order of design.md §3.

use crate::auth::permission::{Permission, Role};
use crate::i18n::Texts;
use crate::web::layout::DeskCounts;

/// Sections that stand in the phone's tab bar.
const TABS: usize = 4;

/// One entry of the menu, or of the row above a page, as the template prints it.
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

/// What a role sees: headings, and below them sections, twelve at most, so that the menu stays one glance (design.md §4).
///
/// The first section is where the role lands, the first four are the phone's tab bar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Entry {
    Work,
    Customers,
    Review,
    Data,
    People,
    Settings,
    /// Pages that belong together: the first one stands in the menu, all of them in the row above the page.
    Section(&'static [Place]),
}

/// A page that can stand in the menu or in the row above a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    MyDay,
    Callbacks,
    CallSheets,
    Complaints,
    Reminders,
    Appointments,
    Shifts,
    Archive,
    Vehicles,
    Visits,
    Reviews,
    Exports,
    Kpi,
    MyFigures,
    /// The rows behind one's own figures.
    OwnEntries,
    Floor,
    Obligations,
    Reconciliation,
    Exemptions,
    Rules,
    Imports,
    Duplicates,
    Users,
    Stores,
    Audit,
    Jobs,
    Scripts,
}

const ARCHIVE: &[Place] = &[Place::Archive, Place::Vehicles, Place::Visits];
const WHOLE_ARCHIVE: &[Place] = &[
    Place::Archive,
    Place::Vehicles,
    Place::Visits,
    Place::Reviews,
    Place::Duplicates,
    Place::Exports,
];
const CALLS: &[Place] = &[Place::Callbacks, Place::CallSheets];
const OWN_FIGURES: &[Place] = &[Place::MyFigures, Place::OwnEntries, Place::Exemptions];
const LEDGER: &[Place] = &[Place::Obligations, Place::Reconciliation, Place::Exemptions];
const FLOOR: &[Place] = &[Place::Floor, Place::Shifts];
const RULES: &[Place] = &[Place::Rules, Place::Scripts];

const fn entries(role: Role) -> &'static [Entry] {
    use Entry::{Customers, Data, People, Review, Section, Settings, Work};
    use Place::{
        Appointments, Audit, Complaints, Imports, Jobs, Kpi, MyDay, Reminders, Shifts, Stores, Users,
    };
    match role {
        Role::Specialist => &[
            Work,
            Section(&[MyDay]),
            Section(CALLS),
            Section(&[Complaints]),
            Section(&[Reminders]),
            Section(&[Appointments]),
            Section(&[Shifts]),
            Customers,
            Section(ARCHIVE),
            Review,
            Section(OWN_FIGURES),
        ],
        Role::Manager => &[
            Review,
            Section(&[Kpi]),
            Section(FLOOR),
            Work,
            Section(CALLS),
            Section(&[Complaints]),
            Section(&[MyDay]),
            Section(&[Reminders]),
            Section(&[Appointments]),
            Section(LEDGER),
            Customers,
            Section(WHOLE_ARCHIVE),
            Settings,
            Section(RULES),
        ],
        Role::Receptionist => &[
            Work,
            Section(&[MyDay]),
            Section(&[Appointments]),
            Section(&[Complaints]),
            Customers,
            Section(ARCHIVE),
        ],
        Role::Clerk => &[
            Work,
            Section(&[MyDay]),
            Section(CALLS),
            Section(&[Complaints]),
            Section(&[Reminders]),
            Section(&[Appointments]),
            Section(&[Shifts]),
            Customers,
            Section(WHOLE_ARCHIVE),
            Review,
            Section(OWN_FIGURES),
        ],
        Role::Handler => &[Work, Section(&[Complaints])],
        Role::Admin => &[
            Data,
            Section(&[Imports]),
            Section(WHOLE_ARCHIVE),
            Work,
            Section(&[MyDay]),
            Section(&[Complaints]),
            Section(FLOOR),
            Section(&[Kpi]),
            Section(LEDGER),
            People,
            Section(&[Users]),
            Section(&[Stores]),
            Settings,
            Section(RULES),
            Section(&[Audit, Jobs]),
        ],
        Role::Group => &[
            Review,
            Section(&[Kpi]),
            Section(FLOOR),
            Section(LEDGER),
            Work,
            Section(CALLS),
            Section(&[Complaints]),
            Section(&[Appointments]),
            Customers,
            Section(ARCHIVE),
        ],
    }
}

impl Place {
    const fn path(self) -> &'static str {
        match self {
            Place::MyDay => "/",
            Place::Callbacks => "/callbacks",
            Place::CallSheets => "/call_sheets",
            Place::Complaints => "/complaints",
            Place::Reminders => "/reminders",
            Place::Appointments => "/appointments",
            Place::Shifts => "/shifts",
            Place::Archive => "/customers",
            Place::Vehicles => "/vehicles",
            Place::Visits => "/visits",
            Place::Reviews => "/reviews",
            Place::Exports => "/exports",
            Place::Kpi | Place::MyFigures => "/kpi",
            Place::Floor => "/floor",
            Place::Obligations | Place::OwnEntries => "/obligations",
            Place::Reconciliation => "/obligations/reconciliation",
            Place::Exemptions => "/exemptions",
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
            Place::CallSheets => "printer",
            Place::Complaints => "complaint",
            Place::Reminders => "wrench",
            Place::Appointments => "calendar",
            Place::Shifts => "clock",
            Place::Archive => "users",
            Place::Vehicles => "car",
            Place::Visits => "door",
            Place::Reviews => "id",
            Place::Exports => "download",
            Place::Kpi | Place::MyFigures => "gauge",
            Place::Floor => "board",
            Place::Obligations | Place::OwnEntries => "table",
            Place::Reconciliation => "check",
            Place::Exemptions => "flag",
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
            Place::CallSheets => t.call_sheets(),
            Place::Complaints => t.complaints(),
            Place::Reminders => t.reminders(),
            Place::Appointments => t.appointments(),
            Place::Shifts => t.shifts(),
            Place::Archive => t.customers(),
            Place::Vehicles => t.vehicles(),
            Place::Visits => t.visits(),
            Place::Reviews => t.reviews(),
            Place::Exports => t.exports(),
            Place::Kpi => t.kpi(),
            Place::MyFigures => t.my_figures(),
            Place::Floor => t.floor(),
            Place::Obligations => t.obligations(),
            Place::OwnEntries => t.own_entries(),
            Place::Reconciliation => t.reconciliation(),
            Place::Exemptions => t.exemptions(),
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
            Place::CallSheets => Permission::WorkCallbacks,
            Place::Complaints => Permission::ViewComplaints,
            Place::Reminders => Permission::WorkReminders,
            Place::Appointments => Permission::ViewAppointments,
            Place::Shifts => Permission::ViewShifts,
            Place::Archive | Place::Vehicles | Place::Visits => Permission::ViewArchive,
            Place::Reviews => Permission::ReviewFiles,
            Place::Exports => Permission::ExportArchive,
            Place::Kpi => Permission::ViewKpi,
            Place::MyFigures | Place::OwnEntries => Permission::ViewOwnKpi,
            Place::Floor => Permission::ViewFloor,
            Place::Obligations | Place::Reconciliation => Permission::ViewObligations,
            Place::Exemptions => Permission::ViewExemptions,
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
            | Place::CallSheets
            | Place::Appointments
            | Place::Exports
            | Place::OwnEntries
            | Place::Reconciliation
            | Place::Exemptions
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

/// The sections of a role with the pages that it may open; a section without any is left out.
fn sections(role: Role) -> impl Iterator<Item = (Entry, Vec<Place>)> {
    let may_open = move |place: &Place| place.permission().roles().contains(&role);
    let mut heading = Entry::Work;
    entries(role).iter().filter_map(move |entry| match entry {
        Entry::Section(places) => {
            let open: Vec<Place> = places.iter().copied().filter(may_open).collect();
            (!open.is_empty()).then_some((heading, open))
        }
        Entry::Work | Entry::Customers | Entry::Review | Entry::Data | Entry::People | Entry::Settings => {
            heading = *entry;
            None
        }
    })
}

/// The page a role lands on after signing in.
pub fn landing(role: Role) -> &'static str {
    sections(role).next().map_or("/", |(_, places)| places[0].path())
}

/// The menu of a role, with counts, on the page at `path`.
pub fn menu(role: Role, t: Texts, counts: &DeskCounts, path: &str) -> Vec<NavGroup> {
    let mut groups: Vec<NavGroup> = Vec::new();
    for (index, (heading, places)) in sections(role).enumerate() {
        let label = heading_label(heading, t);
        let item = NavItem {
            is_tab: index < TABS,
            is_current: belongs(&places, path),
            ..item(places[0], t, counts)
        };
        match groups.last_mut().filter(|group| group.label == label) {
            Some(group) => group.items.push(item),
            None => groups.push(NavGroup {
                label,
                items: vec![item],
            }),
        }
    }
    groups
}

/// The row above the page at `path`: the other pages of its section. Only the pages of the row itself show it; what lies
/// below them has a way back of its own.
pub fn row(role: Role, t: Texts, path: &str) -> Vec<NavItem> {
    let page = path.split('?').next().unwrap_or("");
    let own = sections(role).find(|(_, places)| places.iter().any(|place| place.path() == page));
    let places = own.map(|(_, places)| places).unwrap_or_default();
    if places.len() < 2 {
        return Vec::new();
    }
    let counts = DeskCounts::default();
    let item = |place: &Place| NavItem {
        is_current: place.path() == page,
        ..item(*place, t, &counts)
    };
    places.iter().map(item).collect()
}

fn heading_label(heading: Entry, t: Texts) -> &'static str {
    let t = t.common();
    match heading {
        Entry::Customers => t.nav_customers(),
        Entry::Review => t.nav_review(),
        Entry::Data => t.nav_data(),
        Entry::People => t.nav_people(),
        Entry::Settings => t.nav_settings(),
        Entry::Work | Entry::Section(_) => t.nav_work(),
    }
}

fn item(place: Place, t: Texts, counts: &DeskCounts) -> NavItem {
    let count = place.count(counts);
    NavItem {
        path: place.path(),
        icon: place.icon(),
        label: place.label(t),
        count: count.map(|(count, _)| count),
        is_late: count.is_some_and(|(_, late)| late),
        is_tab: false,
        is_current: false,
    }
}

/// A page belongs to the section that has a page with its first path segment.
fn belongs(places: &[Place], path: &str) -> bool {
    let first = |path: &str| path.split(['/', '?']).nth(1).unwrap_or("").to_owned();
    places.iter().any(|place| first(place.path()) == first(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu_of(role: Role, path: &str) -> Vec<NavItem> {
        let groups = menu(role, Texts(crate::i18n::Lang::Zh), &DeskCounts::default(), path);
        groups.into_iter().flat_map(|group| group.items).collect()
    }

    #[test]
    fn every_role_lands_on_a_page_it_may_open() {
        for role in Role::ALL {
            assert_eq!(menu_of(*role, "/")[0].path, landing(*role), "{role}");
        }
    }

    #[test]
    fn a_menu_is_one_glance_and_names_no_page_twice() {
        for role in Role::ALL {
            let items = menu_of(*role, "/");
            assert!(items.len() <= 12, "{role} has {}", items.len());
            assert_eq!(
                items.iter().filter(|item| item.is_tab).count(),
                items.len().min(4)
            );
            let mut paths: Vec<&str> = sections(*role)
                .flat_map(|(_, places)| places)
                .map(Place::path)
                .collect();
            let all = paths.len();
            paths.sort_unstable();
            paths.dedup();
            assert_eq!(paths.len(), all, "{role}");
        }
        let tabs: Vec<&str> = menu_of(Role::Manager, "/")
            .iter()
            .take(4)
            .map(|item| item.path)
            .collect();
        assert_eq!(tabs, ["/kpi", "/floor", "/callbacks", "/complaints"]);
    }

    #[test]
    fn a_page_marks_the_entry_of_its_section() {
        for (role, path, entry) in [
            (Role::Specialist, "/", "/"),
            (Role::Specialist, "/callbacks/42", "/callbacks"),
            (Role::Specialist, "/callbacks?status=open", "/callbacks"),
            (Role::Manager, "/call_sheets/7", "/callbacks"),
            (Role::Manager, "/vehicles/7", "/customers"),
            (Role::Manager, "/exemptions?tab=decided", "/obligations"),
            (Role::Specialist, "/exemptions/new", "/kpi"),
            (Role::Manager, "/shifts", "/floor"),
            (Role::Specialist, "/shifts", "/shifts"),
            (Role::Admin, "/jobs", "/audit"),
            (Role::Manager, "/scripts/3/edit", "/rules"),
        ] {
            let items = menu_of(role, path);
            let current: Vec<&str> = items
                .iter()
                .filter(|item| item.is_current)
                .map(|item| item.path)
                .collect();
            assert_eq!(current, [entry], "{role} {path}");
        }
    }

    #[test]
    fn the_row_above_a_page_holds_what_the_role_may_open() {
        for (role, path, row_paths) in [
            (
                Role::Manager,
                "/obligations?kind=renewal",
                &["/obligations", "/obligations/reconciliation", "/exemptions"][..],
            ),
            (
                Role::Specialist,
                "/vehicles",
                &["/customers", "/vehicles", "/visits"],
            ),
            (Role::Specialist, "/shifts", &[]),
            (Role::Specialist, "/vehicles/7", &[]),
            (Role::Group, "/callbacks", &[]),
        ] {
            let items = row(role, Texts(crate::i18n::Lang::Zh), path);
            let paths: Vec<&str> = items.iter().map(|item| item.path).collect();
            assert_eq!(paths, row_paths, "{role} {path}");
            assert_eq!(
                items.iter().filter(|item| item.is_current).count(),
                usize::from(!items.is_empty())
            );
        }
    }
}
