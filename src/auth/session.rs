//! Sessions: a random cookie, its SHA-256 in the database, one look-up per request (promises R19).

use axum::extract::{FromRequestParts, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use sha2::{Digest, Sha256};

use crate::audit::Actor;
use crate::auth::permission::{Permission, Role};
use crate::auth::queries;
use crate::drafts::keep;
use crate::i18n::Lang;
use crate::i18n::flash::Flash;
use crate::stores::{StoreId, StoreScope};
use crate::users::UserId;
use crate::web::error::AppError;
use crate::web::state::AppState;

/// A session nobody uses ends after this.
pub const IDLE: TimeDelta = TimeDelta::minutes(60);
/// A session ends after this in any case: a working day.
pub const ABSOLUTE: TimeDelta = TimeDelta::hours(12);
/// `last_seen_at` is written at most this often.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Name of the cookie that holds a visitor's language before signing in.
pub const LOCALE_COOKIE: &str = "locale";
/// Name of the cookie that holds light or dark.
pub const THEME_COOKIE: &str = "theme";

/// The random part of a session or a one-time link; only its hash is stored.
pub struct Token(String);

impl Token {
    /// 256 random bits.
    pub fn random() -> anyhow::Result<Token> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("random numbers: {error}"))?;
        Ok(Token(hex::encode(bytes)))
    }

    /// What the browser or the link carries.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the database holds.
    pub fn hash(text: &str) -> [u8; 32] {
        Sha256::digest(text.as_bytes()).into()
    }
}

/// The store a person works in now.
#[derive(Clone, Debug)]
pub struct CurrentStore {
    pub id: StoreId,
    pub code: String,
    pub name: String,
    pub zone: Tz,
}

/// The person behind the request, in the store they work in now.
#[derive(Clone, Debug)]
pub struct CurrentUser {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub role: Role,
    pub store: CurrentStore,
    /// Works over all stores and may choose one.
    pub is_group_wide: bool,
}

impl CurrentUser {
    /// Whether the role has the right; for `SwitchStore` the person must also be group-wide.
    pub fn can(&self, permission: Permission) -> bool {
        permission.roles().contains(&self.role)
            && (permission != Permission::SwitchStore || self.is_group_wide)
    }

    /// The store that every statement of this request is limited to.
    pub fn scope(&self) -> StoreScope {
        StoreScope::of(self)
    }

    /// Who the audit log names.
    pub fn actor(&self) -> Actor {
        Actor::User(self.id)
    }
}

/// Who asks, with language and theme; made once per request and kept in its extensions.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub user: Option<CurrentUser>,
    pub lang: Lang,
    /// `light` or `dark`; absent: as the system has it.
    pub theme: Option<&'static str>,
    /// The session's waiting message; a page that shows it clears it.
    pub flash: Option<Flash>,
    token_hash: Option<[u8; 32]>,
}

impl Visitor {
    /// The visitor as the request alone tells: language and theme of the cookies, nobody signed in.
    pub fn anonymous(jar: &CookieJar) -> Visitor {
        let lang = jar
            .get(LOCALE_COOKIE)
            .and_then(|cookie| cookie.value().parse().ok())
            .unwrap_or_default();
        let theme = match jar.get(THEME_COOKIE).map(|cookie| cookie.value()) {
            Some("light") => Some("light"),
            Some("dark") => Some("dark"),
            _ => None,
        };
        Visitor {
            user: None,
            lang,
            theme,
            flash: None,
            token_hash: None,
        }
    }

    /// The session behind the request, for signing out and for changing the store.
    pub fn token_hash(&self) -> Option<&[u8; 32]> {
        self.token_hash.as_ref()
    }
}

