package dev.batuta.messaging.replica;

/** What a step of {@link AntiEntropy} may know of its own server; it changes nothing of it. */
public interface Held {
  /** What is on this server's disk; a copy. */
  VersionVector vector();

  /** False while the disk is new or was set back: see {@link Completion}. */
  boolean complete();

  /** This server's Lamport clock. */
  long clock();
}
