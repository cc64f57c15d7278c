//! Bugs of people, sessions and keys.

use async_trait::async_trait;
use mccc_core::port::store::{Accounts, ApiKey, Membership, Session, StoreError, StoredResponse, User};
use mccc_core::{ApiKeyId, BusinessId, Timestamp, UserId};

use super::{Bug, Buggy};

#[async_trait]
impl Accounts for Buggy {
    async fn add_user(&self, user: &User) -> Result<bool, StoreError> {
        let added = self.inner.add_user(user).await?;
        Ok(added || self.has(Bug::AddressesAreShared))
    }

    async fn set_password(&self, user: UserId, password_hash: &str) -> Result<(), StoreError> {
        self.inner.set_password(user, password_hash).await
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<User>, StoreError> {
        self.inner.user_by_email(email).await
    }

    async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.inner.user(id).await
    }

    async fn user_count(&self) -> Result<u64, StoreError> {
        self.inner.user_count().await
    }

    async fn put_membership(&self, membership: &Membership) -> Result<(), StoreError> {
        if self.has(Bug::ForgetsRoles) {
            return Ok(());
        }
        self.inner.put_membership(membership).await
    }

    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>, StoreError> {
        self.inner.memberships(user).await
    }

    async fn add_session(&self, session: &Session) -> Result<(), StoreError> {
        self.inner.add_session(session).await
    }

    async fn session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        self.inner.session(token_hash).await
    }

    async fn take_session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        if self.has(Bug::LinksWorkAgain) {
            return self.inner.session(token_hash).await;
        }
        self.inner.take_session(token_hash).await
    }

    async fn end_session(&self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        if self.has(Bug::SessionsNeverEnd) {
            return Ok(());
        }
        self.inner.end_session(token_hash).await
    }

    async fn add_api_key(&self, key: &ApiKey) -> Result<(), StoreError> {
        self.inner.add_api_key(key).await
    }

    async fn api_key(&self, key_hash: &[u8; 32]) -> Result<Option<ApiKey>, StoreError> {
        self.inner.api_key(key_hash).await
    }

    async fn api_keys(&self, business: BusinessId) -> Result<Vec<ApiKey>, StoreError> {
        self.inner.api_keys(business).await
    }

    async fn revoke_api_key(&self, business: BusinessId, id: ApiKeyId, at: Timestamp) -> Result<(), StoreError> {
        if self.has(Bug::RevokesNothing) {
            return Ok(());
        }
        self.inner.revoke_api_key(business, id, at).await
    }

    async fn remembered(&self, business: BusinessId, key: &str) -> Result<Option<StoredResponse>, StoreError> {
        let latest = self.notes().answers.get(&(business, key.to_owned())).cloned();
        match latest.filter(|_| self.has(Bug::LastAnswersStay)) {
            Some(latest) => Ok(Some(latest)),
            None => self.inner.remembered(business, key).await,
        }
    }

    async fn remember(&self, business: BusinessId, response: &StoredResponse) -> Result<(), StoreError> {
        let key = (business, response.key.clone());
        self.notes().answers.insert(key, response.clone());
        self.inner.remember(business, response).await
    }

    async fn secret(&self, business: BusinessId, field: &str) -> Result<Option<String>, StoreError> {
        self.inner.secret(business, field).await
    }

    async fn prune(&self, now: Timestamp) -> Result<u64, StoreError> {
        if self.has(Bug::PrunesNothing) {
            return Ok(0);
        }
        self.inner.prune(now).await
    }
}
