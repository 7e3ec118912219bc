package dev.batuta.orchestrator.store;

import dev.batuta.task.Kinds;
import java.util.Collection;
import java.util.List;

/**
 * Which tasks of one term a watermark of dispatching is about, or a reading of what is unfinished.
 * The common kinds, {@link Kinds#COMMON}, are those that every worker takes; any other one is a
 * <em>special kind</em>.
 */
public sealed interface Scope {
  /** The tasks of all common kinds, of whatever priority. */
  record All() implements Scope {}

  /**
   * The tasks of one priority among the common kinds: they overtake those of lower ones.
   *
   * @param priority 1 to 9; what has priority 0 overtakes nothing, and is under {@link All}
   */
  record Priority(int priority) implements Scope {}

  /**
   * The tasks of one special kind, of whatever priority.
   *
   * @param name as clients write it
   */
  record Kind(String name) implements Scope {}

  /** The kinds that such tasks may have. */
  default Collection<String> kinds() {
    return switch (this) {
      case All _, Priority _ -> Kinds.COMMON;
      case Kind(String name) -> List.of(name);
    };
  }
}
