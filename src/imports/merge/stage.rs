//! Staged cells → the typed staging table: read in batches, checked in Rust, sent by COPY.

use std::time::{Duration, Instant};

use sqlx::PgConnection;

use crate::customers::phone::Phone;
use crate::customers::search_keys::search_keys;
use crate::imports::check::{self, Name, PolicyRow, RosterRow, VisitRow};
use crate::imports::copy::CopyRows;
use crate::imports::mapping::ImportKind;
use crate::imports::progress::Progress;
use crate::imports::queries::{self, CellsRow};
use crate::imports::reason::At;
use crate::imports::values::ServiceType;

use super::{Job, policies, run};

/// Enough to keep the number of round trips small, few enough to hold in memory.
const BATCH: i64 = 2_000;
/// Telling how far the work is costs a commit.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// Rows with a reason, and taken rows of one kind; `who` names a person of the archive or of the file. Every row of the stage
/// is updated some times over: with room on its page the new version stays beside the old one, and the key is left alone.
const REFUSED: &str = "
create temp table refused (
  row_no int primary key,
  refusals jsonb not null,
  warnings jsonb
) on commit drop";

const PEOPLE: &str = "
create temp table people (
  who text primary key,
  row_no int not null,
  customer_id bigint,
  is_new boolean not null,
  is_rename boolean not null default false,
  name text not null,
  is_company boolean not null,
  grams text[] not null,
  grade text,
  note text,
  registered_at timestamptz,
  keeper_id bigint
) on commit drop";

const ROSTER: &str = "
create temp table stage (
  row_no int primary key,
  name text not null,
  name_key text not null,
  is_company boolean not null,
  grams text[] not null,
  phone text,
  phone_raw text not null,
  phone_kind text,
  vin text,
  plate text,
  model text,
  delivered_on date,
  first_maintenance_due_on date,
  warranty_ends_on date,
  insured_until date,
  km int,
  grade text,
  note text,
  registered_at timestamptz,
  keeper_name text,
  warnings jsonb,
  vehicle_id bigint,
  vehicle_key text,
  is_new_vehicle boolean not null default false,
  owner_id bigint,
  customer_id bigint,
  who text,
  is_rename boolean not null default false,
  policy_id bigint,
  is_policy_due boolean not null default false,
  keeper_id bigint,
  action text,
  changes jsonb
) with (fillfactor = 45) on commit drop";

const COPY_ROSTER: &str = "
copy stage (row_no, name, name_key, is_company, grams, phone, phone_raw, phone_kind, vin, plate, model, delivered_on,
            first_maintenance_due_on, warranty_ends_on, insured_until, km, grade, note, registered_at, keeper_name,
            warnings) from stdin";

const VISITS: &str = "
create temp table stage (
  row_no int primary key,
  name text not null,
  name_key text,
  is_company boolean not null,
  grams text[] not null,
  phone text,
  phone_raw text not null,
  phone_kind text,
  ro_number text not null,
  vin text,
  plate text,
  arrived_at timestamptz not null,
  arrived_on date not null,
  handed_over_at timestamptz,
  handed_over_on date,
  settled_at timestamptz,
  type text,
  type_text text,
  km int,
  amount_fen bigint,
  advisor_name text,
  technician_name text,
  summary text,
  next_km int,
  next_on date,
  warnings jsonb,
  visit_id bigint,
  previous_vehicle_id bigint,
  previous_customer_id bigint,
  vehicle_id bigint,
  vehicle_key text,
  is_new_vehicle boolean not null default false,
  owner_id bigint,
  customer_id bigint,
  who text,
  advisor_id bigint,
  technician_id bigint,
  action text,
  changes jsonb
) with (fillfactor = 45) on commit drop";

const COPY_VISITS: &str = "
copy stage (row_no, name, name_key, is_company, grams, phone, phone_raw, phone_kind, ro_number, vin, plate, arrived_at, arrived_on,
            handed_over_at, handed_over_on, settled_at, type, type_text, km, amount_fen, advisor_name, technician_name, summary,
            next_km, next_on, warnings) from stdin";

/// Makes the staging tables and fills them with every row of the import.
pub(super) async fn fill(db: &mut PgConnection, job: &Job, progress: &Progress) -> anyhow::Result<()> {
    let stage = match job.kind {
        ImportKind::Roster => ROSTER,
        ImportKind::Visits => VISITS,
        ImportKind::Policies => policies::STAGE,
    };
    for table in [REFUSED, PEOPLE, stage] {
        run(db, table, &[]).await?;
    }
    let mut last = 0;
    let mut done = 0;
    let mut told = Instant::now();
    loop {
        let rows = queries::list_cells(&mut *db, job.scope, job.import, last, BATCH).await?;
        let Some(end) = rows.last() else { break };
        last = end.row_no;
        done += i32::try_from(rows.len())?;
        let batch = Batch::check(job, &rows)?;
        batch.send(db, job.kind).await?;
        if told.elapsed() > TELL_EVERY {
            progress.rows(done).await?;
            told = Instant::now();
        }
    }
    for table in ["analyze stage", "analyze refused"] {
        run(db, table, &[]).await?;
    }
    Ok(())
}

/// Checked rows on their way to the staging tables.
struct Batch {
    taken: CopyRows,
    refused: CopyRows,
}

