//! Search at a million customers: `cargo bench --bench search`.
//!
//! Fills a private cluster once (`--data FOLDER`, default /var/tmp/care-desk-bench, kept for the next run; `--customers`
//! says how many) and prints how long each kind of search keeps the database busy, with custom and with generic plans, and
//! what whole requests cost. Ends with an error if a kind needs more than 20 ms.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on ends with a message"
)]

#[path = "../../tests/web/support/mod.rs"]
mod support;

mod base;
mod measure;
mod names;

use std::path::PathBuf;

use care_desk::auth::permission::Role;
use care_desk::auth::session::{CurrentStore, CurrentUser};
use care_desk::stores::StoreId;
use sqlx::{AssertSqlSafe, PgPool};

use crate::base::Base;
use crate::measure::{Kind, Meter, Spread, requests};

/// What the database may need for one search (issue: the archive).
const LIMIT: f64 = 20.0;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let value = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let folder = PathBuf::from(value("--data").unwrap_or_else(|| "/var/tmp/care-desk-bench".to_owned()));
    let customers = value("--customers").map_or(1_000_000, |text| text.parse().unwrap());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let is_kept = runtime.block_on(async {
        let base = base::open(&folder, customers).await;
        let mut is_kept = true;
        for (number, share) in [(0, "half"), (1, "a tenth")] {
            println!(
                "\nstore with {share} of {customers} customers: busy and passed ms, median / 99 % / most"
            );
            for plans in ["force_custom_plan", "force_generic_plan"] {
                is_kept &= searches(&base, base.stores[number], plans).await;
            }
        }
        requests(&base, 0).await;
        is_kept
    });
    std::process::exit(i32::from(!is_kept));
}

async fn searches(base: &Base, store: StoreId, plans: &str) -> bool {
    let meter = Meter::new(&base.options, plans).await;
    let user = specialist(&meter.db, store).await;
    println!("{}", meter.plans().await);
    let mut most: f64 = 0.0;
    for kind in kinds(&meter.db, store).await {
        let (row, found) = meter.measure(&user, &kind).await;
        most = most.max(row.busy[2]);
        println!(
            "  {:34} {}   {}   {found:>3} found",
            kind.name,
            shown(row.busy),
            shown(row.passed)
        );
    }
    let is_kept = most <= LIMIT;
    println!(
        "  most {most:.1} ms busy: {}",
        if is_kept { "kept" } else { "MISSED" }
    );
    is_kept
}

pub fn shown(spread: Spread) -> String {
    spread.map(|ms| format!("{ms:6.2}")).join(" ")
}

async fn specialist(db: &PgPool, store: StoreId) -> CurrentUser {
    let (id, name, code): (i64, String, String) = sqlx::query_as(
        "select m.user_id, s.name, s.code from user_stores m join stores s on s.id = m.store_id
         where m.store_id = $1 and m.role = 'specialist'",
    )
    .bind(store)
    .fetch_one(db)
    .await
    .unwrap();
    CurrentUser {
        id: id.to_string().parse().unwrap(),
        username: "specialist".to_owned(),
        display_name: "specialist".to_owned(),
        role: Role::Specialist,
        store: CurrentStore {
            id: store,
            code,
            name,
            zone: chrono_tz::Asia::Shanghai,
        },
        is_group_wide: false,
    }
}

/// Names that many, some and few have, and numbers of rows that are there.
async fn kinds(db: &PgPool, store: StoreId) -> Vec<Kind> {
    let fixed = |name, texts: &[&str]| Kind {
        name,
        texts: texts.iter().map(|text| (*text).to_owned()).collect(),
    };
    let mut kinds = vec![
        fixed("one character: 王", &["王"]),
        fixed("one character: 李", &["李"]),
        fixed(
            "one character, other",
            &["张", "欧", "单", "尉", "仇", "伟", "强", "芳", "淼", "龘"],
        ),
        fixed(
            "two characters, frequent",
            &["王伟", "李娜", "张敏", "王芳", "刘洋"],
        ),
        fixed(
            "two characters, other",
            &["建国", "子涵", "欧阳", "伟强", "单丽", "云桥", "江河"],
        ),
        fixed("three characters", &["王建国", "李秀英", "欧阳丽", "张子涵"]),
        fixed("pinyin: zhang", &["zhang"]),
        fixed("pinyin, one letter", &["w", "l", "z", "x", "o", "e"]),
        fixed("pinyin, initials", &["zw", "wj", "lxy", "ws", "oyl", "qq"]),
        fixed(
            "pinyin, a syllable",
            &["wang", "li", "ouyang", "shan", "qiu", "lv", "xiao", "lin"],
        ),
        fixed(
            "pinyin, whole name",
            &["zhangwei", "wangjianguo", "lixiuying", "ouyangli", "lvdong"],
        ),
        fixed(
            "pinyin as it is typed",
            &["zhangw", "zhangj", "zhaof", "wangx", "liuy", "chenxia"],
        ),
        fixed("mixed", &["zhang伟", "王w", "li秀英", "张wei"]),
        fixed("nobody", &["龘龘", "xqzv", "9999999", "浙Z0Z0Z0"]),
    ];
    for (name, sql) in [
        ("phone, whole", "select number from phones"),
        ("phone, last four", "select right(number, 4) from phones"),
        (
            "phone, last eight",
            "select right(number, 8) from phones where number not like '0%'",
        ),
        ("plate, whole", "select plate from vehicles"),
        ("plate, last four", "select right(plate, 4) from vehicles"),
        ("plate without province", "select substr(plate, 2) from vehicles"),
        ("VIN, whole", "select vin from vehicles"),
        ("VIN, last six", "select right(vin, 6) from vehicles"),
        ("VIN, last eight", "select right(vin, 8) from vehicles"),
        ("repair order", "select ro_number from visits"),
        ("repair order, beginning", "select left(ro_number, 7) from visits"),
        ("policy, whole", "select policy_no from policies"),
        ("policy, last six", "select right(policy_no, 6) from policies"),
        ("complaint", "select number from complaints"),
        ("complaint, beginning", "select left(number, 7) from complaints"),
        ("customer number", "select 'C-' || id from customers"),
        ("whole name", "select name from customers"),
    ] {
        let sample = format!(
            "select * from ({sql} where store_id = {store} limit 20000) x (text) where random() < 0.002 limit 20"
        );
        let sample = sample.replace(
            "where number not like '0%' where",
            "where number not like '0%' and",
        );
        let texts = sqlx::query_scalar(AssertSqlSafe(sample))
            .fetch_all(db)
            .await
            .unwrap();
        // A small store may have none of these.
        if !texts.is_empty() {
            kinds.push(Kind { name, texts });
        }
    }
    kinds
}
