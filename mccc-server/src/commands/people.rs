//! People and keys from the command line.

use std::time::Duration;

use mccc_core::port::store::{ApiKey, Membership, Role, Session, User};
use mccc_core::port::{Clock as _, id_bytes};
use mccc_core::{ApiKeyId, BusinessId, SessionId, UserId};

use super::open::Opened;
use crate::failure::Failure;
use crate::http::api::hash_password;
use crate::runtime::{OsEntropy, SystemClock, fresh_token, sha256};

/// How long a sign-in link works.
const LINK_LASTS: Duration = Duration::from_secs(24 * 3600);

/// The business a command is about: the one named, or the only one there is.
///
/// # Errors
/// When there is none, or several and none is named.
pub async fn the_business(opened: &Opened, named: Option<&str>) -> Result<BusinessId, Failure> {
    if let Some(text) = named {
        let id = text.parse::<BusinessId>()?;
        return match opened.store.owner(id).await? {
            Some(_) => Ok(id),
            None => Err(Failure::new(format!("there is no business {id}"))),
        };
    }
    let first = opened.store.businesses(None, 2).await?;
    match first.as_slice() {
        [only] => Ok(*only),
        [] => Err(Failure::new(
            "there is no business yet; make one with `mccc business import FILE`",
        )),
        _ => Err(Failure::new("there are several businesses; name one with --business")),
    }
}

/// Adds a person, or gives one another business, and makes a link that signs in once.
///
/// # Errors
/// When the address or role is not one, or the database cannot be asked.
pub async fn add_user(
    opened: &Opened,
    email: &str,
    name: &str,
    business: BusinessId,
    role: &str,
    password: Option<&str>,
) -> Result<String, Failure> {
    let role = Role::from_name(role)
        .ok_or_else(|| Failure::new("the role is one of owner, manager, dispatcher, csr, staff"))?;
    let plausible = email
        .split_once('@')
        .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'));
    if !plausible || email.len() > 254 {
        return Err(Failure::new("that is not an e-mail address"));
    }
    let now = SystemClock.now();
    let user = match opened.accounts.user_by_email(email).await? {
        Some(user) => user,
        None => {
            let user = User {
                id: UserId::from_entropy(now, id_bytes(&OsEntropy)),
                email: email.to_owned(),
                name: if name.is_empty() {
                    email.to_owned()
                } else {
                    name.to_owned()
                },
                password_hash: None,
                created_at: now,
            };
            opened.accounts.add_user(&user).await?;
            user
        }
    };
    if let Some(password) = password {
        let hash = hash_password(password).await.map_err(Failure::new)?;
        opened.accounts.set_password(user.id, &hash).await?;
    }
    opened
        .accounts
        .put_membership(&Membership {
            user: user.id,
            business,
            role,
        })
        .await?;
    sign_in_link(opened, user.id).await
}

/// A token that signs a person in once.
///
/// # Errors
/// When the database cannot be asked.
pub async fn sign_in_link(opened: &Opened, user: UserId) -> Result<String, Failure> {
    let now = SystemClock.now();
    let token = fresh_token(&OsEntropy);
    let session = Session {
        id: SessionId::from_entropy(now, id_bytes(&OsEntropy)),
        token_hash: sha256(&token),
        user,
        one_time: true,
        created_at: now,
        expires_at: now.plus(LINK_LASTS),
    };
    opened.accounts.add_session(&session).await?;
    Ok(token)
}

/// Makes a key for a machine; the text is returned once and stored nowhere.
///
/// # Errors
/// When the role is not one, or the database cannot be asked.
pub async fn add_key(opened: &Opened, name: &str, business: BusinessId, role: &str) -> Result<String, Failure> {
    let role = Role::from_name(role)
        .ok_or_else(|| Failure::new("the role is one of owner, manager, dispatcher, csr, staff"))?;
    let now = SystemClock.now();
    let text = format!("mccc_{}", fresh_token(&OsEntropy));
    let key = ApiKey {
        id: ApiKeyId::from_entropy(now, id_bytes(&OsEntropy)),
        business,
        name: name.to_owned(),
        key_hash: sha256(&text),
        role,
        created_at: now,
        revoked_at: None,
    };
    opened.accounts.add_api_key(&key).await?;
    Ok(text)
}
