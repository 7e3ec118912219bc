package dev.batuta.gateway.platform;

/**
 * A worker that registered, as it is kept beyond the life of its gateway.
 *
 * @param worker its id
 * @param sender the address that it speaks from
 * @param host the address where it listens
 */
public record Registration(String worker, String sender, String host, int port) {}
