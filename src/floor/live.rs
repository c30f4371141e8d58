//! One snapshot for everybody who watches a store.
//!
//! The first who watches starts the store's task; it reads, waits, and ends at the first turn at which nobody watches any
//! more. A new watcher within that turn joins it, so that coming and going never reads more often than the turn.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::auth::session::CurrentStore;
use crate::clock::Clock;
use crate::floor::snapshot::{Day, Snapshot};
use crate::stores::{StoreId, StoreScope};

/// How often what happens.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Between two snapshots of a store.
    pub every: Duration,
    /// Silence after which a sign of life is sent, so that no proxy closes the line.
    pub heartbeat: Duration,
    /// A line is closed after this; the browser opens another one, with its rights looked at anew.
    pub limit: Duration,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            every: Duration::from_secs(2),
            heartbeat: Duration::from_secs(15),
            limit: Duration::from_secs(600),
        }
    }
}

/// The board's watchers, of all stores. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Live(Arc<Shared>);

type Latest = Option<Arc<Snapshot>>;

#[derive(Debug, Default)]
struct Shared {
    timing: Timing,
    stop: CancellationToken,
    stores: Mutex<HashMap<StoreId, watch::Sender<Latest>>>,
    loads: AtomicU64,
}

impl Live {
    /// With another timing than usual.
    pub fn with(timing: Timing) -> Live {
        Live(Arc::new(Shared {
            timing,
            ..Shared::default()
        }))
    }

    /// How often what happens.
    pub fn timing(&self) -> Timing {
        self.0.timing
    }

    /// Ends every line and every task; for the end of the program.
    pub fn stop(&self) {
        self.0.stop.cancel();
        self.stores().clear();
    }

    /// How many snapshots have been read, of all stores.
    pub fn loads(&self) -> u64 {
        self.0.loads.load(Ordering::Relaxed)
    }

    /// Whether the task of a store runs.
    pub fn is_running(&self, store: StoreId) -> bool {
        self.stores().contains_key(&store)
    }

    /// The snapshots of a store from now on: the present one at once, if there is one.
    pub fn watch(&self, db: &PgPool, clock: &Clock, store: &CurrentStore) -> watch::Receiver<Latest> {
        let mut stores = self.stores();
        if let Some(sender) = stores.get(&store.id) {
            let mut receiver = sender.subscribe();
            receiver.mark_changed();
            return receiver;
        }
        let (sender, receiver) = watch::channel(None);
        if !self.0.stop.is_cancelled() {
            stores.insert(store.id, sender);
            let task = self.clone().run(db.clone(), clock.clone(), store.clone());
            tokio::spawn(task);
        }
        receiver
    }

    async fn run(self, db: PgPool, clock: Clock, store: CurrentStore) {
        loop {
            self.0.loads.fetch_add(1, Ordering::Relaxed);
            let day = Day::at(clock.now(), store.zone);
            match Snapshot::load(&db, StoreScope::for_job(store.id), day).await {
                Ok(snapshot) => self.send(store.id, snapshot),
                Err(error) => tracing::warn!(store.id = store.id.get(), %error, "the board was not read"),
            }
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = tokio::time::sleep(self.0.timing.every) => {}
            }
            if !self.is_watched(store.id) {
                return;
            }
        }
    }

    fn send(&self, store: StoreId, snapshot: Snapshot) {
        if let Some(sender) = self.stores().get(&store) {
            sender.send_replace(Some(Arc::new(snapshot)));
        }
    }

    /// Whether anybody watches; if not, the store is forgotten under the same lock under which watchers come.
    fn is_watched(&self, store: StoreId) -> bool {
        let mut stores = self.stores();
        let is_watched = stores
            .get(&store)
            .is_some_and(|sender| sender.receiver_count() > 0);
        if !is_watched {
            stores.remove(&store);
        }
        is_watched
    }

    fn stores(&self) -> MutexGuard<'_, HashMap<StoreId, watch::Sender<Latest>>> {
        self.0.stores.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
