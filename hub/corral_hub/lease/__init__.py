"""Which of several hubs on one database works: one at a time, by a lease. The others stand by."""
