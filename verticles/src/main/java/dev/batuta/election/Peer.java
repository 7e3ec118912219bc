package dev.batuta.election;

/**
 * A server that is believed to live.
 *
 * @param rank from the reference service
 * @param database whether it reaches the database
 */
public record Peer(String name, int rank, boolean database) {}
