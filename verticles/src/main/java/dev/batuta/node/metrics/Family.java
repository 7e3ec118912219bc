package dev.batuta.node.metrics;

/** Some metrics that are read together. Each name belongs to one family. */
@FunctionalInterface
public interface Family {
  /** Adds all as of now; on any thread, several at once, without blocking. */
  void read(Samples samples);
}
