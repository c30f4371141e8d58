//! One rule: its form, what a change would do, its history.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use chrono::{Days, NaiveDate};

use crate::auth::permission::{Can, ManageRules, Permission};
use crate::customers::tags::model::SystemTag;
use crate::i18n::flash::Flash;
use crate::obligations::forecast::{self, Comparison, Figures};
use crate::rules::describe;
use crate::rules::fields::{self, Field, Gap, Section};
use crate::rules::forms::{Change, RuleForm};
use crate::rules::queries::{self, RuleVersion};
use crate::rules::{Rule, RuleId, RuleKind, service};
use crate::stores::StoreScope;
use crate::visits::VisitType;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Path;
use crate::web::filters;
use crate::web::form::{Form, FormErrors};
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// `rules/show.html`
#[derive(Template)]
#[template(path = "rules/show.html")]
struct ShowPage {
    layout: Layout,
    id: RuleId,
    kind: RuleKind,
    /// Newest first.
    versions: Vec<RuleVersion>,
    form: RuleForm,
    errors: FormErrors,
}

/// How a version stands today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Waiting,
    InForce,
    Past,
    Withdrawn,
}

/// A box that can be ticked.
struct Tick {
    value: String,
    label: String,
    is_set: bool,
}

/// One field in two versions.
struct Difference {
    label: &'static str,
    before: String,
    after: String,
}

impl ShowPage {
    async fn load(app: &AppState, layout: Layout, scope: StoreScope, id: RuleId) -> AppResult<ShowPage> {
        let kind = queries::find_kind(&app.db, scope, id)
            .await?
            .ok_or(AppError::NotFound)?;
        let today = layout.fmt.today();
        let versions = queries::list_versions(&app.db, scope, Some(kind), today).await?;
        let mut page = ShowPage {
            layout,
            id,
            kind,
            versions,
            form: RuleForm::default(),
            errors: FormErrors::default(),
        };
        if let Some(rule) = page.latest() {
            let from = (rule.valid_from.max(today)) + Days::new(1);
            page.form = RuleForm::of(rule, from);
        }
        Ok(page)
    }

    /// The version without an end: what a change would follow.
    fn latest(&self) -> Option<&Rule> {
        let found = self.versions.iter().find(|version| version.valid_until.is_none());
        found.map(|version| &version.rule)
    }

    /// The version that waits for its day; while there is one the rule cannot be changed. A first version has nothing to go back to.
    fn waiting(&self) -> Option<&RuleVersion> {
        let found = self
            .versions
            .iter()
            .find(|version| self.standing(version) == Standing::Waiting)?;
        self.versions
            .iter()
            .any(|version| {
                version.valid_until == Some(found.rule.valid_from) && version.withdrawn_at.is_none()
            })
            .then_some(found)
    }

    fn standing(&self, version: &RuleVersion) -> Standing {
        let today = self.layout.fmt.today();
        if version.withdrawn_at.is_some() {
            Standing::Withdrawn
        } else if version.rule.valid_from > today {
            Standing::Waiting
        } else if version.valid_until.is_some_and(|until| until <= today) {
            Standing::Past
        } else {
            Standing::InForce
        }
    }

    /// Tone and text of a version's badge.
    fn badge(&self, version: &RuleVersion) -> (&'static str, &'static str) {
        let t = self.layout.t.rules();
        match self.standing(version) {
            Standing::Waiting => ("info", t.waiting()),
            Standing::InForce => ("good", t.in_force()),
            Standing::Past => ("", t.past()),
            Standing::Withdrawn => ("", t.withdrawn()),
        }
    }

    /// The first day of a version; of the one that a store began with nothing.
    fn began(&self, version: &RuleVersion) -> Option<NaiveDate> {
        (version.rule.version > 1).then_some(version.rule.valid_from)
    }

    /// In what a version differs from the one before it.
    fn changed(&self, version: &RuleVersion) -> Vec<Difference> {
        let earlier = self
            .versions
            .iter()
            .find(|other| other.rule.version < version.rule.version && other.withdrawn_at.is_none());
        earlier.map_or_else(Vec::new, |earlier| {
            differences(&self.layout, &earlier.rule, &version.rule)
        })
    }

    /// Fields of a group that are numbers or texts.
    fn inputs(&self, section: &Section) -> Vec<Field> {
        let is_text = |field: &&Field| !matches!(field, Field::IsEnabled | Field::Codes | Field::VisitTypes);
        self.in_section(section).iter().filter(is_text).copied().collect()
    }

