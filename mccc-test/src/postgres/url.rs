//! Connection URLs: the same server, another database or user.

use super::PgError;

/// `postgres://user[:password]@host:port/database[?options]`, taken apart as far as tests need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PgUrl {
    user_info: String,
    host: String,
    database: String,
    options: String,
}

impl PgUrl {
    pub(super) fn local(user: &str, port: u16) -> Self {
        Self {
            user_info: user.to_owned(),
            host: format!("127.0.0.1:{port}"),
            database: "postgres".to_owned(),
            options: String::new(),
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, PgError> {
        let rest = text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"));
        let rest = rest.ok_or(PgError::BadUrl)?;
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user_info, host) = authority.rsplit_once('@').unwrap_or(("postgres", authority));
        if host.is_empty() {
            return Err(PgError::BadUrl);
        }
        Ok(Self {
            user_info: user_info.to_owned(),
            host: host.to_owned(),
            database: if database.is_empty() {
                "postgres".to_owned()
            } else {
                database.to_owned()
            },
            options: options.to_owned(),
        })
    }

    pub(super) fn with_database(&self, database: &str) -> Self {
        Self {
            database: database.to_owned(),
            ..self.clone()
        }
    }

    pub(super) fn with_login(&self, user: &str, password: &str) -> Self {
        Self {
            user_info: format!("{user}:{password}"),
            ..self.clone()
        }
    }

    pub(super) fn text(&self) -> String {
        let options = if self.options.is_empty() {
            String::new()
        } else {
            format!("?{}", self.options)
        };
        format!("postgres://{}@{}/{}{options}", self.user_info, self.host, self.database)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_asked_changes() {
        let url = PgUrl::parse("postgresql://me:p@ss@db.example:6543/main?sslmode=disable").unwrap();
        assert_eq!(url.text(), "postgres://me:p@ss@db.example:6543/main?sslmode=disable");
        assert_eq!(
            url.with_database("t1").text(),
            "postgres://me:p@ss@db.example:6543/t1?sslmode=disable"
        );
        assert_eq!(
            url.with_login("app", "x").text(),
            "postgres://app:x@db.example:6543/main?sslmode=disable"
        );
    }

    #[test]
    fn what_is_missing_has_the_usual_default() {
        assert_eq!(
            PgUrl::parse("postgres://localhost").unwrap().text(),
            "postgres://postgres@localhost/postgres"
        );
        assert_eq!(PgUrl::local("mccc", 7).text(), "postgres://mccc@127.0.0.1:7/postgres");
    }

    #[test]
    fn other_text_is_refused() {
        for text in ["", "mysql://x/y", "postgres:///db"] {
            assert!(PgUrl::parse(text).is_err(), "{text}");
        }
    }
}
