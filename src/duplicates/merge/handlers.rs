//! The page that compares two files, finding the second one, and the merge itself.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use crate::auth::permission::{Can, MergeArchive, Permission, ViewDuplicates};
use crate::customers;
use crate::customers::phone::Phone;
use crate::duplicates::merge::fields;
use crate::duplicates::merge::page::{self, Comparison};
use crate::duplicates::merge::queries;
use crate::duplicates::merge::service::{self, By, Order, Refusal};
use crate::duplicates::{DuplicateId, RecordKind};
use crate::i18n::flash::Flash;
use crate::stores::StoreScope;
use crate::vehicles::plate::PlateNumber;
use crate::vehicles::vin::Vin;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `?kind=customer&left=42&right=97`; without `right` the page asks for it.
#[derive(Clone, Deserialize)]
pub struct PairQuery {
    kind: RecordKind,
    left: i64,
    right: Option<i64>,
}

/// `duplicates/find.html`
#[derive(Template)]
#[template(path = "duplicates/find.html")]
struct FindPage {
    layout: Layout,
    kind: RecordKind,
    left: i64,
    who: String,
    errors: FormErrors,
}

/// `duplicates/merge.html`
#[derive(Template)]
#[template(path = "duplicates/merge.html")]
struct MergePage {
    layout: Layout,
    pair: Comparison,
    refusal: Option<Refusal>,
}

impl MergePage {
    fn is_customer(&self) -> bool {
        self.pair.kind == RecordKind::Customer
    }
}

pub async fn compare(
    layout: Layout,
    user: Can<ViewDuplicates>,
    State(app): State<AppState>,
    Query(query): Query<PairQuery>,
) -> AppResult<Response> {
    let scope = user.scope();
    let Some(right) = query.right else {
        let found = queries::images(&app.db, scope, query.kind.table(), &[query.left]).await?;
        let row = found.get(&query.left).ok_or(AppError::NotFound)?;
        if service::is_gone(row) {
            return Err(AppError::NotFound);
        }
        return Ok(Page(FindPage {
            layout,
            kind: query.kind,
            left: query.left,
            who: String::new(),
            errors: FormErrors::default(),
        })
        .into_response());
    };
    let pair = load(&app, &layout, scope, query.kind, [query.left, right]).await?;
    Ok(Page(MergePage {
        layout,
        pair,
        refusal: None,
    })
    .into_response())
}

/// A proposed pair, compared.
pub async fn show(
    layout: Layout,
    user: Can<ViewDuplicates>,
    State(app): State<AppState>,
    Path(id): Path<DuplicateId>,
) -> AppResult<Response> {
    let scope = user.scope();
    let found = crate::duplicates::queries::find(&app.db, scope, id).await?;
    let found = found.ok_or(AppError::NotFound)?;
    let pair = load(&app, &layout, scope, found.kind, [found.left_id, found.right_id]).await?;
    Ok(Page(MergePage {
        layout,
        pair,
        refusal: None,
    })
    .into_response())
}

async fn load(
    app: &AppState,
    layout: &Layout,
    scope: StoreScope,
    kind: RecordKind,
    ids: [i64; 2],
) -> AppResult<Comparison> {
    let mut db = app.db.acquire().await?;
    let pair = page::load(&mut db, layout, scope, kind, ids).await?;
    pair.ok_or(AppError::NotFound)
}

/// `POST /duplicates/merge/find`: posted, because a whole number must not stand in an address.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct FindForm {
    kind: String,
    left: String,
    who: String,
}

pub async fn find(
    layout: Layout,
    user: Can<ViewDuplicates>,
    State(app): State<AppState>,
    Form(form): Form<FindForm>,
) -> AppResult<Response> {
    let bad = || AppError::BadRequest("no kind or number".to_owned());
    let kind: RecordKind = form.kind.parse().map_err(|_| bad())?;
    let left: i64 = form.left.parse().map_err(|_| bad())?;
    let mut errors = FormErrors::default();
    let found = match kind {
        RecordKind::Customer => find_customers(&app, user.scope(), &form.who).await?,
        RecordKind::Vehicle => find_vehicles(&app, user.scope(), &form.who).await?,
    };
    let others: Vec<i64> = found.into_iter().filter(|id| *id != left).collect();
    match others[..] {
        _ if form.who.trim().is_empty() => errors.add("who", FieldError::Required),
        [right] => {
            let location = format!("/duplicates/merge?kind={kind}&left={left}&right={right}");
            return Ok(redirect(location).into_response());
        }
        [] => errors.add("who", crate::i18n::duplicates::nobody()),
        [..] => errors.add("who", crate::i18n::duplicates::several()),
    }
    Page(FindPage {
        layout,
        kind,
        left,
        who: form.who,
        errors,
    })
    .invalid()
}

