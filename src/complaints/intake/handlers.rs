//! The form of a new complaint, and what it leads to.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::permission::{AcceptComplaints, Can, Permission};
use crate::auth::session::CurrentUser;
use crate::callbacks::CallbackId;
use crate::callbacks::queries::call::{DepartmentRow, list_departments};
use crate::complaints::attachments::Received;
use crate::complaints::attachments::queries::{WaitingRow, list_waiting};
use crate::complaints::attachments::service as files;
use crate::complaints::intake::around::{Around, Origin};
use crate::complaints::intake::forms::{Intake, IntakeForm, Known, NO_DEMAND, Twin};
use crate::complaints::intake::queries::{self, OpenCase, find_subject_of_callback};
use crate::complaints::intake::receive::Posted;
use crate::complaints::intake::service as intake;
use crate::complaints::intake::{Minor, Sign, minors, suggested_severity};
use crate::complaints::queries::lock_numbers;
use crate::complaints::{ComplaintChannel, ComplaintClass, ComplaintId, DemandKind, Severity, service};
use crate::customers::CustomerId;
use crate::customers::queries::area_code;
use crate::customers::search::handlers::BoxForm;
use crate::drafts::{self, Note, Subject as DraftSubject};
use crate::i18n::complaint_minors;
use crate::i18n::flash::Flash;
use crate::vehicles::VehicleId;
use crate::visits::VisitId;
use crate::web::error::{AppError, AppResult};
use crate::web::extract::Query;
use crate::web::filters;
use crate::web::form::{Form, FormErrors, SelectOption};
use crate::web::idempotency;
use crate::web::layout::Layout;
use crate::web::page::{Page, redirect};
use crate::web::state::AppState;

/// Everything that the form shows, as a page and as the parts that change while it is filled in.
struct View {
    form: IntakeForm,
    errors: FormErrors,
    around: Around,
    departments: Vec<DepartmentRow>,
    /// Open cases of the same class that were asked about.
    twins: Vec<ComplaintId>,
    can_reveal: bool,
}

impl View {
    async fn load(app: &AppState, user: &CurrentUser, mut form: IntakeForm) -> AppResult<View> {
        let around = Around::load(app, user, &mut form).await?;
        let departments = list_departments(&app.db, user.scope()).await?;
        form.suggest_department(&departments);
        Ok(View {
            form,
            errors: FormErrors::default(),
            around,
            departments,
            twins: Vec::new(),
            can_reveal: user.can(Permission::RevealPhone),
        })
    }

    fn severity(&self) -> Severity {
        suggested_severity(&self.form.signs())
    }

    /// What makes it as grave as suggested.
    fn because(&self) -> Vec<Sign> {
        let least = self.severity();
        let signs = self.form.signs().all();
        signs.into_iter().filter(|sign| sign.least() == least).collect()
    }

    fn minors(&self) -> &'static [Minor] {
        self.form.class().map_or(&[], minors)
    }

    fn is_class(&self, class: &ComplaintClass) -> bool {
        self.form.class() == Some(*class)
    }

    fn department_options(&self) -> Vec<SelectOption> {
        let option = |row: &DepartmentRow| SelectOption::new(row.id, row.name.clone());
        self.departments.iter().map(option).collect()
    }

    fn is_car(&self, id: &VehicleId) -> bool {
        self.form.vehicle() == Some(*id)
    }

    fn is_visit(&self, id: &VisitId) -> bool {
        self.form.visit() == Some(*id)
    }

    fn is_twin(&self, id: &ComplaintId) -> bool {
        self.twins.contains(id)
    }

    /// Cases that were asked about.
    fn asked(&self) -> Vec<&OpenCase> {
        self.around
            .cases
            .iter()
            .filter(|case| self.is_twin(&case.id))
            .collect()
    }

    /// Whether the part with what is rarely needed is open.
    fn has_more(&self) -> bool {
        let form = &self.form;
        ["external_number", "external_due_on", "accepted_at"]
            .iter()
            .any(|field| self.errors.get(field).is_some())
            || !(form.external_number.is_empty()
                && form.external_due_on.is_empty()
                && form.accepted_at.is_empty())
    }
}

/// `complaints/new.html`
#[derive(Template)]
#[template(path = "complaints/new.html")]
struct NewPage {
    layout: Layout,
    view: View,
    draft: Note,
    waiting: Vec<WaitingRow>,
    refused: Vec<String>,
}

/// The parts that change while the form is filled in; `complaints/parts.html`.
#[derive(Template)]
#[template(path = "complaints/parts.html")]
struct Parts {
    layout: Layout,
    view: View,
}

/// Choices that both templates offer.
trait Choices {
    fn layout(&self) -> &Layout;
    fn view(&self) -> &View;

