//! The box: what it suggests while somebody types, and where it leads when it is sent.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Deserialize;

use crate::auth::permission::{Can, Permission, Role, ViewComplaints};
use crate::auth::session::{CurrentUser, Visitor};
use crate::customers::queries::area_code;
use crate::customers::search::mark::Marked;
use crate::customers::search::queries::cards::{CardCar, VehicleCard};
use crate::customers::search::queries::papers::PolicyHit;
use crate::customers::search::suggest::{Found, Person, suggestions};
use crate::customers::search::typed::Typed;
use crate::customers::search::{Reason, Target, for_address, resolve};
use crate::i18n::Texts;
use crate::i18n::format::Formatter;
use crate::web::error::{AppError, AppResult, encode_query};
use crate::web::filters;
use crate::web::form::Form;
use crate::web::page::{Page, Redirect, redirect};
use crate::web::state::AppState;

/// The part of the box below its field; `customers/suggest.html`.
#[derive(Template)]
#[template(path = "customers/suggest.html")]
struct Suggestions {
    t: Texts,
    fmt: Formatter,
    user: CurrentUser,
    typed: Typed,
    found: Found,
    /// Seconds until the next search is answered.
    wait: Option<u64>,
}

impl Suggestions {
    fn name(&self, person: &Person) -> Marked {
        let name = &person.card.name;
        match person.reason {
            Reason::Name => Marked::of(name, &self.typed.text),
            Reason::Pinyin => Marked::of_pinyin(name, &self.typed.text),
            Reason::Phone
            | Reason::CustomerNumber
            | Reason::Plate
            | Reason::FormerPlate
            | Reason::Vin
            | Reason::RepairOrder
            | Reason::Policy
            | Reason::Recent => Marked::plain(name),
        }
    }

    /// Masked but for what was typed of it; people who may not reveal numbers see the last four alone.
    fn phone(&self, person: &Person) -> Option<Marked> {
        let number = person.number.as_ref()?;
        let eight = self.typed.phone_tail.as_ref().filter(|tail| tail.len() == 8);
        let shown = match eight {
            Some(_) | None if !self.user.can(Permission::RevealPhone) => self.fmt.phone_tail(number),
            // The typed eight beside the first three would be the whole number.
            Some(tail) if person.reason == Reason::Phone => format!("*** {tail}"),
            Some(_) | None => self.fmt.phone(number),
        };
        Some(match person.reason {
            Reason::Phone => Marked::of(&shown, &self.typed.text),
            Reason::CustomerNumber
            | Reason::Plate
            | Reason::FormerPlate
            | Reason::Vin
            | Reason::RepairOrder
            | Reason::Policy
            | Reason::Name
            | Reason::Pinyin
            | Reason::Recent => Marked::plain(&shown),
        })
    }

    fn plate_of(&self, car: &CardCar, person: &Person) -> Marked {
        self.plate(car.plate.as_deref(), person.reason == Reason::Plate)
    }

    fn plate(&self, plate: Option<&str>, is_found_by: bool) -> Marked {
        let Some(plate) = plate else {
            return Marked::plain(self.t.vehicles().no_plate());
        };
        let shown = self.fmt.plate(plate);
        if is_found_by {
            Marked::of(&shown, &self.typed.text)
        } else {
            Marked::plain(&shown)
        }
    }

    fn vin(&self, card: &VehicleCard) -> Option<Marked> {
        let vin = card.vin.as_ref()?;
        Some(Marked::of(&self.fmt.vin(vin), &self.typed.text))
    }

    fn number(&self, number: &str) -> Marked {
        Marked::of(number, &self.typed.text)
    }

    /// The last four, or the six that were typed.
    fn policy_no(&self, policy: &PolicyHit) -> Marked {
        let is_tail_typed = self
            .typed
            .policy
            .as_ref()
            .is_some_and(|terms| terms.tail.is_some());
        let shown = if is_tail_typed { 6 } else { 4 };
        let hidden = policy.policy_no.chars().count().saturating_sub(shown);
        let tail: String = policy.policy_no.chars().skip(hidden).collect();
        Marked::of(&format!("****{tail}"), &self.typed.text)
    }

    fn policy_path(&self, policy: &PolicyHit) -> String {
        match policy.insured_id {
            Some(customer) => Target::Customer(customer).location(),
            None => Target::Vehicle(policy.vehicle_id).location(),
        }
    }

    fn can_create(&self) -> bool {
        self.user.can(Permission::EditArchive) && self.typed.can_be_new()
    }

    /// Everything ended up in one question that looks like a piece of a phone number.
    fn is_refused(&self) -> bool {
        self.typed.is_phone_part && self.found.count() == 0
    }
}

/// `q` of the box.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct BoxForm {
    pub q: String,
}

/// Posted, not asked: what somebody types must not stand in an address or a log.
pub async fn suggest(
    visitor: Visitor,
    user: Can<ViewComplaints>,
    State(app): State<AppState>,
    Form(form): Form<BoxForm>,
) -> AppResult<Response> {
    let now = app.clock.now();
    let mut page = Suggestions {
        t: Texts(visitor.lang),
        fmt: Formatter {
            lang: visitor.lang,
            zone: user.store.zone,
            now,
        },
        user: user.clone(),
        typed: Typed::read(user.scope().get(), &form.q, None),
        found: Found::default(),
        wait: None,
    };
    if let Err(AppError::TooMany(wait)) = app.searches.note(user.id, now) {
        page.wait = Some(wait.as_secs().max(1));
        return Ok(too_many(page, wait.as_secs().max(1)));
    }
    page.typed = read(&app, &user, &form.q).await?;
    page.found = suggestions(&app.db, &user, &page.typed).await?;
    Ok(Page(page).with_status(StatusCode::OK))
}

fn too_many(page: Suggestions, seconds: u64) -> Response {
    let mut response = Page(page).with_status(StatusCode::TOO_MANY_REQUESTS);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

async fn read(app: &AppState, user: &CurrentUser, text: &str) -> sqlx::Result<Typed> {
    let area_code = match text.chars().filter(|c| c.is_numeric()).count() {
        0..7 => None,
        _ => area_code(&app.db, user.scope()).await?,
    };
    Ok(Typed::read(user.scope().get(), text, area_code.as_deref()))
}

/// The box sent: to the one row that the text names, else to the list.
pub async fn search(
    user: Can<ViewComplaints>,
    State(app): State<AppState>,
    Form(form): Form<BoxForm>,
) -> AppResult<Redirect> {
    app.searches.note(user.id, app.clock.now())?;
    if user.role == Role::Handler {
        return Ok(redirect(own_complaint(&app, &user, &form.q).await?));
    }
    let area_code = area_code(&app.db, user.scope()).await?;
    let target = resolve(&app.db, user.scope(), &form.q, area_code.as_deref()).await?;
    Ok(redirect(target.location()))
}

/// A handler has no archive: the one case meant, else the list of own cases.
async fn own_complaint(app: &AppState, user: &CurrentUser, text: &str) -> AppResult<String> {
    let typed = Typed::read(user.scope().get(), text, None);
    let found = suggestions(&app.db, user, &typed).await?;
    Ok(match &found.complaints[..] {
        [one] => Target::Complaint(one.id).location(),
        _ => format!("/complaints?tab=all&q={}", encode_query(&for_address(text))),
    })
}
