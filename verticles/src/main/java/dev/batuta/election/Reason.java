package dev.batuta.election;

import dev.batuta.codec.ElectionMessage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Why the coordinator changed: a code with arguments for programs, which say it in any language,
 * and a sentence made from both for people.
 *
 * @param arguments as many as the sentence of the code has places; the second of {@link
 *     Code#LET_GO} is the code of another reason, and what follows it are the arguments of that
 */
public record Reason(Code code, List<String> arguments) {

  public Reason {
    arguments = List.copyOf(arguments);
  }

  /** All reasons there are, with their sentences. */
  public enum Code {
    NONE_YET("none announced yet"),
    STARTED("started"),
    SILENT("{0} is silent"),
    GONE("{0} is gone"),
    SILENT_OR_LEAVES("{0} is silent or leaves"),
    HUSHED("{0} no longer announces itself"),
    NOT_ANNOUNCED("the better-ranked did not announce itself"),
    RANKS_BETTER("{0} ranks better"),
    RANKS_BETTER_THAN("{0} ranks better than {1}"),
    REACHES_THE_DATABASE("{0} reaches the database, {1} does not"),
    NOBODY_REACHES_THE_DATABASE("no server in sight reaches the database"),
    DATABASE_REACHED_AGAIN("the database is reached again"),
    DATABASE_NOT_REACHED("the database is not reached"),
    CLAIM_NOT_ANSWERED("the database did not answer a claim"),
    CLAIM_UNKNOWN("no answer to a claim: {0}"),
    CLAIM_ANSWERED_LATE("the claim was answered too late"),
    RENEWAL_OVERDUE("its renewal of epoch {0} is overdue"),
    REPLACED("epoch {0} has been replaced"),
    ASKED("an operator asked for it"),
    STOPS("stops"),
    LET_GO("{0} let the baton go: {1}"),
    /** Of a server that says it in words only. */
    TOLD("{0}");

    private final String sentence;

    Code(String sentence) {
      this.sentence = sentence;
    }

    /** Its name on the wire, such as {@code ranks-better-than}. */
    public String wire() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** How many places its sentence has. */
    public int places() {
      return (int) PLACE.matcher(sentence).results().count();
    }

    private static Optional<Code> of(String wire) {
      return Arrays.stream(values()).filter(code -> code.wire().equals(wire)).findFirst();
    }
  }

  private static final Pattern PLACE = Pattern.compile("\\{(\\d)}");

  static Reason of(Code code, Object... arguments) {
    return new Reason(code, Stream.of(arguments).map(String::valueOf).toList());
  }

  /** What a message says, also one of a server that knows other codes than this one, or none. */
  static Reason of(ElectionMessage.Coordinator announced) {
    return told(announced.reasonCode(), announced.reasonArguments(), announced.reason());
  }

  static Reason of(ElectionMessage.Released released) {
    return told(released.reasonCode(), released.reasonArguments(), released.reason());
  }

  private static Reason told(String wire, List<String> arguments, String sentence) {
    return Code.of(wire)
        .map(code -> new Reason(code, arguments))
        .filter(Reason::isComplete)
        .orElseGet(() -> of(Code.TOLD, sentence));
  }

  /** That the holder let the baton go, and why it did. */
  static Reason letGo(ElectionMessage.Released released) {
    Reason why = of(released);
    return new Reason(
        Code.LET_GO,
        Stream.concat(Stream.of(released.server(), why.code.wire()), why.arguments.stream())
            .toList());
  }

  /** In English. */
  public String sentence() {
    List<String> filling =
        code == Code.LET_GO
            ? List.of(arguments.getFirst(), within().map(Reason::sentence).orElse(""))
            : arguments;
    return PLACE
        .matcher(code.sentence)
        .replaceAll(
            place -> Matcher.quoteReplacement(filling.get(Integer.parseInt(place.group(1)))));
  }

  private boolean isComplete() {
    return code == Code.LET_GO ? within().isPresent() : arguments.size() == code.places();
  }

  /** The reason within this one; never one that has another within it. */
  private Optional<Reason> within() {
    return arguments.size() < 2
        ? Optional.empty()
        : Code.of(arguments.get(1))
            .filter(inner -> inner != Code.LET_GO)
            .map(inner -> new Reason(inner, arguments.subList(2, arguments.size())))
            .filter(Reason::isComplete);
  }
}
