//! Pages of signing in and out, of one-time links, and the switches for language and theme.

use std::net::{IpAddr, SocketAddr};

use askama::Template;
use axum::Extension;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar};
use secrecy::SecretString;
use serde::Deserialize;

use crate::audit::{self, Actor, Entry};
use crate::auth::forms::{LoginForm, PreferencesForm, SetupForm};
use crate::auth::queries::{self, Link, NewSession};
use crate::auth::session::{ABSOLUTE, LOCALE_COOKIE, THEME_COOKIE, Token, Visitor};
use crate::db::is_unique_violation;
use crate::i18n::Lang;
use crate::i18n::flash::Flash;
use crate::stores::StoreId;
use crate::users::UserId;
use crate::web::error::AppResult;
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::form::{FieldError, Form, FormErrors};
use crate::web::layout::Plain;
use crate::web::nav;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// The sign-in form.
#[derive(Template)]
#[template(path = "auth/login.html")]
struct LoginPage {
    plain: Plain,
    username: String,
    next: String,
    here: String,
    errors: FormErrors,
    problem: Option<String>,
    /// Whether the address allows signing in at all.
    is_safe: bool,
}

/// `?next=` of the sign-in page.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NextQuery {
    next: String,
}

pub async fn show_login(
    plain: Plain,
    visitor: Visitor,
    State(app): State<AppState>,
    Query(query): Query<NextQuery>,
) -> AppResult<Response> {
    if visitor.user.is_some() {
        return Ok(redirect(crate::auth::forms::local_path(&query.next).unwrap_or("/")).into_response());
    }
    let is_safe = app.public_url.allows_sign_in();
    let problem = (!is_safe).then(|| plain.t.auth().insecure().to_owned());
    let form = LoginForm {
        next: query.next,
        ..LoginForm::default()
    };
    Ok(login_page(plain, &app, form, FormErrors::default(), problem).into_response())
}

fn login_page(
    plain: Plain,
    app: &AppState,
    form: LoginForm,
    errors: FormErrors,
    problem: Option<String>,
) -> Page<LoginPage> {
    Page(LoginPage {
        plain,
        username: form.username,
        here: format!("/login?next={}", crate::web::error::encode_query(&form.next)),
        next: form.next,
        errors,
        problem,
        is_safe: app.public_url.allows_sign_in(),
    })
}

/// Address and browser of the request, for the throttle and the session's row.
fn client(
    connect: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: &HeaderMap,
) -> (IpAddr, Option<String>) {
    let address = connect.map_or(IpAddr::from([127, 0, 0, 1]), |Extension(info)| info.0.ip());
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    (address, agent.map(|agent| agent.chars().take(200).collect()))
}

pub async fn login(
    plain: Plain,
    visitor: Visitor,
    State(app): State<AppState>,
    connect: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    jar: CookieJar,
    Form(form): Form<LoginForm>,
) -> AppResult<Response> {
    let (address, agent) = client(connect, &headers);
    let (username, now) = (form.username(), app.clock.now());
    let mut errors = FormErrors::default();
    for (field, value) in [("username", &form.username), ("password", &form.password)] {
        if value.trim().is_empty() {
            errors.add(field, FieldError::Required);
        }
    }
    if !errors.is_empty() || !app.public_url.allows_sign_in() {
        return login_page(plain, &app, form, errors, None).invalid();
    }
    if let Some(wait) = app.throttle.wait(&username, address, now) {
        let problem = plain.t.auth().too_many(wait.as_secs().div_ceil(60));
        let page = login_page(plain, &app, form, errors, Some(problem));
        let mut response = page.with_status(StatusCode::TOO_MANY_REQUESTS);
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        return Ok(response);
    }
    let account = queries::find_account(&app.db, &username).await?;
    let stored = account
        .as_ref()
        .and_then(|account| account.password_hash.as_deref());
    let fits = app
        .hasher
        .verify(&SecretString::from(form.password.clone()), stored)
        .await?;
    let Some(account) = account.filter(|_| fits) else {
        app.throttle.failed(&username, address, now);
        tracing::info!("sign-in refused");
        let problem = Some(plain.t.auth().wrong().to_owned());
        return login_page(plain, &app, form, errors, problem).invalid();
    };
    let (Some(store_id), Some(role)) = (account.store_id, account.role) else {
        let problem = Some(plain.t.auth().no_store().to_owned());
        return login_page(plain, &app, form, errors, problem).invalid();
    };
    app.throttle.succeeded(&username);
    let next = form.next().filter(|path| *path != "/").map(str::to_owned);
    let flash = Flash::SignedIn {
        name: account.display_name.clone(),
    };
    let location = next.unwrap_or_else(|| nav::landing(role).to_owned());
    begin_session(
        &app,
        &visitor,
        jar,
        &SignIn {
            user: account.id,
            store: store_id,
        },
        agent.as_deref(),
        flash,
        location,
    )
    .await
}

