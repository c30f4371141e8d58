//! The server: web pages, scheduler and the private database's supervisor in one process. If one ends, all end.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::auth::links::{self, LinkPurpose};
use crate::auth::password::Hasher;
use crate::auth::queries;
use crate::cli::say;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::connect::{Database, Ownership};
use crate::demo;
use crate::imports;
use crate::jobs::scheduler;
use crate::metrics;
use crate::web;
use crate::web::security::PublicUrl;
use crate::web::state::AppState;

/// Requests in flight may finish for this long after a stop signal.
const DRAIN: Duration = Duration::from_secs(25);

/// Runs until SIGTERM, SIGINT or the failure of a part.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let database = Database::open(&config, Ownership::Server).await?;
    let served = serve(&config, &database, None).await;
    database.close().await?;
    served
}

/// Fills the demonstration if the database is empty, then runs; its sign-in names are printed once the server listens.
pub async fn demo(config: Config, customers: u32) -> anyhow::Result<()> {
    let database = Database::open(&config, Ownership::Server).await?;
    let now = Clock::System.now();
    let served = match demo::prepare(&database.pool, customers, config.demo_password.as_ref(), now).await {
        Ok(greeting) => serve(&config, &database, Some(greeting)).await,
        Err(error) => Err(error),
    };
    database.close().await?;
    served
}

/// Serves on an open database.
async fn serve(config: &Config, database: &Database, greeting: Option<String>) -> anyhow::Result<()> {
    let public_url = PublicUrl::parse(&config.public_url()).with_context(|| {
        format!(
            "{} is no address such as https://desk.example.com",
            config.public_url()
        )
    })?;
    let mut app = AppState::new(database.pool.clone(), Clock::System, public_url, Hasher::new()?);
    let uploads = imports::files::folder(&config.data_folder());
    imports::files::open_folder(&uploads)?;
    app.uploads = uploads.into();
    let listener = TcpListener::bind(config.listen).await;
    let listener = listener.with_context(|| format!("listening on {}", config.listen))?;
    let metrics = match config.metrics_listen {
        Some(address) => {
            let listener = TcpListener::bind(address).await;
            Some(listener.with_context(|| format!("listening on {address} for /metrics"))?)
        }
        None => None,
    };
    say(format_args!("Care Desk is at {}", config.public_url()));
    offer_setup(&app, &config.public_url()).await?;
    if let Some(greeting) = greeting {
        say(greeting);
    }
    let stop = CancellationToken::new();
    let mut server = Box::pin(web_server(listener, app.clone(), stop.clone()));
    let mut figures = Box::pin(metrics_server(metrics, app.clone(), stop.clone()));
    let mut jobs = tokio::spawn(scheduler::run(app.db.clone(), app.clock.clone(), stop.clone()));
    let mut importing = tokio::spawn(imports::background::run(app.clone(), stop.clone()));
    let outcome = tokio::select! {
        served = &mut server => return served,
        served = &mut figures => served,
        ended = &mut jobs => ended.context("the scheduler ended"),
        ended = &mut importing => ended.context("taking up imports ended"),
        () = database.supervise(stop.clone()) => Ok(()),
        signalled = stop_signal() => signalled,
    };
    stop.cancel();
    // Boards and bells that are watched would keep their lines open.
    app.floor.stop();
    app.notices.stop();
    // A run in progress is dropped with its transaction; only giving the lease back is waited for.
    let drained = async { tokio::join!(server, async { jobs.is_finished() || jobs.await.is_ok() }).0 };
    match tokio::time::timeout(DRAIN, drained).await {
        Ok(drained) => outcome.and(drained),
        Err(_) => {
            tracing::warn!("some requests did not finish in time");
            outcome
        }
    }
}

/// On a database without users: the link at which the first admin is created.
async fn offer_setup(app: &AppState, public_url: &str) -> anyhow::Result<()> {
    if !queries::has_users(&app.db).await? {
        let path = links::create(&app.db, LinkPurpose::FirstAdmin, None, None, app.clock.now()).await?;
        say(format_args!(
            "Nobody can sign in yet. Create the first administrator at {public_url}{path}"
        ));
    }
    Ok(())
}

async fn web_server(listener: TcpListener, app: AppState, stop: CancellationToken) -> anyhow::Result<()> {
    let service = web::build_app(app).into_make_service_with_connect_info::<SocketAddr>();
    let stopping = stop.clone();
    let server = axum::serve(listener, service).with_graceful_shutdown(stopping.cancelled_owned());
    server.await.context("the web server ended")
}

/// The second listener; without one it waits until the program stops.
async fn metrics_server(
    listener: Option<TcpListener>,
    app: AppState,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let Some(listener) = listener else {
        stop.cancelled().await;
        return Ok(());
    };
    let server = axum::serve(listener, metrics::router(app)).with_graceful_shutdown(stop.cancelled_owned());
    server.await.context("the page of figures ended")
}

async fn stop_signal() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM: stopping"),
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}
