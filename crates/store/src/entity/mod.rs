//! One private sea-orm entity per table. Columns are what the database holds; the aggregate's file turns a
//! `Model` into the domain's type and back.
