"""Who administered what: a chained log, written in the transaction of what it tells of."""
