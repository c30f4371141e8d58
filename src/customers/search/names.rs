//! People by name: the whole name first, then names that begin with what was typed, then names that hold it; within
//! each, who came last comes first.
//!
//! A key that few have is answered from the index of keys. One that many have (a letter, `zhang`) is answered by walking
//! those who came last: they are who is meant, and a list of the other fifty thousand would help nobody.

use sqlx::PgPool;

use crate::customers::CustomerId;
use crate::customers::search::queries;
use crate::customers::search::queries::names::NameOrder;
use crate::customers::search::typed::Typed;
use crate::customers::search::{Hits, Reason};
use crate::customers::search_keys::{QueryKeys, search_key, syllables};
use crate::stores::StoreScope;

/// Names that are read and sorted of a key that more have; the whole name is looked up before and never cut off.
const AMONG: i64 = 300;
/// Customers that are walked at first: a key that 3 % have fills a page by then.
const WALKED: i64 = 800;
/// So many found among them, one in a hundred, say that the key is too frequent to be read from its index.
const FREQUENT: usize = 8;
/// Customers that are walked then.
const WALKED_FAR: i64 = 3_000;
/// Latin letters up to here may be a whole surname, which many have.
const BROAD_LETTERS: usize = 6;

/// Adds people whose name fits, until there are enough.
pub async fn find(db: &PgPool, scope: StoreScope, typed: &Typed, hits: &mut Hits) -> sqlx::Result<()> {
    let letters: String = typed.text.chars().filter(|c| c.is_alphanumeric()).collect();
    let lookup = Lookup {
        db,
        scope,
        letters: &letters,
    };
    if typed.name == QueryKeys::Nothing {
        return Ok(());
    }
    let found = queries::names::list_by_name(db, scope, &typed.text, hits.wanted()).await?;
    hits.add_all(Reason::Name, found);
    match &typed.name {
        QueryKeys::Nothing => {}
        QueryKeys::Initial(initial) => lookup.one_character(*initial, hits).await?,
        QueryKeys::Grams { keys, recheck } => {
            let found = lookup.holding(keys, recheck.as_deref(), hits.wanted()).await?;
            hits.add_all(Reason::Name, found);
            if let Some(keys) = &typed.mixed
                && !hits.is_full()
            {
                let found = lookup.holding(keys, None, hits.wanted()).await?;
                hits.add_all(Reason::Pinyin, found);
            }
        }
        QueryKeys::Pinyin(key) => lookup.pinyin(std::slice::from_ref(key), hits).await?,
    }
    Ok(())
}

struct Lookup<'a> {
    db: &'a PgPool,
    scope: StoreScope,
    letters: &'a str,
}

impl Lookup<'_> {
    /// People filed under the character; then those who have it anywhere, because a given name of one is a name too.
    async fn one_character(&self, initial: char, hits: &mut Hits) -> sqlx::Result<()> {
        let text = String::from(initial);
        let found = queries::names::list_by_initial(self.db, self.scope, &text, hits.wanted()).await?;
        hits.add_all(Reason::Name, found);
        if hits.is_full() {
            return Ok(());
        }
        let keys = [search_key(self.scope.get(), &text)];
        self.broad(Reason::Name, &keys, hits).await
    }

    async fn pinyin(&self, keys: &[String], hits: &mut Hits) -> sqlx::Result<()> {
        if self.letters.len() <= BROAD_LETTERS {
            return self.broad(Reason::Pinyin, keys, hits).await;
        }
        let found = self.holding(keys, None, hits.wanted()).await?;
        hits.add_all(Reason::Pinyin, found);
        Ok(())
    }

    /// Who came last with a key that many may have; only where they are few, all who have it.
    async fn broad(&self, reason: Reason, keys: &[String], hits: &mut Hits) -> sqlx::Result<()> {
        let found = self.last_seen(keys, WALKED, hits.wanted()).await?;
        let is_frequent = found.len() >= FREQUENT;
        hits.add_all(reason, found);
        if hits.is_full() {
            return Ok(());
        }
        let more = if is_frequent {
            self.last_seen(keys, WALKED_FAR, hits.wanted()).await?
        } else {
            self.holding(keys, None, hits.wanted()).await?
        };
        hits.add_all(reason, more);
        Ok(())
    }

    async fn last_seen(&self, keys: &[String], among: i64, wanted: i64) -> sqlx::Result<Vec<CustomerId>> {
        queries::names::list_recent_by_keys(self.db, self.scope, keys, among, wanted).await
    }

    async fn holding(
        &self,
        keys: &[String],
        recheck: Option<&str>,
        wanted: i64,
    ) -> sqlx::Result<Vec<CustomerId>> {
        let order = NameOrder {
            recheck,
            beginning: self.letters,
            length: syllables(self.letters),
        };
        queries::names::list_by_keys(self.db, self.scope, keys, order, AMONG, wanted).await
    }
}