/// Finds out who asks, before any handler runs; afterwards stores the flash that a redirect set, or clears a shown one.
pub async fn identify(
    State(app): State<AppState>,
    jar: CookieJar,
    mut request: Request,
    next: Next,
) -> Response {
    let mut visitor = Visitor::anonymous(&jar);
    if !needs_session(request.uri().path()) {
        request.extensions_mut().insert(visitor);
        return next.run(request).await;
    }
    let is_by_hand = !asks_by_itself(request.uri().path());
    if let Some(cookie) = jar.get(app.public_url.session_cookie())
        && let Err(error) = load(&app, Token::hash(cookie.value()), is_by_hand, &mut visitor).await
    {
        request.extensions_mut().insert(visitor);
        return AppError::from(error).into_response();
    }
    let mut kept = None;
    if visitor.user.is_none()
        && let Some(cookie) = jar.get(app.public_url.session_cookie())
    {
        let hash = Token::hash(cookie.value());
        (request, kept) = keep::form_of_ended_session(&app, request, &hash).await;
    }
    let token_hash = visitor.token_hash;
    let had_flash = visitor.flash.is_some() && is_by_hand;
    request.extensions_mut().insert(visitor.clone());
    let mut response = next.run(request).await;
    response.extensions_mut().insert(visitor);
    if let Some(kept) = kept {
        response.extensions_mut().insert(kept);
    }
    if let Some(hash) = token_hash {
        let flash = response.extensions().get::<Flash>().cloned();
        let was_shown = had_flash && !response.status().is_redirection();
        if (flash.is_some() || was_shown)
            && let Err(error) = queries::set_flash(&app.db, &hash, flash.as_ref()).await
        {
            tracing::warn!(error = %error, "flash not stored");
        }
    }
    response
}

/// A page that asks again by itself keeps no session alive, and shows no message that waits.
fn asks_by_itself(path: &str) -> bool {
    matches!(path, "/floor/events" | "/notices/events")
}

fn needs_session(path: &str) -> bool {
    !(path.starts_with("/static/") || path == "/healthz" || path == "/readyz")
}

async fn load(
    app: &AppState,
    token_hash: [u8; 32],
    touches: bool,
    visitor: &mut Visitor,
) -> sqlx::Result<()> {
    let now = app.clock.now();
    let Some(row) = queries::find_session(&app.db, &token_hash, now, now - IDLE).await? else {
        return Ok(());
    };
    visitor.token_hash = Some(token_hash);
    if touches && row.last_seen_at < now - TOUCH_EVERY {
        queries::touch_session(&app.db, &token_hash, now).await?;
    }
    visitor.lang = row
        .locale
        .as_deref()
        .and_then(|text| text.parse().ok())
        .unwrap_or(visitor.lang);
    visitor.flash = row
        .flash
        .clone()
        .and_then(|value| serde_json::from_value(value).ok());
    visitor.user = row.into_user();
    Ok(())
}

/// Whether a session that was there before still is, of the same person in the same store, with this right.
pub async fn still_allows(
    app: &AppState,
    token_hash: &[u8; 32],
    user: &CurrentUser,
    permission: Permission,
) -> sqlx::Result<bool> {
    let now = app.clock.now();
    let row = queries::find_session(&app.db, token_hash, now, now - IDLE).await?;
    let found = row.and_then(SessionRow::into_user);
    Ok(found
        .is_some_and(|found| found.id == user.id && found.store.id == user.store.id && found.can(permission)))
}

/// A row of `queries::find_session`.
pub struct SessionRow {
    pub user_id: UserId,
    pub username: String,
    pub display_name: String,
    pub locale: Option<String>,
    pub group_role: Option<String>,
    pub store_role: Option<String>,
    pub store_id: StoreId,
    pub store_code: String,
    pub store_name: String,
    pub time_zone: String,
    pub flash: Option<serde_json::Value>,
    pub last_seen_at: DateTime<Utc>,
}

impl SessionRow {
    /// Nobody, if the person has lost the store or the role since.
    fn into_user(self) -> Option<CurrentUser> {
        let role: Role = self
            .group_role
            .as_deref()
            .or(self.store_role.as_deref())?
            .parse()
            .ok()?;
        Some(CurrentUser {
            id: self.user_id,
            username: self.username,
            display_name: self.display_name,
            role,
            store: CurrentStore {
                id: self.store_id,
                code: self.store_code,
                name: self.store_name,
                zone: self.time_zone.parse().unwrap_or(chrono_tz::Asia::Shanghai),
            },
            is_group_wide: self.group_role.is_some(),
        })
    }
}

impl FromRequestParts<AppState> for CurrentUser {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, AppError> {
        let user = parts
            .extensions
            .get::<Visitor>()
            .and_then(|visitor| visitor.user.clone());
        user.ok_or_else(|| AppError::SignInRequired {
            next: (parts.method == Method::GET).then(|| {
                parts
                    .uri
                    .path_and_query()
                    .map_or("/", |path| path.as_str())
                    .to_owned()
            }),
        })
    }
}

impl FromRequestParts<AppState> for Visitor {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, AppError> {
        let jar = CookieJar::from_headers(&parts.headers);
        Ok(parts
            .extensions
            .get::<Visitor>()
            .cloned()
            .unwrap_or_else(|| Visitor::anonymous(&jar)))
    }
}