/// A customer by number or by a whole phone.
async fn find_customers(app: &AppState, scope: StoreScope, typed: &str) -> AppResult<Vec<i64>> {
    let text = crate::text::clean(typed);
    if text.len() < 10
        && let Ok(id) = text.parse::<i64>()
    {
        let rows = queries::images(&app.db, scope, "customers", &[id]).await?;
        let live = rows.into_iter().filter(|(_, row)| !service::is_gone(row));
        return Ok(live.map(|(id, _)| id).collect());
    }
    let area_code = customers::queries::area_code(&app.db, scope).await?;
    let Ok(phone) = Phone::parse(&text, area_code.as_deref()) else {
        return Ok(Vec::new());
    };
    let found = customers::queries::list_by_phone(&app.db, scope, phone.as_str(), 5).await?;
    Ok(found.into_iter().map(customers::CustomerId::get).collect())
}

/// A car by number, plate or whole VIN.
async fn find_vehicles(app: &AppState, scope: StoreScope, typed: &str) -> AppResult<Vec<i64>> {
    let text = crate::text::clean(typed);
    if let Ok(id) = text.parse::<i64>() {
        let rows = queries::images(&app.db, scope, "vehicles", &[id]).await?;
        let live = rows.into_iter().filter(|(_, row)| !service::is_gone(row));
        return Ok(live.map(|(id, _)| id).collect());
    }
    let plate = PlateNumber::parse(&text).ok();
    let vin = Vin::parse(&text)
        .map(|(vin, _)| vin)
        .or_else(|_| Vin::legacy(&text))
        .ok();
    let (plate, vin) = (
        plate.as_ref().map(PlateNumber::as_str),
        vin.as_ref().map(Vin::as_str),
    );
    let found = crate::vehicles::queries::list_same(&app.db, scope, vin, plate, None).await?;
    Ok(found.into_iter().map(|car| car.id.get()).collect())
}

pub async fn merge(
    layout: Layout,
    user: Can<MergeArchive>,
    State(app): State<AppState>,
    Form(form): Form<Vec<(String, String)>>,
) -> AppResult<Response> {
    let (scope, now) = (user.scope(), app.clock.now());
    let (order, ids) = order(&form).ok_or_else(|| AppError::BadRequest("no pair".to_owned()))?;
    let by = By {
        scope,
        user: user.id,
        now,
        today: layout.fmt.today(),
    };
    let mut tx = app.db.begin().await?;
    match service::merge(&mut tx, by, &order).await? {
        Ok(_) => tx.commit().await?,
        Err(Refusal::Missing) => return Err(AppError::NotFound),
        Err(refusal) => {
            tx.rollback().await?;
            // Without a file there is nothing to show the refusal on.
            let Ok(pair) = load(&app, &layout, scope, order.kind, ids).await else {
                return Err(AppError::Conflict("merged or erased meanwhile"));
            };
            let page = MergePage {
                layout,
                pair,
                refusal: Some(refusal),
            };
            return Ok(Page(page).with_status(axum::http::StatusCode::CONFLICT));
        }
    }
    let location = format!("/{}/{}", order.kind.table(), order.survivor);
    Ok(redirect(location).with_flash(Flash::Merged).into_response())
}

/// Reads the form: `survivor` is the number of the one that stays, `field_…` says `left` or `right`.
fn order(form: &[(String, String)]) -> Option<(Order, [i64; 2])> {
    let get = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let number = |name: &str| get(name).and_then(|text| text.parse::<i64>().ok());
    let kind: RecordKind = get("kind")?.parse().ok()?;
    let ids = [number("left")?, number("right")?];
    let versions = [number("left_version")?, number("right_version")?];
    let survivor = number("survivor")?;
    let (at, other) = match ids.iter().position(|id| *id == survivor)? {
        0 => (0, 1),
        _ => (1, 0),
    };
    let loser_side = if other == 0 { "left" } else { "right" };
    let chosen = |column: &str| get(&format!("field_{column}")) == Some(loser_side);
    let taken = fields::of(kind)
        .iter()
        .map(|field| field.column)
        .filter(|column| chosen(column));
    let order = Order {
        kind,
        survivor,
        loser: ids[other],
        versions: [versions[at], versions[other]],
        fields: taken.collect(),
        main_phone: number("main_phone"),
    };
    Some((order, ids))
}
