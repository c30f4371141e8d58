//! What happened to a car: visits, readings, plates, owners, calls about it, complaints, policies, reminders.

use chrono::{DateTime, NaiveDate, Utc};

use crate::callbacks::model::Disposition;
use crate::complaints::model::Severity;
use crate::reminders::Status;
use crate::text_enum;
use crate::vehicles::odometer::Refusal;
use crate::vehicles::{PolicyKind, ReadingSource};
use crate::visits::VisitType;
use crate::web::layout::Layout;

/// Entries a page.
pub const PER_PAGE: i64 = 20;

text_enum! {
    /// Where an entry comes from.
    pub enum MomentKind {
        Visit = "visit",
        /// A reading that no visit left.
        Reading = "reading",
        /// The car got another plate.
        Plate = "plate",
        Owner = "owner",
        OwnerLeft = "owner_left",
        Call = "call",
        Complaint = "complaint",
        Policy = "policy",
        Reminder = "reminder",
    }
}

/// One entry. What a column means depends on the kind; the statement that fills it says so.
pub struct Moment {
    pub kind: MomentKind,
    /// The row it is about: of a person the customer, of a reminder the reminder.
    pub id: i64,
    pub at: DateTime<Utc>,
    /// The day of an entry that has no time.
    pub day: Option<NaiveDate>,
    pub code: Option<String>,
    pub title: Option<String>,
    pub words: Option<String>,
    pub who: Option<String>,
    pub km: Option<i32>,
    pub amount: Option<i64>,
    /// Refused, dissatisfied, rework, still open: what needs a second look.
    pub is_flagged: bool,
}

impl Moment {
    /// The class of its dot.
    pub fn tone(&self) -> &'static str {
        match (self.kind, self.is_flagged) {
            (MomentKind::Complaint, _) | (_, true) => "tl-dot--bad",
            (MomentKind::Visit, false) => "tl-dot--brand",
            (MomentKind::Call | MomentKind::Policy, false) => "tl-dot--good",
            (
                MomentKind::Reading
                | MomentKind::Plate
                | MomentKind::Owner
                | MomentKind::OwnerLeft
                | MomentKind::Reminder,
                false,
            ) => "",
        }
    }

    /// The icon in its dot.
    pub fn icon(&self) -> &'static str {
        match self.kind {
            MomentKind::Visit => "wrench",
            MomentKind::Reading => "gauge",
            MomentKind::Plate => "id",
            MomentKind::Owner | MomentKind::OwnerLeft => "user",
            MomentKind::Call => "phone",
            MomentKind::Complaint => "complaint",
            MomentKind::Policy => "shield",
            MomentKind::Reminder => "sms",
        }
    }

    /// Where it leads.
    pub fn href(&self) -> Option<String> {
        let id = self.id;
        match self.kind {
            MomentKind::Visit => Some(format!("/visits/{id}")),
            MomentKind::Owner | MomentKind::OwnerLeft => Some(format!("/customers/{id}")),
            MomentKind::Complaint => Some(format!("/complaints/{id}")),
            MomentKind::Reminder => Some(format!("/reminders/{id}")),
            MomentKind::Reading | MomentKind::Plate | MomentKind::Call | MomentKind::Policy => None,
        }
    }

    /// What happened, in a few words.
    pub fn headline(&self, layout: &Layout) -> String {
        let t = layout.t.vehicles();
        let title = self.title.as_deref().unwrap_or_default();
        match self.kind {
            MomentKind::Visit => t.visit_entry(title),
            MomentKind::Reading => t.reading_entry().to_owned(),
            MomentKind::Plate => t.plate_entry(layout.fmt.plate(title)),
            MomentKind::Owner => t.owner_entry(title),
            MomentKind::OwnerLeft => t.owner_left_entry(title),
            MomentKind::Call => t.call_entry(self.label(layout)),
            MomentKind::Complaint => t.complaint_entry(title),
            MomentKind::Policy => t.policy_entry(title),
            MomentKind::Reminder => t.reminder_entry().to_owned(),
        }
    }

    /// The code of the entry, in the visitor's language. A code that nobody knows any more says nothing.
    pub fn label(&self, layout: &Layout) -> &'static str {
        let t = layout.t;
        let code = self.code.as_deref().unwrap_or_default();
        match self.kind {
            MomentKind::Visit => code
                .parse::<VisitType>()
                .map_or("", |kind| t.visits().visit_type(kind)),
            MomentKind::Reading => code
                .parse::<ReadingSource>()
                .map_or("", |source| t.vehicles().reading_source(source)),
            MomentKind::Call => code
                .parse::<Disposition>()
                .map_or("", |result| t.callbacks().disposition(result)),
            MomentKind::Complaint => code
                .parse::<Severity>()
                .map_or("", |severity| t.complaints().severity_of(severity)),
            MomentKind::Policy => code
                .parse::<PolicyKind>()
                .map_or("", |kind| t.vehicles().policy(kind)),
            MomentKind::Reminder => code
                .parse::<Status>()
                .map_or("", |status| t.reminders().status(status)),
            MomentKind::Plate | MomentKind::Owner | MomentKind::OwnerLeft => "",
        }
    }

    /// The badge of a flagged entry.
    pub fn flag(&self, layout: &Layout) -> &'static str {
        let t = layout.t.vehicles();
        match self.kind {
            _ if !self.is_flagged => "",
            MomentKind::Visit => t.rework(),
            MomentKind::Reading => {
                let refused = self.words.as_deref().unwrap_or_default().parse::<Refusal>();
                refused.map_or("", |refused| t.refusal(refused))
            }
            MomentKind::Complaint => layout.t.customers().complaint_open(),
            MomentKind::Call => t.dissatisfied(),
            MomentKind::Plate
            | MomentKind::Owner
            | MomentKind::OwnerLeft
            | MomentKind::Policy
            | MomentKind::Reminder => "",
        }
    }

    /// The text under the headline.
    pub fn body(&self) -> Option<&str> {
        let words = self.words.as_deref().filter(|words| !words.is_empty());
        words.filter(|_| !matches!(self.kind, MomentKind::Reading | MomentKind::Plate))
    }

    /// The plate before this one.
    pub fn former_plate(&self) -> Option<&str> {
        self.words.as_deref().filter(|_| self.kind == MomentKind::Plate)
    }

    /// Customers' own words are quoted.
    pub fn is_quote(&self) -> bool {
        self.kind == MomentKind::Complaint
    }
}
