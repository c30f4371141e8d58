//! Unread counts of a store for everybody whose bell is seen: one reader per store, however many look.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::PgPool;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::notices::queries;
use crate::stores::{StoreId, StoreScope};
use crate::users::UserId;

/// How often what happens.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Between two readings of a store.
    pub every: Duration,
    /// Silence after which a sign of life is sent.
    pub heartbeat: Duration,
    /// A line is closed after this; the browser opens another one, with its rights looked at anew.
    pub limit: Duration,
}

impl Default for Timing {
    fn default() -> Timing {
        Timing {
            every: Duration::from_secs(5),
            heartbeat: Duration::from_secs(25),
            limit: Duration::from_secs(900),
        }
    }
}

/// Unread notices by person; whoever has none is absent.
pub type Counts = Arc<HashMap<UserId, i64>>;

/// The bells that are seen, of all stores. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Bells(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    timing: Timing,
    stop: CancellationToken,
    stores: Mutex<HashMap<StoreId, watch::Sender<Option<Counts>>>>,
}

impl Bells {
    /// With another timing than usual.
    pub fn with(timing: Timing) -> Bells {
        Bells(Arc::new(Shared {
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

    /// The counts of a store from now on: the present ones at once, if there are some.
    pub fn watch(&self, db: &PgPool, store: StoreId) -> watch::Receiver<Option<Counts>> {
        let mut stores = self.stores();
        if let Some(sender) = stores.get(&store) {
            let mut receiver = sender.subscribe();
            receiver.mark_changed();
            return receiver;
        }
        let (sender, receiver) = watch::channel(None);
        if !self.0.stop.is_cancelled() {
            stores.insert(store, sender);
            tokio::spawn(self.clone().run(db.clone(), store));
        }
        receiver
    }

    async fn run(self, db: PgPool, store: StoreId) {
        loop {
            match queries::list_unread(&db, StoreScope::for_job(store)).await {
                Ok(counts) => self.send(store, counts),
                Err(error) => tracing::warn!(store.id = store.get(), %error, "notices were not counted"),
            }
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = tokio::time::sleep(self.0.timing.every) => {}
            }
            if !self.is_watched(store) {
                return;
            }
        }
    }

    fn send(&self, store: StoreId, counts: HashMap<UserId, i64>) {
        if let Some(sender) = self.stores().get(&store) {
            sender.send_if_modified(|latest| {
                let is_new = latest.as_deref() != Some(&counts);
                if is_new {
                    *latest = Some(Arc::new(counts));
                }
                is_new
            });
        }
    }

    /// Whether anybody looks; if not, the store is forgotten under the same lock under which lines come.
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

    fn stores(&self) -> MutexGuard<'_, HashMap<StoreId, watch::Sender<Option<Counts>>>> {
        self.0.stores.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