/// Who signs in where.
struct SignIn {
    user: UserId,
    store: StoreId,
}

/// A fresh session for every sign-in; the one the browser had before ends.
async fn begin_session(
    app: &AppState,
    visitor: &Visitor,
    jar: CookieJar,
    who: &SignIn,
    agent: Option<&str>,
    flash: Flash,
    location: String,
) -> AppResult<Response> {
    let now = app.clock.now();
    let token = Token::random()?;
    let mut tx = app.db.begin().await?;
    if let Some(old) = visitor.token_hash() {
        queries::delete_session(&mut *tx, old).await?;
    }
    let new = NewSession {
        token_hash: &Token::hash(token.as_str()),
        user_id: who.user,
        store_id: who.store,
        now,
        expires_at: now + ABSOLUTE,
        user_agent: agent,
        flash: &flash,
    };
    queries::insert_session(&mut *tx, new).await?;
    let entry = Entry {
        store: Some(who.store),
        actor: Actor::User(who.user),
        action: "auth.sign_in",
        subject: "users",
        subject_id: Some(who.user.get()),
        change: &serde_json::json!({}),
    };
    audit::record(&mut *tx, now, entry).await?;
    tx.commit().await?;
    let cookie = app
        .public_url
        .cookie(app.public_url.session_cookie(), token.as_str().to_owned());
    Ok((jar.add(cookie), redirect(location)).into_response())
}

pub async fn logout(visitor: Visitor, State(app): State<AppState>, jar: CookieJar) -> AppResult<Response> {
    if let Some(hash) = visitor.token_hash() {
        queries::delete_session(&app.db, hash).await?;
    }
    let cookie = app
        .public_url
        .cookie(app.public_url.session_cookie(), String::new());
    let mut response = (jar.remove(cookie), redirect("/login")).into_response();
    response.headers_mut().insert(
        "clear-site-data",
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(response)
}

/// The form behind a one-time link.
#[derive(Template)]
#[template(path = "auth/setup.html")]
struct SetupPage {
    plain: Plain,
    values: SetupForm,
    here: String,
    errors: FormErrors,
    /// Creates the first admin and store, not only a password.
    is_first: bool,
}

/// A link that was used or has expired.
#[derive(Template)]
#[template(path = "auth/link_ended.html")]
struct LinkEndedPage {
    plain: Plain,
    here: &'static str,
}

/// `?token=` of a one-time link.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TokenQuery {
    token: String,
}

fn link_ended(plain: Plain) -> Response {
    Page(LinkEndedPage {
        plain,
        here: "/login",
    })
    .with_status(StatusCode::NOT_FOUND)
}

fn setup_page(plain: Plain, values: SetupForm, errors: FormErrors, is_first: bool) -> Page<SetupPage> {
    let values = SetupForm {
        password: String::new(),
        password_again: String::new(),
        ..values
    };
    let here = format!("/setup?token={}", values.token);
    Page(SetupPage {
        plain,
        values,
        here,
        errors,
        is_first,
    })
}

pub async fn show_setup(
    plain: Plain,
    State(app): State<AppState>,
    Query(query): Query<TokenQuery>,
) -> AppResult<Response> {
    let Some(link) = queries::find_link(&app.db, &Token::hash(&query.token), app.clock.now()).await? else {
        return Ok(link_ended(plain));
    };
    let is_first = link.user_id.is_none();
    let values = SetupForm {
        token: query.token,
        username: link.username.unwrap_or_default(),
        ..SetupForm::default()
    };
    Ok(setup_page(plain, values, FormErrors::default(), is_first).into_response())
}

