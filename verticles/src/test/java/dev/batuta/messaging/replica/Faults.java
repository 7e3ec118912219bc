package dev.batuta.messaging.replica;

/** What goes wrong in a {@link ReplicaWorld}. */
enum Faults {
  /** Messages are lost, late and overtake each other; servers end, are cut off and erased. */
  ALL,
  /** Messages and disks are late, and keep their order. */
  LATE,
  /** Nothing but what a test does. */
  NONE
}
