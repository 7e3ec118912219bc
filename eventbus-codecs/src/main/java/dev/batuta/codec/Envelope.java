package dev.batuta.codec;

/**
 * What travels between verticles: a message, who sent it, and the sender's Lamport clock after the
 * increment that precedes each send.
 *
 * @param sender name of the sending node
 * @param clock Lamport clock of the send event, above 0
 * @param message what is said
 */
public record Envelope(String sender, long clock, Message message) {}
