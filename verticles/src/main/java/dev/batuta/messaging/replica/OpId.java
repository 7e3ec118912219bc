package dev.batuta.messaging.replica;

/** What identifies an op on every server. */
public record OpId(Origin origin, long sequence) {}
