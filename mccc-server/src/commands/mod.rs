//! What the program does besides serving.

pub mod business_file;
pub mod database;
pub mod demo;
pub mod doctor;
pub mod ledger;
pub mod open;
pub mod people;
pub mod route;
pub mod serve;
pub mod slots;
pub mod understand;
