//! mccc-test