    fn in_section(&self, section: &Section) -> Vec<Field> {
        let fields = self.kind.fields().iter().copied();
        fields.filter(|field| field.section() == *section).collect()
    }

    fn has_section(&self, section: &Section) -> bool {
        !self.in_section(section).is_empty()
    }

    /// The boxes of a group and the field that they belong to.
    fn ticks(&self, section: &Section) -> Option<(Field, Vec<Tick>)> {
        let t = self.layout.t;
        let field = self
            .in_section(section)
            .into_iter()
            .find(|field| matches!(field, Field::Codes | Field::VisitTypes))?;
        let tick = |code: &str, label: String, chosen: &[String]| Tick {
            value: code.to_owned(),
            label,
            is_set: chosen.iter().any(|one| one == code),
        };
        let codes: Vec<&str> = match (field, self.kind) {
            (Field::VisitTypes, _) => OFFERED.iter().map(|one| one.as_str()).collect(),
            (_, RuleKind::CareVisit) => SystemTag::ALL.iter().map(|one| one.as_str()).collect(),
            (_, _) => Gap::ALL.iter().map(|one| one.as_str()).collect(),
        };
        let ticks = codes.into_iter().map(|code| {
            if field == Field::VisitTypes {
                tick(code, describe::visit_type(t, code), &self.form.visit_types)
            } else {
                tick(code, describe::code_text(t, self.kind, code), &self.form.codes)
            }
        });
        Some((field, ticks.collect()))
    }

    fn error(&self, field: &str) -> Option<String> {
        self.layout.field_error(&self.errors, field)
    }
}

/// Visits that a customer was at; preparation, washing and internal work are nobody's experience.
const OFFERED: [VisitType; 6] = [
    VisitType::Maintenance,
    VisitType::Repair,
    VisitType::Body,
    VisitType::Warranty,
    VisitType::Rework,
    VisitType::Decoration,
];

fn differences(layout: &Layout, before: &Rule, after: &Rule) -> Vec<Difference> {
    let difference = |field: Field| Difference {
        label: layout.t.rules().field(field),
        before: describe::value(layout.t, field, before),
        after: describe::value(layout.t, field, after),
    };
    fields::changes(before, after)
        .into_iter()
        .map(difference)
        .collect()
}

pub async fn show(
    layout: Layout,
    user: Can<ManageRules>,
    State(app): State<AppState>,
    Path(id): Path<RuleId>,
) -> AppResult<Response> {
    let page = ShowPage::load(&app, layout, user.scope(), id).await?;
    Ok(Page(page).into_response())
}

/// A checked change, or the answer to what cannot be one.
async fn check(
    app: &AppState,
    layout: Layout,
    scope: StoreScope,
    id: RuleId,
    form: RuleForm,
) -> AppResult<Result<(ShowPage, Rule, Change), Response>> {
    let page = ShowPage::load(app, layout, scope, id).await?;
    if page.waiting().is_some() {
        let answer = redirect(format!("/rules/{id}")).with_flash(Flash::RuleWaits);
        return Ok(Err(answer.into_response()));
    }
    let before = page.latest().cloned().ok_or(AppError::NotFound)?;
    if form.version() != before.version {
        return Err(AppError::Conflict("rules"));
    }
    match form.validate(&before, page.layout.fmt.today()) {
        Ok(change) => Ok(Ok((ShowPage { form, ..page }, before, change))),
        Err(errors) => Ok(Err(Page(ShowPage { form, errors, ..page }).invalid()?)),
    }
}

/// What a change would do, and the button that saves it.
#[derive(Template)]
#[template(path = "rules/preview.html")]
struct PreviewPage {
    layout: Layout,
    id: RuleId,
    kind: RuleKind,
    form: RuleForm,
    valid_from: NaiveDate,
    differences: Vec<Difference>,
    effect: Comparison,
}

/// A line of the table of effects.
struct EffectLine {
    label: &'static str,
    before: i64,
    after: i64,
}

impl EffectLine {
    fn difference(&self) -> i64 {
        self.after - self.before
    }
}

impl PreviewPage {
    fn spans(&self) -> Vec<(&'static str, Vec<EffectLine>)> {
        let t = self.layout.t.rules();
        vec![
            (
                t.tomorrow(),
                self.lines(self.effect.before.tomorrow, self.effect.after.tomorrow),
            ),
            (
                t.next_30(),
                self.lines(self.effect.before.month, self.effect.after.month),
            ),
        ]
    }

