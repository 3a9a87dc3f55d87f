//! The sessions of a site, as the layer around its pages reads and writes them.

use std::fmt;

use async_trait::async_trait;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store,
};

use super::{Store, error::StoreError, sessions::SessionsOf, transaction::Quiet};

/// Ids that collide are 128-bit random values; trying more often than this would be a broken random source.
const TRIES: usize = 4;

/// The sessions of a site, for the layer that reads and writes them around every page.
#[derive(Clone)]
pub struct Sessions {
    store: Store,
    of: SessionsOf,
}

impl Sessions {
    /// The portal's sessions in this database.
    pub fn new(store: Store) -> Self {
        Self { store, of: SessionsOf::Portal }
    }

    /// The staff site's sessions in this database.
    pub fn of_staff(store: Store) -> Self {
        Self { store, of: SessionsOf::Staff }
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        for _ in 0..TRIES {
            let mut write = self.store.write().await.map_err(told)?;
            if write.insert_session(self.of, record).await.map_err(told)? {
                return write.commit_quietly(Quiet::Session).await.map_err(told);
            }
            record.id = Id::default();
        }
        Err(session_store::Error::Backend("every new session id is taken".to_owned()))
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        let mut write = self.store.write().await.map_err(told)?;
        // A session that was ended meanwhile is not brought back to life.
        write.update_session(self.of, record).await.map_err(told)?;
        write.commit_quietly(Quiet::Session).await.map_err(told)
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.store.read().await.map_err(told)?.session(self.of, id).await.map_err(told)
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let mut write = self.store.write().await.map_err(told)?;
        write.delete_session(self.of, id).await.map_err(told)?;
        write.commit_quietly(Quiet::Session).await.map_err(told)
    }
}

fn told(error: StoreError) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}
