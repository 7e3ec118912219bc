package dev.batuta.task;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Kinds of tasks by their names. */
public final class Kinds {
  /** What every worker takes, also one that does not say what it takes. */
  public static final Set<String> FIRST = Set.of("QUERY", "UPDATE");

  /** What every worker of this version takes: the ledger's, and COMPUTE. */
  public static final List<String> COMMON = List.of("QUERY", "UPDATE", "TRANSFER", "COMPUTE");

  /** Those that are known everywhere; a user may add a handler of EXTERNAL, and of no other. */
  public static final List<String> BUILT_IN =
      List.of("QUERY", "UPDATE", "TRANSFER", "COMPUTE", "EXTERNAL");

  /** Kinds that one worker may take. */
  public static final int MAX_OF_A_WORKER = 64;

  private static final Pattern NAME = Pattern.compile("[A-Z][A-Z0-9_]{0,31}");

  private Kinds() {}

  /** Whether a kind may have this name: 1 to 32 of A-Z, 0-9 and _, the first a letter. */
  public static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /** Whether a worker may take these. */
  public static boolean areTakeable(Collection<String> kinds) {
    return kinds.size() <= MAX_OF_A_WORKER && kinds.stream().allMatch(Kinds::isName);
  }
}