    fn lines(&self, before: Figures, after: Figures) -> Vec<EffectLine> {
        let t = self.layout.t.rules();
        let line = |label, before, after| EffectLine { label, before, after };
        vec![
            line(t.obligations(), before.obligations, after.obligations),
            line(t.exempt(), before.exempt, after.exempt),
            line(t.calls(), before.calls, after.calls),
            line(t.messages(), before.messages, after.messages),
        ]
    }

    /// Fields of the form as hidden ones.
    fn hidden(&self) -> Vec<(&'static str, String)> {
        let mut pairs = vec![
            ("version", self.form.version.clone()),
            ("valid_from", self.form.valid_from.clone()),
            ("reason", self.form.reason.clone()),
        ];
        for field in self.kind.fields() {
            match field {
                Field::Codes => pairs.extend(self.form.codes.iter().map(|code| ("codes", code.clone()))),
                Field::VisitTypes => {
                    pairs.extend(
                        self.form
                            .visit_types
                            .iter()
                            .map(|code| ("visit_types", code.clone())),
                    );
                }
                Field::IsEnabled
                | Field::MonthDay
                | Field::ThresholdDays
                | Field::CadenceDays
                | Field::Offsets
                | Field::HorizonDays
                | Field::DueDays
                | Field::LookbackDays
                | Field::MessageDays
                | Field::MinDials
                | Field::MinDays
                | Field::MinDayparts
                | Field::RetryMinutes => pairs.push((field.as_str(), self.form.text(*field).to_owned())),
            }
        }
        pairs
    }

    fn signed(&self, number: i64) -> String {
        let text = self.layout.fmt.number(number.abs());
        match number {
            0 => "0".to_owned(),
            1.. => format!("+{text}"),
            _ => format!("−{text}"),
        }
    }
}

/// Runs the generator under both versions and takes everything back.
pub async fn preview(
    layout: Layout,
    user: Can<ManageRules>,
    State(app): State<AppState>,
    Path(id): Path<RuleId>,
    Form(form): Form<RuleForm>,
) -> AppResult<Response> {
    let (page, before, change) = match check(&app, layout, user.scope(), id, form).await? {
        Ok(checked) => checked,
        Err(answer) => return Ok(answer),
    };
    let today = page.layout.fmt.today();
    let effect = forecast::compare(&app.db, &user, &before, &change.rule, today).await?;
    Ok(Page(PreviewPage {
        differences: differences(&page.layout, &before, &change.rule),
        layout: page.layout,
        id,
        kind: page.kind,
        form: page.form,
        valid_from: change.rule.valid_from,
        effect,
    })
    .into_response())
}

pub async fn save(
    layout: Layout,
    user: Can<ManageRules>,
    State(app): State<AppState>,
    Path(id): Path<RuleId>,
    Form(form): Form<RuleForm>,
) -> AppResult<Response> {
    let (_, before, change) = match check(&app, layout, user.scope(), id, form).await? {
        Ok(checked) => checked,
        Err(answer) => return Ok(answer),
    };
    let mut tx = app.db.begin().await?;
    let now = app.clock.now();
    let saved = service::change(&mut tx, &user, &before, &change.rule, &change.reason, now).await?;
    let Some(id) = saved else {
        return Err(AppError::Conflict("rules"));
    };
    tx.commit().await?;
    let flash = Flash::RuleChanged {
        day: change.rule.valid_from,
    };
    Ok(redirect(format!("/rules/{id}")).with_flash(flash).into_response())
}

pub async fn withdraw(
    layout: Layout,
    user: Can<ManageRules>,
    State(app): State<AppState>,
    Path(id): Path<RuleId>,
) -> AppResult<Response> {
    let kind = queries::find_kind(&app.db, user.scope(), id)
        .await?
        .ok_or(AppError::NotFound)?;
    let mut tx = app.db.begin().await?;
    let today = layout.fmt.today();
    let is_done = service::withdraw(&mut tx, &user, (id, kind), today, app.clock.now()).await?;
    if !is_done {
        return Ok(redirect(format!("/rules/{id}"))
            .with_flash(Flash::RuleInForce)
            .into_response());
    }
    tx.commit().await?;
    Ok(redirect(format!("/rules/{id}"))
        .with_flash(Flash::RuleWithdrawn)
        .into_response())
}
