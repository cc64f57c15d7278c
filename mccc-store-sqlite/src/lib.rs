//! mccc-store-sqlite
