//! mccc-store-postgres