    fn channels(&self) -> &'static [ComplaintChannel] {
        ComplaintChannel::ALL
    }

    fn classes(&self) -> &'static [ComplaintClass] {
        ComplaintClass::ALL
    }

    fn signs(&self) -> &'static [Sign] {
        Sign::ALL
    }

    /// From the least grave: most are.
    fn severities(&self) -> Vec<Severity> {
        Severity::ALL.iter().rev().copied().collect()
    }

    fn demands(&self) -> Vec<(&'static str, &'static str)> {
        let t = self.layout().t;
        let kinds = DemandKind::ALL.iter();
        let named = kinds.map(|kind| (kind.as_str(), t.complaints().demand_of(*kind)));
        std::iter::once((NO_DEMAND, t.complaint_intake().no_demand()))
            .chain(named)
            .collect()
    }

    /// The signs that make it as grave as it is, in words.
    fn because(&self) -> String {
        let t = self.layout().t.complaint_intake();
        let signs = self.view().because().into_iter().map(|sign| t.sign(sign));
        signs.collect::<Vec<_>>().join(t.list_separator())
    }

    fn minor_text(&self, minor: &Minor) -> &'static str {
        minor.text(self.layout().lang)
    }

    fn case_minor(&self, case: &OpenCase) -> Option<&'static str> {
        complaint_minors::text(self.layout().lang, &case.class_minor)
    }
}

impl Choices for NewPage {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn view(&self) -> &View {
        &self.view
    }
}

impl Choices for Parts {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn view(&self) -> &View {
        &self.view
    }
}

impl NewPage {
    async fn load(
        app: &AppState,
        user: &CurrentUser,
        layout: Layout,
        form: IntakeForm,
    ) -> AppResult<NewPage> {
        let view = View::load(app, user, form).await?;
        let waiting = match view.form.key() {
            Some(key) => list_waiting(&app.db, user.scope(), key, user.id).await?,
            None => Vec::new(),
        };
        Ok(NewPage {
            draft: note(view.form.customer()),
            layout,
            view,
            waiting,
            refused: Vec::new(),
        })
    }
}

/// One draft for each customer, and one for complaints that began with nobody.
fn note(customer: Option<CustomerId>) -> Note {
    match customer {
        Some(id) => Note::new(
            DraftSubject::new("complaint", id),
            format!("/complaints/new?customer={id}"),
        ),
        None => Note::new(DraftSubject::new("complaint", "-"), "/complaints/new"),
    }
}

/// Where the form is opened from.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct NewQuery {
    customer: Option<CustomerId>,
    vehicle: Option<VehicleId>,
    visit: Option<VisitId>,
    callback: Option<CallbackId>,
}

/// `GET /complaints/new`
pub async fn new(
    layout: Layout,
    user: Can<AcceptComplaints>,
    State(app): State<AppState>,
    Query(query): Query<NewQuery>,
) -> AppResult<Response> {
    let origin = Origin {
        customer: query.customer,
        vehicle: query.vehicle,
        visit: query.visit,
        callback: query.callback,
    };
    let subject = origin.subject(&app, &user).await?;
    let mut form = IntakeForm::fresh(subject, query.callback);
    let mut draft = note(subject.customer_id);
    drafts::service::restore(&app.db, user.scope(), user.id, &mut form, &mut draft).await?;
    form.turns_to_somebody();
    let page = NewPage::load(&app, &user, layout, form).await?;
    Ok(Page(NewPage { draft, ..page }).into_response())
}

/// `POST /complaints/new`: with what was typed into the search box; posted, because a number must not stand in an address.
pub async fn new_from_search(
    layout: Layout,
    user: Can<AcceptComplaints>,
    State(app): State<AppState>,
    Form(box_form): Form<BoxForm>,
) -> AppResult<Response> {
    let form = IntakeForm {
        who: box_form.q,
        ..IntakeForm::fresh(Default::default(), None)
    };
    Ok(Page(NewPage::load(&app, &user, layout, form).await?).into_response())
}

/// `POST /complaints/around`: the parts of the form that follow from what it says so far.
pub async fn around(
    layout: Layout,
    user: Can<AcceptComplaints>,
    State(app): State<AppState>,
    Form(mut form): Form<IntakeForm>,
) -> AppResult<Page<impl Template>> {
    form.turns_to_somebody();
    let view = View::load(&app, &user, form).await?;
    Ok(Page(Parts { layout, view }))
}

