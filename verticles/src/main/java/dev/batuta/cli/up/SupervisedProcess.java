package dev.batuta.cli.up;

import java.io.IOException;
import java.nio.file.Path;

/** A process that {@code up} starts, and starts again when it dies. */
interface SupervisedProcess {

  /** In which order services stop; each waits for the ones before, bounded. */
  enum Tier {
    WORKER,
    SERVER,
    DATABASE
  }

  String name();

  Tier tier();

  /** What it is and where it listens, for people. */
  String described();

  /** What it printed since its last start, for when it does not come up. */
  Path printed();

  /** Starts it, without waiting for it to be of use. */
  ProcessHandle start() throws IOException;
}
