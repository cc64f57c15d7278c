//! mccc-twilio
