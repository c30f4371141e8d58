//! The page of a link: questions, thanks, or that it has ended.

use std::net::{IpAddr, SocketAddr};

use askama::Template;
use axum::Extension;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use crate::callbacks::answers::{self, Link, LinkState};
use crate::customers::person_name;
use crate::i18n::format::Formatter;
use crate::i18n::{Lang, Texts};
use crate::questionnaires::forms::{AnswerForm, field};
use crate::scripts::service as scripts;
use crate::scripts::views::{Asking, QuestionView};
use crate::scripts::{ItemKind, Questionnaire};
use crate::stores;
use crate::web::assets::Assets;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::{Path, Query};
use crate::web::filters;
use crate::web::form::{Form, FormErrors};
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `?lang=en`; without it the page is Chinese, whatever the browser or a cookie says.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct LangQuery {
    lang: String,
}

impl LangQuery {
    fn lang(&self) -> Lang {
        self.lang.parse().unwrap_or_default()
    }
}

/// What every page of a link needs.
pub struct Public {
    lang: Lang,
    t: Texts,
    assets: &'static Assets,
    /// This page in the other language.
    other: String,
}

impl Public {
    fn new(app: &AppState, lang: Lang) -> Public {
        Public {
            lang,
            t: Texts(lang),
            assets: app.assets,
            other: match lang {
                Lang::Zh => "?lang=en".to_owned(),
                Lang::En => "?".to_owned(),
            },
        }
    }

    fn asset(&self, name: &str) -> String {
        self.assets.url(name)
    }

    /// The other language by its own name.
    const fn other_name(&self) -> &'static str {
        match self.lang {
            Lang::Zh => self.t.common().english(),
            Lang::En => self.t.common().chinese(),
        }
    }

    const fn other_lang(&self) -> &'static str {
        match self.lang {
            Lang::Zh => Lang::En.as_str(),
            Lang::En => Lang::Zh.as_str(),
        }
    }
}

/// One sentence instead of questions.
#[derive(Template)]
#[template(path = "questionnaires/notice.html")]
struct NoticePage {
    public: Public,
    title: &'static str,
    text: String,
    icon: &'static str,
    tone: &'static str,
}

/// A visit with its questions.
struct VisitView {
    title: String,
    first: Vec<QuestionView>,
    more: Vec<QuestionView>,
    /// Whether something further down was answered or is to be mended.
    is_more_open: bool,
}

/// A reason to tick.
struct ReasonView {
    code: String,
    text: String,
    is_checked: bool,
}

/// The questions.
#[derive(Template)]
#[template(path = "questionnaires/ask.html")]
struct AskPage {
    public: Public,
    store: String,
    greeting: String,
    visits: Vec<VisitView>,
    reasons: Vec<ReasonView>,
    words: String,
    words_error: Option<String>,
    no_more: bool,
    problems: usize,
}

/// A page that nobody finds by a search engine and that tells no other where its reader was.
fn sealed(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        HeaderName::from_static("x-robots-tag"),
        HeaderValue::from_static("noindex, nofollow, noarchive"),
    );
    response
}

fn missing(public: Public) -> Response {
    let t = public.t.questionnaires();
    let page = NoticePage {
        title: t.missing_title(),
        text: t.missing().to_owned(),
        icon: "info",
        tone: "mute",
        public,
    };
    sealed(Page(page).with_status(StatusCode::NOT_FOUND))
}

