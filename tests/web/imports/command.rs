//! `care-desk import`, with the program reading the file in a child of itself.

use std::io::Write;
use std::path::Path;

use care_desk::imports::command::{self, CommandError, ImportCommand, Report};
use serde_json::json;
use tempfile::NamedTempFile;

use crate::support::app::{TestApp, with_app};

use super::{archive, texts};

const CSV: &str = "姓名,手机号,车牌号\n王建国,13057577719,浙A7K2M9\n孙晓峰,1380013800,浙A11111\n";

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

async fn run(app: &TestApp, kind: &str, file: &NamedTempFile, more: &str) -> Result<Report, CommandError> {
    let line = format!("{kind} {} --store S01{more}", file.path().display());
    let command: ImportCommand = line.parse().unwrap();
    command::import(
        &app.db,
        &command,
        Path::new(env!("CARGO_BIN_EXE_care-desk")),
        app.now(),
    )
    .await
}

#[test]
fn a_file_is_taken_in_and_reported_as_the_contract_says() {
    with_app(async |app| {
        let file = file(CSV);
        let before = archive(&app).await;
        let dry = run(&app, "roster", &file, " --dry-run").await.unwrap();
        assert_eq!(archive(&app).await, before);
        assert_eq!(app.count("select count(*) from imports").await, 0);
        let mut dry = serde_json::to_value(dry).unwrap();
        let mut real = serde_json::to_value(run(&app, "roster", &file, "").await.unwrap()).unwrap();
        assert!(real["import_id"].is_i64() && dry["import_id"].is_null());
        assert!(real["seconds"].is_f64());
        for report in [&mut dry, &mut real] {
            report["seconds"] = json!(0.0);
            report["import_id"] = json!(null);
        }
        let expected = json!({
            "import_id": null, "rows": 2, "new": 1, "changed": 0, "unchanged": 0, "refused": 1,
            "refusals": [{ "row": 3, "column": "手机号", "reason": "phone_length" }],
            "seconds": 0.0,
        });
        assert_eq!((&dry, &real), (&expected, &expected));
        assert_eq!(texts(&app, "select name from customers").await, ["王建国"]);

        let after = archive(&app).await;
        let again = serde_json::to_value(run(&app, "roster", &file, "").await.unwrap()).unwrap();
        assert_eq!(
            (&again["new"], &again["unchanged"], &again["refused"]),
            (&json!(0), &json!(1), &json!(1))
        );
        assert_eq!(archive(&app).await, after);
    });
}

#[test]
fn a_file_that_cannot_be_taken_is_refused_whole_and_leaves_nothing() {
    with_app(async |app| {
        for (kind, text, expected) in [
            (
                "policies",
                "保单号\n1\n",
                "Required columns are missing: VIN or Plate, Cover, Ends on",
            ),
            (
                "roster",
                "姓名,手机号\n王建国,13057577719\n",
                "Required columns are missing: VIN or Plate",
            ),
            (
                "roster",
                "姓名,手机号,电话,VIN\n王建国,13057577719,1,\n",
                "Several columns look like Phone. Check which one counts.",
            ),
            ("roster", "%PDF-1.7\n\u{1}\u{0}", "The file holds no table"),
        ] {
            let refused = run(&app, kind, &file(text), "").await.unwrap_err();
            assert!(matches!(refused, CommandError::FileRefused(_)), "{refused:?}");
            assert_eq!(refused.to_string(), expected);
        }
        assert_eq!(app.count("select count(*) from imports").await, 0);
    });
}
