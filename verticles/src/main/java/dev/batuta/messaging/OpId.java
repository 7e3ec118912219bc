package dev.batuta.messaging;

/** What identifies an op on every server. */
record OpId(Origin origin, long sequence) {}