/// `POST /complaints`
pub async fn create(
    layout: Layout,
    user: Can<AcceptComplaints>,
    State(app): State<AppState>,
    posted: Posted,
) -> AppResult<Response> {
    let Posted {
        mut form,
        mut received,
    } = posted;
    let key = form
        .key()
        .ok_or_else(|| AppError::BadRequest("no key".to_owned()))?;
    let turns = form.turns_to_somebody();
    let view = View::load(&app, &user, form).await?;
    if turns {
        return again(&app, &user, layout, view, key, received, false).await;
    }
    let area_code = area_code(&app.db, user.scope()).await?;
    let known = Known {
        fmt: &layout.fmt,
        departments: &view.departments,
        around: &view.around,
        area_code: area_code.as_deref(),
    };
    let input = match view.form.validate(&known) {
        Ok(input) => input,
        Err(errors) => {
            let view = View { errors, ..view };
            return again(&app, &user, layout, view, key, received, true).await;
        }
    };
    match write(&app, &user, &view.form, key, input, &mut received).await? {
        Written::Before(location) => Ok(redirect(location).into_response()),
        Written::Done(location, flash) => Ok(redirect(location).with_flash(flash).into_response()),
        Written::Ask(twins) => {
            let view = View { twins, ..view };
            again(&app, &user, layout, view, key, received, true).await
        }
    }
}

/// The form once more; files that came with it wait until it is sent again.
async fn again(
    app: &AppState,
    user: &CurrentUser,
    layout: Layout,
    view: View,
    key: Uuid,
    received: Received,
    is_invalid: bool,
) -> AppResult<Response> {
    if !received.files.is_empty() {
        let mut tx = app.db.begin().await?;
        files::wait_with_form(
            &mut tx,
            user.scope(),
            user.id,
            key,
            &received.files,
            app.clock.now(),
        )
        .await?;
        tx.commit().await?;
    }
    let t = layout.t.complaint_intake();
    let refused = received
        .refused
        .iter()
        .map(|(name, refusal)| t.refused_file(name, t.refusal(refusal)))
        .collect();
    let page = NewPage {
        draft: note(view.form.customer()),
        waiting: list_waiting(&app.db, user.scope(), key, user.id).await?,
        refused,
        layout,
        view,
    };
    match is_invalid {
        true => Page(page).invalid(),
        false => Ok(Page(page).into_response()),
    }
}

/// What became of a form.
enum Written {
    /// It was sent before.
    Before(String),
    Done(String, Flash),
    /// Open cases of the same class: which one, or none?
    Ask(Vec<ComplaintId>),
}

async fn write(
    app: &AppState,
    user: &CurrentUser,
    form: &IntakeForm,
    key: Uuid,
    input: Intake,
    received: &mut Received,
) -> AppResult<Written> {
    let (scope, now) = (user.scope(), app.clock.now());
    let Intake { mut new, caller } = input;
    let mut tx = app.db.begin().await?;
    if let Some(location) = idempotency::claim(&mut *tx, user.id, key, "/complaints", now).await? {
        return Ok(Written::Before(location));
    }
    // From here on nobody else opens a case in this store: two who hear the same do not open it twice.
    lock_numbers(&mut *tx, scope).await?;
    if let Some(caller) = &caller {
        new.customer_id = Some(intake::file_of_caller(&mut tx, scope, user.actor(), caller, now).await?);
    }
    if let Some(id) = new.from_callback_id {
        let called = find_subject_of_callback(&mut *tx, scope, id).await?;
        let is_theirs = called.is_some_and(|called| called.customer_id == new.customer_id);
        new.from_callback_id = Some(id).filter(|_| is_theirs);
    }
    let open = queries::list_open_cases(&mut *tx, scope, new.customer_id, new.vehicle_id).await?;
    let (case, number, is_joined) = match form.twin() {
        Twin::Into(id) if open.iter().any(|case| case.id == id) => {
            let joined = intake::join(&mut tx, scope, user.id, id, &new, now).await?;
            (id, joined.ok_or(AppError::Conflict("the case has ended"))?, true)
        }
        Twin::Ask if open.iter().any(|case| case.class_major == new.class) => {
            let same = open.iter().filter(|case| case.class_major == new.class);
            return Ok(Written::Ask(same.map(|case| case.id).collect()));
        }
        Twin::Into(_) | Twin::Ask | Twin::New => {
            let opened = service::open(&mut tx, scope, user.actor(), now, new).await?;
            (opened.id, opened.number, false)
        }
    };
    files::move_to_case(&mut tx, scope, user.id, key, case, now).await?;
    files::attach(&mut tx, scope, user.id, case, received, now).await?;
    let location = format!("/complaints/{case}");
    idempotency::settle(&mut *tx, user.id, key, &location).await?;
    for subject in [note(form.customer()).subject, note(None).subject] {
        drafts::queries::discard(&mut *tx, scope, user.id, &subject).await?;
    }
    tx.commit().await?;
    let refused = std::mem::take(&mut received.refused);
    let flash = match is_joined {
        true => Flash::ComplaintJoined { number, refused },
        false => Flash::ComplaintAccepted { number, refused },
    };
    Ok(Written::Done(location, flash))
}
