//! One throw-away PostgreSQL cluster for all tests of a checkout, and in it one database per test.
//!
//! The first test process starts the cluster and migrates a template; every test clones the template, which takes
//! milliseconds on a memory file system. Processes tell each other that they are there by a shared lock on
//! `users.lock`, which the kernel releases however they end; a watchdog removes the cluster soon after the last.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use care_desk::db::embedded::{Cluster, Options};
use care_desk::db::{MIGRATOR, pool_options, tuned};
use futures_util::FutureExt;
use nix::sys::statvfs::statvfs;
use nix::unistd::Uid;
use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};

/// Below this a memory file system (64 MB in many containers) would fill up.
const ENOUGH_MEMORY: u64 = 1 << 30;

/// Ends the cluster 30 s after the last test process; $1 is the folder. One per folder, and only while it is needed.
const WATCHDOG: &str = r#"
    (
        cd "$1" || exit
        exec 9>watchdog.lock
        flock -n 9 || exit
        while sleep 5; do
            flock users.lock true
            sleep 25
            flock start.lock sh -c '
                flock -n users.lock true || exit 1
                kill -QUIT "$(head -n 1 pg/data/postmaster.pid)"
                for try in $(seq 100); do
                    [ -e pg/data/postmaster.pid ] || break
                    sleep 0.1
                done
                rm -rf pg' && exit
        done
    ) &
"#;

struct Shared {
    admin: PgConnectOptions,
    template: String,
    _user: File,
}

/// Runs the test on an empty, migrated database of its own, which is dropped afterwards, also after a panic.
pub fn with_db<F, Fut>(test: F)
where
    F: FnOnce(PgPool) -> Fut,
    Fut: Future<Output = ()>,
{
    static SHARED: OnceLock<Shared> = OnceLock::new();
    let shared = SHARED.get_or_init(|| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
            .block_on(boot())
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut admin = PgConnection::connect_with(&shared.admin).await.unwrap();
        let name = format!("t_{}", uuid::Uuid::new_v4().simple());
        let clone = format!(
            "create database {name} template {} strategy file_copy",
            shared.template
        );
        admin.execute(AssertSqlSafe(clone)).await.unwrap();

        let pool = pool_options(5)
            .acquire_timeout(Duration::from_secs(20))
            .connect_with(tuned(shared.admin.clone().database(&name)))
            .await
            .unwrap();
        let outcome = AssertUnwindSafe(test(pool.clone())).catch_unwind().await;

        // A test that panicked may still hold a connection: force ends it.
        drop(pool);
        admin
            .execute(AssertSqlSafe(format!("drop database {name} with (force)")))
            .await
            .unwrap();
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
    });
}

async fn boot() -> Shared {
    let folder = folder();
    let lock_file = |name| {
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(name))
            .unwrap()
    };
    let start = lock_file("start.lock");
    start.lock().unwrap();
    let user = lock_file("users.lock");
    user.lock_shared().unwrap();

    let options = Options {
        data_dir: folder.join("pg"),
        pg_bin: std::env::var_os("CARE_DESK_PG_BIN").map(PathBuf::from),
        ephemeral: true,
        max_connections: 200,
    };
    let cluster = Cluster::start(&options).unwrap_or_else(|err| panic!("{err}"));
    watch(&folder);
    let admin = cluster.connect_options("postgres");
    let template = make_template(&admin).await;
    Shared {
        admin,
        template,
        _user: user,
    }
}

/// Per user and checkout, and not inside the checkout: as root, the server's user may not enter that.
fn folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let roomy = statvfs(memory).is_ok_and(|fs| fs.blocks_available() * fs.fragment_size() > ENOUGH_MEMORY);
    let base = if roomy {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    let uid = Uid::effective().as_raw();
    let checkout = hex::encode(&Sha256::digest(env!("CARGO_MANIFEST_DIR"))[..6]);
    let folder = base.join(format!("care-desk-test-{uid}-{checkout}"));
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(&folder)
        .unwrap();
    assert_eq!(
        fs::metadata(&folder).unwrap().uid(),
        uid,
        "{} is somebody else's",
        folder.display()
    );
    folder
}

/// Started by every process: the watchdog of another may have been killed.
fn watch(folder: &Path) {
    Command::new("/bin/sh")
        .args(["-c", WATCHDOG, "care-desk-test-watchdog"])
        .arg(folder)
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
}

/// Named after the migrations: a changed one makes a new template. The caller holds the start lock.
async fn make_template(admin: &PgConnectOptions) -> String {
    let mut hash = Sha256::new();
    for migration in MIGRATOR.iter() {
        hash.update(&migration.checksum);
    }
    let template = format!("tpl_{}", hex::encode(&hash.finalize()[..8]));
    let mut connection = PgConnection::connect_with(admin).await.unwrap();
    let is_there: bool =
        sqlx::query_scalar("select exists (select from pg_database where datname = $1 and datistemplate)")
            .bind(&template)
            .fetch_one(&mut connection)
            .await
            .unwrap();
    if !is_there {
        drop_leftovers(&mut connection).await;
        connection
            .execute(AssertSqlSafe(format!("create database {template}")))
            .await
            .unwrap();
        let mut inside = PgConnection::connect_with(&admin.clone().database(&template))
            .await
            .unwrap();
        MIGRATOR.run(&mut inside).await.unwrap();
        inside.close().await.unwrap();
        // Last of all: a template that was left half made does not count.
        connection
            .execute(AssertSqlSafe(format!(
                "alter database {template} is_template true"
            )))
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
    template
}

/// Templates of other migrations, and databases of killed tests; not those that a running test is connected to.
async fn drop_leftovers(connection: &mut PgConnection) {
    let names: Vec<String> = sqlx::query_scalar(
        "select datname::text
         from pg_database
         where datname ~ '^(tpl|t)_'
           and not exists (select from pg_stat_activity where datid = pg_database.oid)",
    )
    .fetch_all(&mut *connection)
    .await
    .unwrap();
    for name in names {
        connection
            .execute(AssertSqlSafe(format!("alter database {name} is_template false")))
            .await
            .unwrap();
        connection
            .execute(AssertSqlSafe(format!("drop database {name}")))
            .await
            .unwrap();
    }
}