pub async fn setup(
    plain: Plain,
    visitor: Visitor,
    State(app): State<AppState>,
    headers: HeaderMap,
    jar: CookieJar,
    Form(form): Form<SetupForm>,
) -> AppResult<Response> {
    let (hash, now) = (Token::hash(&form.token), app.clock.now());
    let Some(link) = queries::find_link(&app.db, &hash, now).await? else {
        return Ok(link_ended(plain));
    };
    let is_first = link.user_id.is_none();
    let written = if is_first {
        create_first(&app, &hash, &form).await?
    } else {
        set_password(&app, &hash, &form, &link).await?
    };
    let who = match written {
        Ok(Some(who)) => who,
        Ok(None) => return Ok(link_ended(plain)),
        Err(errors) => return setup_page(plain, form, errors, is_first).invalid(),
    };
    let agent = client(None, &headers).1;
    begin_session(
        &app,
        &visitor,
        jar,
        &who,
        agent.as_deref(),
        Flash::PasswordSet,
        "/".to_owned(),
    )
    .await
}

/// What a one-time link led to: a person who may sign in, nobody (the link ended meanwhile), or errors in the form.
type Written = Result<Option<SignIn>, FormErrors>;

async fn create_first(app: &AppState, hash: &[u8; 32], form: &SetupForm) -> AppResult<Written> {
    let input = match form.validate_first() {
        Ok(input) => input,
        Err(errors) => return Ok(Err(errors)),
    };
    let (phc, now) = (
        app.hasher
            .hash(&SecretString::from(form.password.clone()))
            .await?,
        app.clock.now(),
    );
    let mut tx = app.db.begin().await?;
    if !queries::use_link(&mut *tx, hash, now).await? {
        return Ok(Ok(None));
    }
    let user = queries::insert_first_admin(&mut *tx, &input.username, &input.display_name, &phc, now).await;
    if let Err(error) = &user
        && is_unique_violation(error, "users_username_key")
    {
        let mut errors = FormErrors::default();
        errors.add("username", FieldError::Taken);
        return Ok(Err(errors));
    }
    let user = user?;
    let store = crate::stores::service::open(
        &mut tx,
        &input.store_code,
        &input.store_name,
        Actor::User(user),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(Ok(Some(SignIn { user, store })))
}

async fn set_password(app: &AppState, hash: &[u8; 32], form: &SetupForm, link: &Link) -> AppResult<Written> {
    let username = link.username.clone().unwrap_or_default();
    let known = [
        username.as_str(),
        link.display_name.as_deref().unwrap_or_default(),
    ];
    if let Err(errors) = form.validate_password(&known) {
        return Ok(Err(errors));
    }
    let (phc, now) = (
        app.hasher
            .hash(&SecretString::from(form.password.clone()))
            .await?,
        app.clock.now(),
    );
    let mut tx = app.db.begin().await?;
    let account = queries::find_account(&mut *tx, &username).await?;
    let Some((user, store)) = account.and_then(|account| Some((account.id, account.store_id?))) else {
        return Ok(Ok(None));
    };
    if !queries::use_link(&mut *tx, hash, now).await? {
        return Ok(Ok(None));
    }
    queries::set_password(&mut *tx, user, &phc).await?;
    queries::delete_sessions_of(&mut *tx, user).await?;
    let entry = Entry {
        store: Some(store),
        actor: Actor::User(user),
        action: "auth.set_password",
        subject: "users",
        subject_id: Some(user.get()),
        change: &serde_json::json!({ "link": link.purpose }),
    };
    audit::record(&mut *tx, now, entry).await?;
    tx.commit().await?;
    Ok(Ok(Some(SignIn { user, store })))
}

pub async fn preferences(
    visitor: Visitor,
    State(app): State<AppState>,
    jar: CookieJar,
    Form(form): Form<PreferencesForm>,
) -> AppResult<Response> {
    let mut jar = jar;
    if let Ok(lang) = form.locale.parse::<Lang>() {
        jar = jar.add(long_lived(&app, LOCALE_COOKIE, lang.as_str()));
        if let Some(user) = &visitor.user {
            queries::set_locale(&app.db, user.id, lang.as_str()).await?;
        }
    }
    if matches!(form.theme.as_str(), "light" | "dark" | "system") {
        jar = jar.add(long_lived(&app, THEME_COOKIE, &form.theme));
    }
    Ok((jar, redirect(form.next())).into_response())
}

/// A cookie that outlives the browser session, for a year.
fn long_lived(app: &AppState, name: &'static str, value: &str) -> Cookie<'static> {
    let mut cookie = app.public_url.cookie(name, value.to_owned());
    cookie.make_permanent();
    cookie
}