fn too_many(public: Public, wait: std::time::Duration) -> Response {
    let t = public.t.questionnaires();
    let page = NoticePage {
        title: t.too_many_title(),
        text: t.too_many().to_owned(),
        icon: "clock",
        tone: "soon",
        public,
    };
    let mut response = sealed(Page(page).with_status(StatusCode::TOO_MANY_REQUESTS));
    let seconds = HeaderValue::from(wait.as_secs().max(1));
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

/// What became of a link that asks nothing now.
fn notice(public: Public, link: &Link) -> Response {
    let t = public.t.questionnaires();
    let store = &link.message.store_name;
    let (status, title, text, icon, tone) = match link.state() {
        LinkState::Open | LinkState::Answered => {
            (StatusCode::OK, t.thanks_title(), t.thanks(store), "check", "good")
        }
        LinkState::Refused => (
            StatusCode::OK,
            t.refused_title(),
            t.refused(store),
            "check",
            "good",
        ),
        LinkState::Ended => (StatusCode::GONE, t.ended_title(), t.ended(store), "clock", "mute"),
    };
    let page = NoticePage {
        public,
        title,
        text,
        icon,
        tone,
    };
    sealed(Page(page).with_status(status))
}

/// The link of a request, or the answer to whoever has none.
async fn find(
    app: &AppState,
    token: &str,
    lang: Lang,
    connect: Option<Extension<ConnectInfo<SocketAddr>>>,
) -> AppResult<Result<(Uuid, Link), Response>> {
    let public = Public::new(app, lang);
    let now = app.clock.now();
    let token = Uuid::try_parse(token).ok();
    let link = match token {
        Some(token) => {
            let mut db = app.db.acquire().await?;
            answers::find(&mut db, token).await?
        }
        None => None,
    };
    let Some((token, link)) = token.zip(link) else {
        let address = connect.map_or(IpAddr::from([127, 0, 0, 1]), |Extension(info)| info.0.ip());
        return Ok(Err(match app.link_misses.note(address, now) {
            Err(AppError::TooMany(wait)) => too_many(public, wait),
            Ok(()) | Err(_) => missing(public),
        }));
    };
    Ok(match app.links.note(token, now) {
        Err(AppError::TooMany(wait)) => Err(too_many(public, wait)),
        Ok(()) | Err(_) => Ok((token, link)),
    })
}

/// The version that the message asks.
async fn asked(app: &AppState, link: &Link) -> AppResult<Questionnaire> {
    let mut db = app.db.acquire().await?;
    let id = link.message.script_version_id;
    let version = scripts::asked_questionnaire(&mut db, link.scope(), id).await?;
    Ok(version.ok_or(AppError::NotFound)?.body)
}

pub async fn show(
    State(app): State<AppState>,
    connect: Option<Extension<ConnectInfo<SocketAddr>>>,
    Path(token): Path<String>,
    Query(query): Query<LangQuery>,
) -> AppResult<Response> {
    let lang = query.lang();
    let (_, link) = match find(&app, &token, lang, connect).await? {
        Ok(found) => found,
        Err(response) => return Ok(response),
    };
    if link.state() != LinkState::Open {
        return Ok(notice(Public::new(&app, lang), &link));
    }
    let questionnaire = asked(&app, &link).await?;
    let form = AnswerForm::default();
    let page = ask(&app, lang, &link, &questionnaire, &form, &FormErrors::default()).await?;
    Ok(sealed(Page(page).into_response()))
}

pub async fn answer(
    State(app): State<AppState>,
    connect: Option<Extension<ConnectInfo<SocketAddr>>>,
    Path(token): Path<String>,
    Query(query): Query<LangQuery>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> AppResult<Response> {
    let lang = query.lang();
    let (token, link) = match find(&app, &token, lang, connect).await? {
        Ok(found) => found,
        Err(response) => return Ok(response),
    };
    let form = AnswerForm(pairs);
    let there = match lang {
        Lang::Zh => format!("/q/{}", token.simple()),
        Lang::En => format!("/q/{}?lang=en", token.simple()),
    };
    let now = app.clock.now();
    if link.state() != LinkState::Open {
        return Ok(sealed(redirect(there).into_response()));
    }
    if form.has("refuse", "1") {
        let mut tx = app.db.begin().await?;
        answers::refuse(&mut tx, &link, now).await?;
        tx.commit().await?;
        return Ok(sealed(redirect(there).into_response()));
    }
    let questionnaire = asked(&app, &link).await?;
    match form.validate(&questionnaire, &link.visits, Lang::Zh) {
        Ok(given) => {
            let mut tx = app.db.begin().await?;
            answers::answer(&mut tx, &link, &given, now).await?;
            tx.commit().await?;
            Ok(sealed(redirect(there).into_response()))
        }
        Err(errors) => {
            let page = ask(&app, lang, &link, &questionnaire, &form, &errors).await?;
            Ok(sealed(Page(page).invalid()?))
        }
    }
}

async fn ask(
    app: &AppState,
    lang: Lang,
    link: &Link,
    questionnaire: &Questionnaire,
    form: &AnswerForm,
    errors: &FormErrors,
) -> AppResult<AskPage> {
    let mut db = app.db.acquire().await?;
    let fmt = Formatter {
        lang,
        zone: stores::calendar::time_zone(&mut db, link.scope()).await?,
        now: app.clock.now(),
    };
    let public = Public::new(app, lang);
    let t = public.t.questionnaires();
    let visits = link.visits.iter().enumerate();
    let visits = visits.map(|(index, visit)| VisitView {
        title: visit
            .handed_over_at
            .map_or_else(|| t.visit_unknown().to_owned(), |at| t.visit_on(day(&fmt, at))),
        ..visit_view(&public, questionnaire, index + 1, form, errors)
    });
    let reasons = questionnaire.reasons.iter().map(|reason| ReasonView {
        is_checked: form.has("reason", &reason.code),
        text: reason.text.get(lang).to_owned(),
        code: reason.code.clone(),
    });
    Ok(AskPage {
        store: link.message.store_name.clone(),
        greeting: greeting(&public, link),
        visits: visits.collect(),
        reasons: reasons.collect(),
        words: form.get("words").to_owned(),
        words_error: errors.get("words").map(|error| public.t.form().error(error)),
        no_more: form.has("no_more", "1"),
        problems: errors.len(),
        public,
    })
}

fn day(fmt: &Formatter, at: DateTime<Utc>) -> String {
    fmt.date(&at.with_timezone(&fmt.zone).date_naive())
}

/// Surname and title only, and where no title is known not even that: the reader may be somebody else.
fn greeting(public: &Public, link: &Link) -> String {
    let t = public.t.questionnaires();
    let name = link.message.name.as_deref().unwrap_or_default();
    match (public.lang, &link.message.salutation) {
        (Lang::Zh, Some(salutation)) if !name.is_empty() => {
            t.hello_name(format!("{}{salutation}", person_name::surname(name)))
        }
        (Lang::Zh | Lang::En, _) => t.hello().to_owned(),
    }
}

/// The score that stands for the whole comes first, everything else below it, folded where it need not be answered.
fn visit_view(
    public: &Public,
    questionnaire: &Questionnaire,
    visit: usize,
    form: &AnswerForm,
    errors: &FormErrors,
) -> VisitView {
    let common = public.t.common();
    let asking = Asking {
        questionnaire,
        lang: public.lang,
        yes_no: (common.yes(), common.no()),
    };
    let answers = form.raw(visit);
    let name = |code: &str| field(visit, code);
    let (mut first, mut more, mut is_more_open) = (Vec::new(), Vec::new(), false);
    for item in &questionnaire.items {
        let error = errors
            .get(&name(&item.code))
            .map(|error| public.t.form().error(error));
        let is_typed = answers
            .get(&item.code)
            .is_some_and(|given| given.iter().any(|value| !value.trim().is_empty()));
        let is_first = item.required || item.is_overall;
        is_more_open |= !is_first && (error.is_some() || is_typed);
        let question = asking.question(item, name, &answers, error);
        if is_first {
            first.push(question);
        } else {
            more.push(question);
        }
    }
    VisitView {
        title: String::new(),
        first,
        more,
        is_more_open,
    }
}
