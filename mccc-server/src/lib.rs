//! mccc-server
