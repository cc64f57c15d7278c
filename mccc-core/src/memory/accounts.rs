//! People, sessions, keys.

use std::time::Duration;

use async_trait::async_trait;

use super::MemoryStore;
use crate::port::store::{Accounts, ApiKey, Membership, Session, StoreError, StoredResponse, User};
use crate::{ApiKeyId, BusinessId, Timestamp, UserId};

const DAY: Duration = Duration::from_secs(24 * 3600);

#[async_trait]
impl Accounts for MemoryStore {
    async fn add_user(&self, user: &User) -> Result<bool, StoreError> {
        let mut state = self.state();
        let taken = state
            .users
            .values()
            .any(|known| known.email.eq_ignore_ascii_case(&user.email));
        if !taken {
            state.users.insert(user.id, user.clone());
        }
        Ok(!taken)
    }

    async fn set_password(&self, user: UserId, password_hash: &str) -> Result<(), StoreError> {
        if let Some(user) = self.state().users.get_mut(&user) {
            user.password_hash = Some(password_hash.to_owned());
        }
        Ok(())
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        Ok(self
            .state()
            .users
            .values()
            .find(|user| user.email.eq_ignore_ascii_case(email))
            .cloned())
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.state().users.get(&id).cloned())
    }

    async fn user_count(&self) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.state().users.len()).unwrap_or(u64::MAX))
    }

    async fn put_membership(&self, membership: &Membership) -> Result<(), StoreError> {
        self.state()
            .memberships
            .insert((membership.user, membership.business), membership.clone());
        Ok(())
    }

    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>, StoreError> {
        Ok(self
            .state()
            .memberships
            .values()
            .filter(|row| row.user == user)
            .cloned()
            .collect())
    }

    async fn add_session(&self, session: &Session) -> Result<(), StoreError> {
        self.state().sessions.insert(session.token_hash, session.clone());
        Ok(())
    }

    async fn session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        Ok(self.state().sessions.get(token_hash).cloned())
    }

    async fn take_session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        let mut state = self.state();
        let one_time = state.sessions.get(token_hash).is_some_and(|session| session.one_time);
        Ok(if one_time {
            state.sessions.remove(token_hash)
        } else {
            None
        })
    }

    async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        self.state().sessions.remove(token_hash);
        Ok(())
    }

    async fn add_api_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        self.state().api_keys.insert(key.id, key.clone());
        Ok(())
    }

    async fn api_key(&self, key_hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        Ok(self
            .state()
            .api_keys
            .values()
            .find(|key| key.key_hash == *key_hash)
            .cloned())
    }

    async fn api_keys(&self, business: BusinessId) -> Result<Vec<ApiKey>, StoreError> {
        let mut keys: Vec<ApiKey> = self
            .state()
            .api_keys
            .values()
            .filter(|key| key.business == business)
            .cloned()
            .collect();
        keys.sort_by_key(|key| std::cmp::Reverse((key.created_at, key.id)));
        Ok(keys)
    }

    async fn revoke_api_key(&self, business: BusinessId, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        if let Some(key) = self
            .state()
            .api_keys
            .get_mut(&id)
            .filter(|key| key.business == business)
        {
            key.revoked_at = key.revoked_at.or(Some(at));
        }
        Ok(())
    }

    async fn remembered(&self, business: BusinessId, key: &str) -> Result<Option<StoredResponse>, StoreError> {
        Ok(self
            .state()
            .businesses
            .get(&business)
            .and_then(|row| row.responses.get(key))
            .cloned())
    }

    async fn remember(&self, business: BusinessId, response: &StoredResponse) -> Result<(), StoreError> {
        if let Some(row) = self.state().businesses.get_mut(&business) {
            row.responses
                .entry(response.key.clone())
                .or_insert_with(|| response.clone());
        }
        Ok(())
    }

    async fn secret(&self, business: BusinessId, field: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .state()
            .businesses
            .get(&business)
            .and_then(|row| row.secrets.get(field))
            .cloned())
    }

    async fn prune(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.state();
        let before = state.sessions.len();
        state.sessions.retain(|_, session| session.expires_at > now);
        let mut gone = before - state.sessions.len();
        for row in state.businesses.values_mut() {
            let before = row.responses.len();
            row.responses.retain(|_, response| now.since(response.at) <= DAY);
            gone += before - row.responses.len();
        }
        Ok(u64::try_from(gone).unwrap_or(u64::MAX))
    }
}
