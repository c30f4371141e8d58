//! Every text of the screens, zh-CN and English side by side; one file per area.
//!
//! A text is a method: `{{ layout.t.auth().sign_in() }}`. A missing key, a missing language or a wrong argument does
//! not compile. Texts that travel (flash, field errors) are enums here too, never keys in strings.

use std::str::FromStr;

pub mod flash;
pub mod format;

/// A language of the screens. Chinese is the default, whatever the browser asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    #[default]
    Zh,
    En,
}

impl Lang {
    /// The value of the `lang` attribute and of the language cookie.
    pub const fn as_str(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }
}

impl FromStr for Lang {
    type Err = ();

    fn from_str(text: &str) -> Result<Lang, ()> {
        match text {
            "zh-CN" => Ok(Lang::Zh),
            "en" => Ok(Lang::En),
            _ => Err(()),
        }
    }
}

/// One text for the tests: its key and what it says in Chinese and in English.
pub type Entry = (&'static str, &'static str, &'static str);

/// Texts of an area: `key { "中文", "English" }` or `key(argument) { "…{argument}…", "…" }`.
macro_rules! messages {
    ($( $key:ident $( ( $($arg:ident),* ) )? { $zh:literal, $en:literal } )*) => {
        /// The texts of this area in one language.
        #[derive(Clone, Copy, Debug)]
        pub struct T(pub $crate::i18n::Lang);

        impl T {
            $( messages!(@one $key [$($($arg),*)?] $zh $en); )*
        }

        /// Every text of this area, for the tests over all texts.
        pub const ENTRIES: &[$crate::i18n::Entry] = &[ $( (stringify!($key), $zh, $en) ),* ];
    };
    (@one $key:ident [] $zh:literal $en:literal) => {
        #[doc = $en]
        pub const fn $key(self) -> &'static str {
            match self.0 {
                $crate::i18n::Lang::Zh => $zh,
                $crate::i18n::Lang::En => $en,
            }
        }
    };
    (@one $key:ident [$($arg:ident),+] $zh:literal $en:literal) => {
        #[doc = $en]
        pub fn $key(self, $($arg: impl std::fmt::Display),+) -> String {
            match self.0 {
                $crate::i18n::Lang::Zh => format!($zh, $($arg = $arg),+),
                $crate::i18n::Lang::En => format!($en, $($arg = $arg),+),
            }
        }
    };
}

/// Texts of an enum's values: `role(Role) { Specialist { "客户关爱专员", "Care specialist" } … }` in the area's file.
macro_rules! labels {
    ($name:ident ( $ty:ty ) { $( $variant:ident { $zh:literal, $en:literal } )+ }) => {
        impl T {
            /// The text of a value on screen.
            pub const fn $name(self, value: $ty) -> &'static str {
                type Value = $ty;
                match (value, self.0) {
                    $(
                        (Value::$variant, $crate::i18n::Lang::Zh) => $zh,
                        (Value::$variant, $crate::i18n::Lang::En) => $en,
                    )+
                }
            }
        }
    };
}

/// Declares the areas: a module each, a method of `Texts` each, and the list that the tests walk.
macro_rules! areas {
    ($( $(#[$doc:meta])* $area:ident )+) => {
        $( $(#[$doc])* pub mod $area; )+

        /// All texts in one language; a field of every page as `layout.t`.
        #[derive(Clone, Copy, Debug)]
        pub struct Texts(pub Lang);

        impl Texts {
            $( $(#[$doc])* pub const fn $area(self) -> $area::T { $area::T(self.0) } )+
        }

        /// Every area with its texts, for the tests over all texts.
        pub const AREAS: &[(&str, &[Entry])] = &[ $( (stringify!($area), $area::ENTRIES) ),+ ];
    };
}

areas! {
    /// The frame of every page: navigation, top bar, buttons that many pages share.
    common
    /// The audit log.
    audit
    /// Signing in and out, one-time links.
    auth
    /// Error pages.
    errors
    /// What is wrong with a field of a form.
    form
    /// Appointments.
    appointments
    /// Calls on paper.
    call_sheets
    /// Why a deadline is when it is, and the calendar of a store by the year.
    calendar
    /// The callback queue and the call screen.
    callbacks
    /// The clocks of complaints, the severity table and the warnings.
    complaint_clocks
    /// What complaints are about.
    complaint_analysis
    /// Taking complaints in, and the files of a case.
    complaint_intake
    /// The second level of the classes of complaints.
    complaint_minors
    /// Who is about to complain.
    complaint_risks
    /// The customer's verdict on a case.
    complaint_verdict
    /// Complaints.
    complaints
    /// One case: its page, what is done to it, the handler's desk.
    complaint_case
    /// Customers and search.
    customers
    /// Proposed pairs and merging.
    duplicates
    /// Obligations that need not be met.
    exemptions
    /// Lists that leave the house.
    exports
    /// The board of the call floor.
    floor
    /// Imports.
    imports
    /// Background jobs.
    jobs
    /// Figures.
    kpi
    /// Lists: filters, views, columns, changes of many rows.
    lists
    /// My day.
    my_day
    /// The ledger.
    obligations
    /// The page behind a message, for customers.
    questionnaires
    /// Reminders.
    reminders
    /// Looking files through.
    reviews
    /// Care rules.
    rules
    /// Call scripts and questionnaires.
    scripts
    /// The search box.
    search
    /// Shifts, leave, deputies.
    shifts
    /// Stores, departments, hours.
    stores
    /// People and roles.
    users
    /// Vehicles.
    vehicles
    /// Service visits.
    visits
}