impl Batch {
    fn check(job: &Job, rows: &[CellsRow]) -> anyhow::Result<Batch> {
        let mut batch = Batch {
            taken: CopyRows::new(),
            refused: CopyRows::new(),
        };
        for row in rows {
            match job.kind {
                ImportKind::Roster => {
                    let checked = check::check_roster(&job.mapping, &row.cells, row.is_slipped, &job.context);
                    match checked.row {
                        Ok(values) => batch.roster(job, row.row_no, &values, &checked.warnings)?,
                        Err(reasons) => batch.refuse(row.row_no, &reasons, &checked.warnings)?,
                    }
                }
                ImportKind::Visits => {
                    let checked = check::check_visit(&job.mapping, &row.cells, row.is_slipped, &job.context);
                    match checked.row {
                        Ok(values) => batch.visit(job, row.row_no, &values, &checked.warnings)?,
                        Err(reasons) => batch.refuse(row.row_no, &reasons, &checked.warnings)?,
                    }
                }
                ImportKind::Policies => {
                    let checked = check::check_policy(&job.mapping, &row.cells, row.is_slipped, &job.context);
                    match checked.row {
                        Ok(values) => batch.policy(job, row.row_no, &values, &checked.warnings)?,
                        Err(reasons) => batch.refuse(row.row_no, &reasons, &checked.warnings)?,
                    }
                }
            }
        }
        Ok(batch)
    }

    async fn send(self, db: &mut PgConnection, kind: ImportKind) -> sqlx::Result<()> {
        let statement = match kind {
            ImportKind::Roster => COPY_ROSTER,
            ImportKind::Visits => COPY_VISITS,
            ImportKind::Policies => policies::COPY,
        };
        self.taken.send(db, statement).await?;
        self.refused
            .send(db, "copy refused (row_no, refusals, warnings) from stdin")
            .await?;
        Ok(())
    }

    fn refuse(&mut self, row_no: i32, reasons: &[At], warnings: &[At]) -> serde_json::Result<()> {
        let row = self.refused.plain(Some(row_no)).json_list(reasons)?;
        row.json_list(warnings)?.end();
        Ok(())
    }

    fn roster(&mut self, job: &Job, row_no: i32, row: &RosterRow, warnings: &[At]) -> serde_json::Result<()> {
        self.taken.plain(Some(row_no));
        self.person(
            job,
            &row.name.name,
            Some(&row.name),
            Some(&row.phone),
            &row.phone_raw,
        );
        self.taken
            .text(row.vin.as_ref().map(|vin| vin.as_str()))
            .text(row.plate.as_ref().map(|plate| plate.as_str()))
            .text(row.model.as_deref())
            .plain(row.delivered_on)
            .plain(row.first_maintenance_due_on)
            .plain(row.warranty_ends_on)
            .plain(row.insured_until)
            .plain(row.km)
            .text(row.grade.as_deref())
            .text(row.note.as_deref())
            .instant(row.registered_at)
            .text(row.keeper.as_deref())
            .json_list(warnings)?
            .end();
        Ok(())
    }

    fn visit(&mut self, job: &Job, row_no: i32, row: &VisitRow, warnings: &[At]) -> serde_json::Result<()> {
        let vin = row.vin.as_ref().map(|vin| vin.as_str());
        let plate = row.plate.as_ref().map(|plate| plate.as_str());
        let name = somebody(row.sender.as_ref(), plate.or(vin));
        self.taken.plain(Some(row_no));
        let phone = row.sender_phone.as_ref();
        self.person(job, &name, row.sender.as_ref(), phone, &row.phone_raw);
        let type_text = match &row.service_type {
            Some(ServiceType::Unknown(text)) => Some(text.as_str()),
            Some(_) => Some(""),
            None => None,
        };
        self.taken
            .text(Some(&row.ro_number))
            .text(vin)
            .text(plate)
            .instant(Some(row.arrived_at))
            .plain(Some(row.arrived_on))
            .instant(row.handed_over_at)
            .plain(row.handed_over_on)
            .instant(row.settled_at)
            .text(row.service_type.as_ref().map(ServiceType::code))
            .text(type_text)
            .plain(row.km)
            .plain(row.amount_fen)
            .text(row.advisor.as_deref())
            .text(row.technician.as_deref())
            .text(row.summary.as_deref())
            .plain(row.next_km)
            .plain(row.next_on)
            .json_list(warnings)?
            .end();
        Ok(())
    }

    fn policy(&mut self, job: &Job, row_no: i32, row: &PolicyRow, warnings: &[At]) -> serde_json::Result<()> {
        let vin = row.vin.as_ref().map(|vin| vin.as_str());
        let plate = row.plate.as_ref().map(|plate| plate.as_str());
        let name = somebody(row.insured.as_ref(), plate.or(vin));
        self.taken.plain(Some(row_no));
        self.person(job, &name, row.insured.as_ref(), None, "");
        self.taken
            .text(Some(&row.policy_number))
            .text(vin)
            .text(plate)
            .text(Some(row.kind.as_str()))
            .text(row.insurer.as_deref())
            .plain(row.starts_on)
            .plain(Some(row.ends_on))
            .plain(row.premium_fen)
            .plain(row.is_ours)
            .json_list(warnings)?
            .end();
        Ok(())
    }

    /// The columns from `name` to `phone_kind`.
    fn person(
        &mut self,
        job: &Job,
        name: &str,
        named: Option<&Name>,
        phone: Option<&Phone>,
        phone_raw: &str,
    ) {
        self.taken
            .text(Some(name))
            .text(named.map(|name| name.key.as_str()))
            .plain(Some(named.is_some_and(|name| name.is_company)))
            .array(&search_keys(job.scope.get(), name))
            .text(phone.map(Phone::as_str))
            .text(Some(phone_raw))
            .text(phone.map(|phone| phone.kind().as_str()));
    }
}

/// Somebody owns the car, even if nobody says who: the next roster will.
fn somebody(named: Option<&Name>, car: Option<&str>) -> String {
    match named {
        Some(named) => named.name.clone(),
        None => format!("{} 车主", car.unwrap_or_default()),
    }
}
